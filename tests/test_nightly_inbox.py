"""A deposit is taken when it is complete and no sooner; what is wrong with the inbox is told; nothing leads out of it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.nightly import inbox
from pipelines.nightly.inbox import Found, InboxError, look

QUIET = 10


def now() -> datetime:
    return datetime.now(UTC)


def later(minutes: float = 11) -> datetime:
    return now() + timedelta(minutes=minutes)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "inbox" / "C1").mkdir(parents=True)
    return tmp_path / "inbox"


def deposit(root: Path, name: str = "june", **files: str) -> Path:
    folder = root / "C1" / name
    folder.mkdir()
    for stem, content in (files or {"patients": "patient_id\nP1\n"}).items():
        (folder / f"{stem}.csv").write_text(content)
    return folder


def one(root: Path, at: datetime, seen: dict[str, Any] | None = None, quiet: float = QUIET) -> Found:
    (found,) = look(root, quiet, {} if seen is None else seen, at)
    return found


def sums(folder: Path, *names: str) -> None:
    lines = [f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
    (folder / "SHA256SUMS").write_text("".join(lines))


def test_without_a_list_of_checksums_a_deposit_is_complete_after_the_quiet_time(root: Path) -> None:
    deposit(root)
    assert one(root, later(9)).state == "growing"
    assert one(root, later(11)).state == "ready"


def test_an_old_time_of_modification_makes_no_file_old(root: Path) -> None:
    """Tools that copy keep it: a folder of old files may still be on its way."""
    for file in (folder := deposit(root), folder / "patients.csv"):
        os.utime(file, (0, 0))
    assert one(root, later(1)).state == "growing"


def test_a_file_that_comes_later_starts_the_quiet_time_again(root: Path) -> None:
    folder, seen = deposit(root), dict[str, Any]()
    before = one(root, later(), seen)
    (folder / "more.csv").write_text("x")
    after = one(root, later(5), seen)
    assert (before.state, after.state) == ("ready", "growing")
    assert one(root, later(), seen).fingerprint != before.fingerprint


def test_a_deposit_whose_list_of_checksums_is_met_is_complete_at_once(root: Path) -> None:
    folder = deposit(root, patients="a", centres="b")
    sums(folder, "patients.csv", "centres.csv")
    assert one(root, now()).state == "ready"


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda folder: (folder / "patients.csv").write_text("else"), "of another content: patients.csv"),
        (lambda folder: (folder / "patients.csv").unlink(), "not there: patients.csv"),
        (lambda folder: (folder / "lab_results.csv").write_text("x"), "not in the list: lab_results.csv"),
        (lambda folder: (folder / "SHA256SUMS").write_text("no sum\n"), "line 1"),
        (lambda folder: (folder / "SHA256SUMS").write_text("a" * 64 + "  ../../secret\n"), "outside the deposit"),
    ],
)
def test_a_list_of_checksums_that_is_not_met_is_a_problem_once_the_quiet_time_is_over(
    root: Path, harm: Any, words: str
) -> None:
    folder = deposit(root, patients="a", centres="b")
    sums(folder, "patients.csv", "centres.csv")
    harm(folder)
    assert one(root, now()).state == "growing"
    found = one(root, later())
    assert found.state == "refused"
    assert words in found.problem


def test_a_zip_may_have_its_checksum_beside_it(root: Path) -> None:
    path = root / "C1" / "june.zip"
    path.write_bytes(b"PK")
    path.with_name("june.zip.sha256").write_text(f"{hashlib.sha256(b'PK').hexdigest()} *june.zip\r\n")
    assert one(root, now()).state == "ready"
    path.with_name("june.zip.sha256").write_text(f"{'0' * 64}  june.zip\n")
    assert one(root, now()).state == "growing"
    assert one(root, later()).state == "refused"


def test_files_on_their_way_are_no_part_of_a_deposit_and_hold_it_back(root: Path) -> None:
    folder = deposit(root)
    (folder / "lab_results.csv.part").write_text("x")
    (root / "C1" / "july.zip.part").write_text("x")
    (root / "C1" / ".june.swp").write_text("x")
    assert one(root, now()).state == "growing"
    found = one(root, later())
    assert found.state == "refused"
    assert "lab_results.csv.part" in found.problem
    (folder / "lab_results.csv.part").unlink()
    (folder / ".DS_Store").write_text("x")
    assert one(root, later()).fingerprint == inbox.fingerprint(folder)


def test_with_a_clock_that_went_back_two_looks_decide(root: Path) -> None:
    """All files lie in the future; what an earlier look saw must not have changed for the quiet time."""
    deposit(root)
    past = now() - timedelta(days=1)
    seen: dict[str, Any] = {}
    assert one(root, past, seen).state == "growing"
    seen = json.loads(json.dumps(seen))
    assert one(root, past + timedelta(minutes=9), seen).state == "growing"
    assert one(root, past - timedelta(days=2), seen).state == "growing"
    assert one(root, past - timedelta(days=2) + timedelta(minutes=11), seen).state == "ready"


def test_a_file_is_hashed_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, seen = deposit(root, patients="a", centres="b"), dict[str, Any]()
    first = one(root, later(), seen)
    monkeypatch.setattr(inbox, "_hash", lambda *_: pytest.fail("hashed again"))
    assert one(root, later(), json.loads(json.dumps(seen))) == first
    monkeypatch.undo()
    (folder / "patients.csv").write_text("c")
    assert one(root, later(20), seen).fingerprint != first.fingerprint


def test_the_fingerprint_is_that_of_names_and_contents(root: Path) -> None:
    one_file, same = deposit(root, "a", patients="x"), deposit(root, "b", patients="x")
    renamed, other = deposit(root, "c", centres="x"), deposit(root, "d", patients="y")
    marks = [inbox.fingerprint(folder) for folder in (one_file, same, renamed, other)]
    assert marks[0] == marks[1]
    assert len(set(marks)) == 3


def test_links_are_not_followed_out_of_a_deposit(root: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("not theirs")
    folder = deposit(root)
    (folder / "lab_results.csv").symlink_to(secret)
    (root / "C1" / "linked").symlink_to(tmp_path)
    (root / "C2").symlink_to(root / "C1")
    found = look(root, 0, {}, later())
    assert [(f.centre, f.name, f.state) for f in found] == [
        ("C1", "june", "refused"),
        ("C1", "linked", "refused"),
        ("C2", "C2", "refused"),
    ]
    assert "leads out of the deposit" in found[0].problem
    assert all("link" in f.problem for f in found)


def test_what_is_no_file_is_never_opened(root: Path) -> None:
    os.mkfifo(deposit(root) / "lab_results.csv")
    assert "neither a file nor a folder" in one(root, later()).problem


@pytest.mark.parametrize(
    "name", ["a\nb", "<script>alert(1)</script>", "a..%2f", "-rf", "a" * 101, "x'; DROP TABLE", "été\u202e"]
)
def test_a_hostile_name_is_refused_and_stands_for_nothing(root: Path, name: str) -> None:
    try:
        deposit(root, name)
    except OSError:  # a name that this file system does not allow, or one that holds a /
        os.makedirs(root / "C1" / name)
        (root / "C1" / name / "patients.csv").write_text("x")
    found = look(root, 0, {}, later())
    assert [f.state for f in found] == ["refused"]
    assert inbox.NAME.fullmatch(found[0].name)
    assert name not in found[0].problem


def test_names_that_are_no_text_are_refused_and_can_be_remembered(root: Path) -> None:
    folder = deposit(root)
    (folder / os.fsdecode(b"lab\xff.csv")).write_text("x")
    (root / "C1" / os.fsdecode(b"\xff")).mkdir()
    seen: dict[str, Any] = {}
    found = look(root, 0, seen, later())
    assert [f.state for f in found] == ["refused", "refused"]
    for text in (json.dumps(seen, ensure_ascii=False), *(f.name + f.problem for f in found)):
        text.encode("utf-8")


def test_a_file_that_is_no_deposit_is_told(root: Path) -> None:
    (root / "C1" / "patients.csv").write_text("x")
    assert "put this file into a folder" in one(root, later()).problem


def test_an_empty_folder_holds_no_file(root: Path) -> None:
    (root / "C1" / "june").mkdir()
    assert (one(root, now()).state, one(root, later()).problem) == ("growing", "it holds no file")


def test_a_lost_inbox_is_no_empty_one(root: Path, tmp_path: Path) -> None:
    deposit(root)
    seen: dict[str, Any] = {}
    look(root, QUIET, seen, later())
    shutil.rmtree(root / "C1" / "june")
    assert look(root, QUIET, seen, later()) == []
    deposit(root)
    look(root, QUIET, seen, later())
    shutil.rmtree(root / "C1")
    with pytest.raises(InboxError, match="any more"):
        look(root, QUIET, seen, later())
    shutil.rmtree(root)
    with pytest.raises(InboxError, match="not there"):
        look(root, QUIET, seen, later())
    root.write_text("a file")
    with pytest.raises(InboxError, match="cannot be read"):
        look(root, QUIET, seen, later())
