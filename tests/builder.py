"""Real repositories, told as a story.

``repo.switch("fix", create=True).agent_commit({"a.py": "…"}).amend({"a.py": "…"})`` is what it
reads like: each step runs real git. Every commit is an hour after the one before, from a fixed
start, so that two runs give the same object ids.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

PROJECT = Path(__file__).resolve().parents[1]
START = 1_767_258_000
"""2026-01-01 09:00 UTC, the time of the first commit of every repository."""
HOUR = 3600
DAY = 24 * HOUR

Content = str | bytes | None
"""A file's new content; None removes the file."""
Files = Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes a commit."""

    name: str
    email: str


PERSON = Person("Ada Example", "ada@example.com")
COLLEAGUE = Person("Grace Example", "grace@example.com")
BOT = Person("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")

AGENTS = {
    "aider": "Co-authored-by: aider (gpt-5) <aider@aider.chat>",
    "amp": "Co-authored-by: Amp <amp@ampcode.com>",
    "claude": "Co-authored-by: Claude Opus 4.5 <noreply@anthropic.com>",
    "codex": "Co-authored-by: Codex <noreply@openai.com>",
    "copilot": "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>",
    "cursor": "Co-authored-by: Cursor <cursoragent@cursor.com>",
    "gemini": "Co-authored-by: Gemini CLI <noreply@google.com>",
    "opencode": "Co-authored-by: opencode <noreply@opencode.ai>",
}
"""The trailer with which each agent marks its commits."""

_GLOBAL_CONFIG = f"""\
[user]
\tname = {PERSON.name}
\temail = {PERSON.email}
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
\tskippedCherryPicks = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""
_KEPT = ("PATH", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
_KEPT_PREFIXES = ("PYTEST_", "PYTHON", "COVERAGE_")


def sealed_environment(home: Path) -> dict[str, str]:
    """Return the only variables that a test may see; ``home`` is made and configured.

    A list of what is kept, not of what is dropped: the next agent's variable and the next
    ``GIT_*`` stay out without anybody adding them here.
    """
    config = home / "gitconfig"
    home.mkdir(parents=True, exist_ok=True)
    config.write_text(_GLOBAL_CONFIG, encoding="utf-8")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return {
        **kept,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "false",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_AUTHOR_DATE": f"{START} +0000",
        "GIT_COMMITTER_DATE": f"{START} +0000",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


@dataclass(slots=True)
class Clock:
    """The time of the next commit, shared by the worktrees of a repository."""

    now: int = START - HOUR

    def tick(self) -> int:
        """Move on by an hour and return the new time."""
        self.now += HOUR
        return self.now


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command of git-buildlog ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What the command printed, read as JSON."""
        return json.loads(self.out)


class Repo:
    """A repository in ``path``; every step returns the repository, so that steps chain."""

    def __init__(
        self, path: Path, env: Mapping[str, str] | None = None, clock: Clock | None = None
    ) -> None:
        self.path = path
        self.env = dict(os.environ if env is None else env)
        self.clock = clock or Clock()

    @classmethod
    def init(
        cls,
        path: Path,
        *,
        env: Mapping[str, str] | None = None,
        bare: bool = False,
        sha256: bool = False,
    ) -> Self:
        """Make a new repository whose first branch is ``main``."""
        path.mkdir(parents=True, exist_ok=True)
        repo = cls(path, env)
        flags = [*(["--bare"] if bare else []), *(["--object-format=sha256"] if sha256 else [])]
        repo.git("init", "--quiet", "--initial-branch=main", *flags)
        return repo

    def worktree(self, path: Path, branch: str) -> Repo:
        """Add a linked worktree on the new branch ``branch``."""
        self.git("worktree", "add", "--quiet", "-b", branch, str(path))
        return Repo(path, self.env, self.clock)

    def clone(self, path: Path, *, bare: bool = False) -> Repo:
        """Clone to ``path``."""
        self.git("clone", "--quiet", *(["--bare"] if bare else []), str(self.path), str(path))
        return Repo(path, self.env, self.clock)

    # -- asking -----------------------------------------------------------------------------

    @property
    def head(self) -> str:
        """The full id of the current commit."""
        return self.id_of("HEAD")

    def id_of(self, revision: str) -> str:
        """Return the full id of the commit that ``revision`` names."""
        return self.git("rev-parse", "--verify", f"{revision}^{{commit}}")

    def read(self, name: str) -> bytes:
        """Return a file of the work tree."""
        return (self.path / name).read_bytes()

    def buildlog(self, *args: str, check: bool = True, stdin: bytes = b"") -> Ran:
        """Run ``git buildlog`` here, as a process of its own."""
        python_path = os.pathsep.join(filter(None, (str(PROJECT), self.env.get("PYTHONPATH"))))
        done = subprocess.run(
            # -P as for the installed script: the repository is no place to import from.
            [sys.executable, "-P", "-m", "buildlog_git", *args],
            cwd=self.path,
            env={**self.env, "PYTHONPATH": python_path},
            input=stdin,
            capture_output=True,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
        if check and ran.code != 0:
            raise AssertionError(f"git buildlog {' '.join(args)}: {ran.code}\n{ran.out}{ran.err}")
        return ran

    def git(self, *args: str, stdin: bytes = b"", check: bool = True, **env: str) -> str:
        """Run git and return what it printed, without the final newline."""
        return self.git_bytes(*args, stdin=stdin, check=check, **env).decode().rstrip("\n")

    def git_bytes(self, *args: str, stdin: bytes = b"", check: bool = True, **env: str) -> bytes:
        """Run git and return the bytes that it printed."""
        done = subprocess.run(
            ["git", *args],
            cwd=self.path,
            env={**self.env, **env},
            input=stdin,
            capture_output=True,
            check=False,
        )
        if check and done.returncode != 0:
            said = (done.stdout + done.stderr).decode(errors="replace")
            raise AssertionError(f"git {' '.join(args)}: {done.returncode}\n{said}")
        return done.stdout

    # -- files ------------------------------------------------------------------------------

    def write(self, files: Files) -> Self:
        """Write files to the work tree; None removes one."""
        for name, content in files.items():
            path = self.path / name
            if content is None:
                path.unlink()
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return self

    def stage(self, files: Files) -> Self:
        """Write files and put everything into the index."""
        self.write(files)
        self.git("add", "--all")
        return self

    # -- time -------------------------------------------------------------------------------

    def wait(self, *, days: float = 0, hours: float = 0) -> Self:
        """Let time pass, besides the hour that each commit takes."""
        self.clock.now += int(days * DAY + hours * HOUR)
        return self

    def at(self, seconds: int) -> Self:
        """Set the time of the next commit, in seconds since 1970."""
        self.clock.now = seconds - HOUR
        return self

    # -- commits ----------------------------------------------------------------------------

    def commit(
        self, files: Files | None = None, message: str = "", who: Person = PERSON, *args: str
    ) -> Self:
        """Commit ``files`` (and what is staged) as a person."""
        self.stage(files or {})
        subject = message or f"Change {', '.join(files or {}) or 'nothing'}"[:72]
        return self._as(who, "commit", "--quiet", "--allow-empty", "-m", subject, *args)

    def agent_commit(
        self,
        files: Files | None = None,
        message: str = "",
        agent: str = "claude",
        who: Person = PERSON,
    ) -> Self:
        """Commit ``files`` with the mark of ``agent``, as a person's agent does."""
        subject = message or f"Write {', '.join(files or {}) or 'nothing'}"[:72]
        return self.commit(files, f"{subject}\n\n{AGENTS[agent]}", who)

    def amend(self, files: Files | None = None, who: Person = PERSON, *args: str) -> Self:
        """Amend the last commit; its message and author stay."""
        self.stage(files or {})
        return self._as(who, "commit", "--quiet", "--amend", "--no-edit", "--allow-empty", *args)

    def fixup(self, files: Files, of: str = "HEAD", who: Person = PERSON) -> Self:
        """Commit ``files`` as a ``fixup!`` of the commit ``of``."""
        self.stage(files)
        return self._as(who, "commit", "--quiet", f"--fixup={of}")

    def autosquash(self, upstream: str = "--root", who: Person = PERSON) -> Self:
        """Fold the ``fixup!`` commits after ``upstream`` into the commits that they are of."""
        return self._as(who, "rebase", "--quiet", "--interactive", "--autosquash", upstream)

    def revert(self, commit: str = "HEAD", who: Person = PERSON) -> Self:
        """Revert a commit."""
        return self._as(who, "revert", "--no-edit", commit)

    def cherry_pick(self, commit: str, who: Person = PERSON, *args: str) -> Self:
        """Pick a commit."""
        return self._as(who, "cherry-pick", *args, commit)

    def rename(self, old: str, new: str) -> Self:
        """Rename a file and stage it; the next commit carries it."""
        (self.path / new).parent.mkdir(parents=True, exist_ok=True)
        self.git("mv", old, new)
        return self

    def delete(self, *names: str) -> Self:
        """Delete files and stage it; the next commit carries it."""
        self.git("rm", "--quiet", *names)
        return self

    # -- branches ---------------------------------------------------------------------------

    def switch(self, branch: str, *, create: bool = False, start: str = "HEAD") -> Self:
        """Switch to a branch."""
        arguments = ("--create", branch, start) if create else (branch,)
        self.git("switch", "--quiet", *arguments)
        return self

    def orphan(self, branch: str) -> Self:
        """Start a branch without history and with an empty tree."""
        self.git("switch", "--quiet", "--orphan", branch)
        return self

    def merge(self, branch: str, who: Person = PERSON, *args: str) -> Self:
        """Merge a branch by a merge commit, unless ``args`` say otherwise."""
        return self._as(who, "merge", "--quiet", *(args or ("--no-ff", "--no-edit")), branch)

    def squash_merge(self, branch: str, message: str = "", who: Person = PERSON) -> Self:
        """Squash a branch into one commit; without a message git writes its own."""
        self.git("merge", "--quiet", "--squash", branch)
        said = ("-m", message) if message else ("--no-edit",)
        return self._as(who, "commit", "--quiet", "--allow-empty", *said)

    def rebase(self, upstream: str, who: Person = PERSON, *args: str) -> Self:
        """Rebase the current branch onto ``upstream``."""
        return self._as(who, "rebase", "--quiet", *args, upstream)

    def _as(self, who: Person, *args: str) -> Self:
        """Run a git command that commits, as ``who``, an hour later than the last one."""
        when = f"{self.clock.tick()} +0000"
        self.git(
            *args,
            GIT_AUTHOR_NAME=who.name,
            GIT_AUTHOR_EMAIL=who.email,
            GIT_AUTHOR_DATE=when,
            GIT_COMMITTER_NAME=who.name,
            GIT_COMMITTER_EMAIL=who.email,
            GIT_COMMITTER_DATE=when,
            GIT_EDITOR="true",
            GIT_SEQUENCE_EDITOR="true",
        )
        return self
