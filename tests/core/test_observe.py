"""What the learning sees of a session, from literal events."""

from __future__ import annotations

from typing import Any

from buildlog_git.core.choice import Candidate, Wanted, draw
from buildlog_git.core.events import Event
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.observation import RuleText
from buildlog_git.core.observe import exposed, is_drawn, observe
from buildlog_git.core.report import DraftItem
from buildlog_git.core.reward import build_rewards
from buildlog_git.core.session_events import Exposure, Mistake, Reward, Session

A, B, C = Oid("a" * 40), Oid("b" * 40), Oid("c" * 40)
RULES = (Candidate("one", "t1"), Candidate("two", "t2"), Candidate("three", "t3"))


def session(name: str, at: int = 1, **fields: Any) -> Session:
    drawn = draw(name, Wanted(RULES, k=2, **fields))._asdict()
    return Session(
        commit=A, at=at, session=name, branch="b", clone="c", worktree="w",
        error_class="bugfix", **drawn,
    )  # fmt: skip


def shown(of: Session, state: Any = "shown", exposure: str | None = None) -> Exposure:
    return Exposure(
        commit=A, at=of.at, session=of.session, channel="file", state=state, rules=of.rules,
        exposure=of.exposure if exposure is None else exposure, targets=("claude",),
    )  # fmt: skip


def draft(commit: Oid, session: str | None, distance: float | None, **fields: Any) -> DraftItem:
    told: dict[str, Any] = {
        "agent": "claude", "model": None, "channel": "trailer", "lines": 3, "tokens": 30,
        "removed": 0, "outcome": "accepted", "state": "provisional", "reason": "kept",
        "self_revision": 0.0, "homes": (), "revisions": (),
    }  # fmt: skip
    return DraftItem(commit=commit, at=5, session=session, distance=distance, **{**told, **fields})


def seen(events: list[Event], *drafts: DraftItem) -> Any:
    experiment = fold(events)
    rewards = build_rewards("all", drafts, experiment, selected={A, B, C}, classes={}).rewards
    return {o.session: o for o in observe(experiment, drafts, rewards)}


def test_a_session_that_was_shown_is_randomised() -> None:
    begun = session("s1")
    found = seen([begun, shown(begun)], draft(B, "s1", 0.25), draft(C, "s1", 0.0, state="open"))
    only = found["s1"]
    assert only.randomised
    assert set(only.drawn) == {RuleText(*c) for c in RULES if c.rule in begun.drawn}
    assert {offered.rule for offered in only.offered} == {"one", "two", "three"}
    assert (only.rewards, only.censored, only.agent) == ((0.75,), 1, "claude")
    assert (only.error_class, only.tokens, only.mistakes) == ("bugfix", 30, None)


def test_what_nobody_saw_shown_is_only_observed() -> None:
    never, lost, other, fine = (session(name) for name in ("never", "lost", "other", "fine"))
    old = session("old")._replace(weights=(), texts=())
    events: list[Event] = [
        never, lost, shown(lost), shown(lost, "lost"), other, shown(other, exposure="else"),
        fine, shown(fine), old, shown(old),
    ]  # fmt: skip
    found = seen(events)
    assert {name for name, o in found.items() if o.randomised} == {"fine"}
    counts = exposed(fold(events), found.values())
    assert (counts.sessions, counts.confirmed, counts.unconfirmed, counts.observed) == (5, 1, 3, 1)


def test_a_draw_that_cannot_be_made_again_is_only_observed() -> None:
    fine = session("fine")
    swapped = session("swapped")
    swapped = swapped._replace(drawn=swapped.held, held=swapped.drawn)
    bent = session("bent")._replace(weights=(1.0,) * len(fine.offered))
    always = session("always")._replace(pinned=fine.offered[:1])
    texts = session("texts")
    texts = texts._replace(texts=texts.texts[::-1])
    begun = (fine, swapped, bent, always, texts)
    found = seen([event for each in begun for event in (each, shown(each))])
    assert {name for name, o in found.items() if o.randomised} == {"fine"}


def test_an_agent_for_which_nothing_was_put_has_no_rules() -> None:
    """Rules for Claude Code say nothing of what aider did in the same session."""
    begun = session("s1")
    other = draft(C, "s1", 0.5, agent="aider")
    assert seen([begun, shown(begun)], draft(B, "s1", 0.25))["s1"].randomised
    assert not seen([begun, shown(begun)], draft(B, "s1", 0.25), other)["s1"].randomised


def test_what_a_person_forces_or_takes_off_is_apart() -> None:
    plain = session("s")
    off = session("s", forced=(Candidate("mine", "t9"),), removed=plain.drawn[:1])
    only = seen([off])["s"]
    assert {rule.rule for rule in only.forced} == {"mine", plain.drawn[0]}
    assert {rule.rule for rule in only.drawn} == {plain.drawn[1]}


def test_a_control_has_no_rule_by_the_draw() -> None:
    control = session("s", holdout=1.0)
    only = seen([control, shown(control)])["s"]
    assert (only.control, only.drawn, only.randomised) == (True, (), True)


def test_a_reward_outside_of_a_session_is_as_if_forced() -> None:
    said = Reward(commit=B, at=9, outcome="revision", distance=0.4, source="person", rules=("x",))
    (only,) = seen([said]).values()
    assert (only.randomised, only.rewards) == (False, (0.6,))
    assert only.forced == (RuleText("x"),)


def test_mistakes_count_where_people_log_them() -> None:
    before, first, later = (session(name, at) for at, name in enumerate(("s0", "s1", "s2"), 1))
    mistake = Mistake(
        commit=A, at=2, error_class="bugfix", description="forgot", source="person", session="s1"
    )
    found = seen([before, first, later, mistake])
    assert [found[name].mistakes for name in ("s0", "s1", "s2")] == [None, 1, 0]


def test_a_draw_without_the_texts_that_it_was_made_of_cannot_be_made_again() -> None:
    whole = session("s")
    assert is_drawn(whole)
    parts: tuple[dict[str, Any], ...] = (
        {"texts": ()},
        {"weights": ()},
        {"texts": (), "weights": ()},
    )
    for part in parts:
        assert not is_drawn(whole._replace(**part))
