"""What may be said of a rule: literal sessions, literal verdicts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from buildlog_git.core.effects import Effect, Learned, RuleEffect, learn
from buildlog_git.core.mixture import Normal, above, below, interval, quantile
from buildlog_git.core.moments import DAY
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.verdict import radius, until_known, verdict_of

RULES = tuple(RuleText(name, "0") for name in ("good", "harmful", "idle", "placebo"))
TRUE = {"good": 0.25, "harmful": -0.25}
START = 1_700_000_000
NOW = START + 400 * DAY


def sessions(count: int, seed: int = 1, classes: int = 1) -> list[Observation]:
    rng = Random(seed)
    found = []
    for number in range(count):
        control = rng.random() < 0.1
        on = () if control else tuple(sorted(rng.sample(RULES, 2)))
        mean = 0.5 + rng.gauss(0, 0.07) + sum(TRUE.get(rule.rule, 0.0) for rule in on)
        rewards = [min(1.0, max(0.0, rng.gauss(mean, 0.15))) for _ in range(rng.randint(1, 3))]
        found.append(
            Observation(
                session=f"s{number:05}",
                at=START + number * 7200,
                error_class=f"class-{rng.randrange(classes)}",
                offered=RULES,
                drawn=on,
                control=control,
                rewards=tuple(rewards),
                censored=rng.randrange(2),
                tokens=100.0 if RULES[0] in on else 200.0,
                fixups=int(RULES[1] in on),
            )
        )
    return found


def one(learned: Learned, name: str) -> RuleEffect:
    return next(rule for rule in learned.rules if rule.rule == name)


def test_what_three_hundred_sessions_tell() -> None:
    some = sessions(300)
    learned = learn(some, NOW).learned
    good, harmful, placebo = (one(learned, name) for name in ("good", "harmful", "placebo"))
    assert (good.effect.verdict, good.effect.until) == ("proven", "known")
    assert harmful.effect.verdict == "likely harms"
    assert placebo.effect.verdict in ("no evidence yet", "no practical effect")
    assert good.effect.low < 0.25 < good.effect.high
    assert good.effect.bound is not None
    assert good.effect.bound < good.effect.mean
    assert good.effect.on == sum(RULES[0] in row.drawn for row in some)
    assert good.effect.on + good.effect.off == 300
    assert (good.tokens.on, good.tokens.off) == (100.0, 200.0)
    assert (harmful.fixups.on, harmful.fixups.off) == (1.0, 0.0)
    assert good.mistakes is None
    assert learned.ranked
    assert learned.rewards == sum(len(row.rewards) for row in some)
    assert learned.controls == sum(row.control for row in some)
    assert learned.half_life_days == 60
    assert learned.censored == pytest.approx(
        sum(r.censored for r in some) / sum(r.censored + len(r.rewards) for r in some)
    )
    json.dumps(asdict(learned), allow_nan=False)


def test_the_programme_against_its_controls() -> None:
    """Two of four rules are on; their effects cancel out, so that the programme does nothing."""
    programme = learn(sessions(400), NOW).learned.programme
    assert programme.mean is not None
    assert programme.low is not None
    assert programme.high is not None
    assert programme.low < 0 < programme.high
    assert programme.difference is not None
    assert programme.difference == pytest.approx(programme.mean, abs=0.06)
    only = [row for row in sessions(400) if row.control or RULES[0] in row.drawn]
    better = learn(only, NOW).learned.programme
    assert better.low is not None
    assert better.low > 0
    assert better.difference_low is not None
    assert better.difference_low > 0


def test_before_fifty_rewards_nothing_is_said() -> None:
    some = sessions(20)
    learned = learn(some, NOW).learned
    assert learned.rewards < 50
    assert not learned.ranked
    assert {rule.effect.verdict for rule in learned.rules} == {"no evidence yet"}


def test_no_sessions() -> None:
    learned = learn([], NOW, RULES).learned
    assert [rule.rule for rule in learned.rules] == sorted(rule.rule for rule in RULES)
    for rule in learned.rules:
        effect = rule.effect
        assert (effect.on, effect.off, effect.mean, effect.bound) == (0, 0, 0.0, None)
        assert (effect.verdict, effect.until, effect.randomised) == (
            "no evidence yet",
            "more",
            False,
        )
    assert (learned.forced, learned.censored, learned.programme.mean) == (None, None, None)
    json.dumps(asdict(learned), allow_nan=False)


def test_one_session() -> None:
    learned = learn(sessions(1), NOW, RULES).learned
    assert learned.sessions == 1
    json.dumps(asdict(learned), allow_nan=False)


def test_what_is_always_on_or_always_forced_has_no_effect_to_be_told() -> None:
    some = [
        row._replace(drawn=RULES[:1], offered=RULES[:1], control=False) for row in sessions(200)
    ]
    always = one(learn(some, NOW).learned, "good").effect
    assert (always.randomised, always.verdict) == (False, "no evidence yet")
    forced = learn([row._replace(forced=RULES) for row in sessions(200)], NOW, RULES).learned
    assert forced.forced == 1.0
    for rule in forced.rules:
        assert rule.effect.verdict == "no evidence yet"
        assert (rule.effect.on, rule.effect.off, rule.forced) == (0, 0, 200)


def test_only_observed_sessions_claim_nothing() -> None:
    some = [row._replace(randomised=False) for row in sessions(300)]
    learned = learn(some, NOW, RULES).learned
    assert (learned.sessions, learned.randomised) == (300, 0)
    for rule in learned.rules:
        assert (rule.effect.randomised, rule.effect.verdict) == (False, "no evidence yet")
        assert rule.observed == sum(RuleText(rule.rule, "0") in row.drawn for row in some)
    assert learned.programme.mean is None


def test_mistakes_are_an_outcome_of_their_own() -> None:
    rng = Random(5)
    some = [
        row._replace(mistakes=0 if RULES[0] in row.drawn else rng.randint(0, 6))
        for row in sessions(300)
    ]
    learned = learn(some, NOW).learned
    mistakes = one(learned, "good").mistakes
    assert mistakes is not None
    assert mistakes.low > 0.2
    assert mistakes.verdict == "proven"
    assert one(learned, "good").effect == one(learn(sessions(300), NOW).learned, "good").effect
    # Sessions in which nobody logs mistakes say nothing of them.
    half = [row._replace(mistakes=None) if n % 2 else row for n, row in enumerate(some)]
    found = one(learn(half, NOW).learned, "good").mistakes
    assert found is not None
    assert found.on + found.off == 150


def test_classes_have_effects_of_their_own() -> None:
    some = [
        row
        if row.error_class == "class-0"
        else row._replace(rewards=tuple(0.5 + (r - 0.5) / 10 for r in row.rewards))
        for row in sessions(600, classes=2)
    ]
    good = one(learn(some, NOW).learned, "good")
    first, second = (part.effect for part in good.classes)
    assert [part.error_class for part in good.classes] == ["class-0", "class-1"]
    assert first.mean > second.mean + 0.1
    assert first.on + second.on == good.effect.on


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 50))
def test_a_report_is_of_a_set(rng: Random, count: int) -> None:
    some = sessions(count, classes=2)
    mixed = some + rng.sample(some, len(some) // 3)
    rng.shuffle(mixed)
    assert learn(mixed, NOW).learned == learn(some, NOW).learned


# -- verdicts -----------------------------------------------------------------------------------


def test_verdicts_are_as_defined() -> None:
    def said(mean: float, sd: float, bound: float | None = None) -> str:
        return verdict_of([Normal(1.0, mean, sd)], [Normal(1.0, mean, sd)], bound)

    assert said(0.5, 0.01, 0.01) == "proven"
    assert said(0.5, 0.01, -0.01) == "likely helps"
    assert said(0.5, 0.01) == "likely helps"
    assert said(-0.5, 0.01, -1.0) == "likely harms"
    assert said(0.0, 0.01, -0.1) == "no practical effect"
    assert said(0.0, 0.1, -0.1) == "no evidence yet"
    # A point and 1.645 standard deviations, or 1.881 for who doubts: just not, and just so.
    sure, unsure = [Normal(1.0, 0.5, 0.01)], [Normal(1.0, 0.0, 0.1)]
    for enough, mine, others in ((1.645, True, False), (1.881, False, True)):
        for step, word in ((-0.005, "no evidence yet"), (0.005, "likely helps")):
            found = [Normal(1.0, 0.01 + (enough + step) * 0.05, 0.05)]
            assert verdict_of(found if mine else sure, found if others else sure, None) == word
    # Both have to be convinced, of help as of harm.
    assert verdict_of(sure, unsure, None) == verdict_of(unsure, sure, None) == "no evidence yet"


def test_the_bound_is_as_defined() -> None:
    # sqrt(.0004 (.0004 + .0036) / .0036 ln(.004 / (.0004 .01))), by hand.
    assert radius(0.02**2) == pytest.approx(0.0554, abs=1e-4)
    # The same with ln(.004 / (.0004 .0001)) for ten rules at once.
    assert radius(0.02**2, 10) == pytest.approx(0.0715, abs=1e-4)


def test_the_bound_holds_however_often_somebody_looks() -> None:
    rng = Random(2)
    broken = 0
    for _ in range(200):
        total = 0.0
        for count in range(1, 400):
            total += rng.gauss(0, 0.2)
            if total / count > radius(0.04 / count):
                broken += 1
                break
    assert broken <= 20


@example([(1.0, 0.0, 0.0078125), (0.5, 1.0, 0.015625)], 0.5)
@given(
    st.lists(
        st.tuples(st.floats(0.01, 1), st.floats(-1, 1), st.floats(1e-6, 1)), min_size=1, max_size=5
    ),
    st.floats(0.001, 0.999),
)
def test_quantiles_are_those_of_the_mixture(
    parts: list[tuple[float, float, float]], share: float
) -> None:
    whole = sum(weight for weight, _, _ in parts)
    mixture = [Normal(weight / whole, mean, sd) for weight, mean, sd in parts]
    value = quantile(mixture, share)
    narrow = min(sd for _, _, sd in parts)
    assert below(mixture, value) == pytest.approx(share, abs=1e-9 / narrow)
    assert above(mixture, value) == pytest.approx(1 - share, abs=1e-9 / narrow)
    low, high = interval(mixture)[1:]
    assert low < high


def test_an_interval_is_not_two_standard_deviations_of_a_mixture() -> None:
    mean, low, high = interval([Normal(0.9, 0.0, 0.01), Normal(0.1, 0.0, 0.2)])
    assert mean == 0.0
    assert high == pytest.approx(-low)
    assert high == pytest.approx(0.135, abs=0.005)


def test_forecasts() -> None:
    far = [Normal(1.0, 0.05, 0.05)]
    # It takes (1.645 / .04)^2 = 1,691 of information; there are 400, of 4 a session.
    assert until_known(far, 400.0, 100.0, 1.0) == "< 1,000"
    assert until_known(far, 400.0, 40.0, 1.0) == "< 200"
    assert until_known([Normal(1.0, 0.05, 0.025)], 1600.0, 100.0, 1.0) == "< 50"
    assert until_known(far, 400.0, 1000.0, 1.0) == "more"
    assert until_known(far, 0.0, 0.0, 1.0) == "more"
    # Where sessions are forgotten as fast as they come it never will be known.
    assert until_known(far, 400.0, 100.0, 0.99) == "more"


def test_values_are_frozen() -> None:
    effect = one(learn(sessions(60), NOW).learned, "good").effect
    assert replace(effect) == effect
    with pytest.raises(AttributeError):
        effect.mean = 1.0  # type: ignore[misc]
    assert isinstance(effect, Effect)
