"""Find by experiment which columns can change a verdict: `python -m tests.made_needs`.

One column at a time is emptied in the registry of all case tables, and everything is judged again. A column matters for
a measure when any verdict, or the option taken where there is a choice, comes out otherwise or falls on another
decision. Columns that the contract requires are emptied too, for they tell which tables a measure needs; there every
centre declares everything, lest the last event of any table, which ends the observation where nothing else does, make
each measure need each table.

Writes scoring/needs.csv (rule_id, table, column) and tests/needs_proved.csv, which names beside each need a case that
proves it: a verdict of the measure on that patient hangs on the column. A difference proves a need, none disproves it;
where random patients show one that no case proves (tests/test_needs.py), a case is to be written.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from scoring import needs
from scoring.concordance import judge
from scoring.recommendations import RULES_BY_ID
from scoring.registry import Registry
from tests.cases_loader import Case, cases
from tests.cases_loader import registry as registry_of_cases
from validation.contract import TABLES

FILE = Path(needs.__file__).parent / "needs.csv"
PROOFS = Path(__file__).parent / "needs_proved.csv"
LAST_DAY = date(2030, 1, 1)
KEYS = ["patient_id", "entity_id", "lesion_id", "index_date"]

Place = tuple[str, str]
Need = tuple[str, str, str]
COLUMNS: tuple[Place, ...] = tuple(
    (table.name, column.name)
    for table in TABLES.values()
    for column in table.columns
    if not column.is_key and not (column.required and column.parent)
)
"""All but identifiers without which a row is none."""


def said(registry: Registry) -> dict[str, pl.DataFrame]:
    """What was said, by rule: a patient, and a number for the decision, its status and the option taken."""
    judged = judge(registry, retrospective=True)
    meaning = judged.codes.sort("code").select(pl.concat_str("status", "given", separator=" ")).to_series().hash()
    found: dict[str, pl.DataFrame] = {}
    for frame in judged.verdicts.values():
        keys = frame.select(KEYS).hash_rows()
        for rule in frame.columns:
            if rule in RULES_BY_ID:
                codes = frame[rule]
                numbers = pl.DataFrame([keys, meaning.gather(codes)]).hash_rows()
                rows = pl.DataFrame({"patient_id": frame["patient_id"], "said": numbers})
                found[rule] = rows.filter(codes.is_not_null())
    return found


def patients_changed(before: pl.DataFrame, after: pl.DataFrame) -> list[str]:
    """The patients of whom something else is said, sorted."""
    if before["said"].sum() == after["said"].sum():
        return []
    apart = [one.join(other, on="said", how="anti") for one, other in ((before, after), (after, before))]
    return pl.concat(apart)["patient_id"].unique().sort().to_list()


def declared(registry: Registry) -> Registry:
    """The registry as if every centre had supplied every table completely until one day."""
    sure = {"supplied": pl.lit(True), "complete": pl.lit(True), "from": pl.lit(None, pl.Date), "to": pl.lit(LAST_DAY)}
    return Registry(registry.tables, registry.coverage.with_columns(**sure), registry.holes)


def emptied(registry: Registry, place: Place, patients: Sequence[str] | None = None) -> Registry:
    """The registry as if no centre had recorded the column, or of some patients alone."""
    table, column = place
    blank = pl.lit(None, TABLES[table][column].dtype)
    if patients is not None:
        blank = pl.when(~pl.col("patient_id").is_in(patients)).then(pl.col(column)).otherwise(blank)
    return Registry(
        {**registry.tables, table: registry[table].with_columns(blank.alias(column))}, registry.coverage, registry.holes
    )


def is_required(place: Place) -> bool:
    return TABLES[place[0]][place[1]].required


def measured(registry: Registry, places: Iterable[Place] = COLUMNS) -> dict[Need, list[str]]:
    """The patients by whom each need is proved."""
    required = {place for place in places if is_required(place)}
    return _measured(registry, set(places) - required) | _measured(declared(registry), required)


def _measured(registry: Registry, places: set[Place]) -> dict[Need, list[str]]:
    before = said(registry) if places else {}
    found = {}
    for place in sorted(places):
        after = said(emptied(registry, place))
        for rule in before:
            if patients := patients_changed(before[rule], after[rule]):
                found[rule, *place] = patients
    return found


def proof(need: Need, patients: Sequence[str], known: dict[str, Case]) -> Case:
    """The case that is named as proof: the first of the measure's own, or else the first."""
    own = [patient for patient in patients if known[patient].rule == need[0]]
    return known[(own or patients)[0]]


def main() -> None:
    """Write both files."""
    known = {case.patient: case for case in cases()}
    found = sorted(measured(registry_of_cases(cases())).items())
    proofs = [(need, proof(need, patients, known)) for need, patients in found]
    _write(FILE, ("rule_id", "table", "column"), [need for need, _ in proofs])
    _write(
        PROOFS, ("rule_id", "table", "column", "case_of", "case"), [(*n, case.rule, case.name) for n, case in proofs]
    )
    sys.stdout.write(f"{FILE.name}: {len(found)} lines, {len({rule for (rule, *_), _ in found})} rules\n")


def _write(path: Path, head: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *lines])


if __name__ == "__main__":
    main()
