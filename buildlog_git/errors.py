"""Errors that a person can act on: what happened and why, a hint, a stable slug, an exit code.

The message is one line. The slug never changes once released, so that a script can test for
it and a page can explain it. Exit codes: 1 a check failed, 2 wrong usage, 3 too little data,
4 not pushed, 128 not a repository or a failure of git.
"""

from __future__ import annotations


class BuildlogError(Exception):
    """A failure that the command line shows as one line, with a hint below it."""

    exit_code = 128

    def __init__(self, message: str, *, slug: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.slug = slug
        self.hint = hint


class UsageError(BuildlogError):
    """The command was asked for something that cannot be, such as an unknown range."""

    exit_code = 2


class GitError(BuildlogError):
    """Git is missing, refused, or the place is not a repository."""

    exit_code = 128


class LedgerError(BuildlogError):
    """The ledger could not be read or written; nothing in it was changed."""

    exit_code = 128


class CheckFailed(BuildlogError):  # noqa: N818 - it names an outcome that exits with 1
    """A check that the user asked for did not hold."""

    exit_code = 1


class NotPushed(BuildlogError):  # noqa: N818 - it names an outcome that exits with 4
    """What others have is here, but what we have could not be given to them."""

    exit_code = 4
