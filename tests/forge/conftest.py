"""A forge without a network: a bare remote with pull requests, and a machine that runs its CI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from buildlog_git.cli.app import app
from tests.builder import DAY, PROJECT, Repo

SCRIPT = PROJECT / "forge" / "buildlog-ci.sh"
COMMANDS = {command.callback.__name__ for command in app.registered_commands if command.callback}
needs_sharing = pytest.mark.skipif(
    not {"sync", "carry"} <= COMMANDS, reason="this program has no sync and no carry yet"
)
TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"

_GH = """\
#!{python}
# Stands for GitHub's own client: keeps comments in a file, as the API would.
import json, pathlib, sys
store = pathlib.Path({store!r})
comments = json.loads(store.read_text()) if store.exists() else []
args = sys.argv[2:]
method = args[args.index("--method") + 1] if "--method" in args else "GET"
body = next((a[len("body=@"):] for a in args if a.startswith("body=@")), None)
where = next(a for a in args if a.startswith("repos/"))
if method == "GET":
    marker = args[args.index("--jq") + 1].split('startswith("')[1].split('")')[0]
    for comment in comments:
        if comment["bot"] and comment["body"].startswith(marker):
            print(comment["id"])
elif method == "POST":
    text = pathlib.Path(body).read_text()
    comments.append({{"id": len(comments) + 1, "bot": True, "body": text, "where": where}})
else:
    found = next(c for c in comments if c["id"] == int(where.rsplit("/", 1)[1]))
    found["body"] = pathlib.Path(body).read_text()
store.write_text(json.dumps(comments))
"""


@dataclass
class Forge:
    """The remote, the developer's clone, and the folder of the machine that runs CI."""

    folder: Path
    remote: Repo
    developer: Repo

    def publish(self, number: int, branch: str) -> None:
        """Push a branch and open (or renew) a pull request for it."""
        self.developer.git("push", "-q", "--force", "origin", branch)
        self.developer.git("push", "-q", "--force", "origin", f"{branch}:refs/pull/{number}/head")

    def event(self, number: int, branch: str, **more: Any) -> dict[str, Any]:
        """Return what the forge says of a pull request."""
        pull = {
            "number": number,
            "merged": False,
            "base": {"ref": "main", "sha": self.remote.id_of("main")},
            "head": {"ref": branch, "sha": self.remote.id_of(f"refs/pull/{number}/head")},
        }
        return {
            "action": "synchronize",
            "pull_request": {**pull, **more.pop("pull_request", {})},
            "repository": {"default_branch": "main"},
            **more,
        }

    def machine(self, *, depth: int | None = None) -> Repo:
        """Return a fresh clone, as a forge's checkout makes it."""
        path = self.folder / f"ci-{len(list(self.folder.glob('ci-*')))}"
        shallow = (f"--depth={depth}",) if depth else ()
        self.developer.git("clone", "-q", *shallow, f"file://{self.remote.path}", str(path))
        return Repo(path, self.developer.env, self.developer.clock)

    def run(
        self, machine: Repo, step: str, event: dict[str, Any], **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run one step of the action as the forge would."""
        events = self.folder / "event.json"
        events.write_text(json.dumps(event))
        summary = machine.path / ".git" / "summary.md"
        return subprocess.run(
            ["sh", str(SCRIPT), step],
            cwd=machine.path,
            env={
                **machine.env,
                "PATH": f"{self.folder / 'bin'}{os.pathsep}{machine.env['PATH']}",
                "GITHUB_EVENT_PATH": str(events),
                "GITHUB_STEP_SUMMARY": str(summary),
                "GITHUB_REPOSITORY": "acme/api",
                "BUILDLOG_OUT": str(machine.path / ".git" / "out"),
                "BUILDLOG_NOW": str(machine.clock.now + DAY),
                "GIT_CONFIG_GLOBAL": os.devnull,  # a forge's machine has no user
                **env,
            },
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The comments on pull requests."""
        store = self.folder / "comments.json"
        found: list[dict[str, Any]] = json.loads(store.read_text()) if store.exists() else []
        return found


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    """Give a forge whose main branch has a revised draft."""
    remote = Repo.init(tmp_path / "remote.git", bare=True)
    developer = remote.clone(tmp_path / "developer")
    developer.commit({"README": "hello\n"}, "Start").agent_commit({"old.py": TEXT})
    developer.commit({"old.py": TEXT.replace("a + b", "b + a")})
    developer.git("push", "-q", "origin", "main")
    tools = tmp_path / "bin"
    tools.mkdir()
    command = f'#!/bin/sh\nPYTHONPATH="{PROJECT}" exec "{sys.executable}" -P -m buildlog_git "$@"\n'
    gh = _GH.format(python=sys.executable, store=str(tmp_path / "comments.json"))
    for name, content in (("git-buildlog", command), ("gh", gh)):
        (tools / name).write_text(content)
        (tools / name).chmod(0o755)
    return Forge(tmp_path, remote, developer)
