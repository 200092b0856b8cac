"""What is kept of a deposit is what the readers made of it; a deposit that cannot be read is refused with all reasons."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import polars as pl
import pytest

from pipelines.ingest import ExtractError, SourceFile, read_in, take_in
from pipelines.ingest.rekey import pseudonym
from pipelines.nightly import deposits, inbox
from pipelines.nightly.deletions import Deletion
from pipelines.nightly.deposits import Content, DepositError, load, read
from tests.made_deposits import found, kept, put
from tests.mapped_extract import columns
from tests.small_extract import Cohort, cohort, write_csv
from validation.quarantine import Part

OWN = {"centres": [{"centre_id": "C1"}], "patients": [{"patient_id": "P1", "centre_id": "C1"}]}


@pytest.fixture
def store(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir()
    return tmp_path / "store"


def broken() -> Cohort:
    tables = cohort()
    tables["bone_lesions"][1]["discovery_date"] = "2023-02-31"
    tables["lab_results"][0]["value"] = "many"
    tables["lab_results"].append({"patient_id": "", "date": "2023-01-01", "analyte": "nonsense", "value": "1"})
    return tables


def findings(part: Part) -> list[tuple[list[int], str | None, str, str]]:
    return [(list(f.rows), f.column, f.rule, f.expectation) for f in part.findings]


def assert_same(mine: Content, original: Content, prefix: str) -> None:
    assert len(mine) == len(original)
    for (part, file), (other, its) in zip(mine, original, strict=True):
        assert part.frame.schema == other.frame.schema
        assert part.frame.equals(other.frame)
        assert part.lines.equals(other.lines)
        assert findings(part) == findings(other)
        assert part.source.path == file.path == f"{prefix}/{other.source.path.split('/')[-1]}"
        assert part.source.extraction_date == other.source.extraction_date
        assert facts(file) == facts(its)


def facts(file: SourceFile) -> dict[str, object]:
    return {name: value for name, value in vars(file).items() if name not in ("path", "mapped")}


@pytest.mark.parametrize("shape", ["iso", "fr", "xlsx", "parquet"])
def test_what_is_kept_is_what_was_read(tmp_path: Path, store: Path, shape: str) -> None:
    tables = cohort() if shape in ("xlsx", "parquet") else broken()
    if shape == "fr":
        tables = cohort()
    path = put(tmp_path / "in/C1/june", "C1", tables, shape=shape)
    deposit = kept(path, store)
    (original,) = read_in([path])
    assert_same(read(store / deposit.id), original.content, "C1/june")
    assert load(store / deposit.id) == deposit


def test_a_zip_with_a_mapping_is_kept_like_any_other(tmp_path: Path, store: Path) -> None:
    folder = put(tmp_path / "made", "C1", OWN)
    write_csv(folder / "labo.csv", [["ipp", "jour", "crp"], ["P1", "2024-01-01", "12"], ["P1", "2024-02-01", ""]])
    (folder / "mapping.toml").write_text(
        columns(
            "lab_results", "labo.csv", 'patient_id = "ipp"\ndate = "jour"\nvalue = "crp"\nanalyte = {constant = "crp"}'
        )
    )
    (tmp_path / "in/C1").mkdir(parents=True)
    with zipfile.ZipFile(path := tmp_path / "in/C1/june.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"export/{file.name}")
    deposit = kept(path, store)
    (original,) = read_in([path])
    content = read(store / deposit.id)
    assert [file.path for _, file in content] == [
        "C1/june.zip/centres.csv", "C1/june.zip/patients.csv", "C1/june.zip/labo.csv"
    ]  # fmt: skip
    assert_same(content, original.content, "C1/june.zip")
    assert load(store / deposit.id).kept[-1].file.mapped == content[-1][1].mapped
    assert deposit.rows == {"centres": 1, "patients": 1, "lab_results": content[-1][0].frame.height}


def test_the_rows_of_some_patients_are_read_with_those_of_none(tmp_path: Path, store: Path) -> None:
    deposit = kept(put(tmp_path / "in/C1/june", "C1", broken()), store)
    whole = {file.table: part for part, file in read(store / deposit.id)}
    some = {file.table: part for part, file in read(store / deposit.id, pl.Series(["P2"]))}
    assert set(some) == set(whole)
    assert some["centres"].frame.equals(whole["centres"].frame)
    assert some["bone_lesions"].lines.to_list() == [3]
    assert findings(some["bone_lesions"])[0][:3] == ([0], "discovery_date", "bad_date")
    assert some["lab_results"].lines.to_list() == [5]
    assert [found[:3] for found in findings(some["lab_results"])] == [([0], "analyte", "unknown_token")]


def test_damage_is_told_with_what_to_do(tmp_path: Path, store: Path) -> None:
    deposit = kept(put(tmp_path / "in/C1/june", "C1", cohort()), store)
    folder = store / deposit.id
    assert deposits.damage(folder) == []
    name = next(name for name in deposit.checksums if "patients.parquet" in name and name != deposits.PATIENTS)
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(DepositError, match=r"damaged.*Restore"):
        read(folder)
    (folder / name).unlink()
    assert len(deposits.damage(folder)) == 1
    facts = json.loads((folder / deposits.FACTS).read_text())
    for harm in ("{", json.dumps(facts | {"extraction_date": 3}), json.dumps(facts | {"more": 1}), "[]"):
        (folder / deposits.FACTS).write_text(harm)
        with pytest.raises(DepositError, match=r"deposit\.json is damaged"):
            load(folder)


def refusal(path: Path, tmp_path: Path) -> str:
    with pytest.raises(ExtractError) as error:
        deposits.convert(found(path), tmp_path / "work")
    assert not (tmp_path / "work").exists()
    return str(error.value)


@pytest.mark.parametrize(
    ("centre", "kind", "tables", "more", "words"),
    [
        ("C2", "full", OWN, "", "the centre is declared as 'C2'"),
        ("C1", "partial", OWN, "", "unknown kind 'partial'"),
        ("C1", "full", {}, "", "holds no table"),
        ("C1", "incremental", {}, "", "holds no table"),
        ("C1", "full", {"patients": OWN["patients"]}, "", "does not list its own centre"),
        ("C1", "withdrawal", {}, "", "withdraws is missing"),
        ("C1", "full", OWN, 'withdraws = "june"', "the kind is no withdrawal"),
        ("C1", "withdrawal", OWN, 'withdraws = "june"', "a withdrawal holds tables"),
    ],
)
def test_a_deposit_that_cannot_be_meant_is_refused(
    tmp_path: Path, centre: str, kind: str, tables: Cohort, more: str, words: str
) -> None:
    assert words in refusal(put(tmp_path / "in/C1/july", centre, tables, kind=kind, more=more), tmp_path)


def test_centre_and_extraction_date_must_be_declared_and_all_that_is_wrong_is_told(tmp_path: Path) -> None:
    path = put(tmp_path / "in/C1/july", "C1", OWN)
    (path / "extract.toml").unlink()
    (path / "bone_lesion.csv").write_text("lesion_id\n")
    words = refusal(path, tmp_path)
    assert "the centre is not declared" in words
    assert "the extraction date is missing" in words
    assert "unknown table 'bone_lesion'" in words


def test_several_folders_of_tables_are_several_deposits(tmp_path: Path) -> None:
    put(tmp_path / "in/C1/july/a", "C1", OWN)
    put(tmp_path / "in/C1/july/b", "C1", OWN)
    assert "2 folders of tables" in refusal(tmp_path / "in/C1/july", tmp_path)


def test_a_deposit_that_changes_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    path = put(tmp_path / "in/C1/july", "C1", OWN)
    seen = found(path)
    (path / "lab_results.csv").write_text("patient_id,date,analyte,value\n")
    with pytest.raises(ExtractError, match="changed while it was read"):
        deposits.convert(seen, tmp_path / "work")


def test_identifiers_that_are_numbers_of_rows_say_nothing_in_an_incremental_deposit(tmp_path: Path) -> None:
    path = put(tmp_path / "in/C1/july", "C1", OWN, kind="incremental")
    write_csv(path / "les.csv", [["p", "d", "b"], ["P1", "2024-01-01", "femur"]])
    content = 'lesion_id = {number = "L"}\npatient_id = "p"\ndiscovery_date = "d"\nbone = "b"'
    (path / "mapping.toml").write_text(columns("bone_lesions", "les.csv", content))
    assert "the identifiers of bone_lesions are numbers of rows" in refusal(path, tmp_path)


def test_an_incremental_deposit_may_hold_deletions_alone(tmp_path: Path, store: Path) -> None:
    deletions = [("imaging_findings", "E1|L1"), ("lab_results", "P1"), ("bone_lesions", "L|1"), ("lab_results", "P1")]
    path = put(tmp_path / "in/C1/july", "C1", {}, kind="incremental", deletions=deletions)
    deposit = kept(path, store)
    expected = (
        Deletion("imaging_findings", ("E1", "L1")),
        Deletion("lab_results", ("P1",)),
        Deletion("bone_lesions", ("L|1",)),
    )
    assert load(store / deposit.id).deletions == deposit.deletions == expected


def test_deletions_that_are_not_understood_are_told_by_line_and_never_by_what_they_hold(tmp_path: Path) -> None:
    deletions = [
        ("imaging_findings", "E1"),
        ("lab_result", "SECRET"),
        ("lab_results", ""),
        ("centres", "C1"),
        ("patients", "P1"),
    ]
    path = put(tmp_path / "in/C1/july", "C1", {}, kind="incremental", deletions=deletions)
    words = refusal(path, tmp_path)
    assert "4 lines are not understood: 2, 3, 4, 5" in words
    assert "a table (patients, " in words
    assert "SECRET" not in words


def test_a_full_deposit_has_no_deletions(tmp_path: Path) -> None:
    path = put(tmp_path / "in/C1/july", "C1", OWN, deletions=[("patients", "P1")])
    assert "a full deposit has deletions" in refusal(path, tmp_path)


def test_a_withdrawal_holds_nothing_but_its_declaration(tmp_path: Path, store: Path) -> None:
    path = put(tmp_path / "in/C1/oops", "C1", {}, kind="withdrawal", more='withdraws = "june"')
    deposit = kept(path, store)
    assert (deposit.kind, deposit.withdraws, deposit.kept) == ("withdrawal", "june", ())


@pytest.mark.parametrize(
    ("kind", "deletions", "words"),
    [("incremental", [], "its kind is 'incremental'"), ("full", [("patients", "P1")], "has no deletions")],
)
def test_an_audit_refuses_what_is_but_a_part_of_a_centre(
    tmp_path: Path, kind: str, deletions: list[tuple[str, str]], words: str
) -> None:
    path = put(tmp_path / "july", "C1", OWN, kind=kind, deletions=deletions)
    with pytest.raises(ExtractError, match=words):
        take_in([path])


def test_with_a_key_no_identifier_is_kept(tmp_path: Path, store: Path) -> None:
    key = b"a long and random key"
    rows = {
        "bone_lesions": [{"lesion_id": "L77", "patient_id": "P77", "discovery_date": "2023-01-01", "bone": "femur"}]
    }
    path = put(tmp_path / "in/C1/july", "C1", rows, kind="incremental", deletions=[("patients", "P78")])
    deposit = kept(path, store, key)
    assert deposit.deletions == (Deletion("patients", (pseudonym("P78", key),)),)
    folder = store / deposit.id
    assert deposits.patients(folder, deposit).to_list() == [pseudonym("P77", key)]
    for file in folder.iterdir():
        assert not any(word in file.read_bytes() for word in (b"P77", b"L77", b"P78")), file.name


def test_the_same_content_under_the_same_name_is_the_same_deposit(tmp_path: Path, store: Path) -> None:
    first = kept(put(tmp_path / "in/C1/june", "C1", OWN), store)
    other = kept(put(tmp_path / "in/C1/july", "C1", OWN), store)
    again = deposits.convert(found(tmp_path / "in/C1/june"), tmp_path / "again")
    assert again.id == first.id != other.id
    assert first.fingerprint == other.fingerprint == inbox.fingerprint(tmp_path / "in/C1/june")
