"""Commits and reflogs, a constant number of git processes for any number of commits."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, cast

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.ids import Oid
from buildlog_git.errors import UsageError
from buildlog_git.gitio.run import Git, feed, first_line, unnamed_file

_FIELDS = ("%H", "%T", "%P", "%an", "%ae", "%at", "%cn", "%ce", "%ct", "%B")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS)
_CHUNK = 1 << 20
_HEAD = re.compile(r"= (?:[0-9a-f]{40}|[0-9a-f]{64})")
"""What begins a commit in a list of files."""


def read_commits(git: Git, *revisions: str, paths: Sequence[str] = ()) -> list[CommitMeta]:
    """Return the commits that ``revisions`` name, parents before children.

    Raises:
        UsageError: a revision is unknown.

    """
    with unnamed_file() as errors:
        process = git.popen(
            "log", "-z", _FORMAT, "--encoding=UTF-8", "--topo-order", "--no-color", "--no-notes",
            "--no-show-signature", "--no-decorate", *revisions, "--", *paths,
            stderr=errors.fileno(),
        )  # fmt: skip
        commits = list(_parse(process))
        if process.wait() != 0:
            errors.seek(0)
            raise UsageError(
                f"git cannot list {' '.join(revisions)}: {first_line(errors.read())}",
                slug="unknown-range",
                hint="a range is written as for git log: main, v1.0..HEAD, main...topic",
            )
    commits.reverse()
    return commits


def _parse(process: subprocess.Popen[bytes]) -> Iterator[CommitMeta]:
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    rest: list[str] = []
    carry = b""
    while chunk := process.stdout.read(_CHUNK):
        whole, end, carry = (carry + chunk).rpartition(b"\0")
        if not end:
            continue
        rest += whole.decode("utf-8", "surrogateescape").split("\0")
        count = len(rest) - len(rest) % len(_FIELDS)
        for at in range(0, count, len(_FIELDS)):
            yield _commit(rest[at : at + len(_FIELDS)])
        del rest[:count]
    process.stdout.close()


def _commit(fields: list[str]) -> CommitMeta:
    oid, tree, parents, name, email, authored, committer, address, committed, message = fields
    above = cast("tuple[Oid, ...]", tuple(parents.split()))
    return CommitMeta(
        Oid(oid), above, Oid(tree),
        name, email, _time(authored),
        committer, address, _time(committed), message,
    )  # fmt: skip


def _time(text: str) -> int:
    # A damaged date prints as nothing; such a commit is as old as can be.
    try:
        return int(text)
    except ValueError:
        return 0


class LogEntry(NamedTuple):
    """A line of HEAD's reflog: where HEAD was, where it went, and what git says of it."""

    old: Oid | None
    new: Oid
    message: str


def read_head_log(git: Git) -> list[LogEntry]:
    """Return HEAD's reflog, oldest first; empty where there is none."""
    done = git.run(
        "log", "-z", "--walk-reflogs", "--format=tformat:%H%x00%gs", "--no-color",
        "--no-show-signature", "HEAD", "--",
        check=False,
    )  # fmt: skip
    fields = done.stdout.decode("utf-8", "surrogateescape").split("\0")
    entries: list[LogEntry] = []
    previous: Oid | None = None
    for at in range((len(fields) - 1) // 2 * 2 - 2, -1, -2):
        new = Oid(fields[at])
        entries.append(LogEntry(previous, new, fields[at + 1]))
        previous = new
    return entries


def list_commits(git: Git, *revisions: str) -> frozenset[Oid]:
    """Return the ids of the commits that ``revisions`` name."""
    return frozenset(Oid(line) for line in git.lines("rev-list", *revisions, "--"))


def changed_paths(git: Git, paths: Sequence[str]) -> list[str]:
    """Return each path below ``paths`` once for each of HEAD's commits that changed it."""
    done = git.run(
        "log", "-z", "--format=tformat:", "--name-only", "--no-renames", "HEAD", "--", *paths,
        check=False,
    )  # fmt: skip
    names = done.stdout.decode("utf-8", "surrogateescape").replace("\n", "\0").split("\0")
    return [name for name in names if name]


def paths_changed_by(git: Git, commits: Iterable[Oid]) -> dict[Oid, frozenset[str]]:
    """Return the paths that each commit changed; those of a merge are not named.

    Commits that are not here are left out.
    """
    done = git.run(
        "-c", "log.showRoot=true",
        "log", "-z", "--no-walk=unsorted", "--ignore-missing", "--stdin", "--format=tformat:= %H",
        "--name-only", "--no-renames", "--no-color", "--no-show-signature", "--diff-merges=off",
        stdin=feed(commits), check=False,
    )  # fmt: skip
    found: dict[Oid, set[str]] = {}
    paths: set[str] = set()
    # After the format of a commit git writes a line break, and then its paths.
    for part in done.stdout.decode("utf-8", "surrogateescape").split("\0"):
        name = part.removeprefix("\n")
        if _HEAD.fullmatch(part):
            paths = found.setdefault(Oid(part[2:]), set())
        elif name:
            paths.add(name)
    return {oid: frozenset(names) for oid, names in found.items()}
