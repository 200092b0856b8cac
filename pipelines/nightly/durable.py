"""Writing that a crash, a power cut or a full disk cannot leave half done: the old state is there, or the new one."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import get_ident
from typing import Any

from .errors import NotWritten

UNFINISHED = ".tmp"
"""Ends the name of a file that is being written; a crash may leave one behind."""


def write_bytes(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Put a file in place as a whole, over the one that was there."""
    with _unfinished(path, content, mode) as fresh:
        os.rename(fresh, path)
        sync_folder(path.parent)


def write_json(path: Path, value: Any) -> None:
    """Put a JSON file in place as a whole, over the one that was there."""
    write_bytes(path, as_json(value))


def create(path: Path, content: bytes, mode: int = 0o666) -> None:
    """Put a new file in place as a whole; a FileExistsError where there is one of that name."""
    with _unfinished(path, content, mode) as fresh:
        os.link(fresh, path)
        sync_folder(path.parent)


def as_json(value: Any) -> bytes:
    """A value as JSON that people can read."""
    return (json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode("utf-8")


def make_folder(path: Path) -> None:
    """Make a folder, if there is none, and the folders above it, each durable in the one above."""
    if path.is_dir():
        return
    make_folder(path.parent)
    with writing(path):
        path.mkdir(exist_ok=True)
        sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder within one file system."""
    with writing(target):
        os.rename(source, target)
        sync_folder(target.parent)
        sync_folder(source.parent)


def replace_symlink(link: Path, target: Path) -> None:
    """Let a symbolic link lead to the target from one instant to the next; readers never find none."""
    fresh = _unfinished_name(link)
    with writing(link):
        fresh.unlink(missing_ok=True)
        os.symlink(os.path.relpath(target, link.parent), fresh)
        os.rename(fresh, link)
        sync_folder(link.parent)


def discard(path: Path, work: Path) -> None:
    """Remove a file or folder at once (it is renamed into `work`), then what it held, one after the other."""
    if path.is_dir() and not path.is_symlink():
        doomed = path if path.parent == work else work / f"{path.parent.name}-{path.name}{UNFINISHED}"
        with writing(path):
            if doomed != path:
                shutil.rmtree(doomed, ignore_errors=True)
                os.rename(path, doomed)
                sync_folder(path.parent)
            shutil.rmtree(doomed)
    else:
        with writing(path):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)


def sync_tree(folder: Path) -> None:
    """Have every file and folder below this one on the disk, and the folder itself."""
    with writing(folder):
        for parent, _, names in os.walk(folder, topdown=False):
            for name in names:
                path = Path(parent, name)
                if not path.is_symlink():
                    sync_file(path)
            sync_folder(Path(parent))


def sync_file(path: Path) -> None:
    """Have the content of a file on the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Have the names in a folder on the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within the block, an error of the disk says which file it was about and what to do."""
    try:
        yield
    except (NotWritten, FileExistsError):
        raise
    except OSError as error:
        raise NotWritten(path, error) from error


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unfinished_name(path: Path) -> Path:
    return path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}{UNFINISHED}")


@contextmanager
def _unfinished(path: Path, content: bytes, mode: int) -> Iterator[Path]:
    """The content in a file beside the path, on the disk; the file is gone after the block."""
    fresh = _unfinished_name(path)
    with writing(path):
        try:
            fresh.unlink(missing_ok=True)
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            try:
                rest = memoryview(content)
                while rest:
                    rest = rest[os.write(descriptor, rest) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            yield fresh
        finally:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)
