"""The ledger: what was accepted, refused, published, rolled back and erased, entry after entry, each chained to the last.

An entry is a file of its own that appears as a whole under the next number. It holds the digest of what it says and the
digest of the entry before, so that nothing can be changed, lost or put in between without being noticed. The order is
that of the numbers; a clock that went back changes nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .durable import as_json, create, move, writing
from .errors import HomeError

FIRST = "0" * 64
"""What stands for the digest before the first entry."""
_NAME = re.compile(r"\d{8}\.json")
_OWN = ("n", "at", "kind", "by", "version", "previous", "digest")


class LedgerError(HomeError):
    """The ledger is damaged before its end: nothing may be built on it."""


@dataclass(frozen=True)
class Entry:
    """One entry: its number, when, what kind of thing happened, who did it with which version, and the facts."""

    n: int
    at: str
    kind: str
    by: str
    version: str
    previous: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the entry says, the digest of the one before included."""
        return hashlib.sha256(json.dumps(self._said(), sort_keys=True, ensure_ascii=False).encode("utf-8")).hexdigest()

    def to_json(self) -> bytes:
        """The content of the entry's file."""
        return as_json(self._said() | {"digest": self.digest})

    @classmethod
    def of(cls, content: bytes) -> Entry | None:
        """The entry in a file; None where the file does not hold what was written into it."""
        try:
            said = json.loads(content)
            own = {name: said.pop(name) for name in _OWN}
            digest = own.pop("digest")
            entry = cls(**own, facts=said)
            return entry if entry.digest == digest else None
        except (ValueError, KeyError, AttributeError, TypeError):
            return None

    def _said(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in _OWN if name != "digest"}
        return own | dict(self.facts)


class Ledger:
    """The entries in a folder. Reading changes nothing; only `append` writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entries(self) -> list[Entry]:
        """All entries in order; a torn last one is left out, and damage before it is a LedgerError."""
        entries, problems, _ = self._read()
        if problems:
            told = "\n".join(f"- {problem}" for problem in problems)
            raise LedgerError(
                f"The ledger {self.folder} is damaged, so nothing is done:\n{told}\n"
                "Put these files back from a backup, or restore the backup into a new folder with "
                "`osteoconcord nightly restore`."
            )
        return entries

    def append(self, kind: str, **facts: Any) -> Entry:
        """Write the next entry; it is on the disk when this returns. A torn one in its place is set aside before."""
        if clash := sorted(set(facts) & set(_OWN)):
            raise ValueError(f"facts of an entry cannot be called {', '.join(clash)}")
        while True:
            self.set_torn_aside()
            last = self._last()
            entry = Entry(
                n=last.n + 1 if last else 1,
                at=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
                kind=kind,
                by=user(),
                version=version("osteoconcord"),
                previous=last.digest if last else FIRST,
                facts=json.loads(as_json(facts)),
            )
            try:
                create(self._path(entry.n), entry.to_json())
                return entry
            except FileExistsError:  # another process took the number
                continue

    def check(self) -> list[str]:
        """Everything that is wrong with the ledger, by the number of the entry."""
        _, problems, torn = self._read()
        if torn:
            problems.append(f"entry {torn}, the last one, is torn; the next run sets it aside")
        return problems

    def set_torn_aside(self) -> int | None:
        """Rename a torn last entry, so that its number is free; gives the number, or None where none is torn."""
        numbers = self._numbers()
        if not numbers or self._entry(numbers[-1]):
            return None
        torn = self._path(numbers[-1])
        taken = len(list(self.folder.glob(f"{torn.name}.torn-*")))
        move(torn, torn.with_name(f"{torn.name}.torn-{taken + 1}"))
        return numbers[-1]

    def _read(self) -> tuple[list[Entry], list[str], int | None]:
        """The entries, what is wrong before the last, and the number of the last where it is torn."""
        numbers = self._numbers()
        entries: list[Entry] = []
        problems: list[str] = []
        torn = None
        digest: str | None = FIRST
        expected = 1
        for n in numbers:
            if n > expected:
                missing = f"entry {expected} is" if n == expected + 1 else f"entries {expected} to {n - 1} are"
                problems.append(f"{missing} missing")
                digest = None
            expected = n + 1
            entry = self._entry(n)
            if entry is None:
                if n == numbers[-1]:
                    torn = n
                else:
                    problems.append(f"entry {n} is damaged: it does not hold what was written into it")
                digest = None
                continue
            if digest is not None and entry.previous != digest:
                problems.append(f"entry {n} does not follow from entry {n - 1}: one of them was replaced")
            digest = entry.digest
            entries.append(entry)
        return entries, problems, torn

    def _numbers(self) -> list[int]:
        with writing(self.folder):
            return sorted(int(name[:8]) for name in os.listdir(self.folder) if _NAME.fullmatch(name))

    def _last(self) -> Entry | None:
        numbers = self._numbers()
        return self._entry(numbers[-1]) if numbers else None

    def _entry(self, n: int) -> Entry | None:
        path = self._path(n)
        try:
            found = path.stat()
            entry = _read(path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        except OSError:
            return None
        return entry if entry and entry.n == n else None

    def _path(self, n: int) -> Path:
        return self.folder / f"{n:08}.json"


@lru_cache(maxsize=100_000)
def _read(path: Path, *changes_when_it_is_written: int) -> Entry | None:
    """The entry in a file; it is read once, for a ledger is gone through many times in a night."""
    return Entry.of(path.read_bytes())


def user() -> str:
    """The user of the operating system who runs this process, whatever the environment says."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"
