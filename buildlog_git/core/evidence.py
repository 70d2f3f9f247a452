"""What a set of sessions says about the rules, as sums that add.

One session is one row: its mean reward, against what was on and what else is known of it. Rows
of the same error class, agent and number of rewards are summed into a cell, the Gram matrix and
the moments of its rows, each weighted by its age. The posterior needs nothing but the cells, so
that the sums of disjoint sets of sessions, of clones or of whole repositories, add.

A row has these columns, whose coefficients :mod:`buildlog_git.core.design` spreads over the
model: the constant, the week, that a person forced something, that the session is only observed,
each forced rule, and each rule (with its text) that the draw put on and nobody forced.

Only a draw tells what a rule does. In a session that is only observed (nobody knows with which
probability its rules came on, or what the agent had) whatever was on counts as forced by a person,
and the session has a column of its own: it may tell of the baseline's course, and of what people
choose, never of the effect of a rule on trial.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from buildlog_git.core.moments import DAY
from buildlog_git.core.observation import Observation, RuleText

if TYPE_CHECKING:
    from typing import TypeAlias

Array: TypeAlias = "NDArray[np.float64]"
Places: TypeAlias = "NDArray[np.intp]"

WEEK = 7 * DAY
HALF_LIFE = 60 * DAY
"""Seconds after which a session says half as much."""

YEAR = 365 * DAY
"""No gap between sessions is longer than this unless a clock is wrong or nobody worked."""

FORGOTTEN = 30 * HALF_LIFE
"""Seconds after which a session says nothing any more (a billionth), and is left out."""

ERA = WEEK
"""Seconds whose sessions are summed together: what rules do may change from one to the next."""
ERAS = 8
"""How many eras before the newest are told apart; all earlier ones count as the last of them."""

MOST_RULES = 1000
"""How many rules with their texts are learned about, and how many that people forced."""

Of = Literal["constant", "week", "forced", "observed", "forced rule", "on"]
"""What a column of a row is about."""


class Column(NamedTuple):
    """One column: what it is about, and which week, rule or text."""

    of: Of
    week: int = 0
    rule: str = ""
    text: str = ""


class Cell(NamedTuple):
    """All that sessions have of one error class, one agent, one number of rewards and one era.

    ``era`` counts eras since 1970; the oldest that is told apart stands for all before it.
    """

    error_class: str
    agent: str
    rewards: int
    era: int


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """The weighted sums over the sessions of a cell.

    ``gram`` is the weighted sum of the outer products of the rows, ``moment`` that of the rows
    times their outcomes (less a half), ``square`` that of the squared outcomes. Both are of the
    columns at ``places`` (ascending) alone, the others are 0: there may be many cells, and most
    have few of the columns.
    """

    places: Places
    gram: Array
    moment: Array
    square: float
    weight: float
    sessions: int


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """The sums of a set of sessions, as seen from ``newest`` (UTC, seconds).

    ``within`` are the squares of rewards about their session's mean, ``freedom`` how many of
    them are independent. ``seeds`` are the rules that were a seed in any session.
    """

    columns: tuple[Column, ...] = ()
    cells: Mapping[Cell, Sums] = field(default_factory=dict)
    newest: int = 0
    within: float = 0.0
    freedom: int = 0
    seeds: frozenset[str] = frozenset()

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return sum(sums.sessions for sums in self.cells.values())

    def __add__(self, other: Evidence) -> Evidence:
        """Return the sums of both sets of sessions, which must have none in common."""
        if not self.cells or not other.cells:
            return self if self.cells else other
        newest = max(self.newest, other.newest)
        columns = tuple(sorted({*self.columns, *other.columns}))
        place = {column: number for number, column in enumerate(columns)}
        cells: dict[Cell, Sums] = {}
        for evidence in (self, other):
            gap = newest - evidence.newest
            scale = 2.0 ** (-_age(gap) / HALF_LIFE)
            places = np.array([place[column] for column in evidence.columns])
            for told, sums in evidence.cells.items():
                era = told.era + (gap - _age(gap)) // ERA
                cell = told._replace(era=max(era, newest // ERA - ERAS))
                grown = _grown(sums, places, scale)
                cells[cell] = _added(cells[cell], grown) if cell in cells else grown
        return Evidence(
            columns=columns,
            cells=dict(sorted(cells.items())),
            newest=newest,
            within=self.within + other.within,
            freedom=self.freedom + other.freedom,
            seeds=self.seeds | other.seeds,
        )


def table(observations: Iterable[Observation]) -> list[Observation]:
    """Return each session once, in the order of the ids.

    What a set of sessions says does not depend on how often or in what order they come; floats
    are added in this order everywhere.
    """
    found: dict[str, Observation] = {}
    for observation in observations:
        known = found.get(observation.session)
        if known is None or _order(observation) < _order(known):
            found[observation.session] = observation
    return [found[session] for session in sorted(found)]


def _order(observation: Observation) -> str:
    return repr(observation._replace(seeds=frozenset())) + repr(sorted(observation.seeds))


def rewards(observation: Observation) -> Sequence[float]:
    """Return the outcomes of a session's drafts: 1 for what nobody had to change."""
    return observation.rewards


def spared_mistakes(observation: Observation) -> Sequence[float]:
    """Return a session's outcome in mistakes, where they are logged: 1 for none, 0 for 4."""
    if observation.mistakes is None:
        return ()
    return (1 - min(observation.mistakes, 4) / 4,)


def gather(
    observations: Iterable[Observation],
    now: int,
    outcome: Callable[[Observation], Sequence[float]] = rewards,
) -> Evidence:
    """Return the sums of the sessions that have an outcome.

    ``now`` is the clock of the machine (UTC, seconds): sessions after it make no other older.
    """
    marked = _few_enough([(row, _marks(row)) for row in table(observations) if outcome(row)])
    if not marked:
        return Evidence(newest=now)
    newest, ages = ages_of([row.at for row, _ in marked], now)
    marked = [one for one, age in zip(marked, ages, strict=True) if age <= FORGOTTEN]
    ages = [age for age in ages if age <= FORGOTTEN]
    rows, marks = [row for row, _ in marked], [mark for _, mark in marked]
    columns = tuple(sorted({column for mark in marks for column in mark}))
    place = {column: number for number, column in enumerate(columns)}
    matrix = np.zeros((len(rows), len(columns)))
    for number, mark in enumerate(marks):
        matrix[number, [place[column] for column in mark]] = 1.0
    outcomes = [outcome(row) for row in rows]
    means = np.array([sum(values) / len(values) - 0.5 for values in outcomes])
    weights = np.exp2(-np.array(ages) / HALF_LIFE)
    members: dict[Cell, list[int]] = {}
    for number, row in enumerate(rows):
        era = max((newest - ages[number]) // ERA, newest // ERA - ERAS)
        cell = Cell(row.error_class, row.agent, len(outcomes[number]), era)
        members.setdefault(cell, []).append(number)
    return Evidence(
        columns=columns,
        cells={
            cell: _sums(matrix[picked], means[picked], weights[picked])
            for cell, picked in sorted(members.items())
        },
        newest=newest,
        within=sum(
            sum((value - 0.5 - mean) ** 2 for value in values)
            for values, mean in zip(outcomes, means.tolist(), strict=True)
        ),
        freedom=sum(len(values) - 1 for values in outcomes),
        seeds=frozenset(seed for row in rows for seed in row.seeds),
    )


def ages_of(times: Sequence[int], now: int) -> tuple[int, list[int]]:
    """Return the newest time that can be, and how old each session is as evidence (seconds).

    The newest is that of the sessions that have happened; one that is ahead of ``now`` is as
    new as it. Where ``now`` itself is ahead, or a clone's clock was, there is a gap that no work
    explains: it does not count as age, so that a wrong clock discounts nothing but itself.
    """
    happened = sorted({at for at in times if at <= now})
    if not happened:
        return now, [0] * len(times)
    age = {happened[-1]: 0}
    for later, earlier in zip(reversed(happened), reversed(happened[:-1]), strict=False):
        age[earlier] = age[later] + _age(later - earlier)
    return happened[-1], [age.get(at, 0) for at in times]


def _age(gap: int) -> int:
    return gap if gap <= YEAR else 0


def _marks(row: Observation) -> list[Column]:
    """Return the columns in which a session has a one."""
    forced = {rule for rule, _ in row.forced}
    marks = [Column("constant"), Column("week", week=row.at // WEEK)]
    if not row.randomised:
        forced |= {rule for rule, _ in row.drawn}
        marks.append(Column("observed"))
    elif forced:
        marks.append(Column("forced"))
    marks += [Column("forced rule", rule=rule) for rule in forced]
    marks += [Column("on", rule=rule, text=text) for rule, text in drawn_on(row)]
    return marks


_Marked = tuple[Observation, list[Column]]
"""A session with the columns in which it has a one."""


def _few_enough(marked: list[_Marked]) -> list[_Marked]:
    """Leave out sessions with rules that few others have, where rules are too many to learn about.

    No team has so many; a ledger that somebody spoilt may.
    """
    counts = Counter(column for _, marks in marked for column in marks)
    rare: set[Column] = set()
    for of in ("on", "forced rule"):
        rules = sorted((c for c in counts if c.of == of), key=lambda c: (-counts[c], c))
        rare.update(rules[MOST_RULES:])
    return [(row, marks) for row, marks in marked if rare.isdisjoint(marks)] if rare else marked


def drawn_on(row: Observation) -> tuple[RuleText, ...]:
    """Return the rules whose effect a session tells of: put on by a known draw, not by force."""
    forced = {rule for rule, _ in row.forced}
    return tuple(on for on in row.drawn if on.rule not in forced) if row.randomised else ()


def _sums(matrix: Array, means: Array, weights: Array) -> Sums:
    places = np.flatnonzero(matrix.any(axis=0))
    rows = matrix[:, places]
    weighted = rows * weights[:, None]
    return Sums(
        places=places,
        gram=weighted.T @ rows,
        moment=weighted.T @ means,
        square=float(weights @ means**2),
        weight=float(weights.sum()),
        sessions=len(means),
    )


def _grown(sums: Sums, places: Places, scale: float) -> Sums:
    """Return sums with the columns at other places, in the same order, seen from a later time."""
    return Sums(
        places[sums.places], sums.gram * scale, sums.moment * scale, sums.square * scale,
        sums.weight * scale, sums.sessions,
    )  # fmt: skip


def _added(one: Sums, other: Sums) -> Sums:
    places = np.union1d(one.places, other.places)
    gram, moment = np.zeros((len(places), len(places))), np.zeros(len(places))
    for sums in (one, other):
        own = np.searchsorted(places, sums.places)
        gram[np.ix_(own, own)] += sums.gram
        moment[own] += sums.moment
    return Sums(
        places, gram, moment, one.square + other.square, one.weight + other.weight,
        one.sessions + other.sessions,
    )  # fmt: skip
