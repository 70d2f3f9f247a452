"""Blobs that a repository lacks, and stand-ins that let git go on without them.

A partial clone, a damaged or a filtered copy lacks blobs, and git stops at the first that a
patch needs. A stand-in is a loose object at the missing id with a binary content, in a folder
of our own that git is told to look in: git then reports just those files as binary, and the
repository itself never sees it.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

from buildlog_git.gitio.run import Git


def missing_blobs(git: Git) -> list[str]:
    """Return the ids of the blobs that any ref or reflog needs and the repository lacks."""
    # A reflog may name commits that are gone; then it is left out.
    for tips in (("--reflog", "--all"), ("--all",)):
        found = git.run("rev-list", "--objects", "--missing=print", *tips, check=False)
        if found.returncode == 0:
            lines = found.stdout.decode("utf-8", "surrogateescape").split("\n")
            return [line[1:] for line in lines if line[:1] == "?"]
    return []


def write_stand_ins(oids: Iterable[str], folder: Path) -> None:
    """Write a binary stand-in for each blob into ``folder``, laid out as an object store."""
    for oid in oids:
        place = folder / oid[:2]
        place.mkdir(exist_ok=True)
        body = b"\0" + oid.encode()  # a NUL byte makes it binary
        (place / oid[2:]).write_bytes(zlib.compress(b"blob %d\0%b" % (len(body), body)))
