"""What the tests of the nightly store share: children that are killed, and disks that are full."""

from __future__ import annotations

import os
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from pipelines.nightly import deposits, inbox, runs
from pipelines.nightly.erased import Erased, strip
from pipelines.nightly.home import Home
from pipelines.nightly.ledger import Entry
from pipelines.store import connect

PATIENCE = 30
"""Seconds after which a child that does not do what it should fails the test."""


def fork(run: Callable[[], None]) -> int:
    """A child process that runs this and exits: with 0 if it ended well."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            run()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return child


def kill(child: int) -> int:
    """Kill a child at once; gives how it ended."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def tell(path: Path, text: str = "") -> None:
    """Let the parent of a child know: the file is there with its content, or not."""
    path.with_suffix(".part").write_text(text)
    path.with_suffix(".part").rename(path)


@contextmanager
def in_child(run: Callable[[], None], until: Path | tuple[Path, ...]) -> Iterator[int]:
    """Run in a child that has made these files before the block begins; it is killed when the block ends."""
    child = fork(run)
    try:
        deadline = time.monotonic() + PATIENCE
        for path in (until,) if isinstance(until, Path) else until:
            while not path.exists():
                assert time.monotonic() < deadline, f"the child did not make {path.name}"
                time.sleep(0.005)
        yield child
    finally:
        kill(child)


# Deposits and runs


def extract(folder: Path, patients: Sequence[str], day: str = "2026-06-30", **more: str) -> Path:
    """A deposit of the centre C1, with a lesion for every patient; `more` are the contents of further files."""
    folder.mkdir(parents=True)
    kind = "incremental" if "deletions" in more else "full"
    (folder / "extract.toml").write_text(f'centre = "C1"\nextraction_date = {day}\nkind = "{kind}"\n')
    (folder / "centres.csv").write_text("centre_id,name\nC1,Clinic\n")
    rows = "".join(f"{patient},C1,1950-01-31\n" for patient in patients)
    (folder / "patients.csv").write_text(f"patient_id,centre_id,birth_date\n{rows}")
    rows = "".join(f"L-{patient},{patient},2023-02-01,femur\n" for patient in patients)
    (folder / "bone_lesions.csv").write_text(f"lesion_id,patient_id,discovery_date,bone\n{rows}")
    for name, content in more.items():
        (folder / f"{name}.csv").write_text(content)
    return folder


def converted(home: Home, name: str, patients: Sequence[str], **more: str) -> tuple[Path, deposits.Deposit]:
    """A deposit that was read, in `work/`."""
    sent = extract(home.root / "inbox" / "C1" / name, patients, **more)
    found = inbox.Found("C1", name, sent, inbox.fingerprint(sent), "ready")
    folder = home.work / f"deposit-{name}"
    return folder, deposits.convert(found, folder)


def accepted(home: Home, name: str, patients: Sequence[str], **more: str) -> str:
    """Take in a deposit as a night does; gives its id. The lock is held."""
    folder, deposit = converted(home, name, patients, **more)
    raw = None if strip(folder, Erased.of(home)) else home.work / f"raw-{name}"
    if raw:
        raw.mkdir()
        (raw / "patients.csv").write_text("\n".join(patients))
    said = {"centre": "C1", "name": name, "fingerprint": deposit.fingerprint}
    return str(runs.accept(home, deposit.id, folder, raw, **said).facts["deposit"])


def filled_run(home: Home, text: str) -> Path:
    """The folder of a finished run, with a small database."""
    folder = home.work / runs.new_run(home)
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("out/results", "out/publish", "state"):
        (folder / part).mkdir(parents=True)
    (folder / "out" / "results" / "rates.parquet").write_text(text)
    (folder / "out" / "publish" / "report.html").write_text(text)
    (folder / "state" / "decided").write_text(text)
    with connect(folder / "out" / "audit.duckdb") as con:
        con.execute("CREATE SCHEMA registry")
        con.execute("CREATE TABLE registry.patients AS SELECT ? || i AS patient_id FROM range(20000) t(i)", [text])
    return folder


def published(home: Home, text: str, *chain: str) -> str:
    """Publish a run over these deposits; gives its id. The lock is held."""
    return runs.publish(home, filled_run(home, text), chains={"C1": list(chain)}, held={})


def state(home: Home) -> dict[str, bytes]:
    """All that is kept, but the lock and the ledger's times."""
    found = (path for path in home.root.rglob("*") if path.is_file() and path != home.lock)
    return {path.relative_to(home.root).as_posix(): path.read_bytes() for path in sorted(found)}


def kinds(home: Home) -> list[str]:
    return [entry.kind for entry in home.ledger.entries()]


def last(home: Home) -> Entry:
    return home.ledger.entries()[-1]
