"""Packed files: gzip, zip, and the zip that a workbook is. What unpacks without end or points elsewhere is refused."""

from __future__ import annotations

import hashlib
import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO

from .model import Problem

Location = Path | zipfile.Path
"""Where a file lies: in a folder, or in a zip that is read without being unpacked to a disk."""

MAX_BYTES = 4 << 30
"""The most that one archive may unpack to."""
MAX_RATIO, RATIO_FROM = 200, 64 << 20
"""How much larger than the archive its contents may be, once they are larger than this. Tables pack 5 to 50 times."""
MAX_MEMBERS = 5000
AT_ONCE = 16 << 20
"""Bytes that are read or unpacked at once."""
MAX_SHEET_CELLS = 50_000_000
"""The most cells in the rectangle of a sheet whose cells are mostly empty; a reader makes room for all of them."""
UNPACKS = {".gz": 8, ".parquet": 8, ".xlsx": 8}
"""How many times larger the same table usually is as CSV."""

_TOO_LARGE = "export it again in smaller parts, or unpack it yourself if you trust it"


def shown(name: str) -> str:
    """A name of a file or folder for messages: composed accents, no control character."""
    return "".join(c if unicodedata.category(c)[0] != "C" else "?" for c in unicodedata.normalize("NFC", name))


def is_inside(path: Location) -> bool:
    """Whether a location lies in a zip."""
    return isinstance(path, zipfile.Path)


def archive_of(path: Location) -> str:
    """The name of the zip in which a location lies; empty for one in a folder."""
    return shown(Path(path.root.filename or "").name) if isinstance(path, zipfile.Path) else ""


def size_of(path: Location) -> int:
    """The bytes of a table, as if it were CSV; of packed ones what they usually unpack to. Nought if it cannot be opened."""
    times = next((times for ending, times in UNPACKS.items() if path.name.lower().endswith(ending)), 1)
    return times * _stored_size(path)


def _stored_size(path: Location) -> int:
    try:
        return path.stat().st_size if isinstance(path, Path) else path.root.getinfo(path.at).file_size
    except (OSError, KeyError):
        return 0


def contents(path: Location, data: bytes, label: str) -> bytes | Problem:
    """The bytes of a file, unpacked where its name ends in .gz."""
    return _gunzip(data, label) if path.name.lower().endswith(".gz") else data


def open_zip(path: Location, label: str) -> zipfile.Path | list[Problem]:
    """The root of a zip whose members may be read, or why they may not."""
    try:
        archive = zipfile.ZipFile(path if isinstance(path, Path) else io.BytesIO(path.read_bytes()))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError):
        hint = "the file may be cut off or of another format; pack it again"
        return [Problem(label, "this is not a readable zip file", "a zip file", hint)]
    problems = _members_problems(archive, label)
    return problems or zipfile.Path(archive)


def safe_workbook(data: bytes, label: str) -> bytes | Problem:
    """A workbook packed again without compression, so that its reader meets no more than was measured here.

    The sizes that a zip declares can lie; the members are therefore unpacked here, up to the size that they declare.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        problems = _members_problems(archive, label)
        if problems:
            return problems[0]
        plain = io.BytesIO()
        with zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED) as repacked:
            for info in archive.infolist():
                content = archive.read(info)
                if info.filename.startswith("xl/worksheets/") and _is_sparse(content):
                    hint = "delete the rows and columns that only look empty, or export again as CSV"
                    return Problem(label, "the sheet has cells far from all others", "a table without gaps", hint)
                repacked.writestr(info.filename, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, UnicodeDecodeError):
        hint = "the file may be cut off or of another format; save it again as xlsx"
        return Problem(label, "this is not a readable xlsx workbook", "an Excel workbook (.xlsx)", hint)
    return plain.getvalue()


def counts_from_1904(workbook: bytes) -> bool:
    """Whether a workbook that was found safe says that its days are counted from 1904."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        try:
            return bool(_DATE_1904.search(archive.read("xl/workbook.xml")))
        except KeyError:
            return False


def too_large(packed: int, unpacked: int) -> str:
    """What is wrong with the size of what was unpacked so far; empty if nothing is."""
    if unpacked > MAX_BYTES:
        return f"it unpacks to more than {MAX_BYTES >> 20} MiB"
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * packed:
        return f"it unpacks to more than {MAX_RATIO} times its size"
    return ""


def plain_copy(path: Location, copy: Path, label: str) -> tuple[Path, str] | Problem:
    """A file on the disk with the bytes of this one, unpacked (itself, if it is one), and the SHA-256 of the packed one."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source:
            pieces = _noted(source, digest)
            if path.name.lower().endswith(".gz"):
                with copy.open("wb") as target:
                    target.writelines(_inflated(pieces, _stored_size(path)))
            elif isinstance(path, Path):
                copy = path
                deque(pieces, maxlen=0)
            else:
                with copy.open("wb") as target:
                    target.writelines(pieces)
    except _TooLarge as error:
        return Problem(label, str(error), "a packed table", _TOO_LARGE)
    except (zlib.error, zipfile.BadZipFile, EOFError):
        if isinstance(path, Path):
            return _no_gzip(label)
        return Problem(label, "the archive is damaged here", "a readable zip file", "pack it again")
    except OSError as error:
        return Problem(label, f"the file cannot be opened: {error.strerror}", "a readable file")
    return copy, digest.hexdigest()


def _noted(file: IO[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    while piece := file.read(AT_ONCE):
        digest.update(piece)
        yield piece


class _TooLarge(Exception):
    """What was unpacked so far is too much."""


def _gunzip(data: bytes, label: str) -> bytes | Problem:
    try:
        return b"".join(_inflated([data], len(data)))
    except _TooLarge as error:
        return Problem(label, str(error), "a packed table", _TOO_LARGE)
    except zlib.error:
        return _no_gzip(label)


def _no_gzip(label: str) -> Problem:
    hint = "the file may be cut off or of another format; pack it again"
    return Problem(label, "this is not a readable gzip file", "a gzip file", hint)


def _inflated(pieces: Iterable[bytes], packed: int) -> Iterator[bytes]:
    """The contents of one gzip file or several, one after the other; blanks between them are no harm."""
    size, unpacker, begun, after = 0, zlib.decompressobj(wbits=31), False, False
    for rest in chain(pieces, [b""]):
        while True:
            if unpacker.eof:
                unpacker, begun, after = zlib.decompressobj(wbits=31), False, True
            rest = rest.lstrip(b"\0") if after and not begun else rest
            if not begun and not rest:
                break
            begun = True
            piece = unpacker.decompress(rest, AT_ONCE)
            rest = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
            size += len(piece)
            if wrong := too_large(packed, size):
                raise _TooLarge(wrong)
            yield piece
            if not rest and not piece and not unpacker.eof:
                break
    if begun and not unpacker.eof:
        raise zlib.error("cut off")


def _members_problems(archive: zipfile.ZipFile, label: str) -> list[Problem]:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        return [Problem(label, f"it holds {len(members)} files", f"at most {MAX_MEMBERS}", _TOO_LARGE)]
    packed, unpacked = (sum(getattr(info, size) for info in members) for size in ("compress_size", "file_size"))
    # Overlapping members declare more packed bytes than the file has.
    start = archive.start_dir
    if wrong := too_large(min(packed, start), unpacked):
        return [Problem(label, wrong, "a packed extract", _TOO_LARGE)]
    problems = []
    names: set[str] = set()
    for info in members:
        if wrong := _member_problem(info, names):
            problems.append(Problem(f"{label}/{shown(info.filename)[:120]}", wrong, "plain files below the archive"))
        names.add(info.filename)
    return problems


def _member_problem(info: zipfile.ZipInfo, names: set[str]) -> str:
    name = info.orig_filename
    if "\\" in name or name.startswith("/") or ".." in name.split("/") or re.match(r"[A-Za-z]:", name):
        return "the path of this member leads out of the archive"
    if "\0" in name:
        return "the name of this member holds a NUL byte"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "this member is a link"
    if info.flag_bits & 1:
        return "this member is protected by a password"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "this member is packed in a way that is not read"
    return "this member is there twice" if info.filename in names else ""


def _is_sparse(sheet: bytes) -> bool:
    """Whether the rectangle around the cells of a sheet is very large and mostly empty."""
    allowed = MAX_SHEET_CELLS + 40 * sheet.count(b" r=")
    far_row = re.search(_REFERENCE % rb"[A-Z]{0,3}\d{5,}", sheet)
    far_column = re.search(_REFERENCE % rb"[A-Z]{3}\d+", sheet)
    if (1 << 20 if far_row else 9_999) * (1 << 14 if far_column else 702) <= allowed:
        return False
    rows = columns = 1
    for found in re.finditer(_REFERENCE % rb"([A-Z]{0,3})(\d+)", sheet):
        letters, row = found.groups()
        rows, columns = max(rows, int(row)), max(columns, _place(letters))
    return rows * columns > allowed


_DATE_1904 = re.compile(rb"<(?:\w+:)?workbookPr\s(?:[^>]*\s)?date1904\s*=\s*[\"'](?:1|true)[\"']")
_REFERENCE = rb"\sr=[\"']%b[\"']"


def _place(letters: bytes) -> int:
    place = 0
    for code in letters:
        place = 26 * place + code - ord("A") + 1
    return place
