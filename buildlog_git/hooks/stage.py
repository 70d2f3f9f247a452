"""``git-buildlog hook <stage>``: what the sh shim does, for dispatchers that run Python.

The pre-commit framework gives a hook no standard input and tells what git said by variables;
where it tells nothing, git's own files do: while post-rewrite runs, the map of a rebase still
lies in the folder of the rebase, and that of an amend is the last line of HEAD's reflog.

The line in the queue is the same as the shim's, so that both may be at work at once.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.ids import Oid
from buildlog_git.core.session import Place
from buildlog_git.core.signals import Signal
from buildlog_git.errors import UsageError
from buildlog_git.gitio.headlog import head_ref, last_move
from buildlog_git.gitio.queue import Queue, RewriteMap
from buildlog_git.gitio.repo import Repo, head_commit, open_repo
from buildlog_git.gitio.sessionfiles import session_file
from buildlog_git.gitio.settings import read_config
from buildlog_git.gitio.shown import SHOWN
from buildlog_git.gitio.worktrees import worktree_name
from buildlog_git.hooks import entry

USAGE = """\
usage: git-buildlog hook <stage> [<argument>...]

Tell git-buildlog that a hook of git has run: post-checkout, post-commit, post-merge,
post-rewrite, prepare-commit-msg, which names the open session in the message where
buildlog.trailer is true, or pre-push, which starts a sync in the background where
buildlog.push is true. For the pre-commit framework and other dispatchers; says nothing
and always ends with 0. 'git buildlog doctor' tells what went wrong.
"""

_GIVEN = {
    "post-checkout": {
        "old": "PRE_COMMIT_FROM_REF",
        "new": "PRE_COMMIT_TO_REF",
        "flag": "PRE_COMMIT_CHECKOUT_TYPE",
    },
    "post-commit": {},
    "post-merge": {"squash": "PRE_COMMIT_IS_SQUASH_MERGE"},
    "post-rewrite": {"cmd": "PRE_COMMIT_REWRITE_COMMAND"},
}
"""What git gives each hook, in its order, and where pre-commit puts it."""
_VERBS = {"p": "pick", "r": "reword", "e": "edit", "s": "squash", "f": "fixup", "d": "drop",
          "m": "merge"}  # fmt: skip
_HEX = frozenset("0123456789abcdef")


class Checkout(NamedTuple):
    """Where a hook runs: the worktree's name and its branch, if HEAD is on one."""

    repo: Repo
    worktree: str
    ref: str | None


def main(arguments: Sequence[str]) -> int:
    """Put one call of a hook into the queue and start the drain; return 0, always."""
    if {"-h", "--help"} & set(arguments):
        sys.stdout.write(USAGE)
        return 0
    try:
        stage, *given = arguments or [""]
        if stage == "prepare-commit-msg":
            from buildlog_git.hooks.trailer import add_session

            add_session(given)
            return 0
        if stage in ("pre-push", "sync"):
            from buildlog_git.hooks.push import run_sync, start_sync

            (start_sync if stage == "pre-push" else run_sync)(given)
            return 0
        if stage not in _GIVEN:
            raise UsageError(
                f"git-buildlog knows no hook {stage!r}",
                slug="unknown-hook",
                hint=f"it knows {', '.join([*_GIVEN, 'prepare-commit-msg'])} and pre-push",
            )
        _run(stage, given)
    except Exception as error:  # noqa: BLE001 - a hook never fails
        entry.record(Path(), error)
    return 0


def _run(stage: str, given: Sequence[str]) -> None:
    words = _words(stage, given, os.environ)
    if stage == "post-checkout" and words.get("flag") != "1":
        return  # single files: the most frequent call, so it costs no process
    repo = open_repo(Path())
    place = Checkout(repo, worktree_name(repo), head_ref(repo.git_dir))
    if not is_news(place, stage, words):
        return
    queue = Queue(repo.common_dir)
    if stage == "post-rewrite":
        content = rewrite_map(repo.git_dir, words.get("cmd", ""))
        if content.pairs:
            words["map"] = f"{time.time_ns()}-{os.getpid()}"
            queue.spool(words["map"], content)
    pairs = read_config(repo.git)
    queue.append(
        Signal(
            hook=stage,
            worktree=place.worktree,
            ref=place.ref,
            head=head_commit(repo.git),
            terminal=at_terminal(),
            words=words,
            variables=agents_variables(os.environ, pairs),
        )
    )
    _start_drain(dict(pairs).get("buildlog.drain", "background"))


def _words(stage: str, given: Sequence[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Return what git gave the hook, by the names that the queue has for it."""
    names = _GIVEN[stage]
    values = given or [environment.get(variable, "") for variable in names.values()]
    return {name: value for name, value in zip(names, values, strict=False) if value}


def is_news(place: Checkout, stage: str, words: Mapping[str, str]) -> bool:
    """Return whether a call is worth a line.

    It is not inside a rebase, whose end tells all, nor where a checkout starts no session.
    """
    git_dir = place.repo.git_dir
    rebasing = (git_dir / "rebase-merge").is_dir() or (git_dir / "rebase-apply").is_dir()
    if rebasing and (stage != "post-rewrite" or words.get("cmd") != "rebase"):
        return False
    if stage != "post-checkout":
        return True
    if (git_dir / "BISECT_LOG").is_file():
        return False
    if place.ref is None:
        return True
    common = place.repo.common_dir
    if not session_file(common, Place(place.worktree, place.ref)).is_file():
        return True
    return shown_ref(common / SHOWN / place.worktree) not in (None, place.ref)


def shown_ref(path: Path) -> str | None:
    """Return the branch whose rules agents can read, None where nothing was ever put for them."""
    try:
        with path.open("rb") as file:
            return file.readline().rstrip(b"\n").decode("utf-8", "surrogateescape")
    except OSError:
        return None


def rewrite_map(git_dir: Path, command: str) -> RewriteMap:
    """Return what the rewrite that has just ended replaced, from where git keeps it."""
    if command == "amend":
        return RewriteMap(tuple(_amended(git_dir)))
    for name in ("rebase-merge/rewritten-list", "rebase-apply/rewritten"):
        rows = [line.split() for line in _lines(git_dir / name)]
        pairs = tuple((row[0], row[1]) for row in rows if len(row) == 2)
        if pairs:
            folder = (git_dir / name).parent
            return RewriteMap(pairs, (*_onto(folder / "onto"), *_done(folder / "done")))
    return RewriteMap()


def _amended(git_dir: Path) -> Iterator[tuple[Oid, Oid]]:
    move = last_move(git_dir)
    if move is not None and move.verb == "commit (amend)":
        yield move.old, move.new


def _done(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the verb and the commit of each line of a rebase's list that has a commit."""
    for line in _lines(path):
        verb, *rest = line.split(" ")
        words = [word for word in rest if word not in ("-C", "-c")]
        verb = _VERBS.get(verb, verb)
        if verb in _VERBS.values() and words and len(words[0]) >= 40 and _HEX.issuperset(words[0]):
            yield verb, words[0]


def _onto(path: Path) -> Iterator[tuple[str, str]]:
    """Yield where a rebase began: git takes a commit that was skipped for what HEAD was at."""
    oid = _lines(path)[0] if path.is_file() else ""
    if oid and _HEX.issuperset(oid):
        yield "onto", oid


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text("utf-8", "surrogateescape").split("\n")
    except OSError:
        return []


def at_terminal() -> bool:
    """Return whether git's messages go to a terminal.

    A dispatcher catches what hooks say, so that its own standard error is the one to ask about.
    """
    if sys.stderr is not None and sys.stderr.isatty():
        return True
    try:
        target = os.readlink(f"/proc/{os.getppid()}/fd/2")  # noqa: PTH115 - it names no file
    except OSError:
        return False
    return target.startswith(("/dev/pts/", "/dev/tty", "/dev/console"))


def agents_variables(
    environment: Mapping[str, str], pairs: Sequence[tuple[str, str]]
) -> dict[str, str]:
    """Return the variables that are set of those by which agents are known."""
    from buildlog_git.core.hooks import watched_variables
    from buildlog_git.core.registry import DEFAULT

    own = [pair for pair in pairs if pair[0].startswith("buildlog.agent.")]
    names = watched_variables(DEFAULT.extended(own) if own else DEFAULT)
    return {name: environment[name] for name in names if environment.get(name)}


def _start_drain(mode: str) -> None:
    from buildlog_git.gitio.detached import outside_hook, start_detached

    environment = outside_hook(os.environ)
    if mode == "foreground":
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        entry.main([])
    elif mode != "off":
        # -P: the user's repository is no place to import from.
        start_detached([sys.executable, "-P", "-m", "buildlog_git", "drain"], environment)
