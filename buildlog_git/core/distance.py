"""Revision distance: how much of a draft people undid, from 0 (kept as written) to 1.

    distance = min(1, (sum of cost + Dr) / (T - gone + sum of grow + Dt))

T are the tokens that the draft owns, Dt those of hunks in which it only removed; cost is
max(l, i) for each place where l owned tokens were lost and i inserted, grow is max(0, i - l);
Dr are tokens of Dt that stand again; gone are tokens that agents, bots or neutral commits
replaced, which nobody can judge any more. Null where nothing is left to judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from buildlog_git.core.follow import Rules, take_step
from buildlog_git.core.patch import FileChange
from buildlog_git.core.region import ZERO, Account, spoilt_lines
from buildlog_git.core.revise import Actor, Owned
from buildlog_git.core.state import FileState

ACCEPTED = 0.05
REJECTED = 0.80
STANDS = 0.50
"""A reverted draft of which at least this share stands again counts as landed again."""
MIN_TOKENS = 10
"""Below this many tokens a distance says nothing."""

Outcome = Literal["accepted", "revision", "rejected", "unmeasurable"]
State = Literal["open", "provisional", "settled"]


def distance(owned: Owned, account: Account) -> float | None:
    """Return the revision distance, or None where nothing is left to judge."""
    whole = owned.tokens - account.gone + account.grow + owned.removed
    if whole <= 0:
        return None
    return max(0.0, min(1.0, (account.cost + account.restored) / whole))


def classify(value: float | None, owned: Owned, *, reverted: bool = False) -> Outcome:
    """Return the class of a distance; ``reverted``: a commit says that it reverts the draft."""
    if value is None or owned.tokens + owned.removed < MIN_TOKENS:
        return "unmeasurable"
    if value >= REJECTED or (reverted and value >= STANDS):
        return "rejected"
    return "accepted" if value <= ACCEPTED else "revision"


class FileDistance(NamedTuple):
    """One file's part: its path in the draft, its distance and its size in tokens."""

    path: str
    distance: float | None
    tokens: int


class Measured(NamedTuple):
    """The comparison of a draft with what became of it; ``kept`` counts whole lines."""

    owned: Owned
    account: Account
    kept: int
    files: tuple[FileDistance, ...]

    @property
    def distance(self) -> float | None:
        """The revision distance of the whole draft."""
        return distance(self.owned, self.account)


def measure(
    drafted: Sequence[FileChange], became: Sequence[FileChange], counts: Callable[[str], bool]
) -> Measured:
    """Compare trees: ``drafted`` is the patch base to agent, ``became`` agent to final."""
    files: dict[str, FileState] = {}
    rules = Rules(counts, lambda _: True)
    draft = take_step(files, drafted, Actor(0, person=False), rules)
    take_step(files, became, Actor(None, person=True), rules)
    names = {
        change.new_path: change.old_path
        for change in became
        if change.new_path is not None and change.old_path is not None
    }
    accounts: dict[str, Account] = dict.fromkeys(draft.owned_by_path, ZERO)
    spoilt = 0
    total = ZERO
    for path, file in files.items():
        for region in file.regions:
            total = total.plus(region.account)
            home = names.get(path, path)
            accounts[home] = accounts.get(home, ZERO).plus(region.account)
            spoilt += spoilt_lines(region)
    return Measured(
        draft.owned,
        total,
        max(0, draft.owned.lines - spoilt),
        tuple(
            FileDistance(path, distance(owned, accounts[path]), owned.tokens + owned.removed)
            for path, owned in sorted(draft.owned_by_path.items())
        ),
    )
