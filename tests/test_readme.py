"""README's sessions run as they are written, with the output that they show."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builder import HOUR, START

ROOT = Path(__file__).resolve().parent.parent


BLOCKS = re.findall(r"```console\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def steps_of(block: str) -> list[tuple[str, str]]:
    """Return (command, output) of a console block."""
    steps: list[tuple[str, str]] = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append((line[2:].rstrip("\n"), ""))
        else:
            command, output = steps[-1]
            steps[-1] = (command, output + line)
    return steps


def test_the_sessions_are_there() -> None:
    assert len(BLOCKS) == 2


@pytest.mark.parametrize("block", BLOCKS, ids=["a demo", "a first day"])
def test_a_session_runs_as_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: str
) -> None:
    if "buildlog install" in block:  # its commits are made now, and now is when tests begin
        monkeypatch.setenv("BUILDLOG_NOW", str(START + HOUR))
    run_as_written(tmp_path, block)


def run_as_written(tmp_path: Path, block: str) -> None:
    """Run the commands of a console block in ``tmp_path`` and compare what they print."""
    steps = steps_of(block)
    assert len(steps) > 2
    # ``git buildlog`` finds its command on PATH; here it is this very checkout.
    tools = tmp_path / "tools"
    tools.mkdir()
    command = tools / "git-buildlog"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m buildlog_git "$@"\n')
    command.chmod(0o755)
    mark = "-- step --"
    script = "".join(f"{step}\nprintf '%s\\n' '{mark}'\n" for step, _ in steps)
    done = subprocess.run(
        ["sh", "-c", f'PATH="{tools}:$PATH"; export PATH\n{script}'],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    shown = done.stdout.split(f"{mark}\n")[:-1]
    assert [(s, o) for (s, _), o in zip(steps, shown, strict=True)] == steps, done.stderr
