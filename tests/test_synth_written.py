"""The synthetic network as files: the same cohort in every shape, and faults planted where the list says."""

import csv
import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.synth import parts, synth, synthesise
from pipelines.synth.network import network
from pipelines.synth.write import _sent, as_text
from validation.contract import TABLES

EXTRACTION = date(2026, 6, 30)
RULES = {
    "required_missing", "bad_date", "bad_number", "bad_boolean", "unknown_token", "out_of_range", "duplicate_key",
    "duplicate_row", "unknown_parent", "lesion_of_another_patient", "karnofsky_multiple_of_ten", "future_date",
    "after_death", "level_without_spine", "wrong_field_count", "birth_before_death", "diagnosis_before_death",
    "end_after_start", "discharge_after_admission", "healed_after_surgery", "fracture_not_after_assessment",
    "complication_after_procedure", "enrolled_after_screened", "compression_not_after_assessment",
}  # fmt: skip


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same network written clean and with faults."""
    root = tmp_path_factory.mktemp("synth")
    for name, rate in (("clean", 0.0), ("faulty", 0.01)):
        synth(400, 4, 3, "iso", "csv", rate, root / name)
    return root / "clean", root / "faulty"


def listed(out: Path) -> list[dict[str, str]]:
    with (out / "faults.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# Writing


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_two_runs_give_the_same_bytes(tmp_path: Path, form: str) -> None:
    for name in ("one", "two"):
        synth(60, 2, 11, "fr", form, 0.02, tmp_path / name)
    one, two = tree(tmp_path / "one"), tree(tmp_path / "two")
    assert one == two
    assert f"C02/procedures.{form}" in one


def test_another_seed_gives_another_cohort() -> None:
    assert not synthesise(20, 1, 1)["patients"].equals(synthesise(20, 1, 2)["patients"])


def read_back(path: Path, table: str, dialect: str) -> pl.DataFrame:
    """The cells of a file as text in the words of the dialect."""
    if path.suffix == ".parquet":
        return as_text(table, pl.read_parquet(path).cast(TABLES[table].schema), dialect)
    if path.suffix == ".csv":
        text = path.read_bytes().decode("cp1252" if dialect == "fr" else "utf-8").encode()
        return pl.read_csv(text, separator=";" if dialect == "fr" else ",", infer_schema=False)
    return pl.read_excel(path, schema_overrides=dict.fromkeys(TABLES[table].schema, pl.String), engine="calamine")


@pytest.mark.parametrize("dialect", ["fr", "iso"])
@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx"])
def test_the_clean_cohort_is_the_same_in_every_shape(tmp_path: Path, dialect: str, form: str) -> None:
    synth(40, 3, 5, dialect, form, 0.0, tmp_path / "out")
    for centre, tables in parts(40, 3, 5):
        for name, frame in _sent(centre, tables).items():
            path = tmp_path / "out" / centre.id / f"{name}.{form}"
            expected, found = as_text(name, frame, dialect), read_back(path, name, dialect)
            if form == "xlsx":
                expected, found = comparable(name, expected), comparable(name, found)
            assert found.equals(expected), path.name


def comparable(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Without the cells that a workbook holds as numbers, dates or booleans: their text depends on the reader."""
    words = [c.name for c in TABLES[table].columns if c.kind in ("string", "enum", "set")]
    return frame.select(words)


def test_a_workbook_holds_real_dates_and_numbers(tmp_path: Path) -> None:
    synth(40, 1, 5, "fr", "xlsx", 0.0, tmp_path / "out")
    read = pl.read_excel(tmp_path / "out" / "C01" / "drug_administrations.xlsx", engine="calamine")
    clean = synthesise(40, 1, 5)["drug_administrations"]
    assert read["date"].cast(pl.Date).to_list() == clean["date"].to_list()
    assert read["dose_mg"].cast(pl.Float64).to_list() == clean["dose_mg"].to_list()


def test_the_french_dialect_is_french(tmp_path: Path) -> None:
    synth(300, 1, 5, "fr", "csv", 0.0, tmp_path / "out")
    raw = (tmp_path / "out" / "C01" / "clinical_assessments.csv").read_bytes()
    assert raw.count(b"\r\n") == raw.count(b"\n")
    text = raw.decode("cp1252")
    assert ";OUI;" in text
    assert "Non résécables ou non curables" in text
    assert ";true" not in text
    doses = (tmp_path / "out" / "C01" / "drug_administrations.csv").read_text(encoding="cp1252")
    assert ";3,5;" in doses or ";3,3;" in doses
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_some_centres_leave_tables_out_and_say_so(tmp_path: Path) -> None:
    synth(300, 6, 5, "iso", "csv", 0.0, tmp_path / "out")
    said = {c: tomllib.loads((tmp_path / "out" / c / "extract.toml").read_text()) for c in ("C01", "C03", "C04", "C06")}
    assert said["C01"] == {"centre": "C01", "extraction_date": EXTRACTION}
    assert said["C03"]["tables"] == {"mdt_meetings": {"supplied": False}}
    assert not (tmp_path / "out" / "C03" / "mdt_meetings.csv").exists()
    assert said["C04"]["tables"]["lab_results"] == {"supplied": False}
    since = said["C04"]["tables"]["supportive_care"]["from"]
    acts = pl.read_csv(tmp_path / "out" / "C04" / "supportive_care.csv", try_parse_dates=True)
    assert acts["date"].min() >= since
    assert said["C06"]["tables"]["consultations"] == {"complete": False}
    assert len(list((tmp_path / "out" / "C01").glob("*.csv"))) == len(TABLES)


def test_a_single_centre_sends_everything() -> None:
    assert [centre.not_supplied for centre in network(1, 9)] == [None]


# Faults


def test_the_lines_that_differ_from_the_clean_files_are_the_lines_listed(faulty: tuple[Path, Path]) -> None:
    clean, planted = faulty
    expected: dict[str, set[int]] = {}
    for fault in listed(planted):
        expected.setdefault(fault["file"], set()).add(int(fault["line"]))
    assert sum(len(lines) for lines in expected.values()) == len(listed(planted)), "a row was hit twice"
    for path in sorted(clean.rglob("*.csv")):
        name = str(path.relative_to(clean))
        if name == "faults.csv":
            continue
        before, after = path.read_text().splitlines(), (planted / name).read_text().splitlines()
        assert len(after) >= len(before)
        changed = {i for i, line in enumerate(after, 1) if i > len(before) or line != before[i - 1]}
        assert changed == expected.get(name, set()), name


def test_every_kind_of_fault_is_planted(faulty: tuple[Path, Path]) -> None:
    assert {fault["rule"] for fault in listed(faulty[1])} == RULES
    assert listed(faulty[0]) == []


def test_the_rate_is_the_share_of_rows_hit(faulty: tuple[Path, Path]) -> None:
    rows = sum(len(path.read_text().splitlines()) - 1 for path in faulty[0].rglob("C*/*.csv"))
    assert len(listed(faulty[1])) / rows == pytest.approx(0.01, abs=0.003)


@pytest.mark.parametrize(
    ("form", "impossible"),
    [
        ("xlsx", {"wrong_field_count"}),
        ("parquet", {"wrong_field_count", "bad_date", "bad_number", "bad_boolean"}),
    ],
)
def test_a_format_carries_only_the_faults_that_it_can_hold(tmp_path: Path, form: str, impossible: set[str]) -> None:
    synth(400, 4, 3, "iso", form, 0.005, tmp_path / "out")
    assert {fault["rule"] for fault in listed(tmp_path / "out")} == RULES - impossible


def check_every_cell(out: Path) -> set[str]:
    """Looks at every fault where the list says it lies; gives the rules seen."""
    seen = set()
    patients = {p.parent.name: pl.read_csv(p, infer_schema=False) for p in out.rglob("patients.csv")}
    deaths = dict(pl.concat(patients.values()).select("patient_id", "death_date").iter_rows())
    for fault in listed(out):
        rows = list(csv.reader((out / fault["file"]).open(encoding="utf-8", newline="")))
        header, row = rows[0], rows[int(fault["line"]) - 1]
        rule, cells = fault["rule"], dict(zip(header, row, strict=False))
        seen.add(rule)
        cell = cells.get(fault["column"], "")
        match rule:
            case "wrong_field_count":
                assert len(row) != len(header)
            case "required_missing":
                assert cell == ""
            case "duplicate_row":
                assert rows.count(row) == 2
            case "duplicate_key":
                keys = [header.index(key) for key in TABLES[fault["table"]].key]
                same = [
                    other
                    for other in rows
                    if len(other) == len(header) and [other[k] for k in keys] == [row[k] for k in keys]
                ]
                assert len(same) == 2
                assert same[0] != same[1]
            case "out_of_range":
                assert float(cell) > TABLES[fault["table"]][fault["column"]].high
            case "unknown_parent":
                assert cell.startswith("C00")
            case "lesion_of_another_patient":
                assert not cell.startswith(cells["patient_id"] + "-")
            case "karnofsky_multiple_of_ten":
                assert int(cell) % 10 == 5
            case "future_date":
                assert date.fromisoformat(cell) > EXTRACTION
            case "after_death":
                assert date.fromisoformat(cell) > date.fromisoformat(deaths[cells["patient_id"]])
            case "level_without_spine":
                assert cells["bone"] not in ("vertebra", "sacrum")
                assert cell == "L3"
            case "end_after_start":
                assert date.fromisoformat(cell) < date.fromisoformat(cells["start_date"])
            case "bad_date" | "bad_number" | "bad_boolean" | "unknown_token":
                assert cell in ("2023-02-30", "douze", "4 mg", "peut-être", "code_local_17")
    return seen


def test_the_cell_named_by_a_fault_holds_it(faulty: tuple[Path, Path]) -> None:
    assert check_every_cell(faulty[1]) == RULES


def test_blocks_of_a_centre_follow_one_another_in_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipelines.synth.cohort.BLOCK", 120)
    synth(300, 1, 4, "iso", "csv", 0.03, tmp_path / "faulty")
    assert len(check_every_cell(tmp_path / "faulty")) > 15
    clean = synthesise(300, 1, 4)
    assert clean["centres"].height == 1
    assert clean["patients"]["patient_id"].n_unique() == 300
    for form in ("csv", "parquet"):
        synth(300, 1, 4, "iso", form, 0.0, tmp_path / form)
        for name, frame in clean.items():
            found = read_back(tmp_path / form / "C01" / f"{name}.{form}", name, "iso")
            assert found.equals(as_text(name, frame, "iso")), name


def test_faulty_rows_have_no_children_but_for_one_patient(faulty: tuple[Path, Path]) -> None:
    hit = [fault for fault in listed(faulty[1]) if fault["table"] in ("patients", "bone_lesions")]
    assert sorted(fault["rule"] for fault in hit) == ["birth_before_death", "level_without_spine"]
