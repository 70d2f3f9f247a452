"""What strangers and attackers found, each as short as it can be told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from buildlog_git.flows.rules import read_rules
from tests.builder import HOUR, Repo
from tests.flows.play import FRESH, MINE, context, lines, text
from tests.live.stage import Fact, Stage, begin
from tests.live.test_stories import check
from tests.live.ways import Native, NativeAndLater, Way

OLD = lines(0, 20, "old")


@pytest.mark.parametrize("way", [Way, NativeAndLater])
@pytest.mark.parametrize("agent", [None, "codex"])
def test_other_words_in_the_same_place_are_no_home(
    repo: Repo, way: type[Way], agent: str | None
) -> None:
    """The lines that both replaced are half of what the draft changed, and not its text."""
    stage = Stage.on(repo, way())
    begin(stage).commit({"a.py": text(OLD)}).switch("topic", create=True)
    facts = {stage.agent_commit({"a.py": text(MINE)}).head: Fact(0.0, homes=(), at="topic")}
    stage.switch("main")
    if agent is None:
        stage.commit({"a.py": text(FRESH)})
    else:
        facts[stage.agent_commit({"a.py": text(FRESH)}, agent=agent).head] = Fact(agent=agent)
    assert stage.way is not None
    stage.way.end(stage, stage.clock.now + HOUR)
    stage.way = None
    check(stage, facts, stage.clock.now + HOUR)


def test_a_rule_that_never_ends(repo: Repo) -> None:
    """A repository may hold a link to a device: nothing waits for its end."""
    begin(Stage.on(repo, NativeAndLater()))
    folder = repo.write({".buildlog/rules/fine.md": "Be kind.\n"}).path / ".buildlog/rules"
    (folder / "endless.md").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.md")
    found = read_rules(repo.path)
    assert [rule.id for rule in found.rules] == ["fine"]
    assert len(found.problems) == 2


@pytest.mark.parametrize("way", ["deleted", "overwritten by a fetch"])
def test_what_the_notes_lost_is_written_again(repo: Repo, way: str) -> None:
    stage = Stage.on(repo, NativeAndLater())
    made = begin(stage).agent_commit({"a.py": text(MINE)}).head
    before = stage.id_of("refs/notes/buildlog")
    stage.commit({"a.py": text(FRESH[:5], MINE[5:])})
    if way == "deleted":
        stage.git("update-ref", "-d", "refs/notes/buildlog")
    else:
        stage.git("update-ref", "refs/notes/buildlog", before)
    stage.commit({"a.py": text(FRESH[:10], MINE[10:])})
    stage.way = None
    stored = {event.kind: event for event in context(stage).ledger.read().events}
    assert {"draft", "revision"} <= stored.keys()
    check(stage, {made: Fact(0.5)}, stage.clock.now + HOUR)


def test_an_amend_where_git_keeps_no_reflogs(repo: Repo) -> None:
    """A drain between the amend and its map must not make a second draft of it."""
    repo.git("config", "core.logAllRefUpdates", "false")
    stage = Stage.on(repo, Native())
    made = begin(stage).agent_commit({"a.py": text(MINE)}).head
    stage.amend({"a.py": text(FRESH[:5], MINE[5:])})
    stage.way = None
    check(stage, {made: Fact(0.25, homes=(stage.head,))}, stage.clock.now + HOUR)


def test_uninstall_says_nothing_that_it_does_not_do(repo: Repo) -> None:
    """Sessions keep our folder."""
    stage = Stage.on(repo, NativeAndLater())
    begin(stage).agent_commit({"a.py": text(MINE)})
    for line in stage.buildlog("uninstall").out.splitlines():
        verb, _, path = line.strip().rpartition(" ")
        if verb.startswith("remove"):
            assert not Path(path).exists()
