"""Solves the equations of the rules' effects, for each size that effects may have.

How large effects are (tau) and how much they deviate between classes (rho) nobody knows; the
posterior is therefore averaged over a grid of both, each point N(m + S A^-1 b, S A^-1 S) with
A = I + S K S and b = S (k - K m), weighted by its prior and its marginal likelihood

    log p = -1/2 log |A| - 1/2 (square - 2 m k + m K m - b A^-1 b)

where K and k are the equations of the rules' effects after elimination of everything else, S the
prior standard deviations and m the prior means. Those are 0 but for a changed text, which begins
where the old one is.

What rules do may have changed with any of the last eras. That is one more kind of point, with a
parameter more for each rule: without it, a rule that once was bad and is good now, and that the
draw seldom takes any more, would be known to be bad for ever.

The noise is estimated first: sigma^2 between the drafts of a session, omega^2 between sessions.
A session of m rewards has the variance omega^2 + sigma^2 / m: a second draft says less than a
second session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, log1p
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildlog_git.core.design import Design
from buildlog_git.core.equations import Equations, equations_of, pooled
from buildlog_git.core.evidence import Array, Evidence

TAUS = ((0.008, 0.01), (0.015, 0.03), (0.03, 0.16), (0.06, 0.45), (0.12, 0.35))
"""Sizes of effects, and the prior weight of each."""
DOUBT = 0.2
"""The prior weight of each size for somebody who takes that rules do next to nothing for as
likely as any size: what may be called likely has to convince him, too."""
RHOS = (0.25, 0.7)
"""How much effects deviate between classes or agents, in shares of tau; each as likely."""
CHANGED = 0.025
"""The prior probability that what rules do has changed with an era."""
SPEAKS = 3
"""How many times likelier a change must make the sessions to be reckoned with: else draws would
again and again try what is known to be bad, in case that it is good by now."""
EARLIER = 0.8
"""How much more they may have done before, in shares of tau: a third of them something else."""
BELIEVED = 0.2
"""The weight that a size of effects must have to be tried with a change, too."""
FEW_ENOUGH = 250
"""How many rules may there be to ask whether they have changed: the work grows with the cube."""
NEGLIGIBLE = 1e-3
"""The weight of a point that nobody would miss."""
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
    """One point of the grid: its weight, and prior mean, mean and covariance of the effects.

    ``changed`` is the era with which effects have changed in it, None where they have not.
    """

    weight: float
    tau: float
    rho: float
    changed: int | None
    prior: Array
    mean: Array
    cov: Array


class _Guess(NamedTuple):
    """What a point takes for true; ``size`` and ``rest`` are the prior weights of tau and of else.

    ``changed`` is the era with which effects have changed.
    """

    tau: float
    rho: float
    size: float = 1.0
    rest: float = 1.0
    changed: int | None = None


class _Trial(NamedTuple):
    """A point before its covariance is known, which costs most.

    ``log`` is the logarithm of its weight, ``means`` are those of the effects before and after
    the sessions, and ``precision`` is that of the parameters measured in ``scale``.
    """

    guess: _Guess
    log: float
    means: tuple[Array, Array]
    scale: Array
    precision: Array


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
    pool = pooled(evidence, design, _noises(evidence, noise))
    reduced = _reduced(equations_of(pool, design), design)
    edges = pool.edges if 0 < len(design.rules) <= FEW_ENOUGH else []
    rhos = RHOS if design.scopes else RHOS[-1:]
    stays = (1 - CHANGED * len(edges)) / len(rhos)
    found = [
        _tried(reduced, design, _Guess(tau, rho, prior, stays))
        for tau, prior in TAUS
        for rho in rhos
    ]
    likely, least = _likely(found), _evidence(found) - log(stays * len(rhos) / CHANGED / SPEAKS)
    for edge in edges:
        changed = _reduced(equations_of(pool, design, edge), design)
        trials = [
            _tried(changed, design, _Guess(tau, rho, prior, CHANGED, edge))
            for tau, prior, rho in likely
        ]
        spoken = _evidence(trials) - least
        if spoken > 0:
            # From nothing on, so that no single session makes a report jump.
            share = log1p(-exp(-spoken))
            found += [trial._replace(log=trial.log + share) for trial in trials]
    weights = _normed([trial.log for trial in found])
    doubts = _normed([trial.log + log(DOUBT / trial.guess.size) for trial in found])
    kept = [
        (trial, weight, doubt)
        for trial, weight, doubt in zip(found, weights, doubts, strict=True)
        if max(weight, doubt) >= NEGLIGIBLE
    ]
    wide = _tried(reduced, design, _Guess(WIDE, RHOS[-1]))
    whole, doubted = sum(weight for _, weight, _ in kept), sum(doubt for *_, doubt in kept)
    return Grid(
        points=tuple(_point(trial, weight / whole, design) for trial, weight, _ in kept),
        doubts=tuple(doubt / doubted for _, _, doubt in kept),
        wide=_point(wide, 1.0, design),
    )


def _evidence(trials: Sequence[_Trial]) -> float:
    """Return the logarithm of the weight of all of them."""
    logs = np.array([trial.log for trial in trials])
    return float(logs.max() + np.log(np.exp(logs - logs.max()).sum()))


def _normed(logs: Sequence[float]) -> list[float]:
    """Return weights that sum to 1, from their logarithms."""
    weights = np.exp(np.array(logs) - max(logs))
    return list((weights / weights.sum()).tolist())


def _likely(found: Sequence[_Trial]) -> list[tuple[float, float, float]]:
    """Return the sizes of effects that are believed, each with its prior, and the likeliest rho."""
    sizes: dict[float, float] = {}
    rhos: dict[float, float] = {}
    for trial, weight in zip(found, _normed([trial.log for trial in found]), strict=True):
        sizes[trial.guess.tau] = sizes.get(trial.guess.tau, 0.0) + weight
        rhos[trial.guess.rho] = rhos.get(trial.guess.rho, 0.0) + weight
    rho = max(rhos, key=lambda rho: (rhos[rho], rho))
    return [(tau, prior, rho) for tau, prior in TAUS if sizes[tau] >= BELIEVED]


def noise_of(evidence: Evidence, design: Design) -> Noise:
    """Return the noise, pulled to what such work has where there are few sessions."""
    sigma2 = (_SIGMA_WORTH * _SIGMA2 + evidence.within) / (_SIGMA_WORTH + evidence.freedom)
    guess = pooled(evidence, design, _noises(evidence, Noise(sigma2, _OMEGA2)))
    first = equations_of(guess, design)
    scale = np.concatenate([design.given, design.deviations(_FIRST_TAU, _FIRST_RHO)])
    inverse = np.linalg.inv(_standard(first.gram, scale))
    estimate = scale * (inverse @ (scale * first.moment))
    effective = len(scale) - float(np.trace(inverse))
    alike = pooled(evidence, design, dict.fromkeys(_counts(evidence), 1.0))
    plain = equations_of(alike, design)
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


def _tried(equations: Equations, design: Design, guess: _Guess) -> _Trial:
    """Return how likely a guess is."""
    gram = equations.gram
    earlier = np.full(len(gram) - design.effects, EARLIER * guess.tau)
    scale = np.concatenate([design.deviations(guess.tau, guess.rho), earlier])
    precision = _standard(gram, scale)
    prior, new = np.zeros(len(scale)), _after(design)
    rest = equations.moment
    explained = _solved(precision, scale, rest)
    for _ in range(_longest(design.before)):
        prior[new[:, 1]] = (prior + explained)[new[:, 0]]
        rest = equations.moment - gram @ prior
        explained = _solved(precision, scale, rest)
    misfit = equations.square - prior @ equations.moment - prior @ rest - rest @ explained
    likelihood = -np.log(np.diagonal(np.linalg.cholesky(precision))).sum() - misfit / 2
    weight = log(guess.size) + log(guess.rest) + float(likelihood)
    return _Trial(guess, weight, (prior, prior + explained), scale, precision)


def _solved(precision: Array, scale: Array, moment: Array) -> Array:
    return np.asarray(scale * np.linalg.solve(precision, scale * moment))


def _point(trial: _Trial, weight: float, design: Design) -> Point:
    """Return a point of the grid; what rules did before a change is nobody's question."""
    cov = trial.scale[:, None] * np.linalg.inv(trial.precision) * trial.scale
    cov = (cov + cov.T) / 2
    now = slice(design.effects)
    prior, mean = (means[now] for means in trial.means)
    guess = trial.guess
    return Point(weight, guess.tau, guess.rho, guess.changed, prior, mean, cov[now, now])


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
