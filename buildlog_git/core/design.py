"""The model's parameters, and how the sums over sessions become equations for them.

    mean reward of session s = 1/2 + a + a_class + a_agent + w(week) + f0 [forced] + o [observed]
        + sum of f_j over the forced rules
        + sum over the drawn rules of mu_group(j) + theta_j + delta_j,class + delta_j,agent + e_s

Each parameter has a prior around zero; the table below holds the standard deviations. Those of
``theta`` are tau, those of ``delta`` tau rho, over which :mod:`buildlog_git.core.posterior`
averages. The walk ``w`` is made of its steps from one week with sessions to the next, so that its
prior is diagonal too. Agents act like classes. ``mu`` is what all seeds (or all other rules) do
on average; it lets a new rule be expected to do what such rules do.

The parameters are put in two parts: those whose prior is given (``kept`` apart by elimination,
once for all tau and rho), and the effects of the rules.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from buildlog_git.core.evidence import Array, Column, Evidence
from buildlog_git.core.observation import RuleText

CONSTANT, BY_CLASS, FORCED, STEP, GROUP = 0.5, 0.1, 0.15, 0.03, 0.05
"""Prior standard deviations: of a, a_class, f0, f_j and o, of a week's step of w, and of mu.

That of mu is wider than the study's .03: only the few controls tell what all rules do on average,
and where nearly all of them help, intervals pulled towards 0 held the truth in 86 % instead of 95.
"""
MOST_DEVIATIONS = 800
"""How many deviations of rules are looked for at most: the work grows with the cube of it."""
LONGEST = 52
"""Weeks over which the baseline may walk between two sessions."""


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """What the sessions say of all parameters: a weighted Gram matrix and moments."""

    gram: Array
    moment: Array
    square: float


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Which parameter is where.

    The first ``nuisance`` parameters have the prior standard deviations ``given``. Then come the
    two mu, theta for each of the ``rules``, and delta for each of the ``classes`` and ``agents``
    (none where there is but one of them), each with all rules in their order. ``before`` says
    which text of the same rule was the one before; -1 for none.
    """

    rules: tuple[RuleText, ...]
    classes: tuple[str, ...]
    agents: tuple[str, ...]
    seeds: frozenset[str]
    given: Array
    before: tuple[int, ...]

    @property
    def nuisance(self) -> int:
        """How many parameters are no effects of rules."""
        return len(self.given)

    @property
    def scopes(self) -> tuple[tuple[str, str], ...]:
        """What deviates: each class and each agent, where there are several."""
        classes = self.classes if len(self.classes) > 1 else ()
        agents = self.agents if len(self.agents) > 1 else ()
        return (*(("class", name) for name in classes), *(("agent", name) for name in agents))

    @property
    def effects(self) -> int:
        """How many parameters are effects of rules."""
        return 2 + len(self.rules) * (1 + len(self.scopes))

    def deviations(self, tau: float, rho: float) -> Array:
        """Return the prior standard deviations of the effects."""
        rules = len(self.rules)
        return np.concatenate(
            [[GROUP, GROUP], np.full(rules, tau), np.full(rules * len(self.scopes), tau * rho)]
        )


def design_of(evidence: Evidence) -> Design:
    """Return the parameters that a set of sessions needs."""
    columns = evidence.columns
    weeks = [column.week for column in columns if column.of == "week"]
    steps = [
        STEP * min(later - earlier, LONGEST) ** 0.5 for earlier, later in itertools.pairwise(weeks)
    ]
    rules = tuple(RuleText(column.rule, column.text) for column in columns if column.of == "on")
    forced = [FORCED for column in columns if column.of in ("forced", "observed", "forced rule")]
    most = MOST_DEVIATIONS // max(1, len(rules))
    agents = _largest(evidence, [cell.agent for cell in evidence.cells], most // 2)
    most -= len(agents) if len(agents) > 1 else 0
    classes = _largest(evidence, [cell.error_class for cell in evidence.cells], most)
    scopes = sum(len(names) for names in (classes, agents) if len(names) > 1)
    return Design(
        rules=rules,
        classes=classes,
        agents=agents,
        seeds=evidence.seeds,
        given=np.array([CONSTANT, *forced, *steps, *[BY_CLASS] * scopes]),
        before=_before(evidence, rules),
    )


def _largest(evidence: Evidence, names: Sequence[str], most: int) -> tuple[str, ...]:
    """Return the names by name; of too many those with most sessions, which tell most.

    ``names`` are parallel to the cells. Sessions of the others tell of what all have in common.
    """
    sessions: dict[str, int] = {}
    for name, sums in zip(names, evidence.cells.values(), strict=True):
        sessions[name] = sessions.get(name, 0) + sums.sessions
    order = sorted(sessions, key=lambda name: (-sessions[name], name))
    return tuple(sorted(order[: max(1, most)]))


def equations_of(evidence: Evidence, design: Design, noise: Mapping[int, float]) -> Equations:
    """Return the equations where a session with m rewards has the variance ``noise[m]``.

    Rows and columns are summed into place: no row of a session is needed, and no matrix of all
    parameters by all columns.
    """
    if not evidence.cells:
        size = design.nuisance + design.effects
        return Equations(np.zeros((size, size)), np.zeros(size), 0.0)
    columns = evidence.columns
    on = [number for number, column in enumerate(columns) if column.of == "on"]
    weeks = [number for number, column in enumerate(columns) if column.of == "week"]
    forced = [
        number
        for number, column in enumerate(columns)
        if column.of in ("forced", "observed", "forced rule")
    ]
    constant = [columns.index(Column("constant"))]
    scopes: list[Scope] = [None, *design.scopes]
    blocks = [
        (None, constant + forced + weeks),
        *((scope, constant) for scope in scopes[1:]),
        *((scope, on) for scope in scopes),
    ]
    gram, moment, square = _spread(blocks, _by_scope(evidence, noise, scopes))
    first = 1 + len(forced)
    return _stepped(gram, moment, square, first, first + len(weeks), design)


Scope = tuple[str, str] | None
"""A class or an agent that deviates; None for what all sessions share."""


@dataclass(slots=True, eq=False)
class _Total:
    gram: Array
    moment: Array
    square: float


def _by_scope(
    evidence: Evidence, noise: Mapping[int, float], scopes: Sequence[Scope]
) -> dict[tuple[Scope, Scope], _Total]:
    """Return the sums of the sessions that each pair of scopes has in common."""
    size = len(evidence.columns)
    found: dict[tuple[Scope, Scope], _Total] = {}
    known = frozenset(scopes)
    for cell, sums in evidence.cells.items():
        scale = 1 / noise[cell.rewards]
        gram, moment, square = sums.gram * scale, sums.moment * scale, sums.square * scale
        own = ("class", cell.error_class), ("agent", cell.agent)
        mine: list[Scope] = [None, *(scope for scope in own if scope in known)]
        square_of = np.ix_(sums.places, sums.places)
        for pair in itertools.product(mine, mine):
            if pair not in found:
                found[pair] = _Total(np.zeros((size, size)), np.zeros(size), 0.0)
            total = found[pair]
            total.gram[square_of] += gram
            total.moment[sums.places] += moment
            total.square += square
    return found


def _spread(
    blocks: Sequence[tuple[Scope, Sequence[int]]], totals: Mapping[tuple[Scope, Scope], _Total]
) -> tuple[Array, Array, float]:
    """Return the equations of parameters of which each block has one for each of its columns."""
    starts = np.cumsum([0, *(len(columns) for _, columns in blocks)]).tolist()
    gram, moment = np.zeros((starts[-1], starts[-1])), np.zeros(starts[-1])
    for (one, rows), start in zip(blocks, starts[:-1], strict=True):
        moment[start : start + len(rows)] = totals[one, one].moment[rows]
        for (other, columns), left in zip(blocks, starts[:-1], strict=True):
            common = totals.get((one, other))
            if common is not None:
                place = slice(start, start + len(rows)), slice(left, left + len(columns))
                gram[place] = common.gram[np.ix_(rows, columns)]
    return gram, moment, totals[None, None].square


def _stepped(
    gram: Array, moment: Array, square: float, first: int, last: int, design: Design
) -> Equations:
    """Turn weeks into steps of the walk, and add the two groups of rules.

    A step counts in all weeks from its own on; the first week is that of the constant. The mean
    effect of a group counts for each of its rules.
    """
    gram, moment = gram.copy(), moment.copy()
    gram[first:last] = gram[first:last][::-1].cumsum(axis=0)[::-1]
    gram[:, first:last] = gram[:, first:last][:, ::-1].cumsum(axis=1)[:, ::-1]
    moment[first:last] = moment[first:last][::-1].cumsum()[::-1]
    keep = np.delete(np.arange(len(gram)), first)
    gram, moment = gram[np.ix_(keep, keep)], moment[keep]
    start, rules = design.nuisance, len(design.rules)
    seed = np.array([rule.rule in design.seeds for rule in design.rules], dtype=float)
    groups = np.stack([seed, 1 - seed])
    own = slice(start, start + rules)
    across, among = groups @ gram[own], groups @ gram[own, own] @ groups.T
    wide = np.block([[gram, across.T], [across, among]])
    order = np.insert(np.arange(len(gram)), start, (len(gram), len(gram) + 1))
    return Equations(
        wide[np.ix_(order, order)], np.insert(moment, start, groups @ moment[own]), square
    )


def _before(evidence: Evidence, rules: Sequence[RuleText]) -> tuple[int, ...]:
    """Return for each text which text of the same rule was the one before.

    What counts is the middle of a text's sessions, which no wrong clock moves far.
    """
    columns = evidence.columns
    weeks = [number for number, column in enumerate(columns) if column.of == "week"]
    on = [number for number, column in enumerate(columns) if column.of == "on"]
    if not rules:
        return ()
    counts = np.zeros((len(columns), len(columns)))
    for sums in evidence.cells.values():
        counts[np.ix_(sums.places, sums.places)] += sums.gram
    shares = np.cumsum(counts[np.ix_(on, weeks)], axis=1)
    middles = np.argmax(shares >= shares[:, -1:] / 2, axis=1).tolist()
    order = sorted(range(len(rules)), key=lambda n: (rules[n].rule, middles[n], rules[n].text))
    before = [-1] * len(rules)
    for earlier, later in itertools.pairwise(order):
        if rules[earlier].rule == rules[later].rule:
            before[later] = earlier
    return tuple(before)
