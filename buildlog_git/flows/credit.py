"""Which session each new commit was made in; a checkout or a commit may begin one.

Moves of HEAD are taken in the order in which they happened, since a session that a checkout
began is the one that the commits after it belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence

from buildlog_git.core.attribution import CommitMeta
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import word_in
from buildlog_git.core.signals import Signal
from buildlog_git.core.trailers import Directives, directives
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.headlog import Move
from buildlog_git.gitio.run import Git


def credit(
    sessions: Sessions,
    moves: Sequence[Move],
    *,
    commits: Container[str],
    branch_at: Callable[[Move], str | None],
    branch_after: Callable[[Move], str | None],
    metas: Mapping[Oid, CommitMeta],
    had: Callable[[Move], str | None] = lambda _: None,
) -> dict[Oid, str]:
    """Return the session of each commit that the moves made.

    Args:
        sessions: where sessions begin and end.
        moves: in the order of each worktree's reflog.
        commits: the verbs with which somebody commits.
        branch_at: the branch on which a commit was made.
        branch_after: the branch that a checkout went to, None where it began no work on one.
        metas: what is known of commits; a commit that is missing declares nothing.
        had: the session whose rules agents could read when a commit was made, empty where none,
            None where rules are not put where agents read them.

    """
    found: dict[Oid, str] = {}
    for move in moves:
        if move.verb in commits:
            meta = metas.get(move.new)
            told = directives(meta.message) if meta else Directives()
            parents = meta.parents if meta else (move.old,)
            change = sessions.for_commit(
                move.worktree, branch_at(move), move.new, move.at, told, parents, had(move)
            )
            session = word_in(told.session) or change.made
            if session:
                found[move.new] = session
        elif ref := branch_after(move):
            sessions.for_checkout(move.worktree, ref, move.new, at=move.at)
    return found


def branch_of_checkout(git: Git, move: Move, signals: Iterable[Signal]) -> str | None:
    """Return the branch that a checkout went to, None where it is none or the same one."""
    if move.target is None:
        return None
    for signal in signals:
        if (
            signal.hook == "post-checkout"
            and signal.head == move.new
            and signal.worktree == move.worktree
            and (signal.ref or "").removeprefix("refs/heads/") == move.target
        ):
            return signal.ref
    ref = f"refs/heads/{move.target}"
    return ref if git.ok("show-ref", "--verify", "--quiet", ref) else None
