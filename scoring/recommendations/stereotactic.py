"""Eligibility for ablative stereotactic radiotherapy, and its alternative outside the spine (G1 3.5.5)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .schedules import ROUNDING

_given_ablative = V.given(("stereotactic", pl.col("ablative")))
_course = partial(
    Recommendation, grain=Grain.RADIOTHERAPY_COURSE, domain=Domain.RADIOTHERAPY, source=Source(G1, "3.5.5")
)
_ablative = partial(_course, vocabulary=V.ABLATIVE, recommended=("none",), given=_given_ablative, do_not=True)
_contraindicated = partial(_ablative, strength=Strength.BINDING, excusable=False)
_courses = Text("ablative stereotactic courses", "irradiations stéréotaxiques ablatives")
_spinal_courses = Text("ablative stereotactic courses of a spinal lesion", "irradiations stéréotaxiques ablatives d'une lésion rachidienne")  # fmt: skip
_per_fraction = pl.col("prescribed_dose_gy") / pl.col("prescribed_fractions")
_normofractionated = (
    (pl.col("prescribed_dose_gy") >= P.PSEUDO_CURATIVE_DOSE - ROUNDING)
    & (_per_fraction >= P.NORMOFRACTION_LEAST - ROUNDING)
    & (_per_fraction <= P.NORMOFRACTION_MOST + ROUNDING)
)


def _french(number: float) -> str:
    return f"{number:g}".replace(".", ",")


RULES = (
    # A rare indication, to be validated by the MDT before the treatment.
    _course(
        id="G1-3.5.5-01", strength=Strength.BINDING,
        title=Text("Ablative radiotherapy validated by the MDT", "Radiothérapie ablative validée en RCP"),
        population=_courses,
        action=Text(f"MDT meeting that validates it in the {P.MDT_BEFORE} days before", f"validation en RCP dans les {P.MDT_BEFORE} jours précédents"),
        applies=pl.col("ablative"), met=pl.col("sbrt_validated"),
        late=pl.col("sbrt_validated_too_early"),
        judged_on=("ablative", "sbrt_validated", "sbrt_validation_date"),
        vocabulary=V.MEETING, recommended=("mdt_before",),
        given=V.given(("mdt_before", pl.col("sbrt_validated")), ("mdt_too_early", pl.col("sbrt_validated_too_early"))),
        reading=Text(f"How long before is not printed: {P.MDT_BEFORE} days (P14). A meeting that does not say whether it validated leaves the question open.",
                     f"L'ancienneté n'est pas imprimée : {P.MDT_BEFORE} jours (P14). Une RCP qui ne dit pas si elle a validé laisse la question ouverte."),
    ),
    # The volume is well delimited on imaging.
    _ablative(
        id="G1-3.5.5-03", strength=Strength.PERMISSIVE,
        title=Text("Ablative radiotherapy of a well-delimited lesion", "Radiothérapie ablative d'une lésion bien délimitée"),
        population=_courses,
        action=Text("volume well delimited on imaging", "volume bien délimité en imagerie"),
        applies=pl.col("ablative"), met=pl.col("well_delimited"),
        judged_on=("ablative", "course_lesion", "well_delimited"),
        at_risk=Risk("lesion_assessments", ~pl.col("well_delimited"), Text("patients with a lesion that is not well delimited", "patients avec une lésion mal délimitée")),
        reading=Text(f"The imaging is not named: the latest assessment of the lesion in the {P.STATE} days before.", f"L'imagerie n'est pas précisée : la dernière évaluation de la lésion dans les {P.STATE} jours précédents."),
    ),
    # The cancer is under control.
    _ablative(
        id="G1-3.5.5-05", strength=Strength.PERMISSIVE,
        title=Text("Ablative radiotherapy when the cancer is under control", "Radiothérapie ablative en situation carcinologique stabilisée"),
        population=_courses,
        action=Text("cancer controlled at its last assessment", "cancer stabilisé à la dernière évaluation"),
        applies=pl.col("ablative"), met=pl.col("assessed_disease_status") == "controlled",
        judged_on=("ablative", "assessed_disease_status"),
        at_risk=Risk("clinical_assessments", pl.col("disease_status") == "progressive", Text("patients with progressive disease", "patients dont la maladie progresse")),
        reading=Text(f"The latest evaluation in the {P.STATE} days before; a visit at which control was not evaluated leaves the earlier one standing.", f"La dernière évaluation dans les {P.STATE} jours précédents ; une visite sans évaluation laisse valoir la précédente."),
    ),
    # Contraindicated by a symptomatic cord compression.
    _contraindicated(
        id="G1-3.5.5-06",
        title=Text("No ablative radiotherapy of a symptomatic cord compression", "Pas de radiothérapie ablative d'une compression médullaire symptomatique"),
        population=_spinal_courses,
        action=Text("no symptomatic compression at this level", "pas de compression symptomatique à ce niveau"),
        applies=pl.col("ablative") & pl.col("spinal"), met=pl.col("cord_compression_state") != "symptomatic",
        judged_on=("ablative", "course_lesion", "spinal", "cord_compression_state"),
        at_risk=Risk("spinal_assessments", pl.col("cord_compression") == "symptomatic", Text("patients with a symptomatic cord compression", "patients avec une compression médullaire symptomatique")),
        reading=Text(f"The latest assessment of the lesion in the {P.STATE} days before; a compression seen on imaging alone does not contraindicate.", f"La dernière évaluation de la lésion dans les {P.STATE} jours précédents ; une compression seulement radiologique ne contre-indique pas."),
    ),
    # Contraindicated by a radionuclide therapy.
    _contraindicated(
        id="G1-3.5.5-08",
        title=Text("No ablative radiotherapy within 3 months of a radionuclide", "Pas de radiothérapie ablative dans les 3 mois suivant une radiothérapie métabolique"),
        population=Text("ablative stereotactic courses of patients given a radionuclide before", "irradiations stéréotaxiques ablatives de patients ayant reçu une radiothérapie métabolique"),
        action=Text(f"{P.RADIONUCLIDE_BEFORE_SBRT} days or more since the last dose", f"{P.RADIONUCLIDE_BEFORE_SBRT} jours ou plus depuis la dernière dose"),
        applies=pl.col("ablative") & pl.col("radionuclide_before"), met=~pl.col("radionuclide_recent"),
        judged_on=("ablative", "radionuclide_before", "radionuclide_recent", "days_since_radionuclide"),
        at_risk=Risk("drug_administrations", pl.col("drug") == "radionuclide", Text("patients given a radionuclide", "patients ayant reçu une radiothérapie métabolique")),
        reading=Text("The three months printed for radiotherapy are read for radionuclides too; exactly three months is allowed.", "Les trois mois imprimés pour la radiothérapie sont lus aussi pour la radiothérapie métabolique ; trois mois exactement sont admis."),
    ),
    # Contraindicated when the spinal canal is narrowed by more than a quarter.
    _contraindicated(
        id="G1-3.5.5-11",
        title=Text(f"No ablative radiotherapy when the spinal canal is narrowed by more than {P.CANAL_NARROWING} %", f"Pas de radiothérapie ablative si le canal médullaire est rétréci de plus de {P.CANAL_NARROWING} %"),
        population=_spinal_courses,
        action=Text(f"narrowing of {P.CANAL_NARROWING} % or less", f"rétrécissement de {P.CANAL_NARROWING} % ou moins"),
        applies=pl.col("ablative") & pl.col("spinal"), met=pl.col("canal_narrowing_percent") <= P.CANAL_NARROWING,
        judged_on=("ablative", "course_lesion", "spinal", "canal_narrowing_percent"),
        at_risk=Risk("spinal_assessments", pl.col("canal_narrowing_percent") > P.CANAL_NARROWING, Text("patients with such a narrowing of the canal", "patients avec un tel rétrécissement du canal")),
        reading=Text("As reported: whether of the area or of the diameter is not printed.", "Telle que rapportée : surface ou diamètre, le texte ne le dit pas."),
    ),
    # Contraindicated when the tumour comes too close to the cord.
    _contraindicated(
        id="G1-3.5.5-12",
        title=Text(f"No ablative radiotherapy less than {P.CORD_DISTANCE} mm from the cord", f"Pas de radiothérapie ablative à moins de {P.CORD_DISTANCE} mm de la moelle"),
        population=Text("ablative stereotactic courses of a spinal lesion at or above L2", "irradiations stéréotaxiques ablatives d'une lésion rachidienne jusqu'à L2"),
        action=Text(f"{P.CORD_DISTANCE} mm or more between tumour and cord", f"{P.CORD_DISTANCE} mm ou plus entre la tumeur et la moelle"),
        applies=pl.col("ablative") & pl.col("spinal") & ~pl.col("below_conus"), met=pl.col("tumour_cord_distance_mm") >= P.CORD_DISTANCE,
        judged_on=("ablative", "course_lesion", "spinal", "below_conus", "tumour_cord_distance_mm"),
        at_risk=Risk("spinal_assessments", pl.col("tumour_cord_distance_mm") < P.CORD_DISTANCE, Text("patients with a tumour this close to the cord", "patients dont la tumeur est aussi proche de la moelle")),
        reading=Text("There is no cord below the conus: L3 and lower levels are left out.", "Sous le cône terminal, il n'y a plus de moelle : L3 et les niveaux inférieurs ne sont pas jugés."),
    ),
    # Outside the spine: a protracted normofractionated course may replace it.
    _course(
        id="G1-3.5.5-13", strength=Strength.OPTIONAL,
        title=Text("Oligometastases outside the spine: stereotactic or normofractionated radiotherapy", "Oligométastases extra-rachidiennes : radiothérapie stéréotaxique ou normofractionnée"),
        population=Text(f"courses of an extra-spinal lesion, not post-operative, with one to {P.SBRT_MOST_SITES} bone metastases and no visceral one", f"irradiations d'une lésion extra-rachidienne, hors postopératoire, avec une à {P.SBRT_MOST_SITES} métastases osseuses et sans métastase viscérale"),
        action=Text("the choice is left; what was chosen is reported", "le choix est libre ; l'option prise est relevée"),
        applies=~pl.col("spinal") & ~pl.col("postoperative") & (pl.col("n_bone_metastases") >= 1) & (pl.col("n_bone_metastases") <= P.SBRT_MOST_SITES) & (pl.col("visceral_metastases") == "none"),
        met=None,
        judged_on=("course_lesion", "spinal", "postoperative", "n_bone_metastases", "visceral_metastases", "technique", "prescribed_dose_gy", "prescribed_fractions"),
        vocabulary=V.OLIGOMETASTATIC, recommended=("stereotactic", "normofractionated", "other"),
        given=V.chosen(("stereotactic", pl.col("technique") == "stereotactic"), ("normofractionated", _normofractionated), otherwise="other"),
        reading=Text(f"No dose is printed: {P.NORMOFRACTION_LEAST} to {P.NORMOFRACTION_MOST} Gy a fraction and {P.PSEUDO_CURATIVE_DOSE} Gy or more.",
                     f"Aucune dose n'est imprimée : {_french(P.NORMOFRACTION_LEAST)} à {_french(P.NORMOFRACTION_MOST)} Gy par fraction et {_french(P.PSEUDO_CURATIVE_DOSE)} Gy ou plus."),
    ),
)  # fmt: skip
