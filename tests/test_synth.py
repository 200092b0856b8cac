"""The synthetic cohort: contract and coherence; and what cannot be synthesised."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from pipelines.synth import parts, synth, synthesise
from pipelines.synth.write import write
from validation.contract import TABLES

EXTRACTION = date(2026, 6, 30)


@pytest.fixture(scope="module")
def cohort() -> dict[str, pl.DataFrame]:
    return synthesise(5000, 6, 20220730)


# The contract


def test_every_table_has_the_contract_columns_and_types(cohort: dict[str, pl.DataFrame]) -> None:
    assert list(cohort) == list(TABLES)
    for name, table in TABLES.items():
        assert dict(cohort[name].schema) == table.schema, name


def test_every_column_of_every_table_is_used(cohort: dict[str, pl.DataFrame]) -> None:
    unused = [f"{name}.{c}" for name, f in cohort.items() for c in f.columns if f[c].null_count() == f.height]
    assert unused == []


def test_required_cells_are_filled_ranges_kept_and_keys_unique(cohort: dict[str, pl.DataFrame]) -> None:
    for name, table in TABLES.items():
        frame = cohort[name]
        for column in table.columns:
            values = frame[column.name]
            if column.required:
                assert values.null_count() == 0, f"{name}.{column.name}"
            if column.high is not None:
                assert values.drop_nulls().is_between(column.low, column.high).all(), f"{name}.{column.name}"
            if column.kind == "set":
                # A text file cannot tell an empty set from a missing one.
                assert values.drop_nulls().list.len().min() >= 1, f"{name}.{column.name}"
        if table.key:
            assert frame.select(table.key).is_duplicated().sum() == 0, name


def test_every_reference_leads_to_a_row(cohort: dict[str, pl.DataFrame]) -> None:
    for name, table in TABLES.items():
        for column in table.columns:
            if column.parent:
                parent, key = column.parent
                lost = cohort[name][column.name].drop_nulls().is_in(cohort[parent][key].implode())
                assert lost.all(), f"{name}.{column.name}"
    discussed = (
        cohort["mdt_meetings"].select("patient_id", lesion_id=pl.col("lesion_ids")).explode("lesion_id").drop_nulls()
    )
    own = cohort["bone_lesions"].select("lesion_id", "patient_id")
    assert discussed.join(own, on=["lesion_id", "patient_id"], how="anti").height == 0


# Coherence


def test_the_lesion_of_a_row_belongs_to_its_patient(cohort: dict[str, pl.DataFrame]) -> None:
    own = cohort["bone_lesions"].select("lesion_id", "patient_id")
    for name, table in TABLES.items():
        if name != "bone_lesions" and "lesion_id" in table.schema:
            rows = cohort[name].select("lesion_id", "patient_id").drop_nulls()
            assert rows.join(own, on=["lesion_id", "patient_id"], how="anti").height == 0, name


def test_nothing_is_dated_after_the_last_news_or_the_extraction(cohort: dict[str, pl.DataFrame]) -> None:
    last = cohort["patients"].select(
        "patient_id", last=pl.coalesce("death_date", "last_contact_date", pl.lit(EXTRACTION))
    )
    for name, table in TABLES.items():
        dates = [column.name for column in table.columns if column.kind == "date"]
        if dates and name != "patients":
            late = cohort[name].join(last, on="patient_id").filter(pl.any_horizontal(pl.col(dates) > pl.col("last")))
            assert late.height == 0, name
    assert cohort["patients"]["death_date"].max() <= EXTRACTION


@pytest.mark.parametrize(
    ("table", "earlier", "later"),
    [
        ("patients", "birth_date", "death_date"),
        ("patients", "last_contact_date", "death_date"),
        ("primary_tumours", "suspicion_date", "diagnosis_date"),
        ("primary_tumours", "diagnosis_date", "metastatic_known_date"),
        ("primary_tumours", "diagnosis_date", "first_treatment_date"),
        ("radiotherapy_courses", "start_date", "end_date"),
        ("drug_prescriptions", "start_date", "stop_date"),
        ("systemic_therapy_lines", "start_date", "end_date"),
        ("procedures", "admission_date", "date"),
        ("procedures", "date", "discharge_date"),
        ("procedures", "date", "wound_healed_date"),
        ("procedures", "date", "complication_date"),
        ("lesion_assessments", "fracture_date", "date"),
        ("spinal_assessments", "compression_date", "date"),
        ("spinal_assessments", "motor_deficit_onset_date", "date"),
        ("trial_screenings", "screened_date", "enrolled_date"),
    ],
)
def test_dates_stand_in_order(cohort: dict[str, pl.DataFrame], table: str, earlier: str, later: str) -> None:
    both = cohort[table].drop_nulls([earlier, later])
    assert both.height > 0
    assert both.filter(pl.col(earlier) > pl.col(later)).height == 0


def test_lesions_are_found_after_the_cancer_and_assessed_after_they_are_found(cohort: dict[str, pl.DataFrame]) -> None:
    found = cohort["bone_lesions"].select("lesion_id", "patient_id", "discovery_date")
    first = cohort["primary_tumours"].group_by("patient_id").agg(pl.col("diagnosis_date").min())
    assert found.join(first, on="patient_id").filter(pl.col("discovery_date") < pl.col("diagnosis_date")).height == 0
    for name, day in (
        ("lesion_assessments", "date"),
        ("spinal_assessments", "date"),
        ("procedures", "date"),
        ("radiotherapy_courses", "start_date"),
    ):
        rows = cohort[name].join(found.drop("patient_id"), on="lesion_id")
        assert rows.filter(pl.col(day) < pl.col("discovery_date")).height == 0, name
        assert rows.height > 0


def test_clinical_findings_agree_with_one_another(cohort: dict[str, pl.DataFrame]) -> None:
    spine, lesions = cohort["spinal_assessments"], cohort["bone_lesions"]
    walking = {
        "A": "paraplegic",
        "B": "paraplegic",
        "C": "non_ambulatory",
        "D1": "aided",
        "D2": "aided",
        "D3": "unaided",
    }
    seen = spine.drop_nulls(["frankel", "ambulation"]).filter(pl.col("frankel").cast(pl.String).is_in(list(walking)))
    expected = seen["frankel"].cast(pl.String).replace_strict(walking)
    assert (seen["ambulation"].cast(pl.String) == expected).all()
    assert spine.filter((pl.col("cord_compression") == "none") & pl.col("compression_date").is_not_null()).height == 0
    assert spine.filter((pl.col("frankel") == "E") & pl.col("motor_deficit")).height == 0
    bones = spine.join(lesions, on="lesion_id")["bone"].cast(pl.String).unique().to_list()
    assert set(bones) <= {"vertebra", "sacrum"}
    elsewhere = ~pl.col("bone").cast(pl.String).is_in(["vertebra", "sacrum"])
    assert lesions.filter(elsewhere & pl.col("vertebral_level").is_not_null()).height == 0
    condition = cohort["clinical_assessments"]
    assert (condition["karnofsky"].drop_nulls() % 10 == 0).all()
    counted = condition.drop_nulls(["n_bone_metastases", "n_extraspinal_bone_metastases", "n_vertebral_metastases"])
    total = counted["n_extraspinal_bone_metastases"] + counted["n_vertebral_metastases"]
    assert (counted["n_bone_metastases"] == total).all()


def test_the_estimate_of_life_follows_the_survival(cohort: dict[str, pl.DataFrame]) -> None:
    dead = cohort["patients"].drop_nulls("death_date").select("patient_id", "death_date")
    seen = cohort["clinical_assessments"].join(dead, on="patient_id").drop_nulls(["life_expectancy_days", "karnofsky"])
    left = seen.with_columns(left=(pl.col("death_date") - pl.col("date")).dt.total_days())
    assert left.select(pl.corr("left", "life_expectancy_days", method="spearman")).item() > 0.7
    assert left.select(pl.corr("left", "karnofsky", method="spearman")).item() > 0.25
    # Noisy, not the truth: hardly any estimate is exact.
    assert (left["left"] == left["life_expectancy_days"]).mean() < 0.05


# Bad arguments


@pytest.mark.parametrize(
    ("patients", "centres", "message"),
    [(0, 1, "patients: 0"), (5, 6, "centres: 6"), (5, 0, "centres: 0")],
)
def test_impossible_sizes_are_refused(patients: int, centres: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        synthesise(patients, centres, 1)


def test_impossible_shapes_are_refused_all_at_once(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note").touch()
    with pytest.raises(ValueError, match=r"dialect.*format.*faults.*out"):
        write(parts(3, 1, 1), dialect="de", format="ods", faults=0.9, seed=1, out=tmp_path / "full")


def test_the_smallest_network_can_be_written(tmp_path: Path) -> None:
    synth(1, 1, 1, "fr", "csv", 0.05, tmp_path / "out")
    assert pl.read_csv(tmp_path / "out" / "C01" / "patients.csv", separator=";", encoding="cp1252").height == 1
