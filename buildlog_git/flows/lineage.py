"""All commits that a repository still knows, and where those live on that were rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import NamedTuple

from buildlog_git.core.attribution import Attribution, CommitMeta
from buildlog_git.core.graph import ancestors, steady_times
from buildlog_git.core.ids import Oid
from buildlog_git.core.patch import parse_patch
from buildlog_git.core.rewrites import (
    ContentSearch,
    Link,
    changed_keys,
    copies,
    identity_links,
    logged_links,
    named_links,
)
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context, Witness
from buildlog_git.gitio.diffs import Patches, Request
from buildlog_git.gitio.history import read_commits, read_head_log
from buildlog_git.gitio.keep import KEEP
from buildlog_git.gitio.repo import (
    DefaultBranch,
    default_branch,
    head_commit,
    local_tips,
    shallow_commits,
)

NOBODY: Mapping[Oid, Witness] = MappingProxyType({})

KEPT = f"--glob={KEEP}"
RECORDED = ("--not", "--glob=refs/notes", "--not", "--reflog", KEPT)
"""What reflogs know, without the logs of notes refs, and the drafts that are kept."""


class History(NamedTuple):
    """All commits that the repository still knows, and what can be said of each."""

    metas: dict[Oid, CommitMeta]
    made_by: dict[Oid, Attribution]
    parents: dict[Oid, tuple[Oid, ...]]
    times: dict[Oid, int]
    branch: DefaultBranch | None
    line: set[Oid]
    """Commits that a branch or HEAD contains; the others only a reflog knows."""
    trunk: set[Oid]
    """Commits that the default branch contains."""
    cut: frozenset[Oid]
    """Commits at which a shallow history ends."""


def read_history(
    context: Context, revisions: Sequence[str], witnesses: Mapping[Oid, Witness] = NOBODY
) -> History:
    """Return what HEAD, the branches, the reflogs and ``revisions`` know.

    Raises:
        UsageError: a revision is unknown.
    """
    git = context.repo.git
    context.progress("reading commits", 0, 0)
    head, branch = head_commit(git), default_branch(git)
    tips = sorted({*local_tips(git), *([head] if head else []), *([branch.tip] if branch else [])})
    asked = read_commits(git, *revisions) if revisions else []
    inner = {parent for commit in asked for parent in commit.parents}
    tips += [commit.oid for commit in asked if commit.oid not in inner]
    try:
        commits = read_commits(git, *RECORDED, *tips) if tips else []
    except UsageError:
        # A reflog may name commits that are gone.
        commits = read_commits(git, KEPT, *tips)
    metas = {commit.oid: commit for commit in commits}
    parents = {oid: meta.parents for oid, meta in metas.items()}
    own = {oid: meta.commit_time for oid, meta in metas.items()}
    return History(
        metas=metas,
        made_by={oid: context.attribute(meta, witnesses.get(oid)) for oid, meta in metas.items()},
        parents=parents,
        times=steady_times(list(metas), parents, own, context.now),
        branch=branch,
        line=ancestors(parents, tips),
        trunk=ancestors(parents, [branch.tip] if branch else []),
        cut=shallow_commits(context.repo),
    )


def find_links(
    context: Context, history: History, drafts: AbstractSet[Oid], patches: Patches
) -> dict[Oid, Link]:
    """Find where the commits live on that the default branch lacks."""
    stray = [oid for oid in history.metas if oid not in history.trunk]
    if not stray:
        return {}
    logged = logged_links(read_head_log(context.repo.git))
    links = {
        old: link
        for old, link in logged.items()
        if old in history.metas and old not in history.line and link.new in history.metas
    }
    lost = [
        history.metas[oid]
        for oid in stray
        if oid not in links and history.made_by[oid].author == "agent"
    ]
    named = named_links(m for oid, m in history.metas.items() if oid in history.trunk)
    links |= {meta.oid: named[meta.oid] for meta in lost if meta.oid in named}
    links |= _identity_links(history, [meta for meta in lost if meta.oid not in links])
    left = [meta for meta in lost if meta.oid in drafts and meta.oid not in links]
    if left:
        links |= _content_links(context, history, left, patches)
    return links


def find_copies(history: History, drafts: AbstractSet[Oid], patches: Patches) -> dict[Oid, Link]:
    """Find drafts on the default branch that were picked from one branch to another.

    Returns, by the copy, from which draft it was made. Where the copy does not contain its
    original the link says that the original lives on in it too.
    """

    def keys(commits: list[CommitMeta]) -> list[frozenset[str]]:
        requests = [Request(meta.oid) for meta in commits]
        return [changed_keys(parse_patch(patch)) for patch in patches.stream(requests)]

    here = drafts & history.trunk
    landed = [meta for oid, meta in history.metas.items() if oid in here]
    return {copy: Link(first, copy, "rewrite") for first, copy in copies(landed, keys)}


def _identity_links(history: History, lost: list[CommitMeta]) -> dict[Oid, Link]:
    trunk = [meta for oid, meta in history.metas.items() if oid in history.trunk]
    found = identity_links(lost, trunk)
    # What is in no branch may also live on in a branch that has not landed yet.
    gone = [meta for meta in lost if meta.oid not in history.line and meta.oid not in found]
    if gone:
        side = [m for o, m in history.metas.items() if o in history.line - history.trunk]
        found |= identity_links(gone, side)
    return found


def _content_links(
    context: Context, history: History, strays: list[CommitMeta], patches: Patches
) -> dict[Oid, Link]:
    search = ContentSearch()
    requests = [Request(meta.oid) for meta in strays]
    for meta, patch in zip(strays, patches.stream(requests), strict=True):
        search.want(meta, changed_keys(parse_patch(patch)))
    for tip, fork in _stray_branches(history, strays):
        search.want(history.metas[tip], changed_keys(parse_patch(patches.between(fork, tip))))
    first = min(meta.commit_time for meta in strays)
    on_branches = {meta.oid for meta in strays if meta.oid in history.line}
    beyond = history.line if len(on_branches) < len(strays) else history.trunk
    candidates = [
        meta
        for oid, meta in history.metas.items()
        if oid in beyond and len(meta.parents) == 1 and meta.commit_time >= first
    ]
    requests = [Request(meta.oid) for meta in candidates]
    for meta, patch in zip(candidates, patches.stream(requests), strict=True):
        context.progress("looking for squashed drafts", 0, 0)
        search.offer(meta, changed_keys(parse_patch(patch)))
    links = search.links()
    return {
        old: link
        for old, link in links.items()
        if link.new in (history.trunk if old in on_branches else history.line)
        and link.new not in ancestors(history.parents, [old])
        and old not in ancestors(history.parents, [link.new])
    }


def _stray_branches(history: History, strays: list[CommitMeta]) -> Iterator[tuple[Oid, Oid]]:
    """Yield (tip, fork point) of each branch that the trunk lacks and a stray draft is on.

    People may have changed all of a draft before its branch was squashed: then only the branch
    as a whole is like the squash.
    """
    drafts = {meta.oid for meta in strays}
    inner = {
        parent
        for oid in history.metas
        if oid not in history.trunk
        for parent in history.parents[oid]
    }
    for oid in history.metas:
        if oid in history.trunk or oid in inner or oid in drafts:
            continue
        at, found = oid, False
        while at not in history.trunk and history.parents.get(at):
            found |= at in drafts
            at = history.parents[at][0]
        if found and at in history.trunk:
            yield oid, at
