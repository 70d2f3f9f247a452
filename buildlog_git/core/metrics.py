"""Numbers of sessions: how many mistakes were made, how many of them again, and the rules then.

The keys are those of the system that this one replaces, so that scripts go on working.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from buildlog_git.core.fold import Experiment

AGGREGATE = "aggregate"
"""What stands in place of a session's id where the numbers are of all sessions."""


class RuleCount(NamedTuple):
    """How many rules, on trial or pinned, the repository had at a session's start and end."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SessionMetrics:
    """One session's numbers; ``repeated_mistake_rate`` is 0 where there are no mistakes.

    ``rules_at_end`` is how many there are now where the session is open.
    """

    session_id: str
    total_mistakes: int
    repeated_mistakes: int
    repeated_mistake_rate: float
    rules_at_start: int
    rules_at_end: int
    rules_added: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """The numbers of all sessions (``session_id`` is ``aggregate``), or of one.

    All together: the rules are those at the start of the first session and at the end of the
    last one, and mistakes of which nobody knows the session count too. ``sessions`` has each
    of them, by time.
    """

    session_id: str
    total_mistakes: int
    repeated_mistakes: int
    repeated_mistake_rate: float
    rules_at_start: int
    rules_at_end: int
    rules_added: int
    sessions: tuple[SessionMetrics, ...]


def metrics_by_session(
    experiment: Experiment, repeated: Mapping[str, str], rules: Mapping[str, RuleCount]
) -> tuple[SessionMetrics, ...]:
    """Return the numbers of each session, by time.

    Args:
        experiment: all that is known.
        repeated: the ids of mistakes that repeat one.
        rules: the rules of each session, by its id.

    """
    made = Counter(mistake.session for mistake in experiment.mistakes)
    again = Counter(m.session for m in experiment.mistakes if m.id in repeated)
    return tuple(
        _metrics(name, made[name], again[name], rules[name])
        for name in (record.session.session for record in experiment.sessions)
    )


def aggregate(
    experiment: Experiment, repeated: Mapping[str, str], sessions: Sequence[SessionMetrics]
) -> Metrics:
    """Return the numbers of all sessions together."""
    rules = RuleCount(0, 0)
    if sessions:
        rules = RuleCount(sessions[0].rules_at_start, sessions[-1].rules_at_end)
    again = sum(mistake.id in repeated for mistake in experiment.mistakes)
    return together(_metrics(AGGREGATE, len(experiment.mistakes), again, rules), sessions)


def together(numbers: SessionMetrics, sessions: Sequence[SessionMetrics]) -> Metrics:
    """Return numbers with the sessions that they are of."""
    return Metrics(
        numbers.session_id, numbers.total_mistakes, numbers.repeated_mistakes,
        numbers.repeated_mistake_rate, numbers.rules_at_start, numbers.rules_at_end,
        numbers.rules_added, tuple(sessions),
    )  # fmt: skip


def _metrics(name: str, made: int, again: int, rules: RuleCount) -> SessionMetrics:
    return SessionMetrics(
        session_id=name,
        total_mistakes=made,
        repeated_mistakes=again,
        repeated_mistake_rate=again / made if made else 0.0,
        rules_at_start=rules.start,
        rules_at_end=rules.end,
        rules_added=rules.end - rules.start,
    )
