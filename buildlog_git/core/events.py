"""The facts that the ledger holds, one named tuple a kind.

Facts, not conclusions: rewards, distances and posteriors are computed by the fold, so a better
formula re-reads history. An event belongs to the commit in its ``commit`` field and is stored
in that commit's note. Wire names are the field names; they are frozen once released.

``at`` is UTC in whole seconds since 1970, that of the commit that the fact is about: its own
time, but never before its parents' nor after the moment of writing (a clock may be wrong).
``engine`` is the version of the measurement: of two events with one id the newer counts.

Named tuples and no dataclasses, as is all that a drain imports: the module ``dataclasses`` and
these classes alone would cost it one and a half bare interpreters. Name the fields in a call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core.ids import Oid, event_id

if TYPE_CHECKING:
    from buildlog_git.core.forgotten import Tombstone
    from buildlog_git.core.session_events import Exposure, Mistake, Reward, Session, SessionEnd

FORMAT = 1
"""Version of the line format, written as ``v``."""

ENGINE = 1
"""Version of the measurement of revision distance, written as ``engine``."""

By = Literal["person", "self", "other", "bot", "neutral"]
"""Who changed a draft: a person (or nobody known), the same agent, another agent, a bot, or a
commit that the repository declares neutral (``.git-blame-ignore-revs``)."""

Way = Literal["follow-up", "amend", "rewrite", "squash", "revert", "merge", "redraft"]
"""How the change reached history; ``redraft``: an agent replaced its own commit before anybody
had judged it."""

Reason = Literal["landed", "reverted", "dropped"]
"""Why nothing more is counted for a draft."""


class Draft(NamedTuple):
    """An agent's commit, as the agent wrote it.

    ``tokens`` is T of the definition (owned tokens), ``removed`` is Dt (tokens of hunks that
    only remove), ``lines`` counts the lines that hold an owned token.
    """

    commit: Oid
    at: int
    agent: str
    channel: str
    tokens: int
    removed: int
    lines: int
    files: int
    model: str | None = None
    session: str | None = None
    engine: int = ENGINE

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "draft"

    @property
    def id(self) -> str:
        """One draft a commit."""
        return event_id(self.kind, self.commit)


class Revision(NamedTuple):
    """What one commit did to one draft: signed changes of the draft's account.

    The sum over the ancestors of a commit is the draft's account at that commit. ``cost``,
    ``grow`` and ``restored`` are the people's terms of the definition (sums of max(l, i),
    of max(0, i - l), and Dr), ``lost`` the tokens l alone, ``gone`` the tokens that agents,
    bots or neutral commits replaced. All may be negative: an edit that is undone gives back
    what it took.
    """

    commit: Oid
    at: int
    draft: Oid
    by: By
    way: Way
    cost: int = 0
    grow: int = 0
    lost: int = 0
    restored: int = 0
    gone: int = 0
    engine: int = ENGINE

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "revision"

    @property
    def id(self) -> str:
        """One revision for each pair of draft and revising commit."""
        return event_id(self.kind, self.draft, self.commit)


class Rewrite(NamedTuple):
    """History was rewritten: ``old`` lives on as ``commit``."""

    commit: Oid
    at: int
    old: Oid
    way: Way

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "rewrite"

    @property
    def id(self) -> str:
        """One rewrite for each pair of old and new commit."""
        return event_id(self.kind, self.old, self.commit)


class Settle(NamedTuple):
    """From ``at`` on, nothing more counts for the draft ``commit``.

    ``landed`` is written as soon as the draft has landed, with the end of its window, which
    may lie ahead. ``final`` is the commit with which it landed, the commit that reverted it,
    or none where it was dropped.
    """

    commit: Oid
    at: int
    reason: Reason
    final: Oid | None = None

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "settle"

    @property
    def id(self) -> str:
        """One settlement for each draft and way to end."""
        return event_id(self.kind, self.commit, self.reason, self.final or "")


class Seen(NamedTuple):
    """A hook saw a person make ``commit``: at a terminal, with no agent's variable set.

    Without it nobody could tell: some agents leave no mark. It says that, and not who it was.
    """

    commit: Oid
    at: int
    author: Literal["human"] = "human"

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "seen"

    @property
    def id(self) -> str:
        """One for each commit."""
        return event_id(self.kind, self.commit)


if TYPE_CHECKING:
    Event = (
        Draft | Revision | Rewrite | Settle | Seen | Session | SessionEnd | Exposure | Reward
        | Mistake | Tombstone
    )  # fmt: skip
else:
    Event = Draft | Revision | Rewrite | Settle | Seen  # for those who import the name at run time

KINDS: dict[str, type[Event]] = {
    "draft": Draft,
    "revision": Revision,
    "rewrite": Rewrite,
    "settle": Settle,
    "seen": Seen,
}
"""What history tells; for all kinds see :func:`every_kind`."""


def engine_of(event: Event) -> int:
    """Return the version of the event's measurement; 0 for a plain fact."""
    engine: int = getattr(event, "engine", 0)
    return engine


def every_kind() -> dict[str, type[Event]]:
    """Return all kinds by their name."""
    # Most commits need none of the other kinds, and these would cost a drain for nothing.
    from buildlog_git.core import forgotten, session_events

    return KINDS | session_events.KINDS | forgotten.KINDS
