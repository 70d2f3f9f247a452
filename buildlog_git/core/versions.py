"""Commits of one author, date and subject: which of them are versions of one and the same.

A rebase, a cherry-pick and ``git am`` keep all three. But a script may commit many times in one
second, with one subject; so what such commits change decides which of them belong together.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cmp_to_key
from typing import NamedTuple

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.graph import Parents, ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import MIN_SHARE, Link

_FAR = 200
"""Commits of one identity within which versions that are only alike are looked for."""

Keys = Mapping[Oid, frozenset[str]]


class Order:
    """Which of two commits was made first, as far as anything tells.

    Clocks may be wrong or the same for all, so that a reflog of HEAD in which both were made
    decides, then the steady times, then whether the ledger knew one already.
    """

    def __init__(
        self,
        logs: Sequence[Sequence[Oid]],
        times: Mapping[Oid, int],
        recorded: Container[Oid],
    ) -> None:
        """Read ``logs``, each in the order in which its commits were made; ``times`` has all."""
        self._places: dict[Oid, list[tuple[int, int]]] = {}
        for number, log in enumerate(logs):
            for place, oid in enumerate(log):
                self._places.setdefault(oid, []).append((number, place))
        self._times = times
        self._index = {oid: at for at, oid in enumerate(times)}
        self._recorded = recorded

    def compare(self, one: Oid, other: Oid) -> int:
        """Return a negative number where ``one`` was made first, a positive one if ``other``."""
        theirs = dict(self._places.get(other, ()))
        for log, place in self._places.get(one, ()):
            if log in theirs:
                return place - theirs[log]
        if self._times[one] != self._times[other]:
            return self._times[one] - self._times[other]
        if (one in self._recorded) != (other in self._recorded):
            return -1 if one in self._recorded else 1
        return self._index[one] - self._index[other]

    def sort(self, oids: Sequence[Oid]) -> list[Oid]:
        """Return ``oids`` in the order in which they were made."""
        return sorted(oids, key=cmp_to_key(self.compare))


class Places(NamedTuple):
    """Where commits are: in a branch (``line``), in the default branch (``trunk``).

    ``plain`` are those of which a reflog says that they were committed as new, ``copied`` those
    of which it says that they were made from others.
    """

    parents: Parents
    line: Container[Oid]
    trunk: Container[Oid]
    plain: Container[Oid]
    copied: Container[Oid]


def match_versions(
    group: Sequence[CommitMeta],
    keys: Keys,
    order: Order,
    places: Places,
    known: Container[Oid],
    settled: Container[Oid],
) -> Iterator[Link]:
    """Yield which commits of ``group``, all of one identity, are versions of which others.

    Args:
        group: the commits.
        keys: the lines that each changes.
        order: which was made first.
        places: where they are.
        known: commits of which it is known what they replace.
        settled: commits of which it is known that they live on on the line.

    """
    members = order.sort([commit.oid for commit in group])
    with_text = [oid for oid in members if keys[oid]]
    links: dict[Oid, Link] = {}
    latest: dict[frozenset[str], Oid] = {}
    for at, oid in enumerate(with_text):
        mine = keys[oid]
        if oid not in known:
            best = latest.get(mine) or _most_alike(mine, with_text[max(0, at - _FAR) : at], keys)
            if best is not None:
                links[oid] = Link(best, oid, "rewrite")
        latest[mine] = oid
    yield from links.values()
    left = [oid for oid in with_text if oid not in links and oid not in known]
    homed = {link.old for link in links.values()} | {o for o in with_text if o in settled}
    yield from _left_over(with_text, left, homed, keys, order, places)
    yield from _empty([oid for oid in members if not keys[oid]], known, places)


def _most_alike(mine: frozenset[str], others: Sequence[Oid], keys: Keys) -> Oid | None:
    best: tuple[float, int, Oid] | None = None
    for at, other in enumerate(others):
        theirs = keys[other]
        share = len(mine & theirs) / max(len(mine), len(theirs))
        if share > MIN_SHARE:
            best = max(best, (share, at, other)) if best else (share, at, other)
    return best[2] if best else None


def _left_over(
    olds: Sequence[Oid],
    news: Sequence[Oid],
    homed: Container[Oid],
    keys: Keys,
    order: Order,
    places: Places,
) -> Iterator[Link]:
    """Yield links between commits that somebody changed much while rewriting them.

    Where one alone is missing and one alone is new, identity is all the likeness they need,
    unless the new one is known to be no rewrite. One that is known to be a copy may be of any.
    """

    def fits(old: Oid, new: Oid) -> bool:
        if order.compare(old, new) >= 0 or new in places.plain:
            return False
        if new in places.copied:
            return True
        if old in homed or old in places.trunk or new not in places.line:
            return False
        return old not in places.line or new in places.trunk

    pairs = [(old, new) for old in olds for new in news if fits(old, new)]
    alone = len({o for o, _ in pairs}) == len({n for _, n in pairs}) == 1
    ranked = sorted(
        ((len(keys[old] & keys[new]), old, new) for old, new in pairs),
        key=lambda item: -item[0],
    )
    used: set[Oid] = set()
    for shared, old, new in ranked:
        if new in used or (old in used and new not in places.copied):
            continue
        if shared or alone:
            used |= {old, new}
            yield Link(old, new, "rewrite")


def _empty(members: Sequence[Oid], known: Container[Oid], places: Places) -> Iterator[Link]:
    """Yield links between commits without text: the first of one series is that of the next.

    Two of them on one line of history are two commits, not versions of one.
    """
    versions: list[list[Oid]] = []
    above: dict[Oid, set[Oid]] = {}
    for oid in members:
        above[oid] = ancestors(places.parents, [oid])
        for those in versions:
            related = any(other in above[oid] or oid in above[other] for other in those)
            if not related and oid not in known:
                yield Link(those[-1], oid, "rewrite")
                those.append(oid)
                break
        else:
            versions.append([oid])
