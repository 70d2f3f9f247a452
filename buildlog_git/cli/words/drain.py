"""What a drain did, in words."""

from __future__ import annotations

from buildlog_git.flows.drain import Drained
from buildlog_git.render.page import Page
from buildlog_git.render.words import counted


def write_drained(page: Page, drained: Drained) -> None:
    """Write what a drain did."""
    if not (drained.signals or drained.moves or drained.full):
        page.sentence("Nothing was waiting.")
        return
    page.sentence(
        f"Read {counted(drained.signals, 'signal')} of hooks and "
        f"{counted(drained.moves, 'line')} of HEAD's reflogs; "
        f"wrote {counted(drained.written, 'new fact')} to refs/notes/buildlog."
    )
    if drained.full:
        page.sentence("All of history was looked at.")
