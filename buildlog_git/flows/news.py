"""What has happened since the last drain: signals of hooks, and lines of HEAD's reflogs."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.core.signals import MAIN_WORKTREE, Signal
from buildlog_git.flows.context import Context, Witness
from buildlog_git.gitio.headlog import Move, Position, head_logs, head_ref, read_moves
from buildlog_git.gitio.lock import locked
from buildlog_git.gitio.queue import FOLDER, Queue
from buildlog_git.ledger.local import Head, Local

LOCK = f"{FOLDER}/drain.lock"


class News(NamedTuple):
    """What has happened since the last drain; ``first`` is set where there was none.

    ``logged`` are the worktrees that have a reflog of HEAD.
    """

    signals: list[Signal]
    moves: list[Move]
    heads: dict[str, Head]
    logged: AbstractSet[str]
    first: bool


def mark_heads(context: Context) -> None:
    """Remember how far the reflogs are now: what comes later is news for the first drain.

    Raises:
        Busy: a drain is at work, which remembers it itself.
        OSError: the git directory cannot be written.

    """
    common = context.repo.common_dir
    with locked(common / LOCK, 0), Local(common) as local:
        known = local.heads()
        logs = head_logs(common)
        for worktree in (logs.keys() | {MAIN_WORKTREE}) - known.keys():
            position = Position(0, "")  # before the first commit there is no log
            if worktree in logs:
                _, position = read_moves(worktree, logs[worktree], None)
            local.set_head(worktree, Head(*position, _ref_of(context, worktree)))
        local.commit()


def read_news(context: Context, queue: Queue, local: Local) -> News:
    """Return what nobody has turned into facts yet."""
    signals = queue.take(context.now)
    before = local.heads()
    logs = head_logs(context.repo.common_dir)
    moves: list[Move] = []
    heads: dict[str, Head] = {}
    for worktree, path in logs.items():
        known = before.get(worktree)
        since = Position(known.size, known.tip) if known else None
        if since is not None and path.stat().st_size == since.size:
            continue
        found, position = read_moves(worktree, path, since)
        heads[worktree] = Head(position.size, position.tip, _ref_of(context, worktree))
        # Where nobody has ever looked, what happened before is for the scan alone.
        moves += found if known or before else found[-1:]
    for gone in before.keys() - logs.keys() - {MAIN_WORKTREE}:
        local.drop_head(gone)
    return News(signals, moves, heads, logs.keys(), first=local.fact("looked") is None)


def _ref_of(context: Context, worktree: str) -> str | None:
    common = context.repo.common_dir
    return head_ref(common if worktree == MAIN_WORKTREE else common / "worktrees" / worktree)


def witnesses(signals: Iterable[Signal]) -> dict[Oid, Witness]:
    """Return what hooks saw of each commit; two dispatchers may have seen the same one."""
    found: dict[Oid, Witness] = {}
    for signal in signals:
        if signal.hook == "post-commit" and signal.head:
            other = found.get(signal.head, Witness({}, terminal=False))
            found[signal.head] = Witness(
                {**other.variables, **signal.variables}, other.terminal or signal.terminal
            )
    return found
