"""Draws cases: every kind in turn, sizes at random, all from one seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.accuracy import file_edits, line_edits, repeated_edits
from tests.accuracy.cases import KINDS, Case, Studio

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterable

MODULES = (line_edits, file_edits, repeated_edits)
"""Importing them fills the register of kinds."""


def gather(
    rng: random.Random,
    count: int = 0,
    *,
    kinds: Iterable[str] | None = None,
    fits: Callable[[Case], bool] = lambda _: True,
) -> list[Case]:
    """Return ``count`` cases that fit, each kind about as often; 0: all kinds at all sizes.

    A kind that does not fit at one draw (a file that the agent changed, where the way wants a
    new one) is drawn again a few times.
    """
    studio = Studio(rng)
    wanted = [(name, size) for name in kinds or KINDS for size in KINDS[name].sizes]
    rng.shuffle(wanted)
    # Each kind once before any kind twice.
    seen: dict[str, int] = {}
    turns = []
    for name, size in wanted:
        seen[name] = seen.get(name, 0) + 1
        turns.append((seen[name], name, size))
    cases: list[Case] = []
    for _, name, size in sorted(turns, key=lambda turn: turn[0]):
        drawn = (KINDS[name].make(studio, size) for _ in range(8))
        case = next(filter(fits, drawn), None)
        if case is not None:
            cases.append(case)
        if count and len(cases) == count:
            break
    return cases
