"""Reads what hooks have queued before anybody asks, so that nobody sees stale facts."""

from __future__ import annotations

from sqlite3 import Error
from typing import NamedTuple

from buildlog_git.errors import BuildlogError
from buildlog_git.flows.context import Context
from buildlog_git.flows.drain import drain, is_live
from buildlog_git.gitio.lock import Busy


class Behind(NamedTuple):
    """Why the last commits are not in yet; what the ledger has is sound all the same."""

    message: str
    slug: str
    hint: str = ""


def refresh(context: Context) -> Behind | None:
    """Drain the queue where hooks are at work; return what stood in the way, if anything did."""
    if not is_live(context.repo.common_dir):
        return None
    try:
        drain(context)
    except Busy:
        return Behind("another process is still at work on the last commits", "drain-busy")
    except (BuildlogError, OSError, Error) as error:
        return Behind(
            f"the last commits are not in yet: {error}", "drain-failed", "see: git buildlog doctor"
        )
    return None
