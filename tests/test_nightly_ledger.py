"""The ledger: nothing in it is lost, changed or put in between without being noticed."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.nightly import facts, ledger
from pipelines.nightly.errors import NotWritten
from pipelines.nightly.ledger import Entry, Ledger, LedgerError


@pytest.fixture
def book(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


def filled(book: Ledger, n: int = 5) -> list[Entry]:
    return [book.append("quiet", night=k) for k in range(n)]


def path_of(book: Ledger, n: int) -> Path:
    return book.folder / f"{n:08}.json"


def test_entries_are_read_back_in_order_as_they_were_written(book: Ledger) -> None:
    written = filled(book)
    assert book.entries() == written
    assert [entry.n for entry in written] == [1, 2, 3, 4, 5]
    assert book.check() == []
    assert written[0].by == ledger.user()
    assert written[0].at.endswith("Z")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(
        st.text(min_size=1).filter(lambda name: name not in ledger._OWN and name not in ("self", "kind")),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_any_facts_are_read_back_as_they_were(tmp_path: Path, said: dict[str, Any]) -> None:
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    try:
        json.dumps(said, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate is no text that a file can hold
        return
    book = Ledger(tmp_path)
    book.append("quiet", **said)
    assert book.entries()[0].facts == said
    assert book.check() == []


def test_the_order_is_that_of_the_numbers_when_the_clock_goes_back(
    book: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Back(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Back:
            return cls(1999, 1, 1, tzinfo=tz)

    first = book.append("quiet")
    monkeypatch.setattr(ledger, "datetime", Back)
    second = book.append("quiet")
    assert second.at < first.at
    assert book.entries() == [first, second]
    assert book.check() == []


@pytest.mark.parametrize("left", [b"", b"\0" * 300, b'{"n": 6, "at"', b"[]"])
def test_a_torn_last_entry_costs_none_of_those_before_it(book: Ledger, left: bytes) -> None:
    written = filled(book)
    path_of(book, 6).write_bytes(left)
    assert book.entries() == written
    assert "entry 6, the last one, is torn" in " ".join(book.check())
    after = book.append("quiet")
    assert after.n == 6
    assert book.entries() == [*written, after]
    assert book.check() == []
    assert (book.folder / "00000006.json.torn-1").read_bytes() == left


def test_a_last_entry_of_which_one_letter_changed_is_torn(book: Ledger) -> None:
    written = filled(book)
    text = path_of(book, 5).read_text()
    path_of(book, 5).write_text(text.replace('"night": 4', '"night": 7'))
    assert book.entries() == written[:4]


def replaced(book: Ledger) -> None:
    """Someone writes entry 3 anew, its digest included."""
    other = replace(book.entries()[2], facts={"night": 9})
    path_of(book, 3).write_bytes(other.to_json())


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda book: path_of(book, 3).unlink(), "entry 3 is missing"),
        (lambda book: [path_of(book, n).unlink() for n in (1, 2)], "entries 1 to 2 are missing"),
        (lambda book: path_of(book, 3).write_bytes(b""), "entry 3 is damaged"),
        (lambda book: path_of(book, 2).rename(path_of(book, 3)), "entry 3 is damaged"),
        (replaced, "entry 4 does not follow from entry 3"),
    ],
)
def test_damage_before_the_end_is_told_by_number_and_nothing_is_built_on_it(
    book: Ledger, damage: Any, told: str
) -> None:
    filled(book)
    damage(book)
    assert told in "\n".join(book.check())
    with pytest.raises(LedgerError, match=told):
        book.entries()


def test_two_writers_never_take_one_number(book: Ledger) -> None:
    threads = [threading.Thread(target=filled, args=(book, 10)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.n for entry in book.entries()] == list(range(1, 31))
    assert book.check() == []


def test_a_fact_cannot_take_the_name_of_what_every_entry_has(book: Ledger) -> None:
    with pytest.raises(ValueError, match="digest, previous"):
        book.append("quiet", previous="x", digest="y")


@pytest.mark.skipif(os.getuid() == 0, reason="nothing is read-only for root")
def test_a_folder_that_may_not_be_written_says_so(book: Ledger) -> None:
    book.folder.chmod(0o500)
    try:
        with pytest.raises(NotWritten, match=r"cannot be written: Permission denied.*right to write"):
            book.append("quiet")
    finally:
        book.folder.chmod(0o700)


# Facts


def night(book: Ledger, run: str, *deposits: str) -> None:
    for deposit in deposits:
        book.append("accepted", deposit=deposit, centre="c1", name=deposit, fingerprint=f"f-{deposit}")
    book.append("published", run=run)


def test_a_rollback_sets_aside_what_came_later(book: Ledger) -> None:
    night(book, "r1", "a")
    night(book, "r2", "b")
    book.append("rolled_back", to="r1", run="r2")
    now = facts.standing(book.entries())
    assert list(now.deposits) == ["a"]
    assert (now.set_aside, now.run) == ({"b"}, "r1")
    night(book, "r3", "c")
    assert list(facts.standing(book.entries()).deposits) == ["a", "c"]


def test_a_rollback_can_be_taken_back(book: Ledger) -> None:
    night(book, "r1", "a")
    night(book, "r2", "b")
    book.append("rolled_back", to="r1", run="r2")
    book.append("rolled_back", to="r2", run="r1")
    now = facts.standing(book.entries())
    assert list(now.deposits) == ["a", "b"]
    assert (now.set_aside, now.run) == (frozenset(), "r2")
    current = facts.current(book.entries())
    assert current is not None
    assert current.facts["run"] == "r2"


def test_what_was_refused_is_known_by_centre_name_and_fingerprint(book: Ledger) -> None:
    book.append("refused", centre="c1", name="broken", fingerprint="f", problems=["no patients"])
    assert facts.refused(book.entries()) == {("c1", "broken", "f")}
    assert facts.current(book.entries()) is None
