"""Locks that the kernel frees when their holder dies, so that none is ever left behind."""

from __future__ import annotations

import os
import time
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
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= deadline:
                    raise Busy from error
                time.sleep(0.01)
        yield
    finally:
        os.close(file)


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
