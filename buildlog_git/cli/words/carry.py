"""What ``carry`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.page import Column
from buildlog_git.render.words import counted, distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.carry import Carried
    from buildlog_git.render.page import Page


def write_carried(page: Page, done: Carried) -> None:
    """Say which drafts live on, and how much of them was revised by then."""
    if done.contained:
        page.sentence(
            f"Nothing to carry: {short(done.target)} contains {short(done.head)} by its history."
        )
        return
    if not done.drafts:
        page.sentence(
            f"Nothing to carry: of {counted(done.commits, 'commit')} none is a draft that lives "
            f"on in {short(done.target)}."
        )
        return
    page.sentence(
        f"{counted(len(done.drafts), 'draft')} of {counted(done.commits, 'commit')} "
        f"{'lives' if len(done.drafts) == 1 else 'live'} on in {short(done.target)}."
    )
    columns = [
        Column("DRAFT", style="yellow"),
        Column("LINES", right=True),
        Column("DISTANCE", right=True),
        Column("AGENT"),
    ]
    rows = [
        (short(draft.commit), f"{draft.lines:,}", distance_text(draft.distance), safe(draft.agent))
        for draft in done.drafts
    ]
    page.table(columns, rows)
    page.sentence(
        f"Written: {counted(done.written, 'event')}; {done.already:,} were there already."
    )
