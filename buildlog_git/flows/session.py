"""Starts, resumes and ends sessions: one open session for each branch in each worktree.

The open session is a small file below git's common directory; that it began and that it ended
are facts in the ledger. The order is: write the events to the ledger, :meth:`Sessions.save`,
remember what else was done, :meth:`Sessions.close`. After a kill between any two of them, who
comes next finds the same beginnings and ends again, under the same ids: how many sessions
began at a place and base is counted by those that the ledger says have ended there.

:class:`Sessions` keeps what it decides until it is saved, so that one drain may ask it about
many checkouts and commits.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.core.session import (
    NOTHING_ASKED,
    Asked,
    OpenSession,
    Place,
    SessionSettings,
)
from buildlog_git.core.signals import MAIN_WORKTREE
from buildlog_git.core.trailers import Directives
from buildlog_git.flows.context import Context
from buildlog_git.gitio.cloneid import clone_id
from buildlog_git.gitio.repo import default_branch
from buildlog_git.gitio.sessionfiles import (
    drop_session,
    open_places,
    read_session,
    session_file,
    write_session,
)
from buildlog_git.gitio.shown import SHOWN

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.session_events import Ending, Session, SessionEnd
    from buildlog_git.gitio.headlog import Move

_NOTHING = Directives()


class SessionChange(NamedTuple):
    """What became of the sessions of one branch in one worktree.

    ``session`` is open now, None where there is none; ``begun`` says that it is new, ``ended``
    are the ids of those that are over. ``made`` is the session that a commit was made in: not the
    open one where its agent cannot have had that one's rules.
    """

    session: OpenSession | None = None
    begun: bool = False
    ended: tuple[str, ...] = ()
    made: str | None = None


class Sessions:
    """The sessions of one clone; what is decided waits until it is saved.

    ``events`` are for the ledger, ``problems`` say what was damaged or could not be read.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.events: list[Session | SessionEnd] = []
        self.problems: list[str] = []
        self._known: dict[Place, OpenSession | None] = {}
        self._changed: set[Place] = set()

    @cached_property
    def settings(self) -> SessionSettings:
        """What is chosen about sessions."""
        return self.context.settings.sessions

    @cached_property
    def clone(self) -> str:
        """The id of this clone, made when it is first needed."""
        return clone_id(self._common)

    # -- what happens in a worktree ---------------------------------------------------------

    def for_checkout(
        self, worktree: str, ref: str | None, head: Oid | None, *, at: int | None = None
    ) -> SessionChange:
        """Resume or start the session of a branch that was checked out.

        Args:
            worktree: its name, ``-`` for the main one.
            ref: the branch (``refs/heads/…``), None where HEAD is detached: no session then.
            head: the commit that is checked out; without one the first commit starts it.
            at: when; the present by default.

        Raises:
            UsageError: a setting cannot be used.
            LedgerError: the ledger cannot be read.
            OSError: the git directory cannot be written.

        """
        if ref is None or head is None:
            return SessionChange()
        return self._resume_or_start(Place(worktree, ref), head, at, _NOTHING)

    def for_commit(
        self,
        worktree: str,
        ref: str | None,
        commit: Oid,
        at: int,
        told: Directives = _NOTHING,
        parents: Sequence[Oid] = (),
        had: str | None = None,
    ) -> SessionChange:
        """Resume or start the session that a commit was made in, and count the commit.

        The rules that are credited are those that the agent had. So a session that is idle, whose
        rules still were where agents read them, has this last commit; and a commit before whose
        making the rules of its branch's session were not there yet was made in none.

        Args:
            worktree: its name, ``-`` for the main one.
            ref: the branch that was committed to, None where HEAD is detached: no session then.
            commit: what was made.
            at: when, by the commit's own time.
            told: what its message says; a session that it names itself is not this one.
            parents: its parents; the first is the base of a session that starts here.
            had: the session whose rules agents could read meanwhile, empty where they could read
                none; None where rules are not put where agents read them.

        Raises:
            UsageError: a setting cannot be used.
            LedgerError: the ledger cannot be read.
            OSError: the git directory cannot be written.

        """
        if ref is None:
            return SessionChange()
        place = Place(worktree, ref)
        at = min(at, self.context.now)
        last = self.active(place)
        if last is not None and last.id == had and last.is_idle(at, self.settings.idle):
            self._set(place, last.touched(at, commit))
            self.end(place, at, "idle")
            change = self.start(place, commit, at, Asked(told.error_class))
            return change._replace(ended=(last.id,), made=last.id)
        change = self._resume_or_start(place, parents[0] if parents else commit, at, told)
        assert change.session is not None  # noqa: S101 - it was resumed or started
        session = change.session
        if session.trial and had is not None and had != session.id:
            if commit == session.base:  # the last one of the session before
                return change._replace(made=had or None)
            made = None
        else:
            made = session.id
        session = session.touched(at, commit)
        self._set(place, session)
        return change._replace(session=session, made=made)

    def _resume_or_start(
        self, place: Place, base: Oid, at: int | None, told: Directives
    ) -> SessionChange:
        at = self.context.now if at is None else min(at, self.context.now)
        session = self.active(place)
        ended: tuple[str, ...] = ()
        if session is not None:
            if not session.is_idle(at, self.settings.idle):
                self._set(place, session.touched(at))
                return SessionChange(self.active(place))
            self.end(place, session.last, "idle")
            ended = (session.id,)
        return self.start(place, base, at, Asked(told.error_class))._replace(ended=ended)

    def active(self, place: Place) -> OpenSession | None:
        """Return the open session of a branch in a worktree."""
        if place not in self._known:
            self._known[place] = self._read(place)
        return self._known[place]

    # -- beginnings and ends ----------------------------------------------------------------

    def start(
        self, place: Place, base: Oid, at: int, asked: Asked = NOTHING_ASKED
    ) -> SessionChange:
        """Start a session; the one that is open there must have ended before."""
        # Most commits begin no session, and need nothing of what that takes.
        from buildlog_git.flows.beginnings import begin

        begun = begin(self.context, self.clone, place, base, at, asked, self.events)
        self.problems += begun.problems
        self.events += begun.events
        self._set(place, begun.session)
        return SessionChange(begun.session, begun=True)

    def end(
        self, place: Place, at: int, reason: Ending, *, note: str = "", entry: str | None = None
    ) -> SessionEnd | None:
        """End the open session of a branch in a worktree; None where there is none."""
        session = self.active(place)
        if session is None:
            return None
        from buildlog_git.flows.beginnings import end_of

        event = end_of(self.context, place, session, at, reason, note=note, entry=entry)
        self.events.append(event)
        self._set(place, None)
        return event

    def drop(self, place: Place) -> None:
        """Leave an open session of which nothing more is to be written."""
        self._set(place, None)

    def end_finished(self, *, at: int | None = None) -> tuple[str, ...]:
        """End the sessions whose branch was merged into the default branch, or is gone.

        Returns:
            the ids of those that are over.

        """
        at = self.context.now if at is None else at
        places = [place for place in self.places() if self.active(place) is not None]
        if not places:
            return ()
        tips = _tips(self.context)
        merged = _merged(self.context, tips)
        ended = []
        for place in places:
            session = self.active(place)
            gone = place.branch not in tips or not _exists(self.context, place.worktree)
            if session is not None and (gone or (session.commits and place.branch in merged)):
                self.end(place, at, "deleted" if gone else "merged")
                ended.append(session.id)
        return tuple(ended)

    @property
    def worktrees(self) -> frozenset[str]:
        """The worktrees in which something became of a session that was not saved yet."""
        return frozenset(place.worktree for place in self._changed)

    # -- what agents can read ---------------------------------------------------------------

    def had(self, move: Move) -> str | None:
        """Return the session whose rules agents could read when a commit was made.

        It is empty where they could read none; None where rules are not put where agents read.
        """
        if {*self.context.settings.targets} == {"none"}:
            return None
        if not (self._common / SHOWN).is_dir():
            return ""
        from buildlog_git.flows.exposure import Exposures

        return Exposures(self.context, self).had(move)

    def show(self, worktrees: Collection[str]) -> Oid | None:
        """Put the rules of what is open where agents read them; the files must have been saved.

        Returns:
            the ledger's tip, where something was written to it.

        Raises:
            LedgerError: the ledger cannot be written.

        """
        sessions = filter(None, self._known.values())
        if not any(session.trial for session in sessions) and not (self._common / SHOWN).is_dir():
            return None
        # Most repositories have no rule on trial, and need nothing of what that takes.
        from buildlog_git.flows.exposure import Exposures

        exposures = Exposures(self.context, self)
        exposures.show(worktrees)
        return exposures.tip

    # -- files ------------------------------------------------------------------------------

    def places(self) -> list[Place]:
        """Return where sessions are open, as the files say."""
        return list(dict.fromkeys([*self._known, *open_places(self._common)]))

    def save(self) -> None:
        """Write the files of the sessions that are open.

        One that cannot be written is said and stops nobody: what comes next finds the same
        session again, from what the ledger says.
        """
        for place in sorted(self._changed):
            session = self._known[place]
            if session is not None:
                try:
                    write_session(self._common, place, session)
                except OSError as error:
                    why = error.strerror or type(error).__name__
                    self.problems.append(f"an open session cannot be kept: {why}")
        self._changed = {place for place in self._changed if self._known[place] is None}

    def close(self) -> None:
        """Remove the files of the sessions that have ended."""
        for place in sorted(self._changed):
            if self._known[place] is None:
                drop_session(self._common, place)
        self._changed.clear()

    @property
    def _common(self) -> Path:
        return self.context.repo.common_dir

    def _set(self, place: Place, session: OpenSession | None) -> None:
        self._known[place] = session
        self._changed.add(place)

    def _read(self, place: Place) -> OpenSession | None:
        try:
            return read_session(self._common, place)
        except ValueError as error:
            self.problems.append(f"{error}: {session_file(self._common, place)}")
            return None


def _tips(context: Context) -> dict[str, str]:
    lines = context.repo.git.lines(
        "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads"
    )
    return dict(line.rsplit(" ", 1) for line in lines)


def _merged(context: Context, tips: Collection[str]) -> frozenset[str]:
    """Return the branches that the default branch contains, without itself."""
    branch = default_branch(context.repo.git) if tips else None
    if branch is None:
        return frozenset()
    lines = context.repo.git.lines(
        "for-each-ref", "--format=%(refname)", f"--merged={branch.tip}", "refs/heads"
    )
    return frozenset(lines) - {f"refs/heads/{branch.name}"}


def _exists(context: Context, worktree: str) -> bool:
    return worktree == MAIN_WORKTREE or (context.repo.common_dir / "worktrees" / worktree).is_dir()
