"""Which of the rules on trial compete for a session.

Few at a time: how many rules share the sessions matters more to how soon anything is known than
how they are chosen. So of those that fit the session's class the oldest compete, and the others
wait until a person pins or retires one. A session of no particular class may have any rule.

What is on must not cost an agent more than the budget. So that this never bends the
probabilities of a draw, ``k`` is lowered until any ``k`` of the competing rules fit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from buildlog_git.core.choice import Candidate
from buildlog_git.core.session import GENERAL


class Trial(NamedTuple):
    """A rule on trial: ``text`` is the digest of its text, ``added`` an ISO date or empty."""

    rule: str
    text: str = ""
    error_class: str = GENERAL
    tokens: int = 0
    added: str = ""


class Competition(NamedTuple):
    """The rules that compete, how many of them may be on, and those that cannot.

    ``waiting`` have their turn later; ``too_dear`` cost more than the whole budget.
    """

    candidates: tuple[Candidate, ...] = ()
    k: int = 0
    waiting: tuple[str, ...] = ()
    too_dear: tuple[str, ...] = ()


def compete(
    trials: Iterable[Trial], error_class: str, *, most: int, k: int, budget: int
) -> Competition:
    """Return the competition of a session.

    Args:
        trials: all rules on trial.
        error_class: the session's class.
        most: how many may compete.
        k: how many may be on.
        budget: how many tokens those that are on may cost together.

    """
    fitting = sorted(
        (trial for trial in trials if GENERAL in (error_class, trial.error_class)
         or trial.error_class == error_class),
        key=lambda trial: (trial.added or "9", trial.rule),
    )  # fmt: skip
    affordable = [trial for trial in fitting if trial.tokens <= budget]
    chosen = affordable[:most]
    dearest = sorted((trial.tokens for trial in chosen), reverse=True)
    while k > 0 and sum(dearest[:k]) > budget:
        k -= 1
    return Competition(
        candidates=tuple(Candidate(trial.rule, trial.text) for trial in chosen),
        k=k,
        waiting=tuple(trial.rule for trial in affordable[most:]),
        too_dear=tuple(trial.rule for trial in fitting if trial.tokens > budget),
    )
