"""Probabilities and quantiles of a mixture of normal distributions.

An interval is one of the mixture itself: where the grid's points disagree about the size of
effects, mean and standard deviation of the whole would tell too much or too little of its tails.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import erfc, exp, inf, pi, sqrt
from typing import NamedTuple

_EXACT = 1e-10


class Normal(NamedTuple):
    """A normal distribution and its weight in a mixture; weights sum to 1."""

    weight: float
    mean: float
    sd: float


class Interval(NamedTuple):
    """A mean with the 2.5 % and the 97.5 % point."""

    mean: float
    low: float
    high: float


def below(mixture: Sequence[Normal], value: float) -> float:
    """Return the probability of less than ``value``."""
    return sum(
        part.weight * 0.5 * erfc((part.mean - value) / (part.sd * sqrt(2))) for part in mixture
    )


def above(mixture: Sequence[Normal], value: float) -> float:
    """Return the probability of more than ``value``."""
    return sum(
        part.weight * 0.5 * erfc((value - part.mean) / (part.sd * sqrt(2))) for part in mixture
    )


def quantile(mixture: Sequence[Normal], share: float) -> float:
    """Return the value below which ``share`` of the mixture lies, to 1e-10."""
    low = min(part.mean - 9 * part.sd for part in mixture)
    high = max(part.mean + 9 * part.sd for part in mixture)
    value = sum(part.weight * part.mean for part in mixture)
    while high - low > _EXACT:
        excess = below(mixture, value) - share
        low, high = (low, value) if excess > 0 else (value, high)
        density = _density(mixture, value)
        # Newton's step where it stays inside what is left, else the middle.
        goal = value - excess / density if density > 0 else inf
        if abs(goal - value) < _EXACT / 2:
            return goal
        value = goal if low < goal < high else (low + high) / 2
    return (low + high) / 2


def interval(mixture: Sequence[Normal]) -> Interval:
    """Return the mean and the central 95 % of a mixture."""
    mean = sum(part.weight * part.mean for part in mixture)
    return Interval(mean, quantile(mixture, 0.025), quantile(mixture, 0.975))


def _density(mixture: Sequence[Normal], value: float) -> float:
    return sum(
        part.weight / (part.sd * sqrt(2 * pi)) * exp(-(((value - part.mean) / part.sd) ** 2) / 2)
        for part in mixture
    )
