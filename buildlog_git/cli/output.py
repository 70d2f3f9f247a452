"""What leaves the program: data on standard output, talk on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, NoReturn, TextIO

if TYPE_CHECKING:
    from buildlog_git.gitio.run import Git
    from buildlog_git.render.look import Look

BROKEN_PIPE = 141
"""The exit code of a shell's command that SIGPIPE ended."""


def emit(text: str) -> None:
    """Write ``text`` to standard output; end quietly where nobody reads it any more."""
    try:
        _write(sys.stdout, text)
    except BrokenPipeError:
        end_quietly()


def emit_paged(text: str, git: Git) -> None:
    """Write ``text`` to standard output, a terminal, by the pager that git would take."""
    import shutil

    from buildlog_git.gitio.pager import adds_nothing, choose_pager, show_in_pager

    command = choose_pager(git, os.environ)
    fits = text.count("\n") < shutil.get_terminal_size().lines
    if command is None or (fits and adds_nothing(command)):
        emit(text)
        return
    sys.stdout.flush()
    encoding = sys.stdout.encoding or "ascii"
    if not show_in_pager(text.encode(encoding, "backslashreplace"), command):
        emit(text)


def say(text: str) -> None:
    """Write ``text`` to standard error, if anybody listens."""
    try:
        _write(sys.stderr, text)
    except OSError:
        return


def end_quietly() -> NoReturn:
    """Exit as if SIGPIPE had ended us, without Python's complaint about the lost stream."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(BROKEN_PIPE)


def look_of(
    stream: TextIO, git_colours: Sequence[tuple[str, str]] = (), *, paged: bool = False
) -> Look:
    """Return how text may look on ``stream``; ``paged``: a pager shows it at a terminal."""
    import shutil  # and what it imports: half a bare interpreter

    from buildlog_git.gitio.pager import in_use
    from buildlog_git.render.look import choose_look

    paged = paged or in_use(os.environ)
    return choose_look(
        os.environ,
        git_colours,
        terminal=is_terminal(stream) or paged,
        paged=paged,
        columns=shutil.get_terminal_size().columns,
        encoding=stream.encoding or "ascii",
    )


def is_terminal(stream: TextIO) -> bool:
    """Return whether a person looks at ``stream``."""
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
    stream.flush()
