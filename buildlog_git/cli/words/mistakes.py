"""What ``mistake`` and ``mistakes`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.moments import day_of
from buildlog_git.render.words import counted, listed, safe

if TYPE_CHECKING:
    from buildlog_git.flows.mistakes import LoggedMistake, MistakeItem, MistakeList
    from buildlog_git.render.page import Page


def write_logged(page: Page, logged: LoggedMistake) -> None:
    """Say what was written down, and what it repeats."""
    how = "This session has it already" if logged.already else "Logged"
    page.line(
        (f"{how}: ", "bold"), (logged.mistake_id, "yellow"),
        f"  {safe(logged.error_class)}: {safe(logged.mistake.description)}",
    )  # fmt: skip
    if logged.rules:
        page.sentence(f"{listed([safe(rule) for rule in logged.rules])}.", "Rules that were on:")
    else:
        page.sentence("none.", "Rules that were on:")
    if logged.mistake.corrected_by:
        page.sentence(f"{safe(logged.mistake.corrected_by)}.", "Rule that would prevent it:")
    if logged.was_repeat:
        page.sentence(_prior(logged.similar_prior or "", logged.prior), "Made before:")


def _prior(name: str, prior: MistakeItem | None) -> str:
    if prior is None:
        return f"{safe(name)}."
    where = f"in session {safe(prior.session_id)}" if prior.session_id else "in no known session"
    return f'{prior.mistake_id} of {day_of(prior.at)} {where}: "{safe(prior.description)}"'


def write_mistakes(page: Page, mistakes: MistakeList) -> None:
    """Write the mistakes, a line each."""
    if not mistakes.total:
        page.sentence("No such mistakes are known.")
        return
    page.line(
        ("Mistakes: ", "bold"),
        f"{mistakes.total:,}, {counted(mistakes.repeated, 'repeat')}",
    )
    for item in mistakes.mistakes:
        page.blank()
        page.line(
            (item.mistake_id, "yellow"), f"  {day_of(item.at)}  ", (safe(item.error_class), "cyan"),
            f"  session {safe(item.session_id)}" if item.session_id else "",
            f"  repeats {safe(item.similar_prior)}" if item.similar_prior else "",
        )  # fmt: skip
        page.sentence(safe(item.description))
