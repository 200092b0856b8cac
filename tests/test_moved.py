"""What moved between two audits: counted right, with its reason, and without a small count."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import made_audits as made
import polars as pl
import pytest
from audits import SAMPLES, Audit, audit
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.changes import CHANGES_SCHEMA, WHYS, changes
from reports.data import ReportData
from reports.disclosure import SMALLEST
from reports.moved import KINDS, Moved, moved, publish_changes
from reports.published import publish_rules
from reports.stored import stored
from scoring.core.recommendation import Status

STATUSES = tuple(status.value for status in Status)


def touched(**whys: str) -> pl.DataFrame:
    schema = {"patient_id": pl.String, "why": pl.String}
    return pl.DataFrame({"patient_id": list(whys), "why": list(whys.values())}, schema=schema)


def plainly(before: Path, now: Path) -> Counter[tuple[str, str, str | None, str | None]]:
    """Rule, centre, status before and after of every verdict that differs, counted one by one."""
    old, new = made.long(before), made.long(now)
    counted: Counter[tuple[str, str, str | None, str | None]] = Counter()
    for key in old.keys() | new.keys():
        one, other = old.get(key), new.get(key)
        pair = one and one[1], other and other[1]
        if pair[0] != pair[1]:
            counted[(str(key[0]), (other or one or ("", ""))[0], *pair)] += 1
    return counted


def vectorised(found: pl.DataFrame) -> Counter[tuple[str, str, str | None, str | None]]:
    counted: Counter[tuple[str, str, str | None, str | None]] = Counter()
    for rule, centre, before, after, n in found.select("rule_id", "centre_id", "before", "after", "n").iter_rows():
        counted[(rule, centre, before, after)] += n
    return counted


# Counts


decision = st.tuples(
    st.sampled_from(["P1", "P2", "P3"]),
    st.sampled_from(["C1", "C2"]),
    st.sampled_from(["", "E1", "E2"]),
    st.sampled_from([None, "L1"]),
    st.integers(1, 3),
)


def _one_centre(decisions: dict[made.Decision, dict[str, str]]) -> dict[made.Decision, dict[str, str]]:
    """A decision is in one audit once, whatever its centre."""
    kept = {(key[0], *key[2:]): (key, mine) for key, mine in decisions.items()}
    return dict(kept.values())


def _decisions(*rules: str) -> st.SearchStrategy[dict[made.Decision, dict[str, str]]]:
    verdicts = st.dictionaries(st.sampled_from(rules), st.sampled_from(STATUSES), max_size=2)
    return st.dictionaries(decision, verdicts, max_size=6).map(_one_centre)


grains = st.fixed_dictionaries(
    {"patient": _decisions("G1-1-01", "G1-2-02")}, optional={"procedure": _decisions("G2-1-02", "G2-1-03")}
)


@settings(max_examples=25, deadline=None)
@given(before=grains, now=grains, orders=st.tuples(st.permutations(STATUSES), st.permutations(STATUSES)))
def test_changes_are_those_that_a_plain_comparison_finds(before, now, orders):
    with TemporaryDirectory() as folder:
        one = made.write(Path(folder) / "a", before, tuple(orders[0]))
        other = made.write(Path(folder) / "b", now, tuple(orders[1]))
        everyone = touched(P1="new_data", P2="correction", P3="time")
        result = changes(one, other, everyone)
        assert vectorised(result) == plainly(one, other)
        same = changes(one, other, touched(P1="new_data"))
        old, new = made.long(one), made.long(other)
        mine = [key for key in old | new if key[1] == "P1"]
        assert same["n"].sum() == sum(old.get(key, ("", ""))[1] != new.get(key, ("", ""))[1] for key in mine)
        assert all(1 <= people <= min(n, 3) for n, people in result.select("n", "n_patients").iter_rows())


# Reasons

P1, P2 = ("P1", "C1", "", None, 1), ("P2", "C1", "", None, 1)


def changed(tmp_path: Path, who: pl.DataFrame, rule: str = "G1-1-01", **manifest: object) -> dict[str, str]:
    """Patient -> why, of two decisions that both changed."""
    old = {"patient": {P1: {rule: "concordant"}, P2: {rule: "discordant"}}}
    new = {"patient": {P1: {rule: "discordant"}, P2: {rule: "concordant"}}}
    before = made.write(tmp_path / "a", old, STATUSES)
    after = made.write(tmp_path / "b", new, STATUSES, **manifest)
    rows = changes(before, after, who)
    return {"P1" if row["before"] == "concordant" else "P2": row["why"] for row in rows.to_dicts()}


@pytest.mark.parametrize("why", ["correction", "new_data", "coverage", "time"])
def test_a_change_of_a_touched_patient_has_its_reason_and_others_are_not_compared(tmp_path, why):
    assert changed(tmp_path, touched(P1=why)) == {"P1": why}


def test_a_patient_touched_for_several_reasons_has_the_first(tmp_path):
    both = pl.concat([touched(P1="time"), touched(P1="correction"), touched(P1="new_data")])
    assert changed(tmp_path, both) == {"P1": "correction"}


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ({"thresholds": [{"name": "STATE", "value": 90}]}, "parameter"),
        ({"parameters": {"rules": None, "start": "2024-01-01", "end": None, "retrospective": False}}, "parameter"),
        ({"editions": [{"id": "G1", "title": "t", "valid_from": "2023-01-01"}]}, "edition"),
    ],
)
def test_what_differs_for_everyone_is_the_reason_for_everyone(tmp_path, manifest, why):
    assert changed(tmp_path, touched(P1="new_data"), **manifest) == {"P1": why, "P2": why}


def test_an_edition_is_the_reason_in_its_own_guideline_alone(tmp_path):
    manifest = {"editions": [{"id": "G1", "title": "t", "valid_from": "2023-01-01"}]}
    assert changed(tmp_path, touched(P1="new_data"), "G2-1-02", **manifest) == {"P1": "new_data", "P2": "unexplained"}


def test_the_language_of_a_title_is_no_edition(tmp_path):
    manifest = {"editions": [{"id": "G1", "title": "autre", "valid_from": "2022-07-30"}]}
    assert changed(tmp_path, touched(P1="time"), **manifest) == {"P1": "time"}


def test_the_software_is_the_reason_where_nothing_else_is(tmp_path):
    found = changed(tmp_path, touched(P1="new_data"), versions={"osteoconcord": "2"})
    assert found == {"P1": "new_data", "P2": "software"}


def test_a_decision_that_moved_to_another_centre_counts_there(tmp_path):
    before = made.write(tmp_path / "a", {"patient": {P1: {"G1-1-01": "concordant"}}}, STATUSES)
    after = made.write(tmp_path / "b", {"patient": {("P1", "C2", "", None, 1): {"G1-1-01": "not_due"}}}, STATUSES)
    rows = changes(before, after, touched(P1="correction")).to_dicts()
    assert [(row["centre_id"], row["before"], row["after"], row["n"]) for row in rows] == [
        ("C2", "concordant", "not_due", 1)
    ]


# Suppression


rows = st.lists(
    st.tuples(
        st.sampled_from(["G1-1-01", "G1-2-02", "G2-2.4-02"]),
        st.sampled_from(["C1", "C2", "C3"]),
        st.sampled_from([None, "concordant", "discordant"]),
        st.sampled_from(["correction", "new_data", "time"]),
        st.integers(1, 30),
        st.integers(1, 30),
    ),
    max_size=14,
    unique_by=lambda row: row[:4],
)


@settings(max_examples=150, deadline=None)
@given(rows)
def test_no_small_count_of_changes_is_told_or_follows(given_rows):
    frame = pl.DataFrame(
        [(r, c, b, "to_justify", w, n, min(n, p)) for r, c, b, w, n, p in given_rows],
        schema=CHANGES_SCHEMA,
        orient="row",
    )
    told = publish_changes(frame, SMALLEST)
    assert all(n is None or n == 0 or n >= SMALLEST for n in told["n"])
    true = frame.with_columns(kind=pl.when(pl.col("before").is_null()).then(pl.lit("new")).otherwise(pl.lit("changed")))
    for kind in KINDS:
        mine = told.filter(pl.col("kind") == kind)
        whole = mine.filter(pl.col("scope") == "all")["n"][0]
        total = true.filter(pl.col("kind") == kind)["n"].sum()
        assert whole in (None, total)
        for scope in ("why", "centre"):
            parts = mine.filter(pl.col("scope") == scope)
            hidden = parts["n"].null_count()
            rest = total - (parts["n"].sum() or 0)
            assert whole is None or hidden != 1
            assert whole is None or rest == 0 or rest >= SMALLEST
        assert whole is not None or mine.filter(pl.col("scope") == "why")["n"].null_count()
        for why in WHYS:
            of_why = mine.filter(pl.col("scope") == "why", pl.col("key") == why)["n"].to_list()
            by_rule = mine.filter(pl.col("scope") == "rule", pl.col("why") == why)["n"].sum()
            if by_rule and of_why[0] is not None:
                assert of_why[0] == by_rule or of_why[0] - by_rule >= SMALLEST


def test_options_taken_are_no_verdicts():
    frame = pl.DataFrame(
        [("G1-2-09", "C1", "not_assessable", "reported", "new_data", 40, 40)], schema=CHANGES_SCHEMA, orient="row"
    )
    told = publish_changes(frame, SMALLEST)
    assert told["n"].to_list() == [0, 0, 0]


# Two audits of the sample network


def alter(path: Path, change: Callable[[dict[str, str]], dict[str, str] | None]) -> None:
    """Rewrite a file of the sample row by row; None leaves a row out."""
    with path.open(encoding="cp1252", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    kept = [row for line in lines if (row := change(dict(line))) is not None]
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(kept)


def _every(step: int) -> Callable[[dict[str, str]], dict[str, str] | None]:
    return lambda row: None if int(row["patient_id"][-2:]) % step == 0 else row


@pytest.fixture(scope="module")
def night_after(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample network a night later: meetings lost in C02, tests in C03, a column empty in C05, patients gone in C06."""
    extract = tmp_path_factory.mktemp("later") / "extract"
    shutil.copytree(SAMPLES / "fr_csv", extract)
    alter(extract / "C02" / "mdt_meetings.csv", _every(2))
    alter(extract / "C03" / "lab_results.csv", _every(3))
    alter(extract / "C05" / "lesion_assessments.csv", lambda row: row | {"cortical_fraction": ""})
    (extract / "C01" / "supportive_care.csv").unlink()
    alter(extract / "C06" / "patients.csv", _every(10))
    return audit(extract, tmp_path_factory.mktemp("later") / "out", report=False).out


@pytest.fixture(scope="module")
def both(sample_audit: Audit, night_after: Path) -> tuple[Path, Path, Moved]:
    before = sample_audit.out
    people = {str(key[1]): "new_data" for key in made.long(before) | made.long(night_after)}
    return before, night_after, moved(before, night_after, touched(**people))


@pytest.mark.slow
def test_every_change_between_two_audits_is_counted(both):
    before, now, told = both
    assert vectorised(told.verdicts) == plainly(before, now)
    assert told.verdicts.height > 50


@pytest.mark.slow
def test_an_audit_beside_itself_did_not_move(sample_audit):
    told = moved(sample_audit.out, sample_audit.out, touched(**{"C01-P000001": "time"}))
    assert told.verdicts.is_empty()
    assert told.rates.is_empty()
    assert told.completeness.is_empty()
    assert told.gate.is_empty()
    assert set(told.cohort["change"]) == {0}


@pytest.mark.slow
def test_the_first_audit_has_nothing_before_it(sample_audit):
    told = moved(None, sample_audit.out, touched())
    assert told.first
    assert told.verdicts.is_empty()
    assert told.rates.is_empty()
    assert told.cohort["change"].null_count() == told.cohort.height


@pytest.mark.slow
def test_a_table_lost_and_a_column_emptied_are_told(both):
    places = both[2].completeness.select("centre_id", "table", "column", "what").rows()
    assert ("C01", "supportive_care", None, "lost") in places
    assert ("C05", "lesion_assessments", "cortical_fraction", "fell") in places


@pytest.mark.slow
def test_rates_are_those_that_the_network_report_prints(both):
    before, now, told = both
    assert told.rates.height
    pages: dict[str, ReportData] = {
        end: stored(out, told.rates["rule_id"].unique().to_list(), SMALLEST)
        for end, out in (("before", before), ("now", now))
    }
    printed = {end: publish_rules(page) for end, page in pages.items()}
    for row in told.rates.iter_rows(named=True):
        rule, centre = row["rule_id"], row["centre_id"]
        shown = printed["now"][rule].network if centre is None else printed["now"][rule].centres[centre]
        assert (row["rate_now"], row["n_now"]) == (shown["rate"], shown["n_assessed"])
        one, other = (
            pages[end].rate(rule, centre) or dict.fromkeys(("n_concordant", "n_assessed"), 0) for end in pages
        )
        differences = [abs(other[name] - one[name]) for name in ("n_concordant", "n_assessed")]  # type: ignore[operator]
        if any(0 < difference < SMALLEST for difference in differences):
            assert row["rate_before"] is None
            assert row["n_before"] is None


@pytest.mark.slow
def test_no_small_change_of_the_cohort_is_told(both):
    told = both[2]
    assert all(change is None or abs(change) == 0 or abs(change) >= SMALLEST for change in told.cohort["change"])
    for (_,), rows in told.cohort.group_by("measure"):
        network = rows.filter(pl.col("centre_id").is_null())["change"][0]
        centres = rows.filter(pl.col("centre_id").is_not_null())["change"]
        assert network is None or centres.null_count() == 0


@pytest.mark.slow
def test_nothing_published_names_a_patient(both):
    told = both[2]
    for frame in (told.cohort, told.intake, told.rates, told.completeness, told.gate, told.changed, told.verdicts):
        text = frame.write_csv()
        assert "-P0" not in text
