"""Locks that the kernel frees when their holder dies, so that none is ever left behind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Busy(Exception):  # noqa: N818 - it says what is, and is always caught
    """Another process held the lock for all of the patience."""


@contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock on ``path`` (made where it is missing) for as long as the block runs.

    ``patience`` is how many seconds to wait for another holder.

    Raises:
        Busy: it was in vain.
        OSError: the file cannot be made.

    """
    path.parent.mkdir(exist_ok=True)
    try:
        import fcntl
    except ImportError:  # Windows
        with _locked_elsewhere(path, patience):
            yield
        return
    # The group may write, as in a repository that its members share.
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o664)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if patience <= 0 or not _queued(file, patience):
                raise Busy from error
        yield
    finally:
        os.close(file)


def _queued(file: int, patience: float) -> bool:
    """Wait in the kernel's queue, and return whether it was our turn in time.

    Who asks again and again instead is served by chance: of sixteen that write all the time, some
    wait for ever. The kernel knows no time limit, so that a thread waits; its copy of the
    descriptor is the same lock, which is free as soon as both are closed.
    """
    from fcntl import LOCK_EX, flock
    from threading import Thread

    copy = os.dup(file)

    def wait() -> None:
        try:
            flock(copy, LOCK_EX)
        finally:
            os.close(copy)

    waiter = Thread(target=wait, daemon=True)
    waiter.start()
    waiter.join(patience)
    return not waiter.is_alive()


@contextmanager
def _locked_elsewhere(path: Path, patience: float) -> Iterator[None]:
    # Importing it costs three times what a bare interpreter does: not where it is not needed.
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire(poll_interval=0.01)
    except Timeout as error:
        raise Busy from error
    try:
        yield
    finally:
        lock.release()
