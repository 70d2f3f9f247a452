"""Solves the equations of the rules' effects, for each size that effects may have.

How large effects are (tau) and how much they deviate between classes (rho) nobody knows; the
posterior is therefore averaged over a grid of both, each point N(m + S A^-1 b, S A^-1 S) with
A = I + S K S and b = S (k - K m), weighted by its prior and its marginal likelihood

    log p = -1/2 log |A| - 1/2 (square - 2 m k + m K m - b A^-1 b)

where K and k are the equations of the rules' effects after elimination of everything else, S the
prior standard deviations and m the prior means. Those are 0 but for a changed text, which begins
where the old one is.

The noise is estimated first: sigma^2 between the drafts of a session, omega^2 between sessions.
A session of m rewards has the variance omega^2 + sigma^2 / m: a second draft says less than a
second session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildlog_git.core.design import Design, Equations, equations_of
from buildlog_git.core.evidence import Array, Evidence

TAUS = ((0.008, 0.01), (0.015, 0.03), (0.03, 0.16), (0.06, 0.45), (0.12, 0.35))
"""Sizes of effects, and the prior weight of each."""
DOUBT = 0.2
"""The prior weight of each size for somebody who takes that rules do next to nothing for as
likely as any size: what may be called likely has to convince him, too."""
RHOS = (0.25, 0.7)
"""How much effects deviate between classes or agents, in shares of tau; each as likely."""
WIDE = 0.12
"""The tau under which a claim of proof is judged."""

_SIGMA2, _SIGMA_WORTH = 0.06, 10
_OMEGA2, _OMEGA_WORTH, _OMEGA_LEAST = 0.006, 20, 0.002
_FIRST_TAU, _FIRST_RHO = 0.03, 2 / 3


class Noise(NamedTuple):
    """Variances of a reward about its session (``sigma2``) and of sessions (``omega2``)."""

    sigma2: float
    omega2: float

    def of(self, rewards: int) -> float:
        """Return the variance of the mean of a session with so many rewards."""
        return self.omega2 + self.sigma2 / rewards


class Point(NamedTuple):
    """One point of the grid: its weight, and prior mean, mean and covariance of the effects."""

    weight: float
    tau: float
    rho: float
    prior: Array
    mean: Array
    cov: Array


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """All points with their weights; ``doubts`` are those of somebody who doubts.

    ``wide`` is the point in which all rules may do much.
    """

    points: tuple[Point, ...]
    doubts: tuple[float, ...]
    wide: Point


def grid_of(evidence: Evidence, design: Design, noise: Noise) -> Grid:
    """Return what sums over sessions say of the effects."""
    reduced = _reduced(equations_of(evidence, design, _noises(evidence, noise)), design)
    rhos = RHOS if design.scopes else RHOS[-1:]
    points = [
        (np.log(prior / len(rhos)), *_solved(reduced, design, tau, rho))
        for tau, prior in TAUS
        for rho in rhos
    ]
    logs = np.array([prior + log for prior, log, _ in points])
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    doubts = weights * np.repeat([DOUBT / prior for _, prior in TAUS], len(rhos))
    doubts /= doubts.sum()
    return Grid(
        points=tuple(
            point._replace(weight=float(weight))
            for (_, _, point), weight in zip(points, weights, strict=True)
        ),
        doubts=tuple(doubts.tolist()),
        wide=_solved(reduced, design, WIDE, RHOS[-1])[1],
    )


def noise_of(evidence: Evidence, design: Design) -> Noise:
    """Return the noise, pulled to what such work has where there are few sessions."""
    sigma2 = (_SIGMA_WORTH * _SIGMA2 + evidence.within) / (_SIGMA_WORTH + evidence.freedom)
    first = equations_of(evidence, design, _noises(evidence, Noise(sigma2, _OMEGA2)))
    scale = np.concatenate([design.given, design.deviations(_FIRST_TAU, _FIRST_RHO)])
    inverse = np.linalg.inv(_standard(first.gram, scale))
    estimate = scale * (inverse @ (scale * first.moment))
    effective = len(scale) - float(np.trace(inverse))
    plain = equations_of(evidence, design, dict.fromkeys(_counts(evidence), 1.0))
    residual = plain.square - 2 * estimate @ plain.moment + estimate @ plain.gram @ estimate
    sessions = evidence.sessions
    inflation = sessions / (sessions - effective) if sessions else 1.0
    weight = sum(sums.weight for sums in evidence.cells.values())
    drafts = sum(sums.weight / cell.rewards for cell, sums in evidence.cells.items())
    excess = float(residual) * inflation - sigma2 * drafts
    omega2 = (_OMEGA_WORTH * _OMEGA2 + excess) / (_OMEGA_WORTH + weight)
    return Noise(sigma2, max(_OMEGA_LEAST, omega2))


def _counts(evidence: Evidence) -> set[int]:
    return {cell.rewards for cell in evidence.cells}


def _noises(evidence: Evidence, noise: Noise) -> dict[int, float]:
    return {rewards: noise.of(rewards) for rewards in _counts(evidence)}


def _standard(gram: Array, scale: Array) -> Array:
    """Return the precision of parameters measured in prior standard deviations."""
    return np.eye(len(scale)) + scale[:, None] * gram * scale


def _reduced(equations: Equations, design: Design) -> Equations:
    """Eliminate the parameters whose prior is given: what is left is about effects alone."""
    cut, scale = design.nuisance, design.given
    gram, moment = equations.gram, equations.moment
    across = scale[:, None] * gram[:cut, cut:]
    solved = np.linalg.solve(
        _standard(gram[:cut, :cut], scale),
        np.column_stack([across, scale * moment[:cut]]),
    )
    return Equations(
        gram[cut:, cut:] - across.T @ solved[:, :-1],
        moment[cut:] - across.T @ solved[:, -1],
        equations.square - float((scale * moment[:cut]) @ solved[:, -1]),
    )


def _solved(equations: Equations, design: Design, tau: float, rho: float) -> tuple[float, Point]:
    """Return the logarithm of the marginal likelihood, and the point, of one tau and rho."""
    scale = design.deviations(tau, rho)
    gram = equations.gram
    precision = _standard(gram, scale)
    cov = scale[:, None] * np.linalg.inv(precision) * scale
    cov = (cov + cov.T) / 2
    prior, mean = np.zeros(len(scale)), cov @ equations.moment
    new = _after(design)
    for _ in range(_longest(design.before)):
        prior[new[:, 1]] = mean[new[:, 0]]
        mean = prior + cov @ (equations.moment - gram @ prior)
    rest = equations.moment - gram @ prior
    misfit = equations.square - prior @ equations.moment - prior @ rest - rest @ cov @ rest
    log = -np.log(np.diagonal(np.linalg.cholesky(precision))).sum() - misfit / 2
    return float(log), Point(1.0, tau, rho, prior, mean, cov)


def _after(design: Design) -> NDArray[np.intp]:
    """Return pairs of parameters: of a text, and of the text that came after it."""
    count = len(design.rules)
    return np.array(
        [
            (2 + old + place * count, 2 + new + place * count)
            for new, old in enumerate(design.before)
            if old >= 0
            for place in range(len(design.scopes) + 1)
        ],
        dtype=np.intp,
    ).reshape(-1, 2)


def _longest(before: Sequence[int]) -> int:
    """Return how many changes the text with most of them has behind it."""

    def depth(number: int) -> int:
        return 0 if before[number] < 0 else 1 + depth(before[number])

    return max((depth(number) for number in range(len(before))), default=0)
