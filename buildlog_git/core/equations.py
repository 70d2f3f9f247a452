"""From the sums over sessions to the equations of the model's parameters.

Rows and columns of the sums are put in the places of the parameters that they are about
(:mod:`buildlog_git.core.design`): no row of a session is needed, and no matrix of all parameters
by all columns.

Effects may have changed at some time: with an era, all at once, because that is what a new model
of an agent or a reorganised code base looks like, and because a time for each rule would be too
much to find out. The parameters are then what each rule does now, and how much more it did before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from buildlog_git.core.design import Design
from buildlog_git.core.evidence import Array, Column, Evidence, Places, Sums

BACK = (0, 1, 2, 4, 7)
"""How many eras before the newest a change is looked for: the older, the less it matters when."""

Scope = tuple[str, str] | None
"""A class or an agent that deviates; None for what all sessions share."""
Scopes = frozenset[Scope]
"""Scopes that sessions are within at once, None left out."""
_ALL: Scopes = frozenset()
_EARLIER = ("earlier", "")
"""The scope of the sessions before a change."""


@dataclass(frozen=True, slots=True, eq=False)
class Equations:
    """What the sessions say of all parameters: a weighted Gram matrix and moments."""

    gram: Array
    moment: Array
    square: float


class _Group(NamedTuple):
    """What sessions with whatever number of rewards have in common."""

    error_class: str
    agent: str
    era: int


@dataclass(slots=True, eq=False)
class _Total:
    """Sums of the columns at ``places``, as :class:`buildlog_git.core.evidence.Sums`."""

    places: Places
    gram: Array
    moment: Array
    square: float = 0.0

    @classmethod
    def of(cls, places: Places) -> _Total:
        return cls(places, np.zeros((len(places), len(places))), np.zeros(len(places)))

    def add(self, sums: Sums | _Total, scale: float = 1.0) -> None:
        own = np.searchsorted(self.places, sums.places)
        self.gram[np.ix_(own, own)] += sums.gram * scale
        self.moment[own] += sums.moment * scale
        self.square += sums.square * scale


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """The sums of a set of sessions where their noise is known.

    ``within`` are those of the sessions that are within some scopes at once.
    """

    columns: tuple[Column, ...]
    groups: Mapping[_Group, _Total]
    within: Mapping[Scopes, _Total]

    @property
    def edges(self) -> list[int]:
        """The eras with which something may have changed, of those that have one before them."""
        eras = {group.era for group in self.groups}
        newest = max(eras, default=0)
        return [newest - back for back in BACK if newest - back > min(eras, default=0)]


def pooled(evidence: Evidence, design: Design, noise: Mapping[int, float]) -> Pool:
    """Return the sums where a session with m rewards has the variance ``noise[m]``."""
    members: dict[_Group, list[tuple[float, Sums]]] = {}
    for cell, sums in evidence.cells.items():
        group = _Group(cell.error_class, cell.agent, cell.era)
        members.setdefault(group, []).append((1 / noise[cell.rewards], sums))
    groups = {group: _sum_of(found) for group, found in members.items()}
    within = _within(groups, design, len(evidence.columns))
    return Pool(evidence.columns, groups, within)


def _within(groups: Mapping[_Group, _Total], design: Design, columns: int) -> dict[Scopes, _Total]:
    every, known = np.arange(columns), frozenset(design.scopes)
    found: dict[Scopes, _Total] = {}
    for group, total in groups.items():
        own = frozenset({("class", group.error_class), ("agent", group.agent)}) & known
        for scopes in {_ALL, own, *(frozenset({scope}) for scope in own)}:
            if scopes not in found:
                found[scopes] = _Total.of(every)
            found[scopes].add(total)
    return found


def _sum_of(members: Sequence[tuple[float, Sums]]) -> _Total:
    total = _Total.of(np.unique(np.concatenate([sums.places for _, sums in members])))
    for scale, sums in members:
        total.add(sums, scale)
    return total


def _with_earlier(pool: Pool, design: Design, changed: int) -> Mapping[Scopes, _Total]:
    """Return the sums within scopes, also of the sessions before a change alone."""
    before = {group: total for group, total in pool.groups.items() if group.era < changed}
    earlier = _within(before, design, len(pool.columns))
    return {**pool.within, **{scopes | {_EARLIER}: total for scopes, total in earlier.items()}}


def equations_of(pool: Pool, design: Design, changed: int | None = None) -> Equations:
    """Return the equations of all parameters.

    Where the rules' effects may have ``changed`` with an era (one of the pool's edges), the last
    parameters are how much more each rule did before it.
    """
    columns = pool.columns
    if not columns:
        size = design.nuisance + design.effects
        return Equations(np.zeros((size, size)), np.zeros(size), 0.0)
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
    within = pool.within
    if changed is not None:
        blocks.append((_EARLIER, on))
        within = _with_earlier(pool, design, changed)
    gram, moment, square = _spread(blocks, within)
    first = 1 + len(forced)
    return _stepped(gram, moment, square, first, first + len(weeks), design)


def _spread(
    blocks: Sequence[tuple[Scope, Sequence[int]]], within: Mapping[Scopes, _Total]
) -> tuple[Array, Array, float]:
    """Return the equations of parameters of which each block has one for each of its columns."""
    starts = np.cumsum([0, *(len(columns) for _, columns in blocks)]).tolist()
    gram, moment = np.zeros((starts[-1], starts[-1])), np.zeros(starts[-1])
    for (one, rows), start in zip(blocks, starts[:-1], strict=True):
        moment[start : start + len(rows)] = within[_both(one, one)].moment[rows]
        for (other, columns), left in zip(blocks, starts[:-1], strict=True):
            common = within.get(_both(one, other))
            if common is not None:
                place = slice(start, start + len(rows)), slice(left, left + len(columns))
                gram[place] = common.gram[np.ix_(rows, columns)]
    return gram, moment, within[_ALL].square


def _both(one: Scope, other: Scope) -> Scopes:
    return frozenset({one, other} - {None})


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
