"""Runs git: the one place of the whole program that starts a process.

Bytes in and out, an argument list, never a shell. Options that a user's configuration could
change under us are pinned here. Environment variables that would point git at another
repository are kept as they are for the user's own repository (``git -C`` and hooks rely on
them) and stripped by :func:`foreign_environment` before touching any other.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import IO, NamedTuple

from buildlog_git.errors import GitError, UsageError

PINNED = (
    "-c", "core.quotePath=true",
    "-c", "log.showSignature=false",
    "-c", "diff.noprefix=false",
    "-c", "diff.mnemonicPrefix=false",
    "-c", "diff.suppressBlankEmpty=false",
    "-c", "color.ui=false",
)  # fmt: skip
"""Settings that change the bytes that we parse, fixed to what the parsers expect."""

_ENVIRONMENT = {
    "GIT_OPTIONAL_LOCKS": "0",  # reading never takes the index lock away from the user
    "GIT_LITERAL_PATHSPECS": "0",
    "GIT_GLOB_PATHSPECS": "0",
    "GIT_ICASE_PATHSPECS": "0",
    "LC_ALL": "C",  # messages that we test for are not translated
}
_OFFLINE = {
    # A partial clone would fetch each missing blob by a connection of its own. History is
    # read as it is here; what is missing is counted and said.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",  # git before 2.45 does not know the line above
}
_LOCAL_VARIABLES = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_CONFIG_COUNT",
    "GIT_CONFIG_PARAMETERS", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS",
    "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
)  # fmt: skip
"""``git rev-parse --local-env-vars`` of git 2.39; a test compares them."""


def foreign_environment(env: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return ``env`` without the variables that tie git to the current repository."""
    source = os.environ if env is None else env
    return {name: value for name, value in source.items() if name not in _LOCAL_VARIABLES}


class Git(NamedTuple):
    """Git in one directory; every call is one process.

    Only where ``online`` is set may git talk to a remote, or ask somebody for a password.
    """

    cwd: Path
    env: Mapping[str, str] = MappingProxyType({})
    online: bool = False

    def with_env(self, **variables: str) -> Git:
        """Return the same door with more environment variables."""
        return self._replace(env={**self.env, **variables})

    def with_objects(self, folder: str) -> Git:
        """Return the same door with one more folder in which git looks for objects."""
        name = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
        present = self.environment().get(name)
        return self.with_env(**{name: f"{present}{os.pathsep}{folder}" if present else folder})

    def argv(self, *args: str) -> list[str]:
        """Return the whole command line for ``args``."""
        return ["git", *PINNED, *args]

    def environment(self) -> dict[str, str]:
        """Return the environment of the child process."""
        offline = {} if self.online else _OFFLINE
        return {**os.environ, **_ENVIRONMENT, **offline, **self.env}

    def popen(
        self,
        *args: str,
        stdin: int | None = subprocess.DEVNULL,
        stderr: int | None = subprocess.DEVNULL,
        pipesize: int = -1,
    ) -> subprocess.Popen[bytes]:
        """Start git and return the process; its standard output is a pipe of bytes.

        ``pipesize`` is how many bytes git may be ahead of its reader, where the system can.

        Raises:
            GitError: git is not installed, or the directory is gone.
            UsageError: an argument can be none of a process.
        """
        try:
            return subprocess.Popen(
                self.argv(*args),
                cwd=self.cwd,
                env=self.environment(),
                stdin=stdin,
                stdout=subprocess.PIPE,
                stderr=stderr,
                pipesize=pipesize,
            )
        except OSError as error:
            if pipesize != -1:  # the system may grant no pipe of that size
                return self.popen(*args, stdin=stdin, stderr=stderr)
            raise _cannot_start(error, self.cwd) from error
        except ValueError as error:
            raise _no_argument() from error

    def run(
        self, *args: str, stdin: bytes | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        """Run git to its end.

        Raises:
            GitError: git could not be started, or ended with another status than 0 while
                ``check`` is set; the message carries git's own first line.
            UsageError: an argument can be none of a process.

        """
        try:
            done = subprocess.run(
                self.argv(*args),
                cwd=self.cwd,
                env=self.environment(),
                input=stdin if stdin is not None else b"",
                capture_output=True,
                check=False,
            )
        except OSError as error:
            raise _cannot_start(error, self.cwd) from error
        except ValueError as error:
            raise _no_argument() from error
        if check and done.returncode != 0:
            raise GitError(
                f"git {args[0]} failed: {first_line(done.stderr)}",
                slug="git-failed",
                hint="run the same git command by hand to see all that it says",
            )
        return done

    def out(self, *args: str, stdin: bytes | None = None) -> bytes:
        """Run git and return its standard output."""
        return self.run(*args, stdin=stdin).stdout

    def text(self, *args: str) -> str:
        """Run git and return its standard output as text without the final newline."""
        return self.out(*args).decode("utf-8", "surrogateescape").rstrip("\n")

    def lines(self, *args: str, stdin: bytes | None = None) -> list[str]:
        """Run git and return the lines of its standard output as text."""
        return self.out(*args, stdin=stdin).decode("utf-8", "surrogateescape").splitlines()

    def ok(self, *args: str) -> bool:
        """Return whether git ends with status 0."""
        return self.run(*args, check=False).returncode == 0


def first_line(stderr: bytes, default: str = "it gave no reason") -> str:
    """Return the first telling line of git's error output, without its ``fatal:``."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    telling = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines
    if not telling:
        return default
    return telling[0].removeprefix("fatal: ").removeprefix("error: ")


def unnamed_file() -> IO[bytes]:
    """Return a file without a name, gone when it is closed: input that git can read at its pace.

    In memory where the system can: importing ``tempfile`` costs a third of a bare interpreter.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            return os.fdopen(os.memfd_create("buildlog"), "w+b")
    import tempfile

    return tempfile.TemporaryFile()


def feed(lines: Iterable[str]) -> bytes:
    """Return ``lines`` as the standard input of a ``--stdin`` command."""
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Close the pipes of a process that answers as long as it is asked, and wait for its end."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    process.wait()


def _no_argument() -> UsageError:
    """Return the error of a NUL or of half a character, as JSON from an agent may hold them."""
    return UsageError(
        "that is no name for git: a NUL, or half a character, is in it",
        slug="bad-name",
        hint="names are plain text",
    )


def _cannot_start(error: OSError, cwd: Path) -> GitError:
    if not cwd.is_dir():
        return GitError(
            f"no such directory: {cwd}",
            slug="no-directory",
            hint="name one that is there with -C <path>",
        )
    return GitError(
        f"git could not be started: {error.strerror}",
        slug="git-missing",
        hint="install git and make sure that it is on PATH",
    )


def answer_of(command: str) -> str | None:
    """Return what ``<command> --version`` prints, None where it does not run."""
    try:
        done = subprocess.run(
            [command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf-8", "replace").strip() if done.returncode == 0 else None
