"""On which line of a TOML file an entry stands, which the parser does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


class Lines:
    """The lines of a valid TOML text, by the path of keys (and places in arrays of tables) of each entry."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Path, int] = {(): 1}
        self._places: dict[Path, int] = {}
        prefix: Path = ()
        for number, content, is_array in _statements(text):
            if content is None:
                continue
            if isinstance(content, list):
                prefix = self._open(content, is_array)
                self._lines.setdefault(prefix, number)
            else:
                self._note(prefix, content, number)

    def of(self, path: Path) -> int:
        """The line of an entry; that of what holds it, if the entry is not there itself."""
        while path not in self._lines:
            path = path[:-1]
        return self._lines[path]

    def _open(self, keys: list[str], is_array: bool) -> Path:
        """The path of a header; a name of an array of tables means its latest table."""
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
        last = (*path, keys[-1])
        if is_array:
            self._places[last] = self._places.get(last, -1) + 1
        return self._latest(last)

    def _latest(self, path: Path) -> Path:
        return (*path, self._places[path]) if path in self._places else path

    def _note(self, prefix: Path, content: dict[str, Any], number: int) -> None:
        for key, value in content.items():
            self._lines.setdefault((*prefix, key), number)
            if isinstance(value, dict):
                self._note((*prefix, key), value, number)


def _statements(text: str) -> Iterator[tuple[int, Any, bool]]:
    """Every statement of a valid text: its first line, the keys of a header or the content of an assignment."""
    chunk, first = "", 0
    for number, line in enumerate(re.split(r"\r?\n", text), start=1):
        chunk, first = (f"{chunk}\n{line}", first) if chunk else (line, number)
        if line.rstrip().endswith(",") and "#" not in line:
            continue  # within an array: long ones are not parsed anew at every line
        try:
            content = tomllib.loads(chunk)
        except tomllib.TOMLDecodeError:
            continue
        if chunk.lstrip().startswith("["):
            yield first, _keys(content), chunk.lstrip().startswith("[[")
        elif content:
            yield first, content, False
        chunk = ""


def _keys(content: Any) -> list[str]:
    keys = []
    while content:
        content = content[0] if isinstance(content, list) else content
        for key in content:
            keys.append(key)
            content = content[key]
            break
    return keys
