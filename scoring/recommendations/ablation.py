"""Percutaneous ablation: indications, technique and stay (G1 3.6.3)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Ground, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V
from .interventional import PALLIATIVE

ANAESTHESIA = ("sedation", "general", "epidural")
_is_ablation = pl.col("ablation")
_metastases, _nights, _anaesthesia = pl.col("n_bone_metastases"), pl.col("nights"), pl.col("anaesthesia")
_ultrasound, _technique = pl.col("focused_ultrasound"), pl.col("procedure_technique")
_complication = Ground("complication", pl.col("complication_in_stay") & (_nights > P.STAY_MOST), Text("complication during the stay", "complication pendant le séjour"))  # fmt: skip
_ablation = partial(
    Recommendation, grain=Grain.PROCEDURE, domain=Domain.INTERVENTIONAL, strength=Strength.PERMISSIVE,
    source=Source(G1, "3.6.3"),
)  # fmt: skip
_given_technique = V.given(
    ("microwave", pl.col("microwave")),
    ("focused_ultrasound", _ultrasound),
    ("radiofrequency", _technique == "radiofrequency_ablation"),
    ("cryoablation", _technique == "cryoablation"),
    ("radiofrequency", pl.col("associated_techniques").list.contains("radiofrequency_ablation")),
    ("cryoablation", pl.col("associated_techniques").list.contains("cryoablation")),
)

RULES = (
    # Oligometastatic disease, or inflammatory pain.
    _ablation(
        id="G1-3.6.3-01",
        title=Text("Ablation for oligometastatic disease or inflammatory pain", "Ablation en cas de maladie oligométastatique ou de douleur inflammatoire"),
        population=Text("percutaneous ablations", "ablations percutanées"),
        action=Text("one to three bone metastases, or inflammatory or mixed pain", "une à trois métastases osseuses, ou douleur inflammatoire ou mixte"),
        applies=_is_ablation,
        met=((_metastases >= 1) & (_metastases <= P.SBRT_MOST_SITES)) | pl.col("pain_mechanism").is_in(["inflammatory", "mixed"]),
        judged_on=("ablation", "n_bone_metastases", "pain_mechanism"),
        vocabulary=V.ABLATION_TECHNIQUE, recommended=("none",), do_not=True, given=_given_technique,
        reading=Text("Oligometastatic is not defined here: one to three bone metastases, as for stereotactic radiotherapy. Mixed pain counts as inflammatory.", "Oligométastatique n'est pas défini ici : une à trois métastases osseuses, comme pour la radiothérapie stéréotaxique. La douleur mixte compte comme inflammatoire."),
    ),
    # Microwaves are little studied in bone.
    _ablation(
        id="G1-3.6.3-02",
        title=Text("Ablation otherwise than by microwaves", "Ablation par une autre technique que les micro-ondes"),
        population=Text("percutaneous ablations", "ablations percutanées"),
        action=Text("radiofrequency, cryoablation or focused ultrasound rather than microwaves", "radiofréquence, cryoablation ou ultrasons focalisés plutôt que micro-ondes"),
        applies=_is_ablation, met=~pl.col("microwave"),
        judged_on=("ablation", "microwave", "procedure_technique"),
        vocabulary=V.ABLATION_TECHNIQUE, recommended=("radiofrequency", "cryoablation", "focused_ultrasound"), given=_given_technique,
        reading=Text("A description in the text: few studies in bone, margins hard to control. Microwaves are to be justified.", "Une description dans le texte : peu d'études sur l'os, marges difficiles à contrôler. Les micro-ondes sont à justifier."),
    ),
    # No focused ultrasound of the spine.
    _ablation(
        id="G1-3.6.3-03",
        title=Text("No focused ultrasound of the spine", "Pas d'ultrasons focalisés sur le rachis"),
        population=Text("percutaneous ablations of a spinal lesion", "ablations percutanées d'une lésion rachidienne"),
        action=Text("a technique other than focused ultrasound", "une autre technique que les ultrasons focalisés"),
        applies=_is_ablation & pl.col("bone").is_in(["vertebra", "sacrum"]), met=~_ultrasound,
        judged_on=("procedure_lesion", "ablation", "bone", "focused_ultrasound"),
        vocabulary=V.ABLATION_TECHNIQUE, recommended=("radiofrequency", "cryoablation", "microwave"), given=_given_technique, do_not=True,
        reading=Text("The sacrum is read as spine.", "Le sacrum est lu comme rachis."),
    ),
    # Pain over 4 on 10 in spite of analgesics.
    _ablation(
        id="G1-3.6.3-04",
        title=Text("Palliative ablation: pain over 4/10 under analgesics", "Ablation palliative : douleur supérieure à 4/10 sous antalgiques"),
        population=Text("percutaneous ablations of palliative intent", "ablations percutanées à visée palliative"),
        action=Text(f"pain over {P.ABLATION_PAIN}/10 measured under analgesics in the {P.PROCEDURE_PAIN} days before", f"douleur supérieure à {P.ABLATION_PAIN}/10 mesurée sous antalgiques dans les {P.PROCEDURE_PAIN} jours précédents"),
        applies=_is_ablation & pl.col("procedure_intent").is_in(PALLIATIVE),
        met=(pl.col("pain_before") > P.ABLATION_PAIN) & pl.col("pain_on_analgesics"),
        judged_on=("ablation", "procedure_intent", "pain_before", "pain_on_analgesics"),
        vocabulary=V.ABLATION_TECHNIQUE, recommended=("none",), do_not=True, given=_given_technique,
        reading=Text("Palliative intent only: the text also offers ablation to painless oligometastases (C13). The last score before counts; exactly 4 is not enough.", "Visée palliative seulement : le texte propose aussi l'ablation des oligométastases indolores (C13). Le dernier score précédent compte ; 4 exactement ne suffit pas."),
    ),
    # Sedation, general or epidural anaesthesia.
    _ablation(
        id="G1-3.6.3-05",
        title=Text("Ablation under sedation, general or epidural anaesthesia", "Ablation sous sédation, anesthésie générale ou péridurale"),
        population=Text("percutaneous ablations", "ablations percutanées"),
        action=Text("sedation, general or epidural anaesthesia", "sédation, anesthésie générale ou péridurale"),
        applies=_is_ablation, met=_anaesthesia.is_in(ANAESTHESIA),
        judged_on=("ablation", "anaesthesia"),
        vocabulary=V.ANAESTHESIA, recommended=ANAESTHESIA,
        given=V.given(*((token, _anaesthesia == token) for token in V.ANAESTHESIA.words if token != "none")),
        reading=Text("Spinal anaesthesia and local anaesthesia alone are not listed.", "La rachianesthésie et l'anesthésie locale seule ne sont pas citées."),
    ),
    # One or two nights in hospital.
    _ablation(
        id="G1-3.6.3-06",
        title=Text("Ablation in a stay of one or two nights", "Ablation au cours d'un séjour d'une ou deux nuits"),
        population=Text("percutaneous ablations", "ablations percutanées"),
        action=Text(f"{P.STAY_FEWEST} or {P.STAY_MOST} nights in hospital", f"{P.STAY_FEWEST} ou {P.STAY_MOST} nuits d'hospitalisation"),
        applies=_is_ablation, met=(_nights >= P.STAY_FEWEST) & (_nights <= P.STAY_MOST),
        judged_on=("ablation", "nights", "complication", "complication_in_stay"),
        vocabulary=V.STAY, recommended=("one_or_two_nights",),
        given=V.given(("shorter", _nights < P.STAY_FEWEST), ("one_or_two_nights", _nights <= P.STAY_MOST), ("longer", _nights > P.STAY_MOST)),
        exceptions=(_complication,),
        reading=Text("24 to 48 hours are read from dates as one or two nights: a benchmark. A complication excuses a longer stay only.", "Les 24 à 48 heures sont lues sur les dates comme une ou deux nuits : un repère. Une complication n'excuse qu'un séjour plus long."),
    ),
)  # fmt: skip
