"""Unites our notes with those of another clone: nothing that either side says is lost.

Where one side's history contains the other's, the ref moves on, and no commit is made. Else both
become the parents of one commit whose notes are the unions of theirs and ours
(:mod:`buildlog_git.core.union`). ``git notes merge`` is no help: it compares nothing when it
writes, gives up on mixed fan-out, and drops files that are no notes.

What vanishes comes back, on whichever side it vanished (:mod:`buildlog_git.ledger.gaps`).

A side that still says what the other one has forgotten does not become a parent: its history
would bring back to everybody what was taken out of the other's.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core import tombstones
from buildlog_git.gitio.notefaults import busy
from buildlog_git.gitio.noteplan import Change, commands_of, path_of
from buildlog_git.gitio.notes import ATTEMPTS, wait_after
from buildlog_git.gitio.notetree import list_notes, sort_records
from buildlog_git.gitio.treediff import differences, is_ancestor, reversed_side
from buildlog_git.ledger.gaps import find_gaps
from buildlog_git.ledger.merging import merge, refuse_foreign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from buildlog_git.core.ids import Oid
    from buildlog_git.core.union import Surviving
    from buildlog_git.gitio.notes import Notes
    from buildlog_git.gitio.run import Git
    from buildlog_git.gitio.treediff import Difference

Way = Literal["same", "ahead", "fast-forward", "merged", "put-back"]
"""What uniting came to: nothing; nothing, but they lack something; theirs taken as they are; a
commit of both; a commit with notes that had vanished."""

ASIDE = "refs/buildlog/uniting"
"""Below it is held what is made beside our notes, by the process that makes it."""


class United(NamedTuple):
    """What became of our notes.

    ``received`` counts the commits whose notes changed here, ``put_back`` those whose notes had
    vanished on one side, ``lacking`` those of which they lack something, where both had something
    new. ``forgotten`` says that they still say what we have forgotten.
    """

    way: Way
    before: Oid | None
    tip: Oid | None
    received: int = 0
    put_back: int = 0
    lacking: int = 0
    forgotten: bool = False


class _Plan(NamedTuple):
    """How to get to the united notes; a commit is to be made where ``writes`` is set.

    Its tree is that of the first parent, changed by fast-import's ``commands``; where the
    parents lack our tip it is ours, changed by them.
    """

    outcome: United
    writes: bool = False
    parents: tuple[Oid, ...] = ()
    commands: tuple[bytes, ...] = ()


def unite(notes: Notes, theirs: Oid, surviving: Surviving = tombstones.surviving) -> United:
    """Take over what the notes commit ``theirs`` says, in one step that is whole or not at all.

    Raises:
        LedgerError: as for an append, or their notes cannot be read; ours are as they were.

    """

    def attempt() -> United | None:
        plan = _plan(notes, theirs, surviving)
        before = plan.outcome.before
        if plan.writes:
            new = _write(notes, plan)
        elif plan.outcome.way == "fast-forward":
            new = notes.move(before, theirs)
        else:
            return plan.outcome
        return None if new is None else plan.outcome._replace(tip=new)

    return notes.change(attempt)


@contextmanager
def joined(
    notes: Notes, theirs: Oid, surviving: Surviving = tombstones.surviving
) -> Iterator[United]:
    """Provide the union as a notes commit, ``tip``, without moving our notes to it.

    That takes no lock, so that it can be pushed before anybody else is faster; then it is for
    :func:`unite`. It is held for as long as the block runs.

    Raises:
        LedgerError: the notes, ours or theirs, cannot be read, or nothing can be written.

    """
    try:
        yield _join(notes, theirs, surviving)
    finally:
        notes.git.run("update-ref", "-d", _aside(), check=False)


def _join(notes: Notes, theirs: Oid, surviving: Surviving) -> United:
    for number in range(1, ATTEMPTS + 1):
        plan = _plan(notes, theirs, surviving)
        outcome = plan.outcome
        if not plan.writes:
            tip = theirs if outcome.way == "fast-forward" else outcome.before
            return outcome._replace(tip=tip)
        new = _write_aside(notes, plan)
        if new is not None:
            return outcome._replace(tip=new)
        wait_after(number)
    raise busy("another program kept changing or locking the notes")


def foresee(notes: Notes, theirs: Oid, surviving: Surviving = tombstones.surviving) -> United:
    """Return what :func:`unite` would do now; the ``tip`` stays the present one."""
    return _plan(notes, theirs, surviving).outcome


def count_notes(git: Git, theirs: Oid | None, ours: Oid) -> int:
    """Return of how many commits two notes commits do not say the same; None says nothing."""
    if theirs is None:
        return len(list_notes(git, ours).entries)
    return _notes_in(differences(git, theirs, ours))


def _plan(notes: Notes, theirs: Oid, surviving: Surviving) -> _Plan:
    git, tip = notes.git, notes.tip()
    if tip is None:
        return _Plan(United("fast-forward", None, None, len(refuse_foreign(git, theirs).entries)))
    if tip == theirs:
        return _Plan(United("same", tip, tip))
    found = differences(git, tip, theirs)
    if is_ancestor(git, theirs, tip):
        past = [reversed_side(one) for one in found]
        return _put_back(git, past, United("ahead", tip, tip), onto=tip)
    if is_ancestor(git, tip, theirs):
        outcome = United("fast-forward", tip, tip, _notes_in(found))
        return _put_back(git, found, outcome, onto=theirs)
    merged = merge(git, tip, theirs, found, surviving)
    if merged.ours_forgotten and not merged.lacking and not merged.keeps_files:
        return _Plan(United("fast-forward", tip, tip, merged.received))
    if merged.theirs_forgotten and not (merged.ours_forgotten or merged.commands):
        return _Plan(United("ahead", tip, tip, 0, 0, merged.lacking, forgotten=True))
    parents = [] if merged.ours_forgotten else [tip]
    parents += [] if merged.theirs_forgotten else [theirs]
    outcome = United(
        "merged", tip, tip, merged.received, 0, merged.lacking, merged.theirs_forgotten
    )
    return _Plan(outcome, True, tuple(parents), merged.commands)


def _notes_in(found: Iterable[Difference]) -> int:
    """Return how many commits the files that differ are notes of."""
    present = (record for one in found for record in one if record)
    return len(sort_records(present).entries)


def _put_back(git: Git, found: Sequence[Difference], outcome: United, *, onto: Oid) -> _Plan:
    """Plan a commit on ``onto`` that closes its gaps, where it has any.

    ``found`` is where the past of ``onto`` differs from it.
    """
    gaps = find_gaps(git, onto, found)
    if not gaps.notes:
        return _Plan(outcome)
    changes: list[Change] = []
    for gap in gaps.notes:
        path = path_of(gap.commit, gaps.foreign)
        others = tuple(place for place in gap.places if place != path)
        changes.append(Change(path, gap.whole, others, 0))
    back = len(gaps.notes)
    outcome = outcome._replace(way="put-back", put_back=back, lacking=back)
    return _Plan(outcome, True, (onto,), tuple(map(commands_of, changes)))


def _message(outcome: United) -> str:
    what = "put back" if outcome.way == "put-back" else "unite"
    count = outcome.put_back or outcome.received
    return f"buildlog: {what} the notes of {count} {'commit' if count == 1 else 'commits'}\n"


def _write(notes: Notes, plan: _Plan) -> Oid | None:
    outcome, tip = plan.outcome, plan.outcome.before
    assert tip is not None  # noqa: S101 - where there are no notes of ours, theirs become ours
    if tip in plan.parents or outcome.way == "put-back":
        return notes.commit(tip, plan.parents, plan.commands, _message(outcome))
    try:
        new = _write_aside(notes, plan)
        return None if new is None else notes.move(tip, new)
    finally:
        notes.git.run("update-ref", "-d", _aside(), check=False)


def _write_aside(notes: Notes, plan: _Plan) -> Oid | None:
    """Make the commit of a plan without moving our notes to it."""
    tip, commands = plan.outcome.before, plan.commands
    if tip not in plan.parents and plan.outcome.way != "put-back":
        tree = notes.git.text("rev-parse", f"{tip}^{{tree}}")
        commands = (b'M 040000 %b ""\n' % tree.encode(), *commands)
    return notes.commit(tip, plan.parents, commands, _message(plan.outcome), ref=_aside())


def _aside() -> str:
    return f"{ASIDE}/{os.getpid()}"


def drop_left(git: Git) -> None:
    """Let go of what a process held that was killed."""
    for ref in git.lines("for-each-ref", "--format=%(refname)", ASIDE):
        number = ref.rpartition("/")[2]
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, ValueError):
            git.run("update-ref", "-d", ref, check=False)
        except OSError:  # it is somebody else's, and runs
            continue
