"""What hooks were told of rewrites becomes links, and says whose doing they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.ids import Oid
from buildlog_git.core.registry import DEFAULT
from buildlog_git.core.rewrites import Link
from buildlog_git.core.signals import Signal
from buildlog_git.flows.context import Witness
from buildlog_git.flows.told import AMEND, told_links
from buildlog_git.gitio.headlog import Move
from buildlog_git.gitio.queue import Queue, RewriteMap

OLD, NEW = Oid("a" * 40), Oid("b" * 40)
CLAUDE = {"CLAUDECODE": "1"}
KNOWN = Draft(
    commit=OLD, at=1, agent="claude", channel="trailer", tokens=20, removed=0, lines=4, files=1
)


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    (tmp_path / "buildlog").mkdir()
    return Queue(tmp_path)


def told(queue: Queue, command: str, variables: dict[str, str]) -> list[Link]:
    queue.spool("1-x", RewriteMap(((OLD, NEW),)))
    words = {"cmd": command, "map": "1-x"}
    signal = Signal("post-rewrite", words=words, variables=variables)
    return told_links(queue, [signal], [], [KNOWN], {}, DEFAULT)


def test_a_persons_amend(queue: Queue) -> None:
    assert told(queue, "amend", {}) == [Link(OLD, NEW, "amend")]


def test_an_agent_amends_its_own_draft(queue: Queue) -> None:
    assert told(queue, "amend", CLAUDE) == [Link(OLD, NEW, "redraft")]


def test_an_agent_amends_what_another_wrote(queue: Queue) -> None:
    assert told(queue, "amend", {"GEMINI_CLI": "1"}) == [Link(OLD, NEW, "amend", by="self")]


def test_an_agents_rebase_without_a_list_of_steps_amends_nothing(queue: Queue) -> None:
    assert told(queue, "rebase", CLAUDE) == [Link(OLD, NEW, "rewrite", by="self")]


def test_an_amend_is_known_before_its_post_rewrite_hook(queue: Queue) -> None:
    move = Move("-", OLD, NEW, AMEND, "x", 1)
    seen = {OLD: Witness(CLAUDE, terminal=False), NEW: Witness(CLAUDE, terminal=False)}
    assert told_links(queue, [], [move], [], seen, DEFAULT) == [Link(OLD, NEW, "redraft")]
    assert told_links(queue, [], [move], [], {}, DEFAULT) == []
