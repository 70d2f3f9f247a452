"""Where those commits live on that were rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.carries import Forms, reaching
from buildlog_git.core.graph import ancestors
from buildlog_git.core.ids import Oid
from buildlog_git.core.likeness import PATIENCE, ContentSearch, beyond, total
from buildlog_git.core.patch import parse_patch
from buildlog_git.core.rewrites import (
    Identity,
    Link,
    changed_keys,
    identity,
    logged_links,
    named_links,
    same_writing,
    stored_links,
)
from buildlog_git.core.stored import Stored
from buildlog_git.core.versions import Order, Places, match_versions
from buildlog_git.flows.context import Context
from buildlog_git.flows.facts import History
from buildlog_git.gitio.diffs import Patches, Request
from buildlog_git.gitio.headlog import head_logs, read_moves
from buildlog_git.gitio.history import LogEntry, read_head_log


class Evidence:
    """What may tell where commits live on: reflogs, the ledger, hooks, and the commits' patches."""

    def __init__(
        self,
        context: Context,
        history: History,
        patches: Patches,
        known: Stored,
        exact: Iterable[Link] = (),
    ) -> None:
        self.history = history
        self._context = context
        self._patches = patches
        self._keys: dict[Oid, frozenset[str]] = {}
        recorded = {event.commit for event in known.drafts}
        self.watched = {event.commit for event in known.drafts if event.session}
        self.exact = list(_sound(exact, history.metas))
        links = stored_links(known.rewrites, known.revisions)
        self.stored = [link for link in links if _is_known(link, history)]
        logs = _read_logs(context)
        # A rebase that rewords logs the pick before it by the same words: on top of what HEAD was.
        self.logged = [
            link
            for log in logs
            for link in logged_links(log)
            if _is_known(link, history) and link.old not in history.parents[link.new]
        ]
        made = [_made(log) for log in logs]
        self.order = Order(made, history.times, recorded)
        self.made = total(made)
        self.unfolded = self.made - {link.new for link in self.logged}
        said = [(e.new, e.message) for log in logs for e in log]
        plain = {oid for oid, message in said if message.startswith(_PLAIN)}
        copied = {
            oid
            for oid, message in said
            if message.startswith(_COPIED)
            and not message.startswith(_MOVES)
            and "ast-forward" not in message
        }
        # With a clock that stands still a rebase may make the very same commit again.
        copied -= plain
        self.remade = {link.new for link in self.logged if link.way == "rewrite"}
        self.remade |= {
            oid
            for oid, message in said
            if oid in copied and oid not in history.line and not message.startswith("am")
        }
        self.places = Places(history.parents, history.line, history.trunk, plain, copied)

    def keys(self, wanted: Iterable[Oid]) -> dict[Oid, frozenset[str]]:
        """Return the lines that each commit changes."""
        oids = list(wanted)
        missing = [oid for oid in dict.fromkeys(oids) if oid not in self._keys]
        streamed = self._patches.stream([Request(oid) for oid in missing])
        for oid, patch in zip(missing, streamed, strict=True):
            self._context.progress("looking for rewritten drafts", 0, 0)
            self._keys[oid] = changed_keys(parse_patch(patch))
        return {oid: self._keys[oid] for oid in oids}

    def between(self, old: Oid, new: Oid) -> frozenset[str]:
        """Return the lines that lead from one commit's tree to another's."""
        return changed_keys(parse_patch(self._patches.between(old, new)))


_PLAIN = ("commit: ", "commit (initial): ")
_COPIED = ("cherry-pick", "commit (cherry-pick)", "rebase", "am:")
_MAKES = ("commit", "cherry-pick", "revert:", "rebase", "am:", "merge", "pull")
_MOVES = ("rebase (start)", "rebase (finish)", "rebase (abort)", "rebase finished")


def _made(log: Iterable[LogEntry]) -> list[Oid]:
    """Return the commits that a reflog's worktree made, in order."""
    return list(
        dict.fromkeys(
            entry.new
            for entry in log
            if entry.message.startswith(_MAKES)
            and not entry.message.startswith(_MOVES)
            and "ast-forward" not in entry.message
        )
    )


def _read_logs(context: Context) -> list[list[LogEntry]]:
    """Return HEAD's reflog of this worktree and of the others, oldest entry first."""
    logs = [read_head_log(context.repo.git)]
    for worktree, path in head_logs(context.repo.common_dir).items():
        if path.parent.parent.resolve() != context.repo.git_dir.resolve():
            moves, _ = read_moves(worktree, path, None)
            logs.append([LogEntry(m.old, m.new, f"{m.verb}: {m.rest}") for m in moves])
    return logs


def _is_known(link: Link, history: History) -> bool:
    return link.old in history.metas and link.new in history.metas


def _sound(links: Iterable[Link], metas: Mapping[Oid, CommitMeta]) -> Iterator[Link]:
    """Yield the exact links, without those to a commit that none of its sources can be.

    A pick keeps author and date, and what is folded into it does not. So a commit that has
    neither from any of those that are said to live on in it only stood where one was skipped.
    """
    into: dict[Oid, list[Link]] = defaultdict(list)
    for link in links:
        if link.old in metas and link.new in metas and link.old != link.new:
            into[link.new].append(link)
    for new, those in into.items():
        rewritten = any(link.way != "rewrite" for link in those)
        if rewritten or any(same_writing(metas[link.old], metas[new]) for link in those):
            yield from those


def find_links(evidence: Evidence, drafts: AbstractSet[Oid]) -> list[Link]:
    """Find where commits live on, and which are copies of others.

    What hooks gave exactly comes first, then what the ledger and the reflogs have on record and
    what messages name. What that does not tell of is decided by author, date and subject, and
    by content; but nothing is guessed of a draft of which something is known.
    """
    history = evidence.history
    agents = {oid for oid, made in history.made_by.items() if made.author == "agent"}
    named = [
        link
        for link in named_links(history.metas.values())
        if _is_known(link, history)
        and link.old in agents
        and (link.way == "squash" or history.made_by[link.new].author == "agent")
    ]
    links = _unique([*evidence.exact, *evidence.stored, *evidence.logged, *named])
    links += _version_links(evidence, links, agents)
    lost = [oid for oid in history.metas if oid in drafts and oid not in history.trunk]
    if lost:
        links += _content_links(evidence, links, lost)
    return _unique(links)


def _unique(links: Iterable[Link]) -> list[Link]:
    """Return the links without doubles, and without those that lead back."""
    found: dict[tuple[Oid, Oid], Link] = {}
    for link in links:
        if (link.old, link.new) not in found and (link.new, link.old) not in found:
            found[link.old, link.new] = link
    return list(found.values())


def _version_links(
    evidence: Evidence, links: Sequence[Link], agents: AbstractSet[Oid]
) -> list[Link]:
    """Return the links between commits of one author, date and subject."""
    history = evidence.history
    groups: dict[Identity, list[CommitMeta]] = defaultdict(list)
    for meta in history.metas.values():
        if len(meta.parents) < 2:
            groups[identity(meta)].append(meta)
    # A message that names others goes along with a rebase, and a squash may be rebased too.
    known = {
        link.new
        for link in (*evidence.exact, *evidence.stored, *evidence.logged)
        if link.way != "squash"
    }
    settled = {link.old for link in reaching(links, history.line)}
    rewritten = {oid for link in links for oid in link[:2]} | agents
    alike = [
        group
        for group in groups.values()
        if len(group) > 1
        and any(meta.oid in rewritten or meta.oid not in history.trunk for meta in group)
    ]
    keys = evidence.keys(meta.oid for group in alike for meta in group)
    return [
        link
        for group in alike
        for link in match_versions(group, keys, evidence.order, evidence.places, known, settled)
    ]


def _content_links(evidence: Evidence, links: Sequence[Link], lost: Sequence[Oid]) -> list[Link]:
    """Return the links to commits that only their content shows to be homes of drafts."""
    history = evidence.history
    first = min(history.times[oid] for oid in lost)
    # A home that was rewritten itself is one all the same: the draft lives on where it does.
    homes_too = evidence.remade | {link.old for link in reaching(links, history.line)}
    candidates = [
        oid
        for oid, meta in history.metas.items()
        if (oid in history.line or oid in homes_too)
        and len(meta.parents) == 1
        and (history.times[oid] >= first or oid in evidence.made)
    ]
    origins = _origins(links, candidates)
    keys = evidence.keys([*lost, *candidates, *origins.values()])
    offered: dict[Oid, AbstractSet[str]] = {
        oid: keys[oid]
        if origin == oid
        else beyond(keys[oid], keys[origin], folded=oid not in evidence.unfolded)
        for oid, origin in origins.items()
    }
    judge = _Judge(evidence, links, origins)
    search = ContentSearch(judge.may_be, judge.related)
    forms = Forms(links)
    homes = {oid: forms.of(oid) & history.line for oid in lost}
    for oid in lost:
        search.want(oid, keys[oid], homes[oid])
    for oid, those in offered.items():
        search.offer(oid, those)
    found = search.links()
    found_of = {link.old for link in found}
    left = {oid for oid in lost if not homes[oid] - {oid} and oid not in found_of}
    branches = ContentSearch(judge.may_be, judge.related)
    linked = {link.old for link in links}
    stray = [s for s in _stray_branches(history, left) if s.tip not in linked]
    apart = {s.tip: [oid for oid in s.commits if oid in linked] for s in stray}
    evidence.keys(oid for those in apart.values() for oid in those)
    for tip, fork, _ in stray:
        whole = evidence.between(fork, tip) - total(evidence.keys(apart[tip]).values())
        branches.want(tip, whole, whole=True)
    for oid, those in offered.items():
        branches.offer(oid, those)
    return found + branches.links()


class _Judge:
    """Which commits may be homes of which drafts, whatever they change."""

    def __init__(
        self, evidence: Evidence, links: Iterable[Link], origins: Mapping[Oid, Oid]
    ) -> None:
        self._history = evidence.history
        self._order, self._watched = evidence.order, evidence.watched
        self._against = {(link.old, link.new) for link in links}
        self._origins = origins
        self._above: dict[Oid, set[Oid]] = {}

    def may_be(self, draft: Oid, candidate: Oid) -> bool:
        """Return whether ``candidate`` may be a home of ``draft``.

        What another agent writes on another branch is its own, unless the draft is lost or the
        candidate is known to be more than the draft that it was. What a hook saw being made in
        a session stays its own also when that branch has landed.
        """
        history = self._history
        apart = candidate not in history.trunk or candidate in self._watched
        own = history.made_by[candidate].author == "agent" and (
            self._origins.get(candidate, candidate) == candidate
        )
        return (
            not (apart and own and draft in history.line)
            and history.times[candidate] - history.times[draft] <= PATIENCE
            and self._order.compare(draft, candidate) < 0
            and (candidate, draft) not in self._against
            and draft not in self._ancestors(candidate)  # what contains it is no form of it
        )

    def related(self, one: Oid, other: Oid) -> bool:
        """Return whether one of two commits contains the other."""
        return one in self._ancestors(other) or other in self._ancestors(one)

    def _ancestors(self, oid: Oid) -> set[Oid]:
        if oid not in self._above:
            self._above[oid] = ancestors(self._history.parents, [oid])
        return self._above[oid]


def _origins(links: Sequence[Link], candidates: Iterable[Oid]) -> dict[Oid, Oid]:
    """Return the first version of each candidate.

    What a candidate changes beyond that is what it can be the home of. So two drafts that touch
    one place do not claim each other's new forms; but what a rebase folded into another commit
    is found there.
    """
    olds = {link.new: link.old for link in reversed(links) if link.way != "squash"}
    found = {}
    for oid in candidates:
        first, seen = oid, {oid}
        while first in olds and olds[first] not in seen:
            first = olds[first]
            seen.add(first)
        found[oid] = first
    return found


class _Stray(NamedTuple):
    """A branch that the trunk lacks: its tip, where it forked off, and its commits."""

    tip: Oid
    fork: Oid
    commits: list[Oid]


def _stray_branches(history: History, strays: AbstractSet[Oid]) -> Iterator[_Stray]:
    """Yield each branch that the trunk lacks with one of ``strays`` on it.

    People may have changed all of a draft before its branch was squashed: then only the branch
    as a whole is like the squash.
    """
    inner = {
        parent
        for oid in history.metas
        if oid not in history.trunk
        for parent in history.parents[oid]
    }
    for oid in history.metas:
        if oid in history.trunk or oid in inner or oid in strays:
            continue
        at, series = oid, []
        while at not in history.trunk and history.parents.get(at):
            series.append(at)
            at = history.parents[at][0]
        if at in history.trunk and not strays.isdisjoint(series):
            yield _Stray(oid, at, series)
