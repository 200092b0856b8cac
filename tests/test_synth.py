"""The synthetic network: contract, coherence, plausibility, planted faults, and the same cohort in every shape."""

import csv
import tomllib
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from audits import SAMPLES

from pipelines.ingest import take_in
from pipelines.synth import parts, synth, synthesise
from pipelines.synth.network import network
from pipelines.synth.write import _sent, as_text, write
from scoring.concordance import judge
from scoring.registry import Registry
from scoring.scores import score
from validation.contract import TABLES

EXTRACTION = date(2026, 6, 30)
LONG_BONES = ["femur", "tibia", "fibula", "humerus", "radius", "ulna"]
RULES = {
    "required_missing", "bad_date", "bad_number", "bad_boolean", "unknown_token", "out_of_range", "duplicate_key",
    "duplicate_row", "unknown_parent", "lesion_of_another_patient", "karnofsky_multiple_of_ten", "future_date",
    "after_death", "level_without_spine", "wrong_field_count", "birth_before_death", "diagnosis_before_death",
    "end_after_start", "discharge_after_admission", "healed_after_surgery", "fracture_not_after_assessment",
    "complication_after_procedure", "enrolled_after_screened", "compression_not_after_assessment",
}  # fmt: skip


@pytest.fixture(scope="module")
def cohort() -> dict[str, pl.DataFrame]:
    return synthesise(5000, 6, 20220730)


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


# Reference figures


def test_the_cohort_lies_near_the_reference_figures(cohort: dict[str, pl.DataFrame]) -> None:
    n = cohort["patients"].height
    lesions, procedures = cohort["bone_lesions"], cohort["procedures"]
    per_patient = lesions.group_by("patient_id").len()
    assert (per_patient["len"] >= 2).mean() == pytest.approx(0.80, abs=0.03)
    place = lesions["bone"].cast(pl.String).replace(dict.fromkeys(LONG_BONES, "long"))
    sites = place.filter(place.is_in(["vertebra", "long", "rib", "pelvis"])).value_counts(normalize=True)
    shares = dict(sites.iter_rows())
    for bone, share in {"vertebra": 0.40, "long": 0.32, "rib": 0.18, "pelvis": 0.10}.items():
        assert shares[bone] == pytest.approx(share, abs=0.025), bone
    level = lesions["vertebral_level"].cast(pl.String).drop_nulls().str.head(1)
    level = level.filter(level.is_in(["C", "T", "L"]))
    for letter, share in {"T": 20 / 40, "L": 15 / 40, "C": 5 / 40}.items():
        assert (level == letter).mean() == pytest.approx(share, abs=0.03), letter

    def patients_with(rows: pl.DataFrame) -> float:
        return rows["patient_id"].n_unique() / n

    courses, limbs, spine = (cohort[t] for t in ("radiotherapy_courses", "lesion_assessments", "spinal_assessments"))
    surgery = procedures.filter(pl.col("category").is_in(["orthopaedic_surgery", "spinal_surgery"]))
    assert 0.50 <= patients_with(courses.filter(pl.col("intent").is_in(["analgesic", "decompressive"]))) <= 0.70
    assert 0.07 <= patients_with(limbs.filter(pl.col("fracture_status") == "pathological_fracture")) <= 0.35
    assert 0.05 <= patients_with(surgery) <= 0.10
    assert 0.01 <= patients_with(spine.filter(pl.col("cord_compression") != "none")) <= 0.15
    assert (limbs["lesion_type"].drop_nulls() == "lytic").mean() > 0.5
    rare = ["radius", "ulna", "fibula", "metacarpal", "metatarsal"]
    assert 0 < lesions["bone"].cast(pl.String).is_in(rare).mean() < 0.03
    assert 0.002 < (courses["technique"].drop_nulls() == "stereotactic").mean() < 0.05
    augmented = procedures["technique"].cast(pl.String)
    augmented = augmented.filter(augmented.is_in(["vertebroplasty", "vertebroplasty_with_implant", "kyphoplasty"]))
    assert 0.01 < (augmented == "kyphoplasty").mean() < 0.2
    broken = limbs.filter(pl.col("fracture_status") == "pathological_fracture").join(
        lesions.filter(pl.col("bone").is_in(LONG_BONES)), on="lesion_id", how="semi"
    )
    broken = broken.unique("lesion_id")
    assert broken.join(surgery, on="lesion_id", how="semi").height / broken.height > 0.5


def test_the_cohort_has_the_size_and_the_mixture_that_the_audit_needs(cohort: dict[str, pl.DataFrame]) -> None:
    n = cohort["patients"].height
    people = ("centres", "patients", "primary_tumours", "bone_lesions")
    assert 12 <= sum(frame.height for name, frame in cohort.items() if name not in people) / n <= 25
    tumours = cohort["primary_tumours"]
    lung = tumours.filter(pl.col("primary_site") == "lung")
    assert lung["patient_id"].n_unique() / n == pytest.approx(0.92, abs=0.02)
    assert {"sclc", "lcnec", "typical_carcinoid", "atypical_carcinoid", None} <= set(lung["histology"].to_list())
    without = n - cohort["bone_lesions"]["patient_id"].n_unique()
    assert 0.005 < without / n < 0.04
    first = cohort["bone_lesions"].group_by("patient_id").agg(pl.col("discovery_date").min())["discovery_date"]
    assert 0.1 < (first < date(2022, 7, 30)).mean() < 0.5
    assert first.min() < date(2022, 7, 1)


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("lesion_assessments", "cortical_fraction", (0.33, 0.5, 0.67)),
        ("spinal_assessments", "collapse_percent", (50.0,)),
        ("clinical_assessments", "life_expectancy_days", (42, 91, 183, 365)),
        ("clinical_assessments", "n_extraspinal_bone_metastases", (3,)),
        ("lab_results", "value", (30.0, 60.0)),
        ("drug_administrations", "infusion_minutes", (15.0,)),
    ],
)
def test_exact_boundaries_are_there(
    cohort: dict[str, pl.DataFrame], table: str, column: str, values: tuple[float, ...]
) -> None:
    for value in values:
        assert (cohort[table][column] == value).sum() >= 5, value


def test_days_between_events_fall_on_the_boundaries(cohort: dict[str, pl.DataFrame]) -> None:
    operated = cohort["procedures"].select(linked_procedure_id="procedure_id", operated="date")
    adjuvant = cohort["radiotherapy_courses"].join(operated, on="linked_procedure_id")
    delay = adjuvant.select((pl.col("start_date") - pl.col("operated")).dt.total_days()).to_series()
    assert {15, 21, 22, 28} <= set(delay.to_list())
    assert 0.5 < delay.is_between(15, 21).mean() < 0.9
    found = cohort["bone_lesions"].group_by("patient_id").agg(pl.col("discovery_date").min())
    bone_drugs = cohort["drug_administrations"].filter(pl.col("drug").is_in(["zoledronic_acid", "denosumab"]))
    started = bone_drugs.group_by("patient_id").agg(pl.col("date").min()).join(found, on="patient_id")
    wait = started.select((pl.col("date") - pl.col("discovery_date")).dt.total_days()).to_series()
    assert {60, 61} <= set(wait.to_list())


def test_the_second_centre_is_worse_and_the_fifth_better(cohort: dict[str, pl.DataFrame]) -> None:
    home = cohort["patients"].select("patient_id", "centre_id")
    wait = cohort["radiotherapy_courses"].filter(pl.col("intent") == "analgesic").join(home, on="patient_id")
    schedule = pl.format("{}/{}", pl.col("prescribed_dose_gy").cast(pl.Int32), "prescribed_fractions")
    usual = schedule.is_in(["30/10", "24/6", "20/5", "8/1"])
    rate = dict(
        wait.drop_nulls(["prescribed_dose_gy", "prescribed_fractions"])
        .group_by("centre_id")
        .agg(usual.mean())
        .iter_rows()
    )
    missing = dict(
        cohort["clinical_assessments"]
        .join(home, on="patient_id")
        .group_by("centre_id")
        .agg(pl.col("life_expectancy_days").is_null().mean())
        .iter_rows()
    )
    others = ["C01", "C03", "C04", "C06"]
    assert rate["C02"] < min(rate[c] for c in others) <= max(rate[c] for c in others) < rate["C05"]
    assert missing["C05"] < min(missing[c] for c in others) <= max(missing[c] for c in others) < missing["C02"]


def test_weak_bones_break_while_they_wait(cohort: dict[str, pl.DataFrame]) -> None:
    assessed = cohort["lesion_assessments"].join(cohort["bone_lesions"].select("lesion_id", "bone"), on="lesion_id")
    first = assessed.sort("date").unique("lesion_id", keep="first", maintain_order=True)
    # A loss of more than two thirds of the cortex of a painful lytic bone is nine points or more wherever it lies.
    weak = first.filter(
        pl.col("bone").is_in(["femur", "tibia", "humerus"])
        & (pl.col("fracture_status") != "pathological_fracture")
        & (pl.col("cortical_fraction") > 0.67)
        & (pl.col("lesion_type") == "lytic")
        & pl.col("mirels_pain").is_in(["moderate", "functional"])
    )
    broken = assessed.group_by("lesion_id").agg(broken=pl.col("fracture_date").min())
    weak = weak.join(broken, on="lesion_id").with_columns(wait=(pl.col("broken") - pl.col("date")).dt.total_days())
    waiting = weak.filter(pl.col("wait").is_between(3, 25))
    assert 0.08 < waiting.height / weak.height < 0.25
    recorded = assessed.filter(pl.col("fracture_date").is_not_null() & (pl.col("fracture_status") != "none"))
    assert recorded.join(waiting, on="lesion_id", how="semi").height >= 0.9 * waiting.height
    # Nothing was fixed before the fracture, and what was fixed after it says why.
    surgery = cohort["procedures"].filter(pl.col("category") == "orthopaedic_surgery")
    fixed = surgery.sort("date").unique("lesion_id", keep="first").select("lesion_id", "intent", fixed="date")
    fixed = fixed.join(waiting, on="lesion_id")
    assert fixed.height > 0
    assert (fixed["fixed"] >= fixed["broken"]).all()
    assert set(fixed["intent"].drop_nulls()) == {"fracture"}


def test_the_clearance_is_known_before_most_doses_of_zoledronic_acid(cohort: dict[str, pl.DataFrame]) -> None:
    doses = cohort["drug_administrations"].filter(pl.col("drug") == "zoledronic_acid")
    values = (
        cohort["lab_results"]
        .filter(pl.col("analyte") == "creatinine_clearance")
        .select("patient_id", "value", tested="date")
    )
    known = doses.join(values.drop_nulls("value"), on="patient_id").filter(
        (pl.col("date") - pl.col("tested")).dt.total_days().is_between(0, 30)
    )
    latest = known.sort("tested").unique("administration_id", keep="last")
    assert 0.7 < latest.height / doses.height < 0.9
    assert 0.01 < (latest["value"] < 30).mean() < 0.03


def test_the_good_centres_record_well_and_the_second_does_not(cohort: dict[str, pl.DataFrame]) -> None:
    home = cohort["patients"].select("patient_id", "centre_id")
    for table, columns in {
        "clinical_assessments": ("karnofsky", "n_bone_metastases", "visceral_metastases", "fit_for_anaesthesia"),
        "spinal_assessments": ("sins_pain", "alignment", "collapse_percent", "posterolateral_involvement", "frankel"),
        "primary_tumours": ("histology",),
    }.items():
        filled = (
            cohort[table].join(home, on="patient_id").group_by("centre_id").agg(pl.col(columns).is_not_null().mean())
        )
        shares = {centre: rest for centre, *rest in filled.iter_rows()}
        for place, column in enumerate(columns):
            good = [shares[centre][place] for centre in ("C01", "C03", "C04", "C05", "C06")]
            assert min(good) >= 0.85, column
            if column != "histology":
                assert shares["C02"][place] < min(good), column


# The samples


@pytest.fixture(scope="module")
def sample() -> Registry:
    intake = take_in([SAMPLES / "parquet"])
    return Registry(intake.tables, intake.coverage)


def test_the_samples_hold_enough_decisions_of_the_measures_in_front(sample: Registry) -> None:
    judged = judge(sample)
    words = judged.codes.select("code", "status", "reason")

    def verdicts(*rules: str) -> pl.DataFrame:
        frames = [
            frame.select(code=pl.col(rule)).drop_nulls()
            for frame in judged.verdicts.values()
            for rule in rules
            if rule in frame.columns
        ]
        return pl.concat(frames).join(words, on="code")

    def assessed(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(~pl.col("status").is_in(["not_assessable", "not_due"]))

    weak = assessed(verdicts("G1-3.5.2-04"))
    assert 40 <= weak.height <= 60
    assert 0.55 <= (weak["status"] == "concordant").mean() <= 0.75
    assert (weak["reason"] == "fracture_while_waiting").sum() >= 6
    analgesic = verdicts("G1-3.5.1-02")
    assert assessed(analgesic).height / analgesic.height >= 0.6
    assert assessed(verdicts("G1-3.5.3-02", "G1-3.5.3-04", "G1-3.5.3-06")).height >= 25
    assert (verdicts("G1-3.4-08")["status"] == "discordant").sum() >= 5
    for rule in ("G1-3.7-01", "G1-3.5.4-01", "G1-3.5.4-02", "G1-3.7.1-09", "G1-3.6.1-03"):
        assert verdicts(rule).height >= 40, rule


def test_the_samples_hold_enough_known_totals(sample: Registry) -> None:
    scores = score(sample)
    computed = scores["mirels"].filter(~pl.col("flags").fill_null("").str.contains("no_site_class|fractured"))
    assert computed["total"].is_null().mean() <= 0.35
    assert scores["sins"]["total"].is_null().mean() <= 0.35
    assert scores["tokuhashi"]["total"].is_null().mean() <= 0.5


def test_the_samples_are_small_enough_for_a_repository() -> None:
    assert sum(path.stat().st_size for path in SAMPLES.rglob("*") if path.is_file()) < 5_000_000


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
