"""Runs the command line in a fork of this process, which has already imported it.

A fresh interpreter spends four fifths of a measurement on imports. The fork has its own
arguments, environment, directory and exit code all the same, and leaves nothing behind.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
import traceback
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from tests.builder import Ran

if TYPE_CHECKING:
    from tests.builder import Repo


@cache
def _imported() -> None:
    import buildlog_git

    for module in pkgutil.walk_packages(buildlog_git.__path__, "buildlog_git."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def buildlog(repo: Repo, *args: str) -> Ran:
    """Run ``git buildlog`` in a repository."""
    _imported()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            _become(repo, args, out.fileno(), err.fileno())
        _, status = os.waitpid(child, 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    return Ran(os.waitstatus_to_exitcode(status), texts[0], texts[1])


def _become(repo: Repo, args: tuple[str, ...], out: int, err: int) -> NoReturn:
    """Be the command, never return into the test."""
    code = 70
    try:
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)  # noqa: SIM115
        os.environ.clear()
        os.environ.update(repo.env)
        os.chdir(repo.path)
        sys.argv = ["git-buildlog", *args]
        code = _run()
    except BaseException:  # noqa: BLE001 - nothing may climb back into the test's stack
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _run() -> int:
    from buildlog_git.cli.app import run

    try:
        run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
