"""Imaging and assessment of response (G1 2)."""

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Risk, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_pet = pl.col("modality") == "fdg_pet_ct"
_scintigraphy = pl.col("modality") == "bone_scintigraphy"

RULES = (
    # A vertebra is involved: MRI of the whole spine.
    Recommendation(
        id="G1-2-02", grain=Grain.SPINE_PATIENT, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("Whole-spine MRI when a vertebra is involved", "IRM du rachis entier en cas d'atteinte vertébrale"),
        population=Text("patients with a vertebral metastasis", "patients avec une métastase vertébrale"),
        action=Text("MRI of the whole spine within 30 days of its discovery", "IRM du rachis entier dans les 30 jours de la découverte"),
        applies=pl.lit(True),
        met=pl.col("whole_spine_mri"),
        due=pl.col("whole_spine_mri_due"), observed=("imaging_exams",),
        late=pl.col("whole_spine_mri_later") | (pl.col("whole_spine_mri_earlier") & (pl.col("until_imaging_exams") >= pl.col("whole_spine_mri_due"))),
        judged_on=("whole_spine_mri", "whole_spine_mri_date"),
        vocabulary=V.IMAGING, recommended=("whole_spine_mri",),
        given=V.given(("whole_spine_mri", pl.col("whole_spine_mri") | pl.col("whole_spine_mri_later") | pl.col("whole_spine_mri_earlier"))),
        aliases=("G1-3.8-03",),
        reading=Text("The text gives no delay: 30 days around the discovery (P15).", "Le texte ne donne pas de délai : 30 jours autour de la découverte (P15)."),
    ),
    # Known metastatic disease: no PET in the initial work-up.
    Recommendation(
        id="G1-2-03", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No PET-CT in the initial work-up of a tumour known to be metastatic", "Pas de TEP-TDM au bilan initial d'une tumeur connue comme métastatique"),
        population=Text("FDG-PETs of the initial work-up", "TEP au FDG du bilan initial"),
        action=Text("metastatic disease not yet known the day before", "maladie métastatique pas encore connue la veille"),
        applies=_pet & pl.col("in_workup"),
        met=~(pl.col("metastatic_known_date") <= pl.col("index_date").dt.offset_by("-1d")),
        judged_on=("in_workup", "metastatic_known_date", "indication"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, given=V.given(("fdg_pet", _pet)),
        exceptions=(
            Ground("mdt_request", pl.col("indication") == "mdt_request", Text("asked for by the MDT meeting", "demandée par la RCP")),
        ),
        reading=Text("Initial work-up: from suspicion to first treatment, at most 60 days after diagnosis (P02).", "Bilan initial : de la suspicion au premier traitement, au plus 60 jours après le diagnostic (P02)."),
    ),
    # No FDG-PET in the 15 days that follow G-CSF; day 15 is too early.
    Recommendation(
        id="G1-2-06", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No FDG-PET within 15 days of G-CSF", "Pas de TEP au FDG dans les 15 jours suivant le G-CSF"),
        population=Text("FDG-PETs of patients given G-CSF before", "TEP au FDG de patients ayant reçu du G-CSF"),
        action=Text("more than 15 days since the last dose of G-CSF", "plus de 15 jours depuis la dernière dose de G-CSF"),
        applies=_pet & pl.col("gcsf_before"),
        met=~pl.col("gcsf_too_close"),
        judged_on=("gcsf_before", "gcsf_too_close", "days_since_gcsf"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("drug_administrations", pl.col("drug") == "gcsf", Text("patients given G-CSF", "patients ayant reçu du G-CSF")), given=V.given(("fdg_pet", _pet)),
    ),
    # A scintigraphy adds nothing once an FDG-PET has been made.
    Recommendation(
        id="G1-2-10", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No bone scintigraphy once an FDG-PET has been made", "Pas de scintigraphie osseuse après une TEP au FDG"),
        population=Text("bone scintigraphies of patients who have an FDG-PET", "scintigraphies osseuses de patients ayant une TEP au FDG"),
        action=Text("no FDG-PET in the 90 days before", "pas de TEP au FDG dans les 90 jours précédents"),
        applies=_scintigraphy & pl.col("has_pet"),
        met=~pl.col("pet_before"),
        judged_on=("has_pet", "pet_before", "last_pet_date", "new_bone_pain_since_pet"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("imaging_exams", _pet, Text("patients with an FDG-PET", "patients ayant une TEP au FDG")), given=V.given(("bone_scintigraphy", _scintigraphy)),
        exceptions=(
            Ground("new_bone_pain", pl.col("new_bone_pain_since_pet"), Text("new bone pain since the PET", "nouvelle douleur osseuse depuis la TEP")),
        ),
        reading=Text("Same work-up: 90 days; a scintigraphy before the PET is no fault.", "Même bilan : 90 jours ; une scintigraphie avant la TEP n'est pas une faute."),
    ),
    # A flare is neither progression nor a reason to change an effective treatment.
    Recommendation(
        id="G1-2-11", grain=Grain.IMAGING_EXAM, domain=Domain.RESPONSE_ASSESSMENT, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("A flare is not called progression and does not change the treatment", "Un flare n'est pas assimilé à une progression et ne modifie pas le traitement"),
        population=Text("scans that show a flare in the first six months of an effective line", "examens montrant un flare dans les six premiers mois d'une ligne efficace"),
        action=Text("no conclusion of progression, line not stopped for bone progression within 60 days", "pas de conclusion de progression, ligne non arrêtée pour progression osseuse dans les 60 jours"),
        applies=pl.col("flare_findings") & pl.col("line_under_way") & (pl.col("days_on_line") <= P.FLARE) & pl.col("line_effective"),
        met=(pl.col("response_conclusion") != "progression") & ~pl.col("stopped_for_bone"),
        judged_on=("flare_findings", "line_under_way", "line_effective", "days_on_line", "response_conclusion", "stopped_for_bone"),
        vocabulary=V.RESPONSE, recommended=("treatment_continued",),
        given=V.given(
            ("line_stopped", pl.col("stopped_for_bone")),
            ("called_progression", pl.col("response_conclusion") == "progression"),
            ("treatment_continued", pl.col("response_conclusion").is_not_null()),
        ),
        exceptions=(
            Ground("progression_elsewhere", pl.col("progression_on_ct"), Text("progression shown by CT", "progression montrée au scanner")),
        ),
        flags=(
            Ground("class_outside_sentence", ~pl.col("line_class").is_in(["chemotherapy", "combination"]),
                   Text("drug class that the sentence does not name", "classe thérapeutique que la phrase ne nomme pas")),
        ),
        reading=Text("Six months are counted from the start of the current line (P16), whatever the class.", "Les six mois sont comptés du début de la ligne en cours (P16), quelle que soit la classe."),
    ),
    # No routine scintigraphy in follow-up without new bone pain.
    Recommendation(
        id="G1-2-12", grain=Grain.IMAGING_EXAM, domain=Domain.IMAGING, strength=Strength.BINDING, source=Source(G1, "2"),
        title=Text("No routine bone scintigraphy in follow-up", "Pas de scintigraphie osseuse systématique au cours du suivi"),
        population=Text("bone scintigraphies after the initial work-up", "scintigraphies osseuses après le bilan initial"),
        action=Text("new bone pain in the 30 days before", "nouvelle douleur osseuse dans les 30 jours précédents"),
        applies=_scintigraphy & pl.col("after_workup"),
        met=pl.col("new_bone_pain"),
        judged_on=("after_workup", "new_bone_pain", "indication"),
        vocabulary=V.IMAGING, recommended=("none",), do_not=True, at_risk=Risk("clinical_assessments", ~pl.col("new_bone_pain"), Text("patients seen without new bone pain", "patients vus sans nouvelle douleur osseuse")), given=V.given(("bone_scintigraphy", _scintigraphy)),
        exceptions=(
            Ground("flare_control", pl.col("flare_control"), Text("control of an earlier flare after six months", "contrôle d'un flare antérieur après six mois")),
        ),
    ),
)  # fmt: skip
