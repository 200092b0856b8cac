"""Which errors pass by themselves, so that a step is worth another try."""

from __future__ import annotations

import errno

from .errors import NotWritten

PASSING = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.ECONNABORTED,
        errno.ECONNRESET,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EINTR,
        errno.EIO,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.ENOTCONN,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""What a file system gives while it is busy, or while the network to it is away; EIO is what a lost share gives."""


def can_pass(error: BaseException) -> bool:
    """Whether the cause of an error can be gone a little later: a network inbox that is away, a file that is busy.

    A full or read-only disk, missing rights, a lock that another process holds, data or a configuration that cannot be
    used: all that stays until somebody does something. An EIO of our own store is a disk that breaks, and stays too.
    """
    if not isinstance(error, OSError):
        return False
    if error.errno is None:
        return isinstance(error, TimeoutError | ConnectionError)
    return error.errno in PASSING and not (isinstance(error, NotWritten) and error.errno == errno.EIO)
