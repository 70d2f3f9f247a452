"""Which commit a rewritten draft lives on in, and what that commit therefore carries.

An amend is on record in HEAD's reflog, as are the folds of a rebase. Any other rewrite keeps
who wrote the commit, when, and its subject (rebase, cherry-pick); what keeps nothing of that
(squash merges, reset and commit again) is named in the new commit's message, or recognised by
content: a commit on the line that adds or removes at least half of the lines that the draft did.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.events import Way
from buildlog_git.core.graph import Parents, ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Carry
from buildlog_git.core.patch import FileChange
from buildlog_git.core.tokens import line_key, weight
from buildlog_git.core.trailers import cherry_picked

MIN_SHARE = 0.5
"""Share of a draft's changed lines that a commit must change alike to count as its new home."""
PATIENCE = 90 * 24 * 3600
"""Seconds after a draft within which a commit can be its new home by content."""
_TELLING = 8
"""Letters and digits that make a line worth comparing; shorter ones stand everywhere."""

Identity = tuple[str, str, int, str]

_SQUASHED = "Squashed commit of the following:"
_SQUASHED_ID = r"(?m)^commit ([0-9a-f]{40,64})\b"
_FOLDS = ("commit (amend):", "rebase (squash)", "rebase (fixup)", "rebase (reword)",
          "rebase -i (squash)", "rebase -i (fixup)", "rebase -i (reword)")  # fmt: skip


class Link(NamedTuple):
    """``old`` lives on in ``new``."""

    old: Oid
    new: Oid
    way: Way


def identity(commit: CommitMeta) -> Identity:
    """Return what a rebase and a cherry-pick leave as it was."""
    subject = commit.message.partition("\n")[0]
    return (commit.author_name, commit.author_email, commit.author_time, subject)


def logged_links(log: Iterable[tuple[Oid | None, Oid, str]]) -> dict[Oid, Link]:
    """Return the rewrites that HEAD's reflog, oldest first, has on record."""
    links = {}
    for old, new, message in log:
        if old is not None and old != new and message.startswith(_FOLDS):
            way: Way = "amend" if message.startswith("commit") else "rewrite"
            links[old] = Link(old, new, way)
    return links


def named_links(line: Iterable[CommitMeta]) -> dict[Oid, Link]:
    """Return the rewrites that messages name: ``merge --squash`` and ``cherry-pick -x``."""
    links: dict[Oid, Link] = {}
    for commit in line:
        if commit.message.startswith(_SQUASHED):
            for old in re.findall(_SQUASHED_ID, commit.message):
                links[Oid(old)] = Link(Oid(old), commit.oid, "squash")
        elif "cherry picked from commit" in commit.message:
            for old in cherry_picked(commit.message):
                links.setdefault(Oid(old), Link(Oid(old), commit.oid, "rewrite"))
    return links


def identity_links(strays: Iterable[CommitMeta], line: Iterable[CommitMeta]) -> dict[Oid, Link]:
    """Return, for each stray commit, the first one on the line of the same identity."""
    first: dict[Identity, Oid] = {}
    for commit in line:
        first.setdefault(identity(commit), commit.oid)
    return {
        commit.oid: Link(commit.oid, first[identity(commit)], "rewrite")
        for commit in strays
        if identity(commit) in first
    }


def copies(
    drafts: Iterable[CommitMeta], keys: Callable[[list[CommitMeta]], list[frozenset[str]]]
) -> Iterator[tuple[Oid, Oid]]:
    """Yield (original, copy) of drafts on one line that are picks of each other.

    Two commits of one identity are that only where they change much the same lines: a script
    may commit many times in one second, with one subject. ``keys`` gives the changed lines of
    all commits that it is asked for, once.
    """
    groups: dict[Identity, list[CommitMeta]] = defaultdict(list)
    for draft in drafts:
        groups[identity(draft)].append(draft)
    alike = [sorted(g, key=lambda c: c.commit_time) for g in groups.values() if len(g) > 1]
    members = [commit for group in alike for commit in group]
    lines = dict(zip((commit.oid for commit in members), keys(members), strict=True))
    for first, *others in alike:
        mine = lines[first.oid]
        for commit in others:
            theirs = lines[commit.oid]
            shared = len(mine & theirs)
            if mine == theirs or shared > MIN_SHARE * max(len(mine), len(theirs)):
                yield first.oid, commit.oid


def changed_keys(changes: Iterable[FileChange]) -> frozenset[str]:
    """Return the telling lines that a patch adds or removes, or all where none is telling."""
    keys = {
        sign + key
        for change in changes
        for hunk in change.hunks
        for sign, lines in (("+", hunk.new), ("-", hunk.old))
        for text in lines
        if (key := line_key(text))
    }
    return frozenset({key for key in keys if weight(key) >= _TELLING} or keys)


class ContentSearch:
    """Looks for the commits that change what stray drafts had changed.

    Feed the drafts first, then the candidates; :meth:`links` has the best home of each.
    """

    def __init__(self) -> None:
        self._sizes: dict[Oid, int] = {}
        self._times: dict[Oid, int] = {}
        self._having: dict[str, list[Oid]] = defaultdict(list)
        self._best: dict[Oid, tuple[float, Oid]] = {}

    def want(self, draft: CommitMeta, keys: AbstractSet[str]) -> None:
        """Look for a home of ``draft``, which changed ``keys``."""
        self._sizes[draft.oid] = len(keys)
        self._times[draft.oid] = draft.commit_time
        for key in keys:
            self._having[key].append(draft.oid)

    def offer(self, candidate: CommitMeta, keys: Iterable[str]) -> None:
        """Consider ``candidate``, which changes ``keys``."""
        shared: dict[Oid, int] = defaultdict(int)
        for key in keys:
            for draft in self._having.get(key, ()):
                shared[draft] += 1
        for draft, count in shared.items():
            share = count / self._sizes[draft]
            age = candidate.commit_time - self._times[draft]
            if share < MIN_SHARE or not 0 <= age <= PATIENCE or candidate.oid == draft:
                continue
            if share > self._best.get(draft, (0.0, draft))[0]:
                self._best[draft] = (share, candidate.oid)

    def links(self) -> dict[Oid, Link]:
        """Return the links to the best homes found."""
        return {draft: Link(draft, home, "squash") for draft, (_, home) in self._best.items()}


def forms(links: Mapping[Oid, Link], drafts: AbstractSet[Oid]) -> set[Oid]:
    """Return the commits that are new forms of ``drafts``, and so no drafts of their own.

    One that replaces a commit in which no agent had a part is none: its message may have got
    the agent's mark by an amend.
    """
    found: set[Oid] = set()
    for link in _chain_order(links):
        if link.old in drafts or link.old in found:
            found.add(link.new)
    return found


def plan_carries(
    links: Mapping[Oid, Link],
    drafts: AbstractSet[Oid],
    line: AbstractSet[Oid],
    metas: Mapping[Oid, CommitMeta],
    parents: Parents,
) -> dict[Oid, tuple[Carry, ...]]:
    """Return what each commit carries over from those that it replaces.

    Args:
        links: at most one for each rewritten commit; chains are followed.
        drafts: the commits that are drafts of their own, before any link is considered.
        line: the commits at which a chain may end.
        metas: what is known of each commit.
        parents: each commit's parents.

    """
    useful = {old: link for old, link in links.items() if _reaches(links, link.new, line)}
    children: dict[Oid, list[Oid]] = defaultdict(list)
    for commit, above in parents.items():
        for parent in above:
            children[parent].append(commit)
    carried: dict[Oid, set[Oid]] = defaultdict(set)
    carries: dict[Oid, list[Carry]] = defaultdict(list)
    for link in _chain_order(useful):
        if link.way == "squash":
            source = _last_version(link, metas, parents, children)
            own = {
                commit
                for commit in ancestors(parents, [source]) - ancestors(parents, [link.new])
                if commit in drafts and (commit == link.old or commit not in useful)
            }
        else:
            source = link.old
            own = ({link.old} & drafts) | carried[link.old]
        if own:
            carried[link.new] |= own
            carries[link.new].append(Carry(source, frozenset(own), link.way))
    return {new: tuple(found) for new, found in carries.items()}


def _reaches(links: Mapping[Oid, Link], at: Oid, line: AbstractSet[Oid]) -> bool:
    seen = set()
    while at not in line:
        if at in seen or at not in links:
            return False
        seen.add(at)
        at = links[at].new
    return True


def _chain_order(links: Mapping[Oid, Link]) -> list[Link]:
    """Return the links so that each comes after those that lead to its old commit."""
    targets: dict[Oid, list[Oid]] = defaultdict(list)
    for link in links.values():
        targets[link.new].append(link.old)
    order: list[Link] = []
    seen: set[Oid] = set()

    def visit(old: Oid) -> None:
        stack = [(old, False)]
        while stack:
            at, ready = stack.pop()
            if ready:
                order.append(links[at])
            elif at not in seen:
                seen.add(at)
                stack.append((at, True))
                stack += [(before, False) for before in targets.get(at, ())]

    for old in links:
        visit(old)
    return order


def _last_version(
    link: Link,
    metas: Mapping[Oid, CommitMeta],
    parents: Parents,
    children: Mapping[Oid, Sequence[Oid]],
) -> Oid:
    """Return the last commit built on a squashed draft before the squash.

    What a person fixed on the branch before the squash is then charged to that fix.
    """
    forbidden = ancestors(parents, [link.new])
    limit = metas[link.new].commit_time
    at = link.old
    while True:
        onward = [
            child
            for child in children.get(at, ())
            if child not in forbidden
            and child in metas
            and metas[child].commit_time <= limit
            and len(metas[child].parents) == 1
        ]
        if not onward:
            return at
        at = max(onward, key=lambda oid: (metas[oid].commit_time, oid))
