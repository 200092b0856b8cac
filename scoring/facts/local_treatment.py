"""Local treatment of any bone lesion soon after the discovery."""

from __future__ import annotations

import polars as pl

from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Acts, Decisions
from .library import SURGERY


def add_local_treatment(d: Decisions, cohort: Cohort) -> None:
    """Radiotherapy, surgery and interventional radiology of the patient, whatever the lesion."""
    context = cohort.context
    procedures = context.rows("procedures")
    for fact, table, rows in (
        ("locally_irradiated", "radiotherapy_courses", context.rows("radiotherapy_courses")),
        ("locally_operated", "procedures", procedures.filter(pl.col("category").is_in(list(SURGERY)))),
        ("locally_intervened", "procedures", procedures.filter(pl.col("category") == "interventional_radiology")),
    ):
        d.add(**{fact: d.occurred(Acts(context, table, rows, "patient"), 0, P.LOCAL_TREATMENT)})
