"""Radiotherapy (G1 3.5.1, 3.5.3, 3.5.4, 3.5.5)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import within
from .schedules import prescribed

_schedule = pl.col("schedule")
_days = pl.col("days_since_surgery")
_life = pl.col("life_expectancy_days")
_course = partial(Recommendation, grain=Grain.RADIOTHERAPY_COURSE, domain=Domain.RADIOTHERAPY)
_given_schedule = V.given(*[(token, _schedule == token) for token in ("30/10", "24/6", "20/5", "8/1", "other")])
_given_start = V.given(
    ("before_day_15", _days < P.POSTOP_RT_FIRST),
    ("day_15_to_21", _days <= P.POSTOP_RT_LAST),
    ("day_22_to_28", _days <= P.POSTOP_RT_AMBER),
    ("after_day_28", _days > P.POSTOP_RT_AMBER),
)
_given_ablative = V.given(("stereotactic", pl.col("ablative")))
_in_amber = (_days > P.POSTOP_RT_LAST) & (_days <= P.POSTOP_RT_AMBER)


def _rades(
    number: str, group: str, low: int, high: int, schedules: tuple[str, ...], applies: pl.Expr
) -> Recommendation:
    listed = " / ".join(schedules)
    return _course(
        id=f"G1-3.5.3-{number}", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.3"),
        title=Text(f"Cord compression, Rades group {group}: {listed}", f"Compression médullaire, groupe {group} de Rades : {listed}"),
        population=Text(f"courses for cord compression with a Rades score of {low} to {high}", f"irradiations d'une compression médullaire avec un score de Rades de {low} à {high}"),
        action=Text(f"prescribed schedule {listed} (Gy/fractions)", f"schéma prescrit {listed} (Gy/fractions)"),
        applies=pl.col("cord_compression_course") & within("rades", low, high) & applies,
        met=prescribed(*schedules),
        judged_on=("course_lesion", "cord_compression_course", "rades_min", "rades_max", *(("operated_before",) if group == "I" else ()), "schedule", "prescribed_dose_gy", "prescribed_fractions"),
        vocabulary=V.SCHEDULE, recommended=schedules, given=_given_schedule,
        reading=Text("Neurology no older than 7 days; visceral metastases and delay as at the first fraction.", "Neurologie de moins de 7 jours ; métastases viscérales et délai à la première fraction."),
    )  # fmt: skip


AFTER_SURGERY = (
    Ground("life_expectancy_under_6_weeks", _life < P.SIX_WEEKS, Text("life expectancy under six weeks", "espérance de vie inférieure à six semaines")),
    Ground("irradiated_before", pl.col("irradiated_before"), Text("site irradiated at full dose before", "site déjà irradié à pleine dose")),
    Ground("wound_complication", pl.col("complication").is_in(["wound", "sepsis"]).fill_null(False), Text("wound complication or sepsis", "complication cicatricielle ou sepsis")),
)  # fmt: skip
"""What excuses an operation without radiotherapy after it."""
_single_fraction = pl.col("field_allows_single_fraction") & ((_life < P.SIX_MONTHS) | pl.col("difficult_to_mobilise"))
"""Where the text makes one fraction of 8 Gy an option after surgery: the fields, and the patient."""

RULES = (
    # Conformal or stereotactic.
    _course(
        id="G1-3.5-01", strength=Strength.PERMISSIVE, source=Source(G1, "3.5"),
        title=Text("Conformal or stereotactic radiotherapy", "Radiothérapie conformationnelle ou stéréotaxique"),
        population=Text("radiotherapy courses", "irradiations"),
        action=Text("three-dimensional conformal (intensity-modulated included) or stereotactic", "conformationnelle en 3D (modulation d'intensité comprise) ou stéréotaxique"),
        applies=pl.lit(True),
        met=pl.col("technique").is_in(["conformal_3d", "imrt_vmat", "stereotactic"]),
        judged_on=("technique",),
        vocabulary=V.RT_TECHNIQUE, recommended=("conformal", "stereotactic"),
        given=V.given(
            ("conformal", pl.col("technique").is_in(["conformal_3d", "imrt_vmat"])), ("stereotactic", pl.col("technique") == "stereotactic"),
            ("two_dimensional", pl.col("technique") == "two_dimensional"),
        ),
        reading=Text("Intensity-modulated radiotherapy is not listed and is read as conformal. Who may have stereotactic radiotherapy is judged in 3.5.5.",
                     "La modulation d'intensité n'est pas citée et est lue comme conformationnelle. L'éligibilité à la stéréotaxie est jugée en 3.5.5."),
    ),
    # Painful uncomplicated lesion: one of four schedules.
    _course(
        id="G1-3.5.1-02", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.1"),
        title=Text("Schedule of analgesic radiotherapy", "Schéma de la radiothérapie antalgique"),
        population=Text("analgesic courses of an uncomplicated lesion", "irradiations antalgiques d'une lésion non compliquée"),
        action=Text("30 Gy in 10, 24 in 6, 20 in 5 or 8 in 1 prescribed", "30 Gy en 10, 24 en 6, 20 en 5 ou 8 en 1 prescrits"),
        applies=(pl.col("intent") == "analgesic") & (pl.col("technique") != "stereotactic")
        & ~pl.col("fractured") & ~pl.col("compressed") & ~pl.col("irradiated_before"),
        met=prescribed("30/10", "24/6", "20/5", "8/1"),
        judged_on=("intent", "technique", "course_lesion", "fractured", "compressed", "irradiated_before", "schedule", "prescribed_dose_gy", "prescribed_fractions"),
        vocabulary=V.SCHEDULE, recommended=("30/10", "24/6", "20/5", "8/1"), given=_given_schedule,
        reading=Text("Uncomplicated: no fracture, no cord compression, no earlier radiotherapy of the lesion. Prescribed dose within 0.1 Gy (P20).",
                     "Non compliquée : ni fracture, ni compression, ni irradiation antérieure de la lésion. Dose prescrite à 0,1 Gy près (P20)."),
    ),
    _rades("02", "I", 21, 28, ("8/1",), ~pl.col("operated_before")),
    _rades("04", "II", 29, 37, ("20/5", "30/10"), pl.lit(True)),
    _rades("06", "III", 38, 44, ("20/5", "30/10"), pl.lit(True)),
    # After an operation: adjuvant radiotherapy.
    Recommendation(
        id="G1-3.5.4-01", grain=Grain.PROCEDURE, domain=Domain.RADIOTHERAPY, strength=Strength.BINDING, source=Source(G1, "3.5.4"),
        title=Text("Radiotherapy after surgery of a bone metastasis", "Radiothérapie après chirurgie d'une métastase osseuse"),
        population=Text("operations on a bone metastasis", "interventions chirurgicales sur une métastase osseuse"),
        action=Text("radiotherapy of the operated site within 60 days", "radiothérapie du site opéré dans les 60 jours"),
        applies=pl.col("surgery"),
        met=pl.col("postoperative_radiotherapy"),
        due=pl.col("postoperative_radiotherapy_due"), observed=("radiotherapy_courses",),
        late=pl.col("postoperative_radiotherapy_late"),
        judged_on=("category", "postoperative_radiotherapy", "postoperative_radiotherapy_date", "life_expectancy_days", "irradiated_before", "complication"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(("done", pl.col("postoperative_radiotherapy")), ("other_time", pl.col("postoperative_radiotherapy_late"))),
        exceptions=AFTER_SURGERY,
    ),
    # It starts between day 15 and day 21.
    _course(
        id="G1-3.5.4-02", strength=Strength.BINDING, source=Source(G1, "3.5.4"),
        title=Text("Post-operative radiotherapy started between day 15 and day 21", "Radiothérapie postopératoire débutée entre le 15e et le 21e jour"),
        population=Text("post-operative courses", "irradiations postopératoires"),
        action=Text("first fraction 15 to 21 days after the operation", "première séance 15 à 21 jours après l'intervention"),
        applies=pl.col("postoperative"),
        met=((_days >= P.POSTOP_RT_FIRST) & (_days <= P.POSTOP_RT_LAST)) | (_in_amber & pl.col("healed_late") & pl.col("healed_at_start_by_date")).fill_null(False),
        judged_on=("postoperative", "days_since_surgery", "surgery_date", "wound_healed_date"),
        vocabulary=V.RT_START, recommended=("day_15_to_21",), given=_given_start,
        exceptions=(
            Ground("wound_not_healed", (_days > P.POSTOP_RT_LAST) & pl.col("healed_late"), Text("wound healed only after day 21", "cicatrisation acquise seulement après le 21e jour")),
        ),
        ambers=(
            Ground("day_22_to_28", _in_amber, Text("day 22 to 28: the documents disagree", "du 22e au 28e jour : les textes divergent")),
        ),
        reading=Text("Other sections print three weeks or three to four: day 22 to 28 is to be justified (P11).", "D'autres sections impriment trois semaines, ou trois à quatre : du 22e au 28e jour, à justifier (P11)."),
    ),
    # On healed skin.
    _course(
        id="G1-3.5.4-03", strength=Strength.BINDING, source=Source(G1, "3.5.4"),
        title=Text("Post-operative radiotherapy on healed skin", "Radiothérapie postopératoire sur peau cicatrisée"),
        population=Text("post-operative courses", "irradiations postopératoires"),
        action=Text("skin healed at the first fraction", "peau cicatrisée à la première séance"),
        applies=pl.col("postoperative"), met=pl.col("healed_at_start"),
        judged_on=("postoperative", "healed_at_start", "wound_healed_date"),
        vocabulary=V.CARE, recommended=("done",), given=V.given(("done", pl.col("healed_at_start"))),
    ),
    # In 30 Gy and 10 fractions.
    _course(
        id="G1-3.5.4-04", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.4"),
        title=Text("Post-operative schedule 30 Gy in 10 fractions", "Schéma postopératoire de 30 Gy en 10 fractions"),
        population=Text("post-operative courses", "irradiations postopératoires"),
        action=Text("30 Gy in 10 prescribed", "30 Gy en 10 prescrits"),
        applies=pl.col("postoperative"), met=prescribed("30/10"),
        judged_on=("postoperative", "schedule", "prescribed_dose_gy", "prescribed_fractions", "life_expectancy_days", "difficult_to_mobilise"),
        vocabulary=V.SCHEDULE, recommended=("30/10",), given=_given_schedule,
        exceptions=(
            Ground(
                "single_fraction_option",
                prescribed("8/1") & _single_fraction,
                Text("8 Gy in 1: option for a short life expectancy or a patient hard to move", "8 Gy en 1 : option si l'espérance de vie est faible ou la mobilisation difficile"),
            ),
        ),
        reading=Text("Short life expectancy: under six months.", "Faible espérance de vie : moins de six mois."),
    ),
    # One fraction of 8 Gy is an option to discuss, for some fields and some patients.
    _course(
        id="G1-3.5.4-05", strength=Strength.PERMISSIVE, source=Source(G1, "3.5.4"),
        title=Text("8 Gy in 1 after surgery: for a short life expectancy or a patient hard to move", "8 Gy en 1 après chirurgie : espérance de vie faible ou mobilisation difficile"),
        population=Text("post-operative courses of 8 Gy in 1", "irradiations postopératoires de 8 Gy en 1"),
        action=Text("long bone or organs at risk out of the fields, and life expectancy under six months or patient hard to move", "os long ou organes à risque hors des champs, et espérance de vie inférieure à six mois ou patient difficile à mobiliser"),
        applies=pl.col("postoperative") & prescribed("8/1"), met=_single_fraction,
        judged_on=("postoperative", "schedule", "prescribed_dose_gy", "prescribed_fractions", "course_lesion", "field_allows_single_fraction", "life_expectancy_days", "difficult_to_mobilise", "mdt_before", "mdt_before_date"),
        vocabulary=V.SCHEDULE, recommended=("30/10",), do_not=True, given=_given_schedule,
        flags=(
            Ground("not_discussed", ~pl.col("mdt_before"), Text(f"no MDT meeting in the {P.MDT_BEFORE} days before: the option is to be discussed", f"pas de RCP dans les {P.MDT_BEFORE} jours précédents : l'option est à discuter")),
        ),
        reading=Text("The and / or of the sentence is read so: one of the two conditions on the fields, and one of the two on the patient. Short life expectancy: under six months. A missing discussion is marked and no fault.",
                     "Les « ou » de la phrase sont lus ainsi : une des deux conditions sur les champs, et une des deux sur le patient. Faible espérance de vie : moins de six mois. L'absence de discussion est signalée, sans être une faute."),
    ),
    # Ablative stereotactic radiotherapy: one to three metastases.
    _course(
        id="G1-3.5.5-02", strength=Strength.BINDING, source=Source(G1, "3.5.5"),
        title=Text("Ablative radiotherapy for one to three bone metastases", "Radiothérapie ablative pour une à trois métastases osseuses"),
        population=Text("ablative stereotactic courses", "irradiations stéréotaxiques ablatives"),
        action=Text("one to three bone metastases", "une à trois métastases osseuses"),
        applies=pl.col("ablative"),
        met=(pl.col("n_bone_metastases") >= 1) & (pl.col("n_bone_metastases") <= P.SBRT_MOST_SITES),
        judged_on=("ablative", "n_bone_metastases"),
        vocabulary=V.ABLATIVE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", pl.col("n_bone_metastases") > P.SBRT_MOST_SITES, Text("patients with more than three bone metastases", "patients avec plus de trois métastases osseuses")), given=_given_ablative,
    ),
    # No visceral metastasis.
    _course(
        id="G1-3.5.5-04", strength=Strength.BINDING, source=Source(G1, "3.5.5"),
        title=Text("No ablative radiotherapy with visceral metastases", "Pas de radiothérapie ablative en cas de métastase viscérale"),
        population=Text("ablative stereotactic courses", "irradiations stéréotaxiques ablatives"),
        action=Text("no visceral metastasis", "absence de métastase viscérale"),
        applies=pl.col("ablative"),
        met=(pl.col("visceral_metastases") == "none") & ~pl.col("brain_metastases"),
        judged_on=("ablative", "visceral_metastases", "brain_metastases"),
        vocabulary=V.ABLATIVE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", pl.col("visceral_metastases") != "none", Text("patients with visceral metastases", "patients avec des métastases viscérales")), given=_given_ablative,
        ambers=(
            Ground("brain_metastasis", (pl.col("visceral_metastases") == "none").fill_null(True) & pl.col("brain_metastases"), Text("brain metastasis: visceral by reading only", "métastase cérébrale : viscérale par lecture seulement")),
        ),
    ),
    # Contraindicated on an unstable spine.
    _course(
        id="G1-3.5.5-07", strength=Strength.BINDING, source=Source(G1, "3.5.5"),
        title=Text("No ablative radiotherapy of an unstable spine", "Pas de radiothérapie ablative d'un rachis instable"),
        population=Text("ablative stereotactic courses of a spinal lesion", "irradiations stéréotaxiques ablatives d'une lésion rachidienne"),
        action=Text("SINS of 6 or less, or 7 to 12 with a surgeon's opinion", "SINS de 6 ou moins, ou de 7 à 12 avec un avis chirurgical"),
        applies=pl.col("ablative") & pl.col("spinal"),
        met=pl.when(pl.col("sins_max") <= 6).then(True).when(pl.col("sins_min") >= 13).then(False)
        .when((pl.col("sins_min") >= 7) & (pl.col("sins_max") <= 12)).then(pl.col("surgeon_consulted") | pl.col("surgeon_at_mdt")).otherwise(None),
        judged_on=("ablative", "course_lesion", "spinal", "sins_min", "sins_max", "surgeon_consulted", "surgeon_at_mdt", "stabilised"),
        vocabulary=V.ABLATIVE, recommended=("none",), do_not=True, given=_given_ablative, excusable=False,
        exceptions=(Ground("stabilised_before", pl.col("stabilised"), Text("stabilised by surgery before", "stabilisée chirurgicalement auparavant")),),
        ambers=(
            Ground("opinion_missing", (pl.col("sins_min") >= 7) & (pl.col("sins_max") <= 12), Text("SINS of 7 to 12 without a surgeon's opinion", "SINS de 7 à 12 sans avis chirurgical")),
        ),
        reading=Text("Unstable: SINS of 13 or more; 7 to 12 needs the surgical opinion of G1 3.8.1.", "Instable : SINS de 13 ou plus ; de 7 à 12, l'avis chirurgical de G1 3.8.1 est nécessaire."),
    ),
    # Contraindicated within three months of radiotherapy of the same site.
    _course(
        id="G1-3.5.5-09", strength=Strength.BINDING, source=Source(G1, "3.5.5"),
        title=Text("No ablative radiotherapy within 3 months of radiotherapy", "Pas de radiothérapie ablative dans les 3 mois suivant une radiothérapie"),
        population=Text("ablative stereotactic courses of a lesion irradiated before", "irradiations stéréotaxiques ablatives d'une lésion déjà irradiée"),
        action=Text("91 days or more since the end of the earlier course", "91 jours ou plus depuis la fin de l'irradiation antérieure"),
        applies=pl.col("ablative") & pl.col("irradiated_recently"),
        met=pl.col("days_since_radiotherapy") >= P.THREE_MONTHS,
        judged_on=("ablative", "course_lesion", "irradiated_recently", "days_since_radiotherapy"),
        vocabulary=V.ABLATIVE, recommended=("none",), do_not=True, at_risk=Risk("radiotherapy_courses", pl.col("lesion_id").is_not_null(), Text("patients with radiotherapy of a lesion", "patients ayant eu une radiothérapie d'une lésion")), given=_given_ablative, excusable=False,
        reading=Text("Same lesion; exactly three months is allowed.", "Même lésion ; trois mois exactement sont admis."),
    ),
    # Contraindicated when life expectancy is under three months.
    _course(
        id="G1-3.5.5-10", strength=Strength.BINDING, source=Source(G1, "3.5.5"),
        title=Text("No ablative radiotherapy when life expectancy is under 3 months", "Pas de radiothérapie ablative si l'espérance de vie est inférieure à 3 mois"),
        population=Text("ablative stereotactic courses", "irradiations stéréotaxiques ablatives"),
        action=Text("life expectancy of 91 days or more", "espérance de vie de 91 jours ou plus"),
        applies=pl.col("ablative"), met=_life >= P.THREE_MONTHS,
        judged_on=("ablative", "life_expectancy_days"),
        vocabulary=V.ABLATIVE, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", _life < P.THREE_MONTHS, Text("patients with a life expectancy under 3 months", "patients dont l'espérance de vie est inférieure à 3 mois")), given=_given_ablative, excusable=False,
    ),
)  # fmt: skip
