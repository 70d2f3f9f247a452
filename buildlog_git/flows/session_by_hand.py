"""Sessions as people see them: started and ended by hand, listed, shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from buildlog_git.core.choice import drawn_again
from buildlog_git.core.fold import Experiment, SessionRecord, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.mistakes import repeats
from buildlog_git.core.reward import Rewards
from buildlog_git.core.session import Asked, OpenSession, Place
from buildlog_git.core.session_events import Arm, Ending, Session
from buildlog_git.errors import LedgerError, UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.news import LOCK
from buildlog_git.flows.rewards import make_rewards, refuse_no_word
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.lock import Busy, locked
from buildlog_git.gitio.repo import checked_out, head_commit
from buildlog_git.gitio.worktrees import worktree_name

PATIENCE = 10.0
BRANCHES = ("--branches", "HEAD")
"""What is looked at for the drafts of a session, which may be on any branch."""


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
class SessionItem:
    """A session and what came of it.

    ``branch`` is its name where the session is open here, else null: the ledger has a digest.
    ``duration`` is in seconds, up to now where the session is open. ``rewards`` counts its
    drafts that have one, ``reward`` is their mean. ``rules_start`` and ``rules_end`` count the
    rules of the repository, null where nobody has written it down yet; ``rules`` is the first of
    them, or the number of rules that the draw knew. ``probability`` is that of being drawn, for
    each of ``offered``; ``replayed`` says whether the draw, made again from its event alone, is
    the same, null where an early version did not write down enough.
    """

    id: str
    state: Literal["open", "ended"]
    reason: Ending | None
    branch: str | None
    error_class: str
    base: Oid
    started: int
    ended: int | None
    duration: int
    arm: Arm
    k: int
    rules: int
    selected: tuple[str, ...]
    offered: tuple[str, ...]
    held: tuple[str, ...]
    forced: tuple[str, ...]
    removed: tuple[str, ...]
    seeds: tuple[str, ...]
    pinned: tuple[str, ...]
    probability: tuple[float, ...]
    holdout: float
    policy: str
    evidence: str
    replayed: bool | None
    commits: int
    drafts: int
    rewards: int
    reward: float | None
    mistakes: int
    repeats: int
    rules_start: int | None
    rules_end: int | None
    entry: str | None
    notes: str | None


@dataclass(frozen=True, slots=True)
class SessionList:
    """All sessions that the ledger knows, newest first."""

    sessions: tuple[SessionItem, ...]
    problems: tuple[str, ...]


def start_session(context: Context, asked: Asked) -> StartedSession:
    """Start a session on the branch that is checked out; the one that is open there ends.

    Raises:
        UsageError: HEAD is on no branch or there is no commit; a name is no word.
        LedgerError: the ledger cannot be read or written.

    """
    named = (*asked.rules, *asked.seeds, *asked.forced, *asked.removed)
    for word in (*named, *filter(None, [asked.error_class])):
        refuse_no_word(word)
    place, base = _here(context)
    with _alone(context):
        sessions = Sessions(context)
        ended = sessions.end(place, context.now, "command")
        change = sessions.start(place, base, context.now, asked)
        _finish(sessions)
    event = next(e for e in reversed(sessions.events) if isinstance(e, Session))
    count = read_rules(context.repo.top).active
    return StartedSession(
        id=event.session,
        error_class=event.error_class,
        rules=count,
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


def _message(event: Session) -> str:
    if event.arm == "control":
        return "a control session: by chance no rule on trial is on"
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
    place, _ = _here(context)
    with _alone(context):
        sessions = Sessions(context)
        ended = sessions.end(place, context.now, "command", note=note, entry=name)
        if ended is None:
            raise _none_open(place)
        _finish(sessions)
    return _session_called(context, ended.session, stored=True)


def list_sessions(context: Context) -> SessionList:
    """Return all sessions, by what the ledger has stored."""
    view = _View(context, stored=True)
    return SessionList(tuple(view.items()), tuple(view.problems))


def show_session(context: Context, name: str | None = None) -> SessionItem:
    """Return one session, by its id or the beginning of it; the open one here by default.

    Raises:
        UsageError: it is unknown, or none is open.

    """
    if name is None:
        place, _ = _here(context)
        active = Sessions(context).active(place)
        if active is None:
            raise _none_open(place)
        name = active.id
    return _session_called(context, name, stored=False)


def _session_called(context: Context, name: str, *, stored: bool) -> SessionItem:
    found = [i for i in _View(context, stored=stored).items() if i.id.startswith(name or "-")]
    if len(found) != 1:
        many = "several sessions begin with" if found else "no session is called"
        raise UsageError(
            f"{many} {name}",
            slug="unknown-session",
            hint="git buildlog session list shows all of them",
        )
    return found[0]


class _View:
    """The ledger's sessions, joined with the open ones here and with what came of them."""

    def __init__(self, context: Context, *, stored: bool) -> None:
        self.context = context
        self.experiment: Experiment = fold(context.ledger.read().events)
        sessions = Sessions(context)
        places = {place: sessions.active(place) for place in sessions.places()}
        self.open: dict[str, tuple[Place, OpenSession]] = {
            session.id: (place, session) for place, session in places.items() if session
        }
        self.problems = sessions.problems
        self.repeated = repeats(self.experiment.mistakes)
        known = head_commit(context.repo.git) is not None
        self.rewards: Rewards | None = None
        if known and self.experiment.sessions:
            self.rewards = make_rewards(context, BRANCHES, stored=stored)

    def items(self) -> Iterator[SessionItem]:
        """Yield the sessions, newest first."""
        for record in reversed(self.experiment.sessions):
            yield self._item(record)

    def _item(self, record: SessionRecord) -> SessionItem:
        begun, end = record.session, record.end
        place, local = self.open.get(begun.session, (None, None))
        until = end.at if end else self.context.now
        mine = [item for item in (self.rewards.rewards if self.rewards else ())
                if item.session == begun.session]  # fmt: skip
        values = [item.reward for item in mine if item.reward is not None]
        mistakes = [m for m in self.experiment.mistakes if m.session == begun.session]
        rules_start = end.rules_start if end else (local.rules_start if local else None)
        return SessionItem(
            id=begun.session,
            state="ended" if end else "open",
            reason=end.reason if end else None,
            branch=place.branch.removeprefix("refs/heads/") if place and not end else None,
            error_class=begun.error_class,
            base=begun.commit,
            started=begun.at,
            ended=end.at if end else None,
            duration=max(0, until - begun.at),
            arm=begun.arm,
            k=begun.k,
            rules=len({*begun.offered, *begun.forced}) if rules_start is None else rules_start,
            selected=begun.rules,
            offered=begun.offered,
            held=begun.held,
            forced=begun.forced,
            removed=begun.removed,
            seeds=begun.seeds,
            pinned=begun.pinned,
            probability=begun.probability,
            holdout=begun.holdout,
            policy=f"{begun.policy}/{begun.policy_version}",
            evidence=begun.evidence,
            replayed=drawn_again(begun) == begun.drawn if begun.weights else None,
            commits=end.commits if end else (len(local.commits) if local else 0),
            drafts=sum(item.agent is not None for item in mine),
            rewards=len(values),
            reward=sum(values) / len(values) if values else None,
            mistakes=len(mistakes),
            repeats=sum(mistake.id in self.repeated for mistake in mistakes),
            rules_start=rules_start,
            rules_end=end.rules_end if end else None,
            entry=end.entry if end else None,
            notes=end.notes if end else ("; ".join(local.notes) or None if local else None),
        )


def _here(context: Context) -> tuple[Place, Oid]:
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


def _none_open(place: Place) -> UsageError:
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
