"""A backup of the store in one file with the checksum of everything in it, and back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from . import facts, runs
from .durable import UNFINISHED, as_json, discard, make_folder, move, replace_symlink, sync_folder, sync_tree, writing
from .errors import HomeError
from .home import FOREIGN, FORMAT, Home
from .lock import locked, must_hold

MANIFEST = "backup.json"
PRODUCT = "osteoconcord nightly"
UNPACKING = f".restoring{UNFINISHED}"
_BLOCK = 1 << 20


def backup(home: Home, target: Path) -> dict[str, tuple[str, int]]:
    """Put all that the store keeps, the configuration and the receipts into a new .tar file; gives what is in it.

    The file appears whole or not at all. It holds patients' rows and the key of the erased ones: only its owner may read it.
    """
    must_hold(home)
    target = Path(target).expanduser().absolute()
    _refuse_target(home, target)
    fresh = target.with_name(f".{target.name}.{os.getpid()}{UNFINISHED}")
    home.ledger.entries()  # a damaged ledger is told, not copied
    with writing(target):
        try:
            with os.fdopen(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                said = _pack(home, file)
                file.flush()
                os.fsync(file.fileno())
            os.link(fresh, target)
            sync_folder(target.parent)
        finally:
            fresh.unlink(missing_ok=True)
    return said


def _refuse_target(home: Home, target: Path) -> None:
    if target.parent.resolve().is_relative_to(home.root.resolve()):
        raise HomeError(f"{target} lies in the folder that is backed up. Choose a place on another disk.")
    if target.exists():
        raise HomeError(f"{target} exists, and no backup is overwritten. Choose another name.")
    if not target.parent.is_dir():
        raise HomeError(f"There is no folder {target.parent}. Make it, or choose another one.")


def _kept(home: Home) -> Iterator[Path]:
    """The files that a backup holds."""
    yield home.format_file
    yield home.config_file
    yield from (path for path in (home.erased_file, home.erased_key) if path.exists())
    yield from _settings_files(home)
    for folder in (home.ledger_folder, home.deposits, home.raw, home.runs, home.receipts):
        yield from sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(UNFINISHED))


def _settings_files(home: Home) -> list[Path]:
    """The gate and parameter files, where they lie in the folder of the network."""
    try:
        named = {path.resolve() for path in (home.config.gate, home.config.parameters) if path is not None}
    except HomeError:
        return []
    root = home.root.resolve()
    return sorted(home.root / path.relative_to(root) for path in named if path.is_relative_to(root))


def _pack(home: Home, file: Any) -> dict[str, tuple[str, int]]:
    said: dict[str, tuple[str, int]] = {}
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in _kept(home):
            name = path.relative_to(home.root).as_posix()
            with path.open("rb") as source:
                entry = _entry(name, os.fstat(source.fileno()).st_size, 0o600 if path == home.erased_key else 0o644)
                reader = _Hashing(source)
                archive.addfile(entry, reader)
            said[name] = (reader.digest.hexdigest(), entry.size)
        content = as_json({"product": PRODUCT, "format": FORMAT, "files": said})
        archive.addfile(_entry(MANIFEST, len(content), 0o644), io.BytesIO(content))
    return said


def _entry(name: str, size: int, mode: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, mode
    return entry


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, source: Any) -> None:
        self.source = source
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block: bytes = self.source.read(size)
        self.digest.update(block)
        return block


def restore(archive: Path, path: Path) -> tuple[Home, list[str]]:
    """Make the network of a backup in a new or empty folder, and tell what was wrong with the store when it was backed up.

    Everything is checked before anything is put in place: a file that is not as it was backed up, or a damaged ledger,
    and nothing is restored.
    """
    home = Home(Path(path).expanduser().absolute())
    _refuse_full(home.root)
    make_folder(home.root)
    unpacked = Home(home.root / UNPACKING)
    with writing(home.root):
        shutil.rmtree(unpacked.root, ignore_errors=True)
        try:
            _unpack(Path(archive), unpacked)
            told = _check(unpacked)
            for name in sorted(entry.name for entry in unpacked.root.iterdir()):
                if name == "inbox" and (home.root / name).exists():
                    continue  # it is the centres', and never touched
                if name != home.store.name:
                    discard(home.root / name, unpacked.root)
                    move(unpacked.root / name, home.root / name)
            move(unpacked.store, home.store)  # from here on the folder is a network
        finally:
            shutil.rmtree(unpacked.root, ignore_errors=True)
    return Home.at(home.root), told


def _refuse_full(root: Path) -> None:
    left = {UNPACKING, "nightly.toml", "receipts", "inbox", "published"}
    found = {entry.name for entry in root.iterdir()} - set(FOREIGN) if root.is_dir() else set()
    if root.exists() and not root.is_dir():
        raise HomeError(f"{root} is a file. Restore into a new or empty folder.")
    if found and not (UNPACKING in found and found <= left):
        raise HomeError(
            f"{root} is not empty. Restore into a new or empty folder, then let it take the place of this one."
        )


def _unpack(archive: Path, unpacked: Home) -> None:
    """Write out what the archive holds, if it is what its manifest says."""
    try:
        with tarfile.open(archive, "r:") as tar:
            files = _manifest(archive, tar)
            for folder in unpacked.folders:
                folder.mkdir(parents=True, exist_ok=True)
            for member in tar:
                if member.name == MANIFEST:
                    continue
                wanted = files.pop(member.name, None)
                if wanted is None or not member.isreg() or not _is_plain(member.name):
                    raise HomeError(f"{archive} holds something that no backup has. Nothing was restored.")
                if _extract(tar, member, unpacked.root / member.name) != wanted[0]:
                    raise HomeError(f"{archive}: {member.name} is damaged. Nothing was restored; use another backup.")
            if files:
                raise HomeError(f"{archive} lacks {len(files)} of its files. Nothing was restored; use another backup.")
    except FileNotFoundError as error:
        if error.filename != str(archive):
            raise
        raise HomeError(f"{archive} does not exist.") from None
    except (tarfile.TarError, EOFError) as error:
        raise HomeError(f"{archive} is no whole backup ({error}). Nothing was restored; use another one.") from error


def _manifest(archive: Path, tar: tarfile.TarFile) -> dict[str, tuple[str, int]]:
    try:
        file = tar.extractfile(MANIFEST)
        said = json.loads(file.read() if file else b"")
        files = {name: (sha256, size) for name, (sha256, size) in said["files"].items()}
        if said["product"] != PRODUCT:
            raise KeyError("product")
    except (KeyError, ValueError, TypeError, AttributeError):
        raise HomeError(f"{archive} is no whole backup of a nightly network. Nothing was restored.") from None
    if said["format"] != FORMAT:
        raise HomeError(
            f"{archive} is of format {said['format']}, this version writes {FORMAT}. Restore it with the version of "
            "osteoconcord that made it, then migrate."
        )
    return files


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and str(path) == name


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> str:
    source = tar.extractfile(member)
    assert source is not None
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    mode = 0o600 if target.name == "erased.key" else 0o666
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        while block := source.read(_BLOCK):
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def _check(unpacked: Home) -> list[str]:
    """See that the store is whole, let the ledger say that it was restored, and have everything on the disk."""
    from .verify import verify_store

    run = facts.standing(unpacked.ledger.entries()).run
    if run is not None and (unpacked.runs / run / runs.OUT).is_dir():
        replace_symlink(unpacked.published, unpacked.runs / run / runs.OUT)
    told = verify_store(unpacked)
    with locked(unpacked, "nightly restore"):
        unpacked.ledger.append("restored", run=run)
    sync_tree(unpacked.root)
    return told
