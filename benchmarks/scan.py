"""How long a scan takes, as a ratio to a plain ``git log -p --no-merges`` of the same history.

    python benchmarks/scan.py [--runs N] [REPOSITORY ...]

Each run is a pair on one machine in one minute: the plain log, then ``git buildlog scan`` in a
fresh copy (``git clone --shared``), whole processes from outside. Without a repository, two are
made: an ordinary history and one with huge diffs. Printed are medians: wall seconds, the ratio
pair by pair, the largest process, how many git processes the scan started, and the size of the
notes. A history that lacks blobs is given stand-ins for the plain log too, which else stops.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from buildlog_git.gitio.missing import missing_blobs, write_stand_ins
from buildlog_git.gitio.run import Git

WRAPPER = """#!/bin/sh
echo >>"{log}"
exec "{git}" "$@"
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    print(
        f"{'history':16} {'commits':>8} {'agents':>7} {'log -p':>8} {'scan':>8} {'ratio':>6}"
        f" {'again':>7} {'peak MB':>8} {'git':>4} {'notes kB':>9}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for repository in asked.repositories or made_up(folder):
            print(line_for(repository, folder, asked.runs), flush=True)


def line_for(repository: Path, folder: Path, runs: int) -> str:
    copy = folder / "copy"
    plain, scanned, again, ratios = [], [], [], []
    for _ in range(runs):
        clone(repository, copy)
        missing = missing_blobs(Git(copy))
        stand_ins = folder / "stand-ins"
        stand_ins.mkdir(exist_ok=True)
        write_stand_ins(missing, stand_ins)
        env = {**os.environ, "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(stand_ins)}
        log, _ = timed(["git", "log", "-p", "--no-merges"], copy, env)
        scan, peak = timed([sys.executable, "-m", "buildlog_git", "scan", "--json"], copy)
        second, _ = timed([sys.executable, "-m", "buildlog_git", "scan", "--json"], copy)
        plain.append(log)
        scanned.append(scan)
        again.append(second)
        ratios.append(scan / log)
    processes = count_processes(repository, folder)
    commits = len(Git(copy).lines("rev-list", "HEAD"))
    drafts = Git(copy).text("grep", "-c", "-h", '"kind":"draft"', "refs/notes/buildlog")
    agents = sum(int(count) for count in drafts.split())
    return (
        f"{repository.name:16} {commits:8} {agents:7} {statistics.median(plain):7.2f}s"
        f" {statistics.median(scanned):7.2f}s {statistics.median(ratios):6.2f}"
        f" {statistics.median(again):6.2f}s {peak:8.0f} {processes:4} {notes_size(copy):9.0f}"
    )


def timed(command: list[str], cwd: Path, env: dict[str, str] | None = None) -> tuple[float, float]:
    """Return wall seconds and the peak memory (MB) of the largest process so far."""
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while process.stdout.read(1 << 20):
            pass
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    taken = time.perf_counter() - start
    return taken, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def clone(repository: Path, copy: Path) -> None:
    shutil.rmtree(copy, ignore_errors=True)
    command = ["git", "clone", "-q", "--shared", "--no-checkout", str(repository), str(copy)]
    subprocess.run(command, check=True)


def count_processes(repository: Path, folder: Path) -> int:
    """Return how many times a scan starts git."""
    copy, log, tools = folder / "counted", folder / "calls", folder / "tools"
    clone(repository, copy)
    tools.mkdir(exist_ok=True)
    wrapper = tools / "git"
    wrapper.write_text(WRAPPER.format(log=log, git=shutil.which("git")))
    wrapper.chmod(0o755)
    log.write_text("")
    env = {**os.environ, "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    timed([sys.executable, "-m", "buildlog_git", "scan", "--json"], copy, env)
    return log.read_text().count("\n")


def notes_size(copy: Path) -> float:
    """Return the size of the notes ref's objects, packed, in kB."""
    git = Git(copy)
    objects = git.out("rev-list", "--objects", "refs/notes/buildlog")
    names = b"\n".join(line.split()[0] for line in objects.splitlines()) + b"\n"
    return len(git.out("pack-objects", "--stdout", "-q", stdin=names)) / 1024


def made_up(folder: Path) -> list[Path]:
    return [history(folder / "ordinary", 3000, 40), history(folder / "huge-diffs", 60, 20_000)]


def history(path: Path, commits: int, lines: int) -> Path:
    """Make a linear history in which agents and people change up to ``lines`` lines a commit."""
    rng = random.Random(commits)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(path)], check=True)
    files: dict[str, list[str]] = {}
    stream = []
    for number in range(commits):
        name = f"src/module{rng.randrange(60)}.py"
        text = files.setdefault(name, [])
        at = rng.randint(0, len(text))
        text[at : at + rng.randint(0, lines)] = [
            f"value_{rng.randrange(10**6)} = call({rng.randrange(10**6)}, other)"
            for _ in range(rng.randint(1, lines))
        ]
        who = "\n\nCo-authored-by: Claude <noreply@anthropic.com>\n" if number % 3 == 0 else ""
        message = f"Change {number}{who}".encode()
        blob = "".join(f"{line}\n" for line in text).encode()
        stamp = f"A Person <person@example.com> {1_700_000_000 + number * 3600} +0000"
        stream.append(
            b"commit refs/heads/main\ncommitter %b\ndata %d\n%b\nM 100644 inline %b\ndata %d\n%b\n"
            % (stamp.encode(), len(message), message, name.encode(), len(blob), blob)
        )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=path, input=b"".join(stream), check=True)
    return path


if __name__ == "__main__":
    main()
