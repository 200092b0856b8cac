"""From the inbox into the ledger: what is accepted, what is refused, what changes nothing."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.nightly import facts, planning, runs
from pipelines.nightly.chain import sorted_out
from pipelines.nightly.home import Home, locked
from pipelines.nightly.receiving import receive
from pipelines.nightly.status import status_of
from tests.nightly_store import extract, filled_run


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home.create(tmp_path / "network")
    made.config_file.write_text("quiet_minutes = 0\n")
    return Home.at(made.root)


def taken(home: Home) -> list[str]:
    """Receive, and give the kinds of all entries."""
    with locked(home, "test"):
        receive(home, datetime.now(UTC))
    return [entry.kind for entry in home.ledger.entries()]


def withdrawal(home: Home, name: str, of: str, day: str = "2026-07-02") -> None:
    folder = home.inbox / "C1" / name
    folder.mkdir(parents=True)
    lines = ['centre = "C1"', f"extraction_date = {day}", 'kind = "withdrawal"', f'withdraws = "{of}"']
    (folder / "extract.toml").write_text("\n".join(lines) + "\n")


def test_the_same_content_changes_nothing_and_does_not_come_back_once_it_was_taken_back(home: Home) -> None:
    first = extract(home.inbox / "C1" / "june", ["P1", "P2"])
    assert taken(home) == ["accepted"]
    shutil.copytree(first, home.inbox / "C1" / "june-again")
    assert taken(home) == ["accepted"]
    withdrawal(home, "back", "june")
    assert taken(home) == ["accepted", "accepted", "refused"]
    (problem,) = home.ledger.entries()[-1].facts["problems"]
    assert "taken in before as june" in problem
    extract(home.inbox / "C1" / "june-corrected", ["P1", "P2"], day="2026-07-01")
    assert taken(home) == ["accepted", "accepted", "refused", "accepted"]


def test_a_rollback_is_not_undone_by_a_copy(home: Home) -> None:
    extract(home.inbox / "C1" / "june", ["P1", "P2"])
    taken(home)
    with locked(home, "test"):
        run = filled_run(home, "first")
        runs.publish(home, run, chains={"C1": list(facts.standing(home.ledger.entries()).deposits)}, held={})
    july = extract(home.inbox / "C1" / "july", ["P1"], day="2026-07-01")
    shutil.copytree(july, home.inbox / "C1" / "july-copy")
    taken(home)
    with locked(home, "test"):
        second = filled_run(home, "second")
        runs.publish(home, second, chains={"C1": list(facts.standing(home.ledger.entries()).deposits)}, held={})
        runs.roll_back(home, run.name)
    taken(home)
    assert len(facts.standing(home.ledger.entries()).deposits) == 1


def test_a_withdrawal_of_nothing_is_refused_with_the_names_that_there_are(home: Home) -> None:
    extract(home.inbox / "C1" / "june", ["P1", "P2"])
    taken(home)
    withdrawal(home, "back", "jun")
    assert taken(home) == ["accepted", "refused"]
    (problem,) = home.ledger.entries()[-1].facts["problems"]
    assert "expected: one of june" in problem
    assert "did you mean june?" in problem
    assert taken(home) == ["accepted", "refused"]  # it is not tried again as it is


def test_status_tells_what_was_withdrawn_and_what_waits(home: Home) -> None:
    extract(home.inbox / "C1" / "june", ["P1", "P2"])
    taken(home)
    extract(home.inbox / "C1" / "july", ["P1"], day="2026-07-01", deletions="table,id\npatients,P2\n")
    withdrawal(home, "zurueck", "june")
    taken(home)
    (kept,) = planning.sent(home, home.ledger.entries()).values()
    now = sorted_out(kept)
    assert not now.chain
    found = status_of(home)
    assert found["withdrawn"] == [one.id for one in now.withdrawn] != []
    assert found["waiting"] == [one.id for one in now.waiting] != []
