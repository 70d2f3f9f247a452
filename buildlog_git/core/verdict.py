"""What may be said of a rule, in one of five words, and when more could be.

*proven* is the only word that holds however often somebody looks, and at however many rules: a
bound on the effect that stays true with 90 % at all times and for all rules at once (the mixture
of Robbins, Annals of Mathematical Statistics 41, 1970, with the doubt shared out between the
rules), made of an estimate without the rule's own prior. *likely helps* and *likely harms* are
the posterior's own word, with a margin of one point, at 95 %, where somebody who doubts that
rules do much is convinced, too (97 %): who keeps looking at many rules that do nothing would else
see one of them help in a fifth of the repositories. *no practical effect* says with 90 % that it
is within two points of nothing. Everything else is *no evidence yet*, which is the normal case.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log, log2, sqrt
from typing import Literal

from buildlog_git.core.mixture import Normal, above, below, interval

Verdict = Literal[
    "proven", "likely helps", "likely harms", "no practical effect", "no evidence yet"
]
Until = Literal["known", "< 50", "< 200", "< 1,000", "more"]
"""How many more sessions it may take until there is a verdict, by a rough forecast."""

MARGIN = 0.01
"""Points of distance that an effect must exceed to help or to harm."""
PRACTICAL = 0.02
"""Points of distance below which an effect is of no practical importance."""
LIKELY, DOUBTFUL, NEARLY_NOTHING = 0.95, 0.97, 0.9
"""How probable it must be: to the posterior, to somebody who doubts, and that it is nothing."""
_TUNED, _ALPHA = 0.06, 0.10
_REACH = 1.645
"""The 95 % point of the normal, for forecasts."""


def radius(variance: float, claims: int = 1) -> float:
    """Return how far below the estimate the bound lies that holds at all times.

    With 90 % it holds for all of so many ``claims`` at once.
    """
    wide, alpha = _TUNED**2, _ALPHA / max(claims, 1)
    whole = variance + wide
    return sqrt(variance * whole / wide * log(whole / (variance * alpha**2)))


def verdict_of(
    mixture: Sequence[Normal], doubtful: Sequence[Normal], bound: float | None
) -> Verdict:
    """Return what may be said of an effect.

    ``doubtful`` is what somebody believes of it who doubts that rules do much, ``bound`` the
    90 % anytime-valid one, None for none.
    """
    if bound is not None and bound > 0:
        return "proven"
    if above(mixture, MARGIN) > LIKELY and above(doubtful, MARGIN) > DOUBTFUL:
        return "likely helps"
    if below(mixture, -MARGIN) > LIKELY and below(doubtful, -MARGIN) > DOUBTFUL:
        return "likely harms"
    if below(mixture, PRACTICAL) - below(mixture, -PRACTICAL) > NEARLY_NOTHING:
        return "no practical effect"
    return "no evidence yet"


def until_known(
    mixture: Sequence[Normal], information: float, weight: float, keeps: float
) -> Until:
    """Return how many more sessions it may take until there is a verdict.

    ``information`` is what the sessions say of the effect (1 over the variance without prior),
    ``weight`` how many new sessions they are worth, and ``keeps`` the share of its weight that
    a session keeps until the next one. The estimate is taken to stay where it is.
    """
    mean, low, high = interval(mixture)
    have = (2 * 1.96 / (high - low)) ** 2
    goal = max(abs(mean) - MARGIN, PRACTICAL - abs(mean)) / _REACH
    if goal <= 0 or information <= 0 or weight <= 0:
        return "more"
    lacking = 1 / goal**2 - have
    if lacking <= 0:
        return "< 50"
    return _bucket(_sessions(lacking, information, information / weight, keeps))


def _sessions(lacking: float, have: float, each: float, keeps: float) -> float:
    """Return after how many sessions the information has grown by ``lacking``; inf for never."""
    if keeps >= 1:
        return lacking / each
    most = each / (1 - keeps)
    wanted = have + lacking
    if wanted >= most:
        return float("inf")
    # After n sessions there is most - (most - have) keeps^n.
    return log2((most - wanted) / max(most - have, 1e-300)) / log2(keeps)


def _bucket(sessions: float) -> Until:
    if sessions < 50:
        return "< 50"
    if sessions < 200:
        return "< 200"
    return "< 1,000" if sessions < 1000 else "more"
