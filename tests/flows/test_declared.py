"""What commit messages declare becomes facts about drafts, once each, whatever carries it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

from buildlog_git.core.events import Draft, Revision
from buildlog_git.core.session_events import Mistake, Reward
from buildlog_git.flows.scan import scan
from tests.builder import AGENTS, PERSON, Repo
from tests.flows.play import FRESH, MINE, context, lines, only, report, text

if TYPE_CHECKING:
    from buildlog_git.core.events import Event

    Kind = TypeVar("Kind", bound=Event)

REJECTED = "Buildlog-Reward: rejected"


def scanned(repo: Repo, kind: type[Kind]) -> list[Kind]:
    """Scan twice; the second time must add nothing."""
    here = context(repo)
    scan(here)
    assert scan(here).written == 0
    return [event for event in here.ledger.read().events if isinstance(event, kind)]


def about(rewards: list[Reward]) -> list[str]:
    return sorted(reward.draft or "" for reward in rewards)


@pytest.fixture
def drafted(repo: Repo) -> Repo:
    """Give a repository with one draft, on main."""
    return repo.commit({"base.py": text(lines(0, 9, "base"))}).agent_commit({"a.py": text(MINE)})


def said(subject: str, *told: str, agent: str = "") -> str:
    return "\n".join([subject, "", *([AGENTS[agent]] if agent else []), *told])


def test_on_an_agents_commit_it_is_about_that_commit(repo: Repo) -> None:
    repo.commit({"b.py": "b = 1\n"})
    repo.commit({"a.py": text(MINE)}, said("Write", REJECTED, agent="claude"))
    (reward,) = scanned(repo, Reward)
    assert (reward.draft, reward.commit, reward.declared) == (repo.head,) * 3
    assert (reward.outcome, reward.source, reward.error_class) == ("rejected", "trailer", "general")


def test_on_another_commit_about_what_it_changes(drafted: Repo) -> None:
    first = drafted.head
    drafted.agent_commit({"b.py": text(FRESH)}, "Write b")
    drafted.commit({"a.py": text(MINE[:-3])}, f"Fix a\n\n{REJECTED}\nBuildlog-Class: errors")
    (reward,) = scanned(drafted, Reward)
    assert (reward.draft, reward.declared) == (first, drafted.head)
    assert reward.error_class == "errors"


def test_else_about_the_nearest_draft_before(drafted: Repo) -> None:
    drafted.agent_commit({"b.py": text(FRESH)}, "Write b")
    second = drafted.head
    drafted.commit({"c.py": "c = 1\n"}).commit({"d.py": "d = 1\n"}, f"No\n\n{REJECTED}")
    assert about(scanned(drafted, Reward)) == [second]


def test_without_any_draft_it_is_about_nothing(repo: Repo) -> None:
    repo.commit({"a.py": "a = 1\n"}, f"No\n\n{REJECTED}\nBuildlog-Mistake: x: y")
    assert scanned(repo, Reward) == []
    assert scanned(repo, Mistake) == []


@pytest.mark.parametrize("way", ["rebase", "pick", "amend", "squash"])
def test_copies_of_a_message_are_one_fact(drafted: Repo, way: str) -> None:
    draft = drafted.head
    drafted.switch("fix", create=True)
    message = f"Fix\n\n{REJECTED}\nBuildlog-Mistake: tests: forgot the fixture"
    drafted.commit({"a.py": text(MINE[:-3])}, message)
    scan(context(drafted))
    drafted.switch("main").commit({"other.py": "o = 1\n"})
    if way == "rebase":
        drafted.switch("fix").rebase("main")
    elif way == "pick":
        drafted.cherry_pick("fix")
    elif way == "amend":
        drafted.switch("fix").amend({"b.py": "b = 1\n"})
    else:
        drafted.squash_merge("fix").git("branch", "-D", "fix")
    assert about(scanned(drafted, Reward)) == [draft]
    (mistake,) = scanned(drafted, Mistake)
    assert (mistake.error_class, mistake.description) == ("tests", "forgot the fixture")


@pytest.mark.parametrize("way", ["amend", "rebase", "squash"])
def test_a_rewritten_draft_keeps_its_declaration(repo: Repo, way: str) -> None:
    repo.commit({"base.py": "base = 1\n"}).switch("topic", create=True)
    repo.commit({"a.py": text(MINE)}, said("Write", REJECTED, agent="claude"))
    draft = repo.head
    scan(context(repo))
    if way == "amend":
        repo.amend({"a.py": text(MINE[1:])})
    else:
        repo.switch("main").commit({"other.py": "o = 1\n"})
        if way == "rebase":
            repo.switch("topic").rebase("main")
        else:
            repo.squash_merge("topic").git("branch", "-D", "topic")
    assert about(scanned(repo, Reward)) == [draft]


def test_of_a_squash_only_the_draft_whose_message_said_it(drafted: Repo) -> None:
    drafted.switch("topic", create=True)
    drafted.commit({"b.py": text(FRESH)}, said("Write b", REJECTED, agent="claude"))
    second = drafted.head
    drafted.agent_commit({"c.py": text(lines(50, 20, "third"))}, "Write c")
    drafted.switch("main").squash_merge("topic").git("branch", "-D", "topic")
    assert about(scanned(drafted, Reward)) == [second]


def test_what_no_branch_says_any_more_does_not_count(drafted: Repo) -> None:
    drafted.commit({"a.py": text(MINE[:-3])}, f"Fix\n\n{REJECTED}")
    drafted.amend({}, PERSON, "-m", "Fix, after all")
    assert scanned(drafted, Reward) == []


def test_mistakes_lose_what_is_private(drafted: Repo) -> None:
    drafted.commit(
        {"a.py": text(MINE[:-3])},
        "Fix\n\nBuildlog-Mistake: errors: ask ada@example.com\nBuildlog-Mistake: no class here\n"
        "Buildlog-Class: docs",
    )
    found = scanned(drafted, Mistake)
    assert {(m.error_class, m.description) for m in found} == {
        ("errors", "ask [removed]"), ("docs", "no class here")
    }  # fmt: skip
    assert "ada@" not in drafted.git("notes", "--ref=buildlog", "show", "HEAD~1")


def test_a_session_that_a_message_names_is_the_drafts(repo: Repo) -> None:
    told = "Buildlog-Session: 0123456789abcdef"
    repo.commit({"a.py": text(MINE)}, said("Write", told, agent="claude"))
    assert scanned(repo, Draft)[0].session == "0123456789abcdef"
    assert only(repo).session == "0123456789abcdef"


def test_a_commit_that_is_skipped_is_no_draft_and_charges_nobody(drafted: Repo) -> None:
    drafted.commit({"a.py": text(MINE[:5])}, "Reformat\n\nBuildlog: skip")
    drafted.commit({"z.py": text(FRESH)}, said("Gen", "Buildlog: skip", agent="claude"))
    found = report(drafted)
    assert [item.commit for item in found.drafts] == [drafted.id_of("HEAD~2")]
    assert found.drafts[0].distance == 0
    assert found.coverage.unscanned == 0
    assert {r.by for r in scanned(drafted, Revision)} == {"neutral"}


def test_a_draft_may_be_skipped_later(repo: Repo) -> None:
    repo.commit({"base.py": "base = 1\n"}).agent_commit({"a.py": text(MINE)}, "Write a")
    scan(context(repo))
    repo.amend({}, PERSON, "-m", said("Write a", "Buildlog: skip", agent="claude"))
    assert report(repo).drafts == ()


def test_a_range_does_not_guess(drafted: Repo) -> None:
    """What a scan of a part cannot know, it leaves to the scan of all."""
    first = drafted.head
    drafted.switch("topic", create=True).agent_commit({"b.py": text(FRESH)}, "Write b")
    drafted.commit({"a.py": text(MINE[:-3])}, f"Fix a\n\n{REJECTED}")
    here = context(drafted)
    scan(here, ["main..topic"])
    rewards = [e for e in here.ledger.read().events if isinstance(e, Reward)]
    assert about(rewards) == []
    assert about(scanned(drafted, Reward)) == [first]
