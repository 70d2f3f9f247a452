"""The policy of what is believed: exact weights, plain numbers, fast enough for a checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.choice import Candidate, Chance, Wanted, draw, drawn_again
from buildlog_git.core.ids import Oid
from buildlog_git.core.observation import RuleText
from buildlog_git.core.session_events import Session
from buildlog_git.core.thompson import (
    UNIFORM_PART,
    Beliefs,
    Imagined,
    Thompson,
    beliefs_from,
)

RULES = tuple(RuleText(f"rule-{number}", "0") for number in range(4))
OFFERED = tuple(Candidate(*rule) for rule in RULES)
NARROW = ((0.01,), (0.0, 0.01), (0.0, 0.0, 0.01), (0.0, 0.0, 0.0, 0.01))
KNOWN = Beliefs(
    "general",
    RULES,
    (
        Imagined(0.75, (0.1, 0.0, 0.0, -0.1), NARROW, 0.1),
        Imagined(0.25, (0.1, 0.1, 0.0, -0.1), NARROW, 0.1),
    ),
)


def weights(policy: Thompson, k: int, offered: tuple[Candidate, ...] = OFFERED) -> list[float]:
    return list(policy.weigh(offered, k, Chance("seed")))


def test_what_is_sure_to_help_is_on_and_what_harms_is_off() -> None:
    best, other, even, worst = weights(Thompson(KNOWN), 1)
    least = UNIFORM_PART / 4
    # The first is the best but for the quarter in which the second may be better.
    assert best == pytest.approx(0.75 + 0.125, abs=0.05)
    assert other == pytest.approx(0.125, abs=0.05)
    assert (even, worst) == pytest.approx((least, least), abs=1e-9)


def test_at_most_k_are_on_and_none_that_is_believed_to_harm() -> None:
    found = weights(Thompson(KNOWN), 4)
    assert found[0] == pytest.approx(1.0)
    assert found[3] == pytest.approx(UNIFORM_PART)
    assert weights(Thompson(KNOWN), 0) == [0.0] * 4


def test_nothing_known_is_even() -> None:
    found = weights(Thompson(), 2)
    assert found == pytest.approx([0.5] * 4, abs=0.12)
    assert sum(found) <= 2


def test_a_changed_text_begins_where_the_last_one_is() -> None:
    changed = (Candidate("rule-0", "new"), Candidate("unknown", "0"), Candidate("rule-3", "new"))
    best, other, worst = weights(Thompson(KNOWN, explore=0.2), 1, changed)
    assert best > 0.9 > 0.1 > other
    assert worst == pytest.approx(UNIFORM_PART / 3, abs=1e-9)


@given(
    st.lists(st.tuples(st.floats(-0.3, 0.3), st.floats(0.001, 0.2)), min_size=1, max_size=8),
    st.integers(0, 9),
    st.integers(0, 3),
    st.text(),
)
def test_weights_are_probabilities(
    known: list[tuple[float, float]], k: int, new: int, seed: str
) -> None:
    rules = tuple(RuleText(f"r{number}") for number in range(len(known)))
    rows = tuple(
        tuple(sd if column == row else 0.001 for column in range(row + 1))
        for row, (_, sd) in enumerate(known)
    )
    beliefs = Beliefs("", rules, (Imagined(1.0, tuple(mean for mean, _ in known), rows, 0.1),))
    offered = [Candidate(*rule) for rule in rules] + [Candidate(f"new {n}") for n in range(new)]
    found = Thompson(beliefs).weigh(offered, k, Chance(seed))
    assert len(found) == len(offered)
    assert all(0 <= weight <= 1 for weight in found)
    assert sum(found) <= k + 1e-9
    assert k == 0 or min(found) > 0
    assert found == Thompson(beliefs).weigh(offered, k, Chance(seed))


def test_rules_are_drawn_as_often_as_is_written_down() -> None:
    beliefs = KNOWN._replace(points=(KNOWN.points[0]._replace(mean=(0.02, 0.01, 0.0, -0.01)),))
    policy = Thompson(beliefs, 0.5, "evidence")
    seen: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for number in range(800):
        made = draw(f"session {number}", Wanted(OFFERED, k=2, holdout=0.1), policy)
        event = Session(
            commit=Oid("a" * 40), at=0, session=f"session {number}", branch="", clone="",
            worktree="", error_class="general", **made._asdict(),
        )  # fmt: skip
        assert drawn_again(event) == made.drawn
        assert (made.policy, made.explore, made.evidence) == ("thompson", 0.5, "evidence")
        seen.update(made.drawn)
        told.update(dict(zip(made.offered, made.probability, strict=True)))
    for rule, _ in RULES:
        assert seen[rule] / 800 == pytest.approx(told[rule] / 800, abs=0.05)


def test_beliefs_are_plain_numbers() -> None:
    assert beliefs_from(json.loads(json.dumps(KNOWN.plain()))) == KNOWN
    with pytest.raises(ValueError, match="no beliefs"):
        beliefs_from(["general"])
    with pytest.raises(ValueError, match="no beliefs"):
        beliefs_from(["general", [], [[1.0, [0.1], [], 0.1]]])
    with pytest.raises(ValueError, match="no beliefs"):
        beliefs_from(["general", [["rule"]], None])
    with pytest.raises(ValueError, match="no beliefs"):
        beliefs_from(["general", [], [[0.0, [], [], 0.1]]])


@pytest.mark.parametrize(
    "point",
    [
        [1.0, [0.1, 0.1], [[0.1], [0.0, 0.1]], 0.1],  # of two rules, where there is one
        [1.0, [], [], 0.1],
        [1e308, [0.1], [[0.1]], 0.1],  # a sum of such weights is beyond all numbers
        [10**400, [0.1], [[0.1]], 0.1],
        [float("nan"), [0.1], [[0.1]], 0.1],
        [1.0, [10**400], [[0.1]], 0.1],
        [1.0, [float("inf")], [[0.1]], 0.1],
        [1.0, [0.1], [[float("nan")]], 0.1],
        [1.0, [0.1], [[0.1]], float("inf")],
        [1.0, [0.1], [[0.1]], "wide"],
    ],
)
def test_what_no_draw_could_use_is_no_belief(point: list[object]) -> None:
    assert beliefs_from(["", [["rule", "0"]], [[1, [0.1], [[0.1]], 0.1]]]).points
    with pytest.raises(ValueError, match="no beliefs"):
        beliefs_from(["", [["rule", "0"]], [point]])


def test_a_draw_needs_no_numpy() -> None:
    program = "import sys, buildlog_git.core.thompson; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
