"""Whole nights: what is published equals a rebuild from scratch, whatever came, in whatever order, and whenever it was killed."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import polars as pl
import pytest
from served import serving, until

from pipelines import store
from pipelines.nightly import deposits, erase, facts, night, rebuilding, runs, state
from pipelines.nightly.home import Home, locked
from pipelines.nightly.inbox import InboxError
from pipelines.nightly.lock import LockHeld
from pipelines.nightly.verify import verify_store
from pipelines.run import DATABASE
from tests import night_worker
from tests.nights import Hospital, Season, hospitals, key_of

QUIET = 'language = "en"\nquiet_minutes = 0\n'


def network(folder: Path, patients: int, centres: int, seed: int, settings: str = QUIET) -> tuple[Home, Season]:
    """A new network and the hospitals that will send it deposits."""
    home = Home.create(folder / "network")
    home.config_file.write_text(settings)
    (folder / "asides").mkdir()
    found = hospitals(folder / "pool", patients, centres, seed)
    return Home.at(home.root), Season(home.root / "inbox", found, random.Random(seed), asides=folder / "asides")


def run(home: Home) -> night.Night:
    """A night as a new process would run it."""
    return night.run(Home.at(home.root))


def one_more(home: Home, season: Season) -> None:
    """Another evening, on which one centre has a new patient at least."""
    season.next()
    season.hospitals[0].admit(1)
    season.hospitals[0].incremental(home.inbox / season.hospitals[0].centre / "more", season.day)


def events(home: Home) -> dict[str, object]:
    """What the last night told programs."""
    return dict(json.loads((home.root / "events.json").read_text()))


def check_rebuilt(home: Home) -> None:
    """What is published is what its deposits make from scratch."""
    entry = facts.current(home.ledger.entries())
    assert entry is not None
    with locked(home, "test"):
        assert rebuilding.differences(home, entry) == []
    assert runs.linked(home) == entry.facts["run"]


def check_truth(home: Home, hospital: Hospital) -> None:
    """The rows that stand, accepted or in quarantine, are those that the hospital has."""
    assert hospital.sent is not None
    out = home.published / DATABASE
    read = store.load(out)
    with store.connect(out, read_only=True) as con:
        counts = store.read_frame(con, "quarantine", "counts").filter(pl.col("centre_id") == hospital.centre)
    stood = dict(counts.select("table", "read").iter_rows())
    for name, rows in hospital.sent.items():
        assert stood.get(name, 0) == len(rows), name
        if name not in ("centres", "patients") and "patient_id" in read[name].columns:
            keys = {key_of(name, row) for row in rows}
            own = read[name].filter(pl.col("patient_id").is_in({row["patient_id"] for row in rows}))
            assert {"|".join(map(str, row)) for row in own.select(_key(name)).iter_rows()} <= keys


def _key(name: str) -> list[str]:
    from validation.contract import TABLES

    return list(TABLES[name].key or ("patient_id",))


# Seasons


def nights(folder: Path, patients: int, centres: int, seed: int, n: int) -> Season:
    """So many nights, each compared with a rebuild from scratch; nights without anything new change nothing."""
    home, season = network(folder, patients, centres, seed)
    for _ in range(n):
        season.next()
        ended = run(home)
        assert events(home)["outcome"] in ("published", "nothing_new")
        if ended.published:
            check_rebuilt(home)
        before = published_bytes(home)
        assert not run(home).published
        assert published_bytes(home) == before
    season.settle()
    run(home)
    check_rebuilt(home)
    for hospital in season.hospitals:
        check_truth(home, hospital)
    assert verify_store(home) == []
    return season


def published_bytes(home: Home) -> tuple[str | None, dict[str, str]]:
    """The published run and its results."""
    results = sorted((home.published / "results").iterdir())
    return runs.linked(home), {path.name: runs.sha256_of(path) for path in results}


@pytest.mark.slow
def test_thirty_nights_of_six_centres_equal_their_rebuild(tmp_path: Path) -> None:
    season = nights(tmp_path, 90, 6, 20261126, 30)
    kinds = {"full", "incremental", "late", "duplicate", "correction", "wrong", "broken"}
    assert kinds <= season.made.keys()


# One night


def test_a_broken_deposit_stops_no_other_centre(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    season.night += 1
    one, other = season.hospitals
    one.admit(1)
    one.incremental(home.inbox / one.centre / "good", season.day)
    broken = home.inbox / other.centre / "bad"
    other.full(broken, season.day)
    (broken / "patients.csv").write_bytes(b"patient_id;sex\n\x00")
    ended = run(home)
    assert ended.published
    told = {(one["centre"], one["name"]): one for one in events(home)["deposits"]}  # type: ignore[attr-defined]
    assert told[one.centre, "good"]["fate"] == "accepted"
    assert told[other.centre, "bad"]["fate"] == "refused"
    assert events(home)["exit_code"] == 3
    assert "Refused" in (home.receipts / other.centre / "bad.txt").read_text()
    check_rebuilt(home)


@pytest.mark.slow
def test_a_database_that_has_grown_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, season = network(tmp_path, 60, 3, 3)
    season.next()
    run(home)
    sizes, noted = [], []
    for grown in (100, 100, 0):
        monkeypatch.setattr(state, "GROWN", grown)
        hospital = season.hospitals[0]
        hospital.admit(1)
        hospital.incremental(home.inbox / hospital.centre / f"more {len(sizes)}", season.day)
        assert run(home).published
        check_rebuilt(home)
        sizes.append((home.published / DATABASE).stat().st_size)
        noted.append(int((home.runs / str(runs.linked(home)) / runs.STATE / state.WHOLE).read_text()))
    assert sizes[0] <= sizes[1] > sizes[2]
    assert noted[0] == noted[1] == min(sizes[0], noted[0])
    assert noted[2] == sizes[2]


def test_what_is_not_known_of_a_database_makes_it_written_anew(tmp_path: Path) -> None:
    database = tmp_path / "x.duckdb"
    assert state.has_grown(database, tmp_path)
    database.write_bytes(b"1" * 100)
    assert state.has_grown(database, tmp_path)
    state.note_size(database, tmp_path)
    assert not state.has_grown(database, tmp_path)
    database.write_bytes(b"1" * (100 * state.GROWN + 1))
    state.note_size(database, tmp_path)
    assert state.has_grown(database, tmp_path)


@pytest.mark.slow
def test_a_full_deposit_that_loses_most_patients_is_held_back(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    first = run(home)
    season.night += 1
    one = season.hospitals[0]
    kept = {row["patient_id"] for row in one.tables["patients"][:2]}
    one.tables = {
        name: rows if name == "centres" else [row for row in rows if row["patient_id"] in kept]
        for name, rows in one.tables.items()
    }
    one.full(home.inbox / one.centre / "small", season.day)
    for _ in range(2):  # the second night has nothing new, and says it again
        ended = run(home)
        assert not ended.published
        assert events(home)["outcome"] == "kept"
        assert events(home)["exit_code"] == 1
        assert runs.linked(home) == first.run_id
    home.config_file.write_text(QUIET + "[accept]\nmost_lost = 1.0\n")
    assert run(home).published
    check_rebuilt(home)


@pytest.mark.slow
def test_a_lost_inbox_is_no_night_without_deposits(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    first = run(home)
    home.inbox.rename(tmp_path / "elsewhere")
    with pytest.raises(InboxError, match="not there"):
        run(home)
    assert events(home)["outcome"] == "failed"
    assert runs.linked(home) == first.run_id
    (tmp_path / "elsewhere").rename(home.inbox)
    run(home)
    assert events(home)["outcome"] == "nothing_new"


@pytest.mark.slow
def test_an_erased_patient_is_nowhere_after_the_next_night(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    who = season.hospitals[0].tables["patients"][0]["patient_id"]
    with locked(home, "test"):
        erase.erase(home, [who])
    assert run(home).published
    check_rebuilt(home)
    needle = who.encode()
    kept = [path for path in home.root.rglob("*") if path.is_file() and "inbox" not in path.parts]
    assert not [path for path in kept if path.suffix not in (".parquet", ".duckdb") and needle in path.read_bytes()]
    tables = store.load(home.published / DATABASE)
    assert all(who not in set(table["patient_id"]) for table in tables.values() if "patient_id" in table.columns)
    season.night += 1
    season.hospitals[0].full(home.inbox / season.hospitals[0].centre / "again", season.day)
    run(home)
    assert who not in set(store.load(home.published / DATABASE)["patients"]["patient_id"])
    check_rebuilt(home)


@pytest.mark.slow
def test_another_configuration_is_judged_anew(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    # Verdicts and scores are others, of patients whose data are the same.
    (home.root / "values.toml").write_text("MIRELS_SURGERY = 45\nFAVOURABLE_AGE = 40\nSTATE = 20\n")
    home.config_file.write_text(QUIET + 'parameters = "values.toml"\n')
    season.night += 1
    season.hospitals[0].admit(1)
    season.hospitals[0].incremental(home.inbox / season.hospitals[0].centre / "more", season.day)
    assert run(home).published
    check_rebuilt(home)
    assert not run(home).published


def test_two_nights_at_once(tmp_path: Path) -> None:
    home, _ = network(tmp_path, 24, 2, 5)
    with locked(home, "another night"), pytest.raises(LockHeld, match="another night"):
        run(home)


# On a schedule


@pytest.mark.slow
def test_a_scheduled_night_publishes_and_prefect_keeps_no_patient(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    broken = home.inbox / season.hospitals[0].centre / "broken"
    shutil.copytree(home.inbox / season.hospitals[0].centre / f"{season.day}-full", broken)
    (broken / "patients.csv").write_text("patient_id;x\n1;2\n")
    with serving(tmp_path, stand_in=False) as served:
        due = served.due()
        assert served.ended(due) == "Published"
        until(lambda: len(served.ask("/task_runs/filter", {"flow_runs": {"id": {"any_": [due]}}})) == len(night.STEPS))
        artifacts = {found["key"]: found["data"] for found in served.ask("/artifacts/filter", {})}
        assert "network-quality" in artifacts
        kept, told = served.stored(), "".join(served.told).encode()
    check_rebuilt(home)
    for row in (row for hospital in season.hospitals for row in hospital.tables["patients"]):
        assert row["patient_id"].encode() not in kept + told
    assert b"Traceback" not in kept + told


# Death


class Died(BaseException):
    """Stands for the end of the process."""


@pytest.mark.slow
@pytest.mark.parametrize("last", ["receive", "network", "judge", "compare", "publish"])
def test_a_night_that_died_goes_on_from_its_last_finished_step(tmp_path: Path, last: str) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    one_more(home, season)

    def die_after(step: night.Step, tonight: night.Night) -> None:
        step(tonight)
        if step.name == last:
            raise Died

    with pytest.raises(Died):
        night.run(home, die_after)
    made: list[str] = []

    def watch(step: night.Step, tonight: night.Night) -> None:
        before = tonight.finished if tonight.run_id else []
        step(tonight)
        if tonight.run_id and not tonight.published and step.name not in before and step.of_run:
            made.append(step.name)

    night.run(Home.at(home.root), watch)
    names = [step.name for step in night.STEPS if step.of_run]
    left = names[names.index(last) + 1 :] if last in names else names
    assert made == [name for name in left if name != "publish"]
    assert events(home)["outcome"] == "published"
    check_rebuilt(home)


def kill_nights(folder: Path, kills: int, seed: int) -> dict[str, int]:
    """Nights that are killed at random instants; gives how often in which step."""
    home, season = network(folder, 24, 2, seed)
    chance = random.Random(seed)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.night_worker"])
    phases: dict[str, int] = {}
    accepted: set[str] = set()
    diary = folder / "diary"
    while sum(phases.values()) < kills:
        season.next()
        ended = False
        while not ended and sum(phases.values()) < kills:
            diary.write_text("")
            worker = context.Process(target=night_worker.run, args=(home.root, diary))
            worker.start()
            at = night.STEPS[sum(phases.values()) % len(night.STEPS)].name
            while at not in diary.read_text().split() and worker.is_alive():
                time.sleep(0.002)
            worker.join(chance.choice([0.0, chance.uniform(0.0, 0.6)]))
            if worker.is_alive():
                worker.kill()
                step = (diary.read_text().split() or ["start"])[-1]
                phases[step] = phases.get(step, 0) + 1
            worker.join()
            ended = worker.exitcode == 0
            assert ended or worker.exitcode == -signal.SIGKILL
            accepted = check_after_death(home, accepted)
        if ended and chance.random() < 0.2:
            check_rebuilt(home)
    run(home)
    run(home)
    check_rebuilt(home)
    assert verify_store(home) == []
    return phases


def check_after_death(home: Home, before: set[str]) -> set[str]:
    """Readers see a whole run; what the ledger says was accepted is there; gives the deposits that were accepted."""
    entries = home.ledger.entries()
    accepted = set(facts.accepted(entries))
    assert before <= accepted
    for deposit in accepted - before:
        assert deposits.damage(home.deposits / deposit) == []
    if home.published.is_symlink():
        run_id = runs.linked(home)
        assert run_id in facts.published(entries)
        assert runs.damage(home, run_id) == []
    return accepted


@pytest.mark.slow
@pytest.mark.parametrize("seed", [101, 102])
def test_nights_killed_often(tmp_path: Path, seed: int) -> None:
    phases = kill_nights(tmp_path, 100, seed)
    print("killed in", phases)
    assert {step.name for step in night.STEPS} <= phases.keys()


@pytest.mark.slow
def test_a_damaged_database_of_the_published_run_is_made_again(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    database = home.published / DATABASE
    content = database.read_bytes()
    database.write_bytes(content[: len(content) // 2])
    assert verify_store(home) != []
    one_more(home, season)
    assert run(home).published
    check_rebuilt(home)


@pytest.mark.slow
def test_a_write_ahead_log_beside_the_database_is_no_harm(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    run(home)
    (home.published / f"{DATABASE}.wal").write_bytes(b"\x00\x01 not a log")
    one_more(home, season)
    assert run(home).published
    check_rebuilt(home)


@pytest.mark.slow
def test_a_run_whose_files_are_gone_is_rebuilt_for_a_rollback(tmp_path: Path) -> None:
    home, season = network(tmp_path, 24, 2, 5)
    season.next()
    first = run(home).run_id
    one_more(home, season)
    run(home)
    before = {path.name: runs.sha256_of(path) for path in (home.runs / first / "out" / "results").iterdir()}
    shutil.rmtree(home.runs / first)
    with locked(home, "test"):
        rebuilding.roll_back(home, first)
    assert {path.name: runs.sha256_of(path) for path in (home.published / "results").iterdir()} == before
    assert not run(home).published
    assert runs.linked(home) == first


# A full disk


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("mount") is None, reason="mounts a small file system")
def test_a_disk_that_is_full_at_any_point_of_a_night(tmp_path: Path) -> None:
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        home, season = network(place, 24, 2, 5)
        season.next()
        first = run(home).run_id
        season.next()
        season.hospitals[0].admit(1)
        season.hospitals[0].incremental(home.inbox / season.hospitals[0].centre / "more", season.day)
        used = shutil.disk_usage(place).used
        full = 0
        for room in (*range(0, 4000, 250), *range(4000, 16000, 2000)):
            subprocess.run(["mount", "-o", f"remount,size={used // 1024 + room}k", place], check=True)
            try:
                run(home)
            except OSError:
                full += 1
            else:
                break
            assert runs.linked(home) == first
            check_after_death(home, set())
        assert full >= 3
        subprocess.run(["mount", "-o", "remount,size=256m", place], check=True)
        run(home)
        check_rebuilt(home)
        assert verify_store(home) == []
    finally:
        subprocess.run(["umount", "-l", place], check=False)
