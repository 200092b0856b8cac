"""The acts that several grains ask about, each defined once."""

from __future__ import annotations

from functools import cached_property

import polars as pl

from scoring.context import Context, Timeline
from scoring.recommendations import parameters as P
from validation.contract import TABLES

from .decisions import Acts, holds

PERCUTANEOUS_FIXATION = ("percutaneous_screw", "percutaneous_nail", "intramedullary_nail")
ARTHROPLASTIES = ("arthroplasty", "total_hip_arthroplasty", "megaprosthesis")
SURGERY = ("orthopaedic_surgery", "spinal_surgery")
SPINE_SURGEONS = ("neurosurgery", "orthopaedics")
SPINE = ("vertebra", "sacrum")
ANTIRESORPTIVES = ("zoledronic_acid", "denosumab")
CONCERNED = (
    "neurosurgery", "orthopaedics", "radiation_oncology", "medical_oncology", "rheumatology", "pain_medicine",
    "interventional_radiology",
)  # fmt: skip
"""The specialties that G1 1 lists for the care of bone metastases."""


def is_prevention() -> pl.Expr:
    """The dose is given to prevent skeletal events; the contract reads a null indication so."""
    return pl.col("indication").is_null() | (pl.col("indication") == "skeletal_event_prevention")


def is_antiresorptive() -> pl.Expr:
    """A dose of either agent against skeletal events; the low-dose denosumab product is none."""
    too_low = (pl.col("drug") == "denosumab") & (pl.col("dose_mg") < P.DENOSUMAB_LEAST).fill_null(False)
    return pl.col("drug").is_in(list(ANTIRESORPTIVES)) & is_prevention() & ~too_low


def is_fixation() -> pl.Expr:
    """An operation on a limb bone, or percutaneous fixation by an interventional radiologist."""
    percutaneous = pl.col("technique").is_in(list(PERCUTANEOUS_FIXATION)).fill_null(False) | holds(
        "associated_techniques", PERCUTANEOUS_FIXATION
    ).fill_null(False)
    return (pl.col("category") == "orthopaedic_surgery") | (
        (pl.col("category") == "interventional_radiology") & percutaneous
    )


def is_stabilisation() -> pl.Expr:
    """A posterior stabilisation of the spine, alone or in the same session as another technique."""
    alone = (pl.col("technique") == "posterior_stabilisation").fill_null(False)
    return alone | holds("associated_techniques", ["posterior_stabilisation"]).fill_null(False)


class Library:
    """Acts by name, made when first asked for."""

    def __init__(self, context: Context) -> None:
        self.context = context

    def _acts(self, table: str, keep: pl.Expr, by: str, unplaced: str = "doubt") -> Acts:
        return Acts(self.context, table, self.context.rows(table).filter(keep), by, unplaced)  # type: ignore[arg-type]

    @cached_property
    def antiresorptive_doses(self) -> Acts:
        """Doses of zoledronic acid or denosumab against skeletal events."""
        return self._acts("drug_administrations", is_antiresorptive(), "patient")

    @cached_property
    def paracetamol(self) -> Acts:
        """Paracetamol given."""
        return self._acts("drug_administrations", pl.col("drug") == "paracetamol", "patient")

    @cached_property
    def jaw_osteonecrosis(self) -> Acts:
        """Osteonecrosis of the jaw found."""
        return self._acts("supportive_care", pl.col("osteonecrosis_of_jaw"), "patient")

    @cached_property
    def courses(self) -> Acts:
        """Radiotherapy courses."""
        return self._acts("radiotherapy_courses", pl.lit(True), "lesion")

    @cached_property
    def fixations(self) -> Acts:
        """Operations and percutaneous fixations of limb bones."""
        return self._acts("procedures", is_fixation(), "lesion")

    @cached_property
    def fixations_not_for_fracture(self) -> Acts:
        """The same, whose intent is not a fracture; a null intent counts."""
        return self._acts("procedures", is_fixation() & pl.col("intent").ne_missing("fracture"), "lesion")

    @cached_property
    def spinal_surgery(self) -> Acts:
        """Operations on the spine."""
        return self._acts("procedures", pl.col("category") == "spinal_surgery", "lesion")

    @cached_property
    def stabilisations(self) -> Acts:
        """Posterior stabilisations of the spine, by technique or associated technique."""
        return self._acts("procedures", is_stabilisation(), "lesion")

    @cached_property
    def local_treatments(self) -> Acts:
        """Radiotherapy, operations and interventional procedures, on one timeline."""
        procedures = self.context.rows("procedures").filter(
            pl.col("category").is_in([*SURGERY, "interventional_radiology"])
        )
        courses = self.context.rows("radiotherapy_courses")
        both = pl.concat(
            [
                procedures.select("pid", "lid", "day", procedure_id="procedure_id"),
                courses.select("pid", "lid", "day", procedure_id="course_id"),
            ]
        )
        return Acts(self.context, "procedures", both, "lesion")

    @cached_property
    def meetings(self) -> Acts:
        """Multidisciplinary meetings, on each lesion discussed; on all of them where none is named."""
        return self._meetings(pl.lit(True))

    def meetings_with(self, specialties: tuple[str, ...]) -> tuple[Acts, Acts]:
        """Meetings with one of the specialties present, and meetings of which the specialties are not recorded."""
        recorded = pl.col("specialties").is_not_null()
        return self._meetings(recorded & holds("specialties", specialties)), self._meetings(~recorded)

    def meetings_about(self, option: str) -> tuple[Acts, Acts]:
        """Meetings that discussed an option, and meetings of which the options are not recorded."""
        recorded = pl.col("options_discussed").is_not_null()
        return self._meetings(recorded & holds("options_discussed", [option])), self._meetings(~recorded)

    @cached_property
    def multidisciplinary_meetings(self) -> tuple[Acts, Acts]:
        """Meetings with enough of the specialties concerned, and meetings of which the specialties are not recorded."""
        listed = pl.element().cast(pl.String).is_in(list(CONCERNED))
        concerned = pl.col("specialties").list.unique().list.eval(listed).list.sum()
        return self._meetings(concerned >= P.CONCERNED_SPECIALTIES), self._meetings(pl.col("specialties").is_null())

    @cached_property
    def meetings_agreeing_a_route(self) -> tuple[Acts, Acts]:
        """Meetings that agreed the route of a biopsy, and meetings of which this is not recorded."""
        agreed = pl.col("biopsy_route_agreed")
        return self._meetings(agreed), self._meetings(agreed.is_null())

    def meetings_deciding(self, decisions: tuple[str, ...]) -> tuple[Acts, Acts]:
        """Meetings with one of the decisions, and meetings of which the decision is not recorded."""
        return self._meetings(pl.col("decision").is_in(list(decisions))), self._meetings(pl.col("decision").is_null())

    def meetings_validating_sbrt(self) -> tuple[Acts, Acts]:
        """Meetings that validated ablative stereotactic radiotherapy, and meetings that do not say whether they did."""
        return self._meetings(pl.col("sbrt_validated")), self._meetings(pl.col("sbrt_validated").is_null())

    def meetings_where(self, keep: pl.Expr) -> Acts:
        """Meetings of which a condition on the record holds."""
        return self._meetings(keep)

    def meetings_naming(self, *options: str) -> tuple[Acts, Acts]:
        """Meetings that discussed each of the options, and meetings of which the options are not recorded."""
        each = pl.all_horizontal([holds("options_discussed", [option]) for option in options])
        return self._meetings(each), self._meetings(pl.col("options_discussed").is_null())

    def meetings_quoting_any(self, scores: tuple[str, ...]) -> tuple[Acts, Acts]:
        """Meetings of which the record quotes one of the scores, and meetings of which that is not recorded."""
        return self._meetings(holds("scores_presented", scores)), self._meetings(pl.col("scores_presented").is_null())

    def meetings_quoting_all(self, scores: tuple[str, ...]) -> tuple[Acts, Acts]:
        """Meetings of which the record quotes every one of the scores, and meetings of which that is not recorded."""
        every = pl.all_horizontal([holds("scores_presented", (score,)) for score in scores])
        return self._meetings(every), self._meetings(pl.col("scores_presented").is_null())

    @cached_property
    def meetings_on_sbrt(self) -> tuple[Acts, Acts]:
        """Meetings that validated ablative radiotherapy, and meetings that do not say whether they did."""
        return self._meetings(pl.col("sbrt_validated")), self._meetings(pl.col("sbrt_validated").is_null())

    @cached_property
    def decided_meetings(self) -> Acts:
        """Meetings with a recorded decision."""
        return self._meetings(pl.col("decision").is_not_null())

    @cached_property
    def _discussed(self) -> pl.DataFrame:
        """The meetings on each lesion by lesion and day, with their `place` among all meetings."""
        meetings = self.context.rows("mdt_meetings").with_row_index("place")
        named = pl.col("lesion_ids").list.len().fill_null(0) > 0
        nobody = pl.lit([None], pl.List(pl.String))
        rows = meetings.select(
            "place", "mdt_id", "pid", "day", "decision", lesion_id=pl.when(named).then("lesion_ids").otherwise(nobody)
        ).explode("lesion_id")
        lesions = self.context.lesions.select("lesion_id", "lid")
        rows = rows.join(lesions, on="lesion_id", how="left", maintain_order="left")
        # A meeting on a lesion that the registry does not hold says nothing about the others.
        about_none = pl.col("lesion_id").is_not_null() & pl.col("lid").is_null()
        return Acts(self.context, "mdt_meetings", rows.filter(~about_none), "lesion", "counts").of_lesion.rows

    def _meetings(self, keep: pl.Expr) -> Acts:
        meetings = self.context.rows("mdt_meetings").with_columns(kept=keep)
        acts = Acts(self.context, "mdt_meetings", meetings.filter("kept"), "lesion", "counts")
        kept = meetings["kept"][self._discussed["place"]]
        acts.of_lesion = Timeline(self._discussed.filter(kept), "lid", ["mdt_id"])
        return acts

    @cached_property
    def surgical_opinions(self) -> Acts:
        """Opinions of a spine surgeon."""
        return self._acts("consultations", pl.col("kind") == "spine_surgery_opinion", "lesion", "counts")

    @cached_property
    def deviations(self) -> dict[str, Acts]:
        """Documented departures from each part of the guideline."""
        tokens = TABLES["deviations"]["domain"].tokens or {}
        return {domain: self._acts("deviations", pl.col("domain") == domain, "lesion", "counts") for domain in tokens}
