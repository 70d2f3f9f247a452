"""Seeds: packs of rules that somebody has written down to start from.

A pack is a mapping with a ``title`` and a list of ``rules``, each with ``id`` and ``text`` and
perhaps ``title``, ``class`` and ``scope``. Which format it is stored in is not known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from buildlog_git.core.rules import Rule, parse_rule, print_rule
from buildlog_git.core.session import GENERAL, is_word

Level = Literal["repository", "user", "shipped"]
LEVELS: tuple[Level, ...] = ("repository", "user", "shipped")
"""Where packs are looked for; the first that has one of a name wins."""
_KEYS = frozenset({"id", "title", "class", "scope", "text"})


class Pack(NamedTuple):
    """A pack; its rules are on trial and name it as their seed."""

    name: str
    title: str
    rules: tuple[Rule, ...]


class BadPack(ValueError):  # noqa: N818 - it says what the pack is
    """A pack cannot be used, and why."""


def pack_of(name: str, content: object) -> Pack:
    """Return the pack that ``content``, plain values, describes.

    Raises:
        BadPack: it has another form, or one of its rules cannot be one.

    """
    if not is_word(name):
        raise BadPack("its name is not one word")
    if not isinstance(content, Mapping) or not isinstance(content.get("rules"), list):
        raise BadPack("it has no list of rules")
    rules = tuple(_rule(name, number, item) for number, item in enumerate(content["rules"], 1))
    ids = [rule.id for rule in rules]
    twice = next((one for one in ids if ids.count(one) > 1), None)
    if twice:
        raise BadPack(f"it has two rules with the id {twice}")
    return Pack(name, " ".join(str(content.get("title") or name).split()), rules)


def _rule(name: str, number: int, item: Any) -> Rule:
    if not isinstance(item, Mapping) or not all(
        isinstance(item.get(k), str) for k in ("id", "text")
    ):
        raise BadPack(f"rule {number} has no id or no text")
    unknown = sorted(str(key) for key in item.keys() - _KEYS)
    if unknown:
        raise BadPack(f"rule {number} has an unknown key: {unknown[0]}")
    scope = item.get("scope") or []
    globs = [scope] if isinstance(scope, str) else scope
    if not isinstance(globs, list) or not all(isinstance(glob, str) for glob in globs):
        raise BadPack(f"rule {number} has a scope that is no list of globs")
    rule = Rule(
        id=item["id"],
        title=" ".join(str(item.get("title") or item["id"]).split()),
        error_class=str(item.get("class") or GENERAL),
        state="trial",
        text=item["text"].replace("\r\n", "\n").strip(),
        scope=tuple(globs),
        seed=name,
    )
    _, problems = parse_rule(print_rule(rule), rule.id)
    if problems:
        raise BadPack(f"rule {number} cannot be one: {'; '.join(problems)}")
    return rule
