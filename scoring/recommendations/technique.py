"""Surgical technique by bone segment (G1 3.7.2; G2 4.1, 4.2). A segment that the text does not name has no measure."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, G2, Source, Text

from . import parameters as P
from . import vocabularies as V

SHAFT_BONES = ("femur", "humerus", "tibia")
PERIPHERAL_BONES = ("radius", "ulna", "fibula", "metacarpal", "metatarsal")
RESECTIONS = ("resection_reconstruction", "megaprosthesis")

_life = pl.col("life_expectancy_days")
_bone, _segment = pl.col("bone"), pl.col("segment")
_technique, _intent = pl.col("procedure_technique"), pl.col("procedure_intent")
_orthopaedic = pl.col("category") == "orthopaedic_surgery"
_operation = pl.col("limb_operation")
_nailed, _plated, _screwed = pl.col("nailed"), pl.col("plated"), pl.col("screwed")
_curettage, _cement = pl.col("curettage_done"), pl.col("cement_done")
_shaft_bone = _bone.is_in(list(SHAFT_BONES))
_resected = _technique.is_in(list(RESECTIONS))
_rule = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.LIMB_SURGERY, vocabulary=V.TECHNIQUE)
_optional = partial(_rule, strength=Strength.OPTIONAL, met=None)

_over_one_year = Ground(
    "resection_over_one_year", _resected & (_life > P.ONE_YEAR),
    Text(f"resection and reconstruction, life expectancy over one year ({P.ONE_YEAR} days; G1 3.7)", f"résection-reconstruction, espérance de vie de plus d'un an ({P.ONE_YEAR} jours ; G1 3.7)"),
)  # fmt: skip
_short = Ground(
    "life_expectancy_six_months_or_less", _life <= P.SIX_MONTHS,
    Text(f"life expectancy of six months ({P.SIX_MONTHS} days) or less", f"espérance de vie de six mois ({P.SIX_MONTHS} jours) ou moins"),
)  # fmt: skip
_screws_indicated = Ground(
    "percutaneous_screws_indicated",
    _screwed & (_bone == "femur") & _segment.is_in(["head", "neck", "trochanteric"]) & (pl.col("lesion_type") == "lytic") & ((_intent == "fracture") | pl.col("prefracture")),
    Text("percutaneous screws of a lytic proximal femur, broken or about to break (G1 3.6.2)", "vissage percutané d'un fémur proximal lytique, fracturé ou pré-fracturaire (G1 3.6.2)"),
)  # fmt: skip
_given_technique = V.given(
    *((name, _technique == name) for name in ("megaprosthesis", "total_hip_arthroplasty", "arthroplasty", "resection_reconstruction")),
    ("intramedullary_nail", _nailed),
    ("locking_plate", _plated),
    ("percutaneous_screw", _screwed),
    ("other", _technique.is_not_null()),
)  # fmt: skip
_supplement = V.chosen(
    ("curettage_cementation", _curettage & _cement),
    ("cement_alone", _cement),
    ("curettage_alone", _curettage),
    otherwise="osteosynthesis_alone",
)
_SUPPLEMENTS = ("curettage_cementation", "cement_alone", "curettage_alone", "osteosynthesis_alone")

RULES = (
    # Shafts of the long bones and the part next to them are preferably fixed.
    _rule(
        id="G1-3.7.2-01", strength=Strength.PERMISSIVE, source=Source(G1, "3.7.2"),
        title=Text("Osteosynthesis of diaphyseal and metaphyso-diaphyseal lesions", "Ostéosynthèse des lésions diaphysaires et métaphyso-diaphysaires"),
        population=Text("operations on a diaphyseal or metaphyso-diaphyseal lesion of femur, humerus or tibia", "interventions sur une lésion diaphysaire ou métaphyso-diaphysaire du fémur, de l'humérus ou du tibia"),
        action=Text("nail, locking plate or percutaneous screws", "clou, plaque à vis verrouillées ou vissage percutané"),
        applies=_operation & _shaft_bone & _segment.is_in(["diaphysis", "metaphyso_diaphyseal"]),
        met=_nailed | _plated | _screwed,
        judged_on=("procedure_lesion", "limb_operation", "bone", "segment", "procedure_technique", "nailed", "plated", "screwed", "life_expectancy_days"),
        recommended=("intramedullary_nail", "locking_plate"), given=_given_technique,
        exceptions=(_over_one_year,),
        aliases=("G2-4.1-01",),
        reading=Text("The subtrochanteric femur is not named and is not judged. Percutaneous screws are an osteosynthesis; which one is chosen is judged by G1-3.7.2-02.", "Le fémur sous-trochantérien n'est pas cité et n'est pas jugé. Le vissage percutané est une ostéosynthèse ; le choix de l'implant relève de G1-3.7.2-02."),
    ),
    # The osteosynthesis is a nail or a locking plate.
    _rule(
        id="G1-3.7.2-02", strength=Strength.PERMISSIVE, source=Source(G1, "3.7.2"),
        title=Text("Osteosynthesis by nail or locking plate", "Ostéosynthèse par clou ou plaque à vis verrouillées"),
        population=Text("osteosyntheses of femur, humerus or tibia", "ostéosynthèses du fémur, de l'humérus ou du tibia"),
        action=Text("nail or locking plate", "clou centromédullaire ou plaque à vis verrouillées"),
        applies=_orthopaedic & _shaft_bone & pl.col("osteosynthesis"),
        met=_nailed | _plated,
        judged_on=("procedure_lesion", "bone", "osteosynthesis", "nailed", "plated", "screwed", "procedure_technique"),
        recommended=("intramedullary_nail", "locking_plate"), given=_given_technique,
        exceptions=(Ground("percutaneous_screw", _screwed, Text("percutaneous screws (G1 3.6.2)", "vissage percutané (G1 3.6.2)")),),
        reading=Text("The registry has no word for other implants: an operation of another technique, made for a fracture, to prevent one or to consolidate, is read as an osteosynthesis by other means.", "Le registre n'a pas de mot pour les autres implants : une intervention d'une autre technique, faite pour une fracture, en prévention ou en consolidation, est lue comme une ostéosynthèse par un autre moyen."),
    ),
    # Curettage and cement may be added: with post-operative radiotherapy always advised, every choice is allowed.
    _optional(
        id="G1-3.7.2-03", source=Source(G1, "3.7.2"),
        title=Text("Curettage and cement with an osteosynthesis", "Curetage-cimentation associé à l'ostéosynthèse"),
        population=Text("osteosyntheses", "ostéosynthèses"),
        action=Text("curettage and cement added, or not", "curetage-cimentation associé, ou non"),
        applies=_orthopaedic & pl.col("osteosynthesis"),
        judged_on=("osteosynthesis", "curettage_done", "cement_done", "bone_loss_major", "postoperative_radiotherapy"),
        recommended=_SUPPLEMENTS, given=_supplement,
        reading=Text("Allowed for major bone loss or with radiotherapy, and radiotherapy is always advised after surgery: it cannot fail (C27).", "Permis en cas de perte osseuse importante ou de radiothérapie associée, or la radiothérapie est toujours conseillée après chirurgie : aucun écart possible (C27)."),
    ),
    # Femoral head and neck: preferably an arthroplasty.
    _rule(
        id="G1-3.7.2-04", strength=Strength.PERMISSIVE, source=Source(G1, "3.7.2"),
        title=Text("Arthroplasty for the femoral head and neck", "Arthroplastie pour la tête et le col du fémur"),
        population=Text("operations on a lesion of the femoral head or neck", "interventions sur une lésion de la tête ou du col du fémur"),
        action=Text("arthroplasty", "arthroplastie"),
        applies=_operation & pl.col("head_or_neck"),
        met=pl.col("arthroplasty"),
        judged_on=("procedure_lesion", "limb_operation", "head_or_neck", "procedure_technique", "arthroplasty", "life_expectancy_days", "lesion_type", "prefracture"),
        recommended=("arthroplasty", "total_hip_arthroplasty", "megaprosthesis"), given=_given_technique,
        exceptions=(_short, _over_one_year, _screws_indicated),
        aliases=("G2-4.2-05",),
        reading=Text(f"With {P.SIX_MONTHS} days to live or less there is no arthroplasty (G1-3.7.2-05). Other joints: G2-4.2-01.", f"Avec {P.SIX_MONTHS} jours d'espérance de vie ou moins, pas d'arthroplastie (G1-3.7.2-05). Autres articulations : G2-4.2-01."),
    ),
    # Shaft, trochanteric region, proximal humerus: the nail is the usual implant.
    _rule(
        id="G2-4.1-02", strength=Strength.PERMISSIVE, source=Source(G2, "4.1"),
        title=Text("Nail for the shaft, the trochanteric region and the proximal humerus", "Clou pour la diaphyse, le massif trochantérien et l'humérus proximal"),
        population=Text("osteosyntheses of the shaft of femur or humerus, of the trochanteric region, of the proximal humerus", "ostéosynthèses de la diaphyse du fémur ou de l'humérus, du massif trochantérien, de l'humérus proximal"),
        action=Text("intramedullary nail", "enclouage centromédullaire"),
        applies=_orthopaedic & pl.col("osteosynthesis") & pl.col("nail_site"),
        met=_nailed,
        judged_on=("procedure_lesion", "osteosynthesis", "nail_site", "nailed", "procedure_technique", "lesion_type", "prefracture"),
        recommended=("intramedullary_nail",), given=_given_technique,
        exceptions=(_screws_indicated,),
        reading=Text("A lesion that reaches the trochanteric region from the neck follows G2-4.2-06 (C19). Tibia: nail or plate (G1-3.7.2-02). An arthroplasty is no osteosynthesis and is not judged here.", "Une lésion du col étendue au massif trochantérien relève de G2-4.2-06 (C19). Tibia : clou ou plaque (G1-3.7.2-02). Une arthroplastie n'est pas une ostéosynthèse et n'est pas jugée ici."),
    ),
    # With a nail, curettage and cement only for major bone loss.
    _rule(
        id="G2-4.1-03", strength=Strength.PERMISSIVE, source=Source(G2, "4.1"),
        title=Text("Nail: curettage and cement only for major bone loss", "Clou : curetage-cimentation seulement si perte osseuse importante"),
        population=Text("nailings", "enclouages"),
        action=Text("no curettage with cement, or major bone loss", "pas de curetage-cimentation, ou perte osseuse importante"),
        applies=_orthopaedic & _nailed,
        met=~(_curettage & _cement) | pl.col("bone_loss_major"),
        judged_on=("nailed", "curettage_done", "cement_done", "bone_loss_major", "postoperative_radiotherapy"),
        recommended=("osteosynthesis_alone",), given=V.given(*zip(_SUPPLEMENTS, (_curettage & _cement, _cement, _curettage, ~_cement & ~_curettage), strict=True)),
        exceptions=(
            Ground("radiotherapy_associated", pl.col("postoperative_radiotherapy"), Text("radiotherapy associated (G1 3.7.2)", "radiothérapie associée (G1 3.7.2)")),
        ),
        reading=Text("G2 names bone loss alone; G1 also names radiotherapy, which therefore excuses.", "G2 ne cite que la perte osseuse ; G1 cite aussi la radiothérapie, qui justifie donc."),
    ),
    # The cement is placed after the nail.
    _rule(
        id="G2-4.1-04", strength=Strength.BINDING, source=Source(G2, "4.1"),
        title=Text("Cement placed after the nail", "Ciment mis en place après le clou"),
        population=Text("nailings with cement", "enclouages avec ciment"),
        action=Text("nail first, then cement", "clou d'abord, ciment ensuite"),
        applies=_orthopaedic & _nailed & _cement,
        met=pl.col("cement_after_nail"),
        judged_on=("nailed", "cement_done", "cement_after_nail"),
        recommended=("cement_after_nail",),
        given=V.given(("cement_after_nail", pl.col("cement_after_nail")), ("cement_before_nail", ~pl.col("cement_after_nail"))),
    ),
    # Nail of the femoral shaft: a screw into the neck.
    _rule(
        id="G2-4.1-05", strength=Strength.PERMISSIVE, source=Source(G2, "4.1"),
        title=Text("Femoral-neck screw with a nail of the femoral shaft", "Vis cervicale avec un clou de la diaphyse fémorale"),
        population=Text("nailings for a lesion of the femoral shaft", "enclouages pour une lésion de la diaphyse fémorale"),
        action=Text("screw into the femoral neck", "vis cervicale"),
        applies=_orthopaedic & (_bone == "femur") & (_segment == "diaphysis") & _nailed,
        met=pl.col("cervical_screw"),
        judged_on=("procedure_lesion", "bone", "segment", "nailed", "cervical_screw"),
        recommended=("cervical_screw",),
        given=V.given(("cervical_screw", pl.col("cervical_screw")), ("no_cervical_screw", ~pl.col("cervical_screw"))),
    ),
    # Curettage and cement may be added to a plate: the reasons always hold.
    _optional(
        id="G2-4.1-07", source=Source(G2, "4.1"),
        title=Text("Curettage and cement with a locking plate", "Curetage-cimentation associé à la plaque"),
        population=Text("osteosyntheses by locking plate", "ostéosynthèses par plaque à vis verrouillées"),
        action=Text("curettage and cement added, or not", "curetage-cimentation associé, ou non"),
        applies=_orthopaedic & _plated,
        judged_on=("plated", "curettage_done", "cement_done", "bone_loss_major", "postoperative_radiotherapy"),
        recommended=_SUPPLEMENTS, given=_supplement,
        reading=Text("Poor bone, major loss or radiotherapy; radiotherapy is always advised after surgery: it cannot fail (C27).", "Os de mauvaise qualité, perte importante ou radiothérapie ; la radiothérapie est toujours conseillée après chirurgie : aucun écart possible (C27)."),
    ),
    # Forearm, fibula, metacarpals and metatarsals: plate, or radiotherapy alone.
    _rule(
        id="G2-4.1-08", strength=Strength.BINDING, source=Source(G2, "4.1"),
        title=Text("Peripheral bones: plate or radiotherapy alone", "Os périphériques : plaque ou radiothérapie isolée"),
        population=Text("operations on a lesion of radius, ulna, fibula, metacarpal or metatarsal", "interventions sur une lésion du radius, de l'ulna, de la fibula, d'un métacarpien ou d'un métatarsien"),
        action=Text("plate", "plaque"),
        applies=_operation & _bone.is_in(list(PERIPHERAL_BONES)),
        met=pl.col("any_plate"),
        judged_on=("procedure_lesion", "limb_operation", "bone", "any_plate", "procedure_technique", "life_expectancy_days"),
        recommended=("locking_plate", "radiotherapy_alone"), given=_given_technique,
        exceptions=(_over_one_year,),
        reading=Text("Prevails over Mirels of 9 or more (C21). Another technique may be a plate that does not lock: not assessable. Radiotherapy alone is as recommended and opens no decision; ablation and cementoplasty follow G1 3.6.", "Prévaut sur Mirels de 9 ou plus (C21). Une autre technique peut être une plaque non verrouillée : non évaluable. La radiothérapie isolée est conforme et n'ouvre pas de décision ; ablation et cimentoplastie relèvent de G1 3.6."),
    ),
    # Any joint may be replaced.
    _optional(
        id="G2-4.2-01", source=Source(G2, "4.2"),
        title=Text("Lesions that reach a joint: arthroplasty or another technique", "Atteintes articulaires : arthroplastie ou autre technique"),
        population=Text("operations on a lesion outside the spine that reaches a joint", "interventions sur une lésion non rachidienne atteignant une articulation"),
        action=Text("arthroplasty, or another technique", "arthroplastie, ou autre technique"),
        applies=_operation & ~_bone.is_in(["vertebra", "sacrum"]) & pl.col("articular"),
        judged_on=("procedure_lesion", "limb_operation", "bone", "articular", "procedure_technique"),
        recommended=("arthroplasty", "total_hip_arthroplasty", "megaprosthesis", "resection_reconstruction", "intramedullary_nail", "locking_plate", "percutaneous_screw", "other"),
        given=_given_technique,
        reading=Text("May be treated by arthroplasty: never a fault. Head and neck of the femur: G1-3.7.2-04.", "Peuvent être traitées par arthroplastie : jamais une faute. Tête et col du fémur : G1-3.7.2-04."),
    ),
    # Hip prostheses are cemented on both sides.
    _rule(
        id="G2-4.2-03", strength=Strength.BINDING, source=Source(G2, "4.2"),
        title=Text("Hip prostheses cemented on both sides", "Prothèses de hanche cimentées des deux côtés"),
        population=Text("arthroplasties of the hip", "arthroplasties de la hanche"),
        action=Text("femoral component cemented, and the acetabular one where there is one", "pièce fémorale cimentée, et pièce acétabulaire s'il y en a une"),
        applies=_orthopaedic & pl.col("arthroplasty") & pl.col("hip"),
        met=pl.col("both_sides_cemented"),
        judged_on=("procedure_lesion", "arthroplasty", "hip", "both_sides_cemented"),
        vocabulary=V.CEMENTING, recommended=("cemented",),
        given=V.given(("cemented", pl.col("both_sides_cemented")), ("uncemented", ~pl.col("both_sides_cemented"))),
        reading=Text("Hip: total hip arthroplasty, or a prosthesis for the proximal femur or the acetabulum. A prosthesis other than a total one may have no acetabular component.", "Hanche : prothèse totale de hanche, ou prothèse pour le fémur proximal ou le cotyle. Une prothèse non totale peut ne pas avoir de pièce acétabulaire."),
    ),
    # A neck lesion that reaches the trochanteric region: resection of the proximal femur, medallion kept.
    _rule(
        id="G2-4.2-06", strength=Strength.BINDING, source=Source(G2, "4.2"),
        title=Text("Femoral neck extending to the trochanteric region: proximal resection", "Col du fémur étendu au massif trochantérien : résection proximale"),
        population=Text("operations on a femoral-neck lesion that extends to the trochanteric or subtrochanteric region", "interventions sur une lésion du col du fémur étendue à la région trochantérienne ou sous-trochantérienne"),
        action=Text("resection of the proximal femur with a trochanteric medallion kept", "résection fémorale proximale conservant un médaillon trochantérien"),
        applies=_operation & pl.col("neck_extended"),
        met=_resected & pl.col("trochanteric_medallion"),
        judged_on=("procedure_lesion", "limb_operation", "neck_extended", "procedure_technique", "trochanteric_medallion", "life_expectancy_days"),
        recommended=("proximal_resection",),
        given=V.given(("proximal_resection", _resected & pl.col("trochanteric_medallion")), *((name, _technique == name) for name in ("megaprosthesis", "resection_reconstruction", "total_hip_arthroplasty", "arthroplasty")), ("intramedullary_nail", _nailed), ("locking_plate", _plated), ("percutaneous_screw", _screwed), ("other", _technique.is_not_null())),
        exceptions=(_short,),
        ambers=(
            Ground("six_months_to_one_year", (_life > P.SIX_MONTHS) & (_life <= P.ONE_YEAR), Text(f"life expectancy of six months to one year ({P.SIX_MONTHS + 1} to {P.ONE_YEAR} days): a heavy operation is debatable", f"espérance de vie de six mois à un an (de {P.SIX_MONTHS + 1} à {P.ONE_YEAR} jours) : une intervention lourde se discute")),
        ),
        reading=Text(f"Asks for an involved neck and more than {P.SIX_MONTHS} days to live, without reserve above {P.ONE_YEAR}; below, a nail is accepted (C19).", f"Suppose une atteinte du col et une espérance de vie de plus de {P.SIX_MONTHS} jours, sans réserve au-delà de {P.ONE_YEAR} ; en deçà, un clou est accepté (C19)."),
    ),
    # After that resection the megaprosthesis is cemented into the femoral shaft.
    _rule(
        id="G2-4.2-07", strength=Strength.BINDING, source=Source(G2, "4.2"),
        title=Text("Proximal femur resected: cemented megaprosthesis", "Fémur proximal réséqué : méga-prothèse cimentée"),
        population=Text("resections of the proximal femur for a neck lesion that extends to the trochanteric or subtrochanteric region", "résections du fémur proximal pour une lésion du col étendue à la région trochantérienne ou sous-trochantérienne"),
        action=Text("megaprosthesis, femoral component cemented", "méga-prothèse, pièce fémorale cimentée"),
        applies=_operation & pl.col("neck_extended") & _resected,
        met=(_technique == "megaprosthesis") & pl.col("cemented_femoral"),
        judged_on=("procedure_lesion", "limb_operation", "neck_extended", "procedure_technique", "cemented_femoral"),
        recommended=("cemented_megaprosthesis",),
        given=V.given(("cemented_megaprosthesis", (_technique == "megaprosthesis") & pl.col("cemented_femoral")), ("megaprosthesis", _technique == "megaprosthesis"), ("resection_reconstruction", _resected)),
        reading=Text("What follows the resection: where the femur was not resected, G2-4.2-06 judges alone.", "Ce qui suit la résection : si le fémur n'a pas été réséqué, seul G2-4.2-06 juge."),
    ),
)  # fmt: skip
