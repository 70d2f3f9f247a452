"""One run of one policy in one world, and what it was worth.

Truth is what a report speaks of: by how much a rule changes the distance in the sessions that
have it, beside the others that are on there, as rules are at the end of the run. Where rules go
well with some and badly with others that depends on who is on with them; and where distances are
near 0 or 1, a rule changes less than it could elsewhere. A claim is a verdict that a check may
quote (proven, likely helps) or that a rule harms; it is false where the sign is another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.learning.policies import Ours, Past, best_of, effects, learned, run
from benchmarks.learning.replaced import Replaced
from benchmarks.learning.world import World, make_world, null_world
from buildlog_git.core.effects import Learned

EARLY = 200
LOOK = 10


@dataclass(frozen=True)
class Intervals:
    """How many of a report's intervals hold the truth, and how wide they are."""

    held: int
    all: int
    held_best: int
    all_best: int
    width_best: float


@dataclass(frozen=True)
class Claims:
    """What a report claims, and how much of it is false."""

    true: int
    false: int


@dataclass(frozen=True)
class Measured:
    """One run of both policies in the same world."""

    scenario: str
    seed: int
    sessions: int
    regret: float
    regret_early: float
    regret_replaced: float
    regret_replaced_early: float
    lost: float
    lost_replaced: float
    end: Intervals
    early: Intervals
    claims: Claims


def measure(
    scenario: str,
    n: int,
    k: int,
    rewards: int,
    seed: int,
    python: Path,
    most: int | None = None,
) -> Measured:
    """Run both policies in the world of a seed; ``most`` rules compete, the others wait."""
    world = make_world(scenario, n, k, rewards, seed)
    ours = Ours(world, most=most)
    regrets = run(world, ours)
    with Replaced(world, python, seed) as replaced:
        others = run(world, replaced)
        lost_replaced = _lost(world, {name: replaced.recommended(name) for name in world.classes})
    early = _sessions_of(world, EARLY)
    report = learned(world, ours.past)
    recommended = {name: best_of(report, name, k) for name in world.classes}
    return Measured(
        scenario=scenario,
        seed=seed,
        sessions=len(world.tasks),
        regret=sum(regrets),
        regret_early=sum(regrets[:early]),
        regret_replaced=sum(others),
        regret_replaced_early=sum(others[:early]),
        lost=_lost(world, recommended),
        lost_replaced=lost_replaced,
        end=intervals(world, report, ours.past),
        early=intervals(world, learned(world, ours.past[:early]), ours.past[:early]),
        claims=claims(world, report, ours.past),
    )


def _sessions_of(world: World, rewards: int) -> int:
    """Return how many sessions it takes to have so many rewards."""
    count = 0
    for number, task in enumerate(world.tasks):
        count += task.drafts
        if count >= rewards:
            return number + 1
    return len(world.tasks)


def _lost(world: World, recommended: dict[str, list[int]]) -> float:
    """Return what the recommended sets lack, as a share of what random ones lack."""
    half = world.half(len(world.tasks))
    lacks = random = 0.0
    for name in world.classes:
        best = world.best(name, half)
        lacks += best - world.value(recommended[name], name, half)
        random += best - world.random(name, half)
    return lacks / random


def truth(world: World, past: Sequence[Past], error_class: str | None = None) -> list[float]:
    """Return what each rule saves in the sessions that had it; had it been on, where none had.

    In a class, or in all; as the rules are at the last of the sessions.
    """
    half = world.half(past[-1].task.number)
    some = [one for one in past if error_class in (None, one.task.error_class)] or past
    return [_saved(world, some, rule, half) for rule in range(world.n)]


def _saved(world: World, past: Sequence[Past], rule: int, half: int) -> float:
    saved = []
    for one in [one for one in past if rule in one.chosen] or past:
        others = {*one.chosen, *one.task.forced} - {rule}
        without, having = others, others | {rule}
        saved.append(
            world.expected(one.task, without, half) - world.expected(one.task, having, half)
        )
    return sum(saved) / len(saved)


def intervals(world: World, report: Learned, past: Sequence[Past]) -> Intervals:
    """Return how the intervals of all rules in all classes hold the truth of these sessions."""
    held = every = best_held = best_all = 0
    width = 0.0
    for name in world.classes:
        best = best_of(report, name, world.k)
        true = truth(world, past, name)
        for number, effect in enumerate(effects(report, name)):
            holds = effect.low <= true[number] <= effect.high
            held += holds
            every += 1
            if number in best:
                best_held += holds
                best_all += 1
                width += effect.high - effect.low
    return Intervals(held, every, best_held, best_all, width)


def claims(world: World, report: Learned, past: Sequence[Past]) -> Claims:
    """Return what is claimed of rules, and how much of it is true now."""
    true = false = 0
    for rule, saves in zip(report.rules, truth(world, past), strict=True):
        sign = {"proven": 1, "likely helps": 1, "likely harms": -1}.get(rule.effect.verdict, 0)
        true += sign * saves > 0
        false += sign != 0 and sign * saves <= 0
    return Claims(true, false)


@dataclass(frozen=True)
class Null:
    """A repository whose rules do nothing: whether looks at its report ever saw a claim."""

    seed: int
    likely: bool
    proven: bool


def measure_null(n: int, k: int, rewards: int, seed: int) -> Null:
    """Look at the report every ten sessions, as somebody would who waits for a claim."""
    world = null_world(n, k, rewards, seed)
    ours = Ours(world)
    run(world, ours)
    seen: set[str] = set()
    for end in range(LOOK, len(ours.past) + 1, LOOK):
        seen |= _verdicts(world, ours.past[:end])
    return Null(seed, bool(seen & {"likely helps", "likely harms", "proven"}), "proven" in seen)


def _verdicts(world: World, past: Sequence[Past]) -> set[str]:
    report = learned(world, past, past[-1].task.at)
    return {rule.effect.verdict for rule in report.rules}
