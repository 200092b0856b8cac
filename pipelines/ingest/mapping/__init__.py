"""Mapping files: how the files of a centre, with names and columns of its own, become tables of the contract.

`docs/mapping.md` describes the file. `loading` reads and checks it, `sources` opens the files that it names, `making`
turns one of them into one table, whose cells then go the way of all cells through the conversion. `streaming` does the
same with files that are larger than memory should hold.
"""

from .describing import describe
from .loading import clashes, load
from .making import Made
from .model import MAPPING, Entry, Mapping, Origin
from .sources import Opened, make, open_sources

__all__ = [
    "MAPPING",
    "Entry",
    "Made",
    "Mapping",
    "Opened",
    "Origin",
    "clashes",
    "describe",
    "load",
    "make",
    "open_sources",
]
