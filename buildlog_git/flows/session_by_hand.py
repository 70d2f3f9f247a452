"""Sessions as people see them: started and ended by hand, listed, shown."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from buildlog_git.core.choice import MOST
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import Asked, Place
from buildlog_git.core.session_events import Arm, Session
from buildlog_git.errors import LedgerError, UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.news import LOCK
from buildlog_git.flows.rewards import refuse_no_word
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.session import Sessions
from buildlog_git.flows.session_view import SessionItem, SessionsView, find_session
from buildlog_git.gitio.lock import Busy, locked
from buildlog_git.gitio.repo import checked_out, head_commit
from buildlog_git.gitio.worktrees import worktree_name

PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A session that was started; ``rules`` counts those of the repository, pinned or on trial.

    ``selected`` are on: drawn or forced. ``ended`` are sessions that had to end for it.
    """

    id: str
    error_class: str
    rules: int
    selected: tuple[str, ...]
    offered: tuple[str, ...]
    probability: tuple[float, ...]
    forced: tuple[str, ...]
    seeds: tuple[str, ...]
    arm: Arm
    k: int
    base: Oid
    at: int
    ended: tuple[str, ...]
    problems: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class SessionList:
    """All sessions that the ledger knows, newest first."""

    sessions: tuple[SessionItem, ...]
    problems: tuple[str, ...]


def start_session(context: Context, asked: Asked) -> StartedSession:
    """Start a session on the branch that is checked out; the one that is open there ends.

    Raises:
        UsageError: HEAD is on no branch or there is no commit; a name is no word; a rule to draw
            from is pinned.
        LedgerError: the ledger cannot be read or written.

    """
    _refuse_what_cannot_be(asked)
    place, base = here(context)
    rules = read_rules(context.repo.top)
    _refuse_pinned(asked, rules.pinned)
    with _alone(context):
        sessions = Sessions(context)
        ended = sessions.end(place, context.now, "command")
        change = sessions.start(place, base, context.now, asked)
        _finish(sessions)
    event = next(e for e in reversed(sessions.events) if isinstance(e, Session))
    return StartedSession(
        id=event.session,
        error_class=event.error_class,
        rules=rules.active,
        selected=event.rules,
        offered=event.offered,
        probability=event.probability,
        forced=event.forced,
        seeds=event.seeds,
        arm=event.arm,
        k=event.k,
        base=event.commit,
        at=event.at,
        ended=(*([ended.session] if ended else []), *change.ended),
        problems=tuple(sessions.problems),
        message=_message(event),
    )


def _refuse_what_cannot_be(asked: Asked) -> None:
    named = (*asked.rules, *asked.seeds, *asked.forced, *asked.removed)
    for word in (*named, *filter(None, [asked.error_class])):
        refuse_no_word(word)
    if asked.k is not None and not 0 <= asked.k <= MOST:
        raise UsageError(
            f"k is how many rules may come on, from 0 to {MOST}: {asked.k}",
            slug="bad-k",
            hint="for example: git buildlog session start -k 3",
        )


def _refuse_pinned(asked: Asked, pinned: Container[str]) -> None:
    for rule in (*asked.rules, *asked.seeds):
        if rule in pinned:
            raise UsageError(
                f"{rule} is pinned: it is on in every session, and cannot be drawn",
                slug="pinned-rule",
                hint=f"git buildlog rules trial {rule}",
            )


def _message(event: Session) -> str:
    if event.arm == "control":
        return "a control session: by chance no rule on trial is on"
    if not event.rules and event.offered:
        return f"no rule is on: {len(event.offered)} might have been, and k is {event.k}"
    if not event.rules:
        return "no rule is on: none is on trial"
    return f"{len(event.rules)} of {len(set(event.offered) | set(event.forced))} rules are on"


def end_session(context: Context, *, note: str = "", entry: Path | None = None) -> SessionItem:
    """End the session of the branch that is checked out, and return what came of it.

    Raises:
        UsageError: none is open there, or the entry is no file.
        LedgerError: the ledger cannot be read or written.

    """
    name = _entry(context, entry)
    place, _ = here(context)
    with _alone(context):
        sessions = Sessions(context)
        ended = sessions.end(place, context.now, "command", note=note, entry=name)
        if ended is None:
            raise none_open(place)
        _finish(sessions)
    return _session_called(context, ended.session, stored=True)


def list_sessions(context: Context) -> SessionList:
    """Return all sessions, by what the ledger has stored."""
    view = SessionsView(context, stored=True)
    return SessionList(tuple(view.items()), tuple(view.problems))


def show_session(context: Context, name: str | None = None) -> SessionItem:
    """Return one session, by its id or the beginning of it; the open one here by default.

    Raises:
        UsageError: it is unknown, or none is open.

    """
    if name is None:
        place, _ = here(context)
        active = Sessions(context).active(place)
        if active is None:
            raise none_open(place)
        name = active.id
    return _session_called(context, name, stored=False)


def _session_called(context: Context, name: str, *, stored: bool) -> SessionItem:
    view = SessionsView(context, stored=stored)
    return view.item(find_session(view.experiment, name))


def here(context: Context) -> tuple[Place, Oid]:
    """Return the branch that is checked out, and its commit.

    Raises:
        UsageError: there is none.

    """
    branch, head = checked_out(context.repo.git), head_commit(context.repo.git)
    if branch is None or context.repo.bare:
        raise UsageError(
            "a session belongs to a branch, and none is checked out here",
            slug="no-branch",
            hint="git switch <branch>",
        )
    if head is None:
        raise UsageError(
            "a session belongs to a commit, and there is none yet",
            slug="no-commit",
            hint="the first commit starts one by itself where hooks are installed",
        )
    return Place(worktree_name(context.repo), branch), head


def none_open(place: Place) -> UsageError:
    """Return the error of who needs an open session where there is none."""
    return UsageError(
        f"no session is open on {place.branch.removeprefix('refs/heads/')}",
        slug="no-session",
        hint="git buildlog session start begins one",
    )


def _entry(context: Context, entry: Path | None) -> str | None:
    """Return the name of an entry file: below the repository, or without its folders."""
    if entry is None:
        return None
    if not entry.is_file():
        raise UsageError(
            f"no such entry file: {entry}", slug="no-entry", hint="name a file that is there"
        )
    path = entry.resolve()
    top = context.repo.top.resolve()
    return str(path.relative_to(top)) if path.is_relative_to(top) else path.name


@contextmanager
def _alone(context: Context) -> Iterator[None]:
    """Keep the drain, which starts and ends sessions too, away."""
    try:
        with locked(context.repo.common_dir / LOCK, PATIENCE):
            yield
    except Busy as error:
        raise LedgerError(
            "another process is still at work on the last commits",
            slug="drain-busy",
            hint="try again in a moment; git buildlog doctor looks for what is wrong",
        ) from error


def _finish(sessions: Sessions) -> None:
    sessions.context.ledger.append(sessions.events)
    worktrees = sessions.worktrees
    sessions.save()
    sessions.show(worktrees)
    sessions.close()


def words(ids: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names that a person gave, each once."""
    return tuple(dict.fromkeys(ids or ()))
