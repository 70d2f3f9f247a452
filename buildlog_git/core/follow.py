"""Follows the text of drafts through one commit after another.

The same step serves both ways in: comparing two trees is one step that owns (base to agent)
and one that judges (agent to final); the walk over history is a step a commit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import NamedTuple

from buildlog_git.core.moves import MovedLines, find_moves
from buildlog_git.core.patch import FileChange
from buildlog_git.core.region import Account
from buildlog_git.core.revise import Actor, FileRevision, Owned
from buildlog_git.core.state import EMPTY, FileState
from buildlog_git.core.unite import overlay, restrict


class Step:
    """What one commit did: its own size, and for each draft the change of its account."""

    __slots__ = ("charges", "owned", "owned_by_path")

    def __init__(self) -> None:
        self.owned = Owned()
        self.owned_by_path: dict[str, Owned] = {}
        self.charges: dict[int, Account] = {}


class Rules(NamedTuple):
    """What a step must know of its surroundings.

    ``counts`` says whether text in a path counts, ``is_open`` whether a draft is still
    followed; the text of others is nobody's.
    """

    counts: Callable[[str], bool]
    is_open: Callable[[int], bool]


def take_step(
    files: dict[str, FileState], changes: Sequence[FileChange], actor: Actor, rules: Rules
) -> Step:
    """Apply one commit's patch to ``files`` (path to state), in place."""
    states = [files.get(change.old_path or change.path, EMPTY) for change in changes]
    concerned = {
        number
        for number, change in enumerate(changes)
        if (actor.draft is not None and rules.counts(change.path))
        or any(
            map(rules.is_open, states[number].known if change.renamed else states[number].drafts)
        )
    }
    if not concerned:
        return Step()
    agent = actor.draft is not None
    moved = find_moves(changes, states, agent=agent, is_open=rules.is_open)
    step, after = _revise(changes, states, concerned, moved, actor, rules)
    if agent and step.owned.tokens == 0 and moved.unowned:
        # The agent did nothing but move text: then the moved text is what it did.
        moved = find_moves(changes, states, agent=agent, is_open=rules.is_open, with_unowned=False)
        step, after = _revise(changes, states, concerned, moved, actor, rules)
    for number in after:
        change = changes[number]
        if change.old_path is not None and change.new_path is not None:
            files.pop(change.old_path, None)
    files.update({changes[number].path: state for number, state in after.items()})
    return step


def take_shared_step(
    files: dict[str, FileState],
    changes: Sequence[FileChange],
    theirs: AbstractSet[int],
    rules: Rules,
) -> tuple[Step, Step]:
    """Apply the patch of a commit that an agent made and a person rewrote.

    What it takes from the drafts in ``theirs`` is the agent's doing, what it takes from others
    the person's. Returns both steps; neither owns anything.
    """
    paths = {path for change in changes for path in (change.old_path, change.new_path) if path}
    before = {path: files.pop(path) for path in sorted(paths) if path in files}
    steps = []
    for mine, actor in ((True, Actor(None, person=False)), (False, Actor(None, person=True))):
        part = {
            path: restrict(file, {draft for draft in file.known if (draft in theirs) is mine})
            for path, file in before.items()
        }
        counted = rules._replace(is_open=partial(_is_of, theirs, mine, rules.is_open))
        steps.append(take_step(part, changes, actor, counted))
        for path, file in part.items():
            overlay(files, path, file)
    return steps[0], steps[1]


def _is_of(
    theirs: AbstractSet[int], mine: bool, is_open: Callable[[int], bool], draft: int
) -> bool:
    return (draft in theirs) is mine and is_open(draft)


def _revise(
    changes: Sequence[FileChange],
    states: Sequence[FileState],
    concerned: set[int],
    moved: MovedLines,
    actor: Actor,
    rules: Rules,
) -> tuple[Step, dict[int, FileState]]:
    step, after = Step(), {}
    for number in sorted(concerned | {change for change, _ in moved.targets}):
        change = changes[number]
        mine = actor if rules.counts(change.path) else actor._replace(draft=None)
        work = FileRevision(states[number], mine, rules.is_open, step.charges)
        for region, lines in moved.returned.get(number, ()):
            work.take_back(region, lines)
        for index in range(len(change.hunks) - 1, -1, -1):
            hunk = change.hunks[index]
            work.apply(hunk, moved.left(number, index), moved.arrived(number, index))
        after[number] = work.finish()
        if work.owned.tokens or work.owned.removed:
            owned = work.owned._replace(files=1)
            step.owned_by_path[change.path] = owned
            step.owned = step.owned.plus(owned)
    return step, after
