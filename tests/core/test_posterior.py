"""The posterior: what a literal set of sessions says, whatever its order and its copies."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildlog_git.core.evidence import DAY, gather, spared_mistakes
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.posterior import Posterior, fit, posterior_of

RULES = tuple(RuleText(f"rule-{number}", "0") for number in range(6))
START = 1_700_000_000
NOW = START + 400 * DAY


def sessions(
    count: int,
    seed: int = 1,
    effects: tuple[float, ...] = (0.2, -0.2),
    classes: int = 1,
    rules: tuple[RuleText, ...] = RULES,
    prefix: str = "s",
) -> list[Observation]:
    """Return sessions in which two of the rules were on by a uniform draw."""
    rng = Random(seed)
    found = []
    for number in range(count):
        on = tuple(sorted(rng.sample(rules, 2))) if rng.random() > 0.1 else ()
        true = dict(zip(rules, effects, strict=False))
        mean = 0.5 + rng.gauss(0, 0.08) + sum(true.get(rule, 0.0) for rule in on)
        values = [rng.gauss(mean, 0.2) for _ in range(rng.randint(1, 4))]
        found.append(
            Observation(
                session=f"{prefix}{number:05}",
                at=START + number * 7200,
                error_class=f"class-{rng.randrange(classes)}",
                offered=rules,
                drawn=on,
                control=not on,
                rewards=tuple(min(1.0, max(0.0, value)) for value in values),
            )
        )
    return found


def numbers(posterior: Posterior) -> list[float]:
    """Return all that a posterior knows, as one row."""
    row = [*posterior.noise, posterior.weight]
    for point in posterior.points:
        row += [point.weight, *point.mean.tolist(), *point.cov.ravel().tolist()]
    return row


def mean_of(posterior: Posterior, rule: RuleText, error_class: str | None = None) -> float:
    return sum(part.weight * float(part.mean[0]) for part in posterior.effects([rule], error_class))


def test_effects_are_found() -> None:
    posterior = fit(sessions(400), NOW)
    assert mean_of(posterior, RULES[0]) == pytest.approx(0.2, abs=0.05)
    assert mean_of(posterior, RULES[1]) == pytest.approx(-0.2, abs=0.05)
    assert mean_of(posterior, RULES[2]) == pytest.approx(0.0, abs=0.05)


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 60), st.integers(1, 3))
def test_a_set_has_no_order_and_no_copies(rng: Random, count: int, classes: int) -> None:
    some = sessions(count, classes=classes)
    mixed = some + rng.sample(some, len(some) // 2)
    rng.shuffle(mixed)
    assert numbers(fit(mixed, NOW)) == numbers(fit(some, NOW))


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(0, 60), st.integers(1, 3))
def test_sums_of_clones_add(rng: Random, count: int, classes: int) -> None:
    some = sessions(count, classes=classes)
    clones: list[list[Observation]] = [[], [], []]
    for observation in some:
        rng.choice(clones).append(observation)
    whole = sum((gather(clone, NOW) for clone in clones[1:]), gather(clones[0], NOW))
    together = numbers(posterior_of(whole)) if some else numbers(fit([], NOW))
    assert np.allclose(together, numbers(fit(some, NOW)), rtol=0, atol=1e-9)


def test_nothing_is_the_prior() -> None:
    posterior = fit([], NOW)
    (part, *_) = posterior.effects(RULES[:2], "any")
    assert part.mean.tolist() == [0.0, 0.0]
    assert [round(point.weight, 9) for point in posterior.points] == [0.01, 0.03, 0.16, 0.45, 0.35]
    assert posterior.noise == (0.06, 0.006)
    assert gather(sessions(3), NOW, spared_mistakes).sessions == 0
