"""The case lists of the centres, one file each: made of all cases, or edited from the files of the audit before."""

from __future__ import annotations

import mmap
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import polars as pl

from reports.cases import COLUMNS, csv_head, csv_lines

INDEX = {"patient": pl.UInt32, "place": pl.UInt32, "length": pl.UInt32}
"""What stands on each line of the files, one file after the other in the order of their centres: whose case (the number of
the patient among all in the order of their id), its place in the order of the list, and how many bytes."""


class CaseLists:
    """All cases."""

    def __init__(self, cases: pl.DataFrame, people: pl.DataFrame, lang: str) -> None:
        """`cases`: `reports.cases.listed`; `people`: all patients and their centres, in the order of their id."""
        self.people = people
        self.lang = lang
        self._of_centre = {
            str(centre): rows for (centre,), rows in cases.partition_by("centre_id", as_dict=True).items()
        }
        self._none = cases.clear()
        self._written: dict[str, pl.DataFrame] = {}

    def of_centre(self, centre_id: str) -> tuple[pl.DataFrame, bytes]:
        """The lines of a centre: patient_id, place and length of each, and the text."""
        cases = self._of_centre.get(centre_id, self._none)
        text = csv_lines(cases.select(COLUMNS), self.lang)
        ends = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == ord("\n"))
        lengths = pl.Series("length", np.diff(ends, prepend=-1), dtype=pl.UInt32)
        return cases.select("patient_id", "place").with_columns(lengths), text

    def all_lines(self) -> tuple[pl.DataFrame, bytes]:
        """The lines of all centres (`INDEX`), one centre after the other, and their text."""
        found = [self.of_centre(centre) for centre in sorted(self._of_centre)]
        return self._numbered([lines for lines, _ in found]), b"".join(text for _, text in found)

    def write(self, centre_id: str, path: Path) -> None:
        """Write the list of one centre."""
        self._written[centre_id], text = self.of_centre(centre_id)
        with path.open("wb") as out:
            out.write(csv_head(COLUMNS, self.lang))
            out.write(text)

    @property
    def index(self) -> pl.DataFrame:
        """What stands on the lines of the files that were written (`INDEX`)."""
        return self._numbered([self._written[centre] for centre in sorted(self._written)])

    def _numbered(self, lines: list[pl.DataFrame]) -> pl.DataFrame:
        none = pl.DataFrame(schema={"patient_id": pl.String, "place": pl.UInt32, "length": pl.UInt32})
        numbers = self.people.select("patient_id").with_row_index("patient")
        rows = pl.concat([none, *lines]).join(numbers, on="patient_id", how="left", maintain_order="left")
        return rows.select(*INDEX)


class EditedLists:
    """The lists of the audit before, without the cases of some patients, and with their cases as they are now."""

    def __init__(
        self, files: Mapping[str, Path], index: pl.DataFrame, people: pl.DataFrame, patients: pl.Series, now: CaseLists
    ) -> None:
        """`files`: the list of each centre in the audit before, `index` what stands on their lines, `people` its patients."""
        self._files = files
        self._head = csv_head(COLUMNS, now.lang)
        self._centres = pl.concat([people["centre_id"], now.people["centre_id"]]).unique().sort()
        start = pl.col("length").cast(pl.Int64).cum_sum() - pl.col("length")
        new, self._text = now.all_lines()
        new = self._with_centres(new, now.people).with_columns(start=start, old=pl.lit(False))
        old = self._with_centres(index, people)
        old = old.with_columns(start=start.over("centre") + len(self._head), old=pl.lit(True))
        gone = people["patient_id"].is_in(patients.implode()).gather(old["patient"])
        self._changed = {*self._centres.gather(pl.concat([old["centre"].filter(gone), new["centre"]]).unique())}
        numbers = now.people.select("patient_id").with_row_index("number")
        numbers = people.join(numbers, on="patient_id", how="left", maintain_order="left")
        kept = old.with_columns(patient=numbers["number"].gather(old["patient"])).filter(~gone)
        order = (
            pl.col("centre").cast(pl.UInt64) * (1 << 52)
            + pl.col("place").cast(pl.UInt64) * (1 << 32)
            + pl.col("patient")
        )
        self._lines = pl.concat([kept, new]).sort(order, maintain_order=True)

    def _with_centres(self, lines: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
        """The lines with the number of the centre of each."""
        of_person = self._centres.search_sorted(people["centre_id"])
        return lines.with_columns(centre=of_person.gather(lines["patient"]))

    @property
    def index(self) -> pl.DataFrame:
        """What stands on the lines of the files (`INDEX`)."""
        return self._lines.select(*INDEX)

    def write(self, centre_id: str, path: Path) -> None:
        """Write the list of one centre; one in which nothing changed is the file of before under a second name."""
        before = self._files.get(centre_id)
        if before is not None and centre_id not in self._changed:
            _link(before, path)
            return
        number = self._centres.index_of(centre_id)  # none where the centre has no patient
        lines = self._lines.clear() if number is None else self._lines.filter(pl.col("centre") == number)
        with path.open("wb") as out:
            out.write(self._head)
            if before is None:
                _copy(lines, b"", self._text, out)
                return
            with before.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as old:
                _copy(lines, old, self._text, out)


def _link(before: Path, path: Path) -> None:
    try:
        path.hardlink_to(before)
    except OSError:  # another file system
        shutil.copyfile(before, path)


def _copy(lines: pl.DataFrame, old: mmap.mmap | bytes, new: bytes, out: BinaryIO) -> None:
    """Write lines of two texts in their order, those that stand one after the other at once."""
    follows = (pl.col("start") == (pl.col("start") + pl.col("length")).shift()) & (
        pl.col("old") == pl.col("old").shift()
    )
    run = (~follows).fill_null(True).cum_sum()
    pieces = lines.group_by(run.alias("run"), maintain_order=True).agg(
        pl.col("old", "start").first(), pl.col("length").sum()
    )
    with memoryview(old) as of_before, memoryview(new) as of_now:
        for is_old, start, length in pieces.select("old", "start", "length").iter_rows():
            out.write((of_before if is_old else of_now)[start : start + length])
