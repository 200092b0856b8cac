"""Extracts that are read through a mapping, and what holds for all of them."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from small_extract import cohort, write, write_csv

from pipelines.ingest import ExtractError, Intake, take_in

SECRET = "SECRET-7421"
KNOWN = ("centres", "patients")


def extract(folder: Path, mapping: str, *tables: str, **files: list[list[str]]) -> Path:
    """Tables of the small extract as they are, other files with a mapping."""
    write(folder, {name: cohort()[name] for name in (tables or KNOWN)})
    for name, lines in files.items():
        write_csv(folder / f"{name}.csv", lines, separator=";")
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return folder


def columns(table: str, source: str, content: str, head: str = "") -> str:
    return f'[[tables]]\ntable = "{table}"\nfrom = "{source}"\n{head}\n[tables.columns]\n{content}\n'


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(ExtractError) as caught:
        take_in([folder])
    return [str(problem) for problem in caught.value.problems]


def balanced(taken: Intake) -> None:
    """Nothing is lost: rows of the file = rows left out + accepted + quarantined."""
    for file in taken.files:
        if file.mapped:
            assert file.mapped.rows == sum(file.mapped.left_out.values()) + file.rows
    read = pl.DataFrame({"table": [f.table for f in taken.files], "rows": [f.rows for f in taken.files]})
    counts = taken.counts.group_by("table").agg(pl.col("read", "accepted", "quarantined").sum())
    for row in counts.iter_rows(named=True):
        assert row["read"] == row["accepted"] + row["quarantined"] == read.filter(table=row["table"])["rows"].sum()


WIDE = """
[[tables]]
table = "centres"
from = "export*.csv"
distinct = true
columns = { centre_id = { constant = "C1" } }

[[tables]]
table = "patients"
from = "export*.csv"
where = { "Statut" = ["validé"] }
distinct = true
[tables.columns]
patient_id = { from = "N° dossier", prefix = "C1-" }
centre_id = { constant = "C1" }
birth_date = { from = "DDN", format = "%d/%m/%y" }
sex = { from = "Sexe", codes = { "1" = "male", 2 = "female", "9" = "" } }

[[tables]]
table = "bone_lesions"
from = "export*.csv"
where = { "Statut" = ["validé"] }
repeat = [1, 2]
[tables.columns]
lesion_id = { from = "N° dossier", suffix = "-L{n}" }
patient_id = { from = "N° dossier", prefix = "C1-" }
discovery_date = "Date {n}"
bone = { from = "Os {n}", codes = { F = "femur", C = "rib" } }

[[tables]]
table = "radiotherapy_courses"
from = "export*.csv"
unless = { "Séjour" = [""], "Statut" = "brouillon" }
[tables.columns]
course_id = { number = "R" }
patient_id = { from = "N° dossier", prefix = "C1-" }
start_date = { from = "Séjour", split = " - ", part = 1 }
end_date = { from = "Séjour", split = " - ", part = 2 }
prescribed_dose_gy = { from = "Dose", unit = "cGy" }

[[tables]]
table = "mdt_meetings"
from = "export*.csv"
unless = { "Séjour" = "" }
where = { "Statut" = "validé" }
[tables.columns]
mdt_id = { number = "M" }
patient_id = { from = "N° dossier", prefix = "C1-" }
date = { from = "Séjour", split = " - ", part = 1 }
lesion_ids = { from = ["N1", "N2"], join = "|" }
specialties = { from = "Spé", separator = ",", codes = { Chir = "orthopaedics", RT = "radiation_oncology" } }
"""
HEADER = "N° dossier;Nom;DDN;Sexe;Statut;Os 1;Date 1;Os 2;Date 2;Séjour;Dose;N1;N2;Spé"
SHEET = [
    f"1001;{SECRET};12/03/45;1;validé;F;03/02/2023;C;04/02/2023;10/02/2023 - 12/02/2023;3000;A;B;Chir, RT",
    f"1002;{SECRET};01/12/20;2; Validé ;C;03/02/2023;;;10/02/2023;800,5;A;;RT",
    f"1003;{SECRET};12/03/51;9;brouillon;F;03/02/2023;;;10/02/2023;800;A;;RT",
    f"1001;{SECRET};12/03/45;1;validé;;;;;;;;;",
]


def wide(folder: Path, *more: str, mapping: str = WIDE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "export_2024.csv").write_bytes("\r\n".join([HEADER, *SHEET, *more]).encode("cp1252"))
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    return folder
