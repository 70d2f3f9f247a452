"""Which commits are still reached, and what of a commit survives a rewrite of all history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.gitio.keep import KEEP
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.run import Git, feed, unnamed_file

_OWN = (REF.rpartition("/")[0], "refs/notes-sync", KEEP.rpartition("/")[0], "refs/original")
"""Refs that do not say that a commit is part of anybody's work: notes, what we keep readable
ourselves, and what filter-branch leaves of the history that it replaced."""

REACHED = (*(f"--exclude={folder}/*" for folder in _OWN), "--all")
"""The arguments that name all commits which a branch, a tag or HEAD reaches."""
ON_BRANCHES = ("--branches", "--remotes")
"""Those which a branch reaches: where history was rewritten, tags may hold what was before."""

MAPS = ("filter-repo/commit-map",)
"""Below git's directory: what ``git filter-repo`` says became of each commit."""


def unreached(
    git: Git, commits: Collection[Oid], refs: Collection[str] = REACHED
) -> frozenset[Oid]:
    """Return those of ``commits`` (which must be here) that none of ``refs`` reaches."""
    if not commits:
        return frozenset()
    lines = git.lines("rev-list", "--stdin", "--not", *refs, stdin=feed(sorted(commits)))
    return frozenset(commits) & frozenset(map(Oid, lines))


def patch_ids(git: Git, commits: Collection[Oid]) -> dict[Oid, str]:
    """Return what each commit changes, as ``git patch-id --stable`` names it.

    A commit that changes nothing, or a merge, has no such name.
    """
    if not commits:
        return {}
    with unnamed_file() as names:
        names.write(feed(sorted(commits)))
        names.seek(0)
        patches = git.popen(
            "diff-tree", "--stdin", "-p", "-r", "--root", "--no-ext-diff", "--no-textconv",
            "--no-renames", "--full-index",
            stdin=names.fileno(),
        )  # fmt: skip
    assert patches.stdout is not None  # noqa: S101 - popen promises a pipe
    with patches, git.popen("patch-id", "--stable", stdin=patches.stdout.fileno()) as process:
        out, _ = process.communicate()
    found = {}
    for line in out.decode("ascii").splitlines():
        patch, _, commit = line.partition(" ")
        found[Oid(commit)] = patch
    return found


def mapped(common_dir: Path) -> Mapping[Oid, Oid]:
    """Return what a tool that rewrote history says became of its commits; dropped ones are out."""
    found: dict[Oid, Oid] = {}
    for name in MAPS:
        try:
            text = (common_dir / name).read_text("ascii", "replace")
        except OSError:
            continue
        found |= dict(_pairs(text))
    return found


def _pairs(text: str) -> Iterator[tuple[Oid, Oid]]:
    for line in text.splitlines():
        try:
            old, new = map(parse_oid, line.split())
        except ValueError:  # the heading, or what somebody wrote into it
            continue
        if old != new and new.strip("0"):
            yield old, new
