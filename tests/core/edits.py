"""Patches between line lists, and the account of a draft after a series of versions."""

from __future__ import annotations

from difflib import SequenceMatcher

from buildlog_git.core.distance import distance
from buildlog_git.core.follow import Rules, take_step
from buildlog_git.core.patch import FileChange
from buildlog_git.core.region import ZERO, Account
from buildlog_git.core.revise import Actor, Owned
from buildlog_git.core.state import FileState

Tree = dict[str, list[str]]
EVERYTHING = Rules(lambda _: True, lambda _: True)
PERSON = Actor(None, person=True)
OTHER_AGENT = Actor(None, person=False)


def change(path: str, old: list[str] | None, new: list[str] | None) -> FileChange:
    """Return what ``git diff -U0`` would say of one file."""
    before, after = old or [], new or []
    hunks = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            at = f"-{a + (b > a)},{b - a} +{c + (d > c)},{d - c}"
            lines = [f"-{line}" for line in before[a:b]] + [f"+{line}" for line in after[c:d]]
            hunks.append("\n".join([f"@@ {at} @@", *lines]))
    body = "\n".join(hunks).encode("utf-8", "surrogateescape")
    return FileChange(None if old is None else path, None if new is None else path, body)


def patch(old: Tree, new: Tree) -> list[FileChange]:
    """Return the patch from one tree to another."""
    paths = sorted(old.keys() | new.keys())
    return [change(p, old.get(p), new.get(p)) for p in paths if old.get(p) != new.get(p)]


def follow(base: Tree, draft: Tree, *later: tuple[Actor, Tree]) -> tuple[Owned, Account]:
    """Return a draft's size and its account after ``later`` versions by their makers."""
    files: dict[str, FileState] = {}
    step = take_step(files, patch(base, draft), Actor(0, person=False), EVERYTHING)
    total, at = ZERO, draft
    for actor, tree in later:
        charged = take_step(files, patch(at, tree), actor, EVERYTHING).charges
        total = total.plus(charged.get(0, ZERO))
        at = tree
    return step.owned, total


def distance_after(base: Tree, draft: Tree, *later: tuple[Actor, Tree]) -> float | None:
    """Return the revision distance after ``later`` versions."""
    return distance(*follow(base, draft, *later))
