"""What the sessions tell of each rule: its effect, how sure that is, and what may be said.

Effects are points of revision distance saved, from -1 to 1, where the rule is on, other things
equal: in the sessions that have it, beside the rules that are on there. So of rules that go well
together each helps while the draw has them on together. Only sessions in which a known draw put
a rule on tell of its effect (:func:`learn`); draft size and later fix-ups are plain means beside
it, because a rule that makes people stop looking lowers the distance too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.evidence import (
    HALF_LIFE,
    ages_of,
    drawn_on,
    gather,
    spared_mistakes,
    table,
)
from buildlog_git.core.mixture import Normal, above, below, interval
from buildlog_git.core.moments import DAY
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.posterior import Posterior, posterior_of
from buildlog_git.core.programme import Programme, programme_of
from buildlog_git.core.verdict import MARGIN, Until, Verdict, radius, until_known, verdict_of

ENOUGH = 50
"""Rewards before which nothing may be ranked, and nothing said."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rule saves, with its 95 % interval, in points of revision distance.

    ``helps`` and ``harms`` are the probabilities of more than a point in either direction.
    ``bound`` is the least effect that holds with 90 % however often somebody looks, for all
    rules at once; null where the sessions do not tell. ``on`` and ``off`` count the sessions
    with rewards in which the draw put the rule on, or might have. Without either the effect is
    ``randomised`` by nothing.
    """

    mean: float
    low: float
    high: float
    helps: float
    harms: float
    bound: float | None
    on: int
    off: int
    randomised: bool
    verdict: Verdict
    until: Until


@dataclass(frozen=True, slots=True)
class InClass:
    """The effect of a rule in one error class."""

    error_class: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Beside:
    """What else differs between sessions with a rule on and off: plain means, null for none."""

    on: float | None
    off: float | None


@dataclass(frozen=True, slots=True)
class RuleEffect:
    """All that the sessions tell of one rule with one text.

    ``observed`` counts the sessions in which it was on and nothing is known of a draw,
    ``forced`` those in which a person put it on or took it off. ``mistakes`` is its effect on
    mistakes (a session's share of four that were spared), null where nobody logs any.
    """

    rule: str
    text: str
    seed: bool
    effect: Effect
    classes: tuple[InClass, ...]
    mistakes: Effect | None
    tokens: Beside
    fixups: Beside
    forced: int
    observed: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What a set of sessions tells of the rules.

    ``sessions`` are those with rewards, ``randomised`` those of them with a known draw;
    ``forced`` and ``censored`` are the shares of sessions that a person overrode, and of drafts
    without a reward. Before there are enough rewards nothing is ``ranked``.
    """

    sessions: int
    randomised: int
    rewards: int
    controls: int
    forced: float | None
    censored: float | None
    half_life_days: float
    ranked: bool
    rules: tuple[RuleEffect, ...]
    programme: Programme


@dataclass(frozen=True, slots=True)
class Answer:
    """What is learned, and the posterior behind it, of which a draw's beliefs are made."""

    learned: Learned
    posterior: Posterior


def learn(observations: Iterable[Observation], now: int, rules: Iterable[RuleText] = ()) -> Answer:
    """Return what sessions tell, as seen at ``now`` (UTC, seconds), of all rules they had on.

    ``rules`` are those that are to be listed whether or not any session had them.
    """
    rows = table(observations)
    posterior = posterior_of(gather(rows, now))
    scored = [row for row in rows if row.rewards]
    listed = sorted({*rules, *(rule for row in rows for rule in drawn_on(row))})
    count = sum(len(row.rewards) for row in rows)
    censored = sum(row.censored for row in rows)
    view = _View(posterior, scored, listed, now, said=count >= ENOUGH)
    logged = [row for row in rows if row.mistakes is not None]
    other = posterior_of(gather(logged, now, spared_mistakes))
    aside = Counter(text for row in rows for text in _aside(row))
    mistakes = _View(other, logged, listed, now, said=len(logged) >= ENOUGH) if logged else None
    return Answer(
        Learned(
            sessions=len(scored),
            randomised=sum(row.randomised for row in scored),
            rewards=count,
            controls=sum(row.control for row in scored),
            forced=sum(bool(row.forced) for row in rows) / len(rows) if rows else None,
            censored=censored / (count + censored) if count + censored else None,
            half_life_days=HALF_LIFE / DAY,
            ranked=count >= ENOUGH,
            rules=tuple(_rule(rule, view, mistakes, aside) for rule in listed),
            programme=programme_of(posterior, scored),
        ),
        posterior,
    )


class _View:
    """One outcome's posterior with the sessions behind it, for all rules at once."""

    def __init__(
        self,
        posterior: Posterior,
        rows: Sequence[Observation],
        rules: Sequence[RuleText],
        now: int,
        *,
        said: bool,
    ) -> None:
        self.posterior = posterior
        self.said = said
        self.classes = posterior.design.classes
        ages = ages_of([row.at for row in rows], now)[1]
        gap = max(ages, default=0) / max(len(rows) - 1, 1)
        self._keeps = 2.0 ** (-gap / HALF_LIFE)
        self.on, self.off = _sides(rows)
        self._mixtures = {
            name: dict(zip(rules, posterior.normals(posterior.sums(rules, name)), strict=True))
            for name in (None, *self.classes)
        }

    def effect(self, rule: RuleText, error_class: str | None = None) -> Effect:
        """Return what is known of a rule, in a class or in all."""
        mixture = self._mixtures[error_class][rule]
        on, off = (
            sum(error_class in (None, row.error_class) for row in side.get(rule, ()))
            for side in (self.on, self.off)
        )
        told = self.posterior.without_prior(rule, error_class)
        claims = len(self.posterior.design.rules) * (len(self.classes) if error_class else 1)
        bound = None if told is None else told[0] - radius(told[1], claims)
        mean, low, high = interval(mixture)
        tells = on > 0 and off > 0
        doubtful = [
            part._replace(weight=weight)
            for part, weight in zip(mixture, self.posterior.doubts, strict=True)
        ]
        said = tells and self.said
        verdict = verdict_of(mixture, doubtful, bound) if said else "no evidence yet"
        return Effect(
            mean=mean,
            low=low,
            high=high,
            helps=above(mixture, MARGIN),
            harms=below(mixture, -MARGIN),
            bound=bound,
            on=on,
            off=off,
            randomised=tells,
            verdict=verdict,
            until="known"
            if verdict != "no evidence yet"
            else self._until(mixture, told, error_class),
        )

    def _until(
        self, mixture: Sequence[Normal], told: tuple[float, float] | None, error_class: str | None
    ) -> Until:
        share = self.posterior.shares.get(("class", error_class or ""), 1.0)
        weight = self.posterior.weight * share
        information = 1 / told[1] if told else 0.0
        return until_known(mixture, information, weight, self._keeps ** (1 / share))


def _sides(
    rows: Sequence[Observation],
) -> tuple[dict[RuleText, list[Observation]], dict[RuleText, list[Observation]]]:
    """Return for each rule the sessions in which a draw put it on, and in which it might have."""
    on: dict[RuleText, list[Observation]] = {}
    off: dict[RuleText, list[Observation]] = {}
    for row in rows:
        for texts, side in ((drawn_on(row), on), (might_have(row), off)):
            for text in texts:
                side.setdefault(text, []).append(row)
    return on, off


def might_have(row: Observation) -> tuple[RuleText, ...]:
    """Return the rules that the draw of a session might have put on and did not."""
    if not row.randomised:
        return ()
    other = {text.rule for text in row.drawn + row.forced}
    return tuple(text for text in row.offered if text.rule not in other)


def _aside(row: Observation) -> list[str | RuleText]:
    """Return the rules (by id) that a person forced, and the texts that were only seen to be on."""
    seen = () if row.randomised else row.drawn
    return [*sorted({rule for rule, _ in row.forced}), *seen]


def _rule(
    rule: RuleText, view: _View, mistakes: _View | None, aside: Mapping[str | RuleText, int]
) -> RuleEffect:
    on, off = view.on.get(rule, ()), view.off.get(rule, ())
    return RuleEffect(
        rule=rule.rule,
        text=rule.text,
        seed=rule.rule in view.posterior.design.seeds,
        effect=view.effect(rule),
        classes=tuple(InClass(name, view.effect(rule, name)) for name in view.classes),
        mistakes=mistakes.effect(rule) if mistakes else None,
        tokens=Beside(_mean(row.tokens for row in on), _mean(row.tokens for row in off)),
        fixups=Beside(_mean(row.fixups for row in on), _mean(row.fixups for row in off)),
        forced=aside.get(rule.rule, 0),
        observed=aside.get(rule, 0),
    )


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return sum(found) / len(found) if found else None
