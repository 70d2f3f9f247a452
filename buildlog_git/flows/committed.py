"""What a committed file holds with the pinned rules in it, without them, and what somebody changed.

Most have a block between markers; Claude's settings have a hook (:mod:`..core.startup`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from buildlog_git.core.frontmatter import split
from buildlog_git.core.jsontext import OddJsonError
from buildlog_git.core.rendering import (
    ShownRule,
    body_of,
    front_matter,
    inert,
    read_block,
    said,
    why_unfit,
    with_block,
    without_block,
    without_front,
)
from buildlog_git.core.startup import hooks_in, spoken, with_hook, without_hook
from buildlog_git.core.targets import SKILL, Target
from buildlog_git.gitio.agentfiles import Refused, find_file, read_agent_file

LONGEST_DESCRIPTION = 1024
_T = TypeVar("_T")


def body_for(target: Target, rules: Sequence[ShownRule], extra: Sequence[str] = ()) -> str:
    """Return the rules as a target's file is to hold them; ``extra`` are lines that come first."""
    if target.shape == "hook":
        return spoken(rules, extra)
    if target.shape == "skill":
        rules = [rule._replace(text=inert(said(rule)), scope=()) for rule in rules]
    return body_of(rules, extra)


def has_ours(top: Path, target: Target) -> bool:
    """Return whether the committed file of a target has rules that we put there."""
    with suppress(Refused, OddJsonError):
        content = read_agent_file(top, find_file(top, target.committed, links=True)) or b""
        if target.shape == "hook":
            return bool(hooks_in(content.decode("utf-8", "replace")))
        return read_block(content, "team") is not None
    return False


def was_edited(target: Target, content: bytes) -> bool:
    """Return whether somebody has changed pinned rules in a file.

    Raises:
        Refused: it cannot be told where they end.

    """
    if target.shape == "hook":
        return not all(hook.intact for hook in _settings(hooks_in, content))
    edited = (
        target.shape == "part" and content != b"" and front_matter(content) != target.committed_head
    )
    while (block := read_block(content, "team")) is not None:
        if not block.ended:
            raise Refused("the last line of our block in it is gone; put it back, or take all out")
        edited = edited or not block.intact
        content = content[block.end :]
    return edited


def why_unread(target: Target, content: bytes) -> str:
    """Return what keeps an agent from reading a file of ours; empty where nothing does."""
    if target.shape != "skill":
        return ""
    found = split(content.decode("utf-8", "replace"))
    if found.get("name") != SKILL:
        return f"its name is not that of its folder, {SKILL}: Claude would not find the skill"
    described = found.get("description")
    if 0 < len(described) <= LONGEST_DESCRIPTION:
        return ""
    return f"a skill needs a description of at most {LONGEST_DESCRIPTION:,} characters"


def content_of(target: Target, present: bytes | None, body: str) -> bytes | None:
    """Return what a file is to hold, None where there is to be none; ``body`` may be empty.

    Raises:
        Refused: it cannot hold that.

    """
    if target.shape == "hook":
        return _with_startup(present, body)
    before = present or b""
    head = target.committed_head.encode()
    if target.shape == "part" and body and front_matter(before) != target.committed_head:
        before = head + without_front(before)
    theirs = without_block(before, "team")
    alone = not theirs.strip() or theirs.replace(b"\r\n", b"\n") == head
    if not body:
        had = theirs != before
        return None if had and alone else theirs if had else present
    unfit = why_unfit(before, body)
    if unfit:
        raise Refused(unfit)
    first = read_block(before, "team")
    if first is not None:  # others come from a merge that kept both sides
        before = before[: first.end] + without_block(before[first.end :], "team")
    return with_block(before if present is not None else head, "team", body)


def _with_startup(present: bytes | None, body: str) -> bytes | None:
    before = present or b""
    if body:
        return _settings(lambda text: with_hook(text, body), before).encode()
    if not _settings(hooks_in, before):
        return present
    return _settings(without_hook, before).encode() or None


def _settings(of: Callable[[str], _T], content: bytes) -> _T:
    try:
        return of(content.decode())
    except UnicodeDecodeError as error:
        raise Refused("it is not UTF-8") from error
    except OddJsonError as error:
        raise Refused(f"its JSON cannot be changed safely: {error}") from error
