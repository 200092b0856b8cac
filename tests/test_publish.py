"""What is published is whole or not there; what is not ours is never touched."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

import pytest

from pipelines import publish
from pipelines.publish import LOCK, STAGING, OutputError, folder_names, staging


def fill(folder: Path, text: str, *entries: str) -> None:
    """Write what an audit would write, with `text` in every file."""
    for entry in entries or publish.ENTRIES:
        if entry == publish.MANIFEST:
            (folder / entry).write_text(json.dumps({"product": publish.PRODUCT, "text": text}))
        elif "." in entry:
            (folder / entry).write_text(text)
        else:
            (folder / entry / "deep").mkdir(parents=True, exist_ok=True)
            (folder / entry / "deep" / "file").write_text(text)


def content(out: Path) -> dict[str, str]:
    return {str(path.relative_to(out)): path.read_text() for path in sorted(out.rglob("*")) if path.is_file()}


def published(out: Path, text: str = "first", *entries: str) -> dict[str, str]:
    with staging(out) as folder:
        fill(folder, text, *entries)
    return content(out)


def fail_with(error: type[BaseException], out: Path) -> None:
    with staging(out) as folder:
        fill(folder, "half of it", "results")
        raise error


def test_a_new_folder_holds_what_was_staged_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    published(out)
    assert {path.name for path in out.iterdir()} == set(publish.ENTRIES)
    assert set(content(out).values()) == {"first", json.dumps({"product": "osteoconcord", "text": "first"})}


def test_a_second_run_replaces_every_entry_and_removes_those_it_did_not_make(tmp_path: Path) -> None:
    published(tmp_path)
    published(tmp_path, "second", "results", "audit.duckdb", publish.MANIFEST)
    assert {path.name for path in tmp_path.iterdir()} == {"results", "audit.duckdb", publish.MANIFEST}
    assert content(tmp_path)["audit.duckdb"] == "second"


def test_files_of_others_beside_an_audit_stay(tmp_path: Path) -> None:
    published(tmp_path)
    (tmp_path / "notes.txt").write_text("mine")
    published(tmp_path, "second")
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_run_that_fails_leaves_the_audit_before_as_it_was(tmp_path: Path, error: type[BaseException]) -> None:
    before = published(tmp_path)
    with pytest.raises(error):
        fail_with(error, tmp_path)
    assert content(tmp_path) == before


def test_a_run_that_fails_leaves_no_new_folder(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError):
        fail_with(RuntimeError, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("move", range(1, 2 * len(publish.ENTRIES) + 3))
@pytest.mark.parametrize("killed", [False, True])
def test_a_swap_interrupted_anywhere_is_undone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, move: int, killed: bool
) -> None:
    """Six moves out, one mark, six moves in, one mark: stop at each; a killed run is undone by the next."""
    before = published(tmp_path)
    rename, recover = Path.rename, publish._recover
    moves = 0

    def stopping(self: Path, target: Path) -> Path:
        nonlocal moves
        moves += 1
        if moves == move:
            raise KeyboardInterrupt
        return rename(self, target)

    def run() -> None:
        with staging(tmp_path) as folder:
            fill(folder, "second")
            patch.setattr(Path, "rename", stopping)
            if killed:
                patch.setattr(publish, "_recover", lambda out: None)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        run()
    if killed:
        assert (tmp_path / STAGING).is_dir()
        recover(tmp_path)
    assert content(tmp_path) == before


def test_what_a_killed_run_left_in_a_new_folder_does_not_stop_the_next(tmp_path: Path) -> None:
    (tmp_path / STAGING / "new").mkdir(parents=True)
    (tmp_path / LOCK).touch()
    published(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(publish.ENTRIES)


def test_a_folder_that_holds_something_else_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    (tmp_path / "results").mkdir()
    with pytest.raises(OutputError, match="not empty and holds no audit"), staging(tmp_path):
        pytest.fail("work began")
    assert content(tmp_path) == {"thesis.docx": "years of work"}


@pytest.mark.parametrize("manifest", ["{}", "[]", "not json", '{"product": "another"}'])
def test_a_manifest_of_another_program_is_not_ours(tmp_path: Path, manifest: str) -> None:
    (tmp_path / publish.MANIFEST).write_text(manifest)
    with pytest.raises(OutputError), staging(tmp_path):
        pytest.fail("work began")
    assert (tmp_path / publish.MANIFEST).read_text() == manifest


def test_out_must_not_be_a_file(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("a file")
    with pytest.raises(OutputError, match="is a file"), staging(out):
        pytest.fail("work began")
    assert out.read_text() == "a file"


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with (
        pytest.raises(OutputError, match=r"cannot be written: Permission denied\. Choose another --out"),
        staging(tmp_path),
    ):
        pytest.fail("work began")


def test_two_runs_do_not_write_into_one_folder(tmp_path: Path) -> None:
    before = published(tmp_path)
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="Another run is writing"), staging(tmp_path):
            pytest.fail("work began")
    (tmp_path / LOCK).unlink()
    assert content(tmp_path) == before


def test_going_on_from_an_audit_starts_with_a_copy_of_it(tmp_path: Path) -> None:
    before = published(tmp_path)
    with staging(tmp_path, keep=True) as folder:
        assert content(folder) == before
        (folder / "results" / "deep" / "file").write_text("again")
    assert content(tmp_path) == before | {"results/deep/file": "again"}


def test_centre_ids_that_are_plain_words_name_their_folder() -> None:
    assert folder_names(["C01", "Lyon-Sud_2"]) == {"C01": "C01", "Lyon-Sud_2": "Lyon-Sud_2"}


HOSTILE = [
    "../../etc",
    "/root",
    "..",
    "",
    ".hidden",
    "a/b",
    "a\\b",
    "x" * 300,
    "é",
    "C01\n",
    "C:",
    "~",
    "-rf",
    "c01",
    "a b",
]


def test_hostile_centre_ids_become_different_safe_folders(tmp_path: Path) -> None:
    names = folder_names(["C01", *HOSTILE])
    assert len({name.casefold() for name in names.values()}) == len(HOSTILE) + 1
    for name in names.values():
        (tmp_path / name).mkdir()
        assert (tmp_path / name).resolve().parent == tmp_path.resolve()
        assert not name.startswith(("-", "."))
