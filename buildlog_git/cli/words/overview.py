"""What ``stats`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import (
    command,
    counted,
    distance_text,
    interval_text,
    percent,
    safe,
)

if TYPE_CHECKING:
    from buildlog_git.core.stats import Mean
    from buildlog_git.core.streaks import Streak
    from buildlog_git.flows.overview import Overview
    from buildlog_git.render.page import Page


def write_overview(page: Page, overview: Overview) -> None:
    """Write the whole screen."""
    session = overview.session
    where = f"session {safe(session.id)} open on {safe(session.branch)}" if session else ""
    page.line((safe(overview.repository), "bold"), f"  {where or 'no session is open here'}")
    page.blank()
    _totals(page, overview)
    _coverage(page, overview)
    streaks = overview.streaks
    page.line(
        ("Streaks: ", "bold"),
        f"{_streak(streaks.days, 'day')} with a draft; {_streak(streaks.kept, 'draft')} kept",
    )
    if overview.warnings:
        page.blank()
    for warned in overview.warnings:
        page.sentence(f"{safe(warned.message)} ({command(safe(warned.hint))}).", "Warning:")


def _totals(page: Page, overview: Overview) -> None:
    totals = overview.totals
    page.line(
        ("Commits: ", "bold"),
        f"{totals.commits:,}, {totals.agent_commits:,} by agents; "
        f"{counted(totals.drafts, 'draft')}, {totals.measured:,} measured",
    )
    page.line(("Revision distance: ", "bold"), f"{_mean(totals.distance)} (0 = kept as written)")
    page.line(("Reward: ", "bold"), f"{_mean(totals.reward)} of {counted(totals.rewards, 'draft')}")
    page.line(("Sessions: ", "bold"), f"{totals.sessions:,}, {totals.open_sessions:,} open")
    page.line(("Mistakes: ", "bold"), f"{totals.mistakes:,}, {counted(totals.repeats, 'repeat')}")
    page.line(
        ("Rules: ", "bold"),
        f"{totals.rules_trial} on trial, {totals.rules_pinned} pinned, "
        f"{totals.rules_retired} retired",
    )
    page.line(("Ledger: ", "bold"), counted(totals.facts, "fact"))


def _mean(mean: Mean) -> str:
    interval = interval_text(mean.low, mean.high)
    return f"{distance_text(mean.mean)}{' ' if interval else ''}{interval}"


def _coverage(page: Page, overview: Overview) -> None:
    seen, totals = overview.coverage, overview.totals
    share = percent(totals.measured / totals.drafts) if totals.drafts else "none"
    unknown = "" if seen.unknown_share is None else f"; {percent(seen.unknown_share)} of commits"
    page.sentence(
        f"{share} of the drafts measured ({seen.settled} settled, {seen.provisional} provisional, "
        f"{seen.open} open, {seen.unmeasurable} not measurable)"
        f"{unknown + ' without a mark' if unknown else ''}.",
        "Coverage:",
    )


def _streak(streak: Streak, noun: str) -> str:
    return f"{counted(streak.current, noun)} (longest {streak.longest})"
