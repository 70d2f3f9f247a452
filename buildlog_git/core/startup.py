r"""Rules in Claude Code's settings: a hook that prints them when a session of the agent starts.

``.claude/settings.json`` has no key for instructions; what it documents is that Claude reads what
a ``SessionStart`` hook prints. So the rules are the text between two lines of a quoted
here-document, which no shell looks into, behind ``cat``. The word that ends it is a digest of that
text: the text cannot hold it, and a change by hand is noticed.

What else is in the file stays as it was written, comments too (:mod:`.jsontext`). Ours is one
group of hooks, and ``hooks`` and ``SessionStart`` where the file has none of them.

Law: ``without_hook(with_hook(content, body)) == content``, but for a bare ``{}`` or ``[]`` on the
way to ours.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from buildlog_git.core.ids import event_id
from buildlog_git.core.jsontext import (
    Node,
    OddJsonError,
    inserted,
    is_bare,
    parsed,
    removed,
    replaced,
    unit_of,
)
from buildlog_git.core.rendering import HEADING, ShownRule, escaped, said

EVENT = "SessionStart"
WHEN = "startup|clear|compact"
"""Where Claude starts with nothing read before; what is resumed has the rules already."""
_PATH = ("hooks", EVENT)
_OURS = "cat <<'buildlog-"
_MARK = "\ufeff"


class Hook(NamedTuple):
    """A group of ours: which item it is, and whether nobody has changed it."""

    number: int
    intact: bool


def spoken(rules: Iterable[ShownRule], extra: Iterable[str] = ()) -> str:
    """Return the rules as they are read aloud: without marks, which nothing would hide."""
    parts = [*extra, *(escaped(said(rule)) for rule in sorted(rules))]
    return "\n\n".join((HEADING, *parts)) if parts else ""


def hooks_in(content: str) -> list[Hook]:
    """Return the groups of ours in settings.

    Raises:
        OddJsonError: they are no settings that Claude would read.

    """
    if not content.removeprefix(_MARK).strip():
        return []
    _, groups = _walked(content.removeprefix(_MARK))
    if groups is None:
        return []
    found = []
    for number, part in enumerate(groups.parts):
        commands = [hook for hook in _commands(part.value) if hook.startswith(_OURS)]
        if commands:
            same = part.value == _group(_text_in(commands[0]))
            found.append(Hook(number, intact=same))
    return found


def with_hook(content: str, body: str) -> str:
    """Return settings with the hook that prints ``body``, in place of those of ours.

    Raises:
        OddJsonError: there is no place for it.

    """
    mine = hooks_in(content)
    if mine:
        return _replaced(content, mine, body)
    mark = _MARK if content.startswith(_MARK) else ""
    text = content.removeprefix(_MARK)
    if not text.strip():
        return mark + _dumped({"hooks": {EVENT: [_group(body)]}}, "  ") + "\n"
    unit = unit_of(text)
    trail, groups = _walked(text)
    if groups is not None:
        return mark + inserted(text, groups, _dumped(_group(body), unit), unit)
    value: Any = [_group(body)]
    for key in reversed(_PATH[len(trail) - 1 :]):
        value = {key: value}
    ((key, inner),) = value.items()
    part = f"{json.dumps(key)}: {_dumped(inner, unit)}"
    return mark + inserted(text, trail[-1], part, unit)


def _replaced(content: str, mine: list[Hook], body: str) -> str:
    """Return settings with ``body`` where the first hook of ours is, and none of the others."""
    mark = _MARK if content.startswith(_MARK) else ""
    text = content.removeprefix(_MARK)
    for hook in reversed(mine[1:]):
        text = removed(text, _groups(text), hook.number)
    groups = _groups(text)
    number = mine[0].number
    part = groups.parts[number]
    if part.value == _group(body):
        return mark + text  # however somebody has laid it out
    unit = unit_of(text)
    return mark + replaced(text, groups, number, _dumped(_group(body), unit))


def without_hook(content: str) -> str:
    """Return settings without any hook of ours; empty where nothing else is in them.

    Raises:
        OddJsonError: they are no settings that Claude would read.

    """
    mark = _MARK if content.startswith(_MARK) else ""
    text = content.removeprefix(_MARK)
    mine = hooks_in(text)
    if not mine:
        return content
    for hook in reversed(mine):
        text = removed(text, _groups(text), hook.number)
    for depth in (2, 1):
        trail, groups = _walked(text)
        nodes = [*trail, *filter(None, [groups])]
        if depth < len(nodes) and is_bare(text, nodes[depth]):
            parent = nodes[depth - 1]
            text = removed(text, parent, parent.keys.index(_PATH[depth - 1]))
    return "" if is_bare(text, parsed(text)) else mark + text


def _groups(text: str) -> Node:
    _, groups = _walked(text)
    assert groups is not None  # noqa: S101 - a hook was found in it
    return groups


def _walked(content: str) -> tuple[list[Node], Node | None]:
    """Return the objects on the way to the groups, and the array of these where there is one."""
    node = parsed(content)
    trail: list[Node] = []
    for number, key in enumerate(_PATH):
        if not isinstance(node.value, dict):
            raise OddJsonError(f"{_PATH[number - 1] if number else 'it'} is no object")
        if node.keys.count(key) > 1:
            raise OddJsonError(f"{key} is said twice")
        trail.append(node)
        if key not in node.keys:
            return trail, None
        node = node.parts[node.keys.index(key)]
    if not isinstance(node.value, list):
        raise OddJsonError(f"{EVENT} is no list")
    return trail, node


def _commands(group: object) -> list[str]:
    hooks = group.get("hooks") if isinstance(group, dict) else None
    found = [h.get("command") for h in hooks if isinstance(h, dict)] if isinstance(
        hooks, list) else []  # fmt: skip
    return [command for command in found if isinstance(command, str)]


def _text_in(command: str) -> str:
    found = re.fullmatch(rf"{re.escape(_OURS)}[0-9a-f]{{16}}'\n(.*)\nbuildlog-[0-9a-f]{{16}}\n",
                         command, re.DOTALL)  # fmt: skip
    return found[1] if found else ""


def _group(body: str) -> dict[str, Any]:
    end = f"buildlog-{event_id('startup', body)}"
    command = f"cat <<'{end}'\n{body}\n{end}\n"
    return {"matcher": WHEN, "hooks": [{"type": "command", "command": command}]}


def _dumped(value: object, unit: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=unit)
