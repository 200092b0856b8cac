"""Accepting, publishing and rolling back; what is kept for how long; is the store whole; other formats."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.nightly import facts, housekeeping, runs
from pipelines.nightly import home as homes
from pipelines.nightly.errors import HomeError
from pipelines.nightly.home import Home, locked
from pipelines.nightly.housekeeping import retention, sizes
from pipelines.nightly.migrate import migrate
from pipelines.nightly.verify import verify_store
from pipelines.store import connect
from tests.nightly_store import accepted, converted, filled_run, kinds, last, published, state


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.create(tmp_path / "network")
    with locked(made, "test"):
        yield made


def read(home: Home) -> str:
    """What a reader sees."""
    return (home.published / "results" / "rates.parquet").read_text()


def set_keep(home: Home, **values: int) -> Home:
    home.config_file.write_text("[keep]\n" + "".join(f"{name} = {value}\n" for name, value in values.items()))
    return Home.at(home.root)


# Publishing


def test_readers_see_what_was_published_last_and_the_ledger_says_what_went_in(home: Home) -> None:
    deposit = accepted(home, "june", ["P1"])
    run = published(home, "first", deposit)
    assert read(home) == "first"
    assert kinds(home) == ["accepted", "published"]
    said = last(home).facts
    assert (said["run"], said["chains"]) == (run, {"C1": [deposit]})
    assert said["results"] == {"out/results/rates.parquet": runs.sha256_of(home.published / "results/rates.parquet")}
    kept = json.loads((home.runs / run / "run.json").read_text())
    assert set(kept["files"]) == {
        "out/audit.duckdb", "out/results/rates.parquet", "out/publish/report.html", "state/decided",
    }  # fmt: skip
    assert verify_store(home) == []


def test_ids_of_runs_sort_as_they_were_made_when_the_clock_goes_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Back(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Back:
            return cls(1999, 1, 1, tzinfo=tz)

    first = published(home, "first")
    monkeypatch.setattr(runs, "datetime", Back)
    second = published(home, "second")
    assert first < second
    assert second.endswith("-1999-01-01")
    shutil.rmtree(home.runs / second)
    assert runs.new_run(home) > second


def test_the_network_can_be_moved_elsewhere(home: Home, tmp_path: Path) -> None:
    published(home, "first")
    home.root.rename(tmp_path / "moved")
    assert read(Home.at(tmp_path / "moved")) == "first"


def test_something_else_in_the_place_of_the_link_is_not_touched(home: Home) -> None:
    home.published.mkdir()
    (home.published / "mine").touch()
    with pytest.raises(HomeError, match="is not the symbolic link"):
        published(home, "first")
    assert (home.published / "mine").exists()


def test_what_was_moved_but_not_entered_is_unfinished_again(home: Home) -> None:
    run = published(home, "first")
    folder = filled_run(home, "second")
    folder.rename(home.runs / folder.name)
    half, _ = converted(home, "june", ["P1"])
    half.rename(home.deposits / "C1.2026-06-30.half")
    (home.work / "raw-july").mkdir()
    (home.root / ".published.1.tmp").symlink_to("nowhere")
    home.published.unlink()
    told = runs.recover(home)
    assert read(home) == "first"
    assert [path.name for path in home.runs.iterdir()] == [run]
    assert [path.name for path in home.work.iterdir()] == [folder.name]
    assert not list(home.deposits.iterdir())
    assert not (home.root / ".published.1.tmp").is_symlink()
    assert len(told) == 3
    assert verify_store(home) == []
    assert runs.recover(home) == []


def test_a_deposit_whose_entry_is_torn_stays_in_the_store_and_is_told(home: Home) -> None:
    deposit = accepted(home, "june", ["P1"])
    (home.ledger_folder / "00000001.json").write_bytes(b"{")
    assert any("torn" in line for line in runs.recover(home))
    assert (home.deposits / deposit).is_dir()
    assert any(f"{deposit} has no entry" in line for line in verify_store(home))
    shutil.rmtree(home.root / "inbox" / "C1")
    assert accepted(home, "june", ["P1"]) == deposit
    assert verify_store(home) == []


# Rolling back


def test_a_rollback_publishes_the_earlier_run_and_sets_later_deposits_aside(home: Home) -> None:
    june = accepted(home, "june", ["P1"])
    first = published(home, "first", june)
    july = accepted(home, "july", ["P1", "P2"], day="2026-07-31")
    second = published(home, "second", july)
    now = runs.roll_back(home, first)
    assert read(home) == "first"
    assert (now.run, list(now.deposits), now.set_aside) == (first, [june], {july})
    assert last(home).facts == {"to": first, "run": second}
    assert verify_store(home) == []
    assert runs.recover(home) == []


def test_a_rollback_says_which_run_was_meant_and_which_files_are_gone(home: Home) -> None:
    first = published(home, "first")
    second = published(home, "second")
    with pytest.raises(HomeError, match=f"Did you mean {first}"):
        runs.roll_back(home, first[:-1])
    with pytest.raises(HomeError, match="nothing was done"):
        runs.roll_back(home, second)
    rebuilt = shutil.copytree(home.runs / first, home.work / first)
    shutil.rmtree(home.runs / first)
    with pytest.raises(HomeError, match="have to be rebuilt"):
        runs.roll_back(home, first)
    assert kinds(home) == ["published", "published"]
    runs.put_back(home, rebuilt)
    runs.roll_back(home, first)
    assert read(home) == "first"


# Keeping


def test_old_runs_lose_their_files_but_never_the_published_and_the_newest_one(home: Home) -> None:
    made = [published(home, str(k)) for k in range(5)]
    runs.roll_back(home, made[0])
    home = set_keep(home, runs=1)
    assert retention(home).runs == tuple(made[1:4])
    assert sorted(path.name for path in home.runs.iterdir()) == [made[0], made[4]]
    assert last(home).facts == {"runs": made[1:4], "raw": []}
    assert verify_store(home) == []
    assert retention(home) == housekeeping.Pruned((), ())


def test_raw_files_are_kept_for_their_days(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    deposit = accepted(home, "june", ["P1"])
    assert retention(set_keep(home, raw_days=90)).raw == ()

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=91)

    monkeypatch.setattr(housekeeping, "datetime", Later)
    assert retention(set_keep(home, raw_days=90)).raw == (deposit,)
    assert not (home.raw / deposit).exists()
    assert (home.deposits / deposit).is_dir()


def test_no_raw_files_are_kept_with_zero_days(home: Home) -> None:
    deposit = accepted(home, "june", ["P1"])
    assert retention(set_keep(home, raw_days=0)).raw == (deposit,)


def test_the_size_of_every_part_is_told(home: Home) -> None:
    published(home, "first")
    found = sizes(home)
    assert found["runs"] > 1000
    assert found["deposits"] == 0
    assert found["total"] >= sum(found[part] for part in ("deposits", "raw", "runs", "ledger", "work"))
    assert found["free"] > 0


# Verifying

Damage = Callable[[Home, str, str], Any]


def add_log(home: Home, deposit: str, run: str) -> None:
    (home.published / "audit.duckdb.wal").write_bytes(b"\0" * 100)


def break_database(home: Home, deposit: str, run: str) -> None:
    path = home.published / "audit.duckdb"
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = os.urandom(len(content) - len(content) // 2)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda h, d, r: shutil.rmtree(h.deposits / d), ["is missing from store/deposits", "backup"]),
        (lambda h, d, r: (h.deposits / d / "deposit.json").write_text("{"), ["deposit.json", "damaged"]),
        (lambda h, d, r: (h.deposits / d / "000-centres.parquet").write_text("x"), ["000-centres.parquet", "checksum"]),
        (lambda h, d, r: shutil.rmtree(h.runs / r), ["its files are missing", "the next night makes it again"]),
        (lambda h, d, r: (h.runs / r / "out/results/rates.parquet").write_text("x"), ["rates.parquet is damaged"]),
        (lambda h, d, r: (h.runs / r / "out/results/rates.parquet").unlink(), ["rates.parquet is missing"]),
        (lambda h, d, r: (h.runs / r / "state/more").write_text("x"), ["state/more was put there"]),
        (lambda h, d, r: (h.runs / r / "run.json").write_text("{"), ["run.json is missing or damaged"]),
        (break_database, ["audit.duckdb is damaged", "the next night makes it again"]),
        (add_log, ["audit.duckdb.wal", "write-ahead log"]),
        (lambda h, d, r: h.published.unlink(), ["leads to no run, but must lead to run " + "0"]),
        (lambda h, d, r: (h.deposits / "stray").mkdir(), ["store/deposits/stray has no entry"]),
        (lambda h, d, r: h.ledger.append("published", run="x", chains={"C1": ["other"]}), ["names deposit other"]),
        (lambda h, d, r: h.ledger.append("quiet") and (h.ledger_folder / "00000002.json").unlink(), ["entry 2 is mis"]),
    ],
)  # fmt: skip
def test_damage_is_told_with_what_to_do(home: Home, damage: Damage, told: list[str]) -> None:
    deposit = accepted(home, "june", ["P1"])
    run = published(home, "first", deposit)
    damage(home, deposit, run)
    problems = "\n".join(verify_store(home))
    for words in told:
        assert words in problems


def test_everything_that_is_damaged_is_told_at_once(home: Home) -> None:
    deposit = accepted(home, "june", ["P1"])
    run = published(home, "first", deposit)
    break_database(home, deposit, run)
    shutil.rmtree(home.deposits / deposit)
    home.published.unlink()
    assert len({line.split(":")[0].split(" is ")[0] for line in verify_store(home)}) >= 3


def test_a_database_that_was_changed_as_a_whole_is_found_by_opening_it_too(home: Home) -> None:
    """A damaged page that no checksum of ours covers: the run file was made anew after the damage."""
    folder = filled_run(home, "first")
    path = folder / "out" / "audit.duckdb"
    content = bytearray(path.read_bytes())
    content[-(1 << 18) :] = os.urandom(1 << 18)
    path.write_bytes(content)
    run = runs.publish(home, folder, chains={}, held={})
    assert any(f"Run {run}: audit.duckdb is damaged" in line for line in verify_store(home))


def test_verifying_changes_nothing(home: Home) -> None:
    published(home, "first", accepted(home, "june", ["P1"]))
    before = state(home)
    assert verify_store(home) == []
    assert state(home) == before


# Formats


def rename_deposits(store: Path) -> None:
    """A migration of the tests: format 1 calls a file otherwise."""
    for path in store.glob("deposits/*/noted"):
        path.rename(path.with_name("deposit.json"))


def of_format_0(home: Home) -> str:
    deposit = accepted(home, "june", ["P1"])
    published(home, "first", deposit)
    (home.deposits / deposit / "deposit.json").rename(home.deposits / deposit / "noted")
    home.format_file.write_text("0\n")
    return deposit


def test_a_store_is_migrated_on_a_copy_that_takes_its_place(home: Home) -> None:
    of_format_0(home)
    assert migrate(home, {0: rename_deposits}) == [0]
    after = Home.at(home.root)
    assert verify_store(after) == []
    assert read(after) == "first"
    assert last(after).kind == "migrated"
    assert last(after).facts == {"found": 0, "to": 1}
    assert {path.name for path in home.root.iterdir()} == {"inbox", "nightly.toml", "published", "receipts", "store"}
    assert migrate(home) == []


def failing(store: Path) -> None:
    rename_deposits(store)
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    ("migrations", "told"), [({0: failing}, "No space left"), ({}, "cannot migrate a store of format 0")]
)
def test_a_migration_that_fails_leaves_the_store_as_it_was(
    home: Home, migrations: Mapping[int, Any], told: str
) -> None:
    of_format_0(home)
    before = {path: content for path, content in state(home).items() if path.startswith("store/")}
    with pytest.raises(HomeError, match=told):
        migrate(home, migrations)
    assert {path: content for path, content in state(home).items() if path.startswith("store/")} == before


def test_a_migration_that_died_between_its_two_renames_is_finished(home: Home) -> None:
    of_format_0(home)
    shutil.copytree(home.store, home.root / homes.MIGRATED)
    (home.root / homes.MIGRATED / "format").write_text("1\n")
    rename_deposits(home.root / homes.MIGRATED)
    home.store.rename(home.root / homes.REPLACED)
    after = Home.at(home.root)
    with locked(after, "test"):
        runs.recover(after)
    assert verify_store(after) == []
    assert not (home.root / homes.REPLACED).exists()


def test_what_stands_is_a_function_of_the_ledger_alone(home: Home) -> None:
    june = accepted(home, "june", ["P1"])
    published(home, "first", june)
    assert facts.standing(home.ledger.entries()) == facts.standing(Home.at(home.root).ledger.entries())


def test_a_database_of_a_run_opens(home: Home) -> None:
    published(home, "first")
    with connect(home.published / "audit.duckdb", read_only=True) as con:
        assert con.execute("SELECT count(*) FROM registry.patients").fetchall() == [(20000,)]
