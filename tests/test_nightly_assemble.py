"""The network updated for the patients concerned is the network assembled from all rows, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import store as database
from pipelines.ingest import take_in
from pipelines.nightly import assemble, deposits, state
from pipelines.nightly.assemble import Assembled, Chains
from pipelines.nightly.chain import chain_of, fold
from pipelines.nightly.deposits import Deposit
from tests.made_deposits import Network, kept, put
from tests.small_extract import Cohort, cohort, write
from validation.contract import TABLES


@contextmanager
def never_whole() -> Iterator[None]:
    """Updates of small networks concern most of their patients; here they are updated all the same."""
    largest, assemble.LARGEST = assemble.LARGEST, float("inf")
    try:
        yield
    finally:
        assemble.LARGEST = largest


def frames(network: Assembled) -> dict[str, pl.DataFrame]:
    """Every frame of a network."""
    found, intake = network.found, network.intake
    return {
        **{f"table {name}": frame for name, frame in found.tables.items()},
        **{f"places {name}": frame for name, frame in found.places.items()},
        **{name: getattr(found, name) for name in ("quarantine", "owners", "counts", "holes", "linkage")},
        "all holes": intake.holes,
        "coverage": intake.coverage,
    }


def assert_equal(one: Assembled, other: Assembled) -> None:
    mine, others = frames(one), frames(other)
    for name, frame in mine.items():
        assert frame.schema == others[name].schema, name
        assert frame.equals(others[name]), name
    assert one.intake.files == other.intake.files
    assert (one.chains, one.listed) == (other.chains, other.listed)


def assert_balanced(network: Assembled, chains: Chains, store: Path) -> None:
    """Of the rows that stand each is accepted or in quarantine, in every table and centre."""
    counts = network.intake.counts
    assert (counts["accepted"] + counts["quarantined"]).equals(counts["read"], check_names=False)
    standing = dict.fromkeys(TABLES, 0)
    for chain in filter(None, chains.values()):
        for part, file in fold(chain, [deposits.read(store / one.id) for one in chain]).content:
            standing[file.table] += part.frame.height
    read = dict(counts.group_by("table").agg(pl.col("read").sum()).iter_rows())
    assert {table: read.get(table, 0) for table in TABLES} == standing
    accepted = dict(counts.group_by("table").agg(pl.col("accepted").sum()).iter_rows())
    assert {table: accepted.get(table, 0) for table in TABLES} == {
        table: frame.height for table, frame in network.intake.tables.items()
    }


def nights(root: Path, rng: Random, n: int) -> None:
    """Deposits of three centres night after night: each update equals the network assembled from scratch."""
    network = Network(root, rng)
    network.store.mkdir(parents=True)
    for centre in ("C1", "C2"):
        network.take(centre, "full", "2026-01-01")
    chains = network.chains
    before = assemble.assemble(chains, network.store)
    for _ in range(n):
        for _ in range(rng.randint(1, 2)):
            kind = rng.choices(["full", "incremental", "withdrawal"], [2, 7, 1])[0]
            network.take(rng.choice(["C1", "C2", "C3"]), kind, f"2026-0{rng.randint(1, 6)}-01")
        old, chains = chains, network.chains
        updated = assemble.update(before, old, chains, network.store)
        whole = assemble.assemble(chains, network.store)
        assert_equal(updated, whole)
        assert_balanced(updated, chains, network.store)
        before = updated


@settings(max_examples=2, deadline=None)
@given(st.randoms(use_true_random=False))
def test_an_update_equals_the_whole(rng: Random) -> None:
    with TemporaryDirectory() as root, never_whole():
        nights(Path(root), rng, 2)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_many_updates_equal_the_whole(rng: Random) -> None:
    with TemporaryDirectory() as root, never_whole():
        nights(Path(root), rng, 6)


def of_centre(tables: Cohort, centre: str) -> Cohort:
    """The rows of a cohort that one centre sends."""
    own = {row["patient_id"] for row in tables["patients"] if row["centre_id"] == centre}
    sent = {name: [row for row in rows if row.get("patient_id", "") in own] for name, rows in tables.items()}
    return sent | {"centres": [row for row in tables["centres"] if row["centre_id"] == centre]}


@pytest.fixture
def two_centres(tmp_path: Path) -> tuple[Path, dict[str, tuple[Deposit, ...]]]:
    """The small extract as two full deposits in a store."""
    (store := tmp_path / "store").mkdir()
    chains = {
        centre: (kept(put(tmp_path / "in" / centre / "june", centre, of_centre(cohort(), centre)), store),)
        for centre in ("C1", "C2")
    }
    return store, chains


def test_whole_deposits_give_what_an_audit_of_them_gives(tmp_path: Path, two_centres: tuple[Path, Chains]) -> None:
    store, chains = two_centres
    found = assemble.assemble(chains, store).intake
    for centre in chains:
        write(tmp_path / "extract" / centre, {n: rows for n, rows in of_centre(cohort(), centre).items() if rows})
        words = f'centre = "{centre}"\nextraction_date = 2026-06-30\n'
        (tmp_path / "extract" / centre / "extract.toml").write_text(words)
    intake = take_in([tmp_path / "extract"])
    for name in TABLES:
        assert found.tables[name].equals(intake.tables[name]), name
        places = found.places[name].cast({"file": pl.String}).with_columns(pl.col("file").str.replace("/june/", "/"))
        assert places.equals(intake.places[name].cast({"file": pl.String})), name
    for name in ("coverage", "quarantine", "counts", "holes", "linkage"):
        assert getattr(found, name).equals(getattr(intake, name)), name


def test_only_the_rows_of_patients_concerned_are_read_again(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    store, chains = two_centres
    before = assemble.assemble(chains, store)
    late = {"lab_results": [{"patient_id": "P3", "date": "2024-01-01", "analyte": "crp", "value": "3"}]}
    inc = kept(put(tmp_path / "in/C2/july", "C2", late, "2026-07-31", "incremental"), store)
    new = chains | {"C2": chain_of([*chains["C2"], inc])}
    updated = assemble.update(before, chains, new, store)
    assert updated.again is not None
    assert updated.again.to_list() == ["P3"]
    assert_equal(updated, assemble.assemble(new, store))


def test_patients_whom_an_identifier_connects_are_concerned_together(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    """P1's procedure X1 is that of his course; another centre now uses the same identifier for something else."""
    store, chains = two_centres
    before = assemble.assemble(chains, store)
    clash = [{"procedure_id": "X1", "patient_id": "P3", "date": "2024-01-01", "category": "interventional_radiology"}]
    inc = kept(put(tmp_path / "in/C2/july", "C2", {"procedures": clash}, "2026-07-31", "incremental"), store)
    new = chains | {"C2": chain_of([*chains["C2"], inc])}
    with never_whole():
        updated = assemble.update(before, chains, new, store)
    assert updated.again is not None
    assert updated.again.to_list() == ["P1", "P3"]
    assert updated.intake.tables["procedures"].is_empty()
    assert_equal(updated, assemble.assemble(new, store))


def test_rows_of_one_patient_from_two_deposits_of_a_centre_are_not_linked(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    store, chains = two_centres
    died = [{"patient_id": "P1", "centre_id": "C1", "birth_date": "1950-01-31", "death_date": "2026-01-01"}]
    inc = kept(put(tmp_path / "in/C1/july", "C1", {"patients": died}, "2026-07-31", "incremental"), store)
    found = assemble.assemble(chains | {"C1": (*chains["C1"], inc)}, store).intake
    assert found.linkage.is_empty()
    assert found.tables["patients"].filter(pl.col("patient_id") == "P1")["sex"].to_list() == [None]


def test_a_correction_by_a_broken_row_leaves_a_hole(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    store, chains = two_centres
    broken = [{"lesion_id": "L1", "patient_id": "P1", "discovery_date": "2023-02-31", "bone": "femur"}]
    inc = kept(put(tmp_path / "in/C1/july", "C1", {"bone_lesions": broken}, "2026-07-31", "incremental"), store)
    found = assemble.assemble(chains | {"C1": (*chains["C1"], inc)}, store).intake
    assert "L1" not in found.tables["bone_lesions"]["lesion_id"]
    assert ("P1", "bone_lesions") in found.holes.rows()


def test_everything_is_assembled_again_when_the_network_changes_or_what_was_known_is_of_other_chains(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    store, chains = two_centres
    first = {"C1": chains["C1"]}
    before = assemble.assemble(first, store)
    with never_whole():
        joined = assemble.update(before, first, chains, store)
        other = assemble.update(before, chains, chains, store)
    assert joined.again is None
    assert other.again is None
    assert_equal(joined, assemble.assemble(chains, store))
    assert_equal(other, joined)


def test_what_a_run_keeps_is_enough_to_go_on_from(
    tmp_path: Path, two_centres: tuple[Path, dict[str, tuple[Deposit, ...]]]
) -> None:
    store, chains = two_centres
    broken = {
        "bone_lesions": [{"lesion_id": "L9", "patient_id": "P1", "discovery_date": "2023-02-31", "bone": "femur"}]
    }
    first = kept(put(tmp_path / "in/C1/july", "C1", broken, "2026-07-31", "incremental"), store)
    old = chains | {"C1": chain_of([*chains["C1"], first])}
    before = assemble.assemble(old, store)
    database.save(tmp_path / "audit.duckdb", before.intake)
    state.save(before, tmp_path / "state")
    known = state.load(tmp_path / "audit.duckdb", tmp_path / "state")
    second = kept(
        put(tmp_path / "in/C1/august", "C1", {}, "2026-08-31", "incremental", [("bone_lesions", "L9")]), store
    )
    new = chains | {"C1": chain_of([*chains["C1"], first, second])}
    with never_whole():
        updated = assemble.update(known, old, new, store)
    assert updated.again is not None
    assert_equal(updated, assemble.assemble(new, store))
    assert updated.intake.quarantine.is_empty()


def test_a_damaged_state_is_told(tmp_path: Path, two_centres: tuple[Path, Chains]) -> None:
    store, chains = two_centres
    before = assemble.assemble(chains, store)
    database.save(tmp_path / "audit.duckdb", before.intake)
    state.save(before, tmp_path / "state")
    (tmp_path / "state" / state.OWNERS).write_bytes(b"PAR1 no more")
    with pytest.raises(state.StateError, match="cannot be used"):
        state.load(tmp_path / "audit.duckdb", tmp_path / "state")
