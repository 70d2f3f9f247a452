"""Runs: how many days in a row, how many drafts in a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Streak:
    """The length of the run that goes on now, and of the longest one."""

    current: int
    longest: int


def day_streak(days: Iterable[int], today: int) -> Streak:
    """Return the runs of days, counted from any day on; one that ended yesterday goes on."""
    known = sorted({day for day in days if day <= today})
    longest = run = 0
    for number, day in enumerate(known):
        run = run + 1 if number and known[number - 1] == day - 1 else 1
        longest = max(longest, run)
    lives = bool(known) and known[-1] >= today - 1
    return Streak(run if lives else 0, longest)


def run_streak(held: Iterable[bool]) -> Streak:
    """Return the runs of what held, in the order of time."""
    longest = run = 0
    for one in held:
        run = run + 1 if one else 0
        longest = max(longest, run)
    return Streak(run, longest)
