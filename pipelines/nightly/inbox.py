"""What lies in the inbox: which deposits are complete, which still grow, and which cannot be taken as they are.

Nothing in the inbox is ever changed, and no link out of a deposit is followed.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pipelines.ingest.packed import shown

from .checksums import Sums, read_sums
from .errors import HomeError

MANIFEST = "SHA256SUMS"
ZIP_MANIFEST = ".sha256"
UNFINISHED = (".part", ".tmp", ".partial", ".filepart", ".crdownload")
"""End the names of files that a transfer has not finished."""
NAME = re.compile(r"[^\W_][\w .+()-]{0,99}")
"""What the name of a centre's folder or of a deposit may be: it becomes part of the names of files."""

State = Literal["ready", "growing", "refused"]
"""`ready` to be taken in, not known to be complete yet, or wrong in a way that time alone does not mend."""


class InboxError(HomeError):
    """The inbox itself cannot be looked into."""


@dataclass(frozen=True)
class Found:
    """A deposit in the inbox. `fingerprint` is that of its contents, or of its list of files where they cannot be taken."""

    centre: str
    name: str
    path: Path
    fingerprint: str
    state: State
    problem: str = ""


@dataclass(frozen=True)
class Entry:
    """A file of a deposit: its name there, and what changes when it does."""

    name: str
    size: int
    modified: int
    changed: int
    inode: int

    @property
    def mark(self) -> list[Any]:
        """What a later look compares."""
        return [self.name, self.size, self.modified, self.changed, self.inode]


@dataclass
class Listing:
    """The files of a deposit; `newest` is the last instant at which any of them, or a folder, changed."""

    entries: list[Entry] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    newest: int = 0


def look(inbox: Path, quiet_minutes: float, seen: dict[str, Any], now: datetime) -> list[Found]:
    """The deposits `<centre>/<deposit>` in the inbox, each a folder or a zip, in order.

    `seen` is what earlier looks remembered, as JSON; it is brought up to date, so that no file is hashed twice. A deposit is
    complete when its list of checksums is met, or, without one, when nothing in it changed for the quiet minutes.
    """
    remembered: dict[str, Any] = seen.get("deposits", {})
    found: list[Found] = []
    kept: dict[str, Any] = {}
    for centre, path in _deposits(inbox, bool(remembered)):
        place = f"{_safe(centre.name)}/{_safe(path.name)}"
        kept[place] = before = remembered.get(place, {})
        try:
            one, kept[place] = _judged(inbox, centre, path, quiet_minutes, before, now)
        except FileNotFoundError:
            one = _found(centre, path, "", "growing", "it changed while it was looked at")
        except OSError as error:
            one = _found(
                centre, path, "", "refused", f"it cannot be read: {error.strerror}. Give the right to read it."
            )
        found.append(one)
    seen["deposits"] = kept
    return found


def fingerprint(path: Path) -> str:
    """The fingerprint of the contents of a deposit as they are now."""
    listing = _listing(path)
    return _fingerprint({entry.name: _hash(path, entry) for entry in listing.entries if entry.name != MANIFEST})


def _deposits(inbox: Path, had: bool) -> Iterator[tuple[Path, Path]]:
    try:
        folders = [entry for entry in sorted(inbox.iterdir()) if not _is_hidden(entry.name)]
        centres = [entry for entry in folders if entry.is_dir() or entry.is_symlink()]
    except FileNotFoundError:
        raise InboxError(
            f"{inbox}: the inbox is not there. Mount it, or correct `inbox` in the configuration; nothing was taken in."
        ) from None
    except OSError as error:
        raise InboxError(f"{inbox}: the inbox cannot be read: {error.strerror}. Nothing was taken in.") from error
    if had and not centres:
        raise InboxError(
            f"{inbox}: the inbox holds no folder of a centre any more; it did the last time. Is its disk mounted? "
            "If it was emptied on purpose, make the folders of the centres again; nothing was taken in."
        )
    for centre in centres:
        if centre.is_symlink():
            yield centre, centre
            continue
        try:
            entries = sorted(centre.iterdir())
        except OSError:
            yield centre, centre
            continue
        for entry in entries:
            if not _is_hidden(entry.name) and not entry.name.endswith(ZIP_MANIFEST):
                yield centre, entry


def _is_hidden(name: str) -> bool:
    return name.startswith((".", "~")) or name.endswith(("~", *UNFINISHED))


def _judged(
    inbox: Path, centre: Path, path: Path, quiet_minutes: float, before: dict[str, Any], now: datetime
) -> tuple[Found, dict[str, Any]]:
    """What to do with one deposit, and what to remember of it."""
    if problem := _place_problem(inbox, centre, path):
        return _found(centre, path, _fingerprint({problem: _safe(path.name)}), "refused", problem), {}
    listing = _listing(path)
    marks = [entry.mark for entry in listing.entries]
    hashes = {tuple(mark): known for *mark, known in before.get("files", [])}
    same = [list(mark) for mark in hashes] == marks and not listing.unfinished
    since = before.get("since") if same else None
    since = now if since is None or datetime.fromisoformat(since) > now else datetime.fromisoformat(since)

    def known(entry: Entry) -> str:
        mark = tuple(entry.mark)
        hashes[mark] = hashes.get(mark) or _hash(path, entry)
        return str(hashes[mark])

    def remember() -> dict[str, Any]:
        return {
            "since": since.isoformat(),
            "files": [[*entry.mark, hashes.get(tuple(entry.mark))] for entry in listing.entries],
        }

    unread = _fingerprint({entry.name: f"{entry.size} {entry.modified}" for entry in listing.entries})
    if listing.problems:
        return _found(centre, path, unread, "refused", "; ".join(listing.problems)), remember()
    quiet = _is_quiet(listing, since, quiet_minutes, now)
    sums = _sums(path)
    data = [entry for entry in listing.entries if entry.name != MANIFEST]
    wrong = _what_is_wrong(listing, data, sums, known)
    if wrong or not (quiet or sums):
        problem = wrong or "it changed a short while ago"
        return _found(centre, path, unread, "refused" if quiet and wrong else "growing", problem), remember()
    return _found(centre, path, _fingerprint({entry.name: known(entry) for entry in data}), "ready"), remember()


def _what_is_wrong(listing: Listing, data: list[Entry], sums: Sums | None, known: Callable[[Entry], str]) -> str:
    """What is wrong with a deposit if it is complete; empty if nothing is."""
    if not data:
        return "it holds no file"
    if sums is not None:
        return sums.compare({entry.name: known(entry) for entry in data})
    if listing.unfinished:
        names = ", ".join(shown(name)[:80] for name in listing.unfinished[:5])
        return f"the transfer of {names} has not ended; send the deposit again, or take the file away"
    return ""


def _is_quiet(listing: Listing, since: datetime, minutes: float, now: datetime) -> bool:
    """Whether nothing changed for so many minutes. Where a clock is wrong, what earlier looks saw decides instead."""
    if minutes <= 0:
        return True
    newest = datetime.fromtimestamp(listing.newest / 1e9, UTC)
    begun = newest if newest <= now else since
    return (now - begun).total_seconds() >= 60 * minutes


def _place_problem(inbox: Path, centre: Path, path: Path) -> str:
    """What is wrong with the name or the place of a deposit, before anything in it is read."""
    for name in dict.fromkeys((centre.name, path.name)):
        if not NAME.fullmatch(name):
            return "the name may hold letters, digits, blanks and . _ - + ( ) only, and begin with a letter or digit"
    if path.is_symlink():
        return "this is a link; put the folder itself into the inbox"
    if path == centre:
        return "the folder of the centre cannot be read; give the right to read it"
    if not path.is_dir() and path.suffix.lower() != ".zip":
        return "a deposit is a folder or a .zip; put this file into a folder, with its extract.toml"
    if not stat.S_ISREG(mode := path.lstat().st_mode) and not stat.S_ISDIR(mode):
        return "this is neither a file nor a folder"
    return ""


def _listing(path: Path) -> Listing:
    """Every file of a deposit; of a zip, the zip alone."""
    found = Listing()
    _list(path, path, found)
    found.entries.sort(key=lambda entry: entry.name)
    return found


def _list(root: Path, path: Path, found: Listing) -> None:
    status = path.lstat()
    name = "" if path == root else path.relative_to(root).as_posix()
    found.newest = max(found.newest, status.st_mtime_ns, status.st_ctime_ns)
    if not _is_text(name):
        found.problems.append(f"the name {shown(name)[:80]} is not UTF-8; rename it")
        return
    if stat.S_ISLNK(status.st_mode):
        if not path.exists() or not path.resolve().is_relative_to(root.resolve()):
            found.problems.append(f"{shown(name)} is a link that leads out of the deposit; put the file itself there")
            return
        status = path.stat()
    if path != root and _is_hidden(path.name):
        if path.name.endswith(UNFINISHED) and not path.name.startswith((".", "~")):
            found.unfinished.append(name)
    elif stat.S_ISDIR(status.st_mode):
        if path.is_symlink():
            found.problems.append(f"{shown(name)} is a link to a folder; put the folder itself there")
            return
        for entry in path.iterdir():
            _list(root, entry, found)
    elif stat.S_ISREG(status.st_mode):
        found.entries.append(Entry(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino))
    else:
        found.problems.append(f"{shown(name)} is neither a file nor a folder")


def _is_text(name: str) -> bool:
    """Whether the bytes of a name are UTF-8."""
    return not any("\ud800" <= letter <= "\udfff" for letter in name)


def _sums(path: Path) -> Sums | None:
    """The list of checksums of a deposit: in the folder, or beside the zip."""
    place = path / MANIFEST if path.is_dir() else path.with_name(path.name + ZIP_MANIFEST)
    if place.is_symlink() or not place.is_file():
        return None
    return read_sums(place, alone="" if path.is_file() else None)


def _hash(path: Path, entry: Entry) -> str:
    with (path / entry.name if entry.name else path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fingerprint(hashes: dict[str, str]) -> str:
    """One hash of all names and hashes."""
    every = hashlib.sha256()
    for name in sorted(hashes):
        every.update(name.encode("utf-8", "surrogateescape") + b"\0" + hashes[name].encode() + b"\n")
    return every.hexdigest()


def _found(centre: Path, path: Path, mark: str, state: State, problem: str = "") -> Found:
    return Found(_safe(centre.name), _safe(path.name), path, mark, state, problem)


def _safe(name: str) -> str:
    """The name, or one that can stand for it in names of files and in messages."""
    if NAME.fullmatch(name):
        return name
    mark = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return "unreadable-" + re.sub(r"[^A-Za-z0-9]+", "-", name)[:40].strip("-") + f"-{mark}"
