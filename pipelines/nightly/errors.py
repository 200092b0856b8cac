"""How the folder of a nightly network says that something is wrong with it."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class HomeError(Exception):
    """The folder of a network, or what it holds, cannot be used; says what is wrong and what to do."""


HINTS = {
    errno.ENOSPC: "Free some space on that disk and run again; what was accepted and published before is as it was.",
    errno.EDQUOT: "The quota is used up: free some space and run again; what was accepted and published is as it was.",
    errno.EROFS: "The file system is read-only: mount it for writing, then run again.",
    errno.EACCES: "Give the user that runs the nights the right to write there.",
    errno.EPERM: "Give the user that runs the nights the right to write there, on a file system with links.",
    errno.EIO: "The disk reports an error: check it, then look at the store with `osteoconcord nightly verify`.",
}
"""What to do about the errors of a disk that an operator meets."""


DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""What libraries that are no Python tell of a disk in the text of their own errors."""


class NotWritten(OSError, HomeError):
    """A file or folder could not be written or moved; it keeps the number of the error."""

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(error.errno, error.strerror or type(error).__name__, str(path))

    def __str__(self) -> str:
        hint = HINTS.get(self.errno or 0, "See to it, then run again.")
        return f"{self.filename} cannot be written: {self.strerror}. {hint}"


def of_the_disk(error: Exception, path: Path) -> NotWritten | None:
    """The error of the disk that a library tells as one of its own; None where it is something else."""
    if isinstance(error, OSError):
        return None
    told = [number for number in DISK if os.strerror(number).lower() in str(error).lower()]
    return NotWritten(path, OSError(told[0], os.strerror(told[0]))) if told else None
