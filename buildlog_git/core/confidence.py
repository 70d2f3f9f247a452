"""How well founded a rule is: how often it is used, how lately, and whether another disagrees.

    score = n / (n + 5) · (1 + 2^(-age / 90 days)) / 2 · 1 / (1 + c)

where n counts the sessions in which the rule was on, and twice each mistake that somebody said
it would have prevented; age is the time since the last of these; c is the number of active rules
that contradict it. The first factor is the frequency, from 0 to 1, and 1/2 at five sessions; the
second the recency, 1 for a rule used today, and never below 1/2, because an old rule is not a
wrong one; the third halves the score with the first contradiction.

Tiers: ``new`` where nothing is known (n = 0), ``low`` below 1/3, ``medium`` below 2/3, ``high``.

This is no effect: a rule may be on in every session and do harm. What a rule does is told by the
draw alone (:mod:`.effects`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from buildlog_git.core.fold import Experiment

HALF_FREQUENCY = 5
HALF_LIFE = 90 * 24 * 3600
"""Seconds in which what recency can take away is half gone."""
OF_A_MISTAKE = 2
"""As many sessions one mistake counts that the rule would have prevented."""
LOW, HIGH = 1 / 3, 2 / 3

Tier = Literal["new", "low", "medium", "high"]


@dataclass(frozen=True, slots=True)
class Usage:
    """What the ledger tells of a rule.

    ``on`` and ``off`` count the sessions in which it was to be on, and those that might have
    had it and did not; ``corrected`` the mistakes that it would have prevented; ``last`` is the
    time of the latest of all but the off ones, null where there is none.
    """

    on: int = 0
    off: int = 0
    corrected: int = 0
    last: int | None = None


@dataclass(frozen=True, slots=True)
class Confidence:
    """The score from 0 to 1, its tier, and the three factors that it is made of."""

    score: float
    tier: Tier
    frequency: float
    recency: float
    contradictions: int


def usages(experiment: Experiment) -> Mapping[str, Usage]:
    """Return what is known of each rule that any session or mistake names."""
    on: dict[str, int] = {}
    off: dict[str, int] = {}
    corrected: dict[str, int] = {}
    last: dict[str, int] = {}
    for record in experiment.sessions:
        session = record.session
        had = {*session.rules, *session.pinned, *record.besides}
        for rule in had:
            on[rule] = on.get(rule, 0) + 1
            last[rule] = max(last.get(rule, session.at), session.at)
        for rule in set(session.offered) - had:
            off[rule] = off.get(rule, 0) + 1
    for mistake in experiment.mistakes:
        named = mistake.corrected_by
        if named:
            corrected[named] = corrected.get(named, 0) + 1
            last[named] = max(last.get(named, mistake.at), mistake.at)
    return {
        rule: Usage(on.get(rule, 0), off.get(rule, 0), corrected.get(rule, 0), last.get(rule))
        for rule in (on | off | corrected)
    }


def confidence(usage: Usage, contradictions: int, now: int) -> Confidence:
    """Return the confidence in a rule; ``now`` is UTC in seconds.

    A time that lies ahead, because a clock was wrong, counts as the present.
    """
    n = usage.on + OF_A_MISTAKE * usage.corrected
    frequency = n / (n + HALF_FREQUENCY)
    age = max(0, now - usage.last) if usage.last is not None else None
    recency = 0.5 if age is None else (1 + 2.0 ** (-age / HALF_LIFE)) / 2
    score = frequency * recency / (1 + contradictions)
    tier: Tier = "high" if score >= HIGH else "medium" if score >= LOW else "low"
    return Confidence(
        round(score, 6), tier if n else "new", round(frequency, 6), round(recency, 6),
        contradictions,
    )  # fmt: skip
