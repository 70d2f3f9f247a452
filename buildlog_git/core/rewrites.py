"""What is on record of rewritten history: which commit a draft lives on in.

Hooks give exact maps, and what an earlier scan found is in the ledger. An amend is in HEAD's
reflog, as are the folds of a rebase. Any other rewrite keeps who wrote the commit, when, and its
subject (:mod:`buildlog_git.core.versions`); what keeps nothing of that (squash merges, reset and
commit again) is named in the new commit's message, or recognised by content
(:mod:`buildlog_git.core.likeness`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.events import By, Revision, Rewrite, Way
from buildlog_git.core.ids import Oid
from buildlog_git.core.patch import FileChange
from buildlog_git.core.tokens import line_key, weight
from buildlog_git.core.trailers import cherry_picked

MIN_SHARE = 0.5
"""Share of a draft's changed lines that a commit must change alike to count as its new home."""
_TELLING = 8
"""Letters and digits that make a line worth comparing; shorter ones stand everywhere."""

Identity = tuple[str, str, int, str]

_SQUASHED = "Squashed commit of the following:"
_SQUASHED_ID = r"(?m)^commit ([0-9a-f]{40,64})\b"
_FOLDS = ("commit (amend):", "rebase (squash)", "rebase (fixup)", "rebase (reword)",
          "rebase -i (squash)", "rebase -i (fixup)", "rebase -i (reword)")  # fmt: skip
_FOLD_VERBS = frozenset({"squash", "fixup"})


class Link(NamedTuple):
    """``old`` lives on in ``new``.

    ``whole``: so do all drafts on the branch that ended with ``old``. ``exactly``: ``new``
    changes all that ``old`` did, so that what came after ``old`` has no part in it. ``by`` took
    what is lost on the way.
    """

    old: Oid
    new: Oid
    way: Way
    whole: bool = False
    exactly: bool = False
    by: By = "person"


def identity(commit: CommitMeta) -> Identity:
    """Return what a rebase and a cherry-pick leave as it was."""
    return (commit.author_name, commit.author_email, commit.author_time, commit.subject)


def same_writing(one: CommitMeta, other: CommitMeta) -> bool:
    """Return whether two commits have one author and date: even a reword leaves those."""
    return identity(one)[:3] == identity(other)[:3]


def logged_links(log: Iterable[tuple[Oid | None, Oid, str]]) -> list[Link]:
    """Return the rewrites that one of HEAD's reflogs, oldest first, has on record."""
    links = []
    for old, new, message in log:
        if old is not None and old != new and message.startswith(_FOLDS):
            way: Way = "amend" if message.startswith("commit") else "rewrite"
            links.append(Link(old, new, way))
    return links


def named_links(line: Iterable[CommitMeta]) -> list[Link]:
    """Return the rewrites that messages name: ``merge --squash`` and ``cherry-pick -x``."""
    links = []
    for commit in line:
        if commit.message.startswith(_SQUASHED):
            named = re.findall(_SQUASHED_ID, commit.message)
            links += [Link(Oid(old), commit.oid, "squash") for old in named]
        elif "cherry picked from commit" in commit.message:
            olds = cherry_picked(commit.message)
            links += [Link(Oid(old), commit.oid, "rewrite") for old in olds]
    return links


def stored_links(rewrites: Sequence[Rewrite], revisions: Iterable[Revision]) -> list[Link]:
    """Return the rewrites that the ledger has on record."""
    asked = {(e.old, e.commit) for e in rewrites}
    news = {e.commit for e in rewrites}
    by = {
        (e.draft, e.commit): e.by
        for e in revisions
        if e.commit in news and (e.draft, e.commit) in asked
    }
    return [
        Link(
            e.old,
            e.commit,
            e.way,
            by="person" if by.get((e.old, e.commit), "person") == "person" else "self",
        )
        for e in rewrites
    ]


def read_rewrite_map(
    pairs: Iterable[tuple[str, str]],
    done: Iterable[tuple[str, str]] = (),
    *,
    onto: str | None = None,
) -> list[Link]:
    """Return what git's post-rewrite map says, without what it gets wrong.

    After a conflict and ``rebase --skip``, git before 2.56 maps the skipped commit to the one
    that HEAD was at, whichever that is. So where ``done`` has two picks that share a new commit
    the first is right; what was mapped to ``onto``, or to a commit that the rebase left as it
    was, was skipped. Squashes and fixups are folds.

    Args:
        pairs: old and new ids, as post-rewrite gets them.
        done: verb and id of each step of a rebase; none for an amend, or where they are unknown.
        onto: what the rebase started from, where that is known.

    """
    verbs = {old: verb for verb, old in done}
    way: Way = "rewrite" if verbs else "amend"
    picked: set[str] = set()
    links = []
    for old, new in pairs:
        if old == new or new == onto:
            continue
        verb = verbs.get(old, "")
        if verbs and verb not in _FOLD_VERBS:
            if new in picked or new in verbs:
                continue
            picked.add(new)
        links.append(Link(Oid(old), Oid(new), way))
    return links


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
