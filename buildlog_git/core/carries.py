"""From links to carries: what each commit takes over from those that it replaces."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.graph import Parents, ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Carry
from buildlog_git.core.rewrites import Link


@dataclass(frozen=True, slots=True)
class Known:
    """What the plan must know of history; ``line`` are the commits that a branch contains."""

    metas: Mapping[Oid, CommitMeta]
    parents: Parents
    line: AbstractSet[Oid]


def forms(links: Iterable[Link], drafts: AbstractSet[Oid]) -> set[Oid]:
    """Return the commits that are new forms of ``drafts``, and so no drafts of their own.

    One that replaces a commit in which no agent had a part is none: its message may have got
    the agent's mark by an amend.
    """
    found: set[Oid] = set()
    for link in chain_order(links):
        if link.old in drafts or link.old in found:
            found.add(link.new)
    return found


def sources(links: Iterable[Link], wanted: Iterable[Oid]) -> set[Oid]:
    """Return ``wanted`` and the commits that live on in them."""
    olds: dict[Oid, list[Oid]] = defaultdict(list)
    for link in links:
        olds[link.new].append(link.old)
    found: set[Oid] = set()
    pending = list(wanted)
    while pending:
        at = pending.pop()
        if at not in found:
            found.add(at)
            pending += olds.get(at, ())
    return found


class Forms:
    """Which commits are forms of which."""

    def __init__(self, links: Iterable[Link]) -> None:
        self._back: dict[Oid, Oid] = {}
        self._news: dict[Oid, list[Oid]] = defaultdict(list)
        for link in links:
            self._back.setdefault(link.new, link.old)
            self._news[link.old].append(link.new)

    def of(self, commit: Oid) -> set[Oid]:
        """Return the commits that hold what ``commit`` or its first form was, itself included."""
        first, passed = commit, {commit}
        while first in self._back and self._back[first] not in passed:
            first = self._back[first]
            passed.add(first)
        found: set[Oid] = set()
        pending = [first, commit]
        while pending:
            at = pending.pop()
            if at not in found:
                found.add(at)
                pending += self._news.get(at, ())
        return found


def reaching(links: Iterable[Link], line: AbstractSet[Oid]) -> list[Link]:
    """Return the links that lead, by others if need be, to a commit on the line."""
    order = chain_order(links)
    good: set[Oid] = set()
    found = []
    for link in reversed(order):
        if link.new in line or link.new in good:
            good.add(link.old)
            found.append(link)
    return found[::-1]


def plan_carries(
    links: Iterable[Link], drafts: AbstractSet[Oid], known: Known
) -> dict[Oid, tuple[Carry, ...]]:
    """Return what each commit carries over from those that it replaces, circles included.

    Args:
        links: a commit may live on in several, as when it was picked to two branches; chains
            are followed, to commits on the line.
        drafts: the commits that are drafts of their own.
        known: the history.

    """
    useful = reaching(links, known.line)
    linked = {link.old for link in useful}
    children: dict[Oid, list[Oid]] = defaultdict(list)
    for commit, above in known.parents.items():
        for parent in above:
            children[parent].append(commit)
    carried: dict[Oid, set[Oid]] = defaultdict(set)
    carries: dict[Oid, list[Carry]] = defaultdict(list)
    for new, into in _by_home(useful):
        for link in _latest_first(into, known.parents):
            source = link.old
            if link.way == "squash" and not link.exactly:
                source = _last_version(link, known, children)
            own: set[Oid] = ({link.old} & drafts) | carried[link.old]
            for other in _below(source, into, known.parents):
                own |= ({other} & drafts) | carried[other]
            if link.whole:
                beyond = ancestors(known.parents, [source]) - ancestors(known.parents, [new])
                own |= {commit for commit in beyond if commit in drafts and commit not in linked}
            own -= carried[new]
            if own:
                carried[new] |= own
                carries[new].append(Carry(source, frozenset(own), link.way, link.by))
    return {new: tuple(found) for new, found in carries.items()}


def _by_home(links: Sequence[Link]) -> Iterator[tuple[Oid, list[Link]]]:
    """Yield each new commit with the links into it, those first that lead to others."""
    into: dict[Oid, list[Link]] = defaultdict(list)
    for link in links:
        into[link.new].append(link)
    done: set[Oid] = set()
    for link in links:
        stack = [(link.new, False)]
        while stack:
            at, ready = stack.pop()
            if ready:
                yield at, into[at]
            elif at not in done:
                done.add(at)
                stack.append((at, True))
                stack += [(source.old, False) for source in into.get(at, ()) if source.old in into]


def _below(source: Oid, into: Sequence[Link], parents: Parents) -> list[Oid]:
    """Return which other commits that live on in the same one ``source`` was built on."""
    if len(into) < 2:
        return []
    under = ancestors(parents, [source])
    return [link.old for link in into if link.old in under]


def _latest_first(links: Sequence[Link], parents: Parents) -> list[Link]:
    """Return the links so that a source comes before those that it was built on.

    What one agent did to another's draft is then known where both were folded into one commit.
    """
    if len(links) < 2:
        return list(links)
    above = {link.old: ancestors(parents, [link.old]) for link in links}
    depth = {old: sum(other in above[old] for other in above) for old in above}
    return sorted(links, key=lambda link: -depth[link.old])


def chain_order(links: Iterable[Link]) -> list[Link]:
    """Return the links so that each comes after those that lead to its old commit."""
    given = list(links)
    into: dict[Oid, list[int]] = defaultdict(list)
    for number, link in enumerate(given):
        into[link.new].append(number)
    order: list[Link] = []
    seen: set[int] = set()
    for first in range(len(given)):
        stack = [(first, False)]
        while stack:
            number, ready = stack.pop()
            if ready:
                order.append(given[number])
            elif number not in seen:
                seen.add(number)
                stack.append((number, True))
                stack += [(before, False) for before in reversed(into.get(given[number].old, ()))]
    return order


def _last_version(link: Link, known: Known, children: Mapping[Oid, Sequence[Oid]]) -> Oid:
    """Return the last commit built on a squashed draft before the squash.

    What a person fixed on the branch before the squash is then charged to that fix.
    """
    forbidden = ancestors(known.parents, [link.new])
    metas = known.metas
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


def without_cycles(
    carries: Mapping[Oid, tuple[Carry, ...]], parents: Parents
) -> dict[Oid, tuple[Carry, ...]]:
    """Return the carries without those that would make a commit come before itself.

    Guesses from several sources may contradict one another: a commit is said to live on in a
    second one, and what the second one contains to live on in the first.
    """
    left = dict(carries)
    sound: set[Oid] = set()
    while circle := _circle(left, parents, sound):
        new, wrong = circle[-1]
        left[new] = tuple(carry for carry in left[new] if carry != wrong)
    return {new: found for new, found in left.items() if found}


def _circle(
    carries: Mapping[Oid, tuple[Carry, ...]], parents: Parents, sound: set[Oid]
) -> list[tuple[Oid, Carry]]:
    """Return the carries on a circle of commits that each need the next, if there is one.

    ``sound`` are the commits that need none on a circle; those that are found to be are added.
    """
    for start in carries:
        path: dict[Oid, Carry | None] = {}
        stack: list[tuple[Oid, Carry | None, bool]] = [(start, None, False)]
        while stack:
            at, via, ready = stack.pop()
            if ready:
                sound.add(at)
                path.pop(at)
                continue
            if at in path:
                names = list(path)
                names = names[names.index(at) :]
                edges = zip(names, [*(path[name] for name in names[1:]), via], strict=True)
                return [(name, carry) for name, carry in edges if carry is not None]
            if at in sound:
                continue
            path[at] = via
            stack.append((at, via, True))
            stack += [(parent, None, False) for parent in parents.get(at, ())]
            stack += [(carry.source, carry, False) for carry in carries.get(at, ())]
    return []
