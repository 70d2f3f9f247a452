"""The draw: pure, replayable, and as probable as it says."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.choice import Candidate, Chance, Wanted, draw, drawn_again, pivotal
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Session

RULES = tuple(Candidate(f"rule-{number}", f"{number:016x}") for number in range(6))

candidates = st.lists(
    st.builds(Candidate, st.text("abcdef", min_size=1, max_size=4), st.text("01", max_size=3)),
    max_size=8,
    unique_by=lambda candidate: candidate.rule,
).map(tuple)
wanted = st.builds(
    Wanted, candidates, st.integers(0, 9), st.floats(0, 1), candidates, st.just(("seed",))
)


@given(st.text(), wanted, st.randoms(use_true_random=False))
def test_the_same_draw_whatever_the_order(session: str, some: Wanted, rng: Random) -> None:
    shuffled = rng.sample(some.candidates, len(some.candidates))
    assert draw(session, some) == draw(session, some._replace(candidates=tuple(shuffled)))


@given(st.text(), wanted)
def test_what_a_draw_holds(session: str, some: Wanted) -> None:
    made = draw(session, some)
    assert made.offered == tuple(sorted(candidate.rule for candidate in some.candidates))
    assert set(made.drawn) | set(made.held) == set(made.offered)
    assert not set(made.drawn) & set(made.held)
    assert len(made.drawn) <= some.k
    assert len(made.probability) == len(made.offered)
    assert all(0 <= share <= 1 for share in made.probability)
    assert all(dict(zip(made.offered, made.probability, strict=True))[on] > 0 for on in made.drawn)
    if made.arm == "control":
        assert made.offered
        assert not made.drawn
    assert (made.arm == "forced") == bool(some.forced)


def test_each_rule_is_drawn_as_often_as_it_says() -> None:
    some = Wanted(RULES, k=2, holdout=0.1)
    draws = [draw(f"session {number}", some) for number in range(4000)]
    assert set(draws[0].probability) == {0.9 * 2 / 6}
    seen = Counter(rule for made in draws for rule in made.drawn)
    for rule, _ in RULES:
        assert abs(seen[rule] / 4000 - 0.3) < 0.03
    controls = sum(made.arm == "control" for made in draws)
    assert abs(controls / 4000 - 0.1) < 0.02
    pairs = Counter(made.drawn for made in draws if made.drawn)
    assert len(pairs) == 15  # every pair comes up


@given(st.text(), wanted)
def test_a_draw_can_be_made_again_from_its_event(session: str, some: Wanted) -> None:
    event = Session(
        commit=Oid("a" * 40), at=0, session=session, branch="", clone="", worktree="",
        error_class="general", **draw(session, some)._asdict(),
    )  # fmt: skip
    assert drawn_again(event) == event.drawn


@given(st.text(), st.lists(st.floats(0, 1), max_size=12))
def test_as_many_are_taken_as_the_weights_sum_up_to(seed: str, weights: list[float]) -> None:
    taken = pivotal(weights, Chance(seed))
    assert len(set(taken)) == len(taken)
    assert abs(len(taken) - sum(weights)) < 1 + 1e-6
    assert all(weights[number] > 0 for number in taken)
    assert all(number in taken for number, weight in enumerate(weights) if weight == 1)


def test_each_unit_is_taken_with_its_own_weight() -> None:
    weights = [0.9, 0.5, 0.31, 0.15, 0.09, 0.05, 0.0, 1.0]
    seen = Counter(
        number for seed in range(6000) for number in pivotal(weights, Chance(f"s{seed}"))
    )
    for number, weight in enumerate(weights):
        assert abs(seen[number] / 6000 - weight) < 0.02


def test_what_a_person_takes_off_is_drawn_and_not_on() -> None:
    plain = draw("s", Wanted(RULES, k=2))
    off = draw("s", Wanted(RULES, k=2, removed=plain.drawn[:1] + plain.held[:1]))
    assert (off.drawn, off.removed, off.arm) == (plain.drawn, plain.drawn[:1], "forced")
    assert off.exposure == draw("s", Wanted(RULES, k=2, removed=plain.drawn[:1])).exposure


def test_a_literal_draw() -> None:
    """Draws that were written down can be made again, also by later versions."""
    made = draw("0123456789abcdef", Wanted(RULES, k=2, holdout=0.03))
    assert made.drawn == ("rule-3", "rule-5")
    assert made.digest == "23a0384075c71df8"


def test_forced_rules_are_apart_from_the_draw() -> None:
    plain = draw("s", Wanted(RULES, k=2))
    forced = draw("s", Wanted(RULES, k=2, forced=(Candidate("mine", "ff"),)))
    assert (forced.drawn, forced.probability) == (plain.drawn, plain.probability)
    assert (forced.forced, forced.arm, plain.arm) == (("mine",), "forced", "uniform")
    assert forced.exposure != plain.exposure


def test_another_text_is_another_digest_and_exposure() -> None:
    reworded = tuple(Candidate(rule, "new") for rule, _ in RULES)
    one, other = draw("s", Wanted(RULES, k=6)), draw("s", Wanted(reworded, k=6))
    assert one.drawn == other.drawn
    assert one.digest != other.digest
    assert one.exposure != other.exposure


def test_nothing_offered_is_no_control() -> None:
    assert draw("s", Wanted(k=3, holdout=1.0)).arm == "uniform"
    assert draw("s", Wanted(RULES, k=3, holdout=1.0)).arm == "control"
    assert draw("s", Wanted(RULES, k=0)).drawn == ()


@given(st.text(), st.integers(1, 1000))
def test_chance_stays_in_its_bounds(seed: str, limit: int) -> None:
    chance = Chance(seed)
    assert all(0 <= chance.share() < 1 for _ in range(5))
    assert all(0 <= chance.below(limit) < limit for _ in range(5))
