"""Facts of decisions on a line of systemic therapy that follows an operation."""

from __future__ import annotations

import polars as pl

from scoring.context import Timeline, day_of
from scoring.recommendations import parameters as P

from .cohort import Cohort
from .decisions import Decisions, select
from .library import SURGERY
from .perioperative import on_limb


def lines(cohort: Cohort) -> pl.DataFrame:
    """One row per line of systemic therapy; index date: its first day."""
    context = cohort.context
    rows = cohort.keep(context.rows("systemic_therapy_lines"))
    d = Decisions(context, rows.select("pid", "day", urgent_line="urgent", line_class="class", entity_id="line_id"))
    operations = context.rows("procedures").filter(pl.col("category").is_in(list(SURGERY)))
    known = Timeline(
        operations.with_columns(healed_day=day_of("wound_healed_date"), agreed_day=day_of("surgeon_agreement_date")),
        "pid",
        ["procedure_id"],
    )
    position = known.last(d["pid"], d.day(-1))
    position = select(pl.when(known.take("day", position) >= d.day(-P.RESTART_LOOK_BACK)).then(position))
    healed = known.take("healed_day", position)
    d.add(
        surgery_before=select(
            pl.when(position.is_not_null())
            .then(True)
            .when(d.provable("procedures", -P.RESTART_LOOK_BACK))
            .then(False)
            .otherwise(None)
        ),
        operation_on_limb=on_limb(known, position),
        days_since_surgery=d["day"] - known.take("day", position),
        wound_healed_date=healed.cast(pl.Date),
        healed_at_start=healed <= d["day"],
        surgeon_agreed=known.take("agreed_day", position) <= d["day"],
    )
    return d.frame
