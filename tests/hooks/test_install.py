"""Where hooks go in every kind of repository, and that an uninstall leaves no trace."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from buildlog_git.errors import GitError
from buildlog_git.flows.context import open_context
from buildlog_git.flows.install import install
from buildlog_git.gitio.run import Git
from buildlog_git.gitio.steps import Step, perform
from tests.builder import Repo
from tests.hooks.conftest import (
    EVENTS,
    HAS_CONFIG_HOOKS,
    Cli,
    Drains,
    Snapshot,
    ended,
    hooks_of,
    script,
    signals,
    snapshot,
)


@pytest.fixture
def plain(repo: Repo, drains: Drains) -> Repo:
    """Give a repository with a commit and with settings, and no hook."""
    repo.commit({"a": "1\n"}, "Start")
    repo.git("config", "buildlog.drain", "off")
    repo.git("config", "buildlog.command", str(drains.command))
    return repo


def hook(repo: Repo, event: str, text: str) -> Path:
    folder = repo.path / repo.git("rev-parse", "--git-path", "hooks")
    return script(folder / event, text)


# -- fresh ----------------------------------------------------------------------------------


def test_fresh(plain: Repo, cli: Cli) -> None:
    before = snapshot(plain.path)
    done = cli("install", "--files", "--json", at=plain.path).json
    assert (done["dispatcher"], done["owner"], done["hooks"]) == ("files", "git", EVENTS)
    plain.commit({"a": "2\n"})
    assert hooks_of(plain) == ["post-commit"]
    plain.git("reset", "-q", "--hard", "HEAD~1")
    cli("uninstall")
    after = snapshot(plain.path)
    assert {k: v for k, v in after.items() if _kept(k)} == {
        k: v for k, v in before.items() if _kept(k)
    }


def _kept(name: str) -> bool:
    passing = ("objects", "logs", "index", "ORIG_HEAD", "COMMIT_EDITMSG")
    return not name.startswith(tuple(f".git/{part}" for part in passing))


def test_twice_changes_nothing(plain: Repo, cli: Cli) -> None:
    hook(plain, "post-commit", "exit 0")
    cli("install", "--files", at=plain.path)
    before = snapshot(plain.path)
    again = cli("install", "--files", "--json").json
    assert again["changes"] == []
    assert "Nothing to change." in cli("install").out
    assert snapshot(plain.path) == before


def test_dry_run_writes_nothing_and_tells_all(plain: Repo, cli: Cli) -> None:
    hook(plain, "post-commit", "exit 0")
    before = snapshot(plain.path)
    planned = cli("install", "--files", "--dry-run", "--json", at=plain.path).json
    said = cli("install", "--files", "--dry-run").out
    assert snapshot(plain.path) == before
    assert said.startswith("Would:\n")
    done = cli("install", "--files", "--json").json
    assert planned["changes"] == done["changes"]
    assert all(change["target"] in said for change in done["changes"])
    written = snapshot(plain.path)
    planned = cli("uninstall", "--dry-run", "--json").json
    assert snapshot(plain.path) == written
    assert planned["changes"] == cli("uninstall", "--json").json["changes"]
    assert snapshot(plain.path) == before


def test_uninstall_without_install(plain: Repo, cli: Cli) -> None:
    hook(plain, "post-commit", "exit 0")
    before = snapshot(plain.path)
    assert cli("uninstall", at=plain.path).out == "Nothing of git buildlog is installed here.\n"
    assert snapshot(plain.path) == before


def test_no_hooks_directory(plain: Repo, cli: Cli) -> None:
    shutil.rmtree(plain.path / ".git" / "hooks")
    before = snapshot(plain.path)
    cli("install", "--files", at=plain.path)
    cli("uninstall")
    assert snapshot(plain.path) == before


# -- existing hooks -------------------------------------------------------------------------


def test_an_existing_hook_runs_as_before(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    """Arguments, standard input, exit code, its name, its neighbours, what lies above."""
    log = tmp_path / "seen"
    text = (
        '. "$(dirname "$0")/common.sh"\n'
        f'{{ echo "$(basename "$0") $*"; common; cd "$(dirname "$0")/.." && cat HEAD; cat; }} '
        f'>>"{log}" 2>&1 <&0\n[ "$(basename "$0")" != post-checkout ] || exit 7'
    )
    folder = plain.path / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    (folder / "common.sh").write_text("common() { echo common; }\n")
    for event in EVENTS:
        hook(plain, event, text)
    story = [
        "commit -q --allow-empty -m x",
        "commit -q --amend --allow-empty -m y",
        "checkout -q -b z",
    ]

    base = plain.head

    def run() -> tuple[list[int], str]:
        plain.git("symbolic-ref", "HEAD", "refs/heads/main")
        plain.git("update-ref", "HEAD", base)
        plain.git("update-ref", "-d", "refs/heads/z")
        log.unlink(missing_ok=True)
        codes = [ended(plain, *command.split()).code for command in story]
        return codes, log.read_text()

    bare = run()
    before = snapshot(folder)
    cli("install", "--files", at=plain.path)
    hooked = run()
    assert hooked == bare
    assert bare[0] == [0, 0, 1]
    cli("uninstall")
    assert snapshot(folder) == before
    assert run() == bare


def test_a_hook_that_reads_nothing(plain: Repo, cli: Cli) -> None:
    hook(plain, "post-rewrite", "exec <&-; exit 5")
    cli("install", "--files", at=plain.path)
    done = ended(plain, "commit", "-q", "--amend", "--allow-empty", "-m", "x")
    assert (done.code, done.err) == (0, b"")


def test_a_hook_that_is_a_link(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    """One script for several hooks, told apart by the name that it is called by."""
    folder = plain.path / ".git" / "hooks"
    folder.mkdir(exist_ok=True)
    script(plain.path / "tools" / "all.sh", f'echo "${{0##*/}}" >>"{tmp_path / "seen"}"')
    (folder / "post-commit").symlink_to("../../tools/all.sh")
    (folder / "post-rewrite").symlink_to("post-commit")
    before = snapshot(folder)
    cli("install", "--files", at=plain.path)
    plain.amend({"a": "2\n"})
    assert (tmp_path / "seen").read_text().split() == ["post-commit", "post-rewrite"]
    assert hooks_of(plain) == ["post-commit", "post-rewrite"]
    cli("uninstall")
    assert snapshot(folder) == before


def test_a_hook_that_is_not_executable_is_not_run(plain: Repo, cli: Cli) -> None:
    path = hook(plain, "post-commit", "touch ran")
    path.chmod(0o640)
    before = snapshot(path.parent)
    cli("install", "--files", at=plain.path)
    plain.commit({"a": "2\n"})
    assert not (plain.path / "ran").exists()
    assert hooks_of(plain) == ["post-commit"]
    cli("uninstall")
    assert snapshot(path.parent) == before


def test_a_hook_in_another_language_or_without_a_first_line(plain: Repo, cli: Cli) -> None:
    script(plain.path / ".git/hooks/post-merge", "import sys; sys.exit(3)", interpreter="/nowhere")
    path = plain.path / ".git" / "hooks" / "post-commit"
    path.write_text("echo bare >ran\n")
    path.chmod(0o755)
    cli("install", "--files", at=plain.path)
    plain.commit({"a": "2\n"})
    assert plain.read("ran") == b"bare\n"


def test_an_install_that_was_cut_off(
    plain: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After every single step what was there still runs, and an uninstall brings it back."""
    for event in EVENTS:
        hook(plain, event, f"echo {event} >>ran")
    folder = plain.path / ".git"
    before = {k: v for k, v in snapshot(folder).items() if k.startswith(("hooks", "buildlog"))}
    steps = len(cli("install", "--files", "--dry-run", "--json", at=plain.path).json["changes"])
    for count in range(steps):
        with monkeypatch.context() as cut:
            cut.setattr(
                "buildlog_git.flows.install.perform",
                lambda git, planned, n=count: perform(git, planned[:n]),
            )
            cli("install", "--files")
        plain.git("commit", "-q", "--amend", "--allow-empty", "-m", "x")
        assert plain.read("ran") == b"post-commit\npost-rewrite\n", count
        (plain.path / "ran").unlink()
        signals(plain)
        shutil.rmtree(folder / "buildlog" / "rewrites", ignore_errors=True)
        cli("uninstall")
        with suppress(OSError):
            (folder / "buildlog").rmdir()  # where not even the record was written
        after = snapshot(folder)
        assert {k: v for k, v in after.items() if k.startswith(("hooks", "buildlog"))} == before


def test_an_update_that_was_cut_off(plain: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    hook(plain, "post-commit", "echo theirs >>ran")
    before = snapshot(plain.path / ".git" / "hooks")
    for count in range(6):
        with monkeypatch.context() as older:
            mark = "buildlog_git.core.hooks.MARK"
            older.setattr(mark, 'installed by "git buildlog install" long ago')
            older.setattr("buildlog_git.flows.install.__version__", f"0.0.{count}")
            cli("install", "--files", at=plain.path)
        with monkeypatch.context() as cut:
            cut.setattr(
                "buildlog_git.flows.install.perform",
                lambda git, planned, n=count: perform(git, planned[:n]),
            )
            cli("install", "--files")
        if count % 2:
            assert cli("doctor", "--fix", "--json").json["ok"] is True
        cli("uninstall")
        assert snapshot(plain.path / ".git" / "hooks") == before
        assert not (plain.path / ".git" / "buildlog").exists()


def test_two_installs_at_once(plain: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second one planned before the first one wrote: it must not keep our own as theirs."""
    path = hook(plain, "post-commit", "touch ran")
    theirs = path.read_bytes()

    def late(git: Git, planned: list[Step]) -> None:
        with monkeypatch.context() as first:
            first.setattr("buildlog_git.flows.install.perform", perform)
            install(open_context(plain.path), files=True)
        perform(git, planned)

    monkeypatch.setattr("buildlog_git.flows.install.perform", late)
    with pytest.raises(GitError, match="changed meanwhile"):
        install(open_context(plain.path), files=True)
    monkeypatch.undo()
    cli("uninstall", at=plain.path)
    assert path.read_bytes() == theirs


# -- what somebody has changed since --------------------------------------------------------


def test_what_somebody_added_stays(plain: Repo, cli: Cli) -> None:
    hook(plain, "post-commit", "touch theirs")
    cli("install", "--files", at=plain.path)
    path = plain.path / ".git" / "hooks" / "post-commit"
    edited = path.read_text() + "echo mine\n"
    path.write_text(edited)
    again = cli("install", "--files", "--json", code=1).json
    assert [left["slug"] for left in again["left"]] == ["hook-edited"]
    ran = cli("uninstall", code=1)
    assert "was changed after it was installed" in ran.out
    assert path.read_text() == edited
    assert not (path.parent / "post-merge").exists()
    plain.commit({"a": "2\n"})
    assert (plain.path / "theirs").exists()  # what was there before still runs
    path.unlink()
    cli("uninstall")
    assert path.read_text() == "#!/bin/sh\ntouch theirs\n"
    assert not (plain.path / ".git" / "hooks.buildlog").exists()


def test_another_version_restores_all_the_same(
    plain: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = hook(plain, "post-commit", "exit 0")
    before = snapshot(plain.path)
    with monkeypatch.context() as older:
        older.setattr(
            "buildlog_git.core.hooks.MARK", 'installed by "git buildlog install" long ago'
        )
        older.setattr("buildlog_git.flows.install.__version__", "0.0.1")
        cli("install", "--files", at=plain.path)
    assert "long ago" in path.read_text()
    upgraded = cli("install", "--files", "--json").json
    assert {Path(change["target"]).name for change in upgraded["changes"]} == {
        *EVENTS, "hook", "installed.json",
    }  # fmt: skip
    assert "long ago" not in path.read_text()
    with monkeypatch.context() as older:
        older.setattr("buildlog_git.core.hooks.MARK", "something else")
        cli("uninstall")
    assert snapshot(plain.path) == before


def test_a_lost_record(plain: Repo, cli: Cli) -> None:
    path = hook(plain, "post-commit", "exit 0")
    before = snapshot(path.parent.parent)
    cli("install", "--files", at=plain.path)
    shutil.rmtree(plain.path / ".git" / "buildlog")
    plain.commit({"a": "2\n"})
    plain.git("reset", "-q", "--soft", "HEAD~1")
    cli("uninstall")
    after = snapshot(path.parent.parent)
    names = [name for name in before if name.startswith("hooks")]
    assert [name for name in after if name.startswith(("hooks", "buildlog"))] == names
    assert all(before[name] == after[name] for name in names)


# -- other tools ----------------------------------------------------------------------------


PRE_COMMIT = """\
#!/usr/bin/env bash
# File generated by pre-commit: https://pre-commit.com
# ID: 138fd403232d2ddd5efb44317e38bf03
here=$(cd "$(dirname "$0")" && pwd)
[ -z "$PRE_COMMIT_RUNNING_LEGACY" ] || { echo "bug: migration mode"; exit 1; }
echo pre-commit >>ran
if [ -x "$here/post-checkout.legacy" ]; then
    PRE_COMMIT_RUNNING_LEGACY=1 "$here/post-checkout.legacy" "$@" || exit 1
fi
"""


def test_over_pre_commit_and_pre_commit_over_us(plain: Repo, cli: Cli) -> None:
    folder = plain.path / ".git" / "hooks"
    path = folder / "post-checkout"
    folder.mkdir(exist_ok=True)
    path.write_text(PRE_COMMIT)
    path.chmod(0o755)
    before = snapshot(folder)
    cli("install", "--files", at=plain.path)
    assert ended(plain, "checkout", "-q", "-b", "one").code == 0
    assert (plain.read("ran"), hooks_of(plain)) == (b"pre-commit\n", ["post-checkout"])
    # `pre-commit install` puts what it does not know aside and runs it.
    path.rename(folder / "post-checkout.legacy")
    path.write_text(PRE_COMMIT)
    path.chmod(0o755)
    assert ended(plain, "checkout", "-q", "-b", "two").code == 0
    assert (plain.read("ran"), hooks_of(plain)) == (b"pre-commit\n" * 2, ["post-checkout"])
    cli("install", "--files")
    assert not (folder / "post-checkout.legacy").exists()
    assert ended(plain, "checkout", "-q", "-b", "three").code == 0
    assert (plain.read("ran"), hooks_of(plain)) == (b"pre-commit\n" * 3, ["post-checkout"])
    cli("uninstall")
    assert snapshot(folder) == before


def test_what_pre_commit_put_aside_gets_back_what_it_stood_for(plain: Repo, cli: Cli) -> None:
    folder = plain.path / ".git" / "hooks"
    path = hook(plain, "post-checkout", "echo theirs >>ran")
    theirs = path.read_bytes()
    cli("install", "--files", at=plain.path)
    path.rename(folder / "post-checkout.legacy")
    path.write_text(PRE_COMMIT)
    path.chmod(0o755)
    cli("uninstall")
    assert (folder / "post-checkout.legacy").read_bytes() == theirs
    assert path.read_text() == PRE_COMMIT
    ended(plain, "checkout", "-q", "-b", "one")
    assert plain.read("ran") == b"pre-commit\ntheirs\n"
    assert not (plain.path / ".git" / "hooks.buildlog").exists()


def test_the_real_pre_commit(plain: Repo, cli: Cli) -> None:
    """Installed before us, after us, taken out under us: each hook runs once."""
    hooks = [
        {"id": "say", "name": "say", "entry": "sh -c 'echo x >>.git/ran'", "language": "system",
         "always_run": True, "pass_filenames": False, "stages": ["post-checkout"]},
    ]  # fmt: skip
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    plain.commit({".pre-commit-config.yaml": json.dumps(config)})
    folder = plain.path / ".git" / "hooks"

    def pre_commit(*args: str) -> None:
        command = [sys.executable, "-P", "-m", "pre_commit", *args, "-t", "post-checkout"]
        subprocess.run(command, cwd=plain.path, check=True, capture_output=True)

    def checkout(name: str) -> tuple[int, int, list[str]]:
        done = ended(plain, "checkout", "-q", "-b", name)
        ran = plain.path / ".git" / "ran"
        times = ran.read_text().count("x") if ran.exists() else 0
        ran.unlink(missing_ok=True)
        return done.code, times, hooks_of(plain)

    before = snapshot(folder)
    pre_commit("install")
    theirs = snapshot(folder)
    cli("install", "--files", at=plain.path)
    assert checkout("one") == (0, 1, ["post-checkout"])
    pre_commit("install")
    assert checkout("two") == (0, 1, ["post-checkout"])
    doctor = cli("doctor", "--json").json
    assert [f["slug"] for f in doctor["findings"]] == ["behind-another"]
    cli("install")
    assert checkout("three") == (0, 1, ["post-checkout"])
    cli("uninstall")
    assert snapshot(folder) == theirs
    pre_commit("uninstall")
    assert snapshot(folder) == before
    cli("install", "--files")
    pre_commit("install")
    assert checkout("four") == (0, 1, ["post-checkout"])
    cli("uninstall")
    assert checkout("five") == (0, 1, [])


LEFTHOOK = (
    '#!/bin/sh\ncall_lefthook()\n{{\n  echo "$@" >>ran\n}}\ncall_lefthook run "{event}" "$@"\n'
)


def test_lefthook(plain: Repo, cli: Cli) -> None:
    """Its hooks are chained; after it has written its own again, one install puts it right."""
    plain.commit({"lefthook.yml": "post-commit:\n  jobs:\n    - run: echo x\n"})
    path = plain.path / ".git" / "hooks" / "post-commit"
    theirs = LEFTHOOK.format(event="post-commit")
    path.parent.mkdir(exist_ok=True)
    path.write_text(theirs)
    path.chmod(0o755)
    before = snapshot(path.parent)
    ran = cli("install", "--files", at=plain.path)
    assert "lefthook-local.yml" in ran.out
    plain.commit({"a": "2\n"})
    assert (plain.read("ran"), hooks_of(plain)) == (b"run post-commit\n", ["post-commit"])
    # `lefthook install` puts what it does not know aside, and does not run it.
    path.rename(path.with_name("post-commit.old"))
    path.write_text(theirs)
    path.chmod(0o755)
    doctor = cli("doctor", "--json", code=1).json
    assert [f["slug"] for f in doctor["findings"] if f["level"] == "wrong"] == ["hook-replaced"]
    advised = ran.out[ran.out.index("  post-commit:\n    commands:") :].splitlines()[:4]
    plain.write({"lefthook-local.yml": "\n".join(advised)})
    doctor = cli("doctor", "--json").json
    assert [(f["slug"], f["detail"]) for f in doctor["findings"]] == [
        ("behind-another", "lefthook")
    ]
    plain.write({"lefthook-local.yml": None})
    assert cli("doctor", "--fix", "--json").json["fixed"] == ["hook-replaced"]
    plain.commit({"a": "3\n"})
    assert hooks_of(plain) == ["post-commit"]
    cli("uninstall")
    assert snapshot(path.parent) == before


def husky(repo: Repo) -> Path:
    """Lay husky 9 out: wrappers in .husky/_ that run the committed files of .husky."""
    folder = repo.path / ".husky" / "_"
    folder.mkdir(parents=True)
    (folder / ".gitignore").write_text("*")
    (folder / "h").write_text(
        'n=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n[ ! -f "$s" ] && exit 0\n'
        'sh -e "$s" "$@"\nexit $?\n'
    )
    for event in EVENTS:
        script(folder / event, '. "${0%/*}/h"')
    repo.git("config", "core.hooksPath", ".husky/_")
    return folder.parent


def test_husky_gets_lines_to_add(plain: Repo, cli: Cli) -> None:
    folder = husky(plain)
    plain.commit({".husky/pre-commit": "true\n"})
    before = snapshot(plain.path)
    done = cli("install", "--files", "--json", at=plain.path, code=1).json
    assert (done["dispatcher"], done["owner"]) == ("by-hand", "husky")
    assert {Path(line["path"]).parent for line in done["by_hand"]} == {folder}
    assert snapshot(folder) == {k[7:]: v for k, v in before.items() if k.startswith(".husky/")}
    doctor = cli("doctor", "--json", code=1).json
    assert [f["slug"] for f in doctor["findings"]] == ["line-missing"] * 4
    for line in done["by_hand"]:
        (folder / Path(line["path"]).name).write_text(f"{line['line']}\n")
    cli("install", "--files")
    assert cli("doctor", "--json").json["findings"] == []
    plain.amend({"a": "2\n"})
    assert hooks_of(plain) == ["post-commit", "post-rewrite"]
    ran = cli("uninstall")
    assert ran.out.count("Take out of") == 4
    assert ended(plain, "checkout", "-q", "-b", "x").code == 0  # the lines alone do nothing


@pytest.mark.parametrize("absolute", [False, True])
def test_a_committed_hooks_directory_is_not_written_to(
    plain: Repo, cli: Cli, absolute: bool
) -> None:
    plain.commit({"ci/hooks/pre-commit": "#!/bin/sh\n"})
    path = plain.path / "ci" / "hooks"
    plain.git("config", "core.hooksPath", str(path) if absolute else "ci/hooks")
    before = snapshot(path)
    done = cli("install", "--files", "--json", at=plain.path, code=1).json
    assert (done["dispatcher"], done["owner"], done["folder"]) == (
        "by-hand",
        "committed",
        str(path),
    )
    assert snapshot(path) == before


def test_a_shared_hooks_directory_is_not_written_to(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    plain.git("config", "--global", "core.hooksPath", str(tmp_path / "shared"))
    (tmp_path / "shared").mkdir()
    done = cli("install", "--files", "--json", at=plain.path, code=1).json
    assert (done["dispatcher"], done["owner"]) == ("by-hand", "shared")
    assert list((tmp_path / "shared").iterdir()) == []


def test_hooks_that_are_turned_off(plain: Repo, cli: Cli) -> None:
    plain.git("config", "core.hooksPath", "/dev/null")
    before = snapshot(plain.path)
    assert "[hooks-off]" in cli("install", "--files", at=plain.path, code=2).err
    assert snapshot(plain.path) == before


def test_a_hooks_directory_that_is_a_link(plain: Repo, cli: Cli) -> None:
    """People link .git/hooks to a committed folder: that is the team's all the same."""
    plain.commit({"tools/hooks/pre-commit": "true\n"})
    shutil.rmtree(plain.path / ".git" / "hooks")
    (plain.path / ".git" / "hooks").symlink_to("../tools/hooks")
    done = cli("install", "--files", "--json", at=plain.path, code=1).json
    assert (done["dispatcher"], done["owner"]) == ("by-hand", "committed")
    assert plain.git("status", "--porcelain") == ""


@pytest.mark.skipif(not HAS_CONFIG_HOOKS, reason="this git has no reftable")
def test_reftable(cli: Cli, tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "sha1", env=None)
    shutil.rmtree(repo.path)
    repo.path.mkdir()
    repo.git("init", "-q", "--ref-format=reftable", "--initial-branch=main")
    repo.git("config", "buildlog.drain", "off")
    cli("install", "--files", at=repo.path)
    repo.commit({"a": "1\n"})
    (signal,) = signals(repo)
    assert (signal.hook, signal.ref, signal.head) == ("post-commit", None, None)
    assert cli("doctor", "--json").json["ok"] is True


@pytest.mark.parametrize("where", ["deep/hooks", ".git/own hooks"])
def test_an_own_hooks_directory(plain: Repo, cli: Cli, where: str) -> None:
    path = plain.path / where
    script(path / "post-commit", "touch ran")
    plain.git("config", "core.hooksPath", where)
    before, status = snapshot(plain.path), plain.git("status", "--porcelain")
    (plain.path / "sub").mkdir()
    cli("install", "--files", at=plain.path / "sub")
    (plain.path / "sub").rmdir()
    assert plain.git("status", "--porcelain") == status
    plain.git("commit", "-q", "--allow-empty", "-m", "x")
    assert hooks_of(plain) == ["post-commit"]
    (plain.path / "ran").unlink()
    cli("uninstall", at=plain.path)
    after = snapshot(plain.path)

    def of(found: Snapshot) -> Snapshot:
        return {k: v for k, v in found.items() if _kept(k) and "refs" not in k}

    assert of(after) == of(before)


def test_a_hooks_directory_that_was_set_later(installed: Repo, cli: Cli) -> None:
    installed.git("config", "core.hooksPath", ".git/other")
    doctor = cli("doctor", "--json", at=installed.path, code=1).json
    assert [f["slug"] for f in doctor["findings"]] == ["hooks-shadowed"]
    assert cli("doctor", "--fix", "--json").json["ok"] is True
    installed.commit({"a": "2\n"})
    assert hooks_of(installed) == ["post-commit"]
    assert not (installed.path / ".git" / "hooks" / "post-commit").exists()
    cli("uninstall")
    assert not (installed.path / ".git" / "other").exists()


# -- kinds of repositories ------------------------------------------------------------------


def test_a_linked_worktree(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    linked = plain.worktree(tmp_path / "wt", "side")
    cli("install", "--files", at=linked.path)
    linked.commit({"a": "side\n"})
    plain.commit({"a": "main\n"})
    assert [signal.worktree for signal in signals(plain)] == ["wt", "-"]
    cli("uninstall")
    assert not (plain.path / ".git" / "buildlog").exists()


def test_a_repository_that_a_group_shares(cli: Cli, tmp_path: Path) -> None:
    """Everybody in it can add to what the first one has made."""
    repo = Repo(tmp_path / "repo")
    repo.path.mkdir()
    repo.git("init", "-q", "--shared=group", "--initial-branch=main")
    repo.git("config", "buildlog.drain", "off")
    cli("install", "--files", at=repo.path)
    repo.commit({"a": "1\n"}).amend({"a": "2\n"})
    folder = repo.path / ".git" / "buildlog"
    (spool,) = (folder / "rewrites").iterdir()
    for path in (folder, folder / "queue", folder / "rewrites"):
        assert path.stat().st_mode & 0o020, path
    assert spool.stat().st_mode & 0o040
    assert folder.stat().st_mode & 0o2000


def test_worktrees_of_a_bare_repository(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    bare = plain.clone(tmp_path / "bare.git", bare=True)
    linked = bare.worktree(tmp_path / "wt", "side")
    linked.git("config", "buildlog.drain", "off")
    cli("install", "--files", at=linked.path)
    assert signals(linked) == []
    linked.commit({"a": "3\n"})
    (signal,) = signals(linked)
    assert (signal.worktree, signal.head) == ("wt", linked.head)
    assert cli("doctor", "--json").json["ok"] is True
    cli("uninstall")
    assert not (bare.path / "buildlog").exists()


def test_a_bare_repository_is_refused(cli: Cli, tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "bare.git", bare=True)
    before = snapshot(repo.path)
    ran = cli("install", at=repo.path, code=2)
    assert "[bare-repository]" in ran.err
    assert snapshot(repo.path) == before
    assert cli("doctor").out
    assert cli("status").out


@pytest.mark.parametrize("name", ["with spaces", "new\nline", "it's $HOME `x`", "blå\\"])
def test_odd_paths(cli: Cli, tmp_path: Path, name: str) -> None:
    repo = Repo.init(tmp_path / name).commit({"a": "1\n"})
    repo.git("config", "buildlog.drain", "off")
    hook(repo, "post-commit", "touch ran")
    linked = repo.worktree(tmp_path / f"{name} wt", "side")
    before = snapshot(repo.path)
    cli("install", "--files", at=repo.path)
    repo.commit({"a": "2\n"})
    assert (repo.path / "ran").exists()
    linked.commit({"a": "3\n"})
    assert hooks_of(repo) == ["post-commit"] * 2
    cli("uninstall")
    assert {k for k in snapshot(repo.path) if "hooks" in k} == {k for k in before if "hooks" in k}


def test_a_moved_and_a_copied_repository(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    hook(plain, "post-commit", "echo x >>ran")
    cli("install", "--files", at=plain.path)
    shutil.copytree(plain.path, tmp_path / "copy", symlinks=True)
    copy = Repo(tmp_path / "copy").commit({"a": "2\n"})
    assert (hooks_of(copy), hooks_of(plain)) == (["post-commit"], [])
    os.rename(plain.path, tmp_path / "moved")  # noqa: PTH104
    moved = Repo(tmp_path / "moved").commit({"a": "3\n"})
    assert hooks_of(moved) == ["post-commit"]
    assert moved.read("ran") == b"x\n"


@pytest.mark.parametrize("drain", ["never", "Background", ""])
def test_a_bad_drain_setting(plain: Repo, cli: Cli, drain: str) -> None:
    plain.git("config", "buildlog.drain", drain)
    before = snapshot(plain.path)
    assert "[bad-setting]" in cli("install", at=plain.path, code=2).err
    assert snapshot(plain.path) == before


def test_not_a_repository(cli: Cli, tmp_path: Path) -> None:
    for command in ("install", "uninstall", "status", "doctor"):
        assert "[not-a-repository]" in cli(command, at=tmp_path, code=128).err


# -- hooks in git's configuration -----------------------------------------------------------

config_hooks = pytest.mark.skipif(not HAS_CONFIG_HOOKS, reason="git before 2.54 ignores them")


@config_hooks
def test_config_hooks(plain: Repo, cli: Cli, tmp_path: Path) -> None:
    hook(plain, "post-commit", "echo x >>ran; exit 1")
    husky(plain)
    before = snapshot(plain.path / ".git")
    done = cli("install", "--json", at=plain.path).json
    assert (done["dispatcher"], done["left"], done["by_hand"]) == ("config", [], [])
    assert cli("install", "--json").json["changes"] == []
    assert cli("doctor", "--json").json["findings"] == []
    linked = plain.worktree(tmp_path / "wt", "side")
    linked.amend({"a": "3\n"})
    assert [(s.hook, s.worktree) for s in signals(plain)] == [
        ("post-checkout", "wt"), ("post-commit", "wt"), ("post-rewrite", "wt"),
    ]  # fmt: skip
    plain.git("worktree", "remove", "--force", str(linked.path))
    plain.git("branch", "-D", "side")
    shutil.rmtree(plain.path / ".git" / "buildlog" / "rewrites")
    cli("uninstall")
    after = snapshot(plain.path / ".git")
    assert after["config"] == before["config"]
    assert not [name for name in after if name.startswith("buildlog")]


@config_hooks
def test_config_hooks_never_fail_a_checkout(plain: Repo, cli: Cli) -> None:
    cli("install", at=plain.path)
    shutil.rmtree(plain.path / ".git" / "buildlog")
    assert ended(plain, "checkout", "-q", "-b", "x").code == 0
    doctor = cli("doctor", "--json", code=1).json
    assert [f["slug"] for f in doctor["findings"]] == ["record-missing"]


@config_hooks
def test_config_hooks_that_are_turned_off(plain: Repo, cli: Cli) -> None:
    cli("install", at=plain.path)
    plain.git("config", "hook.buildlog-post-commit.enabled", "false")
    doctor = cli("doctor", "--json", code=1).json
    assert [f["slug"] for f in doctor["findings"]] == ["hook-disabled"]


def test_config_hooks_under_an_older_git(
    plain: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another git of the machine may be older: the doctor says so, and files take over."""
    with monkeypatch.context() as newer:
        newer.setattr("buildlog_git.flows.install.git_version", lambda _: (2, 54))
        cli("install", at=plain.path)
    monkeypatch.setattr("buildlog_git.flows.install.git_version", lambda _: (2, 53))
    monkeypatch.setattr("buildlog_git.flows.doctor.git_version", lambda _: (2, 53))
    doctor = cli("doctor", "--json", code=1).json
    assert [f["slug"] for f in doctor["findings"]] == ["config-hooks-ignored"]
    assert cli("doctor", "--fix", "--json").json["ok"] is True
    assert "hook.buildlog" not in plain.git("config", "--local", "--list")
    plain.commit({"a": "2\n"})
    assert hooks_of(plain) == ["post-commit"]
