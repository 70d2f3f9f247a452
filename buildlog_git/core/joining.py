"""The state after a merge, from those after its parents.

A line keeps its owner if any parent has it. Of a file that some parent has just as the merge has
it, that parent tells. Where none has, the merge is seen from each parent that knows the draft,
and what these views say is reconciled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from typing import NamedTuple

from buildlog_git.core.events import By
from buildlog_git.core.nodes import Node, State, Trail
from buildlog_git.core.state import FileState
from buildlog_git.core.unite import overlay, reconcile, restrict
from buildlog_git.core.views import Views


def join(node: Node, sources: Sequence[State], views: Views) -> tuple[State, set[int]]:
    """Return the state after a merge, and the drafts of which its ancestors may not tell all.

    ``sources`` are the states after its parents, in their order.
    """
    if not any(source.files for source in sources):
        return _united_trails(sources), set()
    merge = _Merge(node, sources, views)
    merge.sort_out()
    return merge.state(), merge.affected


class _View(NamedTuple):
    """A merge as it is seen from one parent, and the texts that the parent had."""

    files: dict[str, FileState]
    texts: set[tuple[int, int]]


class _Merge:
    """One merge; ``affected`` are the drafts whose accounts it may change."""

    def __init__(self, node: Node, sources: Sequence[State], views: Views) -> None:
        self._node = node
        self._sources = sources
        self._views = views
        self._is_open = views.rules.is_open
        paths = views.trees.paths
        self._changed = [
            paths(parent, node.oid) if sources[0].files or source.files else frozenset()
            for parent, source in zip(node.parents, sources, strict=True)
        ]
        self.affected = {draft for draft in _told_apart(sources) if self._is_open(draft)}
        self._doubtful: dict[int, set[int]] = {}
        """By draft, the parents from which the merge is seen."""
        self._taken: dict[tuple[int, str], set[int]] = {}
        """By parent and path, the drafts that are there as the parent has them."""
        self._decided: set[tuple[str, int]] = set()

    def sort_out(self) -> None:
        """Decide of each draft in each file which parent tells, and where none does alone."""
        for path, draft in self._placed():
            knowing = [k for k, source in enumerate(self._sources) if draft in source.trails]
            clean = next((k for k in knowing if path not in self._changed[k]), None)
            if clean is None:
                holders = (k for k in knowing if draft in _known(self._sources[k], path))
                self._doubtful.setdefault(draft, set()).add(next(holders, knowing[0]))
            else:
                self._taken.setdefault((clean, path), set()).add(draft)
                self._decided.add((path, draft))
            if clean is None or len(knowing) > 1:
                self.affected.add(draft)

    def state(self) -> State:
        """Return the state after the merge."""
        state = _united_trails(self._sources)
        for path, file in self._sources[0].files.items():
            if path not in self._changed[0]:
                state.files[path] = file
        for (k, path), drafts in self._taken.items():
            files = self._sources[k].files
            if path in files:
                overlay(state.files, path, restrict(files[path], drafts, self._is_open))
        if self._doubtful:
            views = self._looked_at()
            for path in dict.fromkeys(path for view in views for path in view.files):
                overlay(state.files, path, self._reconciled(path, views))
        return state

    def _placed(self) -> Iterator[tuple[str, int]]:
        """Yield each (path, open draft) that the first parent alone does not decide."""
        first = self._sources[0]
        seen = set()
        for k, source in enumerate(self._sources):
            for path, file in source.files.items():
                if path in self._changed[0]:
                    drafts: Iterable[int] = file.known
                elif k > 0:
                    drafts = [d for d in file.known if d not in first.trails]
                else:
                    continue
                for draft in drafts:
                    if (path, draft) not in seen and self._is_open(draft):
                        seen.add((path, draft))
                        yield path, draft

    def _wanted(self) -> dict[int, dict[str, AbstractSet[int]]]:
        """Return, by parent and path, the drafts that are looked for from there."""
        parents = set().union(*self._doubtful.values())
        for draft, those in self._doubtful.items():
            parents |= _knowing_more(self._sources, draft, min(those), self._node.by)
        return {
            k: {
                path: drafts
                for path in self._changed[k] & self._sources[k].files.keys()
                if (drafts := self._sources[k].files[path].known & self._doubtful.keys())
            }
            for k in sorted(parents)
        }

    def _looked_at(self) -> list[_View]:
        """Return the views of the merge from each parent that one is wanted from."""
        wanted = self._wanted()
        held = Counter(draft for paths in wanted.values() for draft in set().union(*paths.values()))
        shared = {draft for draft, count in held.items() if count > 1}
        return [
            _View(
                self._seen_from(k, paths, shared),
                {r.text_id for path in paths for r in self._sources[k].files[path].regions},
            )
            for k, paths in wanted.items()
        ]

    def _seen_from(
        self, k: int, paths: Mapping[str, AbstractSet[int]], shared: AbstractSet[int]
    ) -> dict[str, FileState]:
        node = self._node
        see = partial(self._views.of, node.oid, node.parents[k], self._sources[k], by=node.by)
        if node.by == "person":
            return see(paths)
        # Until it is known what the merger did to a draft, nothing is written off.
        files = see({path: drafts & shared for path, drafts in paths.items()}, writes_off=False)
        for path, file in see({path: drafts - shared for path, drafts in paths.items()}).items():
            overlay(files, path, file)
        return files

    def _reconciled(self, path: str, views: Iterable[_View]) -> FileState:
        """Return the drafts of a file that no parent decides, as all views of it have them."""
        united: FileState | None = None
        texts: set[tuple[int, int]] = set()
        for view in views:
            if path not in view.files:
                continue
            file = restrict(view.files[path], {
                draft for draft in view.files[path].known if not self._is_decided(path, draft)
            })  # fmt: skip
            texts |= view.texts
            united = file if united is None else reconcile(
                united, file, texts, person=self._node.by == "person"
            )  # fmt: skip
        assert united is not None  # noqa: S101 - some view has the file
        return united

    def _is_decided(self, path: str, draft: int) -> bool:
        """Return whether a parent alone says what is left of a draft in a file."""
        by_first = path not in self._changed[0] and draft in self._sources[0].trails
        return by_first or (path, draft) in self._decided


def _known(source: State, path: str) -> AbstractSet[int]:
    file = source.files.get(path)
    return file.known if file else frozenset()


def _told_apart(sources: Sequence[State]) -> set[int]:
    """Return the drafts of which the sources do not tell the same."""
    first = sources[0].trails
    return {
        draft
        for source in sources[1:]
        for draft, trail in source.trails.items()
        if first.get(draft, trail) != trail
    }


def _knowing_more(sources: Sequence[State], draft: int, than: int, merger: By) -> set[int]:
    """Return the sources that know better who changed the draft than one of them does.

    Seen from that one, all changes in the histories of the others are the merger's.
    """
    base = set(sources[than].trails.get(draft, ()))
    return {
        k
        for k, source in enumerate(sources)
        if any(
            (account.gone or merger != "person") and (oid, account) not in base
            for oid, account in source.trails.get(draft, ())
        )
    }


def _united_trails(sources: Sequence[State]) -> State:
    trails: dict[int, Trail] = {}
    for source in sources:
        for draft, trail in source.trails.items():
            known = trails.get(draft)
            if known is None or known == trail:
                trails[draft] = trail
            else:
                trails[draft] = (*known, *(item for item in trail if item not in known))
    return State({}, trails, max(source.age for source in sources))
