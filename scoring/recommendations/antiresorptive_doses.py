"""The doses of the inhibitors of bone resorption (G1 3.4)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

ROUNDING = 1e-9
_zoledronate = pl.col("drug") == "zoledronic_acid"
_denosumab = pl.col("drug") == "denosumab"
_clearance = pl.col("creatinine_clearance")


def _is_amount(milligrams: float) -> pl.Expr:
    return (pl.col("dose_mg") - milligrams).abs() <= P.DOSE_TOLERANCE + ROUNDING


def _is_dose(milligrams: float, route: str) -> pl.Expr:
    return _is_amount(milligrams) & (pl.col("route") == route)


def _dose_or_other(met: pl.Expr) -> pl.Expr:
    return V.given(("as_recommended", met), ("other", ~met), ("dose_given", pl.lit(True)))


_zoledronate_dose = _is_dose(P.ZOLEDRONATE_DOSE, "iv")
_denosumab_dose = _is_dose(P.DENOSUMAB_DOSE, "sc")
_long_enough = pl.col("infusion_minutes") >= P.INFUSION
_hydrated = pl.col("hydration_same_day"), pl.col("hydration_next_day")
_adapted = (
    pl.when(_clearance >= P.CLEARANCE_50)
    .then(_is_amount(P.ZOLEDRONATE_DOSE_50))
    .when(_clearance >= P.CLEARANCE_40)
    .then(_is_amount(P.ZOLEDRONATE_DOSE_40))
    .when(_clearance < P.CLEARANCE_40)
    .then(_is_amount(P.ZOLEDRONATE_DOSE_30))
)
_interval = pl.col("days_since_dose")
_monthly = (_interval >= P.MONTHLY_EARLY) & (_interval <= P.MONTHLY_LATE)
_late_dose = (_interval > P.MONTHLY_LATE) & (_interval <= P.MONTHLY_MISSED)
_interval_given = V.given(
    ("too_early", _interval < P.MONTHLY_EARLY),
    ("monthly", _monthly),
    ("late", _late_dose),
    ("missed", _interval > P.MONTHLY_MISSED),
)
_after_two_years = Ground(
    "after_two_years",
    pl.col("days_since_first_dose") >= P.TWO_YEARS,
    Text("after two years of treatment", "après deux ans de traitement"),
)

RULES = (
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
    # Zoledronic acid: one infusion a month.
    Recommendation(
        id="G1-3.4-04", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Zoledronic acid every month", "Acide zolédronique mensuel"),
        population=Text("doses of zoledronic acid from the second dose of the course on", "doses d'acide zolédronique à partir de la deuxième dose du traitement"),
        action=Text("21 to 35 days since the previous dose of either agent", "21 à 35 jours depuis la dose précédente de l'une ou l'autre molécule"),
        applies=_zoledronate & pl.col("follows_dose"), met=_monthly,
        late=_late_dose,
        judged_on=("follows_dose", "days_since_dose", "days_since_first_dose"),
        vocabulary=V.INTERVAL, recommended=("monthly",), given=_interval_given,
        exceptions=(_after_two_years,),
        reading=Text("28 days, 7 days more or less; every three weeks with the chemotherapy is accepted; 36 to 49 days is late, more is missed (P04). A gap over 90 days opens a new course.", "28 jours à 7 jours près ; toutes les trois semaines avec la chimiothérapie est accepté ; de 36 à 49 jours la dose est tardive, au-delà manquée (P04). Un intervalle de plus de 90 jours ouvre un nouveau traitement."),
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
    # Hydration on the day of the infusion and on the next.
    Recommendation(
        id="G1-3.4-06", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Hydration on the day of zoledronic acid and the day after", "Hydratation le jour et le lendemain de l'acide zolédronique"),
        population=Text("doses of zoledronic acid", "doses d'acide zolédronique"),
        action=Text("hydration on both days", "hydratation les deux jours"),
        applies=_zoledronate, met=_hydrated[0] & _hydrated[1],
        judged_on=("hydration_same_day", "hydration_next_day"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", _hydrated[0] & _hydrated[1]), ("partly", _hydrated[0] | _hydrated[1])),
        reading=Text("Neither volume nor route is printed: advice to drink counts if it is recorded.", "Ni volume ni voie imprimés : le conseil de boire compte s'il est enregistré."),
    ),
    # Reduced clearance: adapt the dose of zoledronic acid.
    Recommendation(
        id="G1-3.4-07", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Dose of zoledronic acid adapted to renal function", "Posologie de l'acide zolédronique adaptée à la fonction rénale"),
        population=Text("doses of zoledronic acid with a clearance of 30 to 60 mL/min", "doses d'acide zolédronique avec une clairance de 30 à 60 mL/min"),
        action=Text("3.5 mg from 50 mL/min, 3.3 mg from 40, 3.0 mg from 30", "3,5 mg dès 50 mL/min, 3,3 mg dès 40, 3,0 mg dès 30"),
        applies=_zoledronate & (_clearance >= P.CLEARANCE_LEAST) & (_clearance <= P.CLEARANCE_NORMAL),
        met=_adapted,
        judged_on=("creatinine_clearance", "dose_mg"),
        vocabulary=V.DOSE, recommended=("as_recommended",), given=_dose_or_other(_adapted), excusable=False,
        ambers=(
            Ground("reduced_otherwise", pl.col("dose_mg") < P.ZOLEDRONATE_DOSE - P.DOSE_TOLERANCE - ROUNDING, Text("reduced, but not to the dose of the product label", "réduite, mais pas à la dose du résumé des caractéristiques du produit")),
        ),
        reading=Text("The text prints no steps: those of the product label, with a tolerance of 0.1 mg; any other reduction is to be justified.", "Le texte n'imprime pas de paliers : ceux du résumé des caractéristiques du produit, à 0,1 mg près ; toute autre réduction est à justifier."),
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
    # Paracetamol on the day and the next may prevent a flu-like syndrome.
    Recommendation(
        id="G1-3.4-09", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.OPTIONAL, source=Source(G1, "3.4"),
        title=Text("Paracetamol around a dose", "Paracétamol autour d'une dose"),
        population=Text("doses of zoledronic acid or denosumab", "doses d'acide zolédronique ou de dénosumab"),
        action=Text("paracetamol on the day of the dose and on the next, or none", "paracétamol le jour de la dose et le lendemain, ou non"),
        applies=pl.lit(True), met=None,
        judged_on=("paracetamol_same_day", "paracetamol_next_day"),
        vocabulary=V.PARACETAMOL, recommended=("both_days", "one_day", "none"),
        given=V.chosen(
            ("both_days", pl.col("paracetamol_same_day") & pl.col("paracetamol_next_day")),
            ("one_day", pl.col("paracetamol_same_day") | pl.col("paracetamol_next_day")),
        ),
        reading=Text("Printed under the bisphosphonate, worded for both agents. By the doses recorded.", "Imprimé sous le bisphosphonate, formulé pour les deux molécules. Selon les doses enregistrées."),
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
    # Denosumab: one injection a month.
    Recommendation(
        id="G1-3.4-11", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Denosumab every month", "Dénosumab mensuel"),
        population=Text("doses of denosumab from the second dose of the course on", "doses de dénosumab à partir de la deuxième dose du traitement"),
        action=Text("21 to 35 days since the previous dose of either agent", "21 à 35 jours depuis la dose précédente de l'une ou l'autre molécule"),
        applies=_denosumab & pl.col("follows_dose"), met=_monthly,
        late=_late_dose,
        judged_on=("follows_dose", "days_since_dose", "days_since_first_dose"),
        vocabulary=V.INTERVAL, recommended=("monthly",), given=_interval_given,
        exceptions=(_after_two_years,),
        reading=Text("28 days, 7 days more or less; every three weeks with the chemotherapy is accepted; 36 to 49 days is late, more is missed (P04). A gap over 90 days opens a new course.", "28 jours à 7 jours près ; toutes les trois semaines avec la chimiothérapie est accepté ; de 36 à 49 jours la dose est tardive, au-delà manquée (P04). Un intervalle de plus de 90 jours ouvre un nouveau traitement."),
    ),
    # Denosumab is not adapted to renal function.
    Recommendation(
        id="G1-3.4-12", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("No renal adaptation of the dose of denosumab", "Pas d'adaptation du dénosumab à la fonction rénale"),
        population=Text("doses of denosumab with a clearance below 60 mL/min", "doses de dénosumab avec une clairance sous 60 mL/min"),
        action=Text("120 mg all the same", "120 mg malgré tout"),
        applies=_denosumab & (_clearance < P.CLEARANCE_NORMAL),
        met=_is_amount(P.DENOSUMAB_DOSE),
        judged_on=("creatinine_clearance", "dose_mg"),
        vocabulary=V.DOSE, recommended=("as_recommended",), given=_dose_or_other(_is_amount(P.DENOSUMAB_DOSE)), excusable=False,
    ),
    # With another nephrotoxic drug: watch renal function, or choose denosumab.
    Recommendation(
        id="G1-3.4-18", grain=Grain.DRUG_DOSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.PERMISSIVE, source=Source(G1, "3.4"),
        title=Text("Caution with other nephrotoxic drugs", "Prudence avec d'autres traitements néphrotoxiques"),
        population=Text("doses of either agent while a nephrotoxic drug is under way", "doses de l'une ou l'autre molécule pendant un traitement néphrotoxique"),
        action=Text("renal function tested in the 30 days before, or denosumab", "fonction rénale évaluée dans les 30 jours précédents, ou dénosumab"),
        applies=pl.col("nephrotoxic_prescription") | pl.col("nephrotoxic_line"),
        met=_denosumab | pl.col("renal_test"),
        judged_on=("nephrotoxic_line", "nephrotoxic_prescription", "renal_test", "drug"),
        vocabulary=V.MONITORING, recommended=("renal_test", "denosumab"),
        given=V.given(("denosumab", _denosumab), ("renal_test", pl.col("renal_test"))),
        reading=Text("Caution names no act: a renal test no older than 30 days. Nephrotoxic drugs are those that the registry marks; contrast media are not counted.", "La prudence ne nomme pas d'acte : un bilan rénal de moins de 30 jours. Les médicaments néphrotoxiques sont ceux que le registre signale ; les produits de contraste ne sont pas comptés."),
    ),
)  # fmt: skip
