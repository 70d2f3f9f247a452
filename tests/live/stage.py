"""What a story is: a function that moves history, and returns what must be known of each draft.

    @story
    def amended_by_a_person(repo: Stage) -> Facts:
        made = begin(repo).agent_commit({"a.py": text(MINE)}).head
        repo.amend({"a.py": edited(5)})
        return {made: Fact(0.25, homes=(repo.head,))}

To add one, write it in a module of :mod:`tests.live.stories`. Each runs once for every
:class:`~tests.live.ways.Way` of recording, which all must know the same in the end.

Distances are counted by hand: every line has six words that stand nowhere else, so that a share
of lines is a share of tokens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from tests.builder import HOUR, PERSON, Clock, Repo
from tests.flows.play import BASE, FRESH, MINE, lines, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.live.ways import Way

MOVING = frozenset(
    {"am", "bisect", "branch", "checkout", "cherry-pick", "clone", "commit", "filter-branch",
     "merge", "pull", "rebase", "reset", "revert", "stash", "switch", "worktree"}
)  # fmt: skip
"""Commands after which somebody may look."""


class Stage(Repo):
    """A repository that a way of recording watches."""

    way: Way | None = None

    @classmethod
    def on(cls, repo: Repo, way: Way) -> Self:
        """Return ``repo`` with ``way`` watching."""
        stage = cls(repo.path, repo.env, repo.clock)
        stage.way = way
        way.begin(stage)
        return stage

    def git_bytes(self, *args: str, stdin: bytes = b"", check: bool = True, **env: str) -> bytes:
        if self.way is not None:
            self.way.before(self, args)
        done = super().git_bytes(*args, stdin=stdin, check=check, **env)
        if self.way is not None and args[0] in MOVING:
            self.way.after(self, args)
        return done

    def worktree(self, path: Path, branch: str) -> Stage:
        repo = super().worktree(path, branch)
        stage = type(self)(repo.path, self.env, self.clock)
        stage.way = self.way
        return stage

    def run(self, *args: str, fails: bool = False, **env: str) -> Self:
        """Run git an hour later, with editors that keep what they are shown."""
        when = f"{self.clock.tick()} +0000"
        settings = {
            "GIT_AUTHOR_DATE": when,
            "GIT_COMMITTER_DATE": when,
            "GIT_EDITOR": "true",
            "GIT_SEQUENCE_EDITOR": "true",
        }
        self.git(*args, stdin=b"", check=not fails, **settings | env)
        return self

    def todo(self, script: str, *flags: str, onto: str = "main", fails: bool = False) -> Self:
        """Rebase interactively with a list of steps that ``sed`` edits."""
        editor = f"sed -i -e '{script}'"
        return self.run("rebase", "-i", *flags, onto, fails=fails, GIT_SEQUENCE_EDITOR=editor)

    def resolve(self, content: str, name: str = "s.py") -> Self:
        """Resolve a conflict in a file."""
        self.write({name: content}).git("add", "--all")
        return self


@dataclass(frozen=True, slots=True)
class Fact:
    """What must be known of a draft in the end; what is None is not asked for.

    ``at`` is the branch on which it is judged, ``late`` the days after the end at which it is.
    """

    distance: float | None = 0.0
    homes: tuple[str, ...] | None = None
    outcome: str | None = None
    state: str | None = None
    reason: str | None = None
    agent: str = "claude"
    at: str = "HEAD"


Facts = dict[str, Fact]
Story = Callable[[Stage], Facts]
DROPPED = Fact(1.0, outcome="rejected", state="settled", reason="dropped")
REVERTED = Fact(1.0, outcome="rejected", state="settled", reason="reverted")


def stories(modules: tuple[Any, ...]) -> Mapping[str, Story]:
    """Return all stories by name."""
    return {
        f"{module.__name__.rpartition('.')[2]}-{name}": item
        for module in modules
        for name, item in vars(module).items()
        if getattr(item, "is_story", False)
    }


def story(function: Story) -> Story:
    """Mark a story."""
    function.is_story = True  # type: ignore[attr-defined]
    return function


# -- what stories begin with ----------------------------------------------------------------


ON = lines(0, 20, "on")
"""What main writes meanwhile."""


def edited(count: int, mine: list[str] = MINE) -> str:
    """Return the agent's file after a person replaced ``count`` of its lines."""
    return text(FRESH[:count], mine[count:])


def begin(repo: Stage) -> Stage:
    """Make the first commit, by a person."""
    repo.commit({"z.py": text(BASE), "s.py": text(BASE)}, "Begin")
    return repo


def branched(repo: Stage, content: str = text(MINE)) -> str:
    """Let the agent write ``a.py`` on the new branch ``topic``; return its commit."""
    return begin(repo).switch("topic", create=True).agent_commit({"a.py": content}).head


def main_moves(repo: Stage, back_to: str = "topic") -> Stage:
    """Let main go on, and return to the branch."""
    repo.switch("main").commit({"m.py": text(ON)}, "Go on").switch(back_to)
    return repo


THEIRS = text(BASE[:5], MINE[16:], BASE[6:])
"""``s.py`` as the draft of :func:`conflict` has it: four lines of its own."""
OURS = text(BASE[:5], FRESH[19:], BASE[6:])
"""``s.py`` as main has it after :func:`conflict`."""


def conflict(repo: Stage) -> str:
    """Let a draft of 20 lines on ``topic`` and main disagree about ``s.py``, four of them."""
    begin(repo).switch("topic", create=True)
    made = repo.agent_commit({"a.py": text(MINE[:16]), "s.py": THEIRS}).head
    repo.switch("main").commit({"s.py": OURS}, "Change s").switch("topic")
    return made


def still(repo: Stage) -> dict[str, str]:
    """Return settings that make every commit of one moment."""
    when = f"{repo.clock.now} +0000"
    return {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when}


__all__ = [
    "BASE", "DROPPED", "FRESH", "HOUR", "MINE", "OURS", "PERSON", "REVERTED", "THEIRS", "Clock",
    "Fact", "Facts", "Stage", "begin", "branched", "conflict", "edited", "main_moves", "still",
    "stories", "story", "text",
]  # fmt: skip
