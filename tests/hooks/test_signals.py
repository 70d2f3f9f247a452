"""Which line each of git's commands puts into the queue: the table of hooks, as tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builder import PERSON, Repo
from tests.hooks.conftest import Cli, hooks_of, signals

if TYPE_CHECKING:
    from pathlib import Path

ZERO = "0" * 40


@pytest.fixture
def repo_with_topic(installed: Repo) -> Repo:
    """Give ``main`` and ``topic``, each with a commit of its own, on main."""
    installed.switch("topic", create=True).commit({"b": "1\n"}, "Topic").commit({"c": "1\n"})
    installed.switch("main").commit({"d": "1\n"}, "Main")
    signals(installed)
    return installed


def test_commit(installed: Repo) -> None:
    installed.commit({"a": "2\n"})
    (signal,) = signals(installed)
    assert (signal.hook, signal.worktree, signal.ref) == ("post-commit", "-", "refs/heads/main")
    assert signal.head == installed.head
    assert not signal.terminal
    installed.commit({"a": "3\n"}, "No checks", PERSON, "--no-verify")
    assert hooks_of(installed) == ["post-commit"]


def test_the_first_commit(repo: Repo, installed: Repo) -> None:
    installed.orphan("other").commit({"z": "1\n"})
    unborn, first = signals(installed)[-2:]
    assert (unborn.hook, unborn.ref, unborn.head) == ("post-checkout", "refs/heads/other", None)
    assert (first.hook, first.head) == ("post-commit", repo.head)


def test_amend(installed: Repo) -> None:
    before = installed.head
    installed.amend({"a": "2\n"})
    commit, rewrite = signals(installed)
    assert (commit.hook, commit.head) == ("post-commit", installed.head)
    assert (rewrite.hook, rewrite.words["cmd"]) == ("post-rewrite", "amend")
    spool = installed.path / ".git" / "buildlog" / "rewrites" / rewrite.words["map"]
    assert spool.read_text() == f"{before} {installed.head}\n"


def test_checkout(installed: Repo) -> None:
    head = installed.head
    installed.switch("new", create=True)
    (signal,) = signals(installed)
    assert (signal.hook, signal.ref, signal.head) == ("post-checkout", "refs/heads/new", head)
    assert dict(signal.words) == {"old": head, "new": head, "flag": "1"}
    installed.git("checkout", "-q", "--detach")
    (signal,) = signals(installed)
    assert (signal.ref, signal.head) == (None, head)


def test_checkout_of_files_is_no_news(installed: Repo) -> None:
    installed.git("checkout", "--", "a")
    installed.git("restore", "a")
    assert signals(installed) == []


def test_a_branch_whose_session_is_open_is_no_news(installed: Repo) -> None:
    for name in ("-/fix/it.json", "wt/other.json"):
        path = installed.path / ".git" / "buildlog" / "sessions" / name
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    installed.switch("fix/it", create=True)
    assert signals(installed) == []
    installed.switch("other", create=True)
    assert hooks_of(installed) == ["post-checkout"]


def test_worktree_add(installed: Repo, tmp_path: Path) -> None:
    linked = installed.worktree(tmp_path / "wt", "side")
    (signal,) = signals(installed)
    assert (signal.hook, signal.worktree, signal.ref) == ("post-checkout", "wt", "refs/heads/side")
    assert (signal.words["old"], signal.head) == (ZERO, installed.head)
    linked.commit({"a": "side\n"})
    (signal,) = signals(installed)
    assert (signal.hook, signal.worktree, signal.head) == ("post-commit", "wt", linked.head)


def test_merges(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    repo.merge("topic")
    (signal,) = signals(repo)
    assert (signal.hook, signal.words["squash"], signal.head) == ("post-merge", "0", repo.head)
    repo.switch("behind", create=True, start="HEAD~1")
    signals(repo)
    repo.git("merge", "--quiet", "--ff-only", "main")
    assert hooks_of(repo) == ["post-merge"]


def test_squash_merge(repo_with_topic: Repo) -> None:
    repo_with_topic.squash_merge("topic")
    squashed, commit = signals(repo_with_topic)
    assert (squashed.hook, squashed.words["squash"]) == ("post-merge", "1")
    assert commit.hook == "post-commit"


def test_a_conflict_that_is_continued(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    repo.commit({"b": "2\n"})
    signals(repo)
    repo.git("merge", "topic", check=False)
    assert signals(repo) == []
    repo.stage({"b": "3\n"}).git("merge", "--continue", GIT_EDITOR="true")
    assert hooks_of(repo) == ["post-commit"]


def test_cherry_pick_and_revert(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    repo.cherry_pick("topic")
    assert hooks_of(repo) == ["post-commit"]
    repo.revert()
    assert hooks_of(repo) == ["post-commit"]
    repo.git("cherry-pick", "-n", "topic")
    assert signals(repo) == []


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_rebase(repo_with_topic: Repo, backend: str) -> None:
    """One line for the whole of it; the picks inside are no news."""
    repo = repo_with_topic.switch("topic")
    signals(repo)
    old = repo.git("rev-list", "--reverse", "main..topic").split()
    repo.git("rebase", "--quiet", backend, "main")
    *before, rewrite = signals(repo)
    assert {signal.hook for signal in before} <= {"post-checkout"}
    assert all(signal.ref is None for signal in before)
    assert (rewrite.hook, rewrite.words["cmd"]) == ("post-rewrite", "rebase")
    new = repo.git("rev-list", "--reverse", "main..topic").split()
    spool = repo.path / ".git" / "buildlog" / "rewrites" / rewrite.words["map"]
    lines = spool.read_text().splitlines()
    assert lines[:2] == [f"{a} {b}" for a, b in zip(old, new, strict=True)]
    done = [f"done onto {repo.id_of('main')}", *(f"done pick {oid}" for oid in old)]
    # The other backend says where it began only after it has stopped, and never what it did.
    assert lines[2:] == (done if backend == "--merge" else [])


def test_a_rebase_that_folds(repo_with_topic: Repo) -> None:
    repo = repo_with_topic.switch("topic")
    fixed = repo.head
    repo.fixup({"c": "2\n"})
    fixup = repo.head
    signals(repo)
    repo.autosquash("HEAD~2")
    rewrite = signals(repo)[-1]
    spool = repo.path / ".git" / "buildlog" / "rewrites" / rewrite.words["map"]
    lines = spool.read_text().splitlines()
    assert {line.split()[1] for line in lines if not line.startswith("done")} == {repo.head}
    assert f"done fixup {fixup}" in lines
    assert f"done pick {fixed}" in lines


def test_a_rebase_stopped_and_continued(repo_with_topic: Repo) -> None:
    repo = repo_with_topic.switch("topic")
    repo.commit({"d": "clash\n"})
    signals(repo)
    repo.git("rebase", "main", check=False)
    signals(repo)
    repo.stage({"d": "both\n"}).git("commit", "-q", "--amend", "--no-edit", "--allow-empty")
    assert signals(repo) == []
    repo.stage({"d": "solved\n"}).git("rebase", "--continue", GIT_EDITOR="true", check=False)
    assert "post-commit" not in hooks_of(repo)


def test_am(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    patch = repo.git_bytes("format-patch", "--stdout", "main..topic")
    repo.git("am", "-q", stdin=patch)
    assert signals(repo) == []


def test_bisect(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    repo.commit({"e": "1\n"}).commit({"e": "2\n"}).commit({"e": "3\n"})
    signals(repo)
    repo.git("bisect", "start", "HEAD", "HEAD~4")
    assert signals(repo) == []


def test_what_runs_no_hook(repo_with_topic: Repo) -> None:
    repo = repo_with_topic
    repo.git("reset", "-q", "--hard", "HEAD~1")
    repo.write({"a": "9\n"}).git("stash", "-q")
    repo.git("stash", "pop", "-q")
    repo.git("checkout", "nowhere", check=False)
    repo.git("update-ref", "refs/heads/by-hand", "HEAD")
    assert signals(repo) == []


def test_packed_and_reftable_heads_are_left_open(installed: Repo) -> None:
    installed.git("pack-refs", "--all")
    installed.git("switch", "-q", "-c", "copy")
    (signal,) = signals(installed)
    assert signal.ref == "refs/heads/copy"
    installed.git("switch", "-q", "main")
    (signal,) = signals(installed)
    assert (signal.ref, signal.head) == ("refs/heads/main", None)


def test_agents_variables_are_seen_and_nothing_else(installed: Repo) -> None:
    installed.env |= {
        "CLAUDECODE": "1", "AI_AGENT": "codex@1.2/x", "CURSOR_AGENT": "a secret sentence",
        "CODEX_SANDBOX": "x" * 201, "GEMINI_CLI": "", "HOME_PAGE": "no", "AMP": "no",
        "CODEX_CI": "two\nlines", "REPLIT_MODE": "é",
    }  # fmt: skip
    installed.agent_commit({"a": "2\n"})
    (signal,) = signals(installed)
    assert dict(signal.variables) == {
        "AI_AGENT": "codex@1.2/x", "CLAUDECODE": "1", "CURSOR_AGENT": "1", "CODEX_SANDBOX": "1",
        "CODEX_CI": "1", "REPLIT_MODE": "1",
    }  # fmt: skip
    assert PERSON.name not in str(signal)
    assert "secret" not in str(signal)


def test_a_submodule_has_its_own_queue(installed: Repo, tmp_path: Path, cli: Cli) -> None:
    other = Repo.init(tmp_path / "other").commit({"a": "1\n"})
    allowed = ("-c", "protocol.file.allow=always")
    installed.git(*allowed, "submodule", "add", "-q", str(other.path), "s")
    sub = Repo(installed.path / "s", installed.env, installed.clock)
    sub.git("config", "buildlog.drain", "off")
    cli("install", "--files", at=sub.path)
    signals(installed)
    sub.commit({"a": "2\n"})
    (signal,) = signals(sub)
    assert (signal.hook, signal.worktree, signal.head) == ("post-commit", "-", sub.head)
    assert signals(installed) == []
