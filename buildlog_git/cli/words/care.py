"""What ``compact`` and ``forget`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.refspecs import NOTES
from buildlog_git.render.words import command, counted, listed, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.compact import Compacted
    from buildlog_git.flows.forget import Forgotten
    from buildlog_git.render.page import Page


def write_compacted(page: Page, done: Compacted) -> None:
    """Say what was saved."""
    if done.tip is None:
        page.sentence("There is no ledger yet; git buildlog init makes one.")
    elif not done.notes:
        page.sentence("Nothing to drop: every line is needed.")
    else:
        verb = "Would write" if done.dry_run else "Wrote"
        page.sentence(
            f"{verb} {counted(done.notes, 'note')} anew: {counted(done.lines, 'line')} and "
            f"{counted(done.bytes, 'byte')} less."
        )


def write_forgotten(page: Page, done: Forgotten) -> None:
    """Say what is gone, and what only the user can do."""
    if not done.notes:
        page.sentence("Nothing is stored about that.")
        _undated(page, done)
        return
    what = counted(done.events, "event")
    if done.unreadable:
        what += f" and {counted(done.unreadable, 'line')} that cannot be read"
    notes = counted(done.notes, "note")
    if done.dry_run:
        page.sentence(f"Would forget {what} of {notes}.")
        _undated(page, done)
        return
    page.sentence(f"Forgot {what} of {notes}; their text is in no commit of the notes ref.")
    _undated(page, done)
    _still_there(page, done)


def _undated(page: Page, done: Forgotten) -> None:
    if done.undated:
        page.sentence(
            f"{counted(done.undated, 'line')} without a date that can be read "
            f"{'stays' if done.undated == 1 else 'stay'}.",
            "Also:",
        )


def _still_there(page: Page, done: Forgotten) -> None:
    if done.held:
        names = listed([safe(name) for name in done.held])
        page.sentence(f"the old notes are still reached by {names}.", "Still:")
    page.sentence(f"delete the old objects here: {command('git gc --prune=now')}", "Next:")
    for remote in done.remotes:
        page.line("Next: replace them on the remote, once:")
        page.line(f"  git push --force-with-lease={NOTES}:{done.before} {safe(remote)} {NOTES}")
    page.sentence(
        "In other clones the tombstones keep out what was forgotten, but the old objects stay "
        "there until git collects them; a forge may keep them longer."
    )
    if done.before and done.tip:
        page.line(f"{short(done.before)} -> {short(done.tip)}")
