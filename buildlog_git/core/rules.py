"""Rules: what a team tells its coding agents, one Markdown file each.

A rule's id is in its front matter, else it is the file's name; it stays when the rule is
reworded. What a wording did is known by the digest of the text, which sessions and exposures
record. The text is what agents read: line ends are plain, space around it is gone, everything
else is as it was written.

States: ``pinned`` rules are always on, those on ``trial`` are drawn by chance, ``retired`` ones
are never on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from buildlog_git.core.frontmatter import Parts, printed, split, split_list
from buildlog_git.core.ids import event_id
from buildlog_git.core.session import GENERAL, is_word

FOLDER = ".buildlog/rules"
State = Literal["pinned", "trial", "retired"]
STATES: tuple[State, ...] = get_args(State)
LARGEST = 256 * 1024
"""Bytes that a rule's file may have."""
CHARACTERS_A_TOKEN = 4
LONGEST_TITLE = 80

_KEYS = ("id", "title", "class", "state", "scope", "seed", "added", "origin", "source")
_DAY = r"\d{4}-\d{2}-\d{2}"
_ID = r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}"
_UNPRINTABLE = "[\0-\b\v-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
"""Control characters but tab and line feed, and the marks that reorder what is shown."""


class Rule(NamedTuple):
    """One rule.

    ``digest`` names the text, ``scope`` are globs of the files that it is about (none: all),
    ``seed`` is the pack that it was copied from, ``added`` the day (UTC, ISO 8601) on which it
    was; of rules on trial the oldest have their turn first. ``origin`` is the digest of the text
    as it was then, by which it is known again after it was reworded; ``source`` says where it
    came from.
    """

    id: str
    title: str
    error_class: str
    state: State
    text: str
    scope: tuple[str, ...] = ()
    seed: str = ""
    added: str = ""
    origin: str = ""
    source: str = ""

    @property
    def digest(self) -> str:
        """16 hex digits that name the text, by which sessions and exposures record it."""
        return digest_of_text(self.text)

    @property
    def tokens(self) -> int:
        """What the text costs an agent to read: an estimate, a token for four characters."""
        return -(-len(self.text) // CHARACTERS_A_TOKEN)

    @property
    def active(self) -> bool:
        """Whether it is, or can be, on."""
        return self.state != "retired"


def file_of(rule: str) -> str:
    """Return the path in the work tree of the rule with this id."""
    return f"{FOLDER}/{rule}.md"


def digest_of_text(text: str) -> str:
    """Return the digest of a rule's text, which is in its normal form."""
    return event_id("rule", text)


def why_no_id(name: str) -> str:
    """Return why ``name`` cannot be a rule's id; empty where it can.

    An id becomes part of file names, in agents' folders too.
    """
    if not re.fullmatch(_ID, name):
        return "an id is one word of at most 64 letters, digits and . _ + -"
    if ".." in name or name.endswith("."):
        return "an id holds no two dots in a row and ends in none"
    return ""


def parse_rule(content: str, stem: str) -> tuple[Rule | None, tuple[str, ...]]:
    """Return the rule in a file called ``stem``, and all that is wrong with it.

    Where something is wrong there is no rule.
    """
    parts = split(content)
    day = parts.get("added")
    rule = Rule(
        id=parts.get("id") or stem,
        title=parts.get("title") or parts.get("id") or stem,
        error_class=parts.get("class") or GENERAL,
        state=_state(parts),
        text=parts.text,
        scope=scope_of(parts.fields, "scope"),
        seed=parts.get("seed"),
        origin=parts.get("origin"),
        source=parts.get("source"),
        added=day if day and re.fullmatch(_DAY, day) else "",
    )
    problems = tuple(_problems(rule, parts))
    return (None if problems else rule), problems


def scope_of(fields: Mapping[str, tuple[str, ...]], key: str) -> tuple[str, ...]:
    """Return the globs of a field, each once; one value may hold several between commas."""
    globs = (
        glob.strip().strip("\"'") for value in fields.get(key, ()) for glob in split_list(value)
    )
    return tuple(dict.fromkeys(filter(None, globs)))


def print_rule(rule: Rule) -> str:
    """Return the file of a new rule, always the same bytes for the same rule."""
    fields = {
        "id": rule.id, "title": rule.title, "class": rule.error_class, "state": rule.state,
        "scope": rule.scope, "seed": rule.seed, "added": rule.added,
        "origin": rule.origin, "source": rule.source,
    }  # fmt: skip
    return printed(fields, rule.text)


def _state(parts: Parts) -> State:
    said = parts.get("state").lower()
    return next((state for state in STATES if state == said), "trial")


def _problems(rule: Rule, parts: Parts) -> list[str]:
    said = parts.get("state").lower()
    found = [f"its {key} is said twice" for key in parts.twice if key in _KEYS]
    why = why_no_id(rule.id)
    if why:
        found.append(f"its id cannot be one: {why}")
    if said and said not in STATES:
        found.append(f"its state is none of {', '.join(STATES)}")
    if not is_word(rule.error_class):
        found.append("its class is not one word")
    if rule.seed and not is_word(rule.seed):
        found.append("its seed is not one word")
    if not rule.text:
        found.append("it has no text")
    if has_control("\n".join((rule.text, rule.title, rule.source, *rule.scope))):
        found.append("it has control characters")
    return found


def has_control(text: str) -> bool:
    """Return whether a text has characters that act on a terminal or reorder what is shown."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return False  # nearly every text, and nothing needs to be compiled for it
    return re.search(_UNPRINTABLE, text) is not None
