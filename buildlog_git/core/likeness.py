"""Finds by content where a draft lives on of which nothing else tells.

A commit is the home of a draft if it changes at least half of the lines that the draft changed,
in the same way, and has at least half of those that the draft wrote. A draft may also have been
split: then commits that consist of its lines are its homes if together they have half of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import TypeVar

from buildlog_git.core.ids import Oid
from buildlog_git.core.rewrites import MIN_SHARE, Link

PATIENCE = 90 * 24 * 3600
"""Seconds after a draft within which a commit can be its new home by content."""
_PART = 0.1
"""Share of a draft that a part of it must add to what other parts have."""


def beyond(new: AbstractSet[str], old: AbstractSet[str], *, folded: bool) -> set[str]:
    """Return what a commit that changes ``new`` changes beyond ``old``, which it replaces.

    Where something was ``folded`` into it, that may have undone a part of what it replaces.
    """
    more = {key for key in new if key not in old}
    if folded:
        more |= {("-" if key[0] == "+" else "+") + key[1:] for key in old if key not in new}
    return more


class ContentSearch:
    """Looks for the commits that change what stray drafts had changed.

    Feed the drafts first, then the candidates in the order of history; :meth:`links` has the
    homes found.
    """

    def __init__(
        self, may_be: Callable[[Oid, Oid], bool], related: Callable[[Oid, Oid], bool]
    ) -> None:
        """``may_be`` says of a draft and a candidate whether the second may be its home.

        ``related`` says of two commits whether one contains the other: a draft has one home on
        one line of history, the most alike.
        """
        self._may_be = may_be
        self._related = related
        self._keys: dict[Oid, AbstractSet[str]] = {}
        self._homes: dict[Oid, set[Oid]] = {}
        self._whole: set[Oid] = set()
        self._having: dict[str, list[Oid]] = defaultdict(list)
        self._fits: dict[Oid, list[tuple[float, Oid]]] = defaultdict(list)
        self._parts: dict[Oid, list[tuple[Oid, set[str]]]] = defaultdict(list)

    def want(
        self,
        draft: Oid,
        keys: AbstractSet[str],
        homes: Iterable[Oid] = (),
        *,
        whole: bool = False,
    ) -> None:
        """Look for homes of ``draft``, which changed ``keys``; ``whole``: so did its branch.

        ``homes`` are those that it has already.
        """
        self._keys[draft] = keys
        self._homes[draft] = set(homes)
        if whole:
            self._whole.add(draft)
        for key in keys:
            self._having[key].append(draft)

    def offer(self, candidate: Oid, keys: AbstractSet[str]) -> None:
        """Consider ``candidate``, which changes ``keys``."""
        shared: dict[Oid, set[str]] = defaultdict(set)
        for key in keys:
            for draft in self._having.get(key, ()):
                shared[draft].add(key)
        for draft, those in shared.items():
            share = len(those) / len(self._keys[draft])
            fits = _are_half(those, self._keys[draft])
            part = len(those) >= MIN_SHARE * len(keys) and share >= _PART
            if not (fits or part) or not self._may_be(draft, candidate):
                continue
            if fits:
                self._fits[draft].append((share, candidate))
            if part and draft not in self._whole:
                self._parts[draft].append((candidate, those))

    def links(self) -> list[Link]:
        """Return the links to the homes found."""
        links = []
        for draft, keys in self._keys.items():
            homes = self._homes[draft]
            parts = self._split(draft, keys)
            if len(parts) > 1 and (not homes or not homes.isdisjoint(parts)):
                links += [Link(draft, part, "squash", exactly=True) for part in parts]
                homes.update(parts)
            for share, home in sorted(self._fits.get(draft, ()), key=lambda fit: -fit[0]):
                if any(home == other or self._related(home, other) for other in homes):
                    continue
                whole = draft in self._whole
                links.append(Link(draft, home, "squash", whole, share == 1 and not whole))
                homes.add(home)
        return links

    def _split(self, draft: Oid, keys: AbstractSet[str]) -> list[Oid]:
        """Return the commits that a draft was split into."""
        covered: set[str] = set()
        parts = []
        for candidate, those in self._parts.get(draft, ()):
            if len(those - covered) >= _PART * len(keys):
                covered |= those
                parts.append(candidate)
        return parts if _are_half(covered, keys) else []


def _are_half(those: AbstractSet[str], keys: AbstractSet[str]) -> bool:
    """Return whether ``those`` of the lines that a draft changed are enough to know it by.

    They must be half of the lines that it wrote, too: who replaces the same old lines by other
    words has not taken over the draft.
    """
    written = sum(key[0] == "+" for key in keys)
    shared = sum(key[0] == "+" for key in those)
    return len(those) >= MIN_SHARE * len(keys) and shared >= MIN_SHARE * written


_T = TypeVar("_T")


def total(parts: Iterable[Iterable[_T]]) -> set[_T]:
    """Return all that is in any of ``parts``."""
    return {item for part in parts for item in part}
