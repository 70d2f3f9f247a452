"""Whose text stands in a file: as the walk knows it, and for as long as it stands."""

from __future__ import annotations

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.ids import Oid
from buildlog_git.errors import UsageError
from buildlog_git.flows.blame import blame
from buildlog_git.flows.context import open_context
from buildlog_git.flows.scan import scan
from tests.builder import COLLEAGUE, Repo

TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"


def owners(repo: Repo, file: str) -> list[str | None]:
    """Return whose each line is, after a look from an empty ledger and from a full one."""
    context = open_context(repo.path)
    before = blame(context, file)
    scan(context)
    assert blame(open_context(repo.path), file) == before
    return [line.draft for line in before.lines]


def test_an_agents_lines_and_a_persons(repo: Repo) -> None:
    repo.commit({"a.py": "import os\n"}, "Start")
    draft = repo.agent_commit({"a.py": f"import os\n\n{TEXT}"}).head
    repo.commit({"a.py": f"import os\n\n{TEXT}\nMINE = 'written by hand'\n"})
    found = blame(open_context(repo.path), "a.py")
    assert [line.draft == draft for line in found.lines] == [
        False, False, True, True, False, False, True, True, False, False,
    ]  # fmt: skip
    assert (found.agent_lines, found.path, found.commit) == (4, "a.py", repo.head)
    (item,) = found.drafts
    assert (item.commit, item.agent, item.lines, item.rules) == (draft, "claude", 4, ())
    assert (found.lines[2].own, found.lines[2].tokens) == (8, 8)
    assert found.lines[2].text == "def add(a, b):"


def test_a_line_of_which_a_person_changed_a_word_is_still_the_agents(repo: Repo) -> None:
    draft = repo.commit({"x": "1\n"}).agent_commit({"a.py": TEXT}).head
    repo.commit({"a.py": TEXT.replace("def sub(a, b)", "def less(a, b)")})
    found = blame(open_context(repo.path), "a.py")
    line = found.lines[4]
    assert (line.draft, line.own, line.tokens) == (draft, 7, 8)


def test_an_owner_is_kept_through_moves_layout_merges_and_rewrites(repo: Repo) -> None:
    repo.commit({"x": "1\n"}).switch("topic", create=True)
    draft = repo.agent_commit({"a.py": TEXT}).head
    repo.amend({"y": "2\n"}, COLLEAGUE)
    repo.switch("main").commit({"z": "3\n"}).merge("topic")
    repo.rename("a.py", "b.py").commit({}, "Rename")
    repo.commit({"b.py": TEXT.replace("    ", "\t")}, "Tabs")
    assert owners(repo, "b.py") == [draft, draft, None, None, draft, draft]


def test_an_owner_is_kept_for_years(repo: Repo) -> None:
    draft = repo.commit({"x": "1\n"}).agent_commit({"a.py": TEXT}).head
    for year in range(3):
        repo.wait(days=365).commit({f"{year}": "1\n"})
    repo.agent_commit({"b.py": TEXT.replace("add", "put")}).wait(days=100).commit({"y": "1\n"})
    assert owners(repo, "a.py").count(draft) == 4
    repo.commit({"a.py": TEXT.replace("return a + b", "raise NotImplementedError(add)")})
    assert owners(repo, "a.py").count(draft) == 3


def test_what_a_hook_saw_counts(repo: Repo) -> None:
    draft = repo.commit({"x": "1\n"}).commit({"a.py": TEXT}, "No mark").head
    context = open_context(repo.path)
    assert blame(context, "a.py").agent_lines == 0
    seen = Draft(
        commit=Oid(draft), at=repo.clock.now, agent="codex", channel="environment",
        tokens=24, removed=0, lines=4, files=1,
    )  # fmt: skip
    context.ledger.append([seen])
    assert [item.agent for item in blame(context, "a.py").drafts] == ["codex"]


def test_paths(repo: Repo) -> None:
    draft = repo.commit({"x": "1\n"}).agent_commit({"deep/a.py": TEXT}).head
    below = open_context(repo.path / "deep")
    assert blame(below, "a.py").lines[0].draft == draft
    assert blame(below, "../x").agent_lines == 0
    for name in ("nope", "a.py/..", "../../outside", "", "-x"):
        with pytest.raises(UsageError, match="no such file in HEAD"):
            blame(below, name)


def test_odd_content(repo: Repo) -> None:
    repo.commit({"x": "1\n"})
    repo.agent_commit({"a.bin": b"\0\1\2", "latin.txt": b"caf\xe9 au lait\nun deux trois\n",
                       "empty": "", "open": "no line end here"})  # fmt: skip
    assert blame(open_context(repo.path), "empty").lines == ()
    assert [line.number for line in blame(open_context(repo.path), "open").lines] == [1]
    assert blame(open_context(repo.path), "latin.txt").lines[0].text == "caf\udce9 au lait"
    assert blame(open_context(repo.path), "a.bin").agent_lines == 0


def test_an_empty_repository(repo: Repo) -> None:
    with pytest.raises(UsageError, match="no such file"):
        blame(open_context(repo.path), "a.py")
