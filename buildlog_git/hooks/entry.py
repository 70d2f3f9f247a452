"""``git buildlog drain``, as hooks start it: light to import, and silent whatever happens."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildlog_git.flows.context import Context
    from buildlog_git.flows.drain import Drained

PATIENCE = 5.0
"""Seconds that a drain which nobody waits for gives another one."""


def main(arguments: list[str]) -> int:
    """Drain the queue of the repository that we are in; return 0, always."""
    try:
        drained = _drain(Path())
        if drained is not None and "--summary" in arguments and sys.stdout.isatty():
            line = summary(drained)
            sys.stdout.write(f"{line}\n" if line else "")
    except Exception as error:  # noqa: BLE001 - a hook never fails
        record(Path(), error)
    return 0


def _drain(directory: Path) -> Drained | None:
    from buildlog_git.flows.context import open_context
    from buildlog_git.flows.drain import drain
    from buildlog_git.gitio.lock import Busy

    context = open_context(directory)
    try:
        drained = drain(context, patience=PATIENCE)
    except Busy:
        return None  # whoever holds the lock will look again before it goes
    if drained.draws:
        _start_learning(context)
    return drained


def _start_learning(context: Context) -> None:
    """Let a process of its own learn from the sessions, for the next draws; nobody waits for it."""
    from buildlog_git.flows.beliefs import are_stale

    if context.settings.learns and are_stale(context):
        from buildlog_git.gitio.detached import outside_hook, start_detached

        start_detached(
            [sys.executable, "-P", "-m", "buildlog_git", "learn", "--quiet"],
            outside_hook(os.environ),
        )


def summary(drained: Drained) -> str:
    """Return what the last commit did to agents' drafts in one line, empty where nothing."""
    said = _said(drained)
    rules = "1 rule" if drained.rules == 1 else f"{drained.rules} rules"
    if not said:
        return ""
    return f"buildlog: {said}; {rules} on trial" if drained.rules else f"buildlog: {said}"


def _said(drained: Drained) -> str:
    if drained.draft is not None:
        return f"{_lines(drained.draft.lines)} of {drained.draft.agent}'s on record"
    measured = [one for one in drained.judged if one.distance is not None]
    tokens = sum(one.tokens for one in measured)
    if not tokens:
        return ""
    lost = sum((one.distance or 0) * one.tokens for one in measured) / tokens
    agents = sorted({one.agent for one in measured})
    whose = f"{agents[0]}'s" if len(agents) == 1 else f"{len(agents)} agents'"
    lines = _lines(sum(one.lines for one in measured))
    return f"kept {round(100 * (1 - lost))} % of {whose} {lines}"


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def record(directory: Path, error: Exception) -> None:
    """Write down what went wrong in a hook, where there is a place for it."""
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
