"""What can be recommended and what can have been given: one closed set of options per kind of decision."""

from __future__ import annotations

from typing import Any

import polars as pl

from scoring.core.recommendation import Vocabulary
from scoring.core.text import Text


def given(*options: tuple[str, pl.Expr]) -> pl.Expr:
    """The first option whose expression is true, else `none`."""
    chain: Any = pl.when(pl.lit(False)).then(pl.lit("none"))
    for token, holds in options:
        chain = chain.when(holds.fill_null(False)).then(pl.lit(token))
    expression: pl.Expr = chain.otherwise(pl.lit("none"))
    return expression


def chosen(*options: tuple[str, pl.Expr], otherwise: str = "none") -> pl.Expr:
    """The first option whose expression is true, else `otherwise`; null where an option that comes earlier is not known."""
    chain: Any = pl.when(pl.lit(False)).then(pl.lit("none"))
    for token, holds in options:
        chain = chain.when(holds.is_null()).then(None).when(holds).then(pl.lit(token))
    expression: pl.Expr = chain.otherwise(pl.lit(otherwise))
    return expression


IMAGING = Vocabulary(
    "imaging",
    {
        "whole_spine_mri": Text("whole-spine MRI", "IRM du rachis entier"),
        "centred_mri": Text("MRI centred on the lesion", "IRM centrée sur la lésion"),
        "fdg_pet": Text("FDG-PET", "TEP au FDG"),
        "bone_scintigraphy": Text("bone scintigraphy", "scintigraphie osseuse"),
        "none": Text("no examination", "pas d'examen"),
    },
)
FIELD = Vocabulary(
    "field",
    {
        "lower_limbs": Text("whole lower limbs in the field", "membres inférieurs entiers dans le champ"),
        "femurs": Text("femurs in the field", "fémurs dans le champ"),
        "shorter": Text("shorter field", "champ plus court"),
        "none": Text("field not recorded", "champ non renseigné"),
    },
)
SPECIALIST = Vocabulary(
    "specialist_opinion",
    {
        "consultation": Text("specialist consultation", "consultation spécialisée"),
        "mdt": Text("MDT meeting", "RCP"),
        "other_time": Text("opinion at another time", "avis à un autre moment"),
        "none": Text("no opinion", "pas d'avis"),
    },
)
DECALCIFICATION = Vocabulary(
    "decalcification",
    {
        "edta": Text("EDTA", "EDTA"),
        "acid": Text("acid", "acide"),
        "not_decalcified": Text("not decalcified", "sans décalcification"),
        "none": Text("not recorded", "non renseigné"),
    },
)
RESPONSE = Vocabulary(
    "response",
    {
        "treatment_continued": Text(
            "not called progression, treatment continued", "non conclu comme progression, traitement poursuivi"
        ),
        "called_progression": Text("called progression", "conclu comme progression"),
        "line_stopped": Text("line stopped for bone progression", "ligne arrêtée pour progression osseuse"),
        "none": Text("no conclusion", "pas de conclusion"),
    },
)
ANTIRESORPTIVE = Vocabulary(
    "antiresorptive",
    {
        "zoledronic_acid": Text("zoledronic acid", "acide zolédronique"),
        "denosumab": Text("denosumab", "dénosumab"),
        "other_bisphosphonate": Text("another bisphosphonate", "autre bisphosphonate"),
        "none": Text("no antiresorptive", "pas d'antirésorptif"),
    },
)
DOSE = Vocabulary(
    "dose",
    {
        "as_recommended": Text("dose as recommended", "dose recommandée"),
        "other": Text("other dose, route or duration", "autre dose, voie ou durée"),
        "dose_given": Text("dose given", "dose administrée"),
        "none": Text("no dose", "pas de dose"),
    },
)
INTERVAL = Vocabulary(
    "interval",
    {
        "too_early": Text("less than 21 days", "moins de 21 jours"),
        "monthly": Text("every month (21 to 35 days)", "mensuel (21 à 35 jours)"),
        "late": Text("36 to 49 days", "36 à 49 jours"),
        "missed": Text("more than 49 days", "plus de 49 jours"),
        "none": Text("not known", "non connu"),
    },
)
PARACETAMOL = Vocabulary(
    "paracetamol",
    {
        "both_days": Text("paracetamol on both days", "paracétamol les deux jours"),
        "one_day": Text("paracetamol on one of the days", "paracétamol un seul des deux jours"),
        "none": Text("no paracetamol", "pas de paracétamol"),
    },
)
MONITORING = Vocabulary(
    "renal_monitoring",
    {
        "denosumab": Text("denosumab chosen", "dénosumab choisi"),
        "renal_test": Text("renal function tested", "fonction rénale évaluée"),
        "none": Text("renal function not tested", "fonction rénale non évaluée"),
    },
)
CARE = Vocabulary(
    "care",
    {
        "done": Text("done", "réalisé"),
        "partly": Text("done in part", "réalisé en partie"),
        "other_time": Text("done at another time", "réalisé à un autre moment"),
        "none": Text("not done", "non réalisé"),
    },
)
DURATION = Vocabulary(
    "duration",
    {
        "two_years": Text("two years or more", "deux ans ou plus"),
        "shorter": Text("less than two years", "moins de deux ans"),
        "none": Text("no treatment", "pas de traitement"),
    },
)
SCHEDULE = Vocabulary(
    "schedule",
    {
        "30/10": Text("30 Gy in 10", "30 Gy en 10"),
        "24/6": Text("24 Gy in 6", "24 Gy en 6"),
        "20/5": Text("20 Gy in 5", "20 Gy en 5"),
        "8/1": Text("8 Gy in 1", "8 Gy en 1"),
        "other": Text("other schedule", "autre schéma"),
        "none": Text("not recorded", "non renseigné"),
    },
)
RT_START = Vocabulary(
    "radiotherapy_start",
    {
        "before_day_15": Text("before day 15", "avant le 15e jour"),
        "day_15_to_21": Text("day 15 to 21", "du 15e au 21e jour"),
        "day_22_to_28": Text("day 22 to 28", "du 22e au 28e jour"),
        "after_day_28": Text("after day 28", "après le 28e jour"),
        "none": Text("not known", "non connu"),
    },
)
ABLATIVE = Vocabulary(
    "ablative_radiotherapy",
    {
        "stereotactic": Text("ablative stereotactic radiotherapy", "radiothérapie stéréotaxique ablative"),
        "none": Text("no ablative stereotactic radiotherapy", "pas de radiothérapie stéréotaxique ablative"),
    },
)
LONG_BONE = Vocabulary(
    "long_bone",
    {
        "radiotherapy": Text("radiotherapy", "radiothérapie"),
        "mdt_discussion": Text("MDT discussion", "discussion en RCP"),
        "prophylactic_surgery": Text("prophylactic surgery", "chirurgie prophylactique"),
        "surgery_of_fracture": Text("surgery of the fracture", "chirurgie de la fracture"),
        "late_surgery": Text("surgery, late", "chirurgie tardive"),
        "none": Text("no local treatment", "pas de traitement local"),
    },
)
CORD_COMPRESSION = Vocabulary(
    "cord_compression",
    {
        "radiotherapy": Text("radiotherapy alone", "radiothérapie exclusive"),
        "surgery_then_radiotherapy": Text("surgery, then radiotherapy", "chirurgie puis radiothérapie"),
        "surgery": Text("surgery alone", "chirurgie seule"),
        "none": Text("no local treatment", "pas de traitement local"),
    },
)
OPINION = Vocabulary(
    "surgical_opinion",
    {
        "surgical_opinion": Text("spine surgeon's opinion", "avis d'un chirurgien du rachis"),
        "late_opinion": Text("opinion, late", "avis tardif"),
        "none": Text("no opinion", "pas d'avis"),
    },
)
SPINE = Vocabulary(
    "spine_strategy",
    {
        "conservative": Text("conservative treatment", "traitement conservateur"),
        "supportive_care": Text("supportive care", "soins de support"),
        "surgery": Text("spinal surgery", "chirurgie rachidienne"),
        "none": Text("no surgery", "pas de chirurgie"),
    },
)
MEETING = Vocabulary(
    "mdt",
    {
        "mdt_before": Text("MDT meeting before", "RCP avant"),
        "mdt_after": Text("MDT meeting soon after", "RCP peu après"),
        "mdt_too_early": Text("MDT meeting long before", "RCP ancienne"),
        "none": Text("no MDT meeting", "pas de RCP"),
    },
)
PROCEDURE = Vocabulary(
    "procedure",
    {
        "vertebroplasty": Text("vertebroplasty", "vertébroplastie"),
        "kyphoplasty": Text("kyphoplasty", "kyphoplastie"),
        "cementoplasty_alone": Text("cementoplasty alone", "cimentoplastie seule"),
        "cementoplasty_with_fixation": Text("cementoplasty with fixation", "cimentoplastie et fixation"),
        "locking_plate": Text("locking plate", "plaque à vis verrouillées"),
        "intramedullary_nail": Text("intramedullary nail", "enclouage centromédullaire"),
        "arthroplasty": Text("arthroplasty", "arthroplastie"),
        "surgery": Text("operation", "intervention chirurgicale"),
        "other": Text("other technique", "autre technique"),
        "none": Text("no operation", "pas d'intervention"),
    },
)
CEMENTING = Vocabulary(
    "cementing",
    {
        "cemented": Text("cemented", "cimentée"),
        "uncemented": Text("a component not cemented", "une pièce non cimentée"),
        "none": Text("not recorded", "non renseigné"),
    },
)
RESTART = Vocabulary(
    "restart",
    {
        "from_day_21": Text("from day 21 on", "à partir du 21e jour"),
        "day_15_to_20": Text("day 15 to 20", "du 15e au 20e jour"),
        "before_day_15": Text("before day 15", "avant le 15e jour"),
        "none": Text("not known", "non connu"),
    },
)

# Interventional radiology
INTERVENTIONAL = Vocabulary(
    "interventional",
    {
        "ablation_and_consolidation": Text("ablation and consolidation", "ablation et consolidation"),
        "ablation": Text("ablation alone", "ablation seule"),
        "consolidation": Text("consolidation alone", "consolidation seule"),
        "other": Text("other technique", "autre technique"),
        "none": Text("no interventional procedure", "pas de geste de radiologie interventionnelle"),
    },
)
GUIDANCE = Vocabulary(
    "guidance",
    {
        "guided": Text("percutaneous, guided by imaging", "percutanée, guidée par l'imagerie"),
        "otherwise": Text("open, or without imaging", "à ciel ouvert ou sans imagerie"),
        "none": Text("not recorded", "non renseigné"),
    },
)
CEMENTOPLASTY_INDICATION = Vocabulary(
    "cementoplasty_indication",
    {
        "borne_out": Text("indication borne out by the record", "indication étayée par le dossier"),
        "coded_only": Text("indication coded, not borne out", "indication codée, non étayée"),
        "recorded": Text("a listed indication", "une indication de la liste"),
        "none": Text("no listed indication", "pas d'indication de la liste"),
    },
)
SCREWING_SITE = Vocabulary(
    "screwing_site",
    {
        "pelvis": Text("screws in the pelvis", "vissage du bassin"),
        "femur": Text("screws in the femur", "vissage du fémur"),
        "other": Text("screws in another bone", "vissage d'un autre os"),
        "none": Text("no percutaneous screws", "pas de vissage percutané"),
    },
)
PELVIC_FRACTURE = Vocabulary(
    "pelvic_fracture",
    {
        "percutaneous_screws": Text("percutaneous screws", "vissage percutané"),
        "surgery": Text("open surgery", "chirurgie"),
        "other_interventional": Text("other interventional procedure", "autre geste de radiologie interventionnelle"),
        "none": Text("conservative treatment", "traitement conservateur"),
    },
)
ABLATION_TECHNIQUE = Vocabulary(
    "ablation_technique",
    {
        "microwave": Text("microwaves", "micro-ondes"),
        "radiofrequency": Text("radiofrequency", "radiofréquence"),
        "cryoablation": Text("cryoablation", "cryoablation"),
        "focused_ultrasound": Text("focused ultrasound", "ultrasons focalisés"),
        "none": Text("no ablation", "pas d'ablation"),
    },
)
ANAESTHESIA = Vocabulary(
    "anaesthesia",
    {
        "sedation": Text("sedation", "sédation"),
        "general": Text("general anaesthesia", "anesthésie générale"),
        "epidural": Text("epidural anaesthesia", "anesthésie péridurale"),
        "spinal": Text("spinal anaesthesia", "rachianesthésie"),
        "local": Text("local anaesthesia", "anesthésie locale"),
        "none": Text("not recorded", "non renseigné"),
    },
)
STAY = Vocabulary(
    "stay",
    {
        "shorter": Text("no night in hospital", "aucune nuit d'hospitalisation"),
        "one_or_two_nights": Text("one or two nights", "une ou deux nuits"),
        "longer": Text("longer stay", "séjour plus long"),
        "none": Text("not recorded", "non renseigné"),
    },
)
# Indications: limbs and painful lesions
PAINFUL_LESION = Vocabulary(
    "painful_lesion",
    {
        "radiotherapy": Text("radiotherapy", "radiothérapie"),
        "late_radiotherapy": Text("radiotherapy, late", "radiothérapie tardive"),
        "surgery": Text("surgery", "chirurgie"),
        "late_surgery": Text("surgery, late", "chirurgie tardive"),
        "interventional": Text("interventional radiology", "radiologie interventionnelle"),
        "other_first": Text("surgery or interventional radiology first", "chirurgie ou radiologie interventionnelle en premier"),
        "none": Text("no local treatment", "pas de traitement local"),
    },
)  # fmt: skip
OPTIONS = Vocabulary(
    "options_discussed",
    {
        "both_discussed": Text("radiotherapy and surgery discussed", "radiothérapie et chirurgie discutées"),
        "discussed_late": Text("both discussed, late", "les deux discutées, tardivement"),
        "surgery_first": Text("surgery first", "chirurgie en premier"),
        "radiotherapy_first": Text("radiotherapy first, not discussed", "radiothérapie en premier, sans discussion"),
        "none": Text("not discussed", "pas de discussion"),
    },
)
FIXATION = Vocabulary(
    "fixation",
    {
        "percutaneous_with_cement": Text("percutaneous fixation with cement", "fixation percutanée et cimentoplastie"),
        "percutaneous": Text("percutaneous fixation", "fixation percutanée"),
        "open_surgery": Text("other surgery", "autre chirurgie"),
        "none": Text("no fixation", "pas d'ostéosynthèse"),
    },
)
WHY_NOT_OPERATED = Vocabulary(
    "why_not_operated",
    {
        "unfit": Text("unfit for surgery or anaesthesia", "état incompatible avec une chirurgie ou une anesthésie"),
        "short_life": Text("life expectancy under six weeks", "espérance de vie inférieure à six semaines"),
        "late_surgery": Text("surgery, late", "chirurgie tardive"),
        "none": Text("no reason recorded", "pas de motif renseigné"),
    },
)
FRACTURE_DELAY = Vocabulary(
    "fracture_delay",
    {
        "two_days": Text("fixed within 2 days", "ostéosynthèse dans les 2 jours"),
        "a_week": Text("fixed on day 3 to 7", "ostéosynthèse du 3e au 7e jour"),
        "thirty_days": Text("fixed on day 8 to 30", "ostéosynthèse du 8e au 30e jour"),
        "none": Text("not fixed within 30 days", "pas d'ostéosynthèse dans les 30 jours"),
    },
)
SURGERY_TYPE = Vocabulary(
    "surgery_type",
    {
        "less_aggressive": Text("less aggressive technique", "technique moins agressive"),
        "arthroplasty": Text("standard arthroplasty", "arthroplastie standard"),
        "resection_reconstruction": Text("resection-reconstruction", "résection-reconstruction"),
        "none": Text("technique not recorded", "technique non renseignée"),
    },
)
RESECTION = Vocabulary(
    "resection",
    {
        "oncological_resection": Text("oncological resection", "résection carcinologique"),
        "other_surgery": Text("no oncological resection", "pas de résection carcinologique"),
        "none": Text("not recorded", "non renseigné"),
    },
)
WHOLE_BONE = Vocabulary(
    "whole_bone",
    {
        "whole_bone": Text("radiotherapy of the whole bone", "radiothérapie de toute la pièce osseuse"),
        "whole_bone_late": Text("whole bone, late", "toute la pièce osseuse, tardivement"),
        "other_volume": Text("another volume irradiated", "autre volume irradié"),
        "none": Text("no radiotherapy", "pas de radiothérapie"),
    },
)
SURGICAL_INDICATION = Vocabulary(
    "surgical_indication",
    {
        "fracture_risk": Text("prevention at a high fracture risk", "prévention d'un risque fracturaire élevé"),
        "prevention": Text("prevention", "prévention"),
        "fracture": Text("fracture", "fracture"),
        "disabling_pain": Text("disabling pain", "douleur invalidante"),
        "pain": Text("pain", "douleur"),
        "other": Text("other indication", "autre indication"),
        "none": Text("not recorded", "non renseignée"),
    },
)
ANALGESIA = Vocabulary(
    "analgesia",
    {
        "pain_controlled": Text("pain under control", "douleur contrôlée"),
        "analgesia_with_radiotherapy": Text("analgesics and radiotherapy", "antalgiques et radiothérapie"),
        "analgesia": Text("analgesics", "antalgiques"),
        "radiotherapy": Text("radiotherapy alone", "radiothérapie seule"),
        "none": Text("nothing recorded", "rien de renseigné"),
    },
)
CRP = Vocabulary(
    "crp",
    {
        "crp_with_infection": Text("CRP measured, infection recorded", "CRP dosée, infection renseignée"),
        "crp_alone": Text("CRP measured, no infection recorded", "CRP dosée, pas d'infection renseignée"),
        "infection_without_crp": Text("infection recorded, no CRP", "infection renseignée, CRP non dosée"),
        "none": Text("neither", "ni l'une ni l'autre"),
    },
)
