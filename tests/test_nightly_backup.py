"""A backup is whole or not there, and a restored network is the one that was backed up."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.nightly import erase
from pipelines.nightly.backup import MANIFEST, UNPACKING, backup, restore
from pipelines.nightly.errors import HomeError
from pipelines.nightly.home import Home, locked
from pipelines.nightly.verify import verify_store
from tests.nightly_store import accepted, last, published, state


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home.create(tmp_path / "network")
    with locked(made, "test"):
        deposit = accepted(made, "june", ["P1", "P2"])
        published(made, "first", deposit)
        erase.erase(made, ["P1"])
        published(made, "second", deposit)
        erase.finish(made)
        (made.root / "gate.toml").write_text("smallest_n = 5\n")
        made.config_file.write_text('gate = "gate.toml"\n')
        (made.receipts / "C1").mkdir()
        (made.receipts / "C1" / "june.txt").write_text("taken in")
        yield Home.at(made.root)


@pytest.fixture
def archive(home: Home, tmp_path: Path) -> Path:
    backup(home, tmp_path / "backup.tar")
    return tmp_path / "backup.tar"


def kept(home: Home) -> dict[str, bytes]:
    return {path: content for path, content in state(home).items() if not path.startswith(("inbox", "store/work"))}


def test_a_restored_network_is_the_one_that_was_backed_up(home: Home, archive: Path, tmp_path: Path) -> None:
    before = kept(home)
    again, told = restore(archive, tmp_path / "again")
    assert told == []
    assert last(again).kind == "restored"
    assert (again.published / "results" / "rates.parquet").read_text() == "second"
    after = kept(again)
    after.pop(f"store/ledger/{last(again).n:08}.json")
    after.pop("store/lock", None)
    assert after == before
    assert verify_store(again) == []
    assert again.erased_key.stat().st_mode & 0o777 == 0o600
    assert again.config.gate_values == {"smallest_n": 5}
    assert all(folder.is_dir() for folder in again.folders)


def test_a_backup_can_be_looked_into_with_tar_alone_and_only_by_its_owner(archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as tar:
        assert {member.mode for member in tar} == {0o644, 0o600}
        assert tar.getnames()[-1] == MANIFEST
        assert "nightly.toml" in tar.getnames()
    assert list(archive.parent.glob(".*")) == []


def test_a_backup_never_goes_into_the_network_or_over_something(home: Home, archive: Path) -> None:
    for target in (home.store / "b.tar", home.root / "b.tar", home.published / "b.tar"):
        with pytest.raises(HomeError, match="folder that is backed up"):
            backup(home, target)
    with pytest.raises(HomeError, match="no backup is overwritten"):
        backup(home, archive)
    with pytest.raises(HomeError, match="There is no folder"):
        backup(home, archive.parent / "nowhere" / "b.tar")


def test_a_backup_that_fails_leaves_nothing(home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "backups").mkdir()
    with pytest.raises(HomeError, match=r"No space left on device\. Free some space"):
        backup(home, tmp_path / "backups" / "b.tar")
    assert list((tmp_path / "backups").iterdir()) == []


def rewritten(archive: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    with tarfile.open(archive) as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w") as tar:
        for name, content in members:
            if changed := change(name, content):
                entry = tarfile.TarInfo(changed[0])
                entry.size = len(changed[1])
                tar.addfile(entry, io.BytesIO(changed[1]))


def flip(archive: Path) -> None:
    rewritten(archive, lambda name, content: (name, content[:-1] + b"x" if "rates.parquet" in name else content))


def lose(archive: Path) -> None:
    rewritten(archive, lambda name, content: None if "rates.parquet" in name else (name, content))


def cut(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[: archive.stat().st_size // 2])


def leave_the_folder(archive: Path) -> None:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        if name == "nightly.toml":
            return "../../outside.toml", content
        return name, content.replace(b'"nightly.toml"', b'"../../outside.toml"') if name == MANIFEST else content

    rewritten(archive, change)


def newer(archive: Path) -> None:
    def change(name: str, content: bytes) -> tuple[str, bytes]:
        return name, json.dumps(json.loads(content) | {"format": 2}).encode() if name == MANIFEST else content

    rewritten(archive, change)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (flip, "rates.parquet is damaged"),
        (lose, "lacks 1 of its files"),
        (cut, "no whole backup"),
        (lambda archive: archive.write_bytes(b"x" * 5000), "no whole backup"),
        (lambda archive: archive.unlink(), "does not exist"),
        (leave_the_folder, "something that no backup has"),
        (newer, "is of format 2"),
    ],
)
def test_a_damaged_backup_restores_nothing(
    archive: Path, tmp_path: Path, damage: Callable[[Path], None], told: str
) -> None:
    damage(archive)
    (tmp_path / "deep" / "er").mkdir(parents=True)
    with pytest.raises(HomeError, match=told):
        restore(archive, tmp_path / "deep" / "er")
    assert list((tmp_path / "deep" / "er").iterdir()) == []
    assert not list(tmp_path.rglob("outside.toml"))


def test_a_folder_that_holds_something_is_not_restored_into(home: Home, archive: Path) -> None:
    before = state(home)
    with pytest.raises(HomeError, match="not empty"):
        restore(archive, home.root)
    assert state(home) == before


def test_a_restoration_that_was_interrupted_starts_again(archive: Path, tmp_path: Path) -> None:
    left = tmp_path / "again"
    (left / UNPACKING / "store").mkdir(parents=True)
    (left / "receipts").mkdir()
    (left / "inbox" / "C1").mkdir(parents=True)
    restore(archive, left)
    assert (left / "inbox" / "C1").is_dir()
    assert (left / "receipts" / "C1" / "june.txt").exists()
    assert not (left / UNPACKING).exists()


def test_a_store_that_was_damaged_before_its_backup_is_restored_and_says_so(home: Home, tmp_path: Path) -> None:
    (home.published / "results" / "rates.parquet").write_text("broken")
    backup(home, tmp_path / "b.tar")
    again, told = restore(tmp_path / "b.tar", tmp_path / "again")
    assert any("rates.parquet is damaged" in line for line in told)
    assert again.ledger.check() == []
