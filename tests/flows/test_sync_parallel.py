"""Processes that write while their clones sync in a loop: nothing is lost, everybody has turns.

How long anybody waits is printed and no condition: it depends on what else the machine does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.flows.sync import sync
from buildlog_git.gitio.notetree import REF
from tests.builder import PROJECT, Repo
from tests.flows.play import context

WRITERS = 8

WRITER = """
import json, sys, time
from hashlib import sha256
from pathlib import Path
from buildlog_git.core.events import Revision
from buildlog_git.flows.context import open_context

name, until = sys.argv[1], float(sys.argv[2])
ledger = open_context(Path.cwd()).ledger

def oid(text):
    return sha256(text.encode()).hexdigest()[:40]

count, longest = 0, 0.0
while not count or time.time() < until:
    began = time.monotonic()
    draft = oid(f"draft {count % 20}")
    ledger.append([Revision(oid(f"{name} {count}"), count, draft, "person", "follow-up")])
    longest = max(longest, time.monotonic() - began)
    count += 1
print(json.dumps({"name": name, "count": count, "longest": longest}))
"""
SYNCER = """
import json, sys, time
from pathlib import Path
from buildlog_git.flows.context import open_context
from buildlog_git.flows.sync import sync

until = float(sys.argv[2])
context = open_context(Path.cwd())
count, longest, pushes = 0, 0.0, 0
while not count or time.time() < until:
    began = time.monotonic()
    done = sync(context)
    # Others may always be faster on a machine that has much else to do; nothing is lost by it.
    told = [(one.push, one.reason, one.attempts) for one in done.remotes]
    assert done.ok or told[0][0] == "busy", told
    pushes += done.remotes[0].attempts
    longest = max(longest, time.monotonic() - began)
    count += 1
print(json.dumps({"name": sys.argv[1], "count": count, "longest": longest, "pushes": pushes}))
"""


def start(repo: Repo, script: str, name: str, until: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", script, name, str(until)],
        cwd=repo.path,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def oid(text: str) -> Oid:
    from hashlib import sha256

    return Oid(sha256(text.encode()).hexdigest()[:40])


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_writers_and_syncs_in_two_clones(tmp_path: Path, seconds: int) -> None:
    hub = Repo.init(tmp_path / "hub.git", bare=True)
    hub.git("config", "core.logAllRefUpdates", "always")
    clones = [Repo.init(tmp_path / name) for name in ("one", "two")]
    until = time.time() + seconds
    running = []
    for clone in clones:
        clone.git("remote", "add", "origin", str(hub.path))
        running.append(start(clone, SYNCER, "sync", until))
        names = [f"{clone.path.name} {number}" for number in range(WRITERS)]
        running += [start(clone, WRITER, name, until) for name in names]
    ended = [process.communicate() for process in running]
    assert [process.returncode for process in running] == [0] * len(running), ended
    told = [json.loads(out) for out, _ in ended]
    syncs = [one for one in told if one["name"] == "sync"]
    written = [one for one in told if one["name"] != "sync"]
    for _ in range(2):
        for clone in clones:
            assert sync(context(clone)).ok
    expected = {oid(f"{one['name']} {n}") for one in written for n in range(one["count"])}
    for repo in (hub, *clones):
        view = context(repo).ledger.read()
        assert {event.commit for event in view.events} == expected
        assert view.lines == len(expected)
    tips = set(hub.git("reflog", "--format=%H", REF).split())
    assert tips <= set(hub.git("rev-list", REF).split()), "nothing was ever pushed by force"
    longest = max(one["longest"] for one in written)
    print(
        f"{len(expected)} events by {len(written)} writers, {sum(s['count'] for s in syncs)} syncs "
        f"with {sum(s['pushes'] for s in syncs)} pushes in {seconds} s; longest append "
        f"{longest:.2f} s, longest sync {max(s['longest'] for s in syncs):.2f} s"
    )
    assert min(one["count"] for one in written) > 0, "everybody gets a turn"
    assert min(one["count"] for one in syncs) > 0
