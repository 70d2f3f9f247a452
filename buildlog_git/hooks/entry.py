"""``git buildlog drain``, as hooks start it: light to import, and silent whatever happens."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildlog_git.flows.drain import Drained

PATIENCE = 5.0
"""Seconds that a drain which nobody waits for gives another one."""


def main(arguments: list[str]) -> int:
    """Drain the queue of the repository that we are in; return 0, always."""
    try:
        drained = _drain(Path())
        if drained is not None and "--summary" in arguments and sys.stderr.isatty():
            _summarise(drained)
    except Exception as error:  # noqa: BLE001 - a hook never fails
        _record(Path(), error)
    return 0


def _drain(directory: Path) -> Drained | None:
    from buildlog_git.flows.context import open_context
    from buildlog_git.flows.drain import drain
    from buildlog_git.gitio.lock import Busy

    context = open_context(directory)
    try:
        return drain(context, patience=PATIENCE)
    except Busy:
        return None  # whoever holds the lock will look again before it goes


def _summarise(drained: Drained) -> None:
    del drained


def _record(directory: Path, error: Exception) -> None:
    from buildlog_git.errors import BuildlogError
    from buildlog_git.gitio.faults import Fault, record_fault
    from buildlog_git.gitio.repo import open_repo

    try:
        common_dir = open_repo(directory).common_dir
    except BuildlogError:
        return  # there is no place to write to
    slug = error.slug if isinstance(error, BuildlogError) else "unexpected"
    message = str(error) or type(error).__name__
    record_fault(common_dir, Fault(int(time.time()), slug, message))
