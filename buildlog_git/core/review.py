"""What reviewers ask of a report: a pull request beside its repository, and drafts in groups.

A pull request is young and small: its drafts are judged so far only by what followed them in
it. The repository's own drafts stand beside it, and nothing says that the one should reach the
other; both come with how many drafts they rest on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from buildlog_git.core.attribution import Tier
from buildlog_git.core.ids import Oid
from buildlog_git.core.stats import Mean

By = Literal["agent", "class", "rule", "dir", "month"]
"""What drafts can be grouped by."""


@dataclass(frozen=True, slots=True)
class Request:
    """A pull request: the commits that ``head`` adds to ``base``.

    ``base`` is the name that was given, ``merge_base`` where the branch left it. ``repository``
    is the mean distance of the base's own measured drafts, ``median`` their median and
    ``changed_text`` the share of their text that people changed.
    ``reworked`` has, for drafts that people changed, the file in which they changed most;
    of a file that is renamed later, the draft's name for it.
    """

    base: str
    merge_base: Oid
    head: Oid
    repository: Mean
    median: float | None
    changed_text: float | None
    reworked: Mapping[Oid, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Drafts with something in common; ``n`` of them are measured."""

    name: str
    drafts: int
    lines: int
    distance: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Grouping:
    """All groups, the largest first; months by time.

    A draft with several rules, or with files in several directories, is in several groups, and
    its whole distance counts in each.
    """

    by: By
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Marks:
    """On which marks of agents a report rests.

    ``channels`` counts the drafts by their strongest mark. ``other`` is the mean of the same
    commits by the other tier, ``verdicts`` are the rules of which that would say something else;
    null unless the evidence was asked for.
    """

    tier: Tier = "loose"
    channels: Mapping[str, int] | None = None
    other: Mean | None = None
    verdicts: tuple[str, ...] | None = None


LOOSE = Marks()


@dataclass(frozen=True, slots=True)
class RuleCard:
    """A rule as the work tree has it, beside what is learned of it.

    ``text`` is what agents read and ``digest`` its name in the facts; ``tokens`` is about what it
    costs an agent to read.
    """

    rule: str
    title: str
    error_class: str
    state: str
    text: str
    digest: str
    tokens: int
