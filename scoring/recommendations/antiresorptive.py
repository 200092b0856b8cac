"""Inhibitors of bone resorption (G1 3.4)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

ROUNDING = 1e-9
_zoledronate = pl.col("drug") == "zoledronic_acid"
_denosumab = pl.col("drug") == "denosumab"
_clearance = pl.col("creatinine_clearance")
_life = pl.col("life_expectancy_days")
_agent = pl.col("first_drug")

_urgent = Ground("urgent_start", pl.col("urgent_start"), Text("started as an emergency", "débuté en urgence"))
_jaw = Ground(
    "osteonecrosis_of_jaw", pl.col("jaw_osteonecrosis"), Text("osteonecrosis of the jaw", "ostéonécrose de la mâchoire")
)


def _is_dose(milligrams: float, route: str) -> pl.Expr:
    return ((pl.col("dose_mg") - milligrams).abs() <= P.DOSE_TOLERANCE + ROUNDING) & (pl.col("route") == route)


def _dose_or_other(met: pl.Expr) -> pl.Expr:
    return V.given(("as_recommended", met), ("other", ~met), ("dose_given", pl.lit(True)))


_zoledronate_dose = _is_dose(P.ZOLEDRONATE_DOSE, "iv")
_denosumab_dose = _is_dose(P.DENOSUMAB_DOSE, "sc")
_long_enough = pl.col("infusion_minutes") >= P.INFUSION

RULES = (
    # A bone metastasis is found and life expectancy exceeds three months: start zoledronic acid or denosumab.
    Recommendation(
        id="G1-3.4-01", grain=Grain.PATIENT, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Antiresorptive from the discovery of a bone metastasis", "Antirésorptif dès la découverte d'une métastase osseuse"),
        population=Text("patients whose life expectancy exceeds 3 months", "patients dont l'espérance de vie dépasse 3 mois"),
        action=Text("zoledronic acid or denosumab within 60 days", "acide zolédronique ou dénosumab dans les 60 jours"),
        applies=_life > P.THREE_MONTHS,
        met=pl.col("antiresorptive_in_time"),
        due=pl.col("antiresorptive_due"), observed=("drug_administrations",),
        late=pl.col("antiresorptive_late"),
        judged_on=("life_expectancy_days", "antiresorptive_in_time", "first_antiresorptive_date", "first_antiresorptive"),
        vocabulary=V.ANTIRESORPTIVE, recommended=("zoledronic_acid", "denosumab"),
        given=V.given(
            ("zoledronic_acid", pl.col("first_antiresorptive") == "zoledronic_acid"),
            ("denosumab", pl.col("first_antiresorptive") == "denosumab"),
            ("other_bisphosphonate", pl.col("other_bisphosphonate")),
        ),
        exceptions=(_jaw,),
        reading=Text("Promptly: within 60 days (P03). The 60 mg denosumab product does not count.", "Dès la découverte : dans les 60 jours (P03). Le dénosumab 60 mg ne compte pas."),
    ),
    # Three months of life expectancy or less: do not start.
    Recommendation(
        id="G1-3.4-02", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("No antiresorptive started when life expectancy is 3 months or less", "Pas d'antirésorptif débuté si l'espérance de vie est de 3 mois ou moins"),
        population=Text("courses of an antiresorptive, at their start", "traitements antirésorptifs, à leur début"),
        action=Text("life expectancy over 3 months", "espérance de vie supérieure à 3 mois"),
        applies=pl.lit(True),
        met=_life > P.THREE_MONTHS,
        judged_on=("life_expectancy_days",),
        vocabulary=V.ANTIRESORPTIVE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", _life <= P.THREE_MONTHS, Text("patients with a life expectancy of 3 months or less", "patients dont l'espérance de vie est de 3 mois ou moins")),
        given=V.given(("zoledronic_acid", _agent == "zoledronic_acid"), ("denosumab", _agent == "denosumab")),
    ),
    # Zoledronic acid: 4 mg by intravenous infusion.
    Recommendation(
        id="G1-3.4-03", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Zoledronic acid 4 mg intravenously", "Acide zolédronique 4 mg par voie intraveineuse"),
        population=Text("doses of zoledronic acid with a clearance above 60 mL/min, and any dose above 4 mg", "doses d'acide zolédronique avec une clairance supérieure à 60 mL/min, et toute dose supérieure à 4 mg"),
        action=Text("4 mg, intravenous", "4 mg, voie intraveineuse"),
        applies=_zoledronate & ((_clearance > P.CLEARANCE_NORMAL) | (pl.col("dose_mg") > P.ZOLEDRONATE_DOSE + P.DOSE_TOLERANCE + ROUNDING)),
        met=_zoledronate_dose,
        judged_on=("creatinine_clearance", "dose_mg", "route"),
        vocabulary=V.DOSE, recommended=("as_recommended",), given=_dose_or_other(_zoledronate_dose), excusable=False,
        reading=Text("Normal clearance: above 60 mL/min (product label).", "Clairance normale : supérieure à 60 mL/min (résumé des caractéristiques du produit)."),
    ),
    # The infusion lasts at least 15 minutes.
    Recommendation(
        id="G1-3.4-05", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Zoledronic acid infused over 15 minutes or more", "Acide zolédronique perfusé en 15 minutes au moins"),
        population=Text("doses of zoledronic acid", "doses d'acide zolédronique"),
        action=Text("infusion of 15 minutes or more", "perfusion de 15 minutes ou plus"),
        applies=_zoledronate, met=_long_enough,
        judged_on=("infusion_minutes",),
        vocabulary=V.DOSE, recommended=("as_recommended",), given=_dose_or_other(_long_enough), excusable=False,
    ),
    # Contraindicated below 30 mL/min.
    Recommendation(
        id="G1-3.4-08", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("No zoledronic acid below 30 mL/min", "Pas d'acide zolédronique sous 30 mL/min"),
        population=Text("doses of zoledronic acid", "doses d'acide zolédronique"),
        action=Text("clearance of 30 mL/min or more in the 30 days before", "clairance d'au moins 30 mL/min dans les 30 jours précédents"),
        applies=_zoledronate, met=_clearance >= P.CLEARANCE_LEAST,
        judged_on=("creatinine_clearance",),
        vocabulary=V.DOSE, recommended=("none",), do_not=True, at_risk=Risk("lab_results", (pl.col("analyte") == "creatinine_clearance") & (pl.col("value") < P.CLEARANCE_LEAST), Text("patients with a clearance below 30 mL/min", "patients avec une clairance sous 30 mL/min")), given=V.given(("dose_given", pl.lit(True))), excusable=False,
        reading=Text("Clearance by Cockcroft-Gault, no older than 30 days (P06).", "Clairance selon Cockcroft-Gault, de moins de 30 jours (P06)."),
    ),
    # Denosumab: 120 mg subcutaneously.
    Recommendation(
        id="G1-3.4-10", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Denosumab 120 mg subcutaneously", "Dénosumab 120 mg par voie sous-cutanée"),
        population=Text("doses of denosumab", "doses de dénosumab"),
        action=Text("120 mg, subcutaneous", "120 mg, voie sous-cutanée"),
        applies=_denosumab, met=_denosumab_dose,
        judged_on=("dose_mg", "route"),
        vocabulary=V.DOSE, recommended=("as_recommended",), given=_dose_or_other(_denosumab_dose), excusable=False,
    ),
    # Denosumab goes with calcium and vitamin D.
    Recommendation(
        id="G1-3.4-13", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Calcium and vitamin D with denosumab", "Calcium et vitamine D avec le dénosumab"),
        population=Text("courses with denosumab", "traitements comportant du dénosumab"),
        action=Text("both prescribed at the first and at the last dose", "les deux prescrits à la première et à la dernière dose"),
        applies=pl.col("has_denosumab"),
        met=pl.col("calcium_supplement") & pl.col("vitamin_d_supplement"),
        judged_on=("calcium_supplement", "vitamin_d_supplement", "corrected_calcium"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("calcium_supplement") & pl.col("vitamin_d_supplement")),
            ("partly", pl.col("calcium_supplement") | pl.col("vitamin_d_supplement")),
        ),
        exceptions=(
            Ground("hypercalcaemia", pl.col("corrected_calcium") > P.CALCIUM_HIGH, Text("hypercalcaemia", "hypercalcémie")),
        ),
    ),
    # Before starting: dental examination by a specialist, with a panoramic radiograph.
    Recommendation(
        id="G1-3.4-14", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Dental examination and panoramic radiograph before the first dose", "Évaluation bucco-dentaire et panoramique avant la première dose"),
        population=Text("courses of an antiresorptive", "traitements antirésorptifs"),
        action=Text("both within 183 days before the first dose", "les deux dans les 183 jours avant la première dose"),
        applies=pl.lit(True),
        met=pl.col("dental_examination") & pl.col("dental_panoramic"),
        late=pl.col("dental_too_early"),
        judged_on=("dental_examination", "dental_panoramic", "dental_examination_date", "dental_panoramic_date", "urgent_start"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("dental_examination") & pl.col("dental_panoramic")),
            ("other_time", pl.col("dental_too_early")),
            ("partly", pl.col("dental_examination") | pl.col("dental_panoramic")),
        ),
        exceptions=(_urgent,),
        reading=Text("How long before is not printed: 183 days (P05).", "L'ancienneté n'est pas imprimée : 183 jours (P05)."),
    ),
    # Then a dental examination every six months.
    Recommendation(
        id="G1-3.4-15", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Dental examination every six months", "Évaluation bucco-dentaire semestrielle"),
        population=Text("courses of six months or more", "traitements de six mois ou plus"),
        action=Text("no more than 214 days without dental examination", "pas plus de 214 jours sans examen bucco-dentaire"),
        applies=pl.col("course_days") >= P.DENTAL_FOLLOW_UP,
        met=pl.col("longest_dental_gap") <= P.DENTAL_GAP,
        judged_on=("course_days", "longest_dental_gap"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("longest_dental_gap") <= P.DENTAL_GAP), ("other_time", pl.col("longest_dental_gap") < pl.col("course_days"))
        ),
        reading=Text("Six months and 31 days of grace, until the last dose (P05).", "Six mois et 31 jours de tolérance, jusqu'à la dernière dose (P05)."),
    ),
    # Renal function before starting.
    Recommendation(
        id="G1-3.4-16", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Renal function tested before the first dose", "Fonction rénale évaluée avant la première dose"),
        population=Text("courses of an antiresorptive", "traitements antirésorptifs"),
        action=Text("creatinine or clearance in the 30 days before the first dose", "créatinine ou clairance dans les 30 jours avant la première dose"),
        applies=pl.lit(True),
        met=pl.col("renal_test"),
        late=pl.col("renal_test_too_early"),
        judged_on=("renal_test", "renal_test_date", "urgent_start"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("renal_test")), ("other_time", pl.col("renal_test_too_early"))),
        exceptions=(_urgent,),
        reading=Text("How long before is not printed: 30 days (P06).", "L'ancienneté n'est pas imprimée : 30 jours (P06)."),
    ),
    # Continue for two years at least.
    Recommendation(
        id="G1-3.4-21", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Antiresorptive continued for two years at least", "Antirésorptif poursuivi au moins deux ans"),
        population=Text("courses that could be observed for two years", "traitements observables pendant deux ans"),
        action=Text("still treated two years after the first dose", "toujours traité deux ans après la première dose"),
        applies=pl.lit(True),
        met=pl.col("two_years"),
        due=pl.col("two_years_due"), observed=("drug_administrations",),
        judged_on=("two_years", "course_days", "last_dose_date", "clearance_at_stop", "life_expectancy_at_stop", "jaw_osteonecrosis"),
        vocabulary=V.DURATION, recommended=("two_years",), given=V.given(("two_years", pl.col("two_years")), ("shorter", pl.lit(True))),
        exceptions=(
            Ground("treatment_stop_reason", pl.col("excusing_stop"), Text("stopped for a recorded reason that the guideline accepts", "arrêté pour un motif enregistré que la référence admet")),
            _jaw,
            Ground("life_expectancy_short", pl.col("life_expectancy_at_stop") <= P.THREE_MONTHS, Text("life expectancy of three months or less", "espérance de vie de trois mois ou moins")),
            Ground(
                "renal_contraindication",
                (pl.col("last_drug") == "zoledronic_acid") & (pl.col("clearance_at_stop") < P.CLEARANCE_LEAST),
                Text("clearance below 30 mL/min under zoledronic acid", "clairance sous 30 mL/min sous acide zolédronique"),
            ),
        ),
        reading=Text("A gap over 90 days ends a course (P24); a change of agent continues it. Read beside the Kaplan-Meier estimate.", "Un intervalle de plus de 90 jours arrête le traitement (P24) ; un changement de molécule le poursuit. À lire avec l'estimation de Kaplan-Meier."),
    ),
)  # fmt: skip
