"""The shape of history: order, landing, and the window in which a draft is judged.

A draft lands with the first commit on the default branch's first-parent chain that contains
it. What people change until 14 days after that counts; later changes are the normal life of a
code base.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from buildlog_git.core.ids import Oid

HORIZON = 14 * 24 * 3600
"""Seconds after landing during which a change counts."""

NEVER = 2**62
"""The end of a window that nothing has closed yet."""

Parents = Mapping[Oid, Sequence[Oid]]


def first_parent_chain(parents: Parents, tip: Oid | None) -> list[Oid]:
    """Return the commits from ``tip`` back along first parents, oldest first."""
    chain = []
    at = tip
    while at is not None and at in parents:
        chain.append(at)
        above = parents[at]
        at = above[0] if above else None
    chain.reverse()
    return chain


def landings(parents: Parents, tip: Oid | None) -> dict[Oid, Oid]:
    """Return, for each commit that ``tip`` contains, the commit with which it landed."""
    landed: dict[Oid, Oid] = {}
    for link in first_parent_chain(parents, tip):
        pending = [link]
        while pending:
            commit = pending.pop()
            if commit in landed or commit not in parents:
                continue
            landed[commit] = link
            pending.extend(parents[commit])
    return landed


def ancestors(parents: Parents, tips: Iterable[Oid]) -> set[Oid]:
    """Return the commits that ``tips`` contain, themselves included."""
    seen: set[Oid] = set()
    pending = list(tips)
    while pending:
        commit = pending.pop()
        if commit in seen or commit not in parents:
            continue
        seen.add(commit)
        pending.extend(parents[commit])
    return seen


def whole_ancestors(parents: Parents, tips: Iterable[Oid]) -> set[Oid] | None:
    """Return the commits that ``tips`` contain; None where ``parents`` lacks one of them."""
    seen: set[Oid] = set()
    pending = list(tips)
    while pending:
        commit = pending.pop()
        if commit not in seen:
            if commit not in parents:
                return None
            seen.add(commit)
            pending += parents[commit]
    return seen


def steady_times(
    order: Sequence[Oid], parents: Parents, times: Mapping[Oid, int], now: int
) -> dict[Oid, int]:
    """Return each commit's time, never before its parents' and never after ``now``.

    A clock that ran ahead or behind on one machine then cannot close or open windows for
    everybody. ``order`` has parents before children.
    """
    steady: dict[Oid, int] = {}
    for commit in order:
        time = times[commit]
        if time > now:
            time = now
        for parent in parents[commit]:
            before = steady.get(parent, time)
            if before > time:
                time = before
        steady[commit] = time
    return steady
