"""An audit that goes on from the one before says what a full audit says, to the byte."""

from __future__ import annotations

import random
import shutil
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines import audit, publish, store
from pipelines.ingest import Intake, take_in
from pipelines.nightly import rejudge
from pipelines.nightly.touched import observed_longer, touched
from pipelines.run import Request, Run
from scoring.concordance import conclude, decide, judge, merge
from scoring.context import Context
from scoring.facts import GROWING
from scoring.observation import WAITS
from scoring.recommendations import RULES
from scoring.registry import Registry
from scoring.scores import CLASSIFICATIONS, evaluate_all
from scoring.scores import publish as published
from tests.audits import SAMPLES, hashes
from tests.changed_registry import changed, cut_short, moved_on, registry_of, with_rows, without

NUMBERS = ("pid", "lid", "course")
"""Facts that number patients, lesions and courses within one registry."""
STEPS = (audit.score_lesions, audit.judge_decisions, audit.store_verdicts, audit.count_rates)


def run_of(registry: Registry, folder: Path, before: Run | None = None) -> Run:
    folder.mkdir()
    run = Run(Request(extracts=(), out=folder), folder)
    run.registry = registry
    if before is not None:
        shutil.copyfile(before.database, run.database)
    return run


def write(run: Run) -> None:
    """Everything of an audit that depends on patients one by one, and its state."""
    store.save(run.database, intake_of(run.registry), run.moved)
    for step in STEPS:
        step(run)
    for centre, name in publish.folder_names(run.centres).items():
        (run.folder / "centres" / name).mkdir(parents=True)
        run.cases.write(centre, run.folder / "centres" / name / "cases.csv")
    rejudge.save(run, run.folder / "state")


def intake_of(registry: Registry) -> Intake:
    """The registry as if it had been taken in, every row from a place of its own."""
    places = {
        name: rows.select(file=pl.lit("a.csv", pl.Enum(["a.csv"])), line=pl.int_range(pl.len()).cast(pl.Int64))
        for name, rows in registry.tables.items()
    }
    nothing = pl.DataFrame({"table": []}, schema={"table": pl.String})
    return Intake(dict(registry.tables), registry.coverage, nothing, nothing, [], registry.holes, nothing, places)


def database_of(run: Run) -> dict[str, pl.DataFrame]:
    """Every table and view, in any order of rows."""
    with store.connect(run.database, read_only=True) as con:
        names = con.sql(
            "SELECT schema_name, table_name FROM duckdb_tables UNION ALL "
            "SELECT schema_name, view_name FROM duckdb_views WHERE NOT internal"
        ).fetchall()
        return {f"{schema}.{name}": store.read_frame(con, schema, name) for schema, name in names}


def files_of(run: Run) -> dict[str, bytes]:
    found = [path for part in ("results", "centres") for path in (run.folder / part).rglob("*") if path.is_file()]
    return {str(path.relative_to(run.folder)): path.read_bytes() for path in found}


def assert_same(one: Run, full: Run) -> None:
    for field in fields(full.judgement):
        ours, theirs = getattr(one.judgement, field.name), getattr(full.judgement, field.name)
        if field.name == "facts":
            ours, theirs = ({g: f[g].select("entity_id", *c) for g, c in GROWING.items()} for f in (ours, theirs))
        for key in theirs if isinstance(theirs, dict) else [None]:
            assert_frame_equal(*((side if key is None else side[key]) for side in (ours, theirs)))
    for name in ("left_out", "exposed", "people", "waits"):
        assert_frame_equal(getattr(one.decided, name), getattr(full.decided, name), check_row_order=False)
    ours, theirs = database_of(one), database_of(full)
    assert set(ours) == set(theirs)
    assert "concordance.verdicts" in ours
    for name, frame in theirs.items():
        assert_frame_equal(ours[name], frame, check_row_order=False)
    for read in (store.load, store.load_places):
        ours, theirs = read(one.database), read(full.database)
        for name, frame in theirs.items():
            assert_frame_equal(ours[name], frame)
    ours, theirs = files_of(one), files_of(full)
    assert [name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name)] == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_what_was_decided_does_not_depend_on_the_other_patients(seed: int) -> None:
    registry = registry_of(seed, 60)
    people = registry["patients"]["patient_id"].to_list()
    some = random.Random(seed).sample(people, 20)
    rest = [patient for patient in people if patient not in some]
    apart = merge(decide(without(registry, some)), decide(without(registry, rest)), pl.Series([], dtype=pl.String))
    both, whole = conclude(apart, RULES), judge(registry)
    for name in ("codes", "flow", "left_out", "at_risk"):
        assert_frame_equal(getattr(both, name), getattr(whole, name))
    for grain, frame in whole.verdicts.items():
        assert_frame_equal(both.verdicts[grain], frame)
        assert_frame_equal(
            both.facts[grain].select(pl.exclude(NUMBERS)), whole.facts[grain].select(pl.exclude(NUMBERS))
        )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_an_audit_that_goes_on_is_a_full_audit_to_the_byte(seed: int, tmp_path: Path) -> None:
    draw = random.Random(seed)
    now = cut_short(registry_of(seed, 90), draw)
    people = now["patients"]["patient_id"].to_list()
    draw.shuffle(people)
    was = changed(without(now, people[:2]), draw, people[2:14])
    now = without(now, people[15:17])
    if seed % 2:
        now = moved_on(now, draw)

    before = run_of(was, tmp_path / "before")
    write(before)
    full = run_of(now, tmp_path / "full")
    write(full)

    state = rejudge.load(before, before.folder / "state")
    one = run_of(now, tmp_path / "one", before)
    found = rejudge.go_on(one, was, state)
    write(one)

    assert_same(one, full)
    assert found.height < len(people) / 2
    # And once more from what was written, with nothing new.
    again = run_of(now, tmp_path / "again", one)
    assert rejudge.go_on(again, now, rejudge.load(one, one.folder / "state")).is_empty()
    write(again)
    assert_same(again, full)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 12))])
def test_who_waits_for_a_day_and_nobody_else_changes_on_it(seed: int) -> None:
    was = cut_short(registry_of(seed + 100, 150), random.Random(seed))
    now = moved_on(was, random.Random(seed))
    before, after = decide(was), decide(now)
    found = touched(was, now, before.waits)
    assert set(found["why"]) == {"time"}

    differ: set[str] = set()
    for grain, frame in before.verdicts.items():
        assert_frame_equal(frame.select(pl.col("entity_id")), after.verdicts[grain].select("entity_id"))
        grown = set(GROWING.get(grain, ()))
        for one, two in ((frame, after.verdicts[grain]), (before.facts[grain], after.facts[grain])):
            columns = [column for column in one.columns if column not in grown]
            rows = [_as_text(side, columns).alias(str(n)) for n, side in enumerate((one, two))]
            differ |= set(one["patient_id"].filter(rows[0] != rows[1]))
    assert differ, "nothing changed with the days: the test could not fail"
    assert differ <= set(found["patient_id"])
    ours, theirs = (_growing(side) for side in (before, after))
    grown = set(ours["patient_id"].filter(ours.hash_rows() != theirs.hash_rows()))
    assert grown, "no duration grew: the test could not fail"
    assert grown <= set(observed_longer(was, now))


def _as_text(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    return pl.Series([str(row) for row in frame.select(columns).iter_rows()])


def _growing(decided: rejudge.Decided) -> pl.DataFrame:
    return pl.concat([decided.facts[grain].select("patient_id", *columns) for grain, columns in GROWING.items()])


@pytest.mark.parametrize("seed", range(2))
def test_only_scores_that_say_so_grow_with_the_days(seed: int) -> None:
    was = cut_short(registry_of(seed + 200, 100), random.Random(seed))
    now = moved_on(was, random.Random(seed))
    longer = set(observed_longer(was, now))
    contexts = Context(was), Context(now)
    for name, declared in CLASSIFICATIONS.items():
        one, two = (declared.publish(context) for context in contexts)
        if not declared.grows:
            assert_frame_equal(one, two)
            continue
        assert not one.equals(two), name
        assert set(one["patient_id"].filter(one.hash_rows() != two.hash_rows())) <= longer
    for one, two in zip(*(evaluate_all(context).items() for context in contexts), strict=True):
        assert_frame_equal(published(*one), published(*two))


def in_the_sample_some_days_later(folder: Path) -> None:
    """Other files of the sample network: patients gone and new, rows altered, gone and new, a later extraction."""
    for centre in ("C01", "C02"):
        for path in (folder / centre).glob("*.csv"):
            head, *lines = path.read_bytes().splitlines(keepends=True)
            kept = [line for line in lines if b"P000001;" not in line]
            if path.stem == "lab_results":
                kept = [line.replace(b"/2024;", b"/2023;") if n % 40 == 0 else line for n, line in enumerate(kept)]
                kept = [line for n, line in enumerate(kept) if n % 31]
            path.write_bytes(b"".join([head, *kept]))
    declared = folder / "C03" / "extract.toml"
    declared.write_text(declared.read_text("utf-8").replace("2026-06-30", "2026-09-13"), "utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("back", [False, True])
def test_the_next_audit_of_the_sample_network_is_a_full_one_to_the_byte(back: bool, tmp_path: Path) -> None:
    extracts = [tmp_path / "earlier", tmp_path / "later"]
    for extract in extracts:
        shutil.copytree(SAMPLES / "fr_csv", extract)
    in_the_sample_some_days_later(extracts[1])
    if back:  # then patients come and the day goes back
        extracts.reverse()

    def audit_of(number: int, name: str, before: Run | None = None) -> Run:
        out = tmp_path / name
        out.mkdir()
        run = Run(Request((extracts[number],), out), out)
        run.intake = take_in([extracts[number]])
        if before is not None:
            shutil.copyfile(before.database, run.database)
            state = rejudge.load(before, before.folder / "state")
            found = rejudge.go_on(run, before.registry, state)
            assert 0 < found.height < run.registry["patients"].height / 2
        for steps in audit.STAGES.values():
            for step in steps:
                step(run)
        rejudge.save(run, out / "state")
        return run

    before, full = audit_of(0, "before"), audit_of(1, "full")
    one = audit_of(1, "one", before)
    assert_same(one, full)
    for part in ("quality", "publish"):
        ours, theirs = (hashes(run.folder / part) for run in (one, full))
        assert ours == theirs


def test_dead_patients_do_not_wait() -> None:
    registry = registry_of(7, 200)
    dead = registry["patients"].filter(pl.col("death_date") <= registry.coverage["extraction_date"].min())
    assert dead.height > 10
    waits = decide(registry).waits
    assert waits.height
    assert waits.join(dead, on="patient_id").filter(pl.col("day") > pl.col("death_date")).is_empty()


def why(before: Registry, now: Registry) -> dict[str, str]:
    """Of patients who wait for nothing."""
    return dict(touched(before, now, pl.DataFrame(schema=WAITS)).iter_rows())


@pytest.fixture(scope="module")
def small() -> Registry:
    return registry_of(11, 30)


def test_nobody_is_touched_where_nothing_changed(small: Registry) -> None:
    shuffled = {name: rows.sample(fraction=1, shuffle=True, seed=1) for name, rows in small.tables.items()}
    assert why(small, Registry(shuffled, small.coverage, small.holes)) == {}


def test_rows_that_came_are_new_data_and_rows_that_went_or_changed_a_correction(small: Registry) -> None:
    # A table without key, in which a row may stand twice.
    rows = small["lab_results"]
    patient = rows["patient_id"][0]
    twice = with_rows(small, {"lab_results": pl.concat([rows.head(1), rows])})
    assert why(small, twice) == {patient: "new_data"}
    assert why(twice, small) == {patient: "correction"}
    other = with_rows(small, {"lab_results": pl.concat([rows.head(1).with_columns(value=-1.0), rows[1:]])})
    assert why(small, other) == {patient: "correction"}


def test_patients_who_came_and_who_are_gone_are_touched(small: Registry) -> None:
    patient = small["patients"]["patient_id"][3]
    assert why(without(small, [patient]), small) == {patient: "new_data"}
    assert why(small, without(small, [patient])) == {patient: "correction"}


def test_a_hole_counts_as_a_row(small: Registry) -> None:
    patient = small.holes["patient_id"][0]
    fewer = replace(small, holes=small.holes[1:])
    assert why(fewer, small) == {patient: "new_data"}
    assert why(small, fewer) == {patient: "correction"}


@pytest.mark.parametrize(
    "declares",
    [
        {"complete": pl.lit(False)},
        {"from": pl.col("extraction_date") - pl.duration(days=9)},
        {"to": pl.coalesce("to", "extraction_date") - pl.duration(days=1)},
    ],
)
def test_what_a_centre_declares_otherwise_touches_all_of_its_patients(
    small: Registry, declares: dict[str, pl.Expr]
) -> None:
    proves = small.coverage.filter("supplied", "complete", pl.col("extraction_date").is_not_null())
    centre, table = proves.select("centre_id", "table").row(0)
    here = (pl.col("centre_id") == centre) & (pl.col("table") == table)
    coverage = small.coverage.with_columns(
        pl.when(here).then(value.cast(small.coverage.schema[name])).otherwise(name).alias(name)
        for name, value in declares.items()
    )
    mine = small["patients"].filter(pl.col("centre_id") == centre)["patient_id"]
    assert why(small, replace(small, coverage=coverage)) == dict.fromkeys(mine, "coverage")


def test_an_extraction_on_a_later_day_touches_only_who_waited(small: Registry) -> None:
    waits = decide(small).waits
    days = pl.duration(days=1)
    later = small.coverage.with_columns((pl.col(day) + days).cast(pl.Date) for day in ("to", "extraction_date"))
    found = touched(small, replace(small, coverage=later), waits)
    assert set(found["patient_id"]) < set(small["patients"]["patient_id"])
    longest = small.coverage["extraction_date"].max() + timedelta(days=1)
    assert set(found["patient_id"]) <= set(waits.filter(pl.col("day") <= longest)["patient_id"])
