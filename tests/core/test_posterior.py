"""The posterior: what a literal set of sessions says, whatever its order and its copies."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buildlog_git.core import design, evidence, solve
from buildlog_git.core.evidence import ERA, HALF_LIFE, ages_of, gather, spared_mistakes
from buildlog_git.core.moments import DAY
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.posterior import Posterior, fit, posterior_of
from buildlog_git.core.solve import CHANGED, EARLIER, TAUS

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
    apart: int = 7200,
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
                at=START + number * apart,
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
@given(st.randoms(use_true_random=False), st.integers(0, 60), st.integers(1, 3), st.integers(1, 70))
def test_sums_of_clones_add(rng: Random, count: int, classes: int, hours: int) -> None:
    some = sessions(count, classes=classes, apart=hours * 3600)
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
    assert posterior.doubts == pytest.approx([0.2] * 5)
    assert posterior.noise == (0.06, 0.006)
    assert gather(sessions(3), NOW, spared_mistakes).sessions == 0


def test_a_clock_ten_years_ahead_changes_its_own_session_only() -> None:
    some = sessions(300)
    ahead = [some[150]._replace(at=some[150].at + 3650 * DAY)]
    rest = some[:150] + some[151:]
    plain, odd = fit(some, some[-1].at), fit(rest + ahead, some[-1].at)
    assert odd.newest == plain.newest
    for rule in RULES:
        assert mean_of(odd, rule) == pytest.approx(mean_of(plain, rule), abs=0.01)


def test_a_clock_ten_years_ahead_discounts_nothing_where_the_report_is_made() -> None:
    """Half of the sessions, and the report, come from the clone whose clock is wrong."""
    some = sessions(300)
    later = 3650 * DAY
    ahead = [one._replace(at=one.at + later) if number % 2 else one
             for number, one in enumerate(some)]  # fmt: skip
    plain, odd = fit(some, some[-1].at), fit(ahead, some[-1].at + later)
    assert odd.weight > 0.7 * plain.weight
    for rule in RULES:
        assert mean_of(odd, rule) == pytest.approx(mean_of(plain, rule), abs=0.03)


def test_half_as_much_after_sixty_days() -> None:
    assert ages_of([0, 60 * DAY, 90 * DAY], 90 * DAY) == (90 * DAY, [90 * DAY, 30 * DAY, 0])
    old = [one._replace(at=one.at - 60 * DAY) for one in sessions(1)]
    evidence = gather(old + sessions(1, prefix="t"), NOW)
    assert sum(sums.weight for sums in evidence.cells.values()) == pytest.approx(1.5)


def test_only_a_known_draw_tells_of_a_rule() -> None:
    guessed = [one._replace(randomised=False) for one in sessions(300)]
    posterior = fit(guessed, NOW)
    assert posterior.design.rules == ()
    assert posterior.without_prior(RULES[0]) is None
    # Together with the others they change little, whatever they say.
    true = sessions(300)
    lying = [one._replace(rewards=tuple(0.0 for _ in one.rewards), session="x" + one.session)
             for one in guessed]  # fmt: skip
    for rule in RULES:
        told = mean_of(fit(true + lying, NOW), rule)
        assert told == pytest.approx(mean_of(fit(true, NOW), rule), abs=0.03)


def test_what_people_force_stands_apart() -> None:
    """A rule that people put on in hard sessions does not look as if it harmed."""
    rng = Random(3)
    found = []
    for one in sessions(400, effects=(0.0,)):
        if rng.random() < 0.3:
            worse = tuple(max(0.0, reward - 0.3) for reward in one.rewards)
            found.append(one._replace(forced=RULES[:1], rewards=worse))
        else:
            found.append(one)
    assert mean_of(fit(found, NOW), RULES[0]) == pytest.approx(0.0, abs=0.06)


def test_a_changed_text_begins_where_the_old_one_was() -> None:
    new = RuleText("rule-0", "1")
    posterior = fit(sessions(300), NOW)
    assert mean_of(posterior, new) == pytest.approx(mean_of(posterior, RULES[0]))
    changed = [
        one._replace(
            at=one.at + 30 * DAY, drawn=tuple(new if on == RULES[0] else on for on in one.drawn)
        )
        for one in sessions(8, seed=7, prefix="t")
    ]
    later = fit(sessions(300) + changed, NOW)
    place = later.design.rules.index(new)
    assert later.design.before[place] == later.design.rules.index(RULES[0])
    assert mean_of(later, new) > 0.1
    # It is a rule of its own: what is known of the old text pulls, and does not bind.
    part, old = (later.effects([text])[-1] for text in (new, RULES[0]))
    assert part.cov[0, 0] > 2 * old.cov[0, 0]


def test_classes_share_what_they_know() -> None:
    some = [one._replace(error_class="often") for one in sessions(300)]
    few = [one._replace(error_class="since_without") for one in sessions(3, seed=5, prefix="t")]
    posterior = fit(some + few, NOW)
    assert mean_of(posterior, RULES[0], "since_without") > 0.1
    assert mean_of(posterior, RULES[0], "never seen") > 0.1


def test_agents_differ_and_are_no_effect_of_rules() -> None:
    worse = [
        one._replace(agent="b", rewards=tuple(max(0.0, r - 0.25) for r in one.rewards))
        if number % 2
        else one._replace(agent="a")
        for number, one in enumerate(sessions(400))
    ]
    posterior = fit(worse, NOW)
    assert ("agent", "b") in posterior.design.scopes
    assert mean_of(posterior, RULES[0]) == pytest.approx(0.2, abs=0.06)


def test_every_point_of_the_grid_is_the_normal_equations(monkeypatch: pytest.MonkeyPatch) -> None:
    """The elimination and the sums give what the plain algebra over all rows gives."""
    monkeypatch.setattr(solve, "SPEAKS", 1e-9)
    some = [one._replace(seeds=frozenset({"rule-1"})) for one in sessions(40, classes=2, apart=DAY)]
    posterior = fit(some, NOW)
    newest, ages = ages_of([one.at for one in some], NOW)
    assert len({point.changed for point in posterior.points}) > 3
    weeks = sorted({one.at // (7 * DAY) for one in some})
    names = ("class-0", "class-1")
    rows, outcomes, precisions = [], [], []
    for one, age in zip(some, ages, strict=True):
        week = one.at // (7 * DAY)
        own = [float(name == one.error_class) for name in names]
        on = [float(rule in one.drawn) for rule in RULES]
        walk = [float(week >= start) for start in weeks[1:]]
        groups = [on[1], sum(on) - on[1]]
        deviate = [share * put for share in own for put in on]
        rows.append([1.0, *walk, *own, *groups, *on, *deviate])
        outcomes.append(sum(one.rewards) / len(one.rewards) - 0.5)
        precisions.append(2 ** (-age / HALF_LIFE) / posterior.noise.of(len(one.rewards)))
    weight = np.array(precisions)
    first = 1 + len(weeks) - 1 + 2
    now = slice(first, first + posterior.design.effects)
    walk = [0.03 * (b - a) ** 0.5 for a, b in pairwise(weeks)]
    for point in posterior.points:
        before = [one.at // ERA < (point.changed or 0) for one in some]
        earlier = [
            [float(rule in one.drawn) * was for rule in RULES]
            for one, was in zip(some, before, strict=True)
        ]
        matrix = np.hstack([np.array(rows), np.array(earlier)])
        own = [point.tau] * 6 + [point.tau * point.rho] * 12 + [point.tau * EARLIER] * 6
        prior = np.array([0.5, *walk, 0.1, 0.1, 0.05, 0.05, *own])
        precision = matrix.T @ (matrix * weight[:, None]) + np.diag(1 / prior**2)
        mean = np.linalg.solve(precision, matrix.T @ (weight * np.array(outcomes)))
        assert np.allclose(point.mean, mean[now], atol=1e-9)
        assert np.allclose(point.cov, np.linalg.inv(precision)[now, now], atol=1e-9)
    assert sum(point.weight for point in posterior.points) == pytest.approx(1.0)
    assert newest == some[-1].at


def test_grid_points_are_weighted_by_their_marginal_likelihood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also those in which effects have changed, of the sizes that are believed without."""
    monkeypatch.setattr(solve, "SPEAKS", 1e-9)
    some = [one._replace(rewards=one.rewards[:1]) for one in sessions(30, apart=DAY)]
    posterior = fit(some, NOW)
    _, ages = ages_of([one.at for one in some], NOW)
    weight = np.exp2(-np.array(ages) / HALF_LIFE) / posterior.noise.of(1)
    outcomes = np.array([one.rewards[0] - 0.5 for one in some])
    on = np.array([[float(rule in one.drawn) for rule in RULES] for one in some])
    weeks = [one.at // (7 * DAY) for one in some]
    eras = np.array([one.at // ERA for one in some])
    edges = [max(eras) - back for back in (0, 1, 2, 4, 7) if max(eras) - back > min(eras)]
    assert {point.changed for point in posterior.points} == {None, *edges}
    logs = []
    for point in posterior.points:
        cov = np.diag(1 / weight) + 0.5**2 + on @ on.T * point.tau**2
        cov += 0.05**2 * np.outer(on.sum(axis=1), on.sum(axis=1))
        cov += [[0.03**2 * (min(a, b) - weeks[0]) for a in weeks] for b in weeks]
        if point.changed is not None:
            earlier = on * (eras < point.changed)[:, None]
            cov += earlier @ earlier.T * (EARLIER * point.tau) ** 2
        stays = 1 - CHANGED * len(edges)
        share = dict(TAUS)[point.tau] * (stays if point.changed is None else CHANGED)
        fit_of = outcomes @ np.linalg.solve(cov, outcomes)
        logs.append(np.log(share) - np.linalg.slogdet(cov)[1] / 2 - fit_of / 2)
    weights = np.exp(np.array(logs) - max(logs))
    assert np.allclose([p.weight for p in posterior.points], weights / weights.sum(), atol=1e-9)


def test_a_change_of_what_rules_do_is_found_out() -> None:
    """Also of a rule that is never on since: nobody is sure any more that it still harms."""
    old, new = (0.15, -0.15, 0.0), (0.0, 0.0, 0.15)
    before = sessions(300, effects=old)
    later = sessions(200, seed=2, effects=new, prefix="t")
    since = [one._replace(at=one.at + 28 * DAY) for one in later]
    same = sessions(200, seed=2, effects=old, prefix="t")
    as_ever = [one._replace(at=one.at + 28 * DAY) for one in same]

    def spread(rows: list[Observation], rule: RuleText) -> float:
        parts = fit(rows, NOW).effects([rule])
        return sum(part.weight * float(part.cov[0, 0]) for part in parts)

    since_without = [one for one in since if RULES[1] not in one.drawn]
    ever_without = [one for one in as_ever if RULES[1] not in one.drawn]
    posterior = fit(before + since_without, NOW)
    assert mean_of(posterior, RULES[0]) == pytest.approx(0.0, abs=0.05)
    assert mean_of(posterior, RULES[2]) == pytest.approx(0.15, abs=0.05)
    assert sum(p.weight for p in posterior.points if p.changed is not None) > 0.99
    stays = fit(before + ever_without, NOW)
    assert {point.changed for point in stays.points} == {None}
    assert spread(before + since_without, RULES[1]) > 4 * spread(before + ever_without, RULES[1])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_rewards_that_are_all_alike(value: float) -> None:
    some = [one._replace(rewards=tuple(value for _ in one.rewards)) for one in sessions(200)]
    posterior = fit(some, NOW)
    assert posterior.noise.sigma2 < 0.01
    for rule in RULES:
        assert mean_of(posterior, rule) == pytest.approx(0.0, abs=0.02)


def test_all_are_forced() -> None:
    forced = [one._replace(forced=RULES) for one in sessions(50)]
    posterior = fit(forced, NOW)
    assert posterior.design.rules == ()
    assert mean_of(posterior, RULES[0]) == 0.0


def test_a_hundred_rules() -> None:
    rules = tuple(RuleText(f"rule-{number:03}", "0") for number in range(100))
    posterior = fit(sessions(150, rules=rules), NOW)
    assert len(posterior.design.rules) > 90
    beliefs = posterior.beliefs(rules[:15], "class-0")
    assert len(beliefs.points[0].mean) == 15
    assert sum(point.weight for point in beliefs.points) == pytest.approx(1.0)


def many(count: int, of: str) -> list[Observation]:
    """Return sessions in each of which one thing is as in no other."""
    return [
        Observation(
            f"{number:08}",
            NOW - number * 3600,
            f"class {number}" if of == "class" else "general",
            agent=f"agent {number % 60}" if of == "agent" else "",
            drawn=(RuleText(f"r{number}" if of == "rule" else "r", "0"),) * (number % 2),
            forced=tuple(RuleText(f"f{number}-{n}") for n in range(4)) if of == "forced" else (),
            rewards=(0.8 if number % 2 else 0.6,),
        )
        for number in range(count)
    ]


@pytest.mark.parametrize("of", ["class", "agent", "rule", "forced"])
def test_too_many_of_anything_are_learned_about_together(
    monkeypatch: pytest.MonkeyPatch, of: str
) -> None:
    """Ledgers are what others write too: no size of one may cost the cube of it."""
    monkeypatch.setattr(design, "MOST_DEVIATIONS", 70)
    monkeypatch.setattr(evidence, "MOST_RULES", 40)
    posterior = fit([*sessions(60), *many(300, of)], NOW)
    assert len(posterior.design.rules) <= 40
    assert posterior.design.effects <= 2 + 40 + 70
    assert posterior.design.nuisance < 150
    assert posterior.sessions > 60
    assert np.isfinite(numbers(posterior)).all()
    rule = RuleText("r", "0")
    if of in ("class", "agent"):
        assert 7 <= len(posterior.design.scopes) <= 10
        assert mean_of(posterior, rule) > 0.05
        assert mean_of(posterior, rule, "never seen") > 0.05
    assert mean_of(posterior, RULES[0]) > 0.05 > -0.05 > mean_of(posterior, RULES[1])
