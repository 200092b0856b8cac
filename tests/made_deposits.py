"""Deposits for tests: put into an inbox, converted into a store, or drawn at random with all that can be wrong with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from pipelines.nightly import deposits, inbox
from pipelines.nightly.chain import chain_of
from pipelines.nightly.deposits import Deposit
from tests.small_extract import Cohort, Row, write, write_csv
from validation.contract import TABLES

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def put(
    folder: Path,
    centre: str,
    tables: Cohort,
    day: str = "2026-06-30",
    kind: str = "full",
    deletions: Sequence[tuple[str, str]] = (),
    more: str = "",
    shape: str = "iso",
) -> Path:
    """Write a deposit as a centre does."""
    write(folder, {name: rows for name, rows in tables.items() if rows}, shape)
    words = f'centre = "{centre}"\nextraction_date = {day}\nkind = "{kind}"\n{more}\n'
    (folder / "extract.toml").write_text(words, encoding="utf-8")
    if deletions:
        write_csv(folder / "deletions.csv", [["table", "id"], *map(list, deletions)])
    return folder


def found(path: Path) -> inbox.Found:
    """What a look into the inbox says of one deposit, whatever its age."""
    (one,) = [one for one in inbox.look(path.parent.parent, 0, {}, NOW) if one.path == path]
    return one


def kept(path: Path, store: Path, key: bytes | None = None) -> Deposit:
    """Convert a deposit into a store."""
    work = store / "work"
    deposit = deposits.convert(found(path), work, key)
    work.rename(store / deposit.id)
    return deposit


@dataclass
class Network:
    """Centres that deposit one thing after the other; `accepted` holds their deposits in this order."""

    root: Path
    rng: Random
    accepted: dict[str, list[Deposit]] = field(default_factory=dict)
    sent: dict[str, tuple[Cohort, list[tuple[str, str]]]] = field(default_factory=dict)
    n: int = 0

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def chains(self) -> dict[str, tuple[Deposit, ...]]:
        return {centre: chain_of(list(found)) for centre, found in self.accepted.items()}

    def take(self, centre: str, kind: str, day: str) -> Deposit:
        """Draw a deposit, put it into the inbox and accept it."""
        self.n += 1
        tables, deletions, more = drawn(self.rng, centre, kind), [], ""
        if kind == "incremental" and self.rng.random() < 0.5:
            deletions = [drawn_deletion(self.rng) for _ in range(self.rng.randint(1, 3))]
        if kind == "withdrawal":
            before = [deposit.name for deposit in self.accepted.get(centre, [])] or ["nothing"]
            tables, more = {}, f'withdraws = "{self.rng.choice(before)}"'
        folder = self.root / "inbox" / centre / f"d{self.n}"
        deposit = kept(put(folder, centre, tables, day, kind, deletions, more), self.store)
        self.accepted.setdefault(centre, []).append(deposit)
        self.sent[deposit.id] = (tables, deletions)
        return deposit


POOLS = {
    "patients": ["P1", "P2", "P3", "P4", "P5"],
    "primary_tumours": ["T1", "T2", "T3"],
    "bone_lesions": ["L1", "L2", "L3", "L4"],
    "imaging_exams": ["E1", "E2", "E3"],
    "procedures": ["X1", "X2"],
    "radiotherapy_courses": ["R1", "R2", "R3"],
    "centres": ["C1", "C2", "C3"],
}
DAYS = ["2023-01-15", "2023-02-01", "2023-02-01", "2024-03-05", "2023-02-31", "2029-01-01"]
COLUMNS = {
    "patients": "patient_id centre_id birth_date sex death_date last_contact_date",
    "primary_tumours": "tumour_id patient_id primary_site diagnosis_date",
    "bone_lesions": "lesion_id patient_id discovery_date bone",
    "imaging_exams": "exam_id patient_id lesion_id date performed_at_centre_id modality",
    "imaging_findings": "exam_id lesion_id patient_id new_focus",
    "procedures": "procedure_id patient_id lesion_id date category performed_at_centre_id",
    "radiotherapy_courses": "course_id patient_id lesion_id start_date linked_procedure_id",
    "lab_results": "patient_id date analyte value",
    "consultations": "patient_id lesion_id date kind",
}
VALUES = {
    "birth_date": ["1950-01-01", "1950-01-01", "1961-02-01"],
    "sex": ["female", "male", ""],
    "primary_site": ["lung", "lung", "breast", "nonsense"],
    "bone": ["femur", "sacrum"],
    "modality": ["ct", "mri"],
    "category": ["orthopaedic_surgery", "interventional_radiology"],
    "analyte": ["crp", "creatinine"],
    "value": ["1.5", "2", "many"],
    "kind": ["orthopaedic_opinion", "postoperative_visit"],
    "new_focus": ["true", "false", ""],
    "death_date": ["", "", "2024-01-01"],
}


def drawn(rng: Random, centre: str, kind: str) -> Cohort:
    """Tables with few identifiers for all patients and centres, so that much is shared, doubled, missing or wrong."""
    tables: Cohort = {"centres": [{"centre_id": centre, "name": f"Centre {rng.randint(1, 9)}"}]}
    if rng.random() < 0.2:
        tables["centres"].append({"centre_id": rng.choice(POOLS["centres"]), "name": "As others call it"})
    if kind == "incremental" and rng.random() < 0.8:
        del tables["centres"]
    most = {"full": 5, "incremental": 2, "withdrawal": 0}[kind]
    for name, columns in COLUMNS.items():
        rows = [_row(rng, name, columns.split(), centre) for _ in range(rng.randint(0, most))]
        if rows and rng.random() < 0.2:
            rows.append(dict(rng.choice(rows)))
        tables[name] = [row for row in rows if any(row.values())]  # readers leave out lines without any cell
    if kind == "incremental" and not any(tables.values()):
        tables["patients"] = [_row(rng, "patients", COLUMNS["patients"].split(), centre)]
    return tables


def _row(rng: Random, table: str, columns: list[str], centre: str) -> Row:
    row = {column: _cell(rng, table, column) for column in columns}
    if table == "patients" and rng.random() < 0.7:
        row["centre_id"] = centre
    return row


def _cell(rng: Random, table: str, column: str) -> str:
    declared = TABLES[table][column]
    if column in VALUES:
        return rng.choice(VALUES[column])
    if declared.kind == "date":
        return rng.choice(DAYS)
    owner = declared.parent[0] if declared.parent else table
    if rng.random() < (0.04 if declared.required else 0.4):
        return ""
    return "C9" if owner == "centres" and rng.random() < 0.1 else rng.choice(POOLS[owner])


def drawn_deletion(rng: Random) -> tuple[str, str]:
    """A deletion of a row that may be there."""
    table = rng.choice(list(COLUMNS))
    key = TABLES[table].key or ("patient_id",)
    owners = [TABLES[table][column].parent or (table,) for column in key]
    return table, "|".join(rng.choice(POOLS[owner[0]]) for owner in owners)
