"""A commit's files as they are seen from another commit than the one it is a step from.

A merge is seen from each of its parents, a rewritten commit from the one that it replaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from buildlog_git.core.events import By
from buildlog_git.core.follow import Rules, take_step
from buildlog_git.core.ids import Oid
from buildlog_git.core.nodes import State, Trees
from buildlog_git.core.patch import parse_patch
from buildlog_git.core.revise import Actor
from buildlog_git.core.state import FileState
from buildlog_git.core.unite import restrict


class Views(NamedTuple):
    """Sees commits from others, by the patches between them."""

    trees: Trees
    rules: Rules

    def of(
        self,
        commit: Oid,
        origin: Oid,
        source: State,
        wanted: Mapping[str, AbstractSet[int]],
        by: By,
        *,
        writes_off: bool = True,
    ) -> dict[str, FileState]:
        """Return the files of ``commit`` with ``wanted`` drafts, as seen from ``origin``.

        ``source`` is the state after ``origin``; what differs in ``commit`` is the doing of
        ``by``, which writes off what agents lost where ``writes_off`` is set.
        """
        files = {
            path: restrict(source.files[path], drafts)
            for path, drafts in wanted.items()
            if drafts and path in source.files
        }
        if files:
            drafts = set().union(*wanted.values())
            changes = parse_patch(self.trees.between(origin, commit))
            rules = self.rules._replace(
                is_open=lambda draft: draft in drafts and self.rules.is_open(draft)
            )
            take_step(files, changes, Actor(None, by == "person", writes_off), rules)
        return files
