"""The revision distance of one draft against any other commit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from buildlog_git.core.attribution import Attribution, CommitMeta
from buildlog_git.core.distance import (
    MIN_TOKENS,
    Measured,
    Outcome,
    State,
    classify,
    measure,
)
from buildlog_git.core.graph import HORIZON, NEVER, landings
from buildlog_git.core.ids import Oid
from buildlog_git.core.judged import LONG_ENOUGH
from buildlog_git.core.nodes import Node
from buildlog_git.core.patch import parse_patch
from buildlog_git.core.paths import PathFilter
from buildlog_git.core.region import ZERO, Account
from buildlog_git.core.trailers import reverted
from buildlog_git.flows.context import Context, silent
from buildlog_git.flows.walking import (
    maker,
    neutral_commits,
    pushed,
    reverts_of,
    standing_reverts,
    walk_history,
)
from buildlog_git.gitio.diffs import Patches, Request
from buildlog_git.gitio.history import read_commits
from buildlog_git.gitio.repo import default_branch, resolve, shallow_commits


@dataclass(frozen=True, slots=True)
class FilePart:
    """One file of the draft; ``distance`` is null where nothing in it is left to judge."""

    path: str
    distance: float | None
    tokens: int


@dataclass(frozen=True, slots=True)
class DistanceResult:
    """How much of ``draft`` is undone in ``final``.

    ``lines`` counts the lines that hold text of the draft, ``kept`` those of them that stand
    unchanged; ``tokens`` and ``removed`` are T and Dt, ``account`` the terms of the formula.
    """

    draft: Oid
    final: Oid
    distance: float | None
    outcome: Outcome
    state: State
    lines: int
    kept: int
    files: tuple[FilePart, ...]
    reason: str
    agent: str | None
    tokens: int
    removed: int
    account: Account


def measure_distance(context: Context, draft: str, final: str | None = None) -> DistanceResult:
    """Measure the draft that ``draft`` names (a commit, or a series ``A..B``).

    A commit that carries no agent's mark is measured like any other; its ``agent`` is None.

    Args:
        context: where.
        draft: a commit, or a range whose commits count as one draft.
        final: the commit to compare with; HEAD by default.

    Raises:
        UsageError: a commit is unknown.

    """
    git = context.repo.git
    base, tip = _ends(context, draft)
    end = resolve(git, final or "HEAD")
    meta = read_commits(git, "-1", tip)[0]
    found = context.attribute(meta)
    if base is None and len(meta.parents) > 1:
        return _nothing(tip, end, found, "a merge commit owns nothing")
    if base is None and tip in shallow_commits(context.repo):
        return _nothing(
            tip, end, found, "the history is shallow here: what the commit changed is unknown"
        )
    followers = [
        commit
        for commit in read_commits(git, "--ancestry-path", f"{tip}..{end}")
        if commit.oid != tip
    ]
    with context.path_filter() as paths, Patches(git, paths.endings) as patches:
        drafted = parse_patch(
            patches.between(base, tip) if base else next(patches.stream([Request(tip)]))
        )
        measured = measure(drafted, parse_patch(patches.between(tip, end)), paths.counts)
        account = measured.account
        if base is None and account != ZERO:
            account = _people_only(context, meta, followers, patches, paths, account)
    return _judge(context, meta, end, found, measured._replace(account=account), followers)


def most_reworked(context: Context, drafts: Iterable[Oid], end: Oid) -> dict[Oid, str]:
    """Return, for each draft of which something is undone in ``end``, the file where most is.

    Whoever did it: two trees cannot tell. The path is the draft's own.
    """
    git = context.repo.git
    found = {}
    with context.path_filter() as paths, Patches(git, paths.endings) as patches:
        for draft in drafts:
            drafted = parse_patch(next(patches.stream([Request(draft)])))
            became = parse_patch(patches.between(draft, end))
            files = measure(drafted, became, paths.counts).files
            undone = {file.path: (file.distance or 0.0) * file.tokens for file in files}
            most = max(undone, key=lambda path: undone[path], default=None)
            if most is not None and undone[most] > 0:
                found[draft] = most
    return found


def _people_only(
    context: Context,
    draft: CommitMeta,
    followers: list[CommitMeta],
    patches: Patches,
    paths: PathFilter,
    account: Account,
) -> Account:
    """Return the account without what agents, bots and neutral commits replaced.

    Two trees cannot tell who changed what. Where nobody but people followed, they need not.
    """
    neutral = neutral_commits(context)
    agent = context.attribute(draft).agent
    makers = [maker(c.oid, context.attribute(c), neutral) for c in followers]
    if all(made.by == "person" for made in makers):
        return account
    nodes = [Node(draft.oid, (), 0, by="self", agent=agent, draft=True, until=NEVER)]
    nodes += [
        Node(commit.oid, commit.parents, 0, by=made.by, agent=made.agent)
        for commit, made in zip(followers, makers, strict=True)
    ]
    facts = walk_history(nodes, patches, paths.counts, silent).facts
    total = ZERO
    for change in facts.changes:
        total = total.plus(change.account)
    return total


def _judge(
    context: Context,
    draft: CommitMeta,
    end: Oid,
    found: Attribution,
    measured: Measured,
    followers: list[CommitMeta],
) -> DistanceResult:
    reverts = reverts_of(followers, reverted, [draft.oid, *(c.oid for c in followers)])
    undone = standing_reverts(reverts).get(draft.oid)
    value = measured.distance
    outcome = classify(value, measured.owned, reverted=undone is not None)
    followed = end != draft.oid and (
        not followers or any(context.attribute(c).author != "agent" for c in followers)
    )
    return DistanceResult(
        draft=draft.oid,
        final=end,
        distance=value,
        outcome=outcome,
        state=_state(
            context, draft, followed=followed, ended=outcome == "rejected" and bool(undone)
        ),
        lines=measured.owned.lines,
        kept=measured.kept,
        files=tuple(FilePart(*part) for part in measured.files),
        reason=_reason(measured, outcome, undone),
        agent=found.agent,
        tokens=measured.owned.tokens,
        removed=measured.owned.removed,
        account=measured.account,
    )


def _state(context: Context, draft: CommitMeta, *, followed: bool, ended: bool) -> State:
    branch = default_branch(context.repo.git)
    landed = None
    if branch is not None:
        commits = read_commits(context.repo.git, "--ancestry-path", f"{draft.oid}..{branch.tip}")
        parents = {c.oid: c.parents for c in (draft, *commits)}
        link = landings(parents, branch.tip).get(draft.oid)
        landed = {c.oid: c.commit_time for c in (draft, *commits)}[link] if link else None
    if ended or (landed is not None and max(draft.commit_time, landed) + HORIZON <= context.now):
        return "settled"
    judged = followed or draft.commit_time + LONG_ENOUGH <= context.now
    return "provisional" if judged or pushed(context.repo.git, draft.oid) else "open"


def _reason(measured: Measured, outcome: Outcome, undone: Oid | None) -> str:
    owned, account = measured.owned, measured.account
    if owned.tokens + owned.removed == 0:
        return "nothing countable: only moved, generated, binary or empty changes"
    if measured.distance is None:
        return "nothing is left to judge: agents or bots replaced all of it"
    if outcome == "unmeasurable":
        return f"fewer than {MIN_TOKENS} tokens: too small to say anything"
    if outcome == "rejected" and undone:
        return f"reverted by {undone[:12]}"
    if account.cost + account.restored == 0:
        return "kept as written"
    parts = [f"{account.lost} of {owned.tokens} tokens lost"] if account.lost else []
    if account.grow:
        parts.append(f"{account.grow} put between them")
    if account.restored:
        parts.append(f"{account.restored} of {owned.removed} removed tokens put back")
    return ", ".join(parts)


def _ends(context: Context, draft: str) -> tuple[Oid | None, Oid]:
    if ".." not in draft:
        return None, resolve(context.repo.git, draft)
    base, _, tip = draft.partition("..")
    return resolve(context.repo.git, base), resolve(context.repo.git, tip.lstrip(".") or "HEAD")


def _nothing(tip: Oid, end: Oid, found: Attribution, reason: str) -> DistanceResult:
    return DistanceResult(
        draft=tip, final=end, distance=None, outcome="unmeasurable", state="open", lines=0,
        kept=0, files=(), reason=reason, agent=found.agent, tokens=0, removed=0, account=ZERO,
    )  # fmt: skip
