"""A rule on trial that the agents' own files have anyway is never off, and so is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Session
from buildlog_git.flows.alwaysread import always_read
from buildlog_git.flows.pinned import render_rules
from buildlog_git.flows.rulefiles import set_state
from buildlog_git.flows.rules import read_rules
from buildlog_git.flows.session import Sessions
from tests.flows.play import context

if TYPE_CHECKING:
    from tests.builder import Repo

RULE = "Use tabs for indentation,\nand say why."
FILES = {
    ".buildlog/rules/tabs.md": f"---\nid: tabs\n---\n{RULE}\n",
    ".buildlog/rules/other.md": "Never log passwords.\n",
}

OURS = f"<!-- buildlog:begin team 0 -->\n{RULE}\n<!-- buildlog:end team -->\n"


@pytest.mark.parametrize(
    ("name", "content", "stands"),
    [
        ("AGENTS.md", "# Style\n\n- use tabs for indentation, and\n  say why.\n", True),
        ("CLAUDE.md", "Be brief. Use tabs for indentation, and say why.\r\n", True),
        (".github/copilot-instructions.md", "2) Use tabs for indentation, and say why.", True),
        ("AGENTS.md", "- Never use tabs for indentation, and say why.\n", False),
        ("AGENTS.md", "Use tabs.\n", False),
        ("docs/AGENTS.md", "Use tabs for indentation, and say why.\n", False),
        ("AGENTS.md", b"\xff\xfeU\0s\0e\0", False),
        ("CLAUDE.md", OURS, False),
    ],
)
def test_what_stands_in_an_agents_file(
    repo: Repo, name: str, content: str | bytes, stands: bool
) -> None:
    repo.write({**FILES, name: content})
    found = always_read(repo.path, read_rules(repo.path).on_trial)
    assert found == ({"tabs": name} if stands else {})


def test_what_was_pinned_and_is_still_rendered_is_not_drawn(repo: Repo) -> None:
    repo.commit({**FILES, "CLAUDE.md": "# Mine\n"})
    set_state(context(repo), ["tabs"], "pinned")
    render_rules(context(repo))
    set_state(context(repo), ["tabs"], "trial")
    sessions = Sessions(context(repo))
    sessions.for_checkout("-", "refs/heads/main", Oid(repo.head))
    (begun,) = (event for event in sessions.events if isinstance(event, Session))
    assert begun.offered == ("other",)
    assert "tabs is not drawn: agents read it in CLAUDE.md in any case" in sessions.problems
    render_rules(context(repo))
    again = Sessions(context(repo))
    again.for_checkout("-", "refs/heads/two", Oid(repo.head))
    (begun,) = (event for event in again.events if isinstance(event, Session))
    assert begun.offered == ("other", "tabs")


def test_it_is_not_drawn_and_that_is_said(repo: Repo) -> None:
    repo.commit({**FILES, "AGENTS.md": f"- {RULE}\n"})
    sessions = Sessions(context(repo))
    sessions.for_checkout("-", "refs/heads/main", Oid(repo.head))
    (begun,) = (event for event in sessions.events if isinstance(event, Session))
    assert begun.offered == ("other",)
    assert "tabs is not drawn: agents read it in AGENTS.md in any case" in sessions.problems
