"""The facts about sessions: which rules were on, what people said of the outcome, and why.

A session belongs to its base commit, so that the note of one commit tells which sessions began
there and which of them have ended. A branch appears only as a digest of its name: people put
names of persons into branches. These kinds are apart from those of history because a commit
needs them only where a session begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core.ids import Oid, event_id

if TYPE_CHECKING:
    from buildlog_git.core.events import Event

Arm = Literal["control", "uniform", "thompson", "forced"]
"""How the rules came on: none by chance, a draw by the policy of that name, or a person overrode
the draw."""

Channel = Literal["file", "hook"]
"""How it is known what an agent had: we put it into the files that agents read, or the agent's
own hook told which it has loaded."""

Shown = Literal["shown", "failed", "lost"]
"""What became of an exposure: it is there, it could not be written, or somebody changed it."""

Ending = Literal["command", "merged", "deleted", "idle"]
"""What ended a session."""

Given = Literal["accepted", "revision", "rejected"]
"""What people may say of an outcome."""

Source = Literal["person", "trailer", "ci"]
"""Who said it: a person by command, a commit message, or a check of CI."""


class Session(NamedTuple):
    """A session began at ``commit``, its base.

    ``branch`` and ``worktree`` are digests. ``offered`` are the rules that might come on, with
    digest of the text, the ``probability`` and the ``weight`` of each in the same order (the
    weight is the probability where the session is no control, which it is with the probability
    ``holdout``); ``drawn`` those that did by the draw, ``held`` those that did not, ``forced``
    those that a person put on besides and ``removed`` those that a person took off, ``seeds``
    those that a person offered, ``pinned`` those that are on in every session. ``digest`` names
    the candidates with their texts, ``evidence`` the facts that the policy knew; with the
    session's id they seed the draw, which so can be made again. ``explore`` is how much the
    policy tries. ``exposure`` is a digest of the texts that are to be on.
    """

    commit: Oid
    at: int
    session: str
    branch: str
    clone: str
    worktree: str
    error_class: str
    offered: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    probability: tuple[float, ...] = ()
    arm: Arm = "uniform"
    k: int = 0
    holdout: float = 0.0
    policy: str = "uniform"
    policy_version: int = 1
    explore: float = 0.0
    evidence: str = ""
    digest: str = ""
    exposure: str = ""

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "session"

    @property
    def id(self) -> str:
        """One beginning a session."""
        return event_id(self.kind, self.session)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that were to be on, besides the pinned ones."""
        drawn = (rule for rule in self.drawn if rule not in self.removed)
        return (*drawn, *(rule for rule in self.forced if rule not in self.drawn))

    @property
    def fault(self) -> str:
        """What is wrong with the fields together; empty where nothing is."""
        for name, values in (
            ("probability", self.probability),
            # Those that an early version wrote have neither of them.
            ("texts", self.texts or self.offered),
            ("weights", self.weights or self.offered),
        ):
            if len(values) != len(self.offered):
                return f"{name} is not parallel to offered"
        return ""


class Exposure(NamedTuple):
    """What the agents of a session could read, besides the pinned rules.

    ``rules`` are those that are there, ``exposure`` is a digest of their texts as in the session,
    ``targets`` are the agents for which they are there. A rule that the draw had left off, and
    that was pinned meanwhile, is among them, and the state is ``lost``. A session without one was
    never shown to anybody; of several the last counts.
    """

    commit: Oid
    at: int
    session: str
    channel: Channel
    state: Shown
    rules: tuple[str, ...] = ()
    exposure: str = ""
    targets: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "exposure"

    @property
    def id(self) -> str:
        """One for each session, channel, state and content."""
        return event_id(
            self.kind, self.session, self.channel, self.state, self.exposure, *self.targets
        )


class SessionEnd(NamedTuple):
    """A session that began at ``commit`` has ended.

    ``commits`` were made in it as far as hooks saw; the rules are counted as the repository
    had them, on trial or pinned, at its start and at its end.
    """

    commit: Oid
    at: int
    session: str
    reason: Ending
    commits: int = 0
    rules_start: int = 0
    rules_end: int = 0
    entry: str | None = None
    notes: str | None = None

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "session-end"

    @property
    def id(self) -> str:
        """One end a session."""
        return event_id(self.kind, self.session)


class Reward(NamedTuple):
    """Somebody judged a draft, whatever its distance is.

    ``draft`` is none where the commit has no draft before it: the session alone is judged.
    ``declared`` is the commit whose message says it. ``nonce`` makes two rewards given by hand
    two events; what a message says is one fact a draft, however often the message is copied.
    """

    commit: Oid
    at: int
    outcome: Given
    source: Source
    draft: Oid | None = None
    distance: float | None = None
    session: str | None = None
    error_class: str = "general"
    rules: tuple[str, ...] = ()
    declared: Oid | None = None
    notes: str | None = None
    nonce: str = ""

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "reward"

    @property
    def id(self) -> str:
        """One reward for each draft, source and nonce."""
        return event_id(self.kind, self.draft or self.commit, self.source, self.nonce)


class Mistake(NamedTuple):
    """A mistake that was made in ``commit``, in words from which what is private was removed.

    ``repeat_of`` is the id of an earlier mistake where somebody said so, ``corrected_by`` the
    rule that would have prevented it. ``nth`` counts the mistakes that the ledger had before
    somebody logged this one: it puts in order what is logged within one second.
    """

    commit: Oid
    at: int
    error_class: str
    description: str
    source: Source
    session: str | None = None
    repeat_of: str | None = None
    corrected_by: str | None = None
    declared: Oid | None = None
    nth: int | None = None

    @property
    def kind(self) -> str:
        """The name of the kind."""
        return "mistake"

    @property
    def id(self) -> str:
        """One mistake for each commit, class and description.

        What a person logs is one a session too: two sessions may begin at one commit, and the
        second may repeat a mistake before it has made another. Of what a message declares, a
        scan does not know the session that a hook knew.
        """
        logged = [self.session or ""] if self.source == "person" else []
        return event_id(self.kind, self.commit, self.error_class, self.description, *logged)


KINDS: dict[str, type[Event]] = {
    "session": Session,
    "session-end": SessionEnd,
    "exposure": Exposure,
    "reward": Reward,
    "mistake": Mistake,
}
