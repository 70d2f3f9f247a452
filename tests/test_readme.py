"""README's session runs as it is written, with the output that it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def session() -> list[tuple[str, str]]:
    """Return (command, output) of the README's console block."""
    text = (ROOT / "README.md").read_text()
    block = re.search(r"```console\n(.*?)```", text, re.DOTALL)
    assert block, "README has lost its session"
    steps: list[tuple[str, str]] = []
    for line in block[1].splitlines(keepends=True):
        if line.startswith("$ "):
            steps.append((line[2:].rstrip("\n"), ""))
        else:
            command, output = steps[-1]
            steps[-1] = (command, output + line)
    return steps


def test_the_session_runs_as_written(tmp_path: Path) -> None:
    steps = session()
    assert len(steps) > 5
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
