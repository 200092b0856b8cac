"""Technique by bone and segment (S19; G1 3.6.2, 3.7.2, G2 4.1, 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from scoring.context import Context
from scoring.core.classification import ClassColumn, Classification
from scoring.core.text import G2, Source, Text

from .columns import UNKNOWN, first_of

NO_RULE = (
    "clavicle", "scapula", "sternum", "rib", "skull", "patella", "phalanx", "carpus", "tarsus", "sacrum",
)  # fmt: skip
PERIPHERAL = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")

_bone, _segment = pl.col("bone"), pl.col("segment")
_articular, _extended = pl.col("articular"), pl.col("trochanteric_extension")
_neck_reaching_further = _segment.is_in(["head", "neck"]) & _extended
_tibial_end = (_bone == "tibia") & _segment.is_in(["proximal_end", "distal_end"])


@dataclass(frozen=True)
class Zone:
    """A part of the skeleton for which the text says the same; `joint`: an arthroplasty is possible where a joint is reached."""

    words: Text
    where: pl.Expr
    techniques: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    coverage: str = "covered"
    joint: bool = False


ZONES = {
    "femoral_head_neck": Zone(
        Text("femoral head or neck", "tête ou col du fémur"),
        (_bone == "femur") & (((_segment == "head") & ~_extended.fill_null(False)) | ((_segment == "neck") & ~_extended)),
        ("arthroplasty",), ("cemented", "life_expectancy_over_6_months"),
        ("G1-3.7.2-04", "G1-3.7.2-05", "G1-3.7.2-06", "G2-4.2-03", "G2-4.2-05"),
    ),
    "femoral_neck_extended": Zone(
        Text("femoral neck reaching the trochanteric region", "col du fémur étendu à la région trochantérienne"),
        (_bone == "femur") & _neck_reaching_further,
        ("megaprosthesis",), ("cemented", "trochanteric_medallion", "life_expectancy_over_6_months", "nail_if_shorter"),
        ("G2-4.2-06", "G2-4.2-07"),
    ),
    "trochanteric": Zone(
        Text("trochanteric and subtrochanteric region", "région trochantérienne et sous-trochantérienne"),
        (_bone == "femur") & _segment.is_in(["trochanteric", "subtrochanteric"]),
        ("intramedullary_nail", "percutaneous_screw"), ("screw_if_lytic_and_mirels_over_8",),
        ("G2-4.1-02", "G1-3.6.2-01"),
    ),
    "femoral_diaphysis": Zone(
        Text("femoral diaphysis", "diaphyse fémorale"),
        (_bone == "femur") & (_segment == "diaphysis"),
        ("intramedullary_nail",), ("cervical_screw", "curettage_cement_after_nail_if_major_loss"),
        ("G2-4.1-02", "G2-4.1-03", "G2-4.1-04", "G2-4.1-05"),
    ),
    "distal_femur_humerus": Zone(
        Text("distal femur or humerus", "extrémité distale du fémur ou de l'humérus"),
        _bone.is_in(["femur", "humerus"]) & (_segment == "distal_end"),
        ("locking_plate",), ("curettage_cement_allowed",), ("G2-4.1-06", "G2-4.1-07"), joint=True,
    ),
    "proximal_humerus_and_shaft": Zone(
        Text("proximal humerus and humeral diaphysis", "extrémité proximale et diaphyse de l'humérus"),
        (_bone == "humerus") & _segment.is_in(["head", "neck", "proximal_end", "diaphysis"]),
        ("intramedullary_nail",), (), ("G2-4.1-02",), joint=True,
    ),
    "metaphyso_diaphysis": Zone(
        Text("tibial diaphysis, metaphyso-diaphysis of femur, humerus and tibia", "diaphyse tibiale, métaphyso-diaphyse du fémur, de l'humérus et du tibia"),
        ((_bone == "tibia") & (_segment == "diaphysis")) | (_bone.is_in(["femur", "humerus", "tibia"]) & (_segment == "metaphyso_diaphyseal")),
        ("intramedullary_nail", "locking_plate"), (), ("G1-3.7.2-01", "G1-3.7.2-02"),
    ),
    "tibial_joint": Zone(
        Text("tibial end reaching the joint", "extrémité du tibia atteignant l'articulation"), _tibial_end & _articular, joint=True,
    ),
    "peripheral": Zone(
        Text("radius, ulna, fibula, metacarpals, metatarsals", "radius, ulna, fibula, métacarpiens, métatarsiens"),
        _bone.is_in(list(PERIPHERAL)), ("locking_plate", "radiotherapy_alone"), (), ("G2-4.1-08",), joint=True,
    ),
    "pelvis": Zone(
        Text("pelvis outside the acetabulum", "bassin hors cotyle"),
        (_bone == "pelvis") & _segment.is_in(["iliac_wing", "ischium_pubis"]),
        ("percutaneous_screw", "cementoplasty"), ("screw_if_fractured", "cement_if_painful"), ("G1-3.6.2-02",),
    ),
    "acetabulum": Zone(Text("acetabulum: algorithm of its own", "cotyle : algorithme propre"), (_bone == "pelvis") & (_segment == "acetabulum"), coverage="elsewhere"),
    "vertebra": Zone(Text("vertebra: by the spinal scores", "vertèbre : selon les scores rachidiens"), _bone == "vertebra", coverage="elsewhere"),
    "no_rule": Zone(
        Text("bone or segment without a rule", "os ou segment sans règle"), _bone.is_in(list(NO_RULE)) | (_tibial_end & ~_articular), coverage="not_covered",
    ),
}  # fmt: skip
AT_A_JOINT = {
    "techniques": "arthroplasty",
    "conditions": "cemented|life_expectancy_over_6_months",
    "rules": "G1-3.7.2-04|G2-4.2-01",
}
"""What is added to a zone where the lesion reaches a joint."""
IF_AT_A_JOINT = {"conditions": "arthroplasty_if_articular", "rules": AT_A_JOINT["rules"]}
"""What is added where it is not known whether it does."""


def evaluate(context: Context) -> pl.DataFrame:
    """One row per bone lesion."""
    zones = {name: zone.where for name, zone in ZONES.items()}
    rows = context.lesions.with_columns(zone=first_of(zones)).join(_declared(), on="zone", how="left")
    return rows.with_columns(
        *[_added(column).alias(column) for column in AT_A_JOINT], coverage=pl.col("coverage").fill_null("unknown")
    )


def _declared() -> pl.DataFrame:
    """The zones as a table, "|" between tokens."""
    return pl.DataFrame(
        {
            "zone": list(ZONES),
            "coverage": [zone.coverage for zone in ZONES.values()],
            "joint": [zone.joint for zone in ZONES.values()],
            "techniques": ["|".join(zone.techniques) for zone in ZONES.values()],
            "conditions": ["|".join(zone.conditions) for zone in ZONES.values()],
            "rules": ["|".join(zone.rules) for zone in ZONES.values()],
        }
    )


def _added(column: str) -> pl.Expr:
    """The tokens of the zone, and those of an arthroplasty where the lesion reaches a joint, or may."""
    reached = pl.when(pl.col("joint") & _articular).then(pl.lit(AT_A_JOINT[column]))
    perhaps = pl.when(pl.col("joint") & _articular.is_null()).then(pl.lit(IF_AT_A_JOINT.get(column)))
    own = pl.when(pl.col(column) != "").then(pl.col(column))
    return pl.concat_str(own, reached, perhaps, separator="|", ignore_nulls=True)


_TECHNIQUES = {
    "arthroplasty": Text("arthroplasty", "arthroplastie"),
    "megaprosthesis": Text(
        "proximal femoral resection with mega-prosthesis", "résection fémorale proximale et méga-prothèse"
    ),
    "intramedullary_nail": Text("intramedullary nail", "enclouage centromédullaire"),
    "percutaneous_screw": Text("percutaneous screws", "vissage percutané"),
    "locking_plate": Text("locking plate", "plaque à vis verrouillées"),
    "cementoplasty": Text("cementoplasty", "cimentoplastie"),
    "radiotherapy_alone": Text("radiotherapy alone", "radiothérapie isolée"),
}
_CONDITIONS = {
    "cemented": Text("prosthesis cemented", "prothèse cimentée"),
    "life_expectancy_over_6_months": Text(
        "prosthesis if life expectancy exceeds 6 months", "prothèse si l'espérance de vie dépasse 6 mois"
    ),
    "trochanteric_medallion": Text("trochanteric medallion kept", "médaillon trochantérien conservé"),
    "nail_if_shorter": Text(
        "nail accepted if life expectancy is shorter", "enclouage accepté si l'espérance de vie est plus courte"
    ),
    "screw_if_lytic_and_mirels_over_8": Text(
        "screws if lytic with a Mirels over 8", "vissage si lésion lytique et Mirels supérieur à 8"
    ),
    "cervical_screw": Text("nail with a screw into the femoral neck", "enclouage avec vis cervicale"),
    "curettage_cement_after_nail_if_major_loss": Text(
        "curettage and cement allowed if bone loss is major, cement after the nail",
        "curetage-cimentation possible si perte osseuse importante, ciment après l'enclouage",
    ),
    "curettage_cement_allowed": Text("curettage and cement allowed", "curetage-cimentation possible"),
    "arthroplasty_if_articular": Text(
        "arthroplasty too if a joint is reached", "arthroplastie aussi si l'articulation est atteinte"
    ),
    "screw_if_fractured": Text("screws if fractured", "vissage si fracture"),
    "cement_if_painful": Text("cementoplasty if painful", "cimentoplastie si douleur"),
}
_RULES = sorted({rule for zone in ZONES.values() for rule in zone.rules} | set(AT_A_JOINT["rules"].split("|")))

BONE_SEGMENTS = Classification(
    id="bone_segments",
    code="S19",
    title=Text("Technique by bone and segment", "Technique selon l'os et le segment"),
    row=Text("bone lesion", "lésion osseuse"),
    source=Source(G2, "4.1"),
    keys=("patient_id", "lesion_id"),
    columns=(
        ClassColumn("coverage", Text("Does the text cover it?", "Le texte la couvre-t-il ?"), "token", {
            "covered": Text("covered", "couverte"),
            "elsewhere": Text("covered by another algorithm", "couverte par un autre algorithme"),
            "not_covered": Text("not covered", "non couverte"),
        } | UNKNOWN),
        ClassColumn("zone", Text("Bone and segment", "Os et segment"), "token", {name: zone.words for name, zone in ZONES.items()} | UNKNOWN),
        ClassColumn("techniques", Text("Acceptable techniques", "Techniques acceptables"), "tokens", _TECHNIQUES),
        ClassColumn("conditions", Text("Conditions", "Conditions"), "tokens", _CONDITIONS),
        ClassColumn("rules", Text("Recommendations behind it", "Recommandations sources"), "tokens", {rule: Text(rule, rule) for rule in _RULES}),
    ),
    headline="coverage",
    evaluate=evaluate,
    holes=(
        Text("Clavicle, scapula, sternum, ribs, skull, patella, phalanges, carpus, tarsus, sacrum and the ends of the tibia that do not reach a joint have no rule: not covered, never a deviation.",
             "Clavicule, scapula, sternum, côtes, crâne, patella, phalanges, carpe, tarse, sacrum et extrémités du tibia n'atteignant pas l'articulation n'ont pas de règle : non couverts, jamais un écart."),
        Text("Trochanteric lesions are given a nail, a proximal resection or percutaneous screws in three places (C19): the neck decides, a lesion of the neck that reaches further being resected.",
             "Les lésions trochantériennes relèvent selon les endroits d'un enclouage, d'une résection proximale ou d'un vissage percutané (C19) : le col décide, une lésion du col étendue étant réséquée."),
        Text("Whether a neck lesion reaches further must be recorded; a lesion of the head is taken not to unless it is recorded to.",
             "L'extension d'une lésion du col doit être notée ; une lésion de la tête est considérée comme non étendue, sauf mention contraire."),
        Text("The subtrochanteric region is read with the trochanteric one, as in the Mirels score.",
             "La région sous-trochantérienne est lue avec la région trochantérienne, comme dans le score de Mirels."),
        Text("The proximal resection asks for more than six months to live, as every prosthesis; under that the nail is read as accepted.",
             "La résection proximale demande plus de six mois d'espérance de vie, comme toute prothèse ; en deçà, l'enclouage est lu comme accepté."),
        Text("A Mirels over 8 is read as 9 or more, for the unfractured proximal femur alone: the score has no class for the pelvis nor for a broken bone (C05).",
             "Un Mirels supérieur à 8 est lu comme 9 ou plus, pour le seul fémur proximal non fracturé : le score n'a de classe ni pour le bassin ni pour un os fracturé (C05)."),
        Text("Plate or radiotherapy alone prevails over the Mirels score for radius, ulna and fibula (C21).",
             "Plaque ou radiothérapie isolée l'emporte sur le score de Mirels pour le radius, l'ulna et la fibula (C21)."),
        Text("Any joint lesion may have an arthroplasty: added at the ends of the humerus, the distal femur, the tibia and the peripheral bones.",
             "Toute atteinte articulaire peut relever d'une arthroplastie : ajoutée aux extrémités de l'humérus, au fémur distal, au tibia et aux os périphériques."),
        Text("Conditions are named and not judged here. A segment that is not recorded, does not belong to the bone or may be one of several leaves the answer open.",
             "Les conditions sont nommées et non jugées ici. Un segment non noté, étranger à l'os ou pouvant en être plusieurs laisse la réponse ouverte."),
    ),
)  # fmt: skip
