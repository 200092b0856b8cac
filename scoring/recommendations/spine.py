"""Spinal metastases and cord compression: work-up, stability, surgery and what follows it (G1 3.5.3, 3.8, 3.8.1)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .bounds import at_least, at_most
from .radiotherapy import AFTER_SURGERY

_surgery_date, _radiotherapy_date = pl.col("compression_surgery_date"), pl.col("compression_radiotherapy_date")
_spine = partial(Recommendation, grain=Grain.SPINAL_ASSESSMENT, domain=Domain.SPINE)
_opinion = pl.col("surgeon_consulted") | pl.col("surgeon_at_mdt")

_work_up = partial(Recommendation, grain=Grain.SPINE_PATIENT, domain=Domain.SPINE, source=Source(G1, "3.8"))
_operation = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.SPINE, source=Source(G1, "3.8"))
_spinal_surgery = pl.col("category") == "spinal_surgery"
_days_since_deficit = pl.col("days_since_deficit")

RULES = (
    # Cord compression: radiotherapy as an emergency, or neurosurgery and then radiotherapy.
    Recommendation(
        id="G1-3.5.3-01", grain=Grain.CORD_COMPRESSION, domain=Domain.RADIOTHERAPY, strength=Strength.PERMISSIVE, source=Source(G1, "3.5.3"),
        title=Text("Cord compression: emergency radiotherapy, or surgery then radiotherapy", "Compression médullaire : radiothérapie en urgence, ou chirurgie puis radiothérapie"),
        population=Text("spinal metastases with cord compression", "métastases rachidiennes avec compression médullaire"),
        action=Text("radiotherapy or surgery within 2 days; after surgery, radiotherapy within 28 days", "radiothérapie ou chirurgie dans les 2 jours ; après chirurgie, radiothérapie dans les 28 jours"),
        applies=pl.lit(True),
        met=pl.col("compression_treated"),
        due=pl.col("compression_due"), observed=("radiotherapy_courses", "procedures"),
        late=pl.col("compression_treated_late"),
        judged_on=("compression_treated", "compression_radiotherapy_date", "compression_surgery_date", "radiotherapy_after_surgery_date"),
        vocabulary=V.CORD_COMPRESSION, recommended=("radiotherapy", "surgery_then_radiotherapy"),
        given=V.given(
            ("surgery_then_radiotherapy", (_surgery_date < _radiotherapy_date) | (_surgery_date.is_not_null() & pl.col("radiotherapy_after_surgery_date").is_not_null())),
            ("radiotherapy", _radiotherapy_date.is_not_null()),
            ("surgery", _surgery_date.is_not_null()),
        ),
        reading=Text("No hour is printed: 48 hours, read as 2 days (P23).", "Aucun délai n'est imprimé : 48 heures, lues comme 2 jours (P23)."),
    ),
    # SINS of 7 or more: ask a surgeon.
    _spine(
        id="G1-3.8.1-01", strength=Strength.BINDING, source=Source(G1, "3.8.1"),
        title=Text("SINS of 7 or more: surgeon's opinion", "SINS de 7 ou plus : avis chirurgical"),
        population=Text("spinal lesions with a SINS of 7 to 18", "lésions rachidiennes avec un SINS de 7 à 18"),
        action=Text("opinion of a spine surgeon, or MDT meeting with one, within 14 days (2 days from SINS 13)", "avis d'un chirurgien du rachis, ou RCP avec lui, dans les 14 jours (2 jours à partir de SINS 13)"),
        applies=pl.col("opens_sins") & at_least("sins", 7),
        met=_opinion,
        due=pl.col("surgical_opinion_due"), observed=("consultations", "mdt_meetings"),
        late=pl.col("surgical_opinion_late"),
        judged_on=("sins_min", "sins_max", "surgeon_consulted", "surgeon_at_mdt", "surgical_opinion_date", "stabilised_after", "locally_treated"),
        vocabulary=V.OPINION, recommended=("surgical_opinion",),
        given=V.given(
            ("surgical_opinion", _opinion), ("stabilisation", pl.col("stabilised_after")), ("late_opinion", pl.col("surgical_opinion_late")),
            ("other", pl.col("locally_treated")),
        ),
        reading=Text("The text gives no delay: 14 days, 2 days from SINS 13. The lower bound of the score decides.", "Le texte ne donne pas de délai : 14 jours, 2 jours à partir de SINS 13. La borne inférieure du score décide."),
    ),
    # Surgery decompresses as soon as a deficit appears.
    _operation(
        id="G1-3.8-01", strength=Strength.PERMISSIVE,
        title=Text("Decompressive surgery as soon as the deficit appears", "Chirurgie décompressive dès l'apparition du déficit"),
        population=Text("first operations on a compressed spine with a neurological deficit", "premières interventions sur un rachis comprimé avec déficit neurologique"),
        action=Text(f"operation within {P.DEFICIT_SURGERY} days of the onset of the deficit", f"intervention dans les {P.DEFICIT_SURGERY} jours suivant le début du déficit"),
        applies=_spinal_surgery & pl.col("compressed") & pl.col("neurological_deficit") & ~pl.col("operated_since_onset"),
        met=_days_since_deficit <= P.DEFICIT_SURGERY,
        judged_on=("category", "procedure_lesion", "compressed", "neurological_deficit", "days_since_deficit", "operated_since_onset", "rades_min", "rades_max"),
        vocabulary=V.DEFICIT_SURGERY, recommended=("at_once",),
        given=V.given(("at_once", _days_since_deficit <= P.DEFICIT_SURGERY), ("later", _days_since_deficit.is_not_null())),
        exceptions=(
            Ground("rades_group_1", at_most("rades", 28), Text("Rades of 21 to 28: no benefit of surgery is expected", "Rades de 21 à 28 : aucun bénéfice attendu de la chirurgie")),
        ),
        reading=Text("What is measured is the delay of an operation, not whether to operate. No hour is printed: 48 hours, read as days (P23).", "Est mesuré le délai d'une intervention, non son indication. Aucun délai n'est imprimé : 48 heures, lues en jours (P23)."),
    ),
    # First work-up: pain and a complete neurological examination.
    _work_up(
        id="G1-3.8-02", strength=Strength.PERMISSIVE,
        title=Text("Pain and neurology assessed when a spinal metastasis is found", "Douleur et examen neurologique à la découverte d'une métastase rachidienne"),
        population=Text("patients with a vertebral metastasis", "patients avec une métastase vertébrale"),
        action=Text(f"pain assessment and complete neurological examination within {P.SPINE_WORKUP} days of the first one, before or after", f"évaluation de la douleur et examen neurologique complet dans les {P.SPINE_WORKUP} jours avant ou après la première"),
        applies=pl.lit(True),
        met=pl.col("pain_assessed") & pl.col("neurology_examined"),
        due=pl.col("workup_due"), observed=("clinical_assessments", "spinal_assessments"),
        late=pl.col("workup_later"),
        judged_on=("pain_assessed", "neurology_examined"),
        vocabulary=V.CARE, recommended=("done",),
        given=V.given(
            ("done", pl.col("pain_assessed") & pl.col("neurology_examined")), ("other_time", pl.col("workup_later")),
            ("partly", pl.col("pain_assessed").fill_null(False) | pl.col("neurology_examined").fill_null(False)),
        ),
        reading=Text("Pain by a numerical scale or in the terms of the SINS; neurology by a recorded examination or a Frankel grade. The delay is a reading.", "Douleur par une échelle numérique ou dans les termes du SINS ; neurologie par un examen tracé ou un grade de Frankel. Le délai est une lecture."),
    ),
    # First work-up: sagittal bone reconstructions of the CT.
    _work_up(
        id="G1-3.8-04", strength=Strength.PERMISSIVE,
        title=Text("Sagittal bone reconstructions of the CT", "Reconstructions osseuses sagittales du scanner"),
        population=Text("patients with a vertebral metastasis", "patients avec une métastase vertébrale"),
        action=Text(f"CT with sagittal bone reconstructions within {P.SPINE_WORKUP} days of the first one, before or after", f"scanner avec reconstructions osseuses sagittales dans les {P.SPINE_WORKUP} jours avant ou après la première"),
        applies=pl.lit(True),
        met=pl.col("sagittal_reconstruction"),
        due=pl.col("sagittal_reconstruction_due"), observed=("imaging_exams",),
        late=pl.col("sagittal_reconstruction_later"),
        judged_on=("sagittal_reconstruction", "sagittal_reconstruction_date"),
        vocabulary=V.RECONSTRUCTION, recommended=("sagittal",),
        given=V.given(("sagittal", pl.col("sagittal_reconstruction")), ("later", pl.col("sagittal_reconstruction_later")), ("ct_without", pl.col("spine_ct"))),
        reading=Text("Any CT that shows the spine: of chest, abdomen and pelvis, of the spine, or of the whole body. The delay is a reading.", "Tout scanner qui montre le rachis : thorax-abdomen-pelvis, rachis ou corps entier. Le délai est une lecture."),
    ),
    # Neurosurgery is always followed by radiotherapy of the surgical bed.
    _operation(
        id="G1-3.8-05", strength=Strength.BINDING,
        title=Text("Radiotherapy of the surgical bed after spinal surgery", "Radiothérapie du lit chirurgical après chirurgie rachidienne"),
        population=Text("operations on the spine", "interventions sur le rachis"),
        action=Text(f"radiotherapy of the surgical bed within {P.POSTOP_RT} days", f"radiothérapie du lit chirurgical dans les {P.POSTOP_RT} jours"),
        applies=_spinal_surgery,
        met=pl.col("bed_irradiated"),
        due=pl.col("postoperative_radiotherapy_due"), observed=("radiotherapy_courses",),
        late=pl.col("bed_irradiated_late"),
        judged_on=("category", "bed_irradiated", "bed_irradiated_date", "other_volume_date", "life_expectancy_days", "irradiated_before", "complication"),
        vocabulary=V.SURGICAL_BED, recommended=("surgical_bed",),
        given=V.given(("surgical_bed", pl.col("bed_irradiated")), ("other_volume", pl.col("other_volume_irradiated")), ("later", pl.col("bed_irradiated_late"))),
        exceptions=AFTER_SURGERY,
        ambers=(
            Ground("other_volume", pl.col("other_volume_irradiated"), Text("irradiated, but another volume is recorded", "irradié, mais un autre volume est renseigné")),
        ),
        reading=Text("Whether there was radiotherapy at all is G1 3.5.4; this is its volume, with the same time and the same exceptions.", "L'existence d'une radiothérapie relève de G1 3.5.4 ; il s'agit ici de son volume, avec le même délai et les mêmes exceptions."),
    ),
)  # fmt: skip
