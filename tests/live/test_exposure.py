"""Random days of one person with several worktrees: what agents read is what is credited.

An agent is a function that looks into the files, by the words of the rules alone, just before it
commits. Some switches are so fast that the drain is not there yet.
"""

from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.fold import fold
from buildlog_git.core.observe import is_confirmed
from buildlog_git.flows.drain import drain
from tests.builder import Repo
from tests.flows.play import context
from tests.live.stage import Stage
from tests.live.ways import Native

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAMES = "abcdefgh"
RULES = {
    f".buildlog/rules/{name}.md": f"Rule {name}.\n<!-- buildlog:end local -->\nThat was {name}.\n"
    for name in NAMES
}
FILES = (
    ".claude/rules/buildlog.local.md", "AGENTS.override.md", ".cursor/rules/buildlog.local.mdc",
)  # fmt: skip


def read(folder: Path) -> frozenset[str]:
    """Return the rules of which an agent finds every word, the same in all of its files."""
    found = set()
    for name in FILES:
        path = folder / name
        text = re.sub(r"<!--.*?-->", "", path.read_text()) if path.exists() else ""
        found.add(frozenset(n for n in NAMES if f"Rule {n}.\n" in text and f"was {n}.\n" in text))
    (rules,) = found
    return rules


class Hurried(Native):
    """Hooks that only queue, and a drain that is sometimes too late for the next command."""

    name = "hurried"
    drain = "off"

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def after(self, repo: Stage, step: Sequence[str]) -> None:
        if step[0] != "worktree" and self.rng.random() < 0.6:
            drain(context(repo))


class Days:
    """Some worktrees, some branches, and what the agents had at each commit."""

    def __init__(self, repo: Repo, folder: Path, seed: int) -> None:
        self.rng = Random(seed)
        self.folder = folder
        self.trees = [repo]
        self.had: dict[str, frozenset[str]] = {}
        self.count = 0

    def step(self) -> None:
        """Do one thing in one worktree."""
        self.count += 1
        tree = self.rng.choice(self.trees)
        what = self.rng.choice(["new", "switch", "switch", "work", "work", "work", "idle", "off"])
        branches = tree.git("branch", "--format=%(refname:short) %(worktreepath)").splitlines()
        free = [line.strip() for line in branches if " " not in line.strip() and line[0] != "("]
        if what == "new" and len(self.trees) < 3 and self.count % 3 == 0:
            self.trees.append(tree.worktree(self.folder / f"t{self.count}", f"side{self.count}"))
        elif what == "new":
            tree.switch(f"fix/{self.count}", create=True)
        elif what == "switch" and free:
            tree.switch(self.rng.choice(free))
        elif what == "off":
            tree.git("switch", "--quiet", "--detach")
        else:
            tree.wait(hours=10 if what == "idle" else 0)
            rules = read(tree.path)
            tree.agent_commit({f"f{self.count}.py": f"value{self.count} = make({self.count})\n"})
            self.had[tree.head] = rules
        for each in self.trees:
            assert each.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("way", "steps", "seed"),
    [(Hurried(6), 20, 6), *(pytest.param(way, 70, seed, marks=pytest.mark.slow)
                          for way, seed in ((Native(), 1), (Hurried(2), 2), (Hurried(3), 3)))],
)  # fmt: skip
def test_what_agents_read_is_what_is_credited(
    repo: Repo, tmp_path: Path, way: Native, steps: int, seed: int
) -> None:
    repo.git("config", "buildlog.holdout", "0.2")
    repo.git("config", "buildlog.learn", "off")
    repo.commit({**RULES, "CLAUDE.md": "x\n", "AGENTS.md": "x\n", ".cursorrules": "x\n"})
    days = Days(Stage.on(repo, way), tmp_path, seed)
    for _ in range(steps):
        days.step()
    drain(context(repo))
    events = context(repo).ledger.read().events
    sessions = {record.session.session: record for record in fold(events).sessions}
    credited = {e.commit: e.session for e in events if isinstance(e, Draft) and e.session}
    assert len(credited) > len(days.had) // 3
    for commit, session in credited.items():
        assert days.had[commit] == set(sessions[session].session.rules)
    exposed = [record for record in sessions.values() if record.exposures]
    assert len(exposed) >= steps // 5
    assert all(map(is_confirmed, exposed))
