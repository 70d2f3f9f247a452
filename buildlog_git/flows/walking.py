"""From commits as git tells them to the walk's nodes, and the walk over git's patches."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from buildlog_git.core.attribution import Attribution, CommitMeta
from buildlog_git.core.events import By
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import (
    NOTHING,
    Begin,
    Facts,
    Node,
    State,
    Trees,
    wanted_patches,
)
from buildlog_git.core.walk import Walk
from buildlog_git.flows.context import Context, Progress
from buildlog_git.gitio.diffs import Patches, Request
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.reading import without_collector


class Maker(NamedTuple):
    """Who made a commit, as the walk charges it."""

    by: By
    agent: str | None


def maker(commit: Oid, found: Attribution, neutral: frozenset[Oid]) -> Maker:
    """Return who is charged for what a commit takes away.

    A commit without any mark counts as a person's: history knows no better.
    """
    if commit in neutral:
        return Maker("neutral", None)
    if found.author == "agent":
        return Maker("self", found.agent)
    return Maker("bot" if found.bot else "person", None)


def neutral_commits(context: Context) -> frozenset[Oid]:
    """Return the commits that the repository tells blame to ignore: mass reformatting."""
    git = context.repo.git
    texts = [git.run("cat-file", "blob", "HEAD:.git-blame-ignore-revs", check=False).stdout]
    named = git.run("config", "--type=path", "--get-all", "blame.ignoreRevsFile", check=False)
    for name in named.stdout.decode("utf-8", "surrogateescape").splitlines():
        path = context.repo.top / name
        if path.is_file():
            texts.append(path.read_bytes())
    words = (line.split(b"#")[0].strip() for text in texts for line in text.split(b"\n"))
    return frozenset(Oid(word.decode("ascii", "replace")) for word in words if word)


def reverts_of(
    commits: Iterable[CommitMeta], reverted: Callable[[str], tuple[str, ...]], known: Iterable[Oid]
) -> dict[Oid, frozenset[Oid]]:
    """Return, for each commit that says so, the commits that it reverts."""
    found = {}
    named = {
        meta.oid: reverted(meta.message) for meta in commits if "everts commit" in meta.message
    }
    wanted = {prefix for prefixes in named.values() for prefix in prefixes}
    if not wanted:
        return {}
    full = _complete(wanted, known)
    for oid, prefixes in named.items():
        targets = frozenset(full[prefix] for prefix in prefixes if prefix in full)
        if targets:
            found[oid] = targets
    return found


def _complete(prefixes: Iterable[str], known: Iterable[Oid]) -> dict[str, Oid]:
    """Return the one known id that begins with each prefix, where there is just one."""
    by_size: dict[int, set[str]] = {}
    for prefix in prefixes:
        by_size.setdefault(len(prefix), set()).add(prefix)
    full: dict[str, Oid | None] = {}
    for oid in known:
        for size, wanted in by_size.items():
            if oid[:size] in wanted:
                full[oid[:size]] = None if oid[:size] in full else oid
    return {prefix: oid for prefix, oid in full.items() if oid is not None}


def standing_reverts(reverts: Mapping[Oid, frozenset[Oid]]) -> dict[Oid, Oid]:
    """Return the commits that stand reverted, each with the commit that reverts it.

    A revert that is itself reverted takes nothing away. ``reverts`` is in the order of history.
    """
    standing: dict[Oid, Oid] = {}
    undone: set[Oid] = set()
    for oid in reversed(tuple(reverts)):
        if oid not in undone:
            undone |= reverts[oid]
            for target in reverts[oid]:
                standing.setdefault(target, oid)
    return standing


class Walked(NamedTuple):
    """What a walk found, and from where another one can go on: ``kept`` states and drafts."""

    facts: Facts
    kept: Mapping[Oid, State]
    drafts: Sequence[Node]


def walk_history(
    nodes: list[Node],
    patches: Patches,
    counts: Callable[[str], bool],
    progress: Progress,
    *,
    begin: Begin = NOTHING,
    keep: Container[Oid] = (),
    texts: Mapping[Oid, bytes] | None = None,
) -> Walked:
    """Walk ``nodes`` with git's patches; see :class:`Walk`.

    ``texts`` are the nodes' own patches where they were read before.
    """
    wanted = wanted_patches(nodes, begin)
    if texts is None:
        stream = patches.stream([Request(node.oid) for node in wanted])
    else:
        stream = (texts[node.oid] for node in wanted)
    walk = Walk(nodes, counts, Trees(patches.between, patches.paths), begin, keep)
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        progress("following drafts", done, len(nodes))

    with without_collector():
        return Walked(walk.run(stream, tick), walk.kept, walk.drafts)


def pushed(git: Git, commit: Oid) -> bool:
    """Return whether a remote-tracking branch contains ``commit``."""
    done = git.run("for-each-ref", "--count=1", f"--contains={commit}", "refs/remotes", check=False)
    return bool(done.stdout.strip())
