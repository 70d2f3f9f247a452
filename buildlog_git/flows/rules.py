"""The rules that a repository has: Markdown files below ``.buildlog/rules``.

A file may begin with front matter between two lines of dashes: ``id``, ``title``, ``class`` and
``state`` (pinned, trial or retired; trial where it says none). The reader is tolerant: one bad
file is said and loses no other.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.choice import MOST, Candidate, digest_of
from buildlog_git.core.session import GENERAL, is_word
from buildlog_git.core.trial import Trial

FOLDER = ".buildlog/rules"
STATES = frozenset({"pinned", "trial", "retired"})
_LARGEST = 256 * 1024


class Rule(NamedTuple):
    """One rule; ``text`` is the digest of its text."""

    id: str
    title: str
    error_class: str
    state: str
    text: str


class Rules(NamedTuple):
    """The rules by id, and what was wrong with files that were not read."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The rules that may be drawn."""
        return tuple(
            Trial(rule.id, rule.text, rule.error_class)
            for rule in self.rules
            if rule.state == "trial"
        )

    @property
    def pinned(self) -> tuple[str, ...]:
        """The rules that are on in every session."""
        return tuple(rule.id for rule in self.rules if rule.state == "pinned")

    @property
    def active(self) -> int:
        """How many rules are pinned or on trial."""
        return sum(rule.state != "retired" for rule in self.rules)

    def candidate(self, rule: str) -> Candidate:
        """Return a rule by its id, also one that has no file."""
        return Candidate(rule, next((known.text for known in self.rules if known.id == rule), ""))


def read_rules(top: Path) -> Rules:
    """Return the rules of the work tree ``top``."""
    paths: list[Path] = []
    with suppress(OSError):
        paths = sorted((top / FOLDER).glob("*.md"))
    rules: dict[str, Rule] = {}
    problems = []
    for path in paths[:MOST]:
        found = _read(path)
        if isinstance(found, Rule) and found.id not in rules:
            rules[found.id] = found
        else:
            why = found if isinstance(found, str) else "another file has the same id"
            problems.append(f"{FOLDER}/{path.name}: {why}")
    if len(paths) > MOST:
        problems.append(f"{FOLDER}: only {MOST} rules are read")
    return Rules(tuple(rules[name] for name in sorted(rules)), tuple(problems))


def _read(path: Path) -> Rule | str:
    """Return the rule in a file, or why there is none."""
    try:
        if not path.is_file():  # a device or a pipe might never end
            return "it is no regular file"
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
        if len(raw) > _LARGEST:
            return "it is too large"
        content = raw.decode()
    except (OSError, UnicodeDecodeError) as error:
        return f"it cannot be read ({type(error).__name__})"
    fields, text = _parts(content.replace("\r\n", "\n").removeprefix("\ufeff"))
    name = fields.get("id", path.stem)
    state = fields.get("state", "trial").lower()
    error_class = fields.get("class", GENERAL)
    if not is_word(name):
        return "its id is not one word"
    if state not in STATES:
        return f"its state is none of {', '.join(sorted(STATES))}"
    if not text:
        return "it has no text"
    return Rule(name, fields.get("title", name), error_class, state, digest_of("rule", [text]))


def _parts(content: str) -> tuple[dict[str, str], str]:
    """Return the front matter and the text."""
    lines = content.split("\n")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        return {}, content.strip()
    fields = {}
    for line in lines[1:end]:
        key, colon, value = line.partition(":")
        if colon and value.strip():
            fields[key.strip().lower()] = value.strip().strip("\"'")
    return fields, "\n".join(lines[end + 1 :]).strip()
