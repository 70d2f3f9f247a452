"""What all rules on trial together save: sessions that had them against controls.

Twice: as the sum of what each rule is believed to do, and as the plain difference of two means,
which believes nothing but the draw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from buildlog_git.core.evidence import drawn_on, rewards
from buildlog_git.core.mixture import Interval, interval
from buildlog_git.core.observation import Observation
from buildlog_git.core.posterior import Combination, Posterior
from buildlog_git.core.stats import student_t95

_ELSEWHERE = "\0"
"""What stands for all classes that have no effects of their own; no class is called so."""


@dataclass(frozen=True, slots=True)
class Programme:
    """What all rules on trial together save, sessions that are controls against the rest.

    ``mean`` with ``low`` and ``high`` is the model's, as a sum of the effects of the rules that
    were on; ``difference`` the plain one of the means, null where a side has fewer than two
    sessions.
    """

    mean: float | None
    low: float | None
    high: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    sessions: int
    controls: int


def programme_of(posterior: Posterior, rows: Sequence[Observation]) -> Programme:
    """Return what the draws of ``rows`` (sessions with rewards) tell of all rules together."""
    drawn = [row for row in rows if row.randomised]
    controls = [row for row in drawn if row.control]
    rest = [row for row in drawn if not row.control]
    total = _total(posterior, rest)
    plain = _difference([_of(row) for row in rest], [_of(row) for row in controls])
    return Programme(
        mean=total.mean if total else None,
        low=total.low if total else None,
        high=total.high if total else None,
        difference=plain.mean if plain else None,
        difference_low=plain.low if plain else None,
        difference_high=plain.high if plain else None,
        sessions=len(rest),
        controls=len(controls),
    )


def _of(row: Observation) -> float:
    return sum(rewards(row)) / len(rewards(row))


def _total(posterior: Posterior, rows: Sequence[Observation]) -> Interval | None:
    """Return the mean over sessions of the sum of the effects of the rules that were on."""
    classes = frozenset(posterior.design.classes)
    counts = Counter(
        (row.error_class if row.error_class in classes else _ELSEWHERE, rule)
        for row in rows
        for rule in drawn_on(row)
    )
    if not counts:
        return None
    known = np.zeros((1, posterior.design.effects))
    for error_class in sorted({name for name, _ in counts}):
        rules = sorted(rule for name, rule in counts if name == error_class)
        times = np.array([counts[error_class, rule] for rule in rules], dtype=float)
        known += times @ posterior.sums(rules, error_class).known
    nothing = np.zeros(1)
    sums = Combination(known / len(rows), np.zeros_like(known), nothing, nothing)
    return interval(posterior.normals(sums)[0])


def _difference(one: Sequence[float], other: Sequence[float]) -> Interval | None:
    """Return the difference of two means with its 95 % interval (Welch's)."""
    if min(len(one), len(other)) < 2:
        return None
    means = [sum(values) / len(values) for values in (one, other)]
    errors = [
        sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)
        for values, mean in zip((one, other), means, strict=True)
    ]
    error = sum(errors)
    freedom = sum(e**2 / (len(v) - 1) for e, v in zip(errors, (one, other), strict=True))
    degrees = int(error**2 / freedom) if freedom > 0 else 1
    reach = student_t95(max(1, degrees)) * error**0.5
    mean = means[0] - means[1]
    return Interval(mean, mean - reach, mean + reach)
