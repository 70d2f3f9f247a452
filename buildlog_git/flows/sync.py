"""Exchanges notes with remotes: fetch theirs, unite, push ours; nobody's are ever overwritten.

A push is rejected where somebody was faster; then theirs are fetched and united again, after a
wait that no two clones share. Where we may not push, what was fetched stays, and that is said.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from buildlog_git.errors import GitError, LedgerError, UsageError
from buildlog_git.gitio.lock import locked
from buildlog_git.gitio.queue import FOLDER
from buildlog_git.gitio.remotes import (
    Door,
    Remote,
    is_there,
    known_remotes,
    lacks_objects,
    remote_of,
)
from buildlog_git.gitio.settings import read_config
from buildlog_git.ledger.unite import (
    United,
    Way,
    count_notes,
    drop_left,
    foresee,
    joined,
    unite,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildlog_git.core.ids import Oid
    from buildlog_git.flows.context import Context

LOCK = f"{FOLDER}/sync.lock"
ATTEMPTS = 16
"""Lost races after which a push is given up, if the patience is over too."""
PATIENCE = 60.0
"""Seconds for which lost races are tried again in any case."""
LONGEST_WAIT = 2.0
"""Seconds between two attempts, at most."""

Push = Literal["done", "nothing", "off", "refused", "busy", "needs-force", "unreachable"]


@dataclass(frozen=True, slots=True)
class Exchange:
    """What passed between a remote and this clone.

    ``theirs`` is the tip of its notes as they were fetched, null where it has none. ``united``
    says what that came to here: ``same``, ``ahead`` (it lacks something of ours),
    ``fast-forward``, ``merged``, ``put-back`` (notes that somebody's ``git notes prune`` or
    ``remove`` had taken out). ``received``, ``put_back`` and ``sent`` count commits whose notes
    changed here, came back, and changed there. ``push`` is ``done``, ``nothing`` (to push),
    ``off`` (not asked for), ``refused`` (we may not), ``busy`` (others were always faster),
    ``needs-force`` (it still has what was forgotten here) or ``unreachable``; ``reason`` says
    why. ``attempts`` counts pushes.
    """

    remote: str
    theirs: Oid | None
    united: Way
    received: int
    put_back: int
    push: Push
    sent: int
    reason: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Synced:
    """What a sync did, or would do; ``ok`` says that nothing of ours was left behind."""

    ok: bool
    dry_run: bool
    before: Oid | None
    tip: Oid | None
    remotes: tuple[Exchange, ...]


def sync(
    context: Context,
    name: str | None = None,
    *,
    everywhere: bool = False,
    push: bool = True,
    dry_run: bool = False,
    alone: bool = False,
) -> Synced:
    """Exchange notes with a remote.

    Args:
        context: where.
        name: a remote, a path or an address; None: see :func:`default_remote`.
        everywhere: with all remotes; one that cannot be reached does not stop the others.
        push: whether to push, or only to fetch.
        dry_run: fetch what is needed to tell, and only say what would be done.
        alone: nobody is there to be asked for a password.

    Raises:
        UsageError: there is no such remote.
        GitError: it cannot be reached.
        LedgerError: the notes, ours or theirs, cannot be read or written.

    """
    git, notes = context.repo.git, context.ledger.notes
    names = known_remotes(git) if everywhere else [name or default_remote(context)]
    if not names:
        raise _no_remote()
    remotes = [_find(context, one) for one in names]
    door = Door(git, context.progress, alone=alone)
    before = notes.tip()
    drop_left(git)
    meetings = [_Meeting(context, door, remote, patient=everywhere) for remote in remotes]
    for meeting in meetings:
        meeting.carefully(meeting.foresee if dry_run else meeting.fetch)
        if not dry_run and (everywhere or not push):
            meeting.carefully(meeting.take)
    for meeting in meetings if push else ():
        meeting.carefully(meeting.foretell if dry_run else meeting.deliver)
    exchanges = tuple(meeting.exchange(push=push) for meeting in meetings)
    ok = all(one.push in ("done", "nothing", "off") for one in exchanges)
    return Synced(ok, dry_run, before, notes.tip(), exchanges)


def sync_unasked(context: Context, name: str) -> Synced:
    """Exchange notes with a remote where nobody waits for it; one at a time.

    Raises:
        Busy: others have been at it for half a minute.
        BuildlogError: as for :func:`sync`.

    """
    with locked(context.repo.common_dir / LOCK, 30.0):
        return sync(context, name, alone=True)


def default_remote(context: Context) -> str:
    """Return the remote that is meant where none is named.

    It is ``buildlog.remote``, else ``origin``, else the only one.

    Raises:
        UsageError: there is none, or several.

    """
    configured = dict(read_config(context.repo.git)).get("buildlog.remote")
    if configured:
        return configured
    names = known_remotes(context.repo.git)
    if "origin" in names:
        return "origin"
    if len(names) > 1:
        raise UsageError(
            f"there are several remotes and none is called origin: {', '.join(names)}",
            slug="which-remote",
            hint=f"git buildlog sync {names[0]}, or for ever: "
            f"git config buildlog.remote {names[0]}",
        )
    if not names:
        raise _no_remote()
    return names[0]


def _no_remote() -> UsageError:
    return UsageError(
        "this repository has no remote",
        slug="no-remote",
        hint="name a path or an address: git buildlog sync <address>",
    )


def _find(context: Context, name: str) -> Remote:
    """Return the remote that somebody has named.

    Raises:
        UsageError: there is none, nor anything that looks like a path or an address.

    """
    git = context.repo.git
    names = known_remotes(git)
    is_place = "/" in name or ":" in name or is_there(git, name)
    if name.startswith("-") or not (name in names or is_place):
        raise UsageError(
            f"there is no remote called {name}",
            slug="unknown-remote",
            hint=f"there are {', '.join(names)}" if names else "git remote add <name> <address>",
        )
    return remote_of(git, name)


@dataclass(slots=True)
class _Meeting:
    """One remote, and what has passed so far; ``patient`` ones write down that it is away."""

    context: Context
    door: Door
    remote: Remote
    patient: bool
    theirs: Oid | None = None
    pushed: Oid | None = None
    united: United = field(default_factory=lambda: United("same", None, None))
    received: int = 0
    put_back: int = 0
    push: Push = "nothing"
    sent: int = 0
    reason: str = ""
    attempts: int = 0

    def fetch(self, *, address: str = "") -> bool:
        """Fetch their notes, and return whether they are there; ours stay as they are."""
        try:
            self.theirs = self.door.fetch(self.remote, address=address)
        except GitError as error:
            if address:  # where we push to may be no place to fetch from
                return self.fetch()
            self._away(error)
            return False
        # A plain fetch of a partial clone leaves the notes' content out.
        if self.theirs is not None and lacks_objects(self.context.repo.git, self.theirs):
            self.door.fetch(self.remote, again=True)
        return True

    def carefully(self, step: Callable[[], object]) -> None:
        """Take a step; where their notes are none, no other remote is to suffer from it."""
        try:
            step()
        except LedgerError as error:
            if error.slug != "foreign-notes":
                raise
            self._away(error)

    def take(self) -> None:
        """Unite what was fetched with ours."""
        if self.push != "unreachable":
            self.unite(self.theirs)

    def unite(self, theirs: Oid | None) -> None:
        """Unite what they have with ours."""
        if theirs is not None:
            united = unite(self.context.ledger.notes, theirs)
            self.united = united if self.united.way == "same" else self.united
            self.received += united.received
            self.put_back += united.put_back

    def foresee(self) -> None:
        """Look at their notes and say what uniting them would come to."""
        try:
            self.theirs = self.door.look(self.remote)
        except GitError as error:
            self._away(error)
            return
        if self.theirs is not None:
            self.united = foresee(self.context.ledger.notes, self.theirs)
            self.received, self.put_back = self.united.received, self.united.put_back

    def deliver(self) -> None:
        """Push the union, again for as long as somebody else is faster, within bounds.

        Our notes move when that is over: whoever writes to them meanwhile would make us wait, and
        the others faster.
        """
        if self.push == "unreachable":
            return
        deadline = time.monotonic() + PATIENCE
        while self._push_once():
            if self.attempts >= ATTEMPTS and time.monotonic() >= deadline:
                self.push = "busy"
                break
            wait = min(LONGEST_WAIT, 0.05 * self.attempts)
            time.sleep(random.uniform(0, wait))  # noqa: S311 - no secret
            if not self.fetch(address=self.door.push_address(self.remote)):
                break
        self.unite(self.pushed or self.theirs)

    def foretell(self) -> None:
        """Say what a push would do."""
        if self.push == "unreachable":
            return
        tip = self.context.ledger.notes.tip()
        behind = self.united.way == "fast-forward"
        if tip is None or tip == self.theirs or behind:
            return
        merged = self.united.way in ("merged", "put-back")
        self.sent = self.united.lacking if merged else self._lacking(tip)
        self.push = "needs-force" if self.united.forgotten else "done"

    def _push_once(self) -> bool:
        """Push what they lack; return whether it is to be tried again."""
        notes = self.context.ledger.notes
        if self.theirs is None:
            return self._push_tip(notes.tip())
        with joined(notes, self.theirs) as united:
            if united.way not in ("same", "ahead") or not self.attempts:
                self.united = united
            if united.forgotten:
                self.push = "needs-force"
                return False
            self.put_back = max(self.put_back, united.put_back)
            return self._push_tip(united.tip)

    def _push_tip(self, tip: Oid | None) -> bool:
        if tip is None or tip == self.theirs:
            self.push = "done" if self.attempts else "nothing"
            return False
        self.sent = self._lacking(tip)
        self.attempts += 1
        done = self.door.push(self.remote, tip)
        self.reason = done.reason
        if done.how == "rejected":
            return True
        self.push = done.how
        if done.how == "refused":
            self.sent = 0
        else:
            self.pushed = tip
        return False

    def _lacking(self, tip: Oid) -> int:
        return count_notes(self.context.repo.git, self.theirs, tip)

    def exchange(self, *, push: bool) -> Exchange:
        """Return what has passed."""
        off = not push and self.push == "nothing"
        return Exchange(
            self.remote.shown, self.theirs, self.united.way, self.received, self.put_back,
            "off" if off else self.push, self.sent, self.reason, self.attempts,
        )  # fmt: skip

    def _away(self, error: GitError | LedgerError) -> None:
        if not self.patient:
            raise error
        self.push, self.reason = "unreachable", error.message
