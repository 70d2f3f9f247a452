"""The whole loop, alive: rules on disk, an agent that obeys them, a person who revises, git.

Nothing is told to the program but what git and its hooks tell. After some hundred tasks it must
have found out what each rule does, and in every session the rules that it credits must be those
that the agent has read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.fold import fold
from buildlog_git.core.observe import is_confirmed
from buildlog_git.flows.lesson import learn_and_keep, read_lesson
from buildlog_git.gitio.cloneid import CLONE
from tests.builder import HOUR
from tests.flows.play import context
from tests.live.office import Office
from tests.live.stage import Stage
from tests.live.ways import Native

if TYPE_CHECKING:
    from tests.builder import Repo


def open_office(repo: Repo, seed: int = 0) -> Office:
    stage = Stage.on(repo, Native())
    stage.git("config", "buildlog.learn", "off")  # the test learns itself, at known times
    stage.git("config", "buildlog.session.k", "1")
    # Sessions are named after their clone, whose name is by chance: the same draws in every run.
    (stage.path / ".git" / CLONE).write_text(f"{seed:016x}\n")
    return Office(stage, seed)


def assert_credited_is_exposed(office: Office) -> int:
    """Compare what the agent read with what is credited; return in how many sessions."""
    experiment = fold(context(office.repo).ledger.read().events)
    sessions = {record.session.session: record for record in experiment.sessions}
    compared = set()
    for record in experiment.drafts:
        session = sessions[record.draft.session or ""]
        assert office.had[record.draft.commit] - {"always"} == set(session.session.rules)
        assert is_confirmed(session)
        compared.add(session.session.session)
    assert len(experiment.drafts) == len(office.had)
    return len(compared)


def test_what_is_credited_is_what_the_agent_read(repo: Repo) -> None:
    office = open_office(repo)
    office.work(5)
    assert assert_credited_is_exposed(office) >= 5
    assert len(set(office.had.values())) > 1
    assert not office.repo.git("status", "--porcelain")


@pytest.mark.slow
def test_after_200_sessions_it_is_known_what_each_rule_does(repo: Repo) -> None:
    office = open_office(repo, seed=1)
    for _ in range(20):
        office.work(10)
        learn_and_keep(context(office.repo), stored=True)
    assert assert_credited_is_exposed(office) >= 200
    found = read_lesson(context(office.repo, now=office.repo.clock.now + 24 * HOUR))
    verdicts = {item.rule: item.effect.verdict for item in found.learned.rules}
    assert verdicts["good"] == "proven"
    assert verdicts["harmful"] == "likely harms"
    assert verdicts["placebo"] in ("no evidence yet", "no practical effect")
    assert [(advice.rule, advice.action) for advice in found.advice][:2] == [
        ("good", "pin"), ("harmful", "retire"),
    ]  # fmt: skip
    assert found.learned.randomised >= 200
    assert (found.exposed.unconfirmed, found.exposed.observed) == (0, 0)
