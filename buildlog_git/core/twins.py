"""Which commit of the history that is here was once another one, that no branch has any more.

filter-repo, filter-branch and forges rewrite commits and tell nobody. What they leave alone tells
the twin: the tree with the author's date and the subject, or the change itself (its patch id).
Of a commit that is gone altogether there is only what the ledger says: the same second, the same
agent and the same four sizes. A twin must be the only one; where two look alike, none is taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Literal, NamedTuple, TypeVar

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.events import Draft
from buildlog_git.core.ids import Oid

By = Literal["map", "tree", "patch", "facts"]
"""What told: the map of ``git filter-repo``; the same tree, author's date and subject; the same
patch id; the same draft as far as the ledger says."""


class Twin(NamedTuple):
    """``old`` lives on in ``new``."""

    old: Oid
    new: Oid
    by: By


class Twins(NamedTuple):
    """The twins that were found; ``ambiguous`` commits have several that look alike."""

    found: tuple[Twin, ...]
    ambiguous: frozenset[Oid]


_Thing = TypeVar("_Thing")


def same_tree(commit: CommitMeta) -> Hashable:
    """Return what a rewrite of messages' footers, committers or parents leaves as it was."""
    return (commit.tree, commit.author_time, commit.subject)


def same_patch(patches: Mapping[Oid, str]) -> Callable[[CommitMeta], Hashable]:
    """Return the function that names what a commit changes; None where it changes nothing."""
    return lambda commit: patches.get(commit.oid)


def same_patch_and_author(patches: Mapping[Oid, str]) -> Callable[[CommitMeta], Hashable]:
    """Return the same, told apart by the author's date and the subject."""

    def key(commit: CommitMeta) -> Hashable:
        patch = patches.get(commit.oid)
        return patch and (patch, commit.author_time, commit.subject)

    return key


def same_facts(draft: Draft) -> Hashable:
    """Return what the ledger says of a draft, besides which commit it is."""
    return (draft.at, draft.agent, draft.tokens, draft.removed, draft.lines, draft.files)


def pair(
    olds: Iterable[_Thing],
    news: Iterable[_Thing],
    key: Callable[[_Thing], Hashable],
    oid: Callable[[_Thing], Oid],
    made: Callable[[_Thing], int],
    by: By,
) -> Twins:
    """Return which of ``news`` is the only one with the key of one of ``olds``.

    What was ``made`` before an old one is no rewrite of it, but what the old one was picked from.
    Several olds may share a twin, unless only facts tell: a commit may be rewritten twice.
    """
    places = _by_key(news, key)
    twins, doubtful = [], set()
    for name, those in _by_key(olds, key).items():
        for old in those:
            later = [new for new in places.get(name, ()) if made(new) >= made(old)]
            if len(later) > 1 or (later and by == "facts" and len(those) > 1):
                doubtful.add(oid(old))
            elif later:
                twins.append(Twin(oid(old), oid(later[0]), by))
    return Twins(tuple(sorted(twins)), frozenset(doubtful))


def _by_key(
    things: Iterable[_Thing], key: Callable[[_Thing], Hashable]
) -> dict[Hashable, list[_Thing]]:
    found: defaultdict[Hashable, list[_Thing]] = defaultdict(list)
    for thing in things:
        if (name := key(thing)) is not None:
            found[name].append(thing)
    return found
