"""The experiment report: sessions, mistakes by class, rewards by class, and how rules were on.

Summary, sessions and error classes have the keys of the system that this one replaces. Rewards
and rules are what that one lacked; every mean has its 95 % interval, over sessions and days
rather than over drafts (``core/stats.py``). Counts of rules compare nothing: whether a rule
helps is a question to the draw, not to two means.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildlog_git.core.fold import Experiment, SessionRecord
from buildlog_git.core.metrics import SessionMetrics
from buildlog_git.core.moments import DAY, moment
from buildlog_git.core.reward import RewardItem
from buildlog_git.core.session_events import Arm, Mistake
from buildlog_git.core.stats import Mean, clustered_mean

if TYPE_CHECKING:
    from buildlog_git.core.lesson import Lesson


@dataclass(frozen=True, slots=True)
class Summary:
    """All sessions together; ``repeat_rate`` is the overall rate with its interval."""

    total_sessions: int
    total_mistakes: int
    total_repeated: int
    overall_repeat_rate: float
    repeat_rate: Mean
    reward: Mean


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session; ``started_at`` is UTC (ISO 8601), ``reward`` the mean of ``rewards`` drafts.

    ``rules`` were on: drawn by chance, or forced.
    """

    session_id: str
    started_at: str
    error_class: str
    total_mistakes: int
    repeated_mistakes: int
    repeated_mistake_rate: float
    rules_added: int
    arm: Arm
    rules: tuple[str, ...]
    rewards: int
    reward: float | None


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """The mistakes of one class; ``rate`` is the share of repeats with its interval."""

    total: int
    repeated: int
    rate: Mean


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How often a rule was on and off, in sessions, rewards and mistakes.

    On and off are by chance; a session in which a person put the rule on, or took it off, is
    in ``forced`` alone. ``corrects`` are mistakes of which somebody said that the rule would
    have prevented them.
    """

    sessions_on: int = 0
    sessions_off: int = 0
    forced: int = 0
    rewards_on: int = 0
    rewards_off: int = 0
    mistakes_on: int = 0
    mistakes_off: int = 0
    corrects: int = 0


@dataclass(frozen=True, slots=True)
class ExperimentReport:
    """The whole report; ``rewards`` are by error class, the mean of each with its interval.

    ``learned`` is what the draws tell of the rules; null where no rule was ever on trial.
    """

    summary: Summary
    sessions: tuple[SessionRow, ...]
    error_classes: Mapping[str, ErrorClass]
    rewards: Mapping[str, Mean]
    rules: Mapping[str, RuleRow]
    learned: Lesson | None = None


def build_experiment(
    experiment: Experiment,
    repeated: Mapping[str, str],
    metrics: Sequence[SessionMetrics],
    rewards: Sequence[RewardItem],
) -> ExperimentReport:
    """Return the report.

    Args:
        experiment: all that is known.
        repeated: the ids of mistakes that repeat one.
        metrics: the numbers of each session, by time.
        rewards: of all drafts.

    """
    judged = [item for item in rewards if item.reward is not None]
    mistakes = experiment.mistakes
    rate = _rate(mistakes, repeated)
    return ExperimentReport(
        summary=Summary(
            total_sessions=len(metrics),
            total_mistakes=len(mistakes),
            total_repeated=sum(mistake.id in repeated for mistake in mistakes),
            overall_repeat_rate=rate.mean or 0.0,
            repeat_rate=rate,
            reward=mean_reward(judged),
        ),
        sessions=_sessions(experiment, metrics, judged),
        error_classes=_error_classes(mistakes, repeated),
        rewards=_rewards(judged),
        rules=_rules(experiment, judged),
    )


def _sessions(
    experiment: Experiment, metrics: Sequence[SessionMetrics], judged: Sequence[RewardItem]
) -> tuple[SessionRow, ...]:
    values: dict[str | None, list[float]] = defaultdict(list)
    for item in judged:
        values[item.session].append(item.reward or 0.0)
    rows = []
    for record, numbers in zip(experiment.sessions, metrics, strict=True):
        begun = record.session
        mine = values.get(begun.session, [])
        rows.append(
            SessionRow(
                session_id=begun.session,
                started_at=moment(begun.at).isoformat(),
                error_class=begun.error_class,
                total_mistakes=numbers.total_mistakes,
                repeated_mistakes=numbers.repeated_mistakes,
                repeated_mistake_rate=numbers.repeated_mistake_rate,
                rules_added=numbers.rules_added,
                arm=begun.arm,
                rules=begun.rules,
                rewards=len(mine),
                reward=sum(mine) / len(mine) if mine else None,
            )
        )
    return tuple(rows)


def _error_classes(
    mistakes: Iterable[Mistake], repeated: Mapping[str, str]
) -> dict[str, ErrorClass]:
    classes: dict[str, list[Mistake]] = defaultdict(list)
    for mistake in mistakes:
        classes[mistake.error_class].append(mistake)
    return {
        name: ErrorClass(
            len(mine), sum(mistake.id in repeated for mistake in mine), _rate(mine, repeated)
        )
        for name, mine in sorted(classes.items())
    }


def _rewards(judged: Iterable[RewardItem]) -> dict[str, Mean]:
    classes: dict[str, list[RewardItem]] = defaultdict(list)
    for item in judged:
        classes[item.error_class].append(item)
    return {name: mean_reward(mine) for name, mine in sorted(classes.items())}


def _rules(experiment: Experiment, judged: Sequence[RewardItem]) -> dict[str, RuleRow]:
    """Return how each rule was on and off, by its id."""
    sessions = {record.session.session: record for record in experiment.sessions}
    counts: dict[tuple[str, str], int] = defaultdict(int)

    def count(what: str, record: SessionRecord | None) -> None:
        if record is not None:
            session = record.session
            for rule in set(session.drawn) - set(session.removed):
                counts[rule, f"{what}_on"] += 1
            for rule in set(session.held) - set(session.forced) - record.besides:
                counts[rule, f"{what}_off"] += 1

    for record in sessions.values():
        count("sessions", record)
        session = record.session
        forced = set(session.forced) - set(session.drawn)
        for rule in forced | set(session.removed) | record.besides:
            counts[rule, "forced"] += 1
    for item in judged:
        count("rewards", sessions.get(item.session or ""))
    for mistake in experiment.mistakes:
        count("mistakes", sessions.get(mistake.session or ""))
        if mistake.corrected_by is not None:
            counts[mistake.corrected_by, "corrects"] += 1
    fields: dict[str, dict[str, int]] = defaultdict(dict)
    for (rule, field), number in counts.items():
        fields[rule][field] = number
    return {rule: RuleRow(**found) for rule, found in sorted(fields.items())}


def _rate(mistakes: Iterable[Mistake], repeated: Mapping[str, str]) -> Mean:
    return clustered_mean(
        (mistake.session or mistake.commit, float(mistake.id in repeated)) for mistake in mistakes
    )


def mean_reward(items: Iterable[RewardItem]) -> Mean:
    """Return the mean of the rewards that there are, with its interval."""
    return clustered_mean(
        (_cluster(item), item.reward) for item in items if item.reward is not None
    )


def _cluster(item: RewardItem) -> Hashable:
    return (item.session or item.agent, item.at // DAY)
