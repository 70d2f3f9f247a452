"""How failure reaches a person: one line of what happened and why, a hint, an exit code."""

from __future__ import annotations

import os
import sys

from buildlog_git.cli.output import say
from buildlog_git.errors import BuildlogError
from buildlog_git.render.words import safe

USAGE = 2
INTERRUPTED = 130
UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h."""
DEBUG_VARIABLE = "BUILDLOG_DEBUG"


class TooLittleData(BuildlogError):  # noqa: N818 - it names an outcome that exits with 3
    """The user required more data than there is."""

    exit_code = 3


def explain(error: BaseException) -> int:
    """Say on standard error what went wrong, and return the exit code."""
    if isinstance(error, BuildlogError):
        _say(error.message, error.slug, error.hint)
        _trace()
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    import typer  # what the plain commands do without

    if isinstance(error, typer.Abort):
        return INTERRUPTED
    # What typer raises for every wrong command line; older releases take it from click.
    if isinstance(error, typer.BadParameter.__mro__[2]):
        return _explain_usage(error)
    name = type(error).__name__
    _say(
        f"unexpected {name}: {error}" if str(error) else f"unexpected {name}",
        "unexpected",
        f"please report it; {DEBUG_VARIABLE}=1 in the environment shows where it happened",
    )
    _trace()
    return UNEXPECTED


def _explain_usage(error: BaseException) -> int:
    said = getattr(error, "format_message", error.__str__)().strip().rstrip(".")
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "git buildlog"
    _say(said[:1].lower() + said[1:], "usage", f"see: {command} -h")
    return USAGE


def _say(message: str, slug: str, hint: str) -> None:
    # Messages quote paths, revisions and git itself: none of it reaches the terminal raw.
    text = f"git buildlog: {safe(message)} [{slug}]\n"
    text += "".join(f"  {safe(line)}\n" for line in hint.splitlines())
    say(text)


def _trace() -> None:
    if os.environ.get(DEBUG_VARIABLE):
        import shlex
        import traceback

        say(f"{shlex.join(sys.argv)}\n{traceback.format_exc()}")
