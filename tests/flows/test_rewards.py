"""When a draft has a reward: open, provisional, settled, in every way that it comes to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Session
from buildlog_git.flows.rewards import give_reward, make_rewards
from buildlog_git.flows.scan import scan
from tests.builder import DAY, HOUR, Repo
from tests.flows.play import FRESH, MINE, context, text

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.reward import RewardItem


@pytest.fixture
def drafted(repo: Repo) -> Repo:
    """Give a repository with one draft on a branch that has not landed."""
    repo.commit({"base.py": "base = 1\n"}).switch("topic", create=True)
    return repo.agent_commit({"a.py": text(MINE)})


def item(repo: Repo, after: int = HOUR, *revisions: str) -> RewardItem:
    """Return the one reward, ``after`` seconds after the last commit."""
    (found,) = make_rewards(context(repo, now=repo.clock.now + after), revisions).rewards
    return found


def test_open_until_something_judges_it(drafted: Repo) -> None:
    found = item(drafted)
    assert (found.state, found.reward, found.judged_by) == ("open", None, None)
    assert item(drafted, DAY - 1).reward is None


def test_a_persons_commit_judges_it(drafted: Repo) -> None:
    drafted.commit({"b.py": "b = 1\n"})
    found = item(drafted)
    assert (found.state, found.reward, found.outcome) == ("provisional", 1.0, "accepted")
    drafted.commit({"a.py": text(MINE[:15])})
    found = item(drafted)
    assert (found.reward, found.distance) == (0.75, 0.25)
    assert (found.outcome, found.judged_by, found.source) == ("revision", drafted.head, "git")


def test_an_agents_own_commit_does_not(drafted: Repo) -> None:
    drafted.agent_commit({"b.py": text(FRESH)})
    found = make_rewards(context(drafted)).rewards
    assert [(draft.state, draft.reward) for draft in found] == [("open", None)] * 2


def test_a_day_judges_it(drafted: Repo) -> None:
    found = item(drafted, DAY)
    assert (found.state, found.reward) == ("provisional", 1.0)


def test_a_push_judges_it(drafted: Repo, tmp_path: Path) -> None:
    Repo.init(tmp_path / "far", bare=True)
    drafted.git("remote", "add", "origin", str(tmp_path / "far"))
    drafted.git("push", "--quiet", "origin", "topic")
    found = item(drafted)
    assert (found.state, found.reward) == ("provisional", 1.0)


def test_two_weeks_after_landing_it_is_settled(drafted: Repo) -> None:
    drafted.switch("main").merge("topic")
    assert item(drafted, 14 * DAY - 1).state == "provisional"
    assert item(drafted, 14 * DAY).state == "settled"


def test_a_revert_settles_it(drafted: Repo) -> None:
    drafted.commit({"b.py": "b = 1\n"}).revert("HEAD~1")
    found = item(drafted)
    assert (found.state, found.reward, found.reason) == ("settled", 0.0, "reverted")
    assert found.judged_by == drafted.head


def test_a_drop_settles_it(drafted: Repo) -> None:
    draft = drafted.head
    drafted.switch("main").git("branch", "-D", "topic")
    drafted.commit({"c.py": "c = 1\n"})
    scan(context(drafted, now=drafted.clock.now + 30 * DAY))
    found = item(drafted, 30 * DAY)
    assert (found.commit, found.state, found.reward) == (draft, "settled", 0.0)
    assert found.reason == "dropped"


def test_a_reward_by_hand_needs_no_judge(drafted: Repo) -> None:
    give_reward(context(drafted), "revision")
    found = item(drafted)
    assert (found.state, found.reward, found.source) == ("open", 0.5, "person")
    give_reward(context(drafted, now=drafted.clock.now + 2 * HOUR), "accepted")
    found = item(drafted, 3 * HOUR)
    assert (found.reward, found.given) == (1.0, 2)


def test_class_and_rules_are_those_of_the_session(repo: Repo) -> None:
    repo.commit({"base.py": "base = 1\n"})
    begun = Session(
        commit=Oid(repo.head), at=repo.clock.now, session="s1", branch="b", clone="c",
        worktree="w", error_class="errors",
        offered=("r1", "r2"), drawn=("r1",), held=("r2",), probability=(0.5, 0.5), forced=("r3",),
    )  # fmt: skip
    context(repo).ledger.append([begun])
    repo.agent_commit({"a.py": text(MINE)}, "Write a\n\nBuildlog-Session: s1")
    found = item(repo)
    assert (found.session, found.error_class, found.rules) == ("s1", "errors", ("r1", "r3"))
    repo.agent_commit({"b.py": text(FRESH)}, "Write\n\nBuildlog-Session: s1\nBuildlog-Class: docs")
    assert make_rewards(context(repo)).rewards[0].error_class == "docs"


def test_without_commits_there_are_none(repo: Repo) -> None:
    found = make_rewards(context(repo))
    assert (found.total, found.mean, found.rewards) == (0, None, ())
