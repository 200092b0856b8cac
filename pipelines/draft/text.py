"""A draft as a mapping file: TOML with a comment on every line. Of cells, it shows short codes that come again alone."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence

import polars as pl

from pipelines.ingest.conversion import convert_column
from pipelines.ingest.dialect import Dialect
from pipelines.ingest.model import Problem
from validation.contract import TABLES, Column

from .matching import Match, Proposal
from .profile import OTHER_DATES, Profile, code_system, parts, tokens_of
from .units import unit_of

LONGEST_CODE, LEAST_ROWS = 12, 5
"""A cell is written into a draft only if it is a code: so short, without blanks, in so many rows."""
_HOSPITAL_NUMBER = re.compile(r"(?i)\b(ipp|nip|nda|dossier|hospital)\b")
_NOT_MADE = {"patient_id", "lesion_id", "centre_id", "exam_id", "procedure_id"}
"""Keys that other tables refer to: numbers of our own would lead nowhere."""

_HEAD = """\
# A draft, made by `osteoconcord map init`. Read every line before you use it.
#
# high: name and cells agree · medium: likely, look at it · low: a guess, most probably to be changed
# "or ..." names other columns of the contract that fit as well.
# No cell is shown, but for short codes that come again. `osteoconcord contract` lists tables, columns and tokens.
"""


def write(matches: Sequence[Match], problems: Sequence[Problem]) -> str:
    """The mapping file."""
    lines = [_HEAD]
    for problem in problems:
        lines.append(f"# Not read: {_comment(str(problem))}")
    for match in matches:
        lines += ["", *_table(match)]
    return "\n".join(lines) + "\n"


def _table(match: Match) -> list[str]:
    table = TABLES[match.table]
    sure = "high" if match.sure else "medium" if match.proposals else "low"
    name = quoted(match.sheet.name)
    if not match.proposals:
        return [f"# {_comment(match.sheet.name)}: fits no table", *_leftovers(match)]
    lines = ["[[tables]]", f'table = "{table.name}"  # {sure}{_alternatives(match.other_tables)}', f"from = {name}"]
    if match.distinct:
        lines.append("distinct = true  # several tables from one sheet")
    lines += ["", "[tables.columns]"]
    entries = [_entry(match, proposal) for proposal in match.proposals]
    wide = min(60, max(len(entry) for entry, _ in entries))
    for entry, comments in entries:
        lines.append(f"{entry:<{wide}}  # {comments[0]}")
        lines += [f"#   {comment}" for comment in comments[1:]]
    return lines + _missing(match) + _leftovers(match)


def _entry(match: Match, proposal: Proposal) -> tuple[str, list[str]]:
    column = TABLES[match.table][proposal.column]
    found = match.profiles[proposal.source]
    comments = [proposal.confidence + _alternatives(proposal.others)]
    options: list[str] = []
    if column.kind == "date" and (form := _date_format(found)):
        options.append(f"format = {quoted(form)}")
    if (unit := unit_of(proposal.source, found, column)) and column.kind in ("int", "float"):
        options.append(f"unit = {quoted(unit[0])}")
    if column.tokens and found.filled:
        if system := code_system(found, match.table, column.name):
            options.append(f"system = {quoted(system)}")
        else:
            codes, notes = _codes(found, match.table, column)
            options += codes
            comments += notes
    if column.name == "patient_id" and _HOSPITAL_NUMBER.search(proposal.source):
        comments.append("a hospital's own number? The contract wants a pseudonym.")
    source = quoted(proposal.source)
    value = f"{{ from = {source}, {', '.join(options)} }}" if options else source
    return f"{column.name} = {value}", comments


def _date_format(found: Profile) -> str | None:
    """The format to be said in the mapping; None where the intake finds it by itself."""
    if found.date_format == "%d/%m/%Y" and found.month_first:
        return "%m/%d/%Y"
    return found.date_format if found.date_format in OTHER_DATES else None


def _codes(found: Profile, table: str, column: Column) -> tuple[list[str], list[str]]:
    """The translation of local codes, and what is left to the reader."""
    read = tokens_of(found, table, column)
    seen: dict[str, int] = {}
    for cell, count in found.cells.items():
        for part in parts(cell, column):
            seen[part] = seen.get(part, 0) + count
    _, failed = convert_column(pl.Series(list(seen), dtype=pl.String), column, Dialect())
    local = {part: n for place, (part, n) in enumerate(seen.items()) if place in set(failed)}
    shown = {part for part, n in local.items() if is_code(part, n) and found.is_codes}
    known = [f"{quoted(part)} = {quoted(read[part])}" for part in local if part in shown and part in read]
    open_codes = [quoted(part) for part in local if part in shown and part not in read]
    hidden = [part for part in local if part not in shown]
    notes = []
    if open_codes:
        notes.append(f"codes to be translated: {', '.join(open_codes)}; into: {', '.join(column.tokens or {})}")
    if hidden:
        notes.append(f"entries that are no token or label of this column, not shown: {len(hidden)}")
    return ([f"codes = {{ {', '.join(known)} }}"] if known else []), notes


def is_code(cell: str, rows: int) -> bool:
    """Whether a cell may be written into a draft."""
    return len(cell) <= LONGEST_CODE and rows >= LEAST_ROWS and not re.search(r"\s", cell)


def _missing(match: Match) -> list[str]:
    found = {proposal.column for proposal in match.proposals}
    lines = []
    for column in TABLES[match.table].columns:
        if not column.required or column.name in found:
            continue
        if column.is_key and column.name not in _NOT_MADE:
            lines.append(
                f'{column.name} = {{ number = "{column.name[0].upper()}" }}  # low: no column fits; made by row'
            )
        elif column.name == "centre_id":
            lines.append('# centre_id = { constant = "..." }  # required, and no column fits')
        else:
            lines.append(f'# {column.name} = "..."  # required, and no column fits')
    return lines


def _leftovers(match: Match) -> list[str]:
    lines = [f"# Left out, looks like {why}: {_comment(quoted(name))}" for name, why in match.private.items()]
    if match.unmapped:
        lines.append(f"# Not mapped: {_comment(', '.join(quoted(name) for name in match.unmapped))}")
    return lines


def _alternatives(names: Sequence[str]) -> str:
    return f"; or {', '.join(names)}" if names else ""


def quoted(text: str) -> str:
    """Foreign text as a TOML string."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Foreign text on one line, without control characters."""
    return "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
