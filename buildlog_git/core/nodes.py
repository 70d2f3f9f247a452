"""What the walk works on: commits as nodes, what it finds, and the state that it passes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from buildlog_git.core.events import By, Way
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import Account
from buildlog_git.core.revise import Owned
from buildlog_git.core.state import FileState


class Carry(NamedTuple):
    """``source`` lives on in the commit, with the drafts (ids) in ``drafts``.

    ``by`` took what is lost on the way.
    """

    source: Oid
    drafts: frozenset[Oid]
    way: Way
    by: By = "person"


class Node(NamedTuple):
    """A commit as the walk needs it.

    ``agent`` is the slug of the agent that made it, ``by`` who takes what it takes away
    ("person" also where nobody knows), ``time`` its steady time, ``until`` the end of its own
    window where it is a draft.
    """

    oid: Oid
    parents: tuple[Oid, ...]
    time: int
    by: By = "person"
    agent: str | None = None
    draft: bool = False
    until: int = 0
    carries: tuple[Carry, ...] = ()
    reverts: frozenset[Oid] = frozenset()


class Change(NamedTuple):
    """What the commit ``commit`` did to the draft ``draft``."""

    draft: Oid
    commit: Oid
    by: By
    way: Way
    account: Account


class Facts:
    """What the walk found: the size of each draft, by path too, and all changes in order."""

    __slots__ = ("changes", "sizes", "sizes_by_path")

    def __init__(self) -> None:
        self.sizes: dict[Oid, Owned] = {}
        self.sizes_by_path: dict[Oid, dict[str, Owned]] = {}
        self.changes: list[Change] = []


Trail = tuple[tuple[Oid, Account], ...]


class State:
    """What a commit passes on: files, and for each draft that it knows what happened so far."""

    __slots__ = ("age", "files", "trails")

    def __init__(
        self,
        files: dict[str, FileState] | None = None,
        trails: dict[int, Trail] | None = None,
        age: int = 0,
    ) -> None:
        self.files = files or {}
        self.trails = trails or {}
        self.age = age

    def copy(self) -> State:
        """Return a state that may change without this one."""
        return State(dict(self.files), dict(self.trails), self.age)


class Trees(NamedTuple):
    """How the walk reads what no single patch says.

    ``between`` gives the patch from one commit's tree to another's, ``paths`` only the paths
    in which they differ.
    """

    between: Callable[[Oid, Oid], bytes]
    paths: Callable[[Oid, Oid], frozenset[str]]


class Begin(NamedTuple):
    """Where a walk goes on: the drafts by number, and the states of commits that it will need.

    ``states`` may hold only the files that the walk will touch. ``until`` has for each of those
    commits the end of the last window of a draft that it contains.
    """

    drafts: tuple[Node, ...] = ()
    states: Mapping[Oid, State] = MappingProxyType({})
    until: Mapping[Oid, int] = MappingProxyType({})


NOTHING = Begin()


def wanted_patches(nodes: Sequence[Node], begin: Begin = NOTHING) -> list[Node]:
    """Return the nodes whose own patch can matter, in order.

    It matters where the commit is a draft, or where the window of a draft that the commit
    contains is open. Merges have no patch of their own.
    """
    until: dict[Oid, int] = dict(begin.until)
    wanted = []
    for node in nodes:
        sources = (*node.parents, *(carry.source for carry in node.carries))
        reach = max((until.get(source, 0) for source in sources), default=0)
        if len(node.parents) < 2 and (node.draft or reach >= node.time):
            wanted.append(node)
        until[node.oid] = max(reach, node.until)
    return wanted


def count_uses(nodes: Sequence[Node]) -> dict[Oid, int]:
    """Return how many nodes go on from the state after each commit."""
    uses: dict[Oid, int] = {}
    for node in nodes:
        for source in (*node.parents, *(carry.source for carry in node.carries)):
            uses[source] = uses.get(source, 0) + 1
    return uses
