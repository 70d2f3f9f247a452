"""Sessions: one stretch of work on a branch in a worktree, with one draw of rules.

What is decided here needs no repository: the settings, the error class that a branch's name
tells, the session's id, and what the local file of an open session says. The id is a digest of
where the session began and of how many began at that place before it, without a clock: whoever
finds the same beginning again finds the same session.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, NoReturn

from buildlog_git.core.ids import Oid, event_id, is_oid
from buildlog_git.errors import UsageError

GENERAL = "general"
"""The error class of what has no other."""

CLASSES: Mapping[str, str] = {
    "fix": "bugfix", "bug": "bugfix", "bugfix": "bugfix", "hotfix": "bugfix",
    "feat": "feature", "feature": "feature",
    "test": "tests", "tests": "tests",
    "doc": "docs", "docs": "docs",
    "refactor": "refactor", "perf": "perf", "style": "style", "chore": "chore",
    "build": "build", "ci": "ci", "deps": "deps", "security": "security",
}  # fmt: skip
"""The error class by what stands before the first slash of a branch's name."""

_DURATION = r"(\d{1,6})([smhdw])"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_WORD = r"[A-Za-z0-9][A-Za-z0-9._/+-]{0,63}"
_CLASS_KEY = "buildlog.class."
_NUMBERS = {
    "buildlog.session.k": "rules, such as 3",
    "buildlog.session.trial": "rules, such as 12",
    "buildlog.session.tokens": "tokens, such as 1500",
}


class SessionSettings(NamedTuple):
    """What a person can choose about sessions.

    ``idle`` are the seconds without activity after which a session is over, ``holdout`` the
    share of control sessions, ``k`` the rules on trial that are on at once and ``trial`` those
    that compete for it in a class at a time, ``tokens`` what those that are on may cost an agent
    together, ``explore`` how much is tried that is not known to be best, ``classes`` the error
    classes by prefix of a branch.
    """

    idle: int = 8 * 3600
    holdout: float = 0.03
    k: int = 3
    trial: int = 12
    tokens: int = 1500
    explore: float = 0.5
    classes: Mapping[str, str] = CLASSES


def session_settings(pairs: Iterable[tuple[str, str]]) -> SessionSettings:
    """Return the settings that git's configuration holds.

    Raises:
        UsageError: a value cannot be used.

    """
    found = SessionSettings()
    classes = dict(CLASSES)
    for key, value in pairs:
        if key == "buildlog.session.idle":
            found = found._replace(idle=_idle(value))
        elif key == "buildlog.holdout":
            found = found._replace(holdout=_share(key, value))
        elif key == "buildlog.explore":
            found = found._replace(explore=_share(key, value))
        elif key in _NUMBERS:
            if not re.fullmatch(r"\d{1,6}", value):
                _refuse(key, value, f"a number of {_NUMBERS[key]}")
            numbers: Mapping[str, Any] = {key.rpartition(".")[2]: int(value)}
            found = found._replace(**numbers)
        elif key.startswith(_CLASS_KEY):
            if not is_word(value):
                _refuse(key, value, "one word, such as bugfix")
            classes[key[len(_CLASS_KEY) :].rstrip("/").lower()] = value
    return found._replace(classes=classes)


def seconds_of(text: str) -> int | None:
    """Return how long ``8h``, ``90m`` or ``1d12h`` is; None where it is no duration."""
    if not re.fullmatch(f"(?:{_DURATION})+", text):
        return None
    return sum(int(number) * _SECONDS[unit] for number, unit in re.findall(_DURATION, text))


def _idle(value: str) -> int:
    seconds = seconds_of(value.strip())
    if not seconds:
        _refuse("buildlog.session.idle", value, "a duration such as 8h, 90m or 2d")
    return seconds


def _share(key: str, value: str) -> float:
    if not re.fullmatch(r"0?\.\d{1,9}|[01](?:\.0{0,9})?|0\.\d{0,9}", value):
        _refuse(key, value, "a number from 0 to 1, such as 0.03")
    return float(value)


def _refuse(key: str, value: str, wanted: str) -> NoReturn:
    raise UsageError(
        f"{key} is not {wanted}: {value}",
        slug="bad-setting",
        hint=f"git config --show-origin --get {key} says where it is set",
    )


def is_word(text: str) -> bool:
    """Return whether ``text`` may name a rule or an error class."""
    return re.fullmatch(_WORD, text) is not None


def word_in(text: str | None) -> str | None:
    """Return ``text`` where it may name something, else None: it may come from anywhere."""
    return text if text is not None and is_word(text) else None


def class_of_branch(branch: str, classes: Mapping[str, str]) -> str:
    """Return the error class that a branch's name (``refs/heads/…``) tells."""
    prefix, slash, _ = branch.removeprefix("refs/heads/").partition("/")
    return classes.get(prefix.lower(), GENERAL) if slash else GENERAL


class Place(NamedTuple):
    """Where sessions are: a worktree's name, and the branch that is checked out there."""

    worktree: str
    branch: str


def place_digests(place: Place) -> tuple[str, str]:
    """Return digests of the branch's name and of the worktree's; names may name persons."""
    return event_id("branch", place.branch), event_id("worktree", place.worktree)


def session_id(clone: str, place: Place, base: Oid, ordinal: int) -> str:
    """Return the id of the session that is the ``ordinal``-th (from 0) at this place and base."""
    return event_id("session-id", clone, *place, base, str(ordinal))


class Asked(NamedTuple):
    """What a person asks of a new session; None and empty leave it to settings and files."""

    error_class: str | None = None
    k: int | None = None
    rules: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    note: str = ""
    removed: tuple[str, ...] = ()


NOTHING_ASKED = Asked()


class OpenSession(NamedTuple):
    """An open session, as its local file keeps it.

    ``rules`` are on; ``rules_start`` counts the rules that the repository had. ``commits`` are
    those that were made in it, ``last`` is when something was last seen to happen. ``texts`` are
    the digests of the rules' texts, ``scopes`` the globs of the files that each is about, a line
    a glob, ``held`` the rules that the draw could take and that are not to be on. ``trial``
    counts the rules with a text that could be on: where there are none, agents have nothing to
    read.
    """

    id: str
    base: Oid
    started: int
    last: int
    error_class: str
    rules: tuple[str, ...] = ()
    rules_start: int = 0
    commits: tuple[Oid, ...] = ()
    notes: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    trial: int = 0
    scopes: tuple[str, ...] = ()
    held: tuple[str, ...] = ()

    def is_idle(self, at: int, limit: int) -> bool:
        """Return whether the session was over before ``at``."""
        return at - self.last > limit

    def touched(self, at: int, commit: Oid | None = None) -> OpenSession:
        """Return the session after something happened in it; a commit counts once."""
        commits = self.commits
        if commit is not None and commit not in commits:
            commits = (*commits, commit)
        return self._replace(last=max(self.last, at), commits=commits)


def encode_session(session: OpenSession, place: Place) -> str:
    """Return the content of an open session's file."""
    return json.dumps({"v": 1, **place._asdict(), **session._asdict()}, indent=1) + "\n"


def decode_session(content: bytes) -> tuple[OpenSession, Place] | None:
    """Return what the file of an open session says, None where it is damaged."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, dict) or told.get("v") != 1:
        return None
    names: list[Any] = [told.get(name) for name in Place._fields]
    defaults = OpenSession._field_defaults
    fields: dict[str, Any] = {
        name: told.get(name, list(default) if isinstance(default, tuple) else default)
        for name, default in {**dict.fromkeys(OpenSession._fields), **defaults}.items()
    }
    if not all(isinstance(name, str) and name for name in names) or not _is_sound(fields):
        return None
    lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
    return OpenSession(**{**fields, **lists}), Place(*names)


def _is_sound(fields: Mapping[str, Any]) -> bool:
    words = all(isinstance(fields[name], str) for name in ("id", "base", "error_class"))
    numbers = all(type(fields[name]) is int for name in ("started", "last", "rules_start", "trial"))
    lists = all(
        isinstance(fields[name], list) and all(isinstance(item, str) for item in fields[name])
        for name in ("rules", "commits", "notes", "texts", "scopes", "held")
    )
    return (
        words and numbers and lists
        and re.fullmatch(r"[0-9a-f]{16}", fields["id"]) is not None
        and is_oid(fields["base"])
        and is_word(fields["error_class"])
    )  # fmt: skip
