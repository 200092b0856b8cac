"""Lists of checksums as `sha256sum` of coreutils writes them: what a deposit must hold to be complete."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.packed import shown

MOST = 16 << 20
"""Bytes of the longest list that is read."""
SHOWN = 5
_LINE = re.compile(r"(\\?)([0-9a-fA-F]{64}) [ *](.+)")
_ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r"}


@dataclass(frozen=True)
class Sums:
    """The checksum of every file, by its name in the deposit; `problem` where the list itself cannot be used."""

    hashes: Mapping[str, str]
    problem: str = ""

    def compare(self, found: Mapping[str, str]) -> str:
        """How the files differ from the list; empty if they do not."""
        if self.problem:
            return self.problem
        there = {_composed(name): mark for name, mark in found.items()}
        told = {
            "not there": [name for name in self.hashes if name not in there],
            "of another content": [
                name for name in self.hashes if there.get(name, self.hashes[name]) != self.hashes[name]
            ],
            "not in the list": [name for name in there if name not in self.hashes],
        }
        differ = [f"{what}: {_named(names)}" for what, names in told.items() if names]
        if not differ:
            return ""
        return f"the files are not those of its list of checksums ({'; '.join(differ)}); send them or the list again"


def read_sums(path: Path, alone: str | None = None) -> Sums:
    """Read a list. With `alone` it is that of one file, which gets this name whatever the list calls it."""
    if path.stat().st_size > MOST:
        return Sums({}, "the list of checksums is longer than any that is read")
    hashes: dict[str, str] = {}
    for number, line in enumerate(path.read_bytes().decode("utf-8", "surrogateescape").split("\n"), start=1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        found = _LINE.fullmatch(line)
        if found is None:
            return Sums({}, f"line {number} of its list of checksums is not one of sha256sum (<sha256>  <name>)")
        name = re.sub(r"\\[\\nr]", lambda escape: _ESCAPES[escape[0]], found[3]) if found[1] else found[3]
        name = _composed(name.removeprefix("./"))
        if name.startswith("/") or ".." in name.split("/"):
            return Sums({}, f"line {number} of its list of checksums names a file outside the deposit")
        hashes[name] = found[2].lower()
    if alone is not None:
        if len(hashes) != 1:
            return Sums({}, f"its list of checksums names {len(hashes)} files, not the zip alone")
        hashes = {alone: next(iter(hashes.values()))}
    return Sums(hashes)


def _composed(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _named(names: Sequence[str]) -> str:
    words = ", ".join(shown(name)[:80] or "the zip" for name in sorted(names)[:SHOWN])
    return words + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
