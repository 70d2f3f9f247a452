"""What ``learn`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import counted, listed, safe

if TYPE_CHECKING:
    from buildlog_git.flows.lesson import Kept
    from buildlog_git.render.page import Page


def write_kept(page: Page, kept: Kept) -> None:
    """Say on what the next draws rest."""
    page.sentence(
        f"Learned from {counted(kept.sessions, 'session')} with "
        f"{counted(kept.rewards, 'reward')}, {kept.randomised:,} of them randomised."
    )
    if not kept.ranked:
        page.sentence("That is too little to prefer any rule: the next draws are uniform.")
        return
    classes = f", and of its own for {listed([safe(name) for name in kept.classes])}"
    page.sentence(
        f"The next draws know of {counted(kept.rules, 'rule')} on trial"
        f"{classes if kept.classes else ''}."
    )
