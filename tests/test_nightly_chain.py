"""Later deposits replace rows of earlier ones by key and extraction date, whenever they came; what nobody sent is not covered."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.ingest.discovery import TableDeclaration
from pipelines.nightly import deposits
from pipelines.nightly.chain import chain_of, declared, fold, sorted_out
from pipelines.nightly.deletions import Deletion
from pipelines.nightly.deposits import Deposit
from tests.made_deposits import Network, kept, put
from validation.contract import TABLES


def deposit(name: str, day: str, kind: str = "full", **more: object) -> Deposit:
    return Deposit("C1", name, kind, date.fromisoformat(day), f"print of {name} {day}", "1", **more)  # type: ignore[arg-type]


JANUARY = deposit("january", "2026-01-31")
FEBRUARY = deposit("february", "2026-02-28", "incremental")
MARCH = deposit("march", "2026-03-31", "incremental")
APRIL = deposit("april", "2026-04-30")


def test_the_newest_full_deposit_and_what_came_after_it_are_in_effect() -> None:
    found = sorted_out([MARCH, APRIL, JANUARY, FEBRUARY])
    assert found.chain == (APRIL,)
    assert found.superseded == (JANUARY, FEBRUARY, MARCH)
    assert chain_of([MARCH, JANUARY, FEBRUARY]) == (JANUARY, FEBRUARY, MARCH)


def test_an_incremental_deposit_waits_for_a_full_one_before_it() -> None:
    assert sorted_out([FEBRUARY, MARCH]).waiting == (FEBRUARY, MARCH)
    assert chain_of([FEBRUARY, MARCH]) == ()
    assert chain_of([FEBRUARY, MARCH, JANUARY]) == (JANUARY, FEBRUARY, MARCH)
    assert sorted_out([FEBRUARY, APRIL]).waiting == ()


def test_of_equal_dates_acceptance_decides() -> None:
    other = deposit("other", "2026-02-28", "incremental")
    assert chain_of([JANUARY, other, FEBRUARY]) == (JANUARY, other, FEBRUARY)
    assert chain_of([JANUARY, FEBRUARY, other]) == (JANUARY, FEBRUARY, other)


def test_a_deposit_takes_the_place_of_the_one_of_its_name() -> None:
    again = deposit("february", "2026-02-27", "incremental")
    found = sorted_out([JANUARY, FEBRUARY, MARCH, again])
    assert found.chain == (JANUARY, again, MARCH)
    assert found.superseded == (FEBRUARY,)


def test_a_withdrawal_takes_back_what_came_before_it_under_that_name() -> None:
    back = deposit("oops", "2026-05-01", "withdrawal", withdraws="april")
    found = sorted_out([JANUARY, FEBRUARY, APRIL, back])
    assert found.chain == (JANUARY, FEBRUARY)
    assert found.withdrawn == (APRIL,)
    assert chain_of([JANUARY, back, APRIL]) == (APRIL,)


# Fold


def standing(chain: tuple[Deposit, ...], store: Path) -> dict[str, Counter[tuple[str, int]]]:
    """File and line of the rows that stand."""
    found: dict[str, Counter[tuple[str, int]]] = {name: Counter() for name in TABLES}
    for part, file in fold(chain, [deposits.read(store / one.id) for one in chain]).content:
        found[file.table].update((part.source.path, line) for line in part.lines)
    return found


def standing_in_plain_python(chain: tuple[Deposit, ...], network: Network) -> dict[str, Counter[tuple[str, int]]]:
    """One row after the other, as the rules say it."""
    rows: dict[str, list[tuple[tuple[str, int], dict[str, str]]]] = {name: [] for name in TABLES}
    for one in chain:
        tables, deletions = network.sent[one.id]
        for table, key in deletions:
            columns = TABLES[table].key or ("patient_id",)
            named = dict(zip(columns, key.split("|"), strict=True))
            rows[table] = [(at, row) for at, row in rows[table] if not named.items() <= row.items()]
            if table == "patients":
                for name in rows:
                    rows[name] = [(at, row) for at, row in rows[name] if row.get("patient_id") != key]
        for table, sent in tables.items():
            columns = TABLES[table].key or ("patient_id",)
            keys = {tuple(row[column] for column in columns) for row in sent}
            keys = {key for key in keys if all(key)}
            rows[table] = [
                (at, row) for at, row in rows[table] if tuple(row[column] for column in columns) not in keys
            ] + [((f"{one.centre}/{one.name}/{table}.csv", line), row) for line, row in enumerate(sent, start=2)]
    return {name: Counter(at for at, _ in found) for name, found in rows.items()}


def drawn_centre(root: Path, rng: Random, n: int) -> Network:
    network = Network(root, rng)
    network.store.mkdir(parents=True)
    network.take("C1", "full", "2026-01-01")
    for _ in range(n):
        kind = rng.choice(["full", "incremental", "incremental", "incremental"])
        network.take("C1", kind, f"2026-0{rng.randint(1, 6)}-01")
    return network


def assert_written_out(rng: Random) -> None:
    with TemporaryDirectory() as root:
        network = drawn_centre(Path(root), rng, 4)
        chain = network.chains["C1"]
        mine, plain = standing(chain, network.store), standing_in_plain_python(chain, network)
        assert mine == plain


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_rows_that_stand_are_those_of_the_rules_written_out(rng: Random) -> None:
    assert_written_out(rng)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_rows_that_stand_are_those_of_the_rules_written_out_many_times(rng: Random) -> None:
    assert_written_out(rng)


@given(st.lists(st.sampled_from(["full", "incremental"]), min_size=1, max_size=9).flatmap(
    lambda kinds: st.permutations(list(enumerate(kinds)))
))  # fmt: skip
def test_the_order_of_arrival_does_not_matter(arriving: list[tuple[int, str]]) -> None:
    sent = [deposit(f"d{n}", f"2026-01-{n + 1:02}", kind) for n, kind in arriving]
    assert chain_of(sent) == chain_of(sorted(sent, key=lambda one: one.extraction_date))


def test_findings_follow_the_rows_that_stand(tmp_path: Path) -> None:
    rows = [{"lesion_id": f"L{n}", "patient_id": "P1", "discovery_date": day, "bone": "femur"} for n, day in enumerate(
        ["2023-01-01", "2023-02-31", "2023-01-02", "2023-02-30"]
    )]  # fmt: skip
    (store := tmp_path / "store").mkdir()
    patients = [{"patient_id": "P1", "centre_id": "C1"}]
    first = put(
        tmp_path / "in/C1/a", "C1", {"centres": [{"centre_id": "C1"}], "patients": patients, "bone_lesions": rows}
    )
    second = put(tmp_path / "in/C1/b", "C1", {"bone_lesions": rows[1:2]}, "2026-07-31", "incremental")
    chain = chain_of([kept(first, store), kept(second, store)])
    content = fold(chain, [deposits.read(store / one.id) for one in chain]).content
    lesions = [part for part, file in content if file.table == "bone_lesions"]
    assert [part.lines.to_list() for part in lesions] == [[2, 4, 5], [2]]
    assert [[list(finding.rows) for finding in part.findings] for part in lesions] == [[[2]], [[0]]]


def test_a_deletion_comes_before_the_rows_of_its_deposit(tmp_path: Path) -> None:
    (store := tmp_path / "store").mkdir()
    tables = {
        "centres": [{"centre_id": "C1"}],
        "patients": [{"patient_id": "P1", "centre_id": "C1"}, {"patient_id": "P2", "centre_id": "C1"}],
        "lab_results": [
            {"patient_id": who, "date": "2023-01-01", "analyte": "crp", "value": "1"} for who in ("P1", "P2")
        ],
    }
    first = kept(put(tmp_path / "in/C1/a", "C1", tables), store)
    again = {"patients": [{"patient_id": "P1", "centre_id": "C1"}]}
    deletions = [("patients", "P1"), ("lab_results", "P2")]
    second = kept(put(tmp_path / "in/C1/b", "C1", again, "2026-07-31", "incremental", deletions), store)
    assert second.deletions == (Deletion("patients", ("P1",)), Deletion("lab_results", ("P2",)))
    found = standing((first, second), store)
    assert found["patients"] == Counter([("C1/a/patients.csv", 3), ("C1/b/patients.csv", 2)])
    assert found["lab_results"] == Counter()


# Coverage

LABS = "lab_results"


def covering(
    first: TableDeclaration, *later: tuple[str, TableDeclaration | None]
) -> tuple[bool | None, object, object]:
    chain = [deposit("a", "2026-01-31", supplied=(LABS,), tables={LABS: first})] + [
        deposit(f"b{n}", day, "incremental", supplied=(LABS,) if said else (), tables={LABS: said} if said else {})
        for n, (day, said) in enumerate(later)
    ]
    said = declared(chain).tables[LABS]
    return said.complete, said.start and said.start.isoformat(), said.end and said.end.isoformat()


def says(complete: bool | None = None, start: str | None = None, end: str | None = None) -> TableDeclaration:
    return TableDeclaration(None, complete, start and date.fromisoformat(start), end and date.fromisoformat(end))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("first", "later", "expected"),
    [
        (says(), [], (None, None, None)),
        (says(False, "2020-01-01", "2025-12-31"), [], (False, "2020-01-01", "2025-12-31")),
        (says(), [("2026-02-28", says())], (None, None, None)),
        (says(), [("2026-02-28", None)], (None, None, "2026-01-31")),
        (says(None, "2020-01-01"), [("2026-02-28", says())], (None, "2020-01-01", None)),
        (says(None, "2020-01-01"), [("2026-02-28", says(None, "2019-01-01"))], (None, "2019-01-01", None)),
        (says(None, "2020-01-01"), [("2026-02-28", says(None, "2026-02-01"))], (None, "2020-01-01", None)),
        (says(None, "2020-01-01"), [("2026-02-28", says(None, "2026-02-02"))], (None, "2020-01-01", "2026-01-31")),
        (says(), [("2026-02-28", says(False))], (False, None, None)),
        (says(False), [("2026-02-28", says(True))], (False, None, None)),
        (says(), [("2026-02-28", says(None, None, "2026-02-15"))], (None, None, "2026-02-15")),
        (says(), [("2026-02-28", says()), ("2026-03-31", None)], (None, None, "2026-02-28")),
    ],
)  # fmt: skip
def test_a_table_reaches_as_far_as_somebody_sent_it(
    first: TableDeclaration, later: list[tuple[str, TableDeclaration | None]], expected: tuple[object, ...]
) -> None:
    assert covering(first, *later) == expected


def test_a_table_that_only_an_incremental_deposit_brings_is_not_complete_unless_it_says_so() -> None:
    full = deposit("a", "2026-01-31")
    for said, complete in ((says(), False), (says(True), True)):
        more = deposit("b", "2026-02-28", "incremental", supplied=(LABS,), tables={LABS: said})
        assert declared([full, more]).tables[LABS].complete is complete
    assert pl.Series(list(declared([full]).supplied)).is_empty()
