"""What the sessions say of each rule: a mixture of normal distributions over all effects at once.

Several rules share one reward, so their effects are estimated together: a Bayesian linear model
of the session's mean reward (:mod:`buildlog_git.core.design`), averaged over how large effects
are and how much they deviate (:mod:`buildlog_git.core.solve`). Everything that is asked of it is
about sums of parameters: the effect of a rule in a class, or what all rules of a session did
together. A changed text is a new rule whose prior mean is the old text's posterior mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from buildlog_git.core.design import GROUP, Design, design_of
from buildlog_git.core.evidence import Array, Evidence, gather, rewards
from buildlog_git.core.mixture import Normal
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.solve import Noise, Point, grid_of, noise_of
from buildlog_git.core.thompson import Beliefs, Imagined

_LEAST = 1e-18
"""A variance that rounding may not undercut."""
_ROUNDING = 1e-12
"""A variance that no draw could tell from 0."""
_TELLING = 1e-6
"""Which share of a prior's variance the sessions must have taken away to tell anything."""


class Combination(NamedTuple):
    """Sums of effects: a row each, of the parameters that sessions tell of.

    ``old`` are the parameters whose mean alone counts, of the text before a new one. What no
    session knows of has the variance tau^2 (``new`` + rho^2 ``deviating``).
    """

    known: Array
    old: Array
    new: Array
    deviating: Array


class Part(NamedTuple):
    """What one point of the grid says of some sums of effects: their means and covariances."""

    weight: float
    tau: float
    mean: Array
    cov: Array


@dataclass(frozen=True, slots=True, eq=False)
class Posterior:
    """What is known of all rules. ``shares`` are the classes' and agents' shares of evidence.

    ``doubts`` are the weights of the points to somebody who doubts that rules do much.
    ``weight`` is how many new sessions the evidence is worth, by age.
    """

    design: Design
    noise: Noise
    points: tuple[Point, ...]
    doubts: tuple[float, ...]
    wide: Point
    shares: dict[tuple[str, str], float]
    sessions: int
    weight: float
    newest: int

    def effects(self, rules: Sequence[RuleText], error_class: str | None = None) -> list[Part]:
        """Return the effects of ``rules`` in a class, or in the classes' present mix.

        In points of revision distance saved. A rule without any session is as the prior has it,
        or as the last known text of the same id.
        """
        sums = self.sums(rules, error_class)
        return [self.part(point, sums) for point in self.points]

    def beliefs(self, rules: Sequence[RuleText], error_class: str, least: float = 0.005) -> Beliefs:
        """Return what a draw in a class needs to know of ``rules``, as plain numbers.

        Points of the grid with less than ``least`` of the weight are left out. Texts of one rule
        should come oldest first.
        """
        parts = [part for part in self.effects(rules, error_class) if part.weight >= least]
        total = sum(part.weight for part in parts)
        return Beliefs(
            error_class,
            tuple(rules),
            tuple(
                Imagined(
                    part.weight / total,
                    tuple(part.mean.tolist()),
                    tuple(
                        tuple(row[: number + 1])
                        for number, row in enumerate(_factor(part.cov).tolist())
                    ),
                    (part.tau**2 + GROUP**2) ** 0.5,
                )
                for part in parts
            ),
        )

    def normals(self, sums: Combination) -> list[list[Normal]]:
        """Return the mixture of each of some sums of effects by itself."""
        columns = []
        for point in self.points:
            mean = (sums.known + sums.old) @ point.mean
            own = point.tau**2 * (sums.new + sums.deviating * point.rho**2)
            variance = ((sums.known @ point.cov) * sums.known).sum(axis=1) + own
            columns.append(
                [
                    Normal(point.weight, value, max(spread, _LEAST) ** 0.5)
                    for value, spread in zip(mean.tolist(), variance.tolist(), strict=True)
                ]
            )
        return [list(mixture) for mixture in zip(*columns, strict=True)]

    def without_prior(
        self, rule: RuleText, error_class: str | None = None
    ) -> tuple[float, float] | None:
        """Return estimate and variance of an effect that its own prior does not pull.

        The other rules keep theirs, of standard deviation ``WIDE``. None where the sessions do
        not tell.
        """
        design, point = self.design, self.wide
        if rule not in design.rules:
            return None
        place = 2 + design.rules.index(rule)
        own = [(place, point.tau**2)]
        if ("class", error_class) in design.scopes:
            step = 1 + design.scopes.index(("class", error_class or ""))
            own.append((place + step * len(design.rules), (point.tau * point.rho) ** 2))
        rows = np.zeros((1 + len(own), design.effects))
        rows[0] = self.sums([rule], error_class).known[0]
        for row, (number, _) in enumerate(own, 1):
            rows[row, number] = 1.0
        mean, cov = rows @ point.mean, rows @ point.cov @ rows.T
        for row, (number, variance) in enumerate(own, 1):
            left = variance - cov[row, row]
            if left < variance * _TELLING:
                return None
            pull = cov[:, row].copy()
            mean = mean + pull * (mean[row] - point.prior[number]) / left
            cov = cov + np.outer(pull, pull) / left
        return float(mean[0]), float(cov[0, 0])

    def part(self, point: Point, sums: Combination) -> Part:
        """Return what a point says of sums of effects."""
        unknown = point.tau**2 * (sums.new + sums.deviating * point.rho**2)
        return Part(
            point.weight,
            point.tau,
            (sums.known + sums.old) @ point.mean,
            sums.known @ point.cov @ sums.known.T + np.diag(unknown),
        )

    def sums(self, rules: Sequence[RuleText], error_class: str | None = None) -> Combination:
        """Return which parameters the effect of each rule is the sum of."""
        design = self.design
        count = len(design.rules)
        shape = len(rules), design.effects
        made = Combination(
            np.zeros(shape), np.zeros(shape), np.zeros(len(rules)), np.zeros(len(rules))
        )
        known = {rule: number for number, rule in enumerate(design.rules)}
        last = {design.rules[number].rule: number for number in self._in_order()}
        unseen = error_class is not None and error_class not in design.classes
        for row, rule in enumerate(rules):
            made.known[row, 0 if rule.rule in design.seeds else 1] = 1.0
            number = known.get(rule, -1)
            made.new[row] = number < 0
            made.deviating[row] = unseen or (number < 0 and bool(design.scopes))
            rows = made.old if number < 0 else made.known
            number = last.get(rule.rule, -1) if number < 0 else number
            if number < 0:
                continue
            rows[row, 2 + number] = 1.0
            for place, scope in enumerate(design.scopes, 1):
                rows[row, 2 + number + place * count] = self._share(scope, error_class)
        return made

    def _share(self, scope: tuple[str, str], error_class: str | None) -> float:
        kind, name = scope
        if kind == "agent" or error_class is None:
            return self.shares[scope]
        return float(name == error_class)

    def _in_order(self) -> list[int]:
        """Return the texts, each after the one before it."""
        order: list[int] = []
        before = self.design.before
        waiting = [number for number, old in enumerate(before) if old < 0]
        while waiting:
            order += waiting
            done = set(waiting)
            waiting = [number for number, old in enumerate(before) if old in done]
        return order


def fit(
    observations: Iterable[Observation],
    now: int,
    outcome: Callable[[Observation], Sequence[float]] = rewards,
) -> Posterior:
    """Return what a set of sessions says of all rules, as seen at ``now`` (UTC, seconds)."""
    return posterior_of(gather(observations, now, outcome))


def posterior_of(evidence: Evidence) -> Posterior:
    """Return what sums over sessions say of all rules."""
    design = design_of(evidence)
    noise = noise_of(evidence, design)
    grid = grid_of(evidence, design, noise)
    return Posterior(
        design=design,
        noise=noise,
        points=grid.points,
        doubts=grid.doubts,
        wide=grid.wide,
        shares=_shares(evidence, design),
        sessions=evidence.sessions,
        weight=sum(sums.weight for sums in evidence.cells.values()),
        newest=evidence.newest,
    )


def _factor(cov: Array) -> Array:
    """Return the lower Cholesky factor; rounding may leave a variance of nothing below 0."""
    return np.asarray(np.linalg.cholesky(cov + _ROUNDING * np.eye(len(cov))))


def _shares(evidence: Evidence, design: Design) -> dict[tuple[str, str], float]:
    """Return which share of the evidence each class and each agent has."""
    whole = sum(sums.weight for sums in evidence.cells.values())
    return {
        scope: sum(
            sums.weight
            for cell, sums in evidence.cells.items()
            if scope in (("class", cell.error_class), ("agent", cell.agent))
        )
        / whole
        for scope in design.scopes
    }
