"""Whether a draft is judged yet, and what became of it in a few words."""

from __future__ import annotations

from collections.abc import Container

from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.fold import DraftRecord
from buildlog_git.core.ids import Oid
from buildlog_git.core.moments import DAY

LONG_ENOUGH = DAY
"""Seconds after which nearly all that people undo is undone: silence is a judgement too."""


def state_of(record: DraftRecord, followed: Container[Oid], now: int, *, ended: bool) -> State:
    """Return whether a draft is open, provisional or settled.

    ``followed`` are the commits that a person's commit follows or that were pushed; ``ended``
    says that it was dropped or reverted.
    """
    if ended or (record.landed is not None and record.landed.at <= now):
        return "settled"
    judged = (
        any(revision.by == "person" for revision in record.revisions)
        or any(version in followed for version in (record.draft.commit, *record.homes))
        or record.draft.at + LONG_ENOUGH <= now
    )
    return "provisional" if judged else "open"


def reason_of(
    record: DraftRecord, value: float | None, outcome: Outcome, *, dropped: bool, reverted: bool
) -> str:
    """Return what became of a draft."""
    if dropped:
        return "dropped"
    if record.draft.tokens + record.draft.removed == 0:
        return "nothing countable"
    if value is None:
        return "replaced by agents"
    if outcome == "unmeasurable":
        return "too small"
    if reverted:
        return "reverted" if outcome == "rejected" else "relanded"
    return "kept" if value == 0 else "revised"
