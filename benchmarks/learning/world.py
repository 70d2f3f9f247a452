"""The simulated world: what rules really do, and sessions that are the same for everybody.

Twelve sessions a day of five developers, 1 + Poisson(1.5) drafts each, whose rewards come late.
A draft's distance is 0 with a small chance, else Beta with the precision 5; its mean is

    .47 + difficulty of the session + .05 size - effect of the rules that are on

in [.03, .97]. The best k rules together take .25 off. Whoever chooses the rules meets the same
sessions, and the same luck as far as the mean is the same: each session has a generator of its
own (common random numbers).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

SCENARIOS = (
    "dense", "sparse", "harmful", "allgood", "interact", "context",
    "override", "drift", "delay", "merge", "mistakes", "seedgood",
)  # fmt: skip
DAY = 86_400
START = 1_750_032_000
A_DAY = 12
DEVELOPERS = 5
BEST_TOGETHER = 0.25
BASELINE, DIFFICULTY, SIZE, PRECISION, UNTOUCHED = 0.47, 0.08, 0.05, 5.0, 0.1
HARD = 0.05
"""The difficulty from which on people force rules, where they do."""


class Task(NamedTuple):
    """One session before anybody has chosen its rules."""

    number: int
    at: int
    developer: int
    error_class: str
    hardness: float
    drafts: int
    arrivals: tuple[int, ...]
    forced: tuple[int, ...]
    luck: int


class Outcome(NamedTuple):
    """What became of a session: the distance of each draft, and the mistakes logged."""

    distances: tuple[float, ...]
    mistakes: int


@dataclass(frozen=True)
class World:
    """What rules do, by half of the run, class and rule; and the tasks of the run."""

    scenario: str
    n: int
    k: int
    seeds: tuple[int, ...]
    classes: tuple[str, ...]
    effects: Array
    pairs: Array
    tasks: tuple[Task, ...]

    def half(self, task: int) -> int:
        """Return 0 or 1: in which half of the run a task is."""
        return int(task >= len(self.tasks) / 2)

    def value(self, on: Collection[int], error_class: str, half: int) -> float:
        """Return the distance that rules save together."""
        picked = sorted(on)
        own = self.effects[half, self.classes.index(error_class), picked].sum()
        return float(own + self.pairs[np.ix_(picked, picked)].sum() / 2)

    def best(self, error_class: str, half: int) -> float:
        """Return what the best set of at most k rules saves."""
        return self._best[half, self.classes.index(error_class)]

    @cached_property
    def _best(self) -> dict[tuple[int, int], float]:
        return {
            (half, place): self._best_of(self.effects[half, place])
            for half in (0, 1)
            for place in range(len(self.classes))
        }

    def _best_of(self, effects: Array) -> float:
        if not self.pairs.any():
            return float(np.sort(np.maximum(effects, 0))[-self.k :].sum())
        sets = np.array(list(combinations(range(self.n), self.k)))
        total = effects[sets].sum(axis=1)
        for one, other in combinations(range(self.k), 2):
            total = total + self.pairs[sets[:, one], sets[:, other]]
        return max(0.0, float(total.max()))

    def random(self, error_class: str, half: int) -> float:
        """Return what k rules taken by chance save on average."""
        own = self.effects[half, self.classes.index(error_class)].mean() * self.k
        share = self.k * (self.k - 1) / max(self.n * (self.n - 1), 1)
        return float(own + self.pairs.sum() / 2 * share)

    def baseline(self, task: Task) -> float:
        """Return the distance without any rule, as the time has it."""
        past = task.number / len(self.tasks)
        falls = {"drift": 0.25, "override": 0.1}.get(self.scenario, 0.0)
        return BASELINE + falls * (0.5 - past)

    def mean(self, task: Task, on: Collection[int], half: int) -> float:
        """Return the mean of which distances are drawn, as the rules of a half have it."""
        saved = self.value(on, task.error_class, half)
        return min(0.97, max(0.03, self.baseline(task) + task.hardness - saved))

    def expected(self, task: Task, on: Collection[int], half: int) -> float:
        """Return the distance to expect: it can come no nearer to 0 or 1 than its mean may."""
        return (1 - UNTOUCHED) * _touched(self.mean(task, on, half))

    def outcome(self, task: Task, on: Collection[int]) -> Outcome:
        """Return what becomes of a session with these rules on."""
        rng = np.random.default_rng(task.luck)
        mean = self.mean(task, on, self.half(task.number))
        touched = _touched(mean)
        untouched = rng.random(task.drafts) < UNTOUCHED
        drafts = rng.beta(touched * PRECISION, (1 - touched) * PRECISION, task.drafts)
        distances = np.where(untouched, 0.0, drafts)
        return Outcome(tuple(distances.tolist()), int(rng.poisson(2 * mean)))


def _touched(mean: float) -> float:
    """Return the mean distance of the drafts that are touched at all."""
    return min(0.98, mean / (1 - UNTOUCHED))


def make_world(scenario: str, n: int, k: int, rewards: int, seed: int) -> World:
    """Return the world of a seed; other scenarios of that seed have the same sessions."""
    rng = np.random.default_rng([seed, n, 7])
    seeds = tuple(sorted(rng.choice(n, size=round(0.3 * n), replace=False).tolist()))
    classes = ("", "types", "tests", "api", "style") if scenario == "context" else ("",)
    halves = np.stack([_effects(scenario, n, k, classes, seeds, rng)] * 2)
    if scenario == "drift":
        again = rng.choice(n, size=n // 3, replace=False)
        halves[1][:, again] = _effects(scenario, n, k, classes, seeds, rng)[:, again]
    halves = np.stack([_scaled(half, k) for half in halves])
    pairs = np.zeros((n, n))
    if scenario == "interact":
        upper = np.triu(rng.normal(0, 0.5 * halves[0].std(), (n, n)), 1)
        pairs = upper + upper.T
    return World(
        scenario, n, k, seeds, classes, halves, pairs, _tasks(scenario, n, classes, rewards, seed)
    )


def null_world(n: int, k: int, rewards: int, seed: int) -> World:
    """Return a world in which no rule does anything."""
    world = make_world("dense", n, k, rewards, seed)
    return World(
        "null", n, k, world.seeds, world.classes, world.effects * 0, world.pairs, world.tasks
    )


def _effects(
    scenario: str,
    n: int,
    k: int,
    classes: Sequence[str],
    seeds: Sequence[int],
    rng: np.random.Generator,
) -> Array:
    """Return the effects of each rule in each class, in no unit."""
    effects = rng.normal(0, 1, n)
    while np.sort(effects)[-k:].sum() < k / 2:
        # A few rules may all be bad by chance; scaled to save .25 they would be absurd.
        effects = rng.normal(0, 1, n)
    good = max(1, round({"sparse": 0.1, "harmful": 0.12}.get(scenario, 0) * n))
    size = rng.normal(1, 0.2, n).clip(0.3)
    order = rng.permutation(n)
    if scenario in ("sparse", "harmful"):
        effects = np.zeros(n)
        effects[order[:good]] = size[order[:good]]
    if scenario == "harmful":
        bad = order[good : good + round(0.35 * n)]
        effects[bad] = -size[bad]
    if scenario == "allgood":
        effects = rng.uniform(0.2, 1.0, n)
    if scenario == "seedgood":
        effects[list(seeds)] += 0.7
    deviations = 0.7 * rng.normal(0, 1, (len(classes), n)) if len(classes) > 1 else 0.0
    return np.asarray(np.tile(effects, (len(classes), 1)) + deviations)


def _scaled(effects: Array, k: int) -> Array:
    """Let the best k rules together save .25, on average over the classes."""
    together = np.sort(np.maximum(effects, 0), axis=1)[:, -k:].sum(axis=1).mean()
    return np.asarray(effects * BEST_TOGETHER / together)


def _tasks(
    scenario: str, n: int, classes: Sequence[str], rewards: int, seed: int
) -> tuple[Task, ...]:
    rng = np.random.default_rng([seed, 11])
    median = 5 * DAY if scenario == "delay" else 8 * 3600
    tasks: list[Task] = []
    drafts = 0
    while drafts < rewards:
        number = len(tasks)
        at = START + number // A_DAY * DAY + number % A_DAY * 3600 + 8 * 3600
        difficulty, size = rng.normal(0, DIFFICULTY), rng.normal(0, 1)
        count = int(min(1 + rng.poisson(1.5), rewards - drafts))
        delays = median * np.exp(rng.normal(0, 1, count))
        picked = tuple(sorted(rng.choice(n, size=2, replace=False).tolist()))
        tasks.append(
            Task(
                number=number,
                at=at,
                developer=int(rng.integers(DEVELOPERS)),
                error_class=classes[int(rng.integers(97)) % len(classes)],
                hardness=float(difficulty + SIZE * size),
                drafts=count,
                arrivals=tuple(int(at + delay) for delay in delays),
                forced=picked if scenario == "override" and difficulty > HARD else (),
                luck=int(rng.integers(2**62)),
            )
        )
        drafts += count
    return tuple(tasks)
