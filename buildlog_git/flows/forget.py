"""Forgetting: lines leave the notes, and the text of them leaves the ref's history.

A note is a file in a commit, so what was taken out of it could be read in the commits before.
So the ref starts again from one commit without a parent, its reflog is emptied, and what this
clone remembers beside the ledger is thrown away. Tombstones keep other clones, and the next
scan, from bringing it back. What this clone cannot do, it names: the remote must be pushed to
once by force, and git deletes the old objects only when it collects garbage.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from buildlog_git.core.codec import Damaged, Unknown, decode, encode
from buildlog_git.core.events import Draft, Event
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.core.session_events import Exposure, Session, SessionEnd
from buildlog_git.core.tombstones import bury
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.news import LOCK as DRAIN_LOCK
from buildlog_git.flows.news import mark_heads
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.history import list_commits
from buildlog_git.gitio.lock import Busy, locked
from buildlog_git.gitio.notefaults import busy
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.renewal import NotesRewriter
from buildlog_git.gitio.repo import resolve
from buildlog_git.ledger.local import throw_away


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was forgotten, or would be.

    ``events`` and ``unreadable`` lines leave ``notes`` notes. ``undated`` lines stay because
    nobody can read their date. ``before`` was the tip of the notes, ``tip`` is it now. ``held``
    are the other refs that still reach what the notes said, ``remotes`` what may have a copy.
    """

    dry_run: bool
    notes: int
    events: int
    unreadable: int
    undated: int
    before: Oid | None
    tip: Oid | None
    held: tuple[str, ...]
    remotes: tuple[str, ...]


def forget(
    context: Context,
    names: Sequence[str] = (),
    *,
    before: str | None = None,
    dry_run: bool = False,
) -> Forgotten:
    """Forget what the ledger says of some commits, or what it said before a date.

    Args:
        context: where.
        names: commits and ranges; a whole id need not be of a commit that is here.
        before: a day or a time in ISO 8601, UTC unless it says otherwise.
        dry_run: only say what would be done.

    Raises:
        UsageError: neither or both of ``names`` and ``before``, or one of them is unknown.
        LedgerError: the ledger cannot be written; it is as it was.

    """
    if bool(names) == (before is not None):
        raise UsageError(
            "say what to forget: either commits, or all before a date",
            slug="nothing-to-forget",
            hint="git buildlog forget <commit> | <range> | --before <date>",
        )
    notes = NotesRewriter(context.repo.git, context.repo.common_dir)
    wish = _Wish(context, _commits(context, names), None if before is None else _second(before))
    tree = notes.tree()
    for note in notes.contents(tree):
        wish.rest(note.commit, note.content or b"")
    tip = tree.tip
    if wish.notes() and not dry_run:
        tip = _rewrite(context, notes, wish)
    count = wish.total()
    return Forgotten(
        dry_run=dry_run,
        notes=wish.notes(),
        events=count.events,
        unreadable=count.unreadable,
        undated=count.undated,
        before=tree.tip,
        tip=tip,
        held=_held(context, tree.tip) if wish.notes() else (),
        remotes=tuple(context.repo.git.lines("remote")),
    )


def _rewrite(context: Context, notes: NotesRewriter, wish: _Wish) -> Oid | None:
    common = context.repo.common_dir
    try:
        with locked(common / DRAIN_LOCK, notes.patience):
            done = notes.rewrite(wish.rest, "buildlog: forget what some notes said", alone=True)
            notes.git.run("reflog", "expire", "--expire=all", REF, check=False)
            remembered = throw_away(common)
            _leave(Sessions(context), wish.sessions)
    except Busy as error:
        raise busy("another process is still at work on the last commits") from error
    if remembered:
        mark_heads(context)
    return done.tip


def _leave(sessions: Sessions, forgotten: AbstractSet[str]) -> None:
    """Let nothing more happen in sessions of which nothing more can be written."""
    for place in sessions.places():
        session = sessions.active(place)
        if session is not None and session.id in forgotten:
            sessions.drop(place)
    worktrees = sessions.worktrees
    if worktrees:
        sessions.save()
        sessions.show(worktrees)
        sessions.close()


class _Related(NamedTuple):
    """What goes because of what it is about: drafts of commits, and sessions."""

    commits: AbstractSet[Oid]
    sessions: AbstractSet[str]


class _Count(NamedTuple):
    """What of a note goes, and lines that stay because nobody can read their date."""

    events: int = 0
    unreadable: int = 0
    undated: int = 0


class _Wish:
    """What is to go, and how much of it each note was found to hold."""

    def __init__(self, context: Context, commits: AbstractSet[Oid], before: int | None) -> None:
        self.found: dict[Oid, _Count] = {}
        self._commits = commits
        self._before = before
        self._now = context.now
        self._related = _related(context.ledger.read().events, commits, before)

    def rest(self, commit: Oid, content: bytes) -> bytes:
        """Return what a note says without what goes, with tombstones for that."""
        gone: list[bytes] = []
        copies: list[bytes] = []
        kept: list[bytes] = []
        events = undated = 0
        for line in content.split(b"\n"):
            if not line or line.isspace():
                continue
            event = decode(line)
            goes = commit in self._commits
            if isinstance(event, Damaged | Unknown):
                undated += not goes and self._before is not None
            elif isinstance(event, Tombstone):
                goes = False
            elif goes and event.commit != commit and not self._concerns(event):
                events += 1  # a copy, as notes.rewriteRef makes them: its own note keeps it
                copies.append(line)
                continue
            else:
                goes = goes or self._concerns(event)
                events += goes
            (gone if goes else kept).append(line)
        self.found[commit] = _Count(events, len(gone) + len(copies) - events, undated)
        if not (gone or copies):
            return content
        stones = map(encode, bury(commit, gone, at=self._now, copies=copies))
        return b"".join(line + b"\n" for line in (*kept, *stones))

    def _concerns(self, event: Event) -> bool:
        if self._before is not None and event.at < self._before:
            return True
        if isinstance(event, SessionEnd | Exposure):
            return event.session in self._related.sessions
        about = (event.commit, getattr(event, "draft", None), getattr(event, "old", None))
        return not self._related.commits.isdisjoint(about)

    @property
    def sessions(self) -> AbstractSet[str]:
        """The sessions that are forgotten from their beginning."""
        return self._related.sessions

    def total(self) -> _Count:
        """Return the counts of all notes."""
        return _Count(*map(sum, zip(_Count(), *self.found.values(), strict=True)))

    def notes(self) -> int:
        """Return how many notes lose something."""
        return sum(bool(count.events or count.unreadable) for count in self.found.values())


def _related(events: Iterable[Event], commits: AbstractSet[Oid], before: int | None) -> _Related:
    """Return what other notes must not speak of any more."""
    drafts, sessions = set(commits), set()
    for event in events:
        if event.commit in commits or (before is not None and event.at < before):
            if isinstance(event, Draft):
                drafts.add(event.commit)
            elif isinstance(event, Session):
                sessions.add(event.session)
    return _Related(drafts, sessions)


def _commits(context: Context, names: Sequence[str]) -> frozenset[Oid]:
    found: set[Oid] = set()
    for name in names:
        try:
            found.add(parse_oid(name))
        except ValueError:
            if ".." in name:
                found |= list_commits(context.repo.git, *_range(context, name))
            else:
                found.add(resolve(context.repo.git, name))
    return frozenset(found)


def _range(context: Context, name: str) -> list[str]:
    done = context.repo.git.run("rev-parse", "--revs-only", "--end-of-options", name, check=False)
    words = done.stdout.decode("ascii", "replace").split()
    if done.returncode != 0 or len(words) < 2:
        raise UsageError(
            f"no such range: {name}",
            slug="unknown-range",
            hint="a range is written as for git log: main, v1.0..HEAD, main...topic",
        )
    return words


def _second(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"not a date: {text}",
            slug="bad-date",
            hint="write it as 2026-01-31 or 2026-01-31T09:00:00+01:00; without a zone it is UTC",
        ) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def _held(context: Context, before: Oid | None) -> tuple[str, ...]:
    """Return the refs besides the ledger's own that reach the old notes commit."""
    if before is None:
        return ()
    names = context.repo.git.lines("for-each-ref", "--format=%(refname)", f"--contains={before}")
    return tuple(name for name in names if name != REF)
