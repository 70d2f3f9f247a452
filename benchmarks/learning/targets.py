"""The targets, and whether a set of runs meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, inf, log

from benchmarks.learning.measure import Intervals, Measured, Null


@dataclass(frozen=True)
class Target:
    """One measure and the limits between which it has to be."""

    measure: str
    value: float
    least: float = -inf
    most: float = inf

    @property
    def met(self) -> bool:
        """Whether it is."""
        return self.least <= self.value <= self.most


@dataclass(frozen=True)
class Scenario:
    """The runs of one scenario, summed up: ratios are to the replaced system."""

    scenario: str
    runs: int
    regret: float
    regret_early: float
    lost: float
    lost_replaced: float
    coverage: float
    coverage_early: float
    coverage_best: float
    width_best: float
    true_claims: float
    false_claims: float


def by_scenario(runs: Sequence[Measured]) -> list[Scenario]:
    """Return each scenario's mean over its runs, in the order in which they came."""
    return [
        _summed(name, [run for run in runs if run.scenario == name])
        for name in dict.fromkeys(run.scenario for run in runs)
    ]


def _summed(name: str, runs: Sequence[Measured]) -> Scenario:
    ends = [run.end for run in runs]
    return Scenario(
        scenario=name,
        runs=len(runs),
        regret=_ratio(runs, lambda run: run.regret, lambda run: run.regret_replaced),
        regret_early=_ratio(
            runs, lambda run: run.regret_early, lambda run: run.regret_replaced_early
        ),
        lost=sum(run.lost for run in runs) / len(runs),
        lost_replaced=sum(run.lost_replaced for run in runs) / len(runs),
        coverage=_coverage(ends),
        coverage_early=_coverage([run.early for run in runs]),
        coverage_best=_best_coverage(ends),
        width_best=_width(ends),
        true_claims=sum(run.claims.true for run in runs) / len(runs),
        false_claims=sum(run.claims.false for run in runs) / len(runs),
    )


def targets_of(runs: Sequence[Measured]) -> list[Target]:
    """Return the targets that runs of the scenarios are measured against."""
    rows = by_scenario(runs)
    ends, early = [run.end for run in runs], [run.early for run in runs]
    true = sum(run.claims.true for run in runs)
    false = sum(run.claims.false for run in runs)
    drift = [row.coverage for row in rows if row.scenario == "drift"]
    return [
        Target("regret, geometric mean", _geometric([row.regret for row in rows]), most=0.70),
        Target("regret, worst scenario", max(row.regret for row in rows), most=0.95),
        Target(
            "regret at 200 rewards, geometric mean",
            _geometric([row.regret_early for row in rows]),
            most=1.00,
        ),
        Target("value lost by the recommended set", _mean([r.lost for r in rows]), most=0.25),
        Target("coverage of all intervals", _coverage(ends), least=0.93, most=0.98),
        Target("coverage at 200 rewards", _coverage(early), least=0.93, most=0.98),
        Target("coverage, worst scenario", min(row.coverage for row in rows), least=0.87),
        *(Target("coverage after drift", value, least=0.85, most=0.98) for value in drift),
        Target("coverage for the recommended rules", _best_coverage(ends), least=0.88),
        Target("mean interval width for them", _width(ends), most=0.13),
        Target("false share of claims", false / max(true + false, 1), most=0.05),
        Target("true claims a run", true / len(runs), least=2.0),
    ]


def null_targets(nulls: Sequence[Null]) -> list[Target]:
    """Return the targets for repositories whose rules do nothing."""
    return [
        Target("null repositories ever with a claim", _mean([n.likely for n in nulls]), most=0.10),
        Target("null repositories ever with a proof", _mean([n.proven for n in nulls]), most=0.02),
    ]


def _ratio(
    runs: Sequence[Measured], ours: Callable[[Measured], float], other: Callable[[Measured], float]
) -> float:
    return sum(map(ours, runs)) / sum(map(other, runs))


def _geometric(values: Sequence[float]) -> float:
    return exp(sum(map(log, values)) / len(values))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _coverage(found: Sequence[Intervals]) -> float:
    return sum(one.held for one in found) / sum(one.all for one in found)


def _best_coverage(found: Sequence[Intervals]) -> float:
    return sum(one.held_best for one in found) / max(sum(one.all_best for one in found), 1)


def _width(found: Sequence[Intervals]) -> float:
    return sum(one.width_best for one in found) / max(sum(one.all_best for one in found), 1)
