"""The action's own steps, run against a bare remote as the forge would run them."""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.builder import PROJECT, Repo
from tests.forge.conftest import SCRIPT, TEXT, Forge, needs_sharing

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "first = 'one'\nsecond = 'two'\nthird = 'three'\n"


def branch(forge: Forge, name: str = "topic") -> dict[str, Any]:
    """Open a pull request with an agent's commit and a person's edit; return its event."""
    repo = forge.developer.switch(name, create=True)
    repo.agent_commit({"a.py": TEXT.replace("sub", "less")}, agent="copilot")
    repo.agent_commit({"c.py": OTHER})
    repo.commit({"a.py": TEXT.replace("sub", "less").replace("a - b", "b * a * 2")})
    forge.publish(7, name)
    return forge.event(7, name)


def report_of(machine: Repo) -> Any:
    return json.loads((machine.path / ".git" / "out" / "report.json").read_text())


def fine(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_sharing
@pytest.mark.parametrize("depth", [None, 1])
def test_a_pull_request(forge: Forge, depth: int | None) -> None:
    event = branch(forge)
    machine = forge.machine(depth=depth)
    fine(forge.run(machine, "fetch", event))
    shown = fine(forge.run(machine, "report", event))
    report = report_of(machine)
    topic = forge.developer.id_of("topic")
    assert report["range"] == "refs/remotes/origin/main...refs/remotes/pull/7/head"
    assert (report["commits"]["total"], report["commits"]["agent"]) == (3, 2)
    assert report["request"]["head"] == topic
    assert report["request"]["repository"]["n"] == 1
    assert not report["coverage"]["shallow"]
    assert "In the repository before" in shown
    summary = (machine.path / ".git" / "summary.md").read_text()
    assert summary == (machine.path / ".git" / "out" / "summary.md").read_text()
    assert (machine.path / ".git" / "out" / "report.html").stat().st_size > 10_000
    # Nothing of the pull request was checked out, and nothing was pushed.
    assert machine.head == forge.remote.id_of("main")
    assert not (machine.path / "a.py").exists()
    assert "refs/notes" not in forge.remote.git("for-each-ref")


@needs_sharing
@pytest.mark.slow
def test_a_comment_is_put_once_and_renewed(forge: Forge) -> None:
    event = branch(forge)
    machine = forge.machine()
    (forge.folder / "comments.json").write_text(
        json.dumps([{"id": 1, "bot": False, "body": "<!-- git-buildlog-report --> mine"}])
    )
    for step in ("fetch", "report", "comment"):
        fine(forge.run(machine, step, event))
    person, ours = forge.comments
    assert person["body"].endswith("mine")
    assert ours["where"] == "repos/acme/api/issues/7/comments"
    assert "2 agent commits in this pull request" in ours["body"]
    forge.developer.agent_commit({"more.py": OTHER.replace("one", "four")})
    forge.publish(7, "topic")
    event = forge.event(7, "topic")
    machine = forge.machine()
    for step in ("fetch", "report", "comment"):
        fine(forge.run(machine, step, event))
    assert len(forge.comments) == 2
    assert "3 agent commits in this pull request" in forge.comments[1]["body"]


@needs_sharing
def test_checks_fail_after_everything_is_written(forge: Forge) -> None:
    event = branch(forge)
    machine = forge.machine()
    fine(forge.run(machine, "fetch", event))
    done = forge.run(machine, "report", event, BUILDLOG_FAIL_OVER="0.01")
    assert done.returncode == 1
    assert "[over-limit]" in done.stderr
    assert report_of(machine)["distance"]["mean"] > 0.01
    assert (machine.path / ".git" / "summary.md").read_text().startswith("### ")
    strict = forge.run(
        machine, "report", event, BUILDLOG_EVIDENCE="strict", BUILDLOG_REQUIRE_DATA="true"
    )
    assert strict.returncode == 3
    assert report_of(machine)["evidence"]["tier"] == "strict"


@needs_sharing
def test_a_squash_merge_keeps_the_drafts_distances(forge: Forge) -> None:
    event = branch(forge)
    machine = forge.machine()
    fine(forge.run(machine, "fetch", event))
    fine(forge.run(machine, "report", event))
    before = {d["commit"]: d["distance"] for d in report_of(machine)["drafts"]}
    # The forge squashes on its own: a message of its own, no hook, and the branch is deleted.
    repo = forge.developer.switch("main").squash_merge("topic", "Everything about less (#7)")
    repo.git("push", "-q", "origin", "main", ":topic")
    merged = {"merged": True, "merge_commit_sha": repo.head}
    closed = forge.event(
        7, "topic", action="closed", pull_request={**event["pull_request"], **merged}
    )
    machine = forge.machine()
    fine(forge.run(machine, "fetch", closed))
    fine(forge.run(machine, "share", closed))
    assert "refs/notes/buildlog" in forge.remote.git("for-each-ref")
    # Anybody's clone now has the branch's drafts on main, without the branch's commits.
    anywhere = forge.machine()
    anywhere.git("fetch", "-q", "origin", "refs/notes/buildlog:refs/notes/buildlog")
    found = anywhere.buildlog("report", "--json").json
    after = {d["commit"]: d for d in found["drafts"] if d["commit"] in before}
    assert after.keys() == before.keys()
    for commit, item in after.items():
        assert item["homes"] == [repo.head]
        assert item["distance"] == pytest.approx(before[commit], abs=0.02)
    again = forge.run(machine, "share", closed)
    assert again.returncode == 0


@needs_sharing
@pytest.mark.slow
def test_a_push_shares_what_is_new_and_an_open_pull_request_nothing(forge: Forge) -> None:
    machine = forge.machine()
    push = {"repository": {"default_branch": "main"}, "after": forge.remote.id_of("main")}
    for step in ("fetch", "share", "report"):
        fine(forge.run(machine, step, push))
    assert report_of(machine)["request"] is None
    notes = forge.remote.id_of("refs/notes/buildlog")
    event = branch(forge)
    machine = forge.machine()
    fine(forge.run(machine, "fetch", event))
    assert "nothing is stored" in forge.run(machine, "share", event).stderr
    assert forge.remote.id_of("refs/notes/buildlog") == notes


@needs_sharing
@pytest.mark.slow
def test_the_second_step_for_forks(forge: Forge) -> None:
    branch(forge)
    head = forge.remote.id_of("refs/pull/7/head")
    event = {"workflow_run": {"head_sha": head}, "repository": {"default_branch": "main"}}
    machine = forge.machine()
    number = forge.folder / "number"
    told = {"BUILDLOG_NUMBER_FILE": str(number)}
    for text in ("7; touch owned", "$(touch owned)", "-7", "../8", "7\n8"):
        number.write_text(text)
        done = forge.run(machine, "fetch", event, **told)
        assert done.returncode != 0
        assert not (machine.path / "owned").exists()
    number.write_text("7\n")
    for step in ("fetch", "report", "comment"):
        fine(forge.run(machine, step, event, **told))
    assert len(forge.comments) == 1
    forge.developer.commit({"x": "1\n"}, "Later")
    forge.publish(7, "topic")
    late = forge.run(machine, "fetch", event, **told)
    assert "is not the one that started this" in late.stderr
    assert late.returncode == 1


HOSTILE = "--upload-pack=touch owned; $(touch owned) `touch owned`"


@needs_sharing
def test_names_in_the_event_are_no_commands(forge: Forge) -> None:
    event = branch(forge)
    pull = event["pull_request"]
    machine = forge.machine()
    for changed in (
        {**pull, "base": {**pull["base"], "ref": HOSTILE}},
        {**pull, "number": HOSTILE},
        {**pull, "head": {"ref": HOSTILE, "sha": HOSTILE}},
    ):
        for step in ("fetch", "report", "comment", "share"):
            forge.run(machine, step, {**event, "pull_request": changed})
            assert not list(machine.path.rglob("owned"))


def test_usage(forge: Forge) -> None:
    done = forge.run(forge.machine(), "nothing", {})
    assert done.returncode == 1
    assert "usage:" in done.stderr


# -- the action's own file ------------------------------------------------------------------


def blocks() -> Mapping[str, str]:
    """Return the steps of action.yml by name, as text."""
    text = (PROJECT / "action.yml").read_text()
    found = re.split(r"\n    (?:# [^\n]*\n    )?- ", text)[1:]
    names = [match[1] if (match := re.match(r"name: (.*)", step)) else step for step in found]
    return dict(zip(names, found, strict=True))


def test_every_step_runs_the_script_that_is_tested() -> None:
    steps = blocks()
    for name, words in {
        "Fetch history and facts": "fetch",
        "Store and share what is new": "share",
        "Report": "report",
        "Comment": "comment",
    }.items():
        assert f'sh "$GITHUB_ACTION_PATH/forge/{SCRIPT.name}" {words}' in steps[name]


def test_nothing_of_the_event_is_written_into_a_shell() -> None:
    """An expression in a ``run`` line is pasted into the script: a branch's name could be code."""
    text = (PROJECT / "action.yml").read_text()
    for run in re.findall(r"^ *run: (\|\n(?: {8}.*\n)+|.*)", text, re.MULTILINE):
        assert "${{" not in run


def test_every_input_is_used_and_explained() -> None:
    text = (PROJECT / "action.yml").read_text()
    inputs, runs = text.split("\noutputs:")
    names = re.findall(r"^  ([a-z-]+):\n    description:", inputs, re.MULTILINE)
    assert {"comment", "share", "fail-over", "evidence", "token"} <= set(names)
    for name in names:
        assert f"inputs.{name}" in runs
