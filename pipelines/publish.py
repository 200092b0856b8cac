"""Everything is written into a hidden folder inside OUT and swapped in at the end, entry by entry, or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
PRODUCT = "osteoconcord"
ENTRIES = ("audit.duckdb", "results", "quality", "centres", "publish", MANIFEST)
"""All that an audit may put into OUT; nothing else there is ever touched. The manifest goes in last."""

LOCK = ".osteoconcord.lock"
STAGING = ".osteoconcord.staging"


class OutputError(Exception):
    """OUT cannot be used; says why and what to do."""


def read_manifest(out: Path) -> dict[str, Any]:
    """The manifest of the audit that OUT holds; an `OutputError` where it holds none."""
    try:
        manifest = json.loads((out / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("product") != PRODUCT:
        raise OutputError(f"{out} holds no audit (no {MANIFEST} of OsteoConcord). Make one with `osteoconcord audit`.")
    return manifest


@contextmanager
def staging(out: Path, *, keep: bool = False) -> Iterator[Path]:
    """A folder to write into, which becomes OUT when the block ends well; when it fails, OUT is as it was.

    Args:
        out: a new or empty folder, or one that holds an audit.
        keep: start from a copy of the audit that OUT holds instead of from nothing.
    """
    existed = out.is_dir()
    try:
        with _locked(out):
            _recover(out)
            _refuse_foreign(out)
            try:
                yield _begin(out, keep)
                _swap(out)
            finally:
                _recover(out)
    finally:
        if not existed:
            with suppress(OSError):
                out.rmdir()


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    path = out / LOCK
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = path.open("w")
    except FileExistsError:
        raise OutputError(f"{out} is a file, but --out must be a folder. Choose another one.") from None
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}. Choose another --out.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The run before may have removed the file between our opening and locking it.
            mine = path.exists() and os.path.samestat(os.fstat(lock.fileno()), path.stat())
        except BlockingIOError:
            mine = False
        if not mine:
            raise OutputError(f"Another run is writing into {out}. Wait until it has ended, or choose another --out.")
        try:
            yield
        finally:
            path.unlink()


def _refuse_foreign(out: Path) -> None:
    if any(entry.name != LOCK for entry in out.iterdir()):
        try:
            read_manifest(out)
        except OutputError:
            raise OutputError(
                f"{out} is not empty and holds no audit, so nothing is written there. Choose a new folder for --out."
            ) from None


def _begin(out: Path, keep: bool) -> Path:
    fresh = out / STAGING / "new"
    fresh.mkdir(parents=True)
    for entry in (out / name for name in ENTRIES if keep and (out / name).exists()):
        if entry.is_dir():
            shutil.copytree(entry, fresh / entry.name)
        else:
            shutil.copy2(entry, fresh / entry.name)
    return fresh


def _swap(out: Path) -> None:
    """Move the old entries aside, then the new ones in. The folder's names tell `_recover` how far it came."""
    area = out / STAGING
    aside = area / "leaving"
    aside.mkdir()
    _move(out, aside)
    aside = aside.rename(area / "left")
    _move(area / "new", out)
    aside.rename(area / "replaced")


def _recover(out: Path) -> None:
    """Undo a swap that did not end, in this run or in one that was killed, and clear the hidden folder."""
    area = out / STAGING
    if (area / "left").is_dir():
        for name in ENTRIES:
            _remove(out / name)
        (area / "left").rename(area / "leaving")
    if (area / "leaving").is_dir():
        _move(area / "leaving", out)
    _remove(area)


def _move(source: Path, target: Path) -> None:
    for name in ENTRIES:
        if (source / name).exists():
            (source / name).rename(target / name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def folder_names(centre_ids: Iterable[str]) -> dict[str, str]:
    """Centre -> the name of its folder. Registry text is hostile: only plain words become paths as they are."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for centre_id in sorted(centre_ids):
        name = centre_id
        # Folders that differ in case only are one folder on some systems.
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", name) or name.casefold() in taken:
            slug = re.sub(r"[^A-Za-z0-9]+", "-", centre_id)[:24].strip("-") or "centre"
            name = f"{slug}-{hashlib.sha256(centre_id.encode()).hexdigest()[:8]}"
        taken.add(name.casefold())
        names[centre_id] = name
    return names
