"""Messages that a drain reads as commits are made; only what concerns others costs a scan."""

from __future__ import annotations

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.fold import fold
from buildlog_git.core.session_events import Mistake, Reward, Session
from buildlog_git.flows.drain import drain
from buildlog_git.flows.scan import scan
from tests.builder import AGENTS, Repo
from tests.flows.play import FRESH, MINE, context, text

AGENT = AGENTS["claude"]


@pytest.fixture
def drained(repo: Repo) -> Repo:
    """Give a repository with a draft that a drain has seen."""
    repo.commit({"base.py": "base = 1\n"})
    drain(context(repo))
    repo.agent_commit({"a.py": text(MINE)})
    drain(context(repo))
    return repo


def test_naming_session_and_class_costs_no_scan(drained: Repo) -> None:
    told = "Buildlog-Session: 0123456789abcdef\nBuildlog-Class: docs"
    drained.commit({"b.py": text(FRESH)}, f"Write b\n\n{AGENT}\n{told}")
    assert not drain(context(drained)).full
    events = context(drained).ledger.read().events
    (draft,) = (e for e in events if isinstance(e, Draft) and e.commit == drained.head)
    assert draft.session == "0123456789abcdef"


def test_a_name_that_is_none_harms_nothing(drained: Repo) -> None:
    drained.commit({"b.py": text(FRESH)}, f"b\n\n{AGENT}\nBuildlog-Session: {'x y' * 100}")
    drain(context(drained))
    events = context(drained).ledger.read().events
    begun = {event.session for event in events if isinstance(event, Session)}
    assert {event.session for event in events if isinstance(event, Draft)} == begun


def test_a_reward_and_a_mistake_are_facts_of_the_drafts_session(drained: Repo) -> None:
    draft = drained.head
    told = "Buildlog-Reward: rejected\nBuildlog-Mistake: no, not so"
    drained.switch("fix/it", create=True).commit({"a.py": text(MINE[:-4])}, f"Fix\n\n{told}")
    drain(context(drained))
    drain(context(drained))
    events = context(drained).ledger.read().events
    (begun,) = (e for e in events if isinstance(e, Draft) and e.commit == draft)
    (reward,) = (e for e in events if isinstance(e, Reward))
    (mistake,) = (e for e in events if isinstance(e, Mistake))
    assert begun.session in {e.session for e in events if isinstance(e, Session)}
    assert (reward.draft, reward.session) == (draft, begun.session)
    assert (mistake.commit, mistake.session) == (draft, begun.session)
    assert (mistake.error_class, mistake.description) == ("general", "no, not so")


def test_what_an_agents_own_message_declares_is_one_fact_for_drain_and_scan(drained: Repo) -> None:
    drained.switch("fix/it", create=True)
    drained.commit({"b.py": text(FRESH)}, f"Fix\n\n{AGENT}\nBuildlog-Mistake: no, not so")
    drain(context(drained))
    scan(context(drained))
    experiment = fold(context(drained).ledger.read().events)
    (mistake,) = experiment.mistakes
    (session,) = (r.draft.session for r in experiment.drafts if r.draft.commit == drained.head)
    # The drain read the message before it knew in which session the commit was made.
    assert session is not None
    assert (mistake.session, mistake.error_class) == (session, "general")


def test_a_skipped_commit_is_no_draft_of_a_drain(drained: Repo) -> None:
    drained.commit({"b.py": text(FRESH)}, f"Generate\n\n{AGENT}\nBuildlog: skip")
    drain(context(drained))
    drafts = [e for e in context(drained).ledger.read().events if isinstance(e, Draft)]
    assert drained.head not in {draft.commit for draft in drafts}
