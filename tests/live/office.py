"""An office: an agent that obeys the rules on disk, and a person who revises what it writes.

The agent reads what its makers say that it reads (``CLAUDE.md`` and its kin, without the HTML
comments), by its own code and not by ours: what counts is which sentences stand there. The
person then rewrites a share of the agent's lines that depends on which rules the agent had. So
the truth about each rule is known, and all that the program has to go on is git.
"""

from __future__ import annotations

import re
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from tests.flows.play import lines, text

if TYPE_CHECKING:
    from tests.builder import Repo

SENTENCES = {
    "good": "Reuse the fixtures that the repository has.",
    "harmful": "Write a docstring of three paragraphs for every function.",
    "placebo": "Prefer the word colour to the word color.",
    "always": "Ask before adding a dependency.",
}
EFFECTS = {"good": 0.30, "harmful": -0.30, "placebo": 0.0}
"""What each rule on trial takes off the revision distance."""
SIZE = 20
"""Lines of each draft."""


def rule_files() -> dict[str, str]:
    """Return the rule files of the office: three rules on trial and a pinned one."""
    return {
        f".buildlog/rules/{rule}.md": (
            f"---\nid: {rule}\nstate: {'pinned' if rule == 'always' else 'trial'}\n---\n{words}\n"
        )
        for rule, words in SENTENCES.items()
    }


def what_the_agent_reads(top: Path) -> frozenset[str]:
    """Return the rules that an agent finds in its files, by their sentences."""
    files = [top / "CLAUDE.md", top / "CLAUDE.local.md", top / ".claude" / "CLAUDE.md"]
    files += sorted((top / ".claude" / "rules").glob("*.md"))
    said = "\n".join(path.read_text() for path in files if path.is_file())
    said = re.sub("<!--.*?-->", "", said, flags=re.DOTALL)
    return frozenset(rule for rule, words in SENTENCES.items() if words in said)


class Office:
    """Tasks, each on a branch of its own; ``had`` says which rules the agent had in each commit."""

    def __init__(self, repo: Repo, seed: int = 0) -> None:
        self.repo = repo
        self.rng = Random(seed)
        self.had: dict[str, frozenset[str]] = {}
        self.tasks = 0
        self._count = 0
        repo.commit({"README": "An office.\n", "CLAUDE.md": "Be brief.\n", **rule_files()}, "Start")

    def work(self, tasks: int) -> None:
        """Do tasks, one after the other."""
        for _ in range(tasks):
            self._task(f"feature/task-{self.tasks:04}")
            self.tasks += 1

    def _task(self, branch: str) -> None:
        # Git dates the checkout by it.
        self.repo.env["GIT_COMMITTER_DATE"] = f"{self.repo.clock.now} +0000"
        self.repo.switch(branch, create=True)
        harder = self.rng.gauss(0, 0.08)
        for _ in range(self.rng.choice((1, 2, 2, 3))):
            self._draft(harder)

    def _draft(self, harder: float) -> None:
        """Let the agent write a file, and a person rewrite a share of its lines."""
        rules = what_the_agent_reads(self.repo.path)
        mean = clipped(0.47 + harder - sum(EFFECTS.get(rule, 0) for rule in rules))
        share = self.rng.betavariate(5 * mean, 5 * (1 - mean))
        name, mine = f"part_{self._count:05}.py", lines(self._count * SIZE, SIZE)
        theirs = lines(self._count * SIZE, SIZE, mark="p")
        self._count += 1
        self.repo.agent_commit({name: text(mine)})
        self.had[self.repo.head] = rules
        changed = round(share * SIZE)
        self.repo.commit({name: text(theirs[:changed], mine[changed:])})


def clipped(share: float) -> float:
    """Return a mean distance that a Beta distribution can have."""
    return min(0.97, max(0.03, share))
