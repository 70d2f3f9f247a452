"""``python -m buildlog_git`` is ``git buildlog``; hooks come in by a door that loads less."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from pathlib import Path


def main() -> None:
    """Run the command line and exit."""
    # Modules, events and walks make no cycles: looking for some is 5 % of a drain, and more of a
    # report over a large ledger. What stays up for long may make some.
    gc.set_threshold(200_000, 50, 50)
    # Learning solves some hundred equations: threads only wait for one another, at a multiple of
    # the work, and how many there are would show in the last digit.
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")
    if sys.argv[1:2] == ["drain"] and set(sys.argv[2:]) <= {"--summary"}:
        gc.disable()
        from buildlog_git.hooks.entry import main as drain

        _leave(drain(sys.argv[2:]))
    if sys.argv[1:2] == ["hook"]:
        from buildlog_git.hooks.stage import main as hook

        _leave(hook(sys.argv[2:]))
    if sys.argv[1:2] == ["report"]:
        from buildlog_git.cli.quick import answer

        if answer(sys.argv[2:]):
            _leave(0)
    if sys.argv[1:2] in (["report"], ["status"], ["session"]):
        from buildlog_git.cli.plain import run as run_plain

        code = run_plain(sys.argv[1:])
        if code is not None:
            _leave(code)
    from buildlog_git.cli.app import run

    run(_serve)


def _serve(directory: Path) -> None:
    """Serve tools to agents: a surface that the command line names and does not import."""
    from buildlog_git.mcp import serve

    serve(directory)


def _leave(code: int) -> NoReturn:
    """End the process as it is: all is written, and nobody needs its modules taken apart.

    Taking them apart costs a drain as much as a bare interpreter does in all.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):  # closed, or never there
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
