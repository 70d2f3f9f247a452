"""At a real terminal: colours, width, and the progress bar that comes late."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.progress import Progress as RichProgress

from buildlog_git.cli import progress
from buildlog_git.flows.context import silent
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from pathlib import Path


def at_terminal(folder: Path, *args: str, columns: int = 80, **env: str) -> str:
    """Return what a person at a terminal sees."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "buildlog_git", *args],
        cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs,
        env={**os.environ, "TERM": "xterm", "PYTHONPATH": str(PROJECT), **env},
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 4096):
            seen += chunk
    except OSError:  # Linux says so when the other side is closed
        pass
    os.close(ours)
    assert process.wait() == 0
    return seen.decode().replace("\r\n", "\n")


def test_colours_at_a_terminal(story: Repo) -> None:
    plain = story.buildlog("log").out
    seen = at_terminal(story.path, "log")
    assert "\x1b[33m" in seen
    assert "\x1b" not in plain
    assert at_terminal(story.path, "log", NO_COLOR="1") == plain
    assert at_terminal(story.path, "log", TERM="dumb") == plain
    story.git("config", "color.ui", "false")
    assert at_terminal(story.path, "log") == plain
    story.git("config", "color.buildlog", "always")
    assert "\x1b[33m" in story.buildlog("log").out
    assert "\x1b" not in story.buildlog("log", "--json").out


def test_a_subject_is_cut_at_a_terminal_only(story: Repo) -> None:
    story.commit({"a": "1"}, "long " * 30)
    cut = at_terminal(story.path, "log", columns=100, NO_COLOR="1").splitlines()
    assert len(cut[0]) == 100
    assert cut[0].endswith("…")
    assert story.buildlog("log").out.splitlines()[0].endswith("long long long")


def test_ascii_where_the_encoding_has_no_more(story: Repo) -> None:
    story.env["PYTHONIOENCODING"] = "ascii"
    story.commit({"a": "1"}, "Grüße")
    assert r"Gr\xfc\xdfe" in story.buildlog("log").out
    assert story.buildlog("report").out.isascii()


def test_the_bar_waits_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    monkeypatch.setattr(progress, "_rich_bar", lambda: RichProgress(console=console))
    monkeypatch.setattr(progress, "is_terminal", lambda _: True)
    with progress.progress_bar() as report:
        report("following drafts", 1, 10)
    assert screen.getvalue() == ""
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with pytest.raises(ZeroDivisionError):
        _work_and_fail()
    assert "following drafts" in screen.getvalue()
    assert screen.getvalue().endswith("\x1b[?25h")  # the cursor is back


def _work_and_fail() -> None:
    with progress.progress_bar() as report:
        report("reading commits", 0, 0)
        report("following drafts", 5, 10)
        raise ZeroDivisionError


def test_no_bar_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    with progress.progress_bar() as report:
        assert report is silent


# -- the pager ------------------------------------------------------------------------------


def marked(seen: str) -> bool:
    return seen.startswith("paged: ")


MARK = "sed 1s/^/paged:\\ /"


def test_the_pager_is_the_one_that_git_would_take(story: Repo) -> None:
    plain = at_terminal(story.path, "log", NO_COLOR="1", GIT_PAGER="cat")
    assert not marked(plain)
    assert at_terminal(story.path, "log", NO_COLOR="1", GIT_PAGER=MARK) == f"paged: {plain}"
    assert marked(at_terminal(story.path, "report", NO_COLOR="1", PAGER=MARK))
    story.git("config", "core.pager", MARK)
    assert marked(at_terminal(story.path, "log", NO_COLOR="1"))
    assert not marked(at_terminal(story.path, "log", NO_COLOR="1", GIT_PAGER=""))
    story.git("config", "pager.buildlog", "false")
    assert not marked(at_terminal(story.path, "log", NO_COLOR="1"))
    story.git("config", "pager.buildlog", "sed 1s/^/other:/")
    assert at_terminal(story.path, "log", NO_COLOR="1").startswith("other:")
    assert marked(at_terminal(story.path, "log", NO_COLOR="1", GIT_PAGER=MARK))
    assert not marked(at_terminal(story.path, "status", NO_COLOR="1"))


def test_no_pager_where_nobody_looks(story: Repo) -> None:
    story.env["GIT_PAGER"] = MARK
    assert not marked(story.buildlog("log").out)
    assert story.buildlog("report", "--json").json["schema"]


def test_a_pager_that_is_not_there_loses_nothing(story: Repo) -> None:
    seen = at_terminal(story.path, "log", NO_COLOR="1", GIT_PAGER="no-such-pager-anywhere")
    assert seen.endswith(story.buildlog("log").out)


def test_a_pager_that_stops_early_is_no_failure(story: Repo) -> None:
    for number in range(30):
        story.git("commit", "-q", "--allow-empty", "-m", f"{number} {'x' * 4000}")
    seen = at_terminal(story.path, "log", GIT_PAGER="head -n 1", NO_COLOR="1")
    assert len(seen.splitlines()) == 1


def test_what_git_pages_for_us_has_colours(story: Repo) -> None:
    story.env["GIT_PAGER_IN_USE"] = "true"
    assert "\x1b[33m" in story.buildlog("log").out
    assert "\x1b" not in story.buildlog("log", "--json").out
    story.git("config", "color.pager", "false")
    assert "\x1b" not in story.buildlog("log").out
