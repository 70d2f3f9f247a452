"""Who wrote a commit, from its metadata: an agent, a person, or nobody can say.

The lack of a mark does not mean a person: some agents leave none. A commit without a mark is
``unknown`` in history, and ``human`` only where a hook saw it made at a terminal with no agent's
variable set, or where somebody said so. The committer never counts: tools commit what people
left in the work tree, and forges commit for everybody.

Every mark is kept with its channel, strongest first, so that a report can be recomputed on
strict or on loose evidence. The strongest mark names the agent; of equals, the one that stands
first in the message (``Entire-Checkpoint``, which names no agent, after the others).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core.agents import FOOTERS, GIVEN_NAMES, TRAILERS
from buildlog_git.core.registry import DEFAULT, Registry
from buildlog_git.core.tools import model_in, normal_model, tool
from buildlog_git.core.trailers import SQUASH, Message, Trailer, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildlog_git.core.ids import Oid
    from buildlog_git.core.registry import Identity

Author = Literal["agent", "human", "unknown"]
"""What can be said about who wrote a commit."""

Channel = Literal["explicit", "environment", "session", "identity", "trailer", "footer"]
"""Where a mark was seen, strongest first."""

Tier = Literal["strict", "loose"]
"""Which marks count: those that name the author or were seen, or lines of a message too."""

STRICT = frozenset({"explicit", "environment", "session", "identity"})
"""The channels of the strict tier: copying a message does not copy these."""


class CommitMeta(NamedTuple):
    """What one record of ``git log`` gives; ``message`` is the whole raw message."""

    oid: Oid
    parents: tuple[Oid, ...]
    tree: Oid
    author_name: str
    author_email: str
    author_time: int
    committer_name: str
    committer_email: str
    commit_time: int
    message: str

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]


class Evidence(NamedTuple):
    """One mark of an agent, as it was seen."""

    channel: Channel
    agent: str
    mark: str
    model: str | None = None


class Attribution(NamedTuple):
    """The verdict, and every mark that was seen, strongest first.

    ``bot`` is the slug of the dependency, release or review bot that authored the commit; the
    author is then ``unknown``. A bot's commit with an agent's mark is the agent's.
    """

    author: Author
    agent: str | None = None
    model: str | None = None
    channel: Channel | None = None
    evidence: tuple[Evidence, ...] = ()
    bot: str | None = None


def attribute(
    meta: CommitMeta,
    registry: Registry = DEFAULT,
    *,
    environment: Mapping[str, str] | None = None,
    told: str | None = None,
    at_terminal: bool = False,
) -> Attribution:
    """Say who wrote the commit.

    ``environment`` is that of the committing process and None in history. ``told`` is what
    somebody said about this commit: an agent, ``AGENT:MODEL``, or ``human``.
    """
    evidence: list[Evidence] = []
    if told and told != "human":
        evidence.append(_told(told, registry))
    if environment:
        evidence += environment_evidence(environment, registry)
    who = _who(meta.author_name, meta.author_email, registry)
    if who and who.kind == "agent":
        mark = f"{meta.author_name} <{meta.author_email}>"
        model = model_in(meta.author_name, who.slug)
        evidence.append(Evidence("identity", who.slug, mark, model))
    if _may_hold_marks(meta.message, registry):
        evidence += message_evidence(meta.message, registry)
    if told == "human":
        return Attribution("human", channel="explicit", evidence=tuple(evidence))
    if evidence:
        return _decided(evidence)
    bot = who.slug if who and who.kind == "bot" else None
    seen = environment is not None and at_terminal and not bot
    return Attribution("human" if seen else "unknown", bot=bot)


def strictly(made: Attribution) -> Attribution:
    """Return who made a commit by strict evidence alone."""
    if made.author != "agent" or made.channel in STRICT:
        return made
    return made._replace(author="unknown", agent=None, model=None, channel=None, evidence=())


def environment_evidence(
    environment: Mapping[str, str], registry: Registry = DEFAULT
) -> tuple[Evidence, ...]:
    """Return the marks in the variables of a process, strongest first.

    Agents that run within agents set several. Values are shown only where they are what names
    the agent: others may be ids of sessions.
    """
    found: list[Evidence] = []
    match = re.match(_AI_AGENT, environment.get("AI_AGENT", ""))
    if match and match[0].lower() not in _NO_TOOL:
        slug = registry.named(match[0]) or match[0].lower()
        found.append(Evidence("environment", slug, f"AI_AGENT={match[0]}"))
    found += [Evidence("environment", slug, mark) for slug, mark in registry.set_in(environment)]
    return tuple(found)


def message_evidence(message: str, registry: Registry = DEFAULT) -> tuple[Evidence, ...]:
    """Return the marks in a commit message: its trailers, then its footers."""
    subject, line_break, rest = message.partition("\n")
    telling = subject[:7].lower() == "aider: " or any(word in subject for word in _TELLING)
    if telling or not subject.strip():
        return _marks(message, registry)
    return _known_marks(f"any{line_break}{rest}", registry)


_TELLING = (SQUASH, "```", "~~~")
"""What makes a subject tell how to read the rest; all others are alike."""


@lru_cache(maxsize=2048)  # many messages differ in their subject alone
def _known_marks(message: str, registry: Registry) -> tuple[Evidence, ...]:
    return _marks(message, registry)


def _marks(message: str, registry: Registry) -> tuple[Evidence, ...]:
    parsed = read(message)
    found = [mark for trailer in parsed.trailers if (mark := _trailer(trailer, parsed, registry))]
    found.sort(key=lambda mark: mark.agent == "entire")
    found += _footers(parsed, registry)
    return tuple(dict.fromkeys(found))


_AI_AGENT = r"[A-Za-z][\w.-]*"
_NO_TOOL = frozenset({"no", "none", "false", "true", "yes", "n/a", "0", "1"})

_PERSON = r"(.*?)\s*<\s*([^<>]*?)\s*>[\s.,;]*(?:[(\[].*)?"
_BARE_EMAIL = r"(.*?)\s*\(?([^\s()<>]+@[^\s()<>]+)\)?"
_LONGEST = 400  # no mark is longer; what is longer might keep a pattern busy
_FOOTER_HINTS = ("://", "](", "enerated")
_FOOTER = (
    r"(?i)[\W_]*(?:(generated)|created|written|made|built|implemented|co-created) "
    r"(?:with|by|using) (\[)?(.+?)(?:\] ?\(\S*\)| \(https?://\S*\))?(?: via .*)?[\W_]*"
)
_CO_AUTHOR = frozenset({"co-authored-by", "coauthored-by", "co-developed-by"})
_TOOL_KEYS = frozenset(
    {"assisted-by", "generated-by", "made-with", "generated-with", "ai-assisted"}
    | {"ai-assisted-by", "ai-generated-by"}
)
_NEEDLES = (
    "authored-by",
    "assisted",
    "generated",
    "](",
    "-session",
    "made-with",
    *(mark.key for mark in TRAILERS if not mark.key.endswith("-session")),
    "aider: ",
    "app.dev",
    "chatgpt.com/codex",
    "google.com/",
    "developed-by",
    "squashed commit of",
)
"""One of these is in each message that holds a mark, in lower case."""


def _may_hold_marks(message: str, registry: Registry) -> bool:
    """Whether reading the message can find anything: most messages hold none of a few words."""
    if registry.custom and any(entry.what in {"trailer", "footer"} for entry in registry.custom):
        return True
    text = message.strip()
    if "\n" not in text:  # a subject alone, in which only aider leaves its name
        return text[:7].lower() == "aider: "
    # Without these there is neither a trailer nor a footer in it.
    if ":" not in text and "enerated" not in text and "](" not in text:
        return False
    lower = text.lower()
    for needle in _NEEDLES:  # noqa: SIM110 - a generator costs more than it looks for
        if needle in lower:
            return True
    return False


@lru_cache(maxsize=4096)  # a history has few authors
def _who(name: str, email: str, registry: Registry) -> Identity | None:
    return registry.who(name, email)


def _decided(evidence: list[Evidence]) -> Attribution:
    """Let the strongest mark name the agent, and the agent's strongest mark with one the model."""
    first = evidence[0]
    models = (mark.model for mark in evidence if mark.agent == first.agent and mark.model)
    return Attribution("agent", first.agent, next(models, None), first.channel, tuple(evidence))


def _told(told: str, registry: Registry) -> Evidence:
    """Read ``AGENT`` or ``AGENT:MODEL``."""
    agent, _, model = told.partition(":")
    slug = registry.named(agent) or agent.strip()
    return Evidence("explicit", slug, told, normal_model(model) if model else None)


def _trailer(trailer: Trailer, message: Message, registry: Registry) -> Evidence | None:
    """Return what a trailer says, if it names an agent."""
    key = trailer.key.lower()
    if registry.custom and (entry := registry.matching("trailer", trailer.line)):
        return _custom_evidence("trailer", entry.slug, trailer.line, registry)
    found: tuple[str, str | None] | None = None
    if len(trailer.value) > _LONGEST:
        return None
    if key in _CO_AUTHOR or (key == "author" and message.squash):
        found = _person(trailer.value, registry)
    elif key in _TOOL_KEYS:
        found = _person(trailer.value, registry) or tool(trailer.value, registry)
        if found and key == "assisted-by" and trailer.value.lower() in GIVEN_NAMES:
            found = None
    else:
        found = next(
            (
                (mark.slug, None)
                for mark in TRAILERS
                if mark.key == key and re.fullmatch(mark.pattern, trailer.value)
            ),
            None,
        )
    return Evidence("trailer", found[0], trailer.line, found[1]) if found else None


def _custom_evidence(channel: Channel, slug: str, mark: str, registry: Registry) -> Evidence | None:
    """Return a mark that the user's configuration names, unless it names no agent."""
    return None if slug == "none" or slug in registry.bots else Evidence(channel, slug, mark)


@lru_cache(maxsize=4096)  # the same few co-authors stand in most messages of a history
def _person(value: str, registry: Registry) -> tuple[str, str | None] | None:
    """Read ``Name <address>``; what has no address is read as the name of a tool."""
    match = re.fullmatch(_PERSON, value) or re.fullmatch(_BARE_EMAIL, value)
    if match is None:
        bare = value.strip().lower()
        return None if bare in GIVEN_NAMES else tool(value, registry)
    name, email = match[1], match[2]
    who = registry.who(name, email)
    if who is None or who.kind != "agent":
        return None
    return who.slug, model_in(name, who.slug)


def _footers(message: Message, registry: Registry) -> Iterator[Evidence]:
    """Yield what the footers say, and the subject that aider writes."""
    if message.subject.lower().startswith("aider: "):
        yield Evidence("footer", "aider", message.subject)
    for line in message.lines:
        if registry.custom and (entry := registry.matching("footer", line)):
            if mark := _custom_evidence("footer", entry.slug, line, registry):
                yield mark
        elif found := _footer(line, registry):
            yield Evidence("footer", found[0], line, found[1])


def _footer(line: str, registry: Registry) -> tuple[str, str | None] | None:
    """Read one footer: a line of one tool, or ``Generated with [<tool>](<url>)``."""
    if len(line) > _LONGEST or not any(hint in line for hint in _FOOTER_HINTS):
        return None
    for mark in FOOTERS:
        if re.fullmatch(mark.pattern, line):
            return mark.slug, None
    match = re.fullmatch(_FOOTER, line)
    if match is None or not (match[1] or match[2]):
        return None
    if not match[2] and match[3].lower() in GIVEN_NAMES:
        return None
    return tool(match[3], registry)
