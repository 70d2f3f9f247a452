"""Follows a commit from where the last walk stopped: it costs its own patch, not its history.

Only what is beyond doubt is done so: commits with one parent whose owners are remembered, that
neither name, resemble nor repeat a draft which their branch lacks. All else (merges, rewrites,
picks, reverts) is for the scan of all of history, which writes the same facts about the same
commits; so a doubt costs time and nothing more.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from zlib import crc32

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.events import Event
from buildlog_git.core.graph import HORIZON, NEVER
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import Begin, Node, State, wanted_patches
from buildlog_git.core.patch import parse_patch
from buildlog_git.core.revise import Owned
from buildlog_git.core.rewrites import MIN_SHARE, changed_keys, identity
from buildlog_git.flows.context import Context, Witness
from buildlog_git.flows.declared import all_told, declares
from buildlog_git.flows.facts import History, Plan, events_of
from buildlog_git.flows.walking import maker, walk_history
from buildlog_git.gitio.attributes import Attributes
from buildlog_git.gitio.diffs import Patches, Request
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.repo import DefaultBranch
from buildlog_git.ledger.local import Local, Manifest, OpenDraft

_TELLING = ("everts commit", "cherry picked from commit", "Squashed commit of the following")
"""What a message says that names other commits."""


_UNMARKED = "unmarked"
_BRANCHES = 16
"""Commits that are remembered to mark no path as generated: the last one of some branches."""
_PURGE_EVERY = 64
"""Commits after which files are forgotten that hold nothing of an open draft."""


class Fresh(NamedTuple):
    """A new commit, and whether it is on the default branch."""

    oid: Oid
    landed: bool


class _Chain(NamedTuple):
    """What is known of the commits while they are looked at, parents first."""

    metas: dict[Oid, CommitMeta]
    manifests: dict[Oid, Manifest]
    drafts: list[OpenDraft]


def follow(
    context: Context,
    local: Local,
    commits: Sequence[Fresh],
    branch: str,
    witnesses: Mapping[Oid, Witness],
) -> tuple[Event, ...] | None:
    """Return the facts about new commits and remember their owners; None where there is doubt.

    Args:
        context: where.
        local: what is remembered; it is changed, but not committed.
        commits: which, in any order.
        branch: the default branch's short name.
        witnesses: what hooks saw, by commit.

    """
    git = context.repo.git
    found = {m.oid: m for m in read_commits(git, "--no-walk=unsorted", *(c.oid for c in commits))}
    chain = _Chain(_parents_first(found), {}, local.drafts())
    if len(found) < len(commits) or not _simple(chain, local):
        return None
    history = _history(context, chain, commits, branch, witnesses)
    nodes = _nodes(chain, history, commits)
    begin = _begin(chain)
    last = next(reversed(chain.metas))
    attributes = Attributes(git, last)
    with context.path_filter(attributes) as paths, Patches(git, paths.endings) as patches:
        strays = _strays(chain)
        # What a stray may live on in can be a commit of which the walk itself needs no patch.
        texts = _texts(patches, nodes if strays else wanted_patches(nodes, begin))
        if _resembles(local, patches, strays, texts):
            return None
        if last in _unmarked(local, chain, texts):
            attributes.used = False
        states = {oid: _state(local, manifest, texts) for oid, manifest in chain.manifests.items()}
        walked = walk_history(
            nodes,
            patches,
            paths.counts,
            context.progress,
            begin=begin._replace(states={oid: state.copy() for oid, state in states.items()}),
            keep=chain.metas.keys(),
            texts=texts,
        )
    for number, node in enumerate(walked.drafts[len(chain.drafts) :], len(chain.drafts)):
        size = walked.facts.sizes[node.oid]
        local.add_draft(remembered(number, node, chain.metas[node.oid], size))
    _remember(local, chain, history, states, walked.kept)
    if attributes.used is False:
        _remember_unmarked(local, last)
    drafts = {node.oid for node in nodes if node.draft}
    landing = {c.oid: c.oid for c in commits if c.landed and c.oid in drafts}
    plan = Plan(nodes, drafts, {}, landing, frozenset(), {})
    return tuple(events_of(context, history, plan, walked.facts))


def _begin(chain: _Chain) -> Begin:
    """Return where the walk goes on, without the states: which files it needs is not known yet."""
    drafts = (
        Node(d.oid, (), d.time, agent=d.agent, draft=True, until=d.until) for d in chain.drafts
    )
    return Begin(drafts=tuple(drafts), until=_reach(chain))


def _unmarked(local: Local, chain: _Chain, texts: Mapping[Oid, bytes]) -> set[str]:
    """Return commits whose attributes mark no path as generated, as far as that is remembered.

    Looking for such attributes takes git longer the more files there are, and few repositories
    have any. A commit has none if its parents have none and its patch names no such file.
    """
    found = set((local.fact(_UNMARKED) or "").split())
    for oid, meta in chain.metas.items():
        untouched = b".gitattributes" not in texts.get(oid, b".gitattributes")
        if untouched and found.issuperset(meta.parents):
            found.add(oid)
    return found


def _remember_unmarked(local: Local, commit: Oid) -> None:
    before = (local.fact(_UNMARKED) or "").split()
    local.remember(_UNMARKED, " ".join([commit, *before][:_BRANCHES]))


def _parents_first(metas: Mapping[Oid, CommitMeta]) -> dict[Oid, CommitMeta]:
    """Return commits with parents before children: worktrees' reflogs are read one by one."""
    ordered: dict[Oid, CommitMeta] = {}
    waiting = list(metas.values())[::-1]
    while waiting:
        meta = waiting[-1]
        missing = [o for o in meta.parents if o in metas and o not in ordered]
        if missing:
            waiting += (metas[parent] for parent in missing)
        else:
            ordered[meta.oid] = waiting.pop()
    return ordered


def remembered(number: int, node: Node, meta: CommitMeta, size: Owned) -> OpenDraft:
    """Return what is remembered of a draft."""
    return OpenDraft(
        number, node.oid, node.agent, node.time, node.until, _digest(meta),
        size.tokens, size.removed, size.lines,
    )  # fmt: skip


def _digest(meta: CommitMeta) -> str:
    return f"{crc32(repr(identity(meta)).encode('utf-8', 'surrogateescape')):08x}"


def _simple(chain: _Chain, local: Local) -> bool:
    """Return whether nothing but the commits' own patches can matter, as metadata tell."""
    known = {draft.identity for draft in chain.drafts}
    for meta in chain.metas.values():
        if len(meta.parents) > 1 or any(word in meta.message for word in _TELLING):
            return False
        if declares(meta.message):
            return False
        digest = _digest(meta)
        if digest in known:
            return False
        known.add(digest)
        for parent in meta.parents:
            if parent in chain.metas or parent in chain.manifests:
                continue
            manifest = local.manifest(parent)
            if manifest is None:
                return False
            chain.manifests[parent] = manifest
    return True


def _history(
    context: Context,
    chain: _Chain,
    commits: Sequence[Fresh],
    branch: str,
    witnesses: Mapping[Oid, Witness],
) -> History:
    times = {oid: manifest.time for oid, manifest in chain.manifests.items()}
    for oid, meta in chain.metas.items():
        own = min(meta.commit_time, context.now)
        times[oid] = max([own, *(times[parent] for parent in meta.parents)])
    landed = {commit.oid for commit in commits if commit.landed}
    return History(
        metas=chain.metas,
        made_by={o: context.attribute(m, witnesses.get(o)) for o, m in chain.metas.items()},
        parents={oid: meta.parents for oid, meta in chain.metas.items()},
        times=times,
        branch=DefaultBranch(branch, commits[-1].oid),
        line=set(chain.metas),
        trunk=landed,
        cut=frozenset(),
        told=all_told(chain.metas.values()),
        asked=frozenset(),
    )


def _nodes(chain: _Chain, history: History, commits: Sequence[Fresh]) -> list[Node]:
    landed = {commit.oid: commit.landed for commit in commits}
    nodes = []
    for oid, meta in chain.metas.items():
        found = history.made_by[oid]
        made = maker(oid, found, frozenset())
        draft = found.author == "agent"
        window = history.times[oid] + HORIZON if landed[oid] else NEVER
        nodes.append(
            Node(
                oid=oid,
                parents=meta.parents,
                time=history.times[oid],
                by=made.by,
                agent=made.agent,
                draft=draft,
                until=window if draft else 0,
            )
        )
    return nodes


def _reach(chain: _Chain) -> dict[Oid, int]:
    return {
        oid: max((chain.drafts[number].until for number in manifest.trails), default=0)
        for oid, manifest in chain.manifests.items()
    }


def _texts(patches: Patches, nodes: Sequence[Node]) -> dict[Oid, bytes]:
    requests = [Request(node.oid) for node in nodes]
    return dict(zip((node.oid for node in nodes), patches.stream(requests), strict=True))


def _strays(chain: _Chain) -> list[OpenDraft]:
    """Return the drafts that have landed nowhere and that the commits' branches lack."""
    having: set[int] = set()
    for manifest in chain.manifests.values():
        having |= manifest.trails.keys()
    return [d for d in chain.drafts if d.until == NEVER and d.number not in having]


def _resembles(
    local: Local, patches: Patches, strays: Sequence[OpenDraft], texts: Mapping[Oid, bytes]
) -> bool:
    """Return whether a commit changes what a stray draft had changed."""
    if not strays:
        return False
    asked = [draft for draft in strays if draft.keys is None]
    streamed = patches.stream([Request(draft.oid) for draft in asked])
    keys = {draft.number: _keys(patch) for draft, patch in zip(asked, streamed, strict=True)}
    for draft in asked:
        local.add_draft(draft._replace(keys=keys[draft.number].tobytes()))
    new = {key for patch in texts.values() for key in _keys(patch)}
    for draft in strays:
        mine = keys.get(draft.number)
        if mine is None:
            mine = array("I", draft.keys or b"")
        if mine and sum(key in new for key in mine) >= MIN_SHARE * len(mine):
            return True
    return False


def _keys(patch: bytes) -> array[int]:
    found = changed_keys(parse_patch(patch))
    return array("I", sorted({crc32(key.encode("utf-8", "surrogateescape")) for key in found}))


def _state(local: Local, manifest: Manifest, texts: Mapping[Oid, bytes]) -> State:
    """Return a commit's state with just the files that the patches touch."""
    paths = set(_paths(texts.values()))
    files = {path: local.file(row) for path, (row, _) in manifest.files.items() if path in paths}
    return State(files, dict(manifest.trails), manifest.age)


def _paths(texts: Iterable[bytes]) -> Iterator[str]:
    for text in texts:
        for change in parse_patch(text):
            yield from filter(None, (change.old_path, change.new_path, change.path))


def _remember(
    local: Local,
    chain: _Chain,
    history: History,
    before: Mapping[Oid, State],
    kept: Mapping[Oid, State],
) -> None:
    """Write down the owners after each commit; files that it left alone keep their rows."""
    manifests = dict(chain.manifests)
    states = dict(before)
    for oid, meta in chain.metas.items():
        parent = meta.parents[0] if meta.parents else None
        files = dict(manifests[parent].files) if parent else {}
        old = states[parent].files if parent else {}
        new = kept[oid].files
        for path in old.keys() | new.keys():
            if path not in new or not new[path].known:
                files.pop(path, None)
            elif new[path] is not old.get(path):
                files[path] = (local.add_file(new[path]), tuple(sorted(new[path].known)))
        if kept[oid].age % _PURGE_EVERY == 0:
            files = _still_open(files, chain, history.times[oid])
        manifests[oid] = Manifest(history.times[oid], kept[oid].age, files, kept[oid].trails)
        states[oid] = kept[oid]
        local.add_manifest(oid, manifests[oid])


def _still_open(
    files: Mapping[str, tuple[int, tuple[int, ...]]], chain: _Chain, now: int
) -> dict[str, tuple[int, tuple[int, ...]]]:
    closed = {draft.number for draft in chain.drafts if draft.until < now}
    return {path: file for path, file in files.items() if not closed.issuperset(file[1])}
