"""Looking identities, tools and variables up: the tables, and what the user added to them.

Users add marks in their git configuration: ``buildlog.agent.<slug>.<what>`` with a regular
expression that must match the whole ``email``, ``name`` (of an author), ``trailer``
(``Key: value``) or ``footer`` (a line of the message), with a variable for ``env`` (``NAME`` or
``NAME=regex``), and ``bot = true`` where the slug is a bot. The slug ``none`` says that the
identity is a person. Upper and lower case are the same everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from buildlog_git.core.agents import (
    AGENTS,
    BOTS,
    NAMED_EMAILS,
    REGISTRY_VERSION,
    VARIABLES,
    Agent,
    Variable,
)
from buildlog_git.core.booleans import NO, YES
from buildlog_git.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["DEFAULT", "REGISTRY_VERSION", "Custom", "Identity", "Registry"]


class Custom(NamedTuple):
    """One entry of the user's configuration."""

    slug: str
    what: str
    pattern: re.Pattern[str]
    variable: str = ""


class Identity(NamedTuple):
    """Who a name and an address are, where they are no unknown person's."""

    kind: Literal["agent", "bot", "person"]
    slug: str


_GITHUB = re.compile(r"(?:(\d+)\+)?([^@+]+)@users\.noreply\.github\.com")
_KEY = r"(?i)buildlog\.agent\.(.+)\.([^.]+)"
_VARIABLE = r"[A-Za-z_]\w*"


class _Table:
    """The rows of one table, by what they are looked up with."""

    __slots__ = ("accounts", "authors", "emails", "logins", "names", "slugs")

    def __init__(self, rows: Sequence[Agent]) -> None:
        self.slugs = tuple(row.slug for row in rows)
        self.emails = {email: row.slug for row in rows for email in row.emails}
        self.accounts = {str(number): row.slug for row in rows for number in row.accounts}
        self.logins = {login: row.slug for row in rows for login in row.logins}
        self.names = {name: row.slug for row in rows for name in row.names}
        patterns = (f"(?P<x{at}>{row.author})" for at, row in enumerate(rows) if row.author)
        self.authors = re.compile("|".join(patterns), re.IGNORECASE)

    def account(self, number: str | None, login: str) -> str | None:
        """Return whose GitHub account it is; only an app's login ends in ``[bot]``."""
        app = self.logins.get(login[:-5]) if login.endswith("[bot]") else None
        return app or self.accounts.get(number or "")

    def author(self, name: str) -> str | None:
        """Return whose name it is, whatever the address."""
        match = self.authors.fullmatch(name)
        return self.slugs[int(match.lastgroup[1:])] if match and match.lastgroup else None


_AGENTS = _Table(AGENTS)
_BOTS = _Table(BOTS)


class Registry(NamedTuple):
    """The tables above, with what the user added to them."""

    custom: tuple[Custom, ...] = ()
    bots: frozenset[str] = frozenset()

    def extended(self, entries: Iterable[tuple[str, str]]) -> Registry:
        r"""Return the registry with entries of ``git config --get-regexp '^buildlog\.agent\.'``.

        An entry that is no regular expression, or asks for what there is not, is a UsageError.
        """
        added: list[Custom] = []
        bots = set(self.bots)
        for key, value in entries:
            slug, what = _split(key)
            if what != "bot":
                added.append(_custom(key, slug, what, value))
            elif _boolean(key, value):
                bots.add(slug)
            else:
                bots.discard(slug)
        return Registry(self.custom + tuple(added), frozenset(bots))

    def who(self, name: str, email: str) -> Identity | None:
        """Return the agent, the bot or the declared person; None for everybody else."""
        email = email.strip().lower()
        name = name.strip()
        if self.custom and (found := self._custom_identity(name, email)):
            return found
        match = _GITHUB.fullmatch(email)
        number, login = match.groups() if match else (None, "")
        called = name.lower()
        for kind, table in (("agent", _AGENTS), ("bot", _BOTS)):
            slug = table.emails.get(email) or table.account(number, login)
            slug = slug or table.account(None, called) or table.author(name)
            if slug:
                return Identity("agent" if kind == "agent" else "bot", slug)
        for address, word, slug in NAMED_EMAILS:
            if email == address and word in called:
                return Identity("agent", slug)
        bot = login if login.endswith("[bot]") else called if called.endswith("[bot]") else ""
        return Identity("bot", bot[:-5]) if len(bot) > len("[bot]") else None

    def named(self, tool: str) -> str | None:
        """Return the agent that people call so, whatever the case and the dashes."""
        words = re.sub(r"[\s_-]+", " ", tool).strip().lower()
        return _AGENTS.names.get(words) or _AGENTS.names.get(words.removesuffix(" cli"))

    def matching(self, what: str, text: str) -> Custom | None:
        """Return the user's first entry of a kind that matches the whole text."""
        for entry in self.custom:
            if entry.what == what and entry.pattern.fullmatch(text):
                return entry
        return None

    def set_in(self, environment: Mapping[str, str]) -> list[tuple[str, str]]:
        """Return the variables of agents that are set: slug and what was seen."""
        found = [
            (row.slug, f"{row.name}={environment[row.name]}" if row.pattern else row.name)
            for row in VARIABLES
            if _is_set(row, environment)
        ]
        for entry in self.custom:
            value = environment.get(entry.variable, "") if entry.what == "env" else ""
            if value and entry.pattern.fullmatch(value):
                found.append((entry.slug, entry.variable))
        return [(slug, mark) for slug, mark in found if slug not in self.bots]

    def _custom_identity(self, name: str, email: str) -> Identity | None:
        """Return what the user's entries say; that somebody is a person goes first."""
        texts = {"email": email, "name": name}
        found = [
            entry.slug
            for entry in self.custom
            if entry.what in texts and entry.pattern.fullmatch(texts[entry.what])
        ]
        if not found:
            return None
        if "none" in found:
            return Identity("person", "none")
        return Identity("bot" if found[0] in self.bots else "agent", found[0])


def _is_set(row: Variable, environment: Mapping[str, str]) -> bool:
    """Whether a variable says that the agent runs."""
    value = environment.get(row.name, "")
    if row.beside and environment.get(row.beside[0]) != row.beside[1]:
        return False
    if row.pattern:
        return re.fullmatch(row.pattern, value, re.IGNORECASE) is not None
    return value.strip().lower() not in {"", *NO}


def _split(key: str) -> tuple[str, str]:
    """Split ``buildlog.agent.<slug>.<what>``; the slug may hold dots."""
    match = re.fullmatch(_KEY, key)
    what = match[2].lower() if match else ""
    if match and what in {"email", "name", "trailer", "footer", "env", "bot"}:
        return match[1], what
    raise UsageError(
        f"{key} is no setting: it must be buildlog.agent.<slug>. and "
        "email, name, trailer, footer, env or bot",
        slug="bad-agent-key",
        hint=f"git config --unset {key}",
    )


def _custom(key: str, slug: str, what: str, value: str) -> Custom:
    """Build one entry."""
    name, _, pattern = value.partition("=") if what == "env" else ("", "", value)
    if what == "env" and not re.fullmatch(_VARIABLE, name):
        raise _bad(key, f"{name[:40]!r} is no name of a variable")
    if what != "env" and not value:
        raise _bad(key, "it is empty")
    try:
        compiled = re.compile(pattern or ".+", re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise _bad(key, str(error).replace("\n", " ")) from error
    return Custom(slug, what, compiled, name)


def _boolean(key: str, value: str) -> bool:
    """Read a boolean as git writes it; a key without a value is true."""
    if value.lower() in {"", *YES}:
        return True
    if value.lower() in NO:
        return False
    raise _bad(key, f"{value[:40]!r} is neither true nor false")


def _bad(key: str, why: str) -> UsageError:
    """Build the error for a value that cannot be read."""
    return UsageError(
        f"{key} cannot be read: {why}",
        slug="bad-agent-pattern",
        hint=f"git config --unset {key}",
    )


DEFAULT = Registry()
"""What is known without any configuration."""
