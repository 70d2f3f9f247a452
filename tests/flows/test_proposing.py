"""Proposals in a real repository: seen in its history, taken up, turned down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake
from buildlog_git.errors import UsageError
from buildlog_git.flows.proposing import propose
from buildlog_git.flows.rules import read_rules
from buildlog_git.gitio.history import paths_changed_by
from buildlog_git.gitio.run import Git
from tests.flows.play import context, lines, text

if TYPE_CHECKING:
    from tests.builder import Repo


@pytest.fixture
def revised(repo: Repo) -> Repo:
    """Give a history in which people revise what agents do in one folder."""
    repo.commit({"README": "x\n"}, "Start")
    for number in range(6):
        for folder, revised in (("src/api", True), ("lib", False)):
            mine = lines(number * 100, 10, folder[0] * 2)
            path = f"{folder}/ä {number}.py"
            repo.agent_commit({path: text(mine)})
            keep = 2 + number % 2 if revised else 10
            new = lines(number * 100 + 50, 10 - keep, "zz" + folder[0])
            repo.commit({path: text(mine[:keep], new), f"notes/{folder}{number}": "x\n"})
    return repo


def test_a_folder_is_proposed_taken_up_and_not_proposed_again(revised: Repo) -> None:
    (found,) = propose(context(revised)).proposals
    assert (found.id, found.reason, found.count, found.status) == (
        "care-in-src-api", "revisions", 6, "pending",
    )  # fmt: skip
    assert read_rules(revised.path).rules == ()
    taken = propose(context(revised), add=[found.id])
    assert (taken.written, taken.proposals[0].status) == (
        (f".buildlog/rules/{found.id}.md",), "promoted",
    )  # fmt: skip
    (rule,) = read_rules(revised.path).rules
    assert (rule.state, rule.scope, rule.source) == (
        "trial", ("src/api/**",), "proposal from revisions",
    )  # fmt: skip
    with pytest.raises(UsageError, match="no pending proposal"):
        propose(context(revised), add=[found.id])


def test_a_mistake_is_proposed_and_turned_down(repo: Repo) -> None:
    repo.commit({"a": "x\n"}, "Start")
    made = [
        Mistake(Oid(repo.head), at, "errors", said, "person", session=session)
        for at, said, session in (
            (1, "left the file open", "one"), (2, "Left the file open!", "two"),
        )
    ]  # fmt: skip
    context(repo).ledger.append(made)
    (found,) = propose(context(repo)).proposals
    assert found.evidence == tuple(one.id for one in made)
    propose(context(repo), reject=[found.id])
    assert read_rules(repo.path).rules[0].state == "retired"
    assert propose(context(repo)).proposals[0].status == "rejected"


def test_paths_of_commits(repo: Repo) -> None:
    first = Oid(repo.commit({"a b": "x\n", "d/ü\n": "y\n"}).head)
    second = Oid(repo.commit({"d/c": "x\n"}).head)
    empty = Oid(repo.git("commit-tree", "-p", second, "-m", "none", f"{second}^{{tree}}").strip())
    assert paths_changed_by(Git(repo.path), [second, empty, first]) == {
        second: frozenset({"d/c"}), empty: frozenset(), first: frozenset({"a b", "d/ü\n"}),
    }  # fmt: skip
