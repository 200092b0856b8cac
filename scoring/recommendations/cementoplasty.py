"""The indications of a cementoplasty: one of those listed, and each of them borne out by the record (G1 3.6.1)."""

from functools import partial
from typing import Any

import polars as pl

from scoring.core.recommendation import Domain, Grain, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import parameters as P
from . import vocabularies as V

_cementoplasty = partial(
    Recommendation, grain=Grain.PROCEDURE, domain=Domain.INTERVENTIONAL, strength=Strength.PERMISSIVE,
    source=Source(G1, "3.6.1"), vocabulary=V.CEMENTOPLASTY_INDICATION,
)  # fmt: skip
_risk_zone = pl.col("risk_zone")


def _coded(code: str, met: pl.Expr, facts: tuple[str, ...], **declared: Any) -> Recommendation:
    """A cementoplasty with one of the indications: is it borne out?"""
    return _cementoplasty(
        applies=pl.col("cementoplasty") & pl.col(code), met=met,
        judged_on=("cementoplasty", code, *facts), recommended=("borne_out",),
        given=V.given(("borne_out", met), ("coded_only", pl.col(code))),
        **declared,
    )  # fmt: skip


RULES = (
    # One of the five listed indications.
    _cementoplasty(
        id="G1-3.6.1-05",
        title=Text("Cementoplasty for one of the listed indications", "Cimentoplastie pour une indication de la liste"),
        population=Text("cementoplasties", "cimentoplasties"),
        action=Text("at least one of the five listed indications recorded", "au moins une des cinq indications de la liste enregistrée"),
        applies=pl.col("cementoplasty"), met=pl.col("indication_coded"),
        judged_on=("cementoplasty", "indication_coded"),
        recommended=("recorded",), given=V.given(("recorded", pl.col("indication_coded"))),
        reading=Text("These are the main indications: another one is to be justified, never a fault. A blank cell is not recorded.", "Ce sont les principales indications : une autre est à justifier, jamais une faute. Une case vide est non renseignée."),
    ),
    # Pain that analgesics do not control.
    _coded(
        "coded_pain", pl.col("pain_refractory_before"), ("pain_refractory_before",),
        id="G1-3.6.1-06",
        title=Text("Cementoplasty for uncontrolled pain: pain resists analgesics", "Cimentoplastie pour douleur non contrôlée : douleur résistante aux antalgiques"),
        population=Text("cementoplasties coded for uncontrolled pain", "cimentoplasties codées pour douleur non contrôlée"),
        action=Text(f"pain of the lesion recorded as resistant in the {P.PROCEDURE_PAIN} days before", f"douleur de la lésion enregistrée comme résistante dans les {P.PROCEDURE_PAIN} jours précédents"),
        reading=Text("No pain score is printed for cementoplasty.", "Aucun score de douleur n'est imprimé pour la cimentoplastie."),
    ),
    # Complication or poor tolerance of opioids.
    _coded(
        "coded_opioids", pl.col("opioid_intolerance"), ("opioid_intolerance",),
        id="G1-3.6.1-07",
        title=Text("Cementoplasty for a problem with opioids: poor tolerance recorded", "Cimentoplastie pour problème lié aux opiacés : mauvaise tolérance enregistrée"),
        population=Text("cementoplasties coded for a problem with opioids", "cimentoplasties codées pour complication ou mauvaise tolérance des opiacés"),
        action=Text(f"complication or poor tolerance of opioids recorded in the {P.STATE} days before", f"complication ou mauvaise tolérance des opiacés enregistrée dans les {P.STATE} jours précédents"),
    ),
    # In place of techniques that failed or are not indicated.
    _coded(
        "coded_alternative", ~pl.col("fit_for_surgery") | ~pl.col("reirradiation_possible") | pl.col("course_before") | pl.col("procedure_before"),
        ("fit_for_surgery", "reirradiation_possible", "course_before", "procedure_before"),
        id="G1-3.6.1-08",
        title=Text("Cementoplasty as an alternative: other techniques failed or not indicated", "Cimentoplastie en alternative : autres techniques inefficaces ou non indiquées"),
        population=Text("cementoplasties coded as an alternative to other techniques", "cimentoplasties codées comme alternative à d'autres techniques"),
        action=Text("unfit for surgery, no further irradiation possible, or an earlier treatment of the lesion", "chirurgie contre-indiquée, ré-irradiation impossible, ou traitement antérieur de la lésion"),
        reading=Text("A treatment of the lesion before it (radiotherapy that had ended, operation or interventional procedure) is read as one that failed (C12).", "Un traitement antérieur de la lésion (radiothérapie terminée, intervention ou geste de radiologie interventionnelle) est lu comme inefficace (C12)."),
    ),
    # In place of much heavier surgery, or with analgesic radiotherapy.
    _coded(
        "coded_stabilisation", pl.col("surgery_discussed") | pl.col("analgesic_course"), ("surgery_discussed", "analgesic_course"),
        id="G1-3.6.1-09",
        title=Text("Cementoplasty to relieve and stabilise: instead of surgery or with radiotherapy", "Cimentoplastie antalgique et stabilisatrice : au lieu d'une chirurgie ou avec une radiothérapie"),
        population=Text("cementoplasties coded for analgesia and stabilisation", "cimentoplasties codées pour antalgie et stabilisation"),
        action=Text(f"surgery discussed by the MDT in the {P.MDT_BEFORE} days before, or analgesic radiotherapy of the lesion within {P.CEMENT_RADIOTHERAPY} days of the procedure", f"chirurgie discutée en RCP dans les {P.MDT_BEFORE} jours précédents, ou radiothérapie antalgique de la lésion dans les {P.CEMENT_RADIOTHERAPY} jours avant ou après le geste"),
        due=pl.col("course_around_due"), observed=("radiotherapy_courses",),
        reading=Text("That surgery was an option is read from the MDT record; the time between cement and radiotherapy is not printed.", "L'alternative chirurgicale est lue dans le compte rendu de RCP ; le délai entre ciment et radiothérapie n'est pas imprimé."),
    ),
    # Preventive consolidation in a risk zone.
    _coded(
        "coded_preventive", _risk_zone, ("risk_zone",),
        id="G1-3.6.1-10",
        title=Text("Preventive cementoplasty: lesion in a risk zone", "Cimentoplastie préventive : lésion en zone à risque"),
        population=Text("cementoplasties coded as preventive consolidation", "cimentoplasties codées comme consolidation préventive"),
        action=Text("cervical spine, thoraco-lumbar junction or acetabular roof", "rachis cervical, charnière thoraco-lombaire ou toit du cotyle"),
        reading=Text(f"The junction is not bounded in the text: T11 to L1, as in the SINS. Cervical means the spine. The roof as assessed in the {P.STATE} days before.", f"La charnière n'est pas bornée dans le texte : T11 à L1, comme dans le SINS. Cervicale désigne le rachis. Le toit tel qu'évalué dans les {P.STATE} jours précédents."),
    ),
)  # fmt: skip
