"""Which files of two notes commits differ: git compares the trees and skips what is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.errors import GitError
from buildlog_git.gitio.notetree import Record, unreadable
from buildlog_git.gitio.run import feed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildlog_git.gitio.run import Git


class Difference(NamedTuple):
    """A path whose file is not the same on both sides; None where a side has none."""

    ours: Record | None
    theirs: Record | None

    @property
    def path(self) -> bytes:
        """Where it lies."""
        record = self.ours or self.theirs
        assert record is not None  # noqa: S101 - git lists no path that neither side has
        return record.path


def differences(git: Git, ours: Oid, theirs: Oid) -> list[Difference]:
    """Return the files in which two commits differ, at the cost of what differs.

    Raises:
        LedgerError: a tree cannot be read.

    """
    try:
        out = git.out(
            "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", ours, theirs, "--"
        )
    except GitError as error:
        raise unreadable(error.message) from error
    fields = out.split(b"\0")[:-1]
    return [_difference(about, path) for about, path in zip(fields[::2], fields[1::2], strict=True)]


def _difference(about: bytes, path: bytes) -> Difference:
    """Read ``:<mode> <mode> <object> <object> <status>``; a mode of zeros is no file."""
    old_mode, new_mode, old, new, _ = about.removeprefix(b":").split(b" ")
    sides = [
        Record(mode, path, Oid(oid.decode("ascii"))) if mode.strip(b"0") else None
        for mode, oid in ((old_mode, old), (new_mode, new))
    ]
    return Difference(*sides)


def reversed_side(one: Difference) -> Difference:
    """Return a difference as the other side sees it."""
    return Difference(one.theirs, one.ours)


def is_ancestor(git: Git, old: Oid, new: Oid) -> bool:
    """Return whether the history of ``new`` contains ``old``."""
    return git.ok("merge-base", "--is-ancestor", old, new)


def merge_base(git: Git, one: Oid, other: Oid) -> Oid | None:
    """Return a newest commit that both histories contain, None where there is none."""
    done = git.run("merge-base", one, other, check=False)
    return Oid(done.stdout.decode("ascii").strip()) if done.returncode == 0 else None


def has_held(git: Git, tip: Oid, paths: Sequence[str]) -> bool:
    """Return whether any commit in the history of ``tip`` changed one of the files ``paths``."""
    if not paths:
        return False
    asked = feed([tip, "--", *paths])
    literal = git.with_env(GIT_LITERAL_PATHSPECS="1")
    return bool(literal.out("rev-list", "-1", "--full-history", "--stdin", stdin=asked))


def file_at(git: Git, commit: Oid | None, path: bytes) -> Record | None:
    """Return what lies at ``path`` in a commit, None where nothing does."""
    if commit is None:
        return None
    name = path.decode("utf-8", "surrogateescape")
    out = git.with_env(GIT_LITERAL_PATHSPECS="1").out("ls-tree", "-z", "--full-tree", commit, name)
    if not out:
        return None
    mode, _, oid = out.partition(b"\t")[0].split(b" ")
    return Record(mode, path, Oid(oid.decode("ascii")))
