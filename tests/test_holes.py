"""A row in quarantine is not an act that was left undone: the patient's table has a hole."""

from __future__ import annotations

from pathlib import Path

from pipelines.ingest import Intake, take_in
from scoring.concordance import judge
from scoring.registry import Registry
from tests.small_extract import cohort, write

MEETING_RULE = "G1-3.7-01"


def verdict(taken: Intake) -> tuple[str, str]:
    """Status and reason of the one operation of the cohort: was it discussed before?"""
    judgement = judge(Registry(taken.tables, taken.coverage, taken.holes))
    judged = judgement.verdicts["procedure"].select(code=MEETING_RULE).join(judgement.codes, on="code")  # type: ignore[index]
    return judged.select("status", "reason").row(0)


def test_a_meeting_in_quarantine_leaves_the_question_open(tmp_path: Path) -> None:
    tables = cohort()
    write(tmp_path / "read", tables)
    assert verdict(take_in([tmp_path / "read"])) == ("concordant", "")

    tables["mdt_meetings"][0]["date"] = "2023-02-31"
    write(tmp_path / "unreadable", tables)
    taken = take_in([tmp_path / "unreadable"])
    assert taken.holes.rows() == [("P1", "mdt_meetings")]
    assert verdict(taken) == ("not_assessable", "quarantine:mdt_meetings")

    tables["mdt_meetings"][0] |= {"date": "2023-06-10"}
    write(tmp_path / "none", tables)
    assert verdict(take_in([tmp_path / "none"])) == ("discordant", "")


def test_a_copy_of_an_accepted_row_leaves_no_hole(tmp_path: Path) -> None:
    tables = cohort()
    tables["mdt_meetings"].append(dict(tables["mdt_meetings"][0]))
    write(tmp_path, tables)
    taken = take_in([tmp_path])
    assert taken.quarantine["rule"].to_list() == ["duplicate_row"]
    assert taken.holes.is_empty()
