"""Inhibitors of bone resorption: to start, to check, to supplement and to continue (G1 3, 3.4)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_life = pl.col("life_expectancy_days")
_long_life = (_life > P.THREE_MONTHS).fill_null(True) if P.UNKNOWN_LIFE_IS_LONG else _life > P.THREE_MONTHS
_agent = pl.col("first_drug")

_urgent = Ground("urgent_start", pl.col("urgent_start"), Text("started as an emergency", "débuté en urgence"))
_jaw = Ground(
    "osteonecrosis_of_jaw", pl.col("jaw_osteonecrosis"), Text("osteonecrosis of the jaw", "ostéonécrose de la mâchoire")
)
_high_calcium = Ground(
    "hypercalcaemia", pl.col("calcium_at_start") > P.CALCIUM_HIGH, Text("hypercalcaemia", "hypercalcémie")
)
_agent_started = V.given(
    ("zoledronic_acid", pl.col("first_antiresorptive") == "zoledronic_acid"),
    ("denosumab", pl.col("first_antiresorptive") == "denosumab"),
    ("other_bisphosphonate", pl.col("other_bisphosphonate")),
)

RULES = (
    # Multiple bone metastases: zoledronic acid or denosumab.
    Recommendation(
        id="G1-3-01", grain=Grain.PATIENT, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3"),
        title=Text("Antiresorptive for multiple bone metastases", "Antirésorptif en cas de métastases osseuses multiples"),
        population=Text("patients with two bone metastases or more whose life expectancy exceeds 3 months", "patients avec au moins deux métastases osseuses dont l'espérance de vie dépasse 3 mois"),
        action=Text("zoledronic acid or denosumab within 60 days", "acide zolédronique ou dénosumab dans les 60 jours"),
        applies=pl.col("multiple_metastases") & _long_life,
        met=pl.col("antiresorptive_in_time"),
        due=pl.col("antiresorptive_due"), observed=("drug_administrations",),
        late=pl.col("antiresorptive_late"),
        judged_on=("multiple_metastases", "life_expectancy_days", "antiresorptive_in_time", "first_antiresorptive_date", "first_antiresorptive"),
        vocabulary=V.ANTIRESORPTIVE, recommended=("zoledronic_acid", "denosumab"),
        given=_agent_started,
        exceptions=(_jaw,),
        reading=Text("Section 3 says multiple, section 3.4 any bone metastasis and its life expectancy, which governs. Multiple: two lesions, or two counted.", "La section 3 dit multiples, la section 3.4 toute métastase osseuse et l'espérance de vie, qui prévaut. Multiples : deux lésions, ou deux dénombrées."),
    ),
    # A bone metastasis is found and life expectancy exceeds three months: start zoledronic acid or denosumab.
    Recommendation(
        id="G1-3.4-01", grain=Grain.PATIENT, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Antiresorptive from the discovery of a bone metastasis", "Antirésorptif dès la découverte d'une métastase osseuse"),
        population=Text("patients whose life expectancy exceeds 3 months", "patients dont l'espérance de vie dépasse 3 mois"),
        action=Text("zoledronic acid or denosumab within 60 days", "acide zolédronique ou dénosumab dans les 60 jours"),
        applies=_long_life,
        met=pl.col("antiresorptive_in_time"),
        due=pl.col("antiresorptive_due"), observed=("drug_administrations",),
        late=pl.col("antiresorptive_late"),
        judged_on=("life_expectancy_days", "antiresorptive_in_time", "first_antiresorptive_date", "first_antiresorptive"),
        vocabulary=V.ANTIRESORPTIVE, recommended=("zoledronic_acid", "denosumab"),
        given=_agent_started,
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
    # Vitamin D measured before starting.
    Recommendation(
        id="G1-3.4-17", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Vitamin D deficiency looked for before the first dose", "Recherche d'une carence en vitamine D avant la première dose"),
        population=Text("courses of an antiresorptive", "traitements antirésorptifs"),
        action=Text("25-OH-vitamin D in the 90 days before the first dose", "25-OH-vitamine D dans les 90 jours avant la première dose"),
        applies=pl.lit(True),
        met=pl.col("vitamin_d_test"),
        late=pl.col("vitamin_d_test_too_early"),
        judged_on=("vitamin_d_test", "vitamin_d_test_date", "urgent_start"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("vitamin_d_test")), ("other_time", pl.col("vitamin_d_test_too_early"))),
        exceptions=(_urgent,),
        reading=Text("How long before is not printed: 90 days (P07).", "L'ancienneté n'est pas imprimée : 90 jours (P07)."),
    ),
    # 1 g of calcium a day.
    Recommendation(
        id="G1-3.4-19", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Calcium 1 g a day with the antiresorptive", "Calcium 1 g par jour avec l'antirésorptif"),
        population=Text("courses of an antiresorptive", "traitements antirésorptifs"),
        action=Text("1 g a day at the first and at the last dose", "1 g par jour à la première et à la dernière dose"),
        applies=pl.lit(True),
        met=pl.col("calcium_enough"),
        judged_on=("calcium_enough", "calcium_daily_mg", "urgent_start", "calcium_at_start"),
        vocabulary=V.CARE, recommended=("done",), given=V.given(("done", pl.col("calcium_enough")), ("partly", pl.col("calcium_daily_mg") > 0)),
        exceptions=(_urgent, _high_calcium),
        reading=Text("Intake is diet and supplement: 1 g of supplement, or at least 0.5 g that reaches 1 g with a diet that was assessed (P09). Exempt while calcium is high.", "L'apport est alimentaire et médicamenteux : 1 g de supplément, ou au moins 0,5 g qui atteint 1 g avec une alimentation évaluée (P09). Exempté si la calcémie est élevée."),
    ),
    # 100,000 IU of vitamin D every three months.
    Recommendation(
        id="G1-3.4-20", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.BINDING, source=Source(G1, "3.4"),
        title=Text("Vitamin D 100,000 IU every 3 months with the antiresorptive", "Vitamine D 100 000 UI tous les 3 mois avec l'antirésorptif"),
        population=Text("courses of an antiresorptive", "traitements antirésorptifs"),
        action=Text("1,000 IU a day or more at the first and at the last dose", "au moins 1 000 UI par jour à la première et à la dernière dose"),
        applies=pl.lit(True),
        met=pl.col("vitamin_d_enough"),
        judged_on=("vitamin_d_enough", "vitamin_d_daily_iu", "urgent_start", "calcium_at_start"),
        vocabulary=V.CARE, recommended=("done",), given=V.given(("done", pl.col("vitamin_d_enough")), ("partly", pl.col("vitamin_d_daily_iu") > 0)),
        exceptions=(_urgent, _high_calcium),
        reading=Text("As a daily dose: 100,000 IU in 100 days (P08).", "En dose quotidienne : 100 000 UI en 100 jours (P08)."),
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
    # After two years: reassess case by case.
    Recommendation(
        id="G1-3.4-22", grain=Grain.ANTIRESORPTIVE_COURSE, domain=Domain.ANTIRESORPTIVE, strength=Strength.PERMISSIVE, source=Source(G1, "3.4"),
        title=Text("Antiresorptive reassessed after two years", "Antirésorptif réévalué après deux ans"),
        population=Text("courses that reached two years", "traitements ayant atteint deux ans"),
        action=Text("reassessment recorded between day 670 and day 820", "réévaluation enregistrée entre le 670e et le 820e jour"),
        applies=pl.col("two_years"),
        met=pl.col("planned_stop") | pl.col("reassessed") | pl.col("reassessed_by_mdt"),
        due=pl.col("reassessment_due"), observed=("consultations", "mdt_meetings"),
        late=pl.col("reassessed_late"),
        judged_on=("two_years", "reassessed", "reassessed_by_mdt", "planned_stop", "course_days"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("planned_stop") | pl.col("reassessed") | pl.col("reassessed_by_mdt")), ("other_time", pl.col("reassessed_late"))
        ),
        reading=Text("A reassessment visit, an MDT decision of medical treatment, supportive care or surveillance, or a stop recorded as planned; its content is free.", "Consultation de réévaluation, décision de RCP (traitement médical, soins de support, surveillance) ou arrêt enregistré comme prévu ; le contenu est libre."),
    ),
)  # fmt: skip
