"""Erasing patients: nothing of them stays, later deposits do not bring them back, and nobody can tell whom it was."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipelines.ingest.rekey import pseudonym
from pipelines.nightly import deposits, erase, runs
from pipelines.nightly.erased import NOBODY, Erased, strip
from pipelines.nightly.errors import HomeError
from pipelines.nightly.home import Home, locked
from pipelines.nightly.verify import verify_store
from tests.nightly_store import accepted, converted, kinds, last, published

GONE = "PAT-07731"
STAYS = "PAT-11042"


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.create(tmp_path / "network")
    with locked(made, "test"):
        yield made


def holds(folder: Path, patient: str) -> list[str]:
    """The files in which an identifier of the patient can be found, in names, in texts and in packed columns."""
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if path.suffix == ".parquet" and content.startswith(b"PAR1"):
            content = pl.read_parquet(path).write_json().encode()
        elif path.suffix == ".duckdb":
            with duckdb.connect(path, read_only=True) as con:
                content = str(con.execute("FROM registry.patients").fetchall()).encode()
        if patient.encode() in content or patient in str(path):
            found.append(str(path.relative_to(folder)))
    return found


def network(home: Home) -> list[str]:
    """Three deposits, of which the first and the last hold the patient, and two runs over them."""
    june = accepted(home, "june", [GONE, STAYS])
    published(home, GONE, june)
    july = accepted(home, "july", [STAYS], day="2026-07-31")
    deletions = f"table,id\nbone_lesions,L-{GONE}\nbone_lesions,L-{STAYS}\npatients,{GONE}\n"
    august = accepted(home, "august", [STAYS], day="2026-08-31", deletions=deletions)
    published(home, GONE, june, july, august)
    return [june, july, august]


def test_nothing_of_the_patient_stays_once_a_run_without_the_patient_is_published(home: Home) -> None:
    june, july, august = network(home)
    untouched = {path: path.read_bytes() for path in (home.deposits / july).iterdir()}
    told = erase.erase(home, [GONE])
    assert "the next run is made anew" in told[0]
    assert "Backups" in told[-1]
    assert erase.must_rebuild(home)
    assert all(path.startswith("runs/") for path in holds(home.store, GONE))
    assert (home.published / "results" / "rates.parquet").exists()
    published(home, "without", june, july, august)
    assert not erase.must_rebuild(home)
    runs.recover(home)
    assert holds(home.store, GONE) == []
    assert holds(home.deposits, STAYS)
    assert {path: path.read_bytes() for path in (home.deposits / july).iterdir()} == untouched
    assert verify_store(home) == []
    assert runs.recover(home) == []
    facts = dict(last(home).facts)
    assert re.fullmatch("[0-9a-f]{16}", facts.pop("erasure"))
    assert facts == {"patients": 1, "deposits": 2, "runs": 2}


def test_the_other_patients_rows_lines_and_findings_are_as_they_were(home: Home) -> None:
    bad = (
        f"lesion_id,patient_id,discovery_date,bone\nL-{GONE},{GONE},2023-02-01,nose\nL-{STAYS},{STAYS},2023-02-01,ear\n"
    )
    june = accepted(home, "june", [GONE, STAYS], bone_lesions=bad)
    before = {file.table: part for part, file in deposits.read(home.deposits / june)}
    erase.erase(home, [GONE])
    after = {file.table: part for part, file in deposits.read(home.deposits / june)}
    assert deposits.load(home.deposits / june).rows == {"centres": 1, "patients": 1, "bone_lesions": 1}
    for table, part in after.items():
        kept = before[table].frame["patient_id"] == STAYS if table != "centres" else pl.Series([True])
        assert part.frame.equals(before[table].frame.filter(kept))
        assert part.lines.to_list() == before[table].lines.filter(kept).to_list()
    (finding,) = after["bone_lesions"].findings
    assert finding.rows.to_list() == [0]
    assert finding.column == "bone"


def test_rows_and_deletions_that_name_the_patient_by_another_identifier_go_too(home: Home) -> None:
    june = accepted(home, "june", [GONE, STAYS])
    exams = f"exam_id,patient_id,lesion_id,date,modality\nE1,,L-{GONE},2023-02-01,ct\nE2,,L-{STAYS},2023-02-01,ct\n"
    deletions = f"table,id\nbone_lesions,L-{GONE}\nimaging_findings,E9|L-{GONE}\nbone_lesions,L-{STAYS}\n"
    july = accepted(home, "july", [STAYS], day="2026-07-31", imaging_exams=exams, deletions=deletions)
    erase.erase(home, [GONE])
    assert holds(home.store, GONE) == []
    left = deposits.load(home.deposits / july)
    assert [deletion.key for deletion in left.deletions] == [(f"L-{STAYS}",)]
    assert left.rows["imaging_exams"] == 1
    assert last(home).facts["deposits"] == 2
    assert deposits.load(home.deposits / june).rows["bone_lesions"] == 1


def test_other_patients_rows_that_name_a_row_of_the_patient_stay_and_name_nobody(home: Home) -> None:
    exams = (
        f"exam_id,patient_id,lesion_id,date,modality\nE1,{STAYS},L-{GONE},2023-02-01,ct\nE2,{STAYS},,2023-02-01,ct\n"
    )
    meetings = f"mdt_id,patient_id,date,lesion_ids\nM1,,2023-02-01,L-{STAYS}|L-{GONE}\nM2,,2023-02-01,L-{STAYS}\n"
    june = accepted(home, "june", [GONE, STAYS], imaging_exams=exams, mdt_meetings=meetings)
    erase.erase(home, [GONE])
    assert holds(home.store, GONE) == []
    after = {file.table: part.frame for part, file in deposits.read(home.deposits / june)}
    assert after["imaging_exams"]["lesion_id"].to_list() == [NOBODY, None]
    assert after["mdt_meetings"]["mdt_id"].to_list() == ["M2"]


def test_a_later_deposit_is_stripped_of_the_patient(home: Home) -> None:
    accepted(home, "june", [GONE, STAYS])
    erase.erase(home, [GONE])
    deletions = f"table,id\nbone_lesions,L-{GONE}\n"
    for name, patients, more in (("july", [GONE, STAYS], {}), ("august", [STAYS], {"deletions": deletions})):
        folder, deposit = converted(home, name, patients, **more)
        assert holds(folder, GONE)
        assert strip(folder, Erased.of(home))
        assert holds(folder, GONE) == []
        assert deposits.load(folder).id == deposit.id
        assert deposits.damage(folder) == []
    folder, _ = converted(home, "september", [STAYS])
    before = {path: path.read_bytes() for path in folder.iterdir()}
    assert not strip(folder, Erased.of(home))
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_a_patient_of_whom_nothing_is_kept_is_kept_out(home: Home) -> None:
    accepted(home, "june", [STAYS])
    assert "Nothing is kept of these patients" in erase.erase(home, [GONE])[0]
    folder, _ = converted(home, "july", [GONE, STAYS])
    assert strip(folder, Erased.of(home))
    assert last(home).facts["patients"] == 0
    assert "were erased before" in erase.erase(home, [GONE])[0]
    assert kinds(home).count("erased") == 1


def test_without_an_erasure_deposits_stay_as_they_were_converted(home: Home) -> None:
    folder, _ = converted(home, "june", [GONE])
    assert not strip(folder, Erased.of(home))


def test_identifiers_that_were_replaced_are_found_with_the_key_of_the_network(home: Home) -> None:
    key = b"a long random key of the network"
    accepted(home, "june", [pseudonym(GONE, key), STAYS])
    erase.erase(home, [GONE], key)
    assert holds(home.store, pseudonym(GONE, key)) == []


def test_raw_files_of_deposits_that_held_the_patient_are_removed(home: Home) -> None:
    _, july, _ = network(home)
    erase.erase(home, [GONE])
    assert [path.name for path in home.raw.iterdir()] == [july]


def test_the_fingerprints_are_keyed_and_the_key_is_for_its_owner_alone(home: Home) -> None:
    accepted(home, "june", [GONE])
    erase.erase(home, [GONE])
    assert home.erased_key.stat().st_mode & 0o777 == 0o600
    assert home.erased_file.stat().st_mode & 0o777 == 0o600
    assert len(home.erased_key.read_bytes()) == 32
    marks = json.loads(home.erased_file.read_text())["marks"]
    assert all(re.fullmatch("[0-9a-f]{64}", mark) for mark in marks)


def test_unfinished_work_is_thrown_away(home: Home) -> None:
    network(home)
    (home.work / "000009-2026-01-01" / "state").mkdir(parents=True)
    converted(home, "september", [GONE])
    erase.erase(home, [GONE])
    assert list(home.work.iterdir()) == []


def test_nobody_is_erased_unnamed(home: Home) -> None:
    with pytest.raises(HomeError, match="No patient was named"):
        erase.erase(home, ["", " "])


def test_lost_fingerprints_are_told_and_stop_the_night(home: Home) -> None:
    accepted(home, "june", [GONE])
    erase.erase(home, [GONE])
    key = home.erased_key.read_bytes()
    home.erased_key.unlink()
    with pytest.raises(HomeError, match="brings erased patients back"):
        runs.recover(home)
    assert any("erased.key is missing" in line for line in verify_store(home))
    home.erased_key.write_bytes(key)
    home.erased_file.unlink()
    with pytest.raises(HomeError, match="brings erased patients back"):
        runs.recover(home)
    assert any("brings erased patients back" in line for line in verify_store(home))


def test_two_erasures_before_the_next_run_are_one_entry_with_both(home: Home) -> None:
    june = accepted(home, "june", [GONE, STAYS, "PAT-3"])
    published(home, GONE, june)
    erase.erase(home, [GONE])
    erase.erase(home, ["PAT-3"])
    published(home, "without", june)
    runs.recover(home)
    assert holds(home.store, GONE) == holds(home.store, "PAT-3") == []
    assert kinds(home).count("erased") == 1
    assert last(home).facts["patients"] == 2
