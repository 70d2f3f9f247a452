"""Thompson sampling: a rule is on as often as it is among the best that can be believed.

A belief is the posterior of the effects of some rules in one error class, as plain numbers, so
that a draw at a checkout costs the same whatever the ledger holds, and imports nothing that
computes it. The policy imagines a team's true effects 256 times, each time from a point of the
grid taken by its weight,

    effects = mean + explore * cholesky * normal

and would put on the at most k largest that are above 0. The share of the times in which a rule
is among them is the weight with which the draw then takes it (:mod:`buildlog_git.core.choice`);
so the probability is known exactly, and not only estimated. Halves of the times mirror one
another, and the points of the grid take their turns, so that the shares vary little by chance.

A small part of each weight is that of the uniform draw. A rule that is never on, or never off,
could not be found out about any more when the first sessions deceived or the world has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, log, pi, sin, sqrt
from operator import mul
from typing import NamedTuple

from buildlog_git.core.choice import Candidate, Chance
from buildlog_git.core.observation import RuleText
from buildlog_git.core.session_events import Arm

TIMES = 256
"""How often effects are imagined for one draw."""
EXPLORE = 0.5
"""Which share of the uncertainty is imagined: 1 explores more, and costs more."""
UNIFORM_PART = 0.02
"""Which part of a weight is that of the uniform draw."""
SPREAD = 0.1
"""The standard deviation of a rule's effect of which nobody knows anything."""
_LARGEST = 1e6
"""What no number of a belief comes near: rewards are from 0 to 1."""


class Imagined(NamedTuple):
    """One point of the mixture: its weight, means, lower Cholesky factor, and a new rule's sd."""

    weight: float
    mean: tuple[float, ...]
    cholesky: tuple[tuple[float, ...], ...]
    spread: float


class Beliefs(NamedTuple):
    """The posterior of the effects of ``rules`` in one class, in points of distance saved."""

    error_class: str = ""
    rules: tuple[RuleText, ...] = ()
    points: tuple[Imagined, ...] = ()

    def plain(self) -> list[object]:
        """Return it as lists of numbers and strings, as JSON has them."""
        return [
            self.error_class,
            [list(rule) for rule in self.rules],
            [[p.weight, list(p.mean), [list(row) for row in p.cholesky], p.spread]
             for p in self.points],
        ]  # fmt: skip


def beliefs_from(plain: Sequence[object]) -> Beliefs:
    """Return the beliefs that :meth:`Beliefs.plain` gave.

    Raises:
        ValueError: it is not what that gives.

    """
    try:
        error_class, rules, points = plain
        found = Beliefs(
            str(error_class),
            tuple(RuleText(str(rule), str(text)) for rule, text in rules),  # type: ignore[attr-defined]
            tuple(_imagined(*point) for point in points),  # type: ignore[attr-defined]
        )
        if any(len(point.mean) != len(found.rules) for point in found.points):
            raise ValueError("a point is about other rules")
        return found
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError("these are no beliefs") from error


def _imagined(
    weight: float, mean: Sequence[float], cholesky: Sequence[Sequence[float]], spread: float
) -> Imagined:
    rows = tuple(tuple(float(value) for value in row) for row in cholesky)
    if [len(row) for row in rows] != list(range(1, len(mean) + 1)):
        raise ValueError("the factor is not triangular")
    means = tuple(float(value) for value in mean)
    if not 0 < weight <= 1:
        raise ValueError("the weight is none")
    if not all(abs(value) <= _LARGEST for row in (means, *rows, (spread,)) for value in row):
        raise ValueError("a number is none that an effect can have")
    return Imagined(float(weight), means, rows, float(spread))


class Thompson(NamedTuple):
    """The policy of what is believed; ``evidence`` is a digest of the facts behind that."""

    beliefs: Beliefs = Beliefs()
    explore: float = EXPLORE
    evidence: str = ""
    name: Arm = "thompson"
    version: int = 1

    def weigh(self, offered: Sequence[Candidate], k: int, chance: Chance) -> Sequence[float]:
        """Return how often each rule is among the at most ``k`` best, mixed with the uniform."""
        if k <= 0 or not offered:
            return [0.0] * len(offered)
        points = self.beliefs.points or (_NOTHING_KNOWN,)
        known = {text: number for number, text in enumerate(self.beliefs.rules)}
        wins = [0] * len(offered)
        for point, times in zip(points, _turns([point.weight for point in points]), strict=True):
            rules = [_placed(candidate, point, known) for candidate in offered]
            sizes = max(len(rule.row) for rule in rules), sum(not rule.row for rule in rules)
            normals = _normals(times * sum(sizes), chance)
            for start in range(0, times * sum(sizes), sum(sizes)):
                middle = start + sizes[0]
                shared, own = normals[start:middle], iter(normals[middle:])
                deviations = [
                    self.explore * (sum(map(mul, row, shared)) if row else spread * next(own))
                    for _, row, spread in rules
                ]
                for sign in (1.0, -1.0):
                    for number in _best(rules, deviations, sign, k):
                        wins[number] += 1
        uniform = UNIFORM_PART * min(1.0, k / len(offered))
        return [count / TIMES * (1 - UNIFORM_PART) + uniform for count in wins]


class _Placed(NamedTuple):
    """A candidate in a point: its mean, its row of the factor, and its own deviation's sd."""

    mean: float
    row: tuple[float, ...]
    own: float


_NOTHING_KNOWN = Imagined(1.0, (), (), SPREAD)


def _placed(candidate: Candidate, point: Imagined, known: Mapping[RuleText, int]) -> _Placed:
    """Return what a point says of a candidate; a new text begins where the last one is."""
    number = known.get(RuleText(*candidate))
    if number is not None:
        return _Placed(point.mean[number], point.cholesky[number], 0.0)
    others = [place for text, place in known.items() if text.rule == candidate.rule]
    return _Placed(point.mean[others[-1]] if others else 0.0, (), point.spread)


def _turns(weights: Sequence[float]) -> list[int]:
    """Return how many of the pairs of times are each point's, by its weight."""
    total, seen, turns, given = sum(weights), 0.0, [], 0
    for weight in weights:
        seen += weight
        until = round(seen / total * (TIMES // 2))
        turns.append(until - given)
        given = until
    return turns


def _best(rules: Sequence[_Placed], deviations: Sequence[float], sign: float, k: int) -> list[int]:
    """Return the at most ``k`` rules whose imagined effect is the largest and above 0."""
    effects = [
        rule.mean + sign * deviation for rule, deviation in zip(rules, deviations, strict=True)
    ]
    good = sorted([(effect, number) for number, effect in enumerate(effects) if effect > 0])
    return [number for _, number in good[-k:]]


def _normals(count: int, chance: Chance) -> list[float]:
    """Return standard normal numbers (the method of Box and Muller)."""
    half = (count + 1) // 2
    shares = chance.shares(2 * half)
    radii = [sqrt(-2 * log(1 - share)) for share in shares[:half]]
    angles = [2 * pi * share for share in shares[half:]]
    numbers = [radius * cos(angle) for radius, angle in zip(radii, angles, strict=True)]
    numbers += [radius * sin(angle) for radius, angle in zip(radii, angles, strict=True)]
    return numbers[:count]
