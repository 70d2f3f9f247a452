"""Builds repositories of our own, apart from whoever runs the program.

The one place that uses GitPython: its command driver, whose objects and configuration readers
know neither sha256 nor reftable. Nothing of the machine gets in: no configuration of the user
or the system, no hooks, no templates, no signing, no clock. So the same steps give the same
object ids everywhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.core.ids import Oid, parse_oid
from buildlog_git.errors import GitError
from buildlog_git.gitio.run import foreign_environment

if TYPE_CHECKING:
    from git import Git

_SEALED = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_DEFAULT_HASH": "sha1",
    "GIT_DEFAULT_REF_FORMAT": "files",
    "GIT_PYTHON_REFRESH": "quiet",
    "GIT_EDITOR": "true",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
_CONFIG = {
    "gc.auto": "0",  # the reflog's dates are old: git would drop what only it knows
    "gc.reflogExpire": "never",
    "gc.reflogExpireUnreachable": "never",
    "maintenance.auto": "false",
    "core.autocrlf": "false",
}


class Person(NamedTuple):
    """Whom git writes into a commit."""

    name: str
    email: str


@contextmanager
def sealed_environment() -> Iterator[None]:
    """Let git see neither the machine's configuration nor the repository that we run in."""
    before = dict(os.environ)
    sealed = {**foreign_environment(before), **_SEALED}
    _replace_environment(sealed)
    try:
        yield
    finally:
        _replace_environment(before)


def _replace_environment(wanted: Mapping[str, str]) -> None:
    for name in os.environ.keys() - wanted.keys():
        del os.environ[name]
    os.environ.update(wanted)


class Scratch:
    """A new repository in ``folder`` in which every commit has a given author and time.

    To be used inside :func:`sealed_environment`.
    """

    def __init__(self, folder: Path, owner: Person) -> None:
        from git import Git

        self.folder = folder
        self.owner = owner
        self._git: Git = Git(folder)
        self._run("init", "--quiet", "--template=", "--initial-branch=main")
        settings = {**_CONFIG, "user.name": owner.name, "user.email": owner.email}
        for key, value in settings.items():
            self._run("config", key, value)

    def commit(self, message: str, at: int, author: Person | None = None) -> Oid:
        """Commit everything that stands in the folder and return the new commit."""
        self._run("add", "--all")
        self._commit(at, author or self.owner, "--message", message)
        return self.head()

    def amend(self, at: int) -> Oid:
        """Amend the last commit with what stands in the folder; message and author stay."""
        self._run("add", "--all")
        self._commit(at, None, "--amend", "--no-edit")
        return self.head()

    def write(self, files: Mapping[str, str]) -> None:
        """Write files with plain newlines, whatever the platform."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode())

    def run(self, *args: str) -> None:
        """Run git without making a commit."""
        self._run(*args)

    def head(self) -> Oid:
        """Return the current commit."""
        return parse_oid(self._run("rev-parse", "HEAD"))

    def _commit(self, at: int, author: Person | None, *args: str) -> None:
        env = {
            "GIT_COMMITTER_NAME": self.owner.name,
            "GIT_COMMITTER_EMAIL": self.owner.email,
            "GIT_COMMITTER_DATE": f"{at} +0000",
        }
        if author is not None:
            env |= {
                "GIT_AUTHOR_NAME": author.name,
                "GIT_AUTHOR_EMAIL": author.email,
                "GIT_AUTHOR_DATE": f"{at} +0000",
            }
        self._run("commit", "--quiet", "--no-verify", *args, env=env)

    def _run(self, *args: str, env: Mapping[str, str] | None = None) -> str:
        from git.exc import CommandError

        try:
            done = self._git.execute(["git", *args], env=dict(env or {}))
        except CommandError as error:
            raise GitError(
                f"the repository in {self.folder} could not be built: git {args[0]} failed",
                slug="scratch-failed",
                hint=str(error.stderr).strip() or "check that the folder can be written to",
            ) from error
        return str(done)
