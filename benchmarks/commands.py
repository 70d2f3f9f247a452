"""What all benchmarks need: a sealed environment, and a command's cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

BIN = Path(sys.executable).parent
BUILDLOG = str(BIN / "git-buildlog")
CONFIG = """[user]
\tname = A Person
\temail = person@example.com
[init]
\tdefaultBranch = main
[advice]
\tdetachedHead = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
"""


class Cost(NamedTuple):
    """Seconds that a command took: by the clock, and of CPU with its children."""

    wall: float
    cpu: float


def seal(scratch: Path) -> None:
    """Let nothing of the machine in, and let Python keep compiled modules, as it does for users."""
    for name in list(os.environ):
        if name.startswith(("GIT_", "PYTHON", "BUILDLOG_", "XDG_", "CLAUDE", "AGENT")):
            del os.environ[name]
    (scratch / "home").mkdir()
    (scratch / "gitconfig").write_text(CONFIG)
    os.environ |= {
        "HOME": str(scratch / "home"),
        "GIT_CONFIG_GLOBAL": str(scratch / "gitconfig"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    subprocess.run([sys.executable, "-m", "buildlog_git", "drain"], cwd=scratch, check=True)


def run(command: Sequence[str], cwd: Path, stdin: bytes | None = None) -> Cost:
    """Run a command to its end; a failure ends the benchmark."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    if process.stdin is not None:
        process.stdin.write(stdin or b"")
        process.stdin.close()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} in {cwd} ended with {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)
