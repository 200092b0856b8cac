"""Accepting, publishing, rolling back: each becomes true with one entry of the ledger, and `recover` makes the rest follow.

Whatever instant a process dies at, the ledger says what is true: a folder that was moved into place before its entry was
written is moved out again, and a link that was not yet swapped is swapped.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import facts
from .durable import UNFINISHED, as_json, discard, move, replace_symlink, sync_folder, sync_tree, writing
from .errors import HomeError
from .home import Home
from .ledger import Entry
from .lock import must_hold

RUN_FILE = "run.json"
OUT = "out"
STATE = "state"
_RUN_ID = re.compile(r"\d{6}-\d{4}-\d\d-\d\d")


def new_run(home: Home) -> str:
    """The id of the next run: ids sort as the runs were made, whatever the clock says, and none is published twice.

    A run of that number that was not finished may still lie in `work/`.
    """
    taken = [*facts.published(home.ledger.entries()), *os.listdir(home.runs)]
    last = max((int(run[:6]) for run in taken if _RUN_ID.fullmatch(run)), default=0)
    return f"{last + 1:06}-{datetime.now(UTC).date()}"


def unfinished(home: Home) -> list[Path]:
    """The folders of runs that were begun and not published, in order: to be gone on with, or thrown away."""
    return sorted(path for path in home.work.iterdir() if path.is_dir() and _RUN_ID.fullmatch(path.name))


def accept(home: Home, deposit: str, folder: Path, raw: Path | None = None, **said: Any) -> Entry:
    """Take a converted deposit, and its files as they were received, from `work/` into the store.

    Args:
        home: the network; its lock is held.
        deposit: the id of the deposit.
        folder: what was converted; it becomes `deposits/<deposit>`.
        raw: a folder with what was received; it becomes `raw/<deposit>`.
        said: the facts of the entry `accepted` beside the id.
    """
    must_hold(home)
    if deposit in facts.accepted(home.ledger.entries()):
        raise ValueError(f"deposit {deposit} was accepted before")
    for source, target in ((raw, home.raw / deposit), (folder, home.deposits / deposit)):
        if source is not None:
            sync_tree(source)
            discard(target, home.work)
            move(source, target)
    return home.ledger.append("accepted", deposit=deposit, **said)


def publish(home: Home, folder: Path, **said: Any) -> str:
    """Publish a finished run: `work/<run id>` with `out/`, and `state/` if there is one; gives its id.

    `said` becomes part of run.json and of the entry `published`: chains, held, inputs, config, parent.
    """
    must_hold(home)
    run = folder.name
    if not _RUN_ID.fullmatch(run) or run in facts.published(home.ledger.entries()):
        raise ValueError(f"{run} is not the id of a new run; `new_run` gives one")
    finish(folder, **said)
    move(folder, home.runs / run)
    home.ledger.append("published", run=run, **said, **_sealed(home.runs / run))
    _point(home, run)
    return run


def finish(folder: Path, **said: Any) -> None:
    """Write run.json into the folder of a run, with the checksums of all its files, and have everything on the disk."""
    content = {"run": folder.name, **said, "files": checksums(folder)}
    with writing(folder):
        (folder / RUN_FILE).write_bytes(as_json(content))
    sync_tree(folder)


def put_back(home: Home, folder: Path) -> None:
    """Put the files of a run that were removed, and were rebuilt in `work/<run id>`, back into their place."""
    must_hold(home)
    if folder.name not in facts.published(home.ledger.entries()):
        raise ValueError(f"{folder.name} was never published")
    sync_tree(folder)
    discard(home.runs / folder.name, home.work)
    move(folder, home.runs / folder.name)


def roll_back(home: Home, run: str) -> facts.Standing:
    """Publish an earlier run again; what stands then (the deposits accepted after it are set aside) is given back."""
    must_hold(home)
    entries = home.ledger.entries()
    known = facts.published(entries)
    if run not in known:
        near = get_close_matches(run, known, n=1, cutoff=0.3)
        hint = f" Did you mean {near[0]}?" if near else ""
        raise HomeError(f"No run {run[:40]!r} was published.{hint} `osteoconcord nightly status` lists the runs.")
    before = facts.standing(entries).run
    if run == before:
        raise HomeError(f"Run {run} is the one that is published; nothing was done.")
    if not (home.runs / run / OUT).is_dir():
        raise HomeError(
            f"The files of run {run} are not kept any more; they have to be rebuilt from its deposits before it can be "
            "published again."
        )
    entry = home.ledger.append("rolled_back", to=run, run=before)
    _point(home, run)
    return facts.standing([*entries, entry])


def recover(home: Home) -> list[str]:
    """Make the store what the ledger says, whatever instant the process before died at; tells what there was to do."""
    must_hold(home)
    torn = home.ledger.set_torn_aside()
    entries = home.ledger.entries()
    told = [] if torn is None else [_TORN.format(n=torn)]
    _remove_unfinished(home)
    told += _finish_erasure(home, entries)
    entries = home.ledger.entries()
    told += _runs_without_entry(home, entries)
    if torn is None:
        told += _deposits_without_entry(home, entries)
    for path in set(home.work.iterdir()) - set(unfinished(home)):
        discard(path, home.work)
    return told + _link(home, entries)


_TORN = (
    "Entry {n} of the ledger, the last one, was torn and is set aside; those before it are whole. A deposit or run that it "
    "told about is taken in or made again; `osteoconcord nightly verify` names what has no entry."
)


def _remove_unfinished(home: Home) -> None:
    """Remove the files that were being written and the folders that were being removed."""
    folders = (home.root, home.store, home.ledger_folder, home.deposits, home.raw, home.runs, home.receipts)
    nested = [folder for folder in home.receipts.iterdir() if folder.is_dir()] if home.receipts.is_dir() else []
    for folder in (*folders, *nested):
        for path in folder.glob(f".*{UNFINISHED}") if folder.is_dir() else ():
            discard(path, home.work)


def _finish_erasure(home: Home, entries: Sequence[Entry]) -> list[str]:
    if not (home.erased_file.exists() or any(entry.kind == "erased" for entry in entries)):
        return []
    from . import erase  # polars takes long to import

    return erase.finish(home)


def _runs_without_entry(home: Home, entries: Sequence[Entry]) -> list[str]:
    known = facts.published(entries)
    found = sorted(path for path in home.runs.iterdir() if path.name not in known)
    for path in found:
        discard(home.work / path.name, home.work)
        move(path, home.work / path.name)
    return [f"Run {path.name} was not published to the end: it is unfinished again." for path in found]


def _deposits_without_entry(home: Home, entries: Sequence[Entry]) -> list[str]:
    known = facts.accepted(entries)
    found = {path for folder in (home.deposits, home.raw) for path in folder.iterdir() if path.name not in known}
    for path in found:
        discard(path, home.work)
    names = sorted({path.name for path in found})
    return [f"Deposit {name} was not accepted to the end: it is read again from the inbox." for name in names]


def _link(home: Home, entries: Sequence[Entry]) -> list[str]:
    run = facts.standing(entries).run
    if run is None:
        with writing(home.published):
            if home.published.is_symlink():
                home.published.unlink()
                sync_folder(home.root)
        return []
    if linked(home) == run:
        return []
    if not (home.runs / run / OUT).is_dir():
        return [f"The files of run {run}, which is published, are missing: it has to be rebuilt from its deposits."]
    _point(home, run)
    return [f"`published` leads to run {run} again."]


def linked(home: Home) -> str | None:
    """The run that `published` leads to; None where it leads to none."""
    try:
        target = home.root / os.readlink(home.published)
    except OSError:
        return None
    return target.parent.name if target.parent.parent == home.runs and target.name == OUT else None


def _point(home: Home, run: str) -> None:
    if home.published.exists() and not home.published.is_symlink():
        raise HomeError(
            f"{home.published} is not the symbolic link by which readers reach the published audit. Move it away and run "
            "again; nothing else in it is touched."
        )
    replace_symlink(home.published, home.runs / run / OUT)


# Files of a run


@dataclass(frozen=True)
class RunFile:
    """What run.json says: the facts of the run, and SHA-256 and size of every file, by path."""

    said: dict[str, Any]
    files: dict[str, tuple[str, int]]

    @classmethod
    def read(cls, folder: Path) -> RunFile:
        """The run.json of a run's folder; a HomeError where it is missing or damaged."""
        try:
            said = json.loads((folder / RUN_FILE).read_bytes())
            files = {path: (str(sha256), int(size)) for path, (sha256, size) in said.pop("files").items()}
            return cls(said, files)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise HomeError(f"{folder / RUN_FILE} is missing or damaged ({type(error).__name__}).") from error


def checksums(folder: Path) -> dict[str, tuple[str, int]]:
    """SHA-256 and size of every file of a run but run.json, by its path in the folder."""
    paths = sorted(path for part in (OUT, STATE) for path in (folder / part).rglob("*") if path.is_file())
    with ThreadPoolExecutor() as pool:  # hashing lets go of Python's lock
        found = list(pool.map(sha256_of, paths))
    return {
        path.relative_to(folder).as_posix(): (digest, path.stat().st_size)
        for path, digest in zip(paths, found, strict=True)
    }


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sealed(folder: Path) -> dict[str, Any]:
    """What the ledger keeps of a run's files: the checksums of its results, and that of run.json, which has the rest."""
    results = {path: sha256 for path, (sha256, _) in RunFile.read(folder).files.items() if path.startswith(_RESULTS)}
    return {"results": results, "run_file": sha256_of(folder / RUN_FILE)}


_RESULTS = f"{OUT}/results/"


def damage(home: Home, run: str) -> list[str]:
    """What is wrong with the files of a published run; nothing where they are as they were published."""
    folder = home.runs / run
    try:
        noted = RunFile.read(folder).files
    except HomeError as error:
        return [str(error)]
    found = checksums(folder)
    wrong = [f"store/runs/{run}/{path} is missing" for path in noted if path not in found]
    wrong += [f"store/runs/{run}/{path} was put there by someone else" for path in found if path not in noted]
    wrong += [
        f"store/runs/{run}/{path} is damaged: its checksum is not the one that was noted"
        for path in noted
        if path in found and found[path][0] != noted[path][0]
    ]
    return wrong
