"""Hospitals that change from day to day and what they put into the inbox: full, incremental, late, corrected, withdrawn, broken."""

from __future__ import annotations

import copy
import csv
import random
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from pipelines.synth import synth
from validation.contract import TABLES

FIRST_DAY = date(2026, 7, 1)
Row = dict[str, str]
Tables = dict[str, list[Row]]


def key_of(table: str, row: Row) -> str:
    """The key of a row as deletions.csv writes it; of a table without key, its patient."""
    return "|".join(row[column] for column in TABLES[table].key or ("patient_id",))


@dataclass
class Hospital:
    """One centre: all the patients it will ever have, those it has now, and what it last said of them."""

    centre: str
    pool: Tables
    chance: random.Random
    tables: Tables = field(default_factory=dict)
    sent: Tables | None = None

    def __post_init__(self) -> None:
        self.waiting = [row["patient_id"] for row in self.pool["patients"]]
        self.chance.shuffle(self.waiting)
        self.tables = {name: [] for name in self.pool}
        self.tables["centres"] = copy.deepcopy(self.pool["centres"])

    def admit(self, patients: int) -> None:
        """New patients, with everything that happened to them."""
        for _ in range(min(patients, len(self.waiting))):
            who = self.waiting.pop()
            for name, rows in self.pool.items():
                if name != "centres":
                    self.tables[name] += [dict(row) for row in rows if row["patient_id"] == who]

    def live(self) -> None:
        """A day: a patient may come, some rows are corrected, some are deleted, now and then a patient is."""
        self.admit(self.chance.choice([0, 0, 1, 2]))
        for _ in range(self.chance.randint(0, 4)):
            self._correct()
        for _ in range(self.chance.choice([0, 0, 1])):
            self._delete_event()
        if self.chance.random() < 0.05 and len(self.tables["patients"]) > 3:
            who = self.chance.choice(self.tables["patients"])["patient_id"]
            for name in self.tables:
                if name != "centres":
                    self.tables[name] = [row for row in self.tables[name] if row["patient_id"] != who]

    def _correct(self) -> None:
        """An optional cell takes the value of the same column in another row, or is emptied."""
        name = self.chance.choice([name for name, rows in self.tables.items() if rows and name != "centres"])
        optional = [c.name for c in TABLES[name].columns if not c.required and not c.is_key and c.parent is None]
        if optional:
            column, rows = self.chance.choice(optional), self.tables[name]
            value = self.chance.choice([self.chance.choice(rows)[column], ""])
            self.chance.choice(rows)[column] = value

    def _delete_event(self) -> None:
        referred = {column.parent[0] for table in TABLES.values() for column in table.columns if column.parent}
        names = [name for name, rows in self.tables.items() if rows and name not in referred]
        if names:
            name = self.chance.choice(names)
            self.tables[name].pop(self.chance.randrange(len(self.tables[name])))

    def full(self, folder: Path, day: date) -> None:
        """A full extract."""
        write(folder, self.centre, day, self.tables, "full")
        self.sent = copy.deepcopy(self.tables)

    def incremental(self, folder: Path, day: date) -> None:
        """What changed since what was last sent."""
        rows, deletions = changes(self.sent or {}, self.tables)
        write(folder, self.centre, day, rows, "incremental", deletions)
        self.sent = copy.deepcopy(self.tables)


def changes(before: Tables, now: Tables) -> tuple[Tables, list[tuple[str, str]]]:
    """The rows that an incremental deposit must hold, and what it must delete."""
    rows: Tables = {}
    deletions: list[tuple[str, str]] = []
    for name, current in now.items():
        old = _grouped(name, before.get(name, []))
        new = _grouped(name, current)
        rows[name] = [row for key, group in new.items() if group != old.get(key) for row in group]
        deletions += [(name, key) for key in old if key not in new]
    return {name: found for name, found in rows.items() if found}, deletions


def _grouped(name: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(key_of(name, row), []).append(row)
    return groups


def write(
    folder: Path,
    centre: str,
    day: date,
    tables: Tables,
    kind: str,
    deletions: Iterable[tuple[str, str]] = (),
    withdraws: str | None = None,
) -> None:
    """A deposit as a folder of ISO CSV files."""
    folder.mkdir(parents=True)
    lines = [f'centre = "{centre}"', f"extraction_date = {day.isoformat()}", f'kind = "{kind}"']
    lines += [f'withdraws = "{withdraws}"'] if withdraws else []
    (folder / "extract.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, rows in tables.items():
        _write_csv(folder / f"{name}.csv", [column.name for column in TABLES[name].columns], rows)
    if deletions := list(deletions):
        _write_csv(folder / "deletions.csv", ["table", "id"], [{"table": t, "id": key} for t, key in deletions])


def _write_csv(path: Path, columns: list[str], rows: list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def hospitals(folder: Path, patients: int, centres: int, seed: int) -> list[Hospital]:
    """Invented hospitals, each with about two thirds of its patients admitted."""
    synth(patients, centres, seed, "iso", "csv", 0.0, folder)
    found = []
    for number, path in enumerate(sorted(path for path in folder.iterdir() if path.is_dir())):
        pool: Tables = {name: [] for name in TABLES}
        for name in TABLES:
            if (path / f"{name}.csv").exists():
                with (path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
                    pool[name] = list(csv.DictReader(file))
        # What one centre knows of another's patients would tie the hospitals together.
        own = {row["patient_id"] for row in pool["patients"] if row["centre_id"] == path.name}
        pool = {
            name: rows if name == "centres" else [row for row in rows if row["patient_id"] in own]
            for name, rows in pool.items()
        }
        hospital = Hospital(path.name, pool, random.Random(seed * 1000 + number))
        hospital.admit(2 * len(own) // 3)
        found.append(hospital)
    return found


@dataclass
class Season:
    """Nights of a network: each puts something of every kind into the inbox, by chance."""

    inbox: Path
    hospitals: list[Hospital]
    chance: random.Random
    night: int = 0
    made: dict[str, int] = field(default_factory=dict)
    late: list[tuple[int, Path, Path]] = field(default_factory=list)
    wrong: list[tuple[int, Hospital, str]] = field(default_factory=list)
    asides: Path = Path()

    @property
    def day(self) -> date:
        """The date of this night."""
        return FIRST_DAY + timedelta(days=self.night)

    def next(self) -> None:
        """One day passes, then the deposits of the evening come."""
        self.night += 1
        self._arrive()
        for hospital in self.hospitals:
            hospital.live()
            if self.night == 1:
                hospital.full(self._folder(hospital, "full"), self.day)
            else:
                self._deposit(hospital)

    def _arrive(self) -> None:
        for due, path, target in [entry for entry in self.late if entry[0] <= self.night]:
            path.rename(target)
            self.late.remove((due, path, target))
        for due, hospital, name in [entry for entry in self.wrong if entry[0] <= self.night]:
            folder = self._folder(hospital, "withdrawal")
            write(folder, hospital.centre, self.day, {}, "withdrawal", withdraws=name)
            self.wrong.remove((due, hospital, name))

    def settle(self) -> None:
        """What is under way arrives, what was wrong is taken back, and every hospital says how things stand."""
        self.night += 10
        self._arrive()
        for hospital in self.hospitals:
            hospital.incremental(self._folder(hospital, "last"), self.day)

    def _deposit(self, hospital: Hospital) -> None:
        kind = self.chance.choices(
            ["none", "full", "incremental", "late", "duplicate", "correction", "wrong", "broken"],
            [30, 8, 32, 8, 6, 8, 4, 4],
        )[0]
        if kind in ("full", "incremental"):
            getattr(hospital, kind)(self._folder(hospital, kind), self.day)
        elif kind == "late":
            folder = self._folder(hospital, "late")
            aside = self.asides / f"{hospital.centre}-{folder.name}"
            hospital.incremental(aside, self.day)
            self.late.append((self.night + self.chance.randint(1, 4), aside, folder))
        elif kind == "duplicate":
            there = sorted(path for path in (self.inbox / hospital.centre).iterdir() if not path.name.endswith("wrong"))
            shutil.copytree(self.chance.choice(there), self._folder(hospital, "duplicate"))
        elif kind == "correction":
            hospital.incremental(self._folder(hospital, "incremental"), self.day)
            hospital.live()
            hospital.incremental(self._folder(hospital, "correction"), self.day)
        elif kind == "wrong":
            # Sent by mistake and taken back two nights later: the hospital goes on from what it had sent before.
            folder, kept, truth = self._folder(hospital, "wrong"), hospital.sent, copy.deepcopy(hospital.tables)
            for _ in range(6):
                hospital._correct()
            hospital.incremental(folder, self.day)
            hospital.sent, hospital.tables = kept, truth
            self.wrong.append((self.night + 2, hospital, folder.name))
        elif kind == "broken":
            folder, kept = self._folder(hospital, "broken"), copy.deepcopy(hospital.sent)
            hospital.full(folder, self.day)
            hospital.sent = kept
            (folder / "patients.csv").write_bytes(b"patient_id;centre\n\x00\x00")
        self.made[kind] = self.made.get(kind, 0) + 1

    def _folder(self, hospital: Hospital, kind: str) -> Path:
        return self.inbox / hospital.centre / f"{self.day.isoformat()}-{kind}"
