"""The state of everything on one screen: totals, coverage, streaks, warnings.

The numbers are those of the report, the rewards and the sessions; nothing is measured in
another way here, and nothing is counted by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from buildlog_git.core.experiment import mean_reward
from buildlog_git.core.moments import DAY
from buildlog_git.core.report import Coverage, DraftItem, Report
from buildlog_git.core.stats import Mean
from buildlog_git.core.streaks import Streak, day_streak, run_streak
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import report_on
from buildlog_git.flows.rewards import rewards_on
from buildlog_git.flows.rules import Rules, read_rules
from buildlog_git.flows.selection import select
from buildlog_git.flows.session_view import SessionsView
from buildlog_git.flows.status import OpenSession, Status, look

QUIET_DAYS = 7
"""Days without a draft after which it is said."""
LONG = 3600
"""Seconds that a signal may wait."""
MUCH_UNKNOWN = 0.5
"""Share of commits without a mark above which it is said."""
_WORKING = frozenset({"active", "behind", "by-hand"})


@dataclass(frozen=True, slots=True)
class Totals:
    """What there is; ``distance`` and ``reward`` are means with their 95 % intervals.

    Commits, drafts and rewards are those of HEAD's history, sessions and mistakes all that are
    known. ``facts`` are the events in the ledger.
    """

    commits: int
    agent_commits: int
    drafts: int
    measured: int
    distance: Mean
    rewards: int
    reward: Mean
    sessions: int
    open_sessions: int
    mistakes: int
    repeats: int
    rules_pinned: int
    rules_trial: int
    rules_retired: int
    facts: int


@dataclass(frozen=True, slots=True)
class Streaks:
    """``days`` (UTC) in a row with a draft; drafts in a row that people ``kept`` as they were."""

    days: Streak
    kept: Streak


@dataclass(frozen=True, slots=True)
class Warned:
    """Something that wants attention, and what to do about it."""

    slug: str
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole screen; ``session`` is the open one here, null where there is none."""

    repository: str
    branch: str | None
    session: OpenSession | None
    totals: Totals
    coverage: Coverage
    streaks: Streaks
    warnings: tuple[Warned, ...]


def make_overview(context: Context, *, stored: bool = False) -> Overview:
    """Return the state of everything.

    What no scan has written yet is looked up; with ``stored`` only the ledger is asked.
    """
    view = SessionsView(context, stored=stored)
    ledger = context.ledger.read()
    selection = select(context, (), view.history)
    report = report_on(
        context, selection, view.experiment, view.history, damaged=len(ledger.damaged)
    )
    rewards = rewards_on(selection, view.experiment, report).rewards
    rules, status = read_rules(context.repo.top), look(context)
    states = Counter(rule.state for rule in rules.rules)
    open_sessions = sum(record.end is None for record in view.experiment.sessions)
    return Overview(
        repository=context.repo.name,
        branch=status.session.branch if status.session else None,
        session=status.session,
        totals=Totals(
            commits=report.commits.total,
            agent_commits=report.commits.agent,
            drafts=len(report.drafts),
            measured=report.distance.n,
            distance=report.distance,
            rewards=sum(item.reward is not None for item in rewards),
            reward=mean_reward(rewards),
            sessions=len(view.experiment.sessions),
            open_sessions=open_sessions,
            mistakes=len(view.experiment.mistakes),
            repeats=len(view.repeated),
            rules_pinned=states["pinned"],
            rules_trial=states["trial"],
            rules_retired=states["retired"],
            facts=len(ledger.by_id),
        ),
        coverage=report.coverage,
        streaks=_streaks(report, context.now),
        warnings=tuple(_warnings(context, report, rules, status)),
    )


def _streaks(report: Report, now: int) -> Streaks:
    by_time = sorted(report.drafts, key=lambda item: (item.at, item.commit))
    judged = [item for item in by_time if item.state != "open" and item.outcome != "unmeasurable"]
    return Streaks(
        day_streak((item.at // DAY for item in by_time), now // DAY),
        run_streak(item.outcome == "accepted" for item in judged),
    )


def _warnings(context: Context, report: Report, rules: Rules, status: Status) -> Iterator[Warned]:
    yield from _of_hooks(status)
    yield from _of_coverage(report.coverage)
    yield from _of_time(report.drafts, context.now)
    for problem in rules.problems:
        yield Warned("bad-rule", problem, "the file is not read; correct it")
    if not any(rule.state == "trial" for rule in rules.rules):
        yield Warned(
            "no-trial", "no rule is on trial, so that nothing can be learnt about rules",
            "put rules into .buildlog/rules",
        )  # fmt: skip


def _of_hooks(status: Status) -> Iterator[Warned]:
    if not status.installed:
        yield Warned(
            "no-hooks", "no hooks are installed: nothing is followed by itself",
            "git buildlog install",
        )  # fmt: skip
    broken = [hook.event for hook in status.hooks if hook.state not in _WORKING]
    if broken:
        yield Warned(
            "broken-hooks", f"hooks do not work: {', '.join(broken)}", "git buildlog doctor"
        )
    if (status.waiting.seconds or 0) > LONG:
        yield Warned(
            "waiting", f"{status.waiting.signals} signals of hooks wait for more than an hour",
            "git buildlog drain",
        )  # fmt: skip
    if status.failure is not None:
        failure = status.failure
        yield Warned(failure.slug, f"the last problem: {failure.message}", "git buildlog doctor")


def _of_coverage(seen: Coverage) -> Iterator[Warned]:
    if seen.damaged:
        yield Warned(
            "damaged", f"lines of the ledger cannot be read: {seen.damaged}", "git buildlog check"
        )
    if seen.shallow:
        yield Warned(
            "shallow", "the history is shallow: older drafts are missing",
            "git fetch --unshallow",
        )  # fmt: skip
    if seen.unscanned:
        yield Warned(
            "unscanned", f"commits of agents that no scan has measured: {seen.unscanned}",
            "git buildlog scan",
        )  # fmt: skip
    if (seen.unknown_share or 0) > MUCH_UNKNOWN:
        yield Warned(
            "unknown-authors",
            "most commits carry no mark of who wrote them, so that they count as people's",
            "git buildlog why <commit>",
        )  # fmt: skip


def _of_time(drafts: tuple[DraftItem, ...], now: int) -> Iterator[Warned]:
    if not drafts:
        yield Warned("no-drafts", "no commit here is an agent's draft", "git buildlog why HEAD")
        return
    quiet = (now - max(item.at for item in drafts)) // DAY
    if quiet >= QUIET_DAYS:
        yield Warned("quiet", f"no draft for {quiet} days", "git buildlog log --agents")
