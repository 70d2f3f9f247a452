"""Intervals where there is no spread to go by."""

from __future__ import annotations

import random

import pytest

from buildlog_git.core.stats import clustered_mean


@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("clusters", [2, 3, 10, 100])
def test_values_that_are_all_alike_have_an_interval_with_a_width(
    value: float, clusters: int
) -> None:
    mean = clustered_mean([(number, value) for number in range(clusters) for _ in range(3)])
    assert (mean.mean, mean.n) == (value, 3 * clusters)
    assert mean.low is not None
    assert mean.high is not None
    width = mean.high - mean.low
    # Seen by chance no more often than in 2.5 % of the cases.
    assert (1 - width) ** clusters == pytest.approx(0.025)
    assert value in (mean.low, mean.high)


def test_one_cluster_has_no_interval() -> None:
    assert clustered_mean([("s", 0.0), ("s", 0.0)]).low is None


def test_rare_events_are_covered() -> None:
    """Of 12 values that are 1 in 4 % of the cases, most samples are all 0."""
    chance = random.Random(3)
    covered = 0
    for _ in range(2000):
        mean = clustered_mean((number, float(chance.random() < 0.04)) for number in range(12))
        covered += mean.low is not None and mean.low <= 0.04 <= (mean.high or 0.0)
    assert covered >= 0.95 * 2000
