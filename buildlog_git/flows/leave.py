"""What is left to do when the hooks are out: read what they had queued, and tidy up.

What is thrown away can be found again in history. Sessions, the clone's id and signals that
could not be read stay.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from buildlog_git.errors import BuildlogError
from buildlog_git.flows.context import Context
from buildlog_git.flows.drain import drain
from buildlog_git.flows.fetched import MEMORY
from buildlog_git.flows.news import LOCK
from buildlog_git.flows.sync import LOCK as SYNC_LOCK
from buildlog_git.gitio.faults import LOG
from buildlog_git.gitio.lock import Busy
from buildlog_git.gitio.queue import FOLDER, Queue
from buildlog_git.ledger.local import FILE


def leave(context: Context) -> bool:
    """Drain a last time and remove what only the drain needs; return whether that was all."""
    common = context.repo.common_dir
    queue = Queue(common)
    try:
        if queue.waiting():
            drain(context)
    except (Busy, BuildlogError, OSError, sqlite3.Error):
        return False
    if queue.waiting():  # a hook that ran on meanwhile
        return False
    queue.forget_read()
    for name in (FILE, f"{FILE}-journal", LOCK, LOG, MEMORY, SYNC_LOCK):
        with suppress(OSError):
            (common / name).unlink()
    with suppress(OSError):  # what is not ours to throw away keeps it
        (common / FOLDER).rmdir()
    return True
