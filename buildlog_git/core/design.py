"""The model's parameters, and what is believed of them before any session.

    mean reward of session s = 1/2 + a + a_class + a_agent + w(week) + f0 [forced] + o [observed]
        + sum of f_j over the forced rules
        + sum over the drawn rules of mu_group(j) + theta_j + delta_j,class + delta_j,agent + e_s

Each parameter has a prior around zero; the table below holds the standard deviations. Those of
``theta`` are tau, those of ``delta`` tau rho, over which :mod:`buildlog_git.core.posterior`
averages. The walk ``w`` is made of its steps from one week with sessions to the next, so that its
prior is diagonal too. Agents act like classes. ``mu`` is what all seeds (or all other rules) do
on average; it lets a new rule be expected to do what such rules do.

The parameters are put in two parts: those whose prior is given (``kept`` apart by elimination,
once for all tau and rho), and the effects of the rules. How the sums over sessions become
equations for them is :mod:`buildlog_git.core.equations`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from buildlog_git.core.evidence import Array, Evidence
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
