"""Why the notes could not be written: errors with what a person can do about them."""

from __future__ import annotations

import re

from buildlog_git.errors import LedgerError
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.run import first_line

_REFUSED = (
    rb"(?i)permission denied|read-only file system|operation not permitted|insufficient permission"
)


def failed(err: bytes) -> LedgerError:
    """Return the error that git's own words stand for."""
    reason = first_line(err)
    if re.search(_REFUSED, err):
        return read_only(reason)
    return LedgerError(
        f"the ledger could not be written: {reason}",
        slug="ledger-write-failed",
        hint="free some disk space, or run git fsck",
    )


def read_only(reason: str) -> LedgerError:
    """Return the error that says that we may not write."""
    return LedgerError(
        f"the ledger cannot be written here: {reason}",
        slug="ledger-read-only",
        hint="make the repository's git directory writable for you",
    )


def busy(reason: str) -> LedgerError:
    """Return the error that says why nothing could be written now."""
    return LedgerError(
        f"the ledger is busy: {reason}",
        slug="ledger-busy",
        hint=f"try again; if it stays so, see whether a {REF}.lock lies in the git directory",
    )
