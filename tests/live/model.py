"""What history means for drafts, told on sets of lines; it knows nothing of the program.

A repository is a number of places, each of which holds one line or none. Every line stands in
one place only and is never written twice. So a three-way merge is one for each place, a patch
is a set of places with what was there and what is, and a draft is lost where its line is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product

Tree = dict[int, int]
"""The line (its number) at each place that is not empty."""


@dataclass(eq=False)
class Commit:
    """A commit of the model; ``oid`` is git's name for it.

    ``known`` has, for each draft in its history, who took which of the draft's lines: "person"
    or "agent". A line that was taken may stand again.
    """

    tree: Tree
    parents: tuple[Commit, ...]
    agent: str | None
    subject: str
    oid: str = ""
    draft: Draft | None = None
    forms: set[Draft] = field(default_factory=set)
    known: dict[Draft, dict[int, frozenset[str]]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[int, tuple[int | None, int | None]]:
        """What it changes against its first parent, by place."""
        before = self.parents[0].tree if self.parents else {}
        return {
            place: (before.get(place), self.tree.get(place))
            for place in before.keys() | self.tree.keys()
            if before.get(place) != self.tree.get(place)
        }

    @property
    def carried(self) -> set[Draft]:
        """The drafts that this commit is, or is a new form of."""
        return self.forms | ({self.draft} if self.draft else set())


@dataclass(eq=False)
class Draft:
    """An agent's commit, as it was made, and the lines that are its own."""

    commit: Commit
    agent: str
    lines: frozenset[int]


def ancestors(*tips: Commit) -> list[Commit]:
    """Return the commits that ``tips`` contain, parents first."""
    order: list[Commit] = []
    seen: set[int] = set()
    stack = [(tip, False) for tip in tips]
    while stack:
        at, ready = stack.pop()
        if ready:
            order.append(at)
        elif id(at) not in seen:
            seen.add(id(at))
            stack.append((at, True))
            stack += [(parent, False) for parent in at.parents]
    return order


def make(
    tree: Tree,
    parents: tuple[Commit, ...],
    agent: str | None,
    subject: str,
    replaces: tuple[Commit, ...] = (),
) -> Commit:
    """Return a new commit; the drafts of those that it replaces live on in it."""
    made = Commit(tree, parents, agent, subject)
    for parent in parents:
        for draft, taken in parent.known.items():
            mine = made.known.setdefault(draft, {})
            for line, who in taken.items():
                mine[line] = mine.get(line, frozenset()) | who
    stands = set(tree.values())
    for draft, mine in made.known.items():
        holders = [set(parent.tree.values()) for parent in parents if draft in parent.known]
        for line in draft.lines - stands:
            if all(line in held for held in holders):
                mine[line] = mine.get(line, frozenset()) | takers(made, line, replaces)
    for old in replaces:
        for draft in old.carried:
            made.forms.add(draft)
            if draft in made.known:
                continue
            mine = made.known[draft] = dict(old.known[draft])
            for line in (draft.lines & set(old.tree.values())) - stands:
                mine[line] = mine.get(line, frozenset()) | {"person"}
    return made


def takers(made: Commit, line: int, replaces: tuple[Commit, ...]) -> frozenset[str]:
    """Return who took ``line`` from its draft, where ``made`` took it.

    What an agent's own version had left alone is the doing of whoever rewrote it. Where several
    were folded into one either may be charged.
    """
    if not made.agent or len(made.parents) > 1:
        return frozenset({"person"})
    if not replaces:
        return frozenset({"agent"})
    took = any(
        line in parent.tree.values() and line not in old.tree.values()
        for old in replaces
        for parent in old.parents
    )
    return frozenset({"agent", "person"} if took else {"person"})


def draft_of(commit: Commit) -> None:
    """Make an agent's commit a draft of its own."""
    assert commit.agent
    own = frozenset(new for _, new in commit.changes.values() if new is not None)
    commit.draft = Draft(commit, commit.agent, own)
    commit.known[commit.draft] = {}


def merged(base: Tree, ours: Tree, theirs: Tree) -> tuple[Tree, set[int]]:
    """Return the three-way merge, ours where both changed a place, and those places."""
    tree: Tree = {}
    conflicts = set()
    for place in base.keys() | ours.keys() | theirs.keys():
        was, our, their = base.get(place), ours.get(place), theirs.get(place)
        value = their if our == was else our
        if our != was and their not in (was, our):
            conflicts.add(place)
        if value is not None:
            tree[place] = value
    return tree, conflicts


def bounds(draft: Draft, tip: Commit) -> tuple[float, float] | None:
    """Return the least and the greatest distance at ``tip``, None where nothing is left.

    Where people and agents both took a line, or an agent did and it came back, either may count.
    """
    stands = set(tip.tree.values())
    people, agents, both, back = 0, 0, 0, 0
    for line in draft.lines:
        who = tip.known[draft].get(line, frozenset())
        if line in stands:
            back += "agent" in who
        elif who == {"agent"}:
            agents += 1
        elif who == {"person"}:
            people += 1
        else:
            both += 1
    found = []
    for of_people, gone in product(range(both + 1), range(back + 1)):
        whole = len(draft.lines) - agents - (both - of_people) - gone
        if whole > 0:
            found.append((people + of_people) / whole)
    return (min(found), max(found)) if found else None


def patch_of(commit: Commit) -> tuple[tuple[int, tuple[int | None, int | None]], ...]:
    """Return what tells two commits' patches apart, as git's patch id does."""
    return tuple(sorted(commit.changes.items()))


def single(commits: list[Commit]) -> list[Commit]:
    """Return those of ``commits`` that are no merges."""
    return [commit for commit in commits if len(commit.parents) == 1]
