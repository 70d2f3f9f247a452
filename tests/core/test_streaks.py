"""Runs of days and of drafts."""

from __future__ import annotations

import pytest

from buildlog_git.core.streaks import Streak, day_streak, run_streak


@pytest.mark.parametrize(
    ("days", "current", "longest"),
    [
        ([], 0, 0), ([10], 1, 1), ([9], 1, 1), ([8], 0, 1), ([10, 10, 9, 8], 3, 3),
        ([1, 2, 3, 4, 9, 10], 2, 4), ([1, 2, 5], 0, 2), ([99, 10], 1, 1), ([99], 0, 0),
    ],
)  # fmt: skip
def test_days(days: list[int], current: int, longest: int) -> None:
    assert day_streak(days, 10) == Streak(current, longest)


@pytest.mark.parametrize(
    ("held", "current", "longest"),
    [("", 0, 0), ("1", 1, 1), ("10", 0, 1), ("1101", 1, 2), ("0111", 3, 3)],
)
def test_runs(held: str, current: int, longest: int) -> None:
    assert run_streak(one == "1" for one in held) == Streak(current, longest)
