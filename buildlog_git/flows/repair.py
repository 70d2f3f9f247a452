"""Finds where drafts live on whose commits no branch has any more, and writes it down.

What is written are facts, as a hook would have written them: a rewrite from the old commit to
the new one, and then what a scan finds that knows of it. Nothing is taken away.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.events import Draft, Event, Rewrite, Settle
from buildlog_git.core.forgotten import remaining
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake, Reward
from buildlog_git.core.twins import (
    Twin,
    Twins,
    pair,
    same_facts,
    same_patch,
    same_patch_and_author,
    same_tree,
)
from buildlog_git.flows.context import Context
from buildlog_git.flows.scan import find_events
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.reach import ON_BRANCHES, mapped, patch_ids, unreached
from buildlog_git.gitio.repo import head_commit


@dataclass(frozen=True, slots=True)
class Repair:
    """What was looked for and found.

    ``looked`` commits are gone or no branch has them, though something was said of them, and
    nobody had written down where they live on. ``found`` are those that live on, ``ambiguous``
    the number of those for which several commits look alike, ``left`` of those for which none
    does. ``written`` events are new in the ledger.
    """

    dry_run: bool
    looked: int
    found: tuple[Twin, ...]
    ambiguous: int
    left: int
    written: int


def repair(context: Context, *, dry_run: bool = False) -> Repair:
    """Look for what became of commits that no branch has, and write it to the ledger.

    Raises:
        LedgerError: the ledger cannot be read or written.

    """
    events = remaining(context.ledger.read().events)
    lost = lost_commits(context, events)
    context.progress("looking for rewritten commits", 0, 0)
    twins = _search(context, events, lost) if lost else Twins((), frozenset())
    written = 0
    if twins.found and not dry_run:
        written = _write(context, events, twins.found)
    found = {twin.old for twin in twins.found}
    return Repair(
        dry_run=dry_run,
        looked=len(lost),
        found=twins.found,
        ambiguous=len(twins.ambiguous - found),
        left=len(lost - found - twins.ambiguous),
        written=written,
    )


def lost_commits(context: Context, events: Iterable[Event]) -> frozenset[Oid]:
    """Return the commits of which something is said and that no branch has in any form."""
    known = list(events)
    about = {event.commit for event in known}
    absent = context.ledger.notes.absent(about)
    astray = absent | unreached(context.repo.git, about - absent, _refs(context))
    said = {event.commit for event in known if isinstance(event, Draft | Reward | Mistake)}
    return frozenset(said & astray - set(homes(known, astray)))


def _refs(context: Context) -> tuple[str, ...]:
    head = head_commit(context.repo.git)
    return (*ON_BRANCHES, head) if head else ON_BRANCHES


def homes(events: Iterable[Event], astray: Container[Oid]) -> Iterator[Oid]:
    """Yield the commits that are known to live on in one that is not ``astray``."""
    olds: dict[Oid, list[Oid]] = {}
    for event in events:
        if isinstance(event, Rewrite):
            olds.setdefault(event.commit, []).append(event.old)
    pending = [new for new in olds if new not in astray]
    seen: set[Oid] = set()
    while pending:
        for old in olds.get(pending.pop(), ()):
            if old not in seen:
                seen.add(old)
                pending.append(old)
                yield old


def _search(context: Context, events: Sequence[Event], lost: frozenset[Oid]) -> Twins:
    git = context.repo.git
    line = {meta.oid: meta for meta in read_commits(git, *_refs(context))}
    found = [
        Twin(old, new, "map")
        for old, new in _chained(mapped(context.repo.common_dir))
        if old in lost and new in line
    ]
    doubtful: frozenset[Oid] = frozenset()
    absent = context.ledger.notes.absent(lost)
    here = _single(_commits(context, lost - absent - {twin.old for twin in found}))
    for twins in _alike(context, here, _single(line.values())):
        done = {twin.old for twin in found}
        found += [twin for twin in twins.found if twin.old not in done]
        doubtful |= twins.ambiguous
    told = {twin.old for twin in found}
    gone = [e for e in events if isinstance(e, Draft) and e.commit in absent - told]
    if gone:
        news = find_events(context, _unsettled(events)).events
        drafts = [e for e in (*events, *news) if isinstance(e, Draft) and e.commit in line]
        once = {e.commit: e for e in drafts}.values()
        alike = pair(gone, once, same_facts, lambda e: e.commit, lambda e: e.at, "facts")
        found += alike.found
        doubtful |= alike.ambiguous
    return Twins(tuple(sorted(found)), doubtful)


def _alike(
    context: Context, olds: Sequence[CommitMeta], news: Sequence[CommitMeta]
) -> Iterator[Twins]:
    """Yield what each way to tell finds, the surest first."""
    if not olds:
        return
    trees = pair(olds, news, same_tree, _oid, _time, "tree")
    yield trees
    left = {twin.old for twin in trees.found}
    rest = [meta for meta in olds if meta.oid not in left]
    if not rest:
        return
    git = context.repo.git
    patches = patch_ids(git, [meta.oid for meta in (*rest, *news)])
    for key in (same_patch_and_author(patches), same_patch(patches)):
        yield pair(rest, news, key, _oid, _time, "patch")


def _oid(commit: CommitMeta) -> Oid:
    return commit.oid


def _time(commit: CommitMeta) -> int:
    return commit.commit_time


def _commits(context: Context, wanted: frozenset[Oid]) -> list[CommitMeta]:
    return read_commits(context.repo.git, "--no-walk", *sorted(wanted)) if wanted else []


def _single(commits: Iterable[CommitMeta]) -> list[CommitMeta]:
    return [meta for meta in commits if len(meta.parents) < 2]


def _chained(steps: Mapping[Oid, Oid]) -> Iterator[tuple[Oid, Oid]]:
    """Yield each old commit with the last that it became: history may be rewritten twice."""
    for old in steps:
        at, seen = old, {old}
        while at in steps and steps[at] not in seen:
            at = steps[at]
            seen.add(at)
        yield old, at


def _write(context: Context, events: Sequence[Event], twins: Sequence[Twin]) -> int:
    metas = {meta.oid: meta for meta in _commits(context, frozenset(twin.new for twin in twins))}
    rewrites = [
        Rewrite(commit=twin.new, at=metas[twin.new].commit_time, old=twin.old, way="rewrite")
        for twin in twins
    ]
    written = context.ledger.append(rewrites).written
    # A window that has closed was measured on the commits that are gone: it is looked at again.
    found = find_events(context, _unsettled((*events, *rewrites)))
    return written + context.ledger.append(found.events).written


def _unsettled(events: Iterable[Event]) -> tuple[Event, ...]:
    return tuple(event for event in events if not isinstance(event, Settle))
