"""Drafts in groups, and what is said of a group besides its mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from buildlog_git.core.ids import Oid
from buildlog_git.core.moments import month_of
from buildlog_git.core.report import DraftItem, is_measured, mean_of
from buildlog_git.core.review import By, Group, Grouping

NO_RULE = "(no rule)"
TOP = "(top)"
"""What a draft is grouped under that has no rule on trial, and a file in no directory."""
_DEPTH = 2
"""How many directories of a path name its group: deeper ones hold too few drafts each."""


def median_distance(drafts: Iterable[DraftItem]) -> float | None:
    """Return the median distance of the drafts that are measured."""
    values = [draft.distance or 0.0 for draft in drafts if is_measured(draft)]
    return median(values) if values else None


def group_drafts(
    drafts: Sequence[DraftItem], by: By, paths: Mapping[Oid, Sequence[str]]
) -> Grouping:
    """Return the drafts in groups; ``paths`` are the files of each, needed for directories."""
    members: dict[str, list[DraftItem]] = defaultdict(list)
    for draft in drafts:
        for name in _names(draft, by, paths.get(draft.commit, ())):
            members[name].append(draft)
    groups = [_group(name, those) for name, those in members.items()]
    groups.sort(key=lambda each: (0 if by == "month" else -each.drafts, each.name))
    return Grouping(by, tuple(groups))


def _names(draft: DraftItem, by: By, paths: Sequence[str]) -> Iterable[str]:
    if by == "agent":
        return (draft.agent,)
    if by == "class":
        return (draft.error_class,)
    if by == "month":
        return (month_of(draft.at),)
    if by == "rule":
        return draft.rules or (NO_RULE,)
    return {_directory(path) for path in paths}


def _directory(path: str) -> str:
    folders = path.split("/")[:-1][:_DEPTH]
    return "/".join(folders) + "/" if folders else TOP


def _group(name: str, drafts: Sequence[DraftItem]) -> Group:
    found = mean_of(draft for draft in drafts if is_measured(draft))
    return Group(
        name, len(drafts), sum(draft.lines for draft in drafts),
        found.mean, found.low, found.high, found.n,
    )  # fmt: skip
