"""What ``experiment`` and ``session metrics`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.metrics import AGGREGATE
from buildlog_git.render.answer import write_answer
from buildlog_git.render.page import Column
from buildlog_git.render.words import counted, distance_text, interval_text, percent, safe

if TYPE_CHECKING:
    from buildlog_git.core.experiment import ExperimentReport, RuleRow
    from buildlog_git.core.metrics import Metrics, SessionMetrics
    from buildlog_git.core.stats import Mean
    from buildlog_git.render.page import Page

SHOWN = 10
"""Sessions in words; JSON has all."""


def write_metrics(page: Page, metrics: Metrics) -> None:
    """Write the numbers of one session, or of all and each."""
    everything = metrics.session_id == AGGREGATE
    if everything and not metrics.sessions and not metrics.total_mistakes:
        page.sentence("There are no sessions yet.")
        return
    name = f"All {counted(len(metrics.sessions), 'session')}" if everything else "Session "
    page.line((name, "bold"), ("" if everything else metrics.session_id, "yellow"))
    page.line(
        ("Mistakes: ", "bold"),
        f"{metrics.total_mistakes:,}, {counted(metrics.repeated_mistakes, 'repeat')} "
        f"({percent(metrics.repeated_mistake_rate)})",
    )
    page.line(
        ("Rules: ", "bold"),
        f"{metrics.rules_at_start} at the start, {metrics.rules_at_end} at the end "
        f"({metrics.rules_added:+d})",
    )
    if everything and metrics.sessions:
        page.blank()
        _sessions(page, metrics.sessions)


def _sessions(page: Page, sessions: tuple[SessionMetrics, ...]) -> None:
    columns = (
        Column("SESSION", style="yellow"), Column("MISTAKES", right=True),
        Column("REPEATS", right=True), Column("RATE", right=True),
        Column("RULES AT START", right=True), Column("AT END", right=True),
        Column("ADDED", right=True),
    )  # fmt: skip
    page.table(
        columns,
        (
            (
                item.session_id, str(item.total_mistakes), str(item.repeated_mistakes),
                percent(item.repeated_mistake_rate) if item.total_mistakes else "-",
                str(item.rules_at_start), str(item.rules_at_end), f"{item.rules_added:+d}",
            )
            for item in reversed(sessions)
        ),
    )  # fmt: skip


def write_experiment(page: Page, report: ExperimentReport) -> None:
    """Write the report of all sessions."""
    summary = report.summary
    if not summary.total_sessions and not summary.total_mistakes and not report.rewards:
        page.sentence("There are no sessions yet, and no drafts that anything has judged.")
        return
    page.line(
        ("Sessions: ", "bold"),
        f"{summary.total_sessions:,}, with {counted(summary.total_mistakes, 'mistake')}, "
        f"{counted(summary.total_repeated, 'repeat')}{_rate(summary.repeat_rate)}",
    )
    page.line(("Reward: ", "bold"), _reward(summary.reward))
    _newest(page, report)
    _classes(page, report)
    _rules(page, report)


def _rate(rate: Mean) -> str:
    if rate.mean is None:
        return ""
    interval = interval_text(rate.low, rate.high)
    return f" ({percent(rate.mean)}{' ' if interval else ''}{interval})"


def _reward(mean: Mean) -> str:
    if mean.mean is None:
        return "no draft has one yet"
    interval = interval_text(mean.low, mean.high) or "(too few for an interval)"
    return f"{distance_text(mean.mean)} {interval} of {counted(mean.n, 'draft')}; 1 = all was kept"


def _newest(page: Page, report: ExperimentReport) -> None:
    if not report.sessions:
        return
    page.blank()
    columns = (
        Column("SESSION", style="yellow"), Column("DAY"), Column("CLASS"),
        Column("MISTAKES", right=True), Column("REPEATS", right=True),
        Column("REWARD", right=True), Column("ARM"), Column("RULES", right=True),
    )  # fmt: skip
    page.table(
        columns,
        (
            (
                item.session_id, item.started_at[:10], safe(item.error_class),
                str(item.total_mistakes), str(item.repeated_mistakes), distance_text(item.reward),
                item.arm, str(len(item.rules)),
            )
            for item in report.sessions[: -SHOWN - 1 : -1]
        ),
    )  # fmt: skip
    more = len(report.sessions) - SHOWN
    if more > 0:
        page.line(f"and {counted(more, 'earlier session')} (--json has all)")


def _classes(page: Page, report: ExperimentReport) -> None:
    names = sorted(report.error_classes.keys() | report.rewards.keys())
    if not names:
        return
    page.blank()
    columns = (
        Column("CLASS", style="cyan"), Column("MISTAKES", right=True),
        Column("REPEATS", right=True), Column("95 % INTERVAL"), Column("DRAFTS", right=True),
        Column("REWARD", right=True), Column("95 % INTERVAL"),
    )  # fmt: skip
    page.table(columns, (_class(report, name) for name in names))


def _class(report: ExperimentReport, name: str) -> tuple[str, ...]:
    mistakes, reward = report.error_classes.get(name), report.rewards.get(name)
    told = ("0", "-", "")
    if mistakes is not None:
        share = percent(mistakes.rate.mean or 0.0)
        interval = interval_text(mistakes.rate.low, mistakes.rate.high)
        told = (str(mistakes.total), f"{mistakes.repeated} ({share})", interval)
    worth = ("0", "-", "")
    if reward is not None:
        interval = interval_text(reward.low, reward.high)
        worth = (str(reward.n), distance_text(reward.mean), interval)
    return (safe(name), *told, *worth)


def _rules(page: Page, report: ExperimentReport) -> None:
    if not report.rules:
        return
    page.blank()
    columns = (
        Column("RULE", style="cyan"), Column("SESSIONS ON", right=True), Column("OFF", right=True),
        Column("FORCED", right=True), Column("DRAFTS ON", right=True), Column("OFF", right=True),
        Column("MISTAKES ON", right=True), Column("OFF", right=True),
    )  # fmt: skip
    page.table(columns, (_rule(name, row) for name, row in report.rules.items()))
    if report.learned is not None:
        page.blank()
        write_answer(page, report.learned)


def _rule(name: str, row: RuleRow) -> tuple[str, ...]:
    numbers = (
        row.sessions_on, row.sessions_off, row.forced, row.rewards_on, row.rewards_off,
        row.mistakes_on, row.mistakes_off,
    )  # fmt: skip
    return (safe(name), *map(str, numbers))
