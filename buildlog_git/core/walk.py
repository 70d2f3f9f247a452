"""The forward walk: follows every draft through all of history in one pass.

Each commit takes over its parent's state (who owns what in which file), applies its own patch
and passes the state on. Where history forks the state is copied, where it joins the states are
united: a line keeps its owner if any parent has it. A commit that rewrites another (an amend,
a rebase, a squash) has that other as one more parent for just the drafts that it carries.

What the walk reports are facts about pairs of draft and revising commit: the signed change of
the draft's account. Summed over the ancestors of any commit they give the account there. So a
merge reports what stands less what its ancestors reported: nothing is counted twice.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from collections.abc import Set as AbstractSet

from buildlog_git.core.events import By, Way
from buildlog_git.core.follow import Rules, take_shared_step, take_step
from buildlog_git.core.ids import Oid
from buildlog_git.core.joining import join
from buildlog_git.core.nodes import (
    NOTHING,
    Begin,
    Carry,
    Change,
    Facts,
    Node,
    State,
    Trees,
    count_uses,
    wanted_patches,
)
from buildlog_git.core.patch import FileChange, parse_patch
from buildlog_git.core.region import ZERO, Account
from buildlog_git.core.revise import Actor, Owned
from buildlog_git.core.reworked import Versions
from buildlog_git.core.unite import overlay
from buildlog_git.core.views import Views

_PURGE_EVERY = 256
"""Commits after which a state drops the files that hold nothing of an open draft."""


class Walk:
    """One pass over ``nodes``, which have parents and carried commits before children.

    It may go on from ``begin``, what an earlier pass has kept. ``keep`` are commits whose state
    is wanted: :attr:`kept` has them afterwards, and :attr:`drafts` the drafts by number.
    """

    def __init__(
        self,
        nodes: Sequence[Node],
        counts: Callable[[str], bool],
        trees: Trees,
        begin: Begin = NOTHING,
        keep: Container[Oid] = (),
    ) -> None:
        self._nodes = nodes
        self._begin = begin
        self._keep = keep
        self.drafts: list[Node] = list(begin.drafts)
        self.kept: dict[Oid, State] = {}
        self._numbers = {node.oid: number for number, node in enumerate(begin.drafts)}
        self._states: dict[Oid, State] = dict(begin.states)
        self._charged: dict[Oid, set[int]] = {}
        """By commit, the drafts that it changed."""
        self._versions = Versions(nodes)
        self._uses = count_uses(nodes)
        self._now = 0
        self._rules = Rules(counts, self._is_open)
        self._views = Views(trees, self._rules)
        self.facts = Facts()

    def run(self, patches: Iterator[bytes], on_commit: Callable[[], None] = lambda: None) -> Facts:
        """Walk; ``patches`` yields the patch of each of :func:`wanted_patches`, in order."""
        wanted = {node.oid for node in wanted_patches(self._nodes, self._begin)}
        for node in self._nodes:
            self._now = node.time
            patch = next(patches) if node.oid in wanted else b""
            state = self._join(node) if len(node.parents) > 1 else self._follow(node, patch)
            for carry in node.carries:
                self._carry(node, state, carry)
            self._store(node, state)
            on_commit()
        return self.facts

    def _is_open(self, draft: int) -> bool:
        return self.drafts[draft].until >= self._now

    def _take(self, oid: Oid) -> State:
        """Return the state after ``oid`` for one more user: the last one gets the original."""
        state = self._states.get(oid)
        if state is None:
            return State()
        self._uses[oid] -= 1
        if self._uses[oid] > 0:
            return state.copy()
        return self._states.pop(oid)

    def _store(self, node: Node, state: State) -> None:
        wanted = node.oid in self._keep
        if self._uses.get(node.oid, 0) == 0 and not wanted:
            return
        state.age += 1
        if state.age % _PURGE_EVERY == 0:
            state.files = {
                path: file
                for path, file in state.files.items()
                if any(map(self._is_open, file.known))
            }
            state.trails = {
                draft: trail for draft, trail in state.trails.items() if self._is_open(draft)
            }
        self._states[node.oid] = state
        if wanted:
            self.kept[node.oid] = state.copy()

    def _follow(self, node: Node, patch: bytes) -> State:
        state = self._take(node.parents[0]) if node.parents else State()
        number = self._enter(node, state) if node.draft else None
        if not patch:
            return state
        changes = parse_patch(patch)
        plain = self._versions.is_plain(node, changes)
        if node.carries and node.by != "person" and node.carries[0].by == "person" and not plain:
            self._follow_form(node, state, changes)
            return state
        step = take_step(state.files, changes, Actor(number, node.by == "person"), self._rules)
        if node.draft:
            self.facts.sizes[node.oid] = step.owned
            self.facts.sizes_by_path[node.oid] = step.owned_by_path
        for draft, account in step.charges.items():
            self._report(node, state, draft, account, "follow-up", node.by)
        return state

    def _follow_form(self, node: Node, state: State, changes: Sequence[FileChange]) -> None:
        """Follow a commit that a person made of an agent's: a fix may have come into it.

        What it takes from drafts that the agent's own commits left alone is the person's doing.
        """
        versions = (oid for carry in node.carries for oid in carry.drafts)
        theirs = set[int]().union(*(self._charged.get(oid, ()) for oid in versions))
        steps = take_shared_step(state.files, changes, theirs, self._rules)
        for step, by in zip(steps, (node.by, node.carries[0].by), strict=True):
            for draft, account in step.charges.items():
                self._report(node, state, draft, account, "follow-up", by)

    def _enter(self, node: Node, state: State) -> int:
        number = len(self.drafts)
        self.drafts.append(node)
        self._numbers[node.oid] = number
        state.trails[number] = ()
        self.facts.sizes[node.oid] = Owned()
        return number

    def _report(
        self, node: Node, state: State, draft: int, account: Account, way: Way, by: By
    ) -> None:
        if account == ZERO:
            return
        target = self.drafts[draft]
        if by == "self" and node.agent != target.agent:
            by = "other"
        if target.oid in node.reverts:
            way = "revert"
        self._charged.setdefault(node.oid, set()).add(draft)
        self.facts.changes.append(Change(target.oid, node.oid, by, way, account))
        state.trails[draft] = (*state.trails.get(draft, ()), (node.oid, account))

    def _join(self, node: Node) -> State:
        """Unite the states of a merge's parents."""
        state, affected = join(node, [self._take(parent) for parent in node.parents], self._views)
        self._balance(node, state, affected, "merge", node.by)
        return state

    def _carry(self, node: Node, state: State, carry: Carry) -> None:
        """Bring the drafts of a rewritten commit over into the one that replaces it.

        The rewritten commit keeps the agent's mark whoever rewrote it. So what is lost on the
        way is a person's, as for a commit without a mark, unless the carry knows better.
        """
        source = self._take(carry.source)
        drafts = {
            number
            for oid in carry.drafts
            if (number := self._numbers.get(oid)) is not None
            and number in source.trails
            and number not in state.trails
        }
        if not drafts:
            return
        wanted = {
            path: drafts & file.known for path, file in source.files.items() if drafts & file.known
        }
        for draft in drafts:
            state.trails[draft] = ()
        files = self._views.of(node.oid, carry.source, source, wanted, carry.by)
        for path, file in files.items():
            overlay(state.files, path, file)
        self._balance(node, state, drafts, carry.way, carry.by)

    def _balance(
        self, node: Node, state: State, drafts: AbstractSet[int], way: Way, by: By
    ) -> None:
        """Report, for ``drafts``, what stands less what ancestors have reported."""
        stands = dict.fromkeys(drafts, ZERO)
        for file in state.files.values():
            if drafts.isdisjoint(file.known):
                continue
            for region in file.regions:
                if region.draft in stands:
                    stands[region.draft] = stands[region.draft].plus(region.account)
            for draft, size in file.gone.items():
                if draft in stands:
                    stands[draft] = stands[draft].plus(Account(gone=size))
        for draft in sorted(drafts):
            told = ZERO
            for _, account in state.trails.get(draft, ()):
                told = told.plus(account)
            self._report(node, state, draft, stands[draft].minus(told), way, by)
