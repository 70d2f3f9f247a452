"""The real pre-commit, with hooks from a clone of this repository in an environment of its own.

pre-commit builds that environment with pip, which costs ten seconds and needs an index: it is
built once a run, for all workers, and where no index can be reached the tests are skipped. What
is cloned is what is committed; changes of the work tree are not seen.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from filelock import FileLock

from tests.builder import PROJECT, Repo, sealed_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

_PIP = re.compile(r"PIP_\w+|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|\w+_PROXY", re.IGNORECASE)
"""The variables that tell pip where its index is."""
_UNREACHABLE = re.compile(
    r"No matching distribution|Could not find a version|[Cc]onnection|name resolution|timed out"
)
_SNIPPET = re.compile(r"```yaml\n(# \.pre-commit-config\.yaml\n.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Framework:
    """pre-commit with its environments built; ``config`` is the README's snippet, made local."""

    home: Path
    config: str

    def environment(self) -> dict[str, str]:
        """Return the variables with which git finds the environments that were built."""
        scripts = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        return {**os.environ, "PRE_COMMIT_HOME": str(self.home), "PATH": scripts}

    def install(self, repo: Repo, *options: str) -> None:
        """Install the hooks, as the README says."""
        run_pre_commit(repo.path, repo.env, "install", "--allow-missing-config", *options)


def run_pre_commit(
    where: Path, env: Mapping[str, str], *args: str, check: bool = True
) -> subprocess.CompletedProcess[str]:
    """Run pre-commit in ``where``."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "pre_commit", *args],
        cwd=where,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=check,
    )


def _readme_snippet(source: Path, revision: str) -> str:
    found = _SNIPPET.search((PROJECT / "README.md").read_text(encoding="utf-8"))
    assert found, "the README shows no .pre-commit-config.yaml"
    text = re.sub(r"repo: \S+", f"repo: {source}", found[1])
    return re.sub(r"rev: \S+", f"rev: {revision}", text)


def _pips_environment(home: Path) -> dict[str, str]:
    """Return a sealed environment in which pip is configured as it is outside."""
    outside = {name: value for name, value in os.environ.items() if _PIP.fullmatch(name)}
    real = Path(os.environ.get("HOME", "/nonexistent"))
    for name in (".config/pip/pip.conf", ".pip/pip.conf"):
        if (real / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(real / name, home / name)
    return {**sealed_environment(home), **outside}


def _build(folder: Path) -> dict[str, str]:
    """Clone this repository and let pre-commit build what its hooks need."""
    folder.mkdir()
    env = _pips_environment(folder / "home")
    env["PRE_COMMIT_HOME"] = str(folder / "cache")
    source = folder / "source"
    cloned = subprocess.run(
        ["git", "clone", "--quiet", str(PROJECT), str(source)],
        env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if cloned.returncode != 0:
        return {"skip": f"this is no repository that can be cloned: {cloned.stderr.strip()}"}
    revision = subprocess.run(
        ["git", "-C", str(source), "rev-parse", "HEAD"],
        env=env, capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    config = _readme_snippet(source, revision)
    repo = Repo.init(folder / "first", env=env)
    repo.stage({".pre-commit-config.yaml": config})
    built = run_pre_commit(repo.path, env, "install-hooks", check=False)
    if built.returncode != 0 and _UNREACHABLE.search(built.stdout):
        return {"skip": "pip reaches no index from which it could install the hooks"}
    assert built.returncode == 0, built.stdout
    return {"config": config, "home": env["PRE_COMMIT_HOME"]}


@pytest.fixture(scope="session")
def framework(tmp_path_factory: pytest.TempPathFactory) -> Framework:
    """Give pre-commit with its environments built, the same for all workers of a run."""
    if importlib.util.find_spec("pre_commit") is None:
        pytest.skip("pre-commit is not installed")
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    done = base / "pre-commit.json"
    with FileLock(base / "pre-commit.lock"):
        if not done.exists():
            done.write_text(json.dumps(_build(base / "pre-commit")))
    result = json.loads(done.read_text())
    if "skip" in result:
        pytest.skip(result["skip"])
    return Framework(Path(result["home"]), result["config"])
