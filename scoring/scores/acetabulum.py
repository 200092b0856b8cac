"""The steps of care of an acetabular lesion (S20; G2 2.4, 4.2)."""

from __future__ import annotations

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G2, Source, Text
from scoring.facts.decisions import Acts, Decisions, holds, select
from scoring.recommendations import parameters as P

from .columns import DATE, UNKNOWN, first_of
from .pain_technique import painful

INTERVENTIONAL = ("cementoplasty", "percutaneous_screw", "radiofrequency_ablation", "cryoablation")
WITH_SCREWS = "cementoplasty_with_screws"
CT_GUIDED = "ct_guided_cementoplasty|ct_guided_cementoplasty_with_screws"
SURGERY = "hip_arthroplasty_with_reinforcement"
OPTIONS = {
    "1": "medical_treatment|radiotherapy",
    "2": f"cementoplasty|{WITH_SCREWS}|radiofrequency_ablation|cryoablation",
    "3": SURGERY,
    "none": "none",
}
"""What is acceptable at a step that does not ask for more; steps 4 and 5 depend on the lesion."""

_femoral, _pelvic = pl.col("bone") == "femur", pl.col("bone") == "pelvis"


def evaluate(context: Context) -> pl.DataFrame:
    """One row per assessment of an acetabular lesion, or of a femoral one with the acetabulum involved."""
    assessed = context.rows("lesion_assessments").join(
        context.lesions.select("lid", "segment", found="day"), on="lid", how="left", maintain_order="left"
    )
    involved = pl.col("acetabular_involvement").fill_null(False)
    acetabular = (_pelvic & ((pl.col("segment") == "acetabulum").fill_null(False) | involved)) | (_femoral & involved)
    rows = assessed.filter(acetabular)
    return decide(rows.with_columns(_state(context, rows)))


def _state(context: Context, rows: pl.DataFrame) -> list[pl.Series]:
    """What is known of the patient on that day, and whether the lesion had a percutaneous treatment before."""
    d = Decisions(context, rows.select("pid", "lid", "day", "found", entity_id="assessment_id"))
    procedures = context.rows("procedures")
    used = pl.col("technique").is_in(list(INTERVENTIONAL)).fill_null(False) | holds(
        "associated_techniques", INTERVENTIONAL
    ).fill_null(False)
    treated = d.occurred(Acts(context, "procedures", procedures.filter(used), "lesion"), d["found"], -1)
    return [
        d.state("fit_for_surgery", P.STATE),
        d.state("frail", P.STATE),
        select(d.state("life_expectancy_days", P.STATE) < P.SIX_MONTHS).alias("short"),
        treated.alias("treated"),
    ]


def decide(rows: pl.DataFrame) -> pl.DataFrame:
    """Step and options of each row; of the steps 1 to 4 and none, exactly one holds when everything is known."""
    fracture = pl.col("fracture_status").is_in(["impending", "pathological_fracture"])
    parts = [pl.col(f"acetabular_{part}") == "extensive" for part in ("roof", "posterior_column", "medial_wall")]
    risk = fracture | pl.col("hip_instability") | pl.any_horizontal(parts)
    hurts = painful()
    beyond_1 = risk | (hurts & pl.col("pain_refractory"))
    ends_at_4 = pl.col("frail") & pl.col("short")
    operable = pl.col("treated") & pl.col("fit_for_surgery")
    at_femur = (pl.col("acetabular_roof") == "extensive") | pl.col("protrusion_risk")
    step = pl.col("step")
    return rows.with_columns(
        step=first_of(
            {
                "5": _femoral,
                "none": ~(hurts | risk),
                "4": ends_at_4 & (hurts | risk),
                "3": ~ends_at_4 & beyond_1 & operable,
                "2": ~ends_at_4 & beyond_1 & ~operable,
                "1": ~ends_at_4 & hurts & ~beyond_1,
            }
        )
    ).with_columns(
        options=first_of(
            {options: step == name for name, options in OPTIONS.items()}
            | {
                "reinforcement_in_the_same_operation": (step == "5") & at_femur,
                "no_acetabular_treatment": (step == "5") & ~at_femur,
                f"{OPTIONS['1']}|{CT_GUIDED}": (step == "4") & ~beyond_1,
                CT_GUIDED: step == "4",
            }
        ),
        options_after_mdt=first_of(
            {
                "none": step.is_in(["1", "3", "4", "5", "none"])
                | ((step == "2") & ~(fracture & pl.col("fit_for_surgery"))),
                SURGERY: (step == "2") & fracture & pl.col("fit_for_surgery"),
            }
        ),
    )


_NONE = {"none": Text("none", "aucune")}
_SURGERY = {
    SURGERY: Text(
        "cemented total hip arthroplasty with metal reinforcement",
        "prothèse totale de hanche cimentée avec renfort métallique",
    )
}
ACETABULUM = Classification(
    id="acetabulum",
    code="S20",
    title=Text("Steps of care of an acetabular lesion", "Étapes de prise en charge d'une lésion acétabulaire"),
    row=Text("assessment of an acetabular lesion, or of a femoral one with the acetabulum involved",
             "évaluation d'une lésion acétabulaire, ou d'une lésion fémorale avec atteinte du cotyle"),
    source=Source(G2, "2.4"),
    keys=("patient_id", "assessment_id"),
    columns=(
        DATE,
        ClassColumn("step", Text("Step", "Étape"), "token", {
            "1": Text("1: stable and painful", "1 : stable et douloureuse"),
            "2": Text("2: first treatment failed, or fracture or instability feared", "2 : échec du premier traitement, ou risque de fracture ou d'instabilité"),
            "3": Text("3: percutaneous treatment failed, fit for heavy surgery", "3 : échec du traitement percutané, état permettant une chirurgie lourde"),
            "4": Text("4: frail with a short life expectancy", "4 : patient fragile à l'espérance de vie courte"),
            "5": Text("5: acetabulum involved beside a femoral lesion", "5 : cotyle atteint à côté d'une lésion fémorale"),
            "none": Text("no step: neither painful nor at risk", "aucune étape : ni douleur ni risque"),
        } | UNKNOWN),
        ClassColumn("options", Text("Acceptable options", "Options acceptables"), "tokens", {
            "medical_treatment": Text("medical treatment", "traitement médical"),
            "radiotherapy": Text("radiotherapy", "radiothérapie"),
            "cementoplasty": Text("cementoplasty, with or without radiotherapy", "cimentoplastie, avec ou sans radiothérapie"),
            WITH_SCREWS: Text("cementoplasty with screws, with or without radiotherapy", "cimentoplastie et vissage, avec ou sans radiothérapie"),
            "radiofrequency_ablation": Text("radiofrequency ablation, with or without radiotherapy", "radiofréquence, avec ou sans radiothérapie"),
            "cryoablation": Text("cryoablation, with or without radiotherapy", "cryoablation, avec ou sans radiothérapie"),
            "ct_guided_cementoplasty": Text("CT-guided cementoplasty", "cimentoplastie sous contrôle scannographique"),
            "ct_guided_cementoplasty_with_screws": Text("CT-guided cementoplasty with screws", "cimentoplastie sous contrôle scannographique et vissage"),
            "reinforcement_in_the_same_operation": Text("reinforcement of the acetabulum in the same operation", "renfort du cotyle dans la même intervention"),
            "no_acetabular_treatment": Text("no treatment of the acetabulum needed", "pas de traitement du cotyle nécessaire"),
        } | _SURGERY | _NONE | UNKNOWN),
        ClassColumn("options_after_mdt", Text("Acceptable if the MDT meeting decided it", "Acceptable si la RCP l'a décidé"), "tokens", _SURGERY | _NONE | UNKNOWN),
    ),
    headline="step",
    evaluate=evaluate,
    holes=(
        Text("G2 2.4 puts surgery last, G2 4.2 calls arthroplasty with reinforcement the most indicated (C18): the latter is read as ranking operations alone. In a fit patient with a fracture risk the percutaneous step comes first, arthroplasty only by decision of the MDT.",
             "G2 2.4 place la chirurgie en dernier, G2 4.2 dit la prothèse avec renfort la plus indiquée (C18) : lu comme un classement des seules interventions. Chez un patient opérable à risque fracturaire, l'étape percutanée vient d'abord, la prothèse seulement sur décision de RCP."),
        Text("Stability is compromised by an extensive involvement of the roof, the posterior column or the medial wall, any one of them.",
             "La stabilité est compromise par une atteinte étendue du toit, de la colonne postérieure ou du mur médial, l'un quelconque suffisant."),
        Text("The first treatment has failed where the pain of the lesion is recorded as refractory.",
             "Le premier traitement a échoué si la douleur de la lésion est notée comme réfractaire."),
        Text("The percutaneous treatment has failed where one was made on the lesion before and pain or risk still calls for it; in a patient unfit for heavy surgery that step remains.",
             "Le traitement percutané a échoué si la lésion en a reçu un et que la douleur ou le risque l'appelle encore ; chez un patient non opérable, cette étape demeure."),
        Text("Short life expectancy is not bounded: read as under six months; frail and fit as recorded.",
             "L'espérance de vie courte n'est pas chiffrée : lue comme inférieure à six mois ; fragile et opérable tels que notés."),
        Text("For a frail patient with a short life expectancy both sections speak of the painful stable lesion: medical treatment and radiotherapy stay acceptable beside cementoplasty.",
             "Chez un patient fragile à l'espérance de vie courte, les deux sections visent la lésion douloureuse stable : traitement médical et radiothérapie restent acceptables à côté de la cimentoplastie."),
        Text("Beside a femoral lesion: fracture risk in the load zone is read as an extensive involvement of the roof.",
             "À côté d'une lésion fémorale : le risque fracturaire en zone portante est lu comme une atteinte étendue du toit."),
        Text("Oncological resection of the acetabulum is an option at no step.",
             "La résection carcinologique du cotyle n'est une option à aucune étape."),
    ),
)  # fmt: skip
