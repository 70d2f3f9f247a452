"""The fold is a function of the set of events."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.codec import decode, encode
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.fold import fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import Account
from buildlog_git.core.session_events import Mistake, Reward, Session, SessionEnd
from tests.core.strategies import made

A, B, C, D = (Oid(letter * 40) for letter in "abcd")
COMMITS = st.sampled_from([A, B, C, D])
COUNTS = st.integers(0, 1000)
TIMES = st.integers(1_700_000_000, 1_800_000_000)

drafts = made(
    Draft, commit=COMMITS, at=TIMES, agent=st.sampled_from(["claude", "codex"]),
    channel=st.just("trailer"), tokens=COUNTS, removed=COUNTS, lines=COUNTS, files=COUNTS,
)  # fmt: skip
revisions = made(
    Revision, commit=COMMITS, at=TIMES, draft=COMMITS, by=st.sampled_from(["person", "self"]),
    way=st.sampled_from(["follow-up", "squash"]), cost=COUNTS, grow=COUNTS, lost=COUNTS,
    engine=st.integers(1, 3),
)  # fmt: skip
rewrites = made(
    Rewrite, commit=COMMITS, at=TIMES, old=COMMITS, way=st.sampled_from(["amend", "squash"])
)
settles = made(
    Settle, commit=COMMITS, at=TIMES, reason=st.sampled_from(["landed", "dropped"]), final=COMMITS
)
NAMES = st.sampled_from(["s1", "s2"])
sessions = made(
    Session, commit=COMMITS, at=TIMES, session=NAMES, branch=st.just("b"), clone=NAMES,
    worktree=st.just("w"), error_class=st.sampled_from(["tests", "general"]),
)  # fmt: skip
ends = made(
    SessionEnd, commit=COMMITS, at=TIMES, session=NAMES,
    reason=st.sampled_from(["command", "merged"]), commits=COUNTS,
)  # fmt: skip
rewards = made(
    Reward, commit=COMMITS, at=TIMES, draft=st.none() | COMMITS, source=st.just("person"),
    outcome=st.sampled_from(["accepted", "rejected"]), nonce=st.sampled_from(["", "1", "2"]),
)  # fmt: skip
mistakes = made(
    Mistake, commit=COMMITS, at=TIMES, error_class=NAMES, description=NAMES,
    source=st.just("trailer"), session=st.none() | NAMES,
)  # fmt: skip
events = st.lists(
    st.one_of(drafts, revisions, rewrites, settles, sessions, ends, rewards, mistakes), max_size=12
)


@given(events, st.randoms(use_true_random=False))
def test_shuffled_doubled_split_and_united(some: list[Event], rng: random.Random) -> None:
    cut = rng.randint(0, len(some))
    shuffled = rng.sample(some, len(some))
    assert fold(shuffled + some[cut:] + some[:cut]) == fold(some)


@given(events)
def test_written_and_read_again(some: list[Event]) -> None:
    kinds = (Draft, Revision, Rewrite, Settle, Session, SessionEnd, Reward, Mistake)
    read = [event for event in map(decode, map(encode, some)) if isinstance(event, kinds)]
    assert fold(read) == fold(some)


def draft(commit: Oid = A, at: int = 1_700_000_000) -> Draft:
    return Draft(
        commit=commit, at=at, agent="claude", channel="trailer",
        tokens=100, removed=0, lines=10, files=1,
    )  # fmt: skip


def revision(commit: Oid, at: int = 1_700_000_100, cost: int = 10) -> Revision:
    return Revision(
        commit=commit, at=at, draft=A, by="person", way="follow-up", cost=cost, lost=cost
    )


def test_only_the_revisions_of_one_history_count() -> None:
    record = fold([draft(), revision(B), revision(C, cost=20)]).drafts[0]
    assert record.account({A, B}) == Account(cost=10, lost=10)
    assert record.account({A, C}) == Account(cost=20, lost=20)
    assert record.account({A}) == Account()


def test_a_newer_measurement_replaces_an_older_one() -> None:
    old, new = revision(B), revision(B, cost=30)._replace(engine=2)
    assert fold([draft(), new, old]).drafts[0].account({B}).cost == 30


def test_what_comes_after_the_window_does_not_count() -> None:
    landed = Settle(commit=A, at=1_700_000_200, reason="landed", final=A)
    late = revision(C, at=1_700_000_201)
    record = fold([draft(), revision(B), late, landed]).drafts[0]
    assert [r.commit for r in record.counted({A, B, C})] == [B]


def test_the_earliest_landing_counts() -> None:
    first = Settle(commit=A, at=1_700_000_200, reason="landed", final=A)
    second = Settle(commit=A, at=1_700_000_900, reason="landed", final=B)
    assert fold([draft(), second, first]).drafts[0].landed == first


def test_a_rewritten_draft_is_one_draft() -> None:
    rewritten = Rewrite(commit=B, at=1_700_000_050, old=A, way="amend")
    found = fold([draft(), draft(B), rewritten]).drafts
    assert [record.draft.commit for record in found] == [A]
    assert found[0].homes == (B,)


def test_a_rewrite_of_no_draft_replaces_nothing() -> None:
    rewritten = Rewrite(commit=B, at=1_700_000_050, old=C, way="amend")
    assert [record.draft.commit for record in fold([draft(B), rewritten]).drafts] == [B]


def test_a_draft_whose_session_is_known_wins() -> None:
    seen = draft()._replace(session="s1")
    assert fold([seen, draft()]).drafts[0].draft.session == "s1"


def test_two_rewards_by_hand_are_two_and_a_message_is_one() -> None:
    by_hand = Reward(commit=A, at=1, draft=A, outcome="rejected", source="person", nonce="1")
    by_trailer = by_hand._replace(source="trailer", nonce="", declared=B)
    copied = by_trailer._replace(declared=C)
    found = fold([by_hand, by_hand._replace(nonce="2"), by_trailer, copied, copied]).rewards
    assert [(reward.source, reward.nonce) for reward in found].count(("trailer", "")) == 1
    assert len(found) == 3


def test_a_session_with_its_end() -> None:
    begun = Session(
        commit=A, at=1, session="s1", branch="b", clone="c", worktree="w", error_class="tests"
    )
    end = SessionEnd(commit=A, at=5, session="s1", reason="merged")
    other = begun._replace(session="s2")
    found = fold([end, other, begun]).sessions
    assert {record.session.session: record.end for record in found} == {"s1": end, "s2": None}
