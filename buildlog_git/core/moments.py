"""Seconds since 1970 as moments of the calendar, in UTC.

A time comes from a commit, a note or the environment, where it may be any number. One that the
calendar does not reach counts as the nearest that it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

DAY = 24 * 3600
"""Seconds of a day."""
_LAST = 253402300799
"""The last second of the year 9999."""


def moment(at: int) -> datetime:
    """Return the moment of a time in seconds since 1970."""
    from datetime import UTC, datetime  # an answer that is kept needs DAY and nothing of it

    return datetime.fromtimestamp(max(0, min(_LAST, at)), UTC)


def day_of(at: int) -> str:
    """Return the day of a time, such as ``2026-01-31``."""
    return moment(at).date().isoformat()


def month_of(at: int) -> str:
    """Return the month of a time, such as ``2026-01``."""
    return day_of(at)[:7]
