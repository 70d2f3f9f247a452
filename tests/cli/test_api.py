"""The engine as a library: the commands' values, without the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.api import GitError, StaleFacts, UsageError, open_repository
from buildlog_git.gitio.lock import locked
from buildlog_git.render.jsonout import to_plain
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
RULES = {f".buildlog/rules/{name}.md": f"Do {name}.\n" for name in ("one", "two")}


@pytest.fixture
def ruled(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """Give a repository with two rules on trial, after the first commit."""
    repo.git("config", "buildlog.holdout", "0")
    repo.commit(RULES, "Start")
    monkeypatch.setenv("BUILDLOG_NOW", str(repo.clock.now + 60))
    return repo


def test_a_day_of_work(ruled: Repo) -> None:
    repository = open_repository(ruled.path)
    started = repository.start_session(error_class="tests", k=1, note="by the API")
    assert (started.error_class, len(started.selected)) == ("tests", 1)
    logged = repository.log_mistake("tests", "forgot it", corrected_by="one")
    assert (logged.session_id, logged.was_repeat) == (started.id, False)
    ruled.agent_commit({"a.py": TEXT}).commit({"a.py": TEXT.replace("a + b", "b + a")})
    assert repository.scan().written == 3
    (draft,) = repository.report().drafts
    assert draft.commit == ruled.id_of("HEAD~1")
    assert repository.distance("HEAD~1").distance == draft.distance
    assert repository.why("HEAD~1").agent == "claude"
    assert len(repository.log("HEAD~1..HEAD").commits) == 1
    given = repository.reward("revision", distance=0.25, rules=["one"])
    assert (given.reward, given.draft) == (0.75, draft.commit)
    assert repository.rewards().mean == 0.75
    assert repository.session().id == started.id
    assert repository.end_session(note="done").notes == "by the API; done"
    assert [item.id for item in repository.sessions().sessions] == [started.id]
    assert repository.metrics(started.id).total_mistakes == 1
    assert repository.experiment().summary.total_sessions == 1
    assert repository.stats().totals.mistakes == 1
    assert repository.mistakes().mistakes[0].mistake_id == logged.mistake_id
    assert repository.check().ok
    assert [rule.id for rule in repository.rules().rules] == ["one", "two"]
    assert repository.check_rules().sound
    assert repository.import_rules(dry_run=True).rules == ()
    assert repository.propose_rules().written == ()
    assert repository.set_rule_state(["two"], "trial").rules[0].before == "trial"
    assert repository.rule("one").text == "Do one."
    assert set(repository.effects().rules) <= {"one", "two"}
    with pytest.raises(FrozenInstanceError):
        repository.rewards().mean = 1  # type: ignore[misc]


def test_the_values_are_those_of_the_commands(
    cli: Cli, story: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = cli("report", "--json", at=story.path).json
    monkeypatch.chdir("/")
    assert to_plain(open_repository(story.path).report()) == shown
    assert (
        to_plain(open_repository(str(story.path)).rewards("HEAD~3..HEAD", limit=1))
        == cli("rewards", "HEAD~3..HEAD", "--limit", "1", "--json", at=story.path).json
    )


def test_errors_have_slug_and_hint(ruled: Repo, tmp_path: Path) -> None:
    repository = open_repository(ruled.path)
    with pytest.raises(UsageError) as told:
        repository.log_mistake("tests", "forgot it")
    assert (told.value.slug, bool(told.value.hint)) == ("no-session", True)
    for wrong in ("--output=x", "nowhere"):
        with pytest.raises(UsageError):
            repository.report(wrong)
        with pytest.raises(UsageError):
            repository.scan(wrong)
    assert not (ruled.path / "x").exists()
    with pytest.raises(UsageError, match="k is how many"):
        repository.start_session(k=-1)
    (tmp_path / "empty").mkdir()
    with pytest.raises(GitError):
        open_repository(tmp_path / "empty")


def test_each_call_sees_the_repository_as_it_is(ruled: Repo) -> None:
    repository = open_repository(ruled.path)
    assert repository.report().commits.total == 1
    ruled.agent_commit({"a.py": TEXT})
    assert repository.report().commits.agent == 1


def test_stale_facts_are_a_warning(ruled: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("buildlog_git.flows.drain.drain.__kwdefaults__", {"patience": 0.1})
    folder = ruled.path / ".git" / "buildlog"
    (folder / "queue").mkdir(parents=True)
    repository = open_repository(ruled.path)
    with locked(ruled.path / ".git" / "buildlog" / "drain.lock", 1), pytest.warns(StaleFacts):
        repository.report()


def run(script: str, repo: Repo) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=repo.path, capture_output=True, text=True,
        check=True, env={**repo.env, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout


def test_it_needs_no_command_line(ruled: Repo) -> None:
    script = (
        "import sys\nfrom buildlog_git.api import open_repository\n"
        "repository = open_repository('.')\n"
        "repository.report(), repository.stats(), repository.experiment()\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(*sorted(loaded & {'typer', 'click', 'rich', 'mcp', 'pydantic', 'git'}))\n"
    )
    assert run(script, ruled) == "\n"


def test_readmes_example_runs(ruled: Repo) -> None:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert run(example, ruled) == "False None\n"
    assert open_repository(ruled.path).mistakes().total == 1
