"""Reads what hooks have queued, and unites what a fetch has brought, before anybody asks."""

from __future__ import annotations

from sqlite3 import Error
from typing import NamedTuple

from buildlog_git.errors import BuildlogError
from buildlog_git.flows.context import Context
from buildlog_git.flows.drain import drain, is_live
from buildlog_git.flows.fetched import unite_fetched
from buildlog_git.gitio.lock import Busy


class Behind(NamedTuple):
    """Why the last facts are not in yet; what the ledger has is sound all the same."""

    message: str
    slug: str
    hint: str = ""


def refresh(context: Context) -> Behind | None:
    """Take in all that waits, so that nobody sees stale facts; return what stood in the way."""
    behind = _drained(context) if is_live(context.repo.common_dir) else None
    try:
        unite_fetched(context)
    except BuildlogError as error:
        message = f"what was fetched is not in yet: {error}"
        return behind or Behind(message, error.slug, "see: git buildlog sync")
    return behind


def _drained(context: Context) -> Behind | None:
    try:
        drain(context)
    except Busy:
        return Behind("another process is still at work on the last commits", "drain-busy")
    except (BuildlogError, OSError, Error) as error:
        return Behind(
            f"the last commits are not in yet: {error}", "drain-failed", "see: git buildlog doctor"
        )
    return None
