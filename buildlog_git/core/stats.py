"""Means with honest intervals.

Drafts of one day come from one task more often than not, so they are no independent
observations: treating them so makes intervals far too narrow. The mean is over drafts, its
standard error over clusters (the CR1 estimator; Cameron and Miller, "A Practitioner's Guide to
Cluster-Robust Inference", 2015), its 95 % interval from Student's t with clusters - 1 degrees
of freedom, cut to [0, 1].

Where all values are 0, or all are 1, there is no spread to go by, and an interval without width
would be a lie: m clusters that are all 0 are seen with a probability of at most (1 - mean)^m,
so that the interval ends where that is 2.5 %.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from math import sqrt

_T95 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
        2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
        2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042)  # fmt: skip
"""The 97.5 % points of Student's t for 1 to 30 degrees of freedom."""
_TAIL = 0.025
"""The probability that is left out on either side of an interval."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean of ``n`` values in [0, 1] with its 95 % interval; null where there are too few."""

    mean: float | None
    low: float | None
    high: float | None
    n: int


def clustered_mean(values: Iterable[tuple[Hashable, float]]) -> Mean:
    """Return the mean of (cluster, value) pairs; the interval needs two clusters."""
    pairs = list(values)
    if not pairs:
        return Mean(None, None, None, 0)
    mean = sum(value for _, value in pairs) / len(pairs)
    sums: dict[Hashable, float] = defaultdict(float)
    for cluster, value in pairs:
        sums[cluster] += value - mean
    clusters = len(sums)
    if clusters < 2:
        return Mean(mean, None, None, len(pairs))
    if mean in (0.0, 1.0):
        reach = 1 - _TAIL ** (1 / clusters)
        return Mean(mean, max(0.0, mean - reach), min(1.0, mean + reach), len(pairs))
    spread = sum(residual**2 for residual in sums.values())
    error = sqrt(clusters / (clusters - 1) * spread) / len(pairs)
    reach = student_t95(clusters - 1) * error
    return Mean(mean, max(0.0, mean - reach), min(1.0, mean + reach), len(pairs))


def student_t95(freedom: int) -> float:
    """Return the 97.5 % point of Student's t, to three digits."""
    if freedom <= len(_T95):
        return _T95[freedom - 1]
    # Cornish-Fisher around the normal's point; exact to .001 from 31 degrees on.
    z = 1.959964
    return z + (z**3 + z) / (4 * freedom) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
