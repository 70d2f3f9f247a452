"""What must not change a report, and what a refit costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from dataclasses import asdict
from random import Random

from benchmarks.learning.policies import Chosen, Past, observed
from benchmarks.learning.targets import Target
from benchmarks.learning.world import DAY, START, World, make_world
from buildlog_git.core.effects import learn
from buildlog_git.core.evidence import gather
from buildlog_git.core.observation import Observation
from buildlog_git.core.posterior import fit, posterior_of

END = START + 2000 * DAY


def invariance_targets() -> list[Target]:
    """Return by how much a report changes under order, copies and splits."""
    rows = sessions(make_world("context", 12, 3, 400, 1))
    rng = Random(1)
    plain = list(numbers(asdict(learn(rows, END).learned)))
    shuffled = rng.sample(rows, len(rows))
    doubled = [*shuffled, *rng.sample(rows, len(rows) // 2)]
    clones = [rows[start::3] for start in range(3)]
    united = clones[2] + clones[0] + clones[1]
    sums = posterior_of(gather(clones[1], END) + gather(clones[0], END) + gather(clones[2], END))
    whole = fit(rows, END)
    return [
        Target(f"change of the report under {name}", _change(plain, some), most=1e-9)
        for name, some in (("shuffle", shuffled), ("duplicates", doubled), ("a split", united))
    ] + [
        Target(
            "change of the posterior, sums of three clones added",
            max(
                float(abs(one.mean - other.mean).max() + abs(one.cov - other.cov).max())
                for one, other in zip(sums.points, whole.points, strict=True)
            ),
            most=1e-9,
        )
    ]


def refit_target(runs: int = 7) -> Target:
    """Return the CPU milliseconds of a refit: 30 rules, 2,000 sessions, 5 classes."""
    rows = sessions(make_world("context", 30, 3, 5000, 1))[:2000]
    taken = []
    for _ in range(runs):
        start = time.process_time()
        fit(rows, END)
        taken.append(1000 * (time.process_time() - start))
    name = f"refit, 30 rules, {len(rows)} sessions, 5 classes (ms of CPU)"
    return Target(name, statistics.median(taken), most=100)


def sessions(world: World) -> list[Observation]:
    """Return all sessions of a world under a uniform draw."""
    rng = Random(3)
    found = []
    for task in world.tasks:
        control = rng.random() < 0.03
        chosen = Chosen(() if control else tuple(sorted(rng.sample(range(world.n), world.k))))
        outcome = world.outcome(task, chosen.rules)
        found.append(observed(world, Past(task, chosen.rules, control, outcome), END))
    return found


def _change(plain: list[float], rows: list[Observation]) -> float:
    changed = numbers(asdict(learn(rows, END, ()).learned))
    return max(abs(one - other) for one, other in zip(plain, changed, strict=True))


def numbers(value: object) -> Iterator[float]:
    """Yield all numbers of a report in their order."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, int | float):
        yield float(value)
