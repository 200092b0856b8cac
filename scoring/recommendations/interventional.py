"""Interventional radiology (G1 3.6.1)."""

from functools import partial

import polars as pl

from scoring.core.recommendation import Domain, Grain, Recommendation, Strength
from scoring.core.text import G1, Source, Text

from . import vocabularies as V

_technique, _category = pl.col("procedure_technique"), pl.col("category")
_procedure = partial(Recommendation, grain=Grain.PROCEDURE, domain=Domain.INTERVENTIONAL, source=Source(G1, "3.6.1"))

RULES = (
    # Kyphoplasty is rarely indicated.
    _procedure(
        id="G1-3.6.1-02", strength=Strength.PERMISSIVE,
        title=Text("Vertebroplasty rather than kyphoplasty", "Vertébroplastie plutôt que kyphoplastie"),
        population=Text("vertebral augmentations", "consolidations vertébrales"),
        action=Text("vertebroplasty, with or without implant", "vertébroplastie, avec ou sans implant"),
        applies=_category.is_in(["interventional_radiology", "spinal_surgery"]) & pl.col("bone").is_in(["vertebra", "sacrum"])
        & _technique.is_in(["vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty"]),
        met=_technique != "kyphoplasty",
        judged_on=("category", "bone", "procedure_technique"),
        vocabulary=V.PROCEDURE, recommended=("vertebroplasty",),
        given=V.given(("kyphoplasty", _technique == "kyphoplasty"), ("vertebroplasty", _technique.is_not_null())),
    ),
    # Decided in an MDT meeting, with interventional radiologists.
    _procedure(
        id="G1-3.6.1-03", strength=Strength.BINDING,
        title=Text("Interventional radiology decided by the MDT with an interventional radiologist", "Radiologie interventionnelle décidée en RCP avec un radiologue interventionnel"),
        population=Text("interventional radiology procedures", "gestes de radiologie interventionnelle"),
        action=Text("MDT meeting with an interventional radiologist in the 60 days before", "RCP avec un radiologue interventionnel dans les 60 jours précédents"),
        applies=_category == "interventional_radiology",
        met=pl.col("mdt_with_ir"),
        late=pl.col("mdt_with_ir_too_early"),
        judged_on=("mdt_with_ir", "mdt_before_date"),
        vocabulary=V.MEETING, recommended=("mdt_before",),
        given=V.given(("mdt_before", pl.col("mdt_with_ir")), ("mdt_too_early", pl.col("mdt_with_ir_too_early"))),
        reading=Text("How long before is not printed: 60 days (P14).", "L'ancienneté n'est pas imprimée : 60 jours (P14)."),
    ),
    # Not cementoplasty alone for a long bone that is about to break.
    _procedure(
        id="G1-3.6.1-15", strength=Strength.BINDING,
        title=Text("No cementoplasty alone of a weight-bearing long bone about to break", "Pas de cimentoplastie seule d'un os long porteur pré-fracturaire"),
        population=Text("cementoplasties of the femur or tibia in a weight-bearing zone", "cimentoplasties du fémur ou du tibia en zone portante"),
        action=Text("lesion not about to break, or combined with percutaneous fixation", "lésion non pré-fracturaire, ou fixation percutanée associée"),
        applies=_category.is_in(["interventional_radiology", "orthopaedic_surgery"]) & (_technique == "cementoplasty") & pl.col("bone").is_in(["femur", "tibia"]) & pl.col("weight_bearing"),
        met=pl.col("combined_fixation") | ~pl.col("prefracture"),
        judged_on=("procedure_lesion", "procedure_technique", "bone", "prefracture", "combined_fixation"),
        vocabulary=V.PROCEDURE, recommended=("cementoplasty_with_fixation",),
        given=V.given(("cementoplasty_with_fixation", pl.col("combined_fixation")), ("cementoplasty_alone", pl.lit(True))),
        reading=Text("About to break: Mirels of 9 or more, or an impending fracture, in the 60 days before.", "Pré-fracturaire : Mirels de 9 ou plus, ou fracture imminente, dans les 60 jours précédents."),
    ),
)  # fmt: skip
