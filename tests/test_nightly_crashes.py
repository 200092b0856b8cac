"""kill -9 at any instant, a disk that is full and one that is read-only: nothing accepted is lost, nothing half published."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from pipelines.nightly import deposits, facts, lock, runs
from pipelines.nightly.backup import restore
from pipelines.nightly.erased import PATIENTS, Erased
from pipelines.nightly.errors import HomeError, NotWritten
from pipelines.nightly.home import Home, locked
from pipelines.nightly.housekeeping import retention
from pipelines.nightly.verify import verify_store
from tests import nightly_worker
from tests.nightly_store import accepted, converted, filled_run, published

# Killed


def new_network(folder: Path) -> Home:
    home = Home.create(folder / "network")
    home.config_file.write_text("[keep]\nruns = 3\nraw_days = 0\n")
    return Home.at(home.root)


def kill_at_random(home: Home, seed: int, rng: Random) -> None:
    """Let a process work until it is killed: at a random instant, or at a random change that it makes to the store.

    It starts from a fork that has imported everything and done nothing.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.nightly_worker"])
    dies_at = rng.choice([None, rng.randrange(1, 250)])
    worker = context.Process(target=nightly_worker.work, args=(home.root, seed, dies_at))
    worker.start()
    deadline = time.monotonic() + 60
    if dies_at is None:
        while lock.owner_of(home) is None and worker.is_alive():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.25))
        worker.kill()
    worker.join(60)
    hangs = worker.is_alive()
    worker.kill()
    worker.join()
    assert not hangs, "the worker neither died nor ended"
    assert worker.exitcode == -signal.SIGKILL, "the worker failed by itself"


def check_readers(home: Home) -> None:
    """What readers see between the death and the recovery: nothing before the first publication, else a whole run."""
    if home.published.is_symlink():
        texts = {(home.published / "results" / part).read_text() for part in ("a", "b", "c")}
        assert len(texts) == 1
        assert texts.pop().endswith("end")


def check_store(home: Home) -> None:
    """What must hold after the recovery: what the diary says was done is done, and the store is whole."""
    diary = home.root.with_name("diary")
    noted = [line.split() for line in diary.read_text().splitlines()] if diary.exists() else []
    entries = home.ledger.entries()
    told = {kind: {words[1] for words in noted if words[0] == kind} for kind in ("accepted", "published", "erased")}
    assert told["accepted"] <= set(facts.accepted(entries))
    assert told["published"] <= set(facts.published(entries))
    assert verify_store(home) == []
    erased = Erased.of(home)
    assert all(erased.mark(PATIENTS, patient) in erased.marks for patient in told["erased"])
    for folder in home.deposits.iterdir():
        assert erased.among(PATIENTS, deposits.patients(folder, deposits.load(folder))).is_empty()
    for archive in home.root.parent.glob("*.tar"):
        restore(archive, home.root.with_name("restored"))
        shutil.rmtree(home.root.with_name("restored"))
        archive.unlink()
    assert [line for line in runs.recover(home) if "made anew" not in line] == []


def kill_often(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill, recover and check so many times; gives how often the recovery had something to put in order, and what."""
    rng = Random(seed)
    home = new_network(folder)
    found: Counter[str] = Counter()
    for k in range(kills):
        kill_at_random(home, seed + k, rng)
        check_readers(home)
        with locked(home, "test") as held:
            assert held.recovered is not None
            told = runs.recover(home)
            check_store(home)
        found.update(" ".join(word for word in line.split() if word.isalpha())[:40] for line in told)
    return found


def test_nothing_is_lost_by_a_few_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    kill_often(tmp_path, 6, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [100_000, 200_000, 300_000, 400_000])
def test_nothing_is_lost_by_many_kills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    found = kill_often(tmp_path, 75, seed)
    print(found)
    assert found.total() > 0


# Full


class Full:
    """The calls that need a disk; from the n-th on each of them finds it full."""

    CALLS = ("write", "fsync", "link", "rename", "symlink")

    def __init__(self, monkeypatch: pytest.MonkeyPatch, from_call: int | None) -> None:
        self.n = 0
        self.from_call = from_call
        for name in self.CALLS:
            monkeypatch.setattr(os, name, self.counted(getattr(os, name)))

    def counted(self, call: Any) -> Any:
        def run(*args: Any, **kwargs: Any) -> Any:
            self.n += 1
            if self.from_call is not None and self.n >= self.from_call:
                raise OSError(28, "No space left on device")
            return call(*args, **kwargs) if call.__name__ != "fsync" else None

        return run


def a_night(home: Home, folder: Path, deposit: deposits.Deposit) -> None:
    """A deposit is accepted and a run published; both were made before."""
    with locked(home, "test"):
        runs.accept(home, deposit.id, folder, centre="C1", name="july", fingerprint=deposit.fingerprint)
        run = home.work / "000002-2026-01-01"
        runs.publish(home, run, chains={"C1": [deposit.id]}, held={})


@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_disk_that_is_full_from_any_call_on_costs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", lambda descriptor: None)
        made = Home.create(tmp_path / "made")
        with locked(made, "test"):
            published(made, "first", accepted(made, "june", ["P1"]))
            folder, deposit = converted(made, "july", ["P2"], day="2026-07-31")
            filled_run(made, "second").rename(made.work / "000002-2026-01-01")
    calls, problem = 1, "none yet"
    while problem:
        home = Home(shutil.copytree(made.root, tmp_path / str(calls), symlinks=True))
        problem = ""
        with monkeypatch.context() as patched:
            Full(patched, from_call=calls)
            try:
                a_night(home, home.work / folder.name, deposit)
            except NotWritten as error:
                problem = str(error)
        assert not problem or "No space left on device. Free some space" in problem
        with monkeypatch.context() as patched, locked(home, "test"):
            patched.setattr(os, "fsync", lambda descriptor: None)
            assert (home.published / "results" / "rates.parquet").read_text() in ("first", "second")
            runs.recover(home)
            second = len(facts.published(home.ledger.entries())) == 2
            assert (home.published / "results" / "rates.parquet").read_text() == ("second" if second else "first")
            assert verify_store(home) == []
        shutil.rmtree(home.root)
        calls += step
    assert calls > 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little space, where this machine and user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if os.getuid() != 0:
        pytest.skip("only root can mount a file system")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_small_disk_that_runs_full_loses_nothing_and_goes_on_once_there_is_space(small_disk: Path) -> None:
    home = Home.create(small_disk)
    filler = small_disk / "inbox" / "filler"
    filler.write_bytes(b"x" * 300_000)
    done: list[str] = []

    def fill() -> None:
        for k in range(40):
            done.append(published(home, f"run {k}", accepted(home, f"d{k}", ["P1"])))

    with locked(home, "test"), pytest.raises(OSError, match="No space left on device"):
        fill()
    with locked(home, "test"):
        runs.recover(home)
        assert set(done) <= set(facts.published(home.ledger.entries()))
        assert verify_store(home) == []
        filler.unlink()
        home.config_file.write_text("[keep]\nruns = 1\nraw_days = 0\n")
    home = Home.at(small_disk)
    with locked(home, "test"):
        assert retention(home).runs
        published(home, "after", accepted(home, "after", ["P1"]))
        assert verify_store(home) == []


def test_a_read_only_disk_is_told_as_such_and_readers_still_see_what_was_published(small_disk: Path) -> None:
    home = Home.create(small_disk)
    with locked(home, "test"):
        published(home, "first", accepted(home, "june", ["P1"]))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(HomeError, match=r"lock cannot be written: Read-only file system\. .*mount it for writing"):
        lock.locked(home, "test").__enter__()
    assert (home.published / "results" / "rates.parquet").read_text() == "first"
    assert verify_store(home) == []
    assert lock.owner_of(home) is None
