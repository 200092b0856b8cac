"""One process at a time works in the store; the lock says who it is, and ends with the process, however that ends."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from .durable import writing
from .errors import HomeError, NotWritten

if TYPE_CHECKING:
    from .home import Home


ATTEMPTS, PAUSE = 4, 0.1
"""How often the lock is asked for, and the seconds in between: `owner_of` holds it for an instant as well."""


@dataclass(frozen=True)
class Owner:
    """Who holds the lock, since when, and for what."""

    pid: int
    host: str
    since: str
    what: str

    def age(self) -> timedelta:
        """How long the lock has been held; nothing where the clock went back meanwhile."""
        return max(datetime.now(UTC) - datetime.fromisoformat(self.since), timedelta(0))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, at work on `{self.what}` since {self.since}"


class LockHeld(HomeError):
    """Another process works in the store; `owner` is None where it did not say who it is."""

    def __init__(self, path: Path, owner: Owner | None) -> None:
        self.owner = owner
        who = "a process that has only just begun" if owner is None else f"{owner} ({_words(owner.age())})"
        super().__init__(
            f"{path.parent.parent} is in use by {who}. Wait until it has ended and run again; where it hangs, end that "
            "process: its lock is free at once, and the next run puts in order what it left."
        )


@dataclass(frozen=True)
class Lock:
    """A lock that is held; `recovered` is the owner before, if it died."""

    path: Path
    recovered: Owner | None

    @property
    def message(self) -> str | None:
        """What to tell about an owner that died."""
        if self.recovered is None:
            return None
        return f"The run before ended without giving back its lock ({self.recovered}); what it left is put in order."


_held: dict[int, Path] = {}
"""Descriptor -> lock file, for the locks of this process."""


def _forget_in_child() -> None:
    """A forked child gives up its copies, or it would hold the lock for as long as it lives."""
    for descriptor in _held:
        with suppress(OSError):
            os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_forget_in_child)


@contextmanager
def locked(home: Home, what: str) -> Iterator[Lock]:
    """Hold the lock of the store in the block; a LockHeld if another process, or this one, does already."""
    path = home.lock
    descriptor = _taken(path)
    _held[descriptor] = path
    try:
        lock = Lock(path, _read(descriptor))
        _write(descriptor, json.dumps(asdict(Owner(os.getpid(), socket.gethostname(), _now(), what))))
        yield lock
    finally:
        # In a forked child that leaves the block, the lock is not its own any more.
        if _held.pop(descriptor, None):
            _write(descriptor, "")
            os.close(descriptor)


def must_hold(home: Home) -> None:
    """Refuse to change the store without its lock: an error of the program, not of its user."""
    if home.lock not in _held.values():
        raise RuntimeError(f"The store of {home.root} is changed without its lock.")


def owner_of(home: Home) -> Owner | None:
    """Who works in the store just now; None where nobody does."""
    try:
        descriptor = os.open(home.lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    except OSError:
        return None
    else:
        return None
    finally:
        os.close(descriptor)


def _taken(path: Path) -> int:
    with writing(path):
        # Python opens files so that programs that are started do not inherit them (O_CLOEXEC).
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    for attempt in range(ATTEMPTS):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if attempt < ATTEMPTS - 1:
                time.sleep(PAUSE)
        except OSError as error:
            os.close(descriptor)
            raise NotWritten(path, error) from error
    owner = _read(descriptor)
    os.close(descriptor)
    raise LockHeld(path, owner)


def _write(descriptor: int, line: str) -> None:
    """Overwrite the first line in place, which needs no space; without it the lock holds just as well."""
    with suppress(OSError):
        os.pwrite(descriptor, f"{line}\n".encode(), 0)


def _read(descriptor: int) -> Owner | None:
    try:
        return Owner(**json.loads(os.pread(descriptor, 4096, 0).split(b"\n")[0]))
    except (OSError, ValueError, TypeError):
        return None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _words(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
