"""What went wrong where nobody was there to be told: a short log in the git directory."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.replacing import replace_file

LOG = f"{FOLDER}/log"
"""The log, below git's common directory."""
LINES = 50
"""Failures that are kept."""


class Fault(NamedTuple):
    """One failure: when (seconds since 1970), its slug, and what happened in one line."""

    at: int
    slug: str
    message: str


def record_fault(common_dir: Path, fault: Fault) -> None:
    """Write a failure down, if that is possible at all."""
    line = f"{fault.at} {fault.slug} {' '.join(fault.message.split())}"
    path = common_dir / LOG
    with suppress(OSError):
        kept = [*_lines(path), line][-LINES:]
        content = "".join(f"{one}\n" for one in kept)
        replace_file(path, content.encode("utf-8", "backslashreplace"))


def read_faults(common_dir: Path) -> list[Fault]:
    """Return the failures that were written down, oldest first."""
    faults = []
    for line in _lines(common_dir / LOG):
        at, _, rest = line.partition(" ")
        slug, _, message = rest.partition(" ")
        if at.isdigit():
            faults.append(Fault(int(at), slug, message))
    return faults


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
