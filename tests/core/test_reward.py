"""What outcomes are worth, and which mistakes are repeats."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.fold import Experiment
from buildlog_git.core.ids import Oid
from buildlog_git.core.mistakes import repeats
from buildlog_git.core.report import DraftItem
from buildlog_git.core.reward import RewardItem, build_rewards, reward_of
from buildlog_git.core.session_events import Given, Mistake, Reward

A, B, HOME = Oid("a" * 40), Oid("b" * 40), Oid("c" * 40)
DRAFT = DraftItem(
    commit=A, at=100, agent="claude", model=None, channel="trailer", session=None, lines=4,
    tokens=40, removed=0, distance=0.2, outcome="revision", state="provisional",
    reason="revised", self_revision=0.0, homes=(HOME,), revisions=(),
)  # fmt: skip
REWARD = Reward(commit=A, at=200, draft=A, outcome="rejected", source="person", nonce="1")


def one(*rewards: Reward, draft: DraftItem = DRAFT) -> RewardItem:
    experiment = Experiment(rewards=tuple(sorted(rewards, key=lambda r: (r.at, r.id))))
    (item,) = build_rewards("HEAD", [draft], experiment, selected=(), classes={}).rewards
    return item


@given(st.sampled_from(["accepted", "revision", "rejected"]), st.none() | st.floats(0, 1))
def test_a_reward_is_from_0_to_1(outcome: Given, distance: float | None) -> None:
    assert 0 <= reward_of(outcome, distance) <= 1


def test_a_measured_one() -> None:
    item = one()
    assert (item.reward, item.source, item.given) == (0.8, "git", 0)


@pytest.mark.parametrize(
    "change", [{"state": "open"}, {"outcome": "unmeasurable"}, {"distance": None}]
)
def test_null_while_nothing_can_be_said(change: dict[str, str]) -> None:
    assert one(draft=replace(DRAFT, **change)).reward is None  # type: ignore[arg-type]


def test_the_last_that_was_given_counts() -> None:
    later = REWARD._replace(at=300, outcome="accepted", nonce="2")
    item = one(later, REWARD)
    assert (item.reward, item.outcome, item.given) == (1.0, "accepted", 2)
    assert item.distance == 0.2


def test_one_that_was_given_to_a_new_form_of_the_draft() -> None:
    assert one(REWARD._replace(draft=HOME)).reward == 0.0


def test_one_for_no_draft_is_listed_in_range_only() -> None:
    experiment = Experiment(rewards=(REWARD._replace(draft=None, commit=B),))
    inside = build_rewards("HEAD", [], experiment, selected=(B,), classes={})
    assert (inside.total, inside.rejected, inside.mean) == (1, 1, 0.0)
    assert build_rewards("HEAD", [], experiment, selected=(), classes={}).rewards == ()


def mistake(text: str, at: int = 1, error_class: str = "tests", session: str = "s1") -> Mistake:
    return Mistake(
        commit=A, at=at, error_class=error_class, description=text, source="trailer",
        session=session,
    )  # fmt: skip


def test_repeats() -> None:
    first = mistake("Forgot to close the file handle")
    same = mistake("forgot: to close the FILE handle!", 2, session="s2")
    near = mistake("forgot to close the file handle again", 3, session="s3")
    far = mistake("forgot to open a window", 4, session="s4")
    other = mistake("Forgot to close the file handle.", 5, "docs", "s5")
    twice = mistake("forgot to close the file handle, twice", 6)
    found = repeats([first, same, near, far, other])
    assert found == {same.id: first.id, near.id: first.id}
    assert twice.id not in repeats([first, twice])  # the same session


def test_a_repeat_that_somebody_said() -> None:
    said = mistake("quite another one", 2, session="s2")._replace(repeat_of="0123")
    assert repeats([mistake("one"), said]) == {said.id: "0123"}
