"""A progress bar for a person who waits: on standard error, at a terminal, after two seconds."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from buildlog_git.cli.output import is_terminal
from buildlog_git.flows.context import Progress, silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

PATIENCE = 2.0
"""Seconds that nobody minds to wait without a sign."""


class _Bar:
    """Counts silently at first and draws when it takes long."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.rich: RichProgress | None = None
        self.task: TaskID | None = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if self.rich is None:
            if time.monotonic() - self.started < PATIENCE:
                return
            self.rich = _rich_bar()
            self.rich.start()
            self.task = self.rich.add_task(what, total=None)
        assert self.task is not None  # noqa: S101 - it is made with the bar
        self.rich.update(self.task, description=what, completed=done, total=total or None)

    def stop(self) -> None:
        if self.rich is not None:
            self.rich.stop()


def _rich_bar() -> RichProgress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """Provide the callback for flows; the bar is gone when the block ends, however it ends."""
    if not is_terminal(sys.stderr) or os.environ.get("TERM") == "dumb":
        yield silent
        return
    bar = _Bar()
    try:
        yield bar
    finally:
        bar.stop()
