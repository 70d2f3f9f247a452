"""Whatever is broken: git's command ends as if we were not there, and the doctor knows why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.core.session import OpenSession, Place
from buildlog_git.gitio.faults import Fault, record_fault
from buildlog_git.gitio.sessionfiles import session_file, write_session
from tests.builder import PROJECT, START, Repo
from tests.hooks.conftest import Cli, Drains, Ended, ended, script, signals

STORY = (
    ("commit", "-q", "--allow-empty", "-m", "x"),
    ("commit", "--amend", "--allow-empty", "-m", "y"),
    ("checkout", "-b", "z"),
    ("commit", "--allow-empty", "-m", "z"),
    ("checkout", "main"),
    ("merge", "z"),
    ("checkout", "nowhere"),
    ("rebase", "z"),
)

root_only = pytest.mark.skipif(os.getuid() != 0, reason="needs root")


def told(repo: Repo, **env: str) -> list[Ended]:
    """Tell the story and return how each command ended."""
    return [ended(repo, *command, **env) for command in STORY]


@pytest.fixture
def as_without(tmp_path: Path, drains: Drains, cli: Cli) -> Callable[..., Repo]:
    """Compare the story with hooks, after ``damage``, to the story without them."""

    def compare(damage: Callable[[Repo], None], drain: str = "background", **env: str) -> Repo:
        bare = Repo.init(tmp_path / "bare" / "repo").commit({"a": "1\n"}, "Start")
        repo = Repo.init(tmp_path / "hooked" / "repo").commit({"a": "1\n"}, "Start")
        repo.git("config", "buildlog.drain", drain)
        repo.git("config", "buildlog.command", str(drains.command))
        cli("install", "--files", at=repo.path)
        damage(repo)
        assert told(repo, **env) == told(bare, **env)
        return repo

    return compare


Compare = Callable[..., Repo]


def slugs(cli: Cli, repo: Repo, code: int = 1, *, keep: bool = False) -> list[str]:
    """Return what the doctor finds; the queue counts where it is to be kept."""
    if not keep:
        (repo.path / ".git" / "buildlog" / "queue").unlink(missing_ok=True)
    found = cli("doctor", "--json", at=repo.path, code=code).json["findings"]
    said = cli("doctor", code=code).out
    assert all(f"[{finding['slug']}]" in said.replace("\n  ", " ") for finding in found)
    return [finding["slug"] for finding in found]


def test_nothing_is_broken(as_without: Compare, cli: Cli) -> None:
    assert slugs(cli, as_without(lambda _: None, "foreground"), code=0) == []


def test_the_tool_is_gone(as_without: Compare, cli: Cli, drains: Drains) -> None:
    repo = as_without(lambda _: shutil.rmtree(drains.command.parent), "foreground")
    assert len(signals(repo)) == 7
    assert "command-missing" in slugs(cli, repo, code=0 if shutil.which("git-buildlog") else 1)


@pytest.mark.parametrize("drain", ["foreground", "background"])
def test_the_interpreter_is_gone(as_without: Compare, cli: Cli, drains: Drains, drain: str) -> None:
    def damage(_: Repo) -> None:
        script(drains.command, "", interpreter="/nowhere/python")

    assert slugs(cli, as_without(damage, drain)) == ["command-broken"]


def test_the_body_is_gone(as_without: Compare, cli: Cli) -> None:
    repo = as_without(lambda repo: (repo.path / ".git" / "buildlog" / "hook").unlink())
    assert slugs(cli, repo) == ["body-missing"]
    assert cli("doctor", "--fix", "--json").json["fixed"] == ["body-missing"]
    repo.commit({"a": "2\n"})
    assert len(signals(repo)) == 1


def test_all_of_ours_is_gone_but_the_hooks(as_without: Compare, cli: Cli) -> None:
    repo = as_without(lambda repo: shutil.rmtree(repo.path / ".git" / "buildlog"))
    assert slugs(cli, repo) == ["record-missing"]


def test_a_damaged_record(as_without: Compare, cli: Cli) -> None:
    def damage(repo: Repo) -> None:
        (repo.path / ".git" / "buildlog" / "installed.json").write_text("{")

    repo = as_without(damage)
    assert slugs(cli, repo) == ["record-missing"]
    assert cli("doctor", "--fix", "--json").json["ok"] is True


def test_home_is_unset(as_without: Compare, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def damage(repo: Repo) -> None:
        repo.git("config", "user.useConfigOnly", "true")

    bare = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL"), "<unset>")
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Ada"), ("EMAIL", "ada@example.com"))
    }
    repo = as_without(damage, **bare, **identity)
    assert len(signals(repo)) == 7
    for name in bare:
        monkeypatch.delenv(name, raising=False)
    assert slugs(cli, repo) == ["home-unset", "no-identity"]


def test_the_queue_is_a_full_disk(as_without: Compare) -> None:
    """As /dev/full has it: every write fails."""

    def damage(repo: Repo) -> None:
        folder = repo.path / ".git" / "buildlog"
        (folder / "queue").symlink_to("/dev/full")
        (folder / "rewrites").rmdir()
        (folder / "rewrites").symlink_to("/dev/full")

    as_without(damage)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@root_only
def test_a_full_disk(small_disk: Path, tmp_path: Path, drains: Drains, cli: Cli) -> None:
    """Only the folder of the queue is on the full disk, so that git itself can go on."""
    repo = Repo.init(tmp_path / "repo").commit({"a": "1\n"})
    seen = tmp_path / "seen"
    script(repo.path / ".git" / "hooks" / "post-rewrite", f'cat >"{seen}"')
    (repo.path / ".git" / "buildlog").symlink_to(small_disk)
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)
    with pytest.raises(OSError, match="No space"):
        (small_disk / "filler").write_bytes(b"\0" * 3_000_000)
    before = repo.head
    done = ended(repo, "commit", "-q", "--amend", "--allow-empty", "-m", "x")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    assert seen.read_text() == f"{before} {repo.head}\n"  # it lost nothing of its input
    assert "disk-full" in slugs(cli, repo)


@root_only
@pytest.mark.parametrize("part", ["buildlog", "refs/notes"])
def test_a_read_only_folder(
    open_folder: Path, drains: Drains, cli: Cli, part: str, user: User
) -> None:
    repo = Repo.init(open_folder / "repo").commit({"a": "1\n"})
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)
    (repo.path / ".git" / part).mkdir(exist_ok=True)
    give(repo.path, user.uid)
    os.chown(repo.path / ".git" / part, 0, 0)
    (repo.path / ".git" / part).chmod(0o755)
    done = user.run(repo.path, "git", "commit", "-q", "--allow-empty", "-m", "x")
    assert (done.code, done.out, done.err) == (0, b"", b"")
    doctor = user.run(repo.path, "buildlog", "doctor", "--json")
    assert doctor.code == 1
    assert b'"not-writable"' in doctor.out
    assert b'"detail": "root"' in doctor.out


@root_only
def test_an_install_where_nothing_can_be_written(open_folder: Path, user: User) -> None:
    repo = Repo.init(open_folder / "repo").commit({"a": "1\n"})
    config = user.home / "gitconfig"
    config.write_text(f"{config.read_text()}[safe]\n\tdirectory = *\n")
    ran = user.run(repo.path, "buildlog", "install")
    assert ran.code == 128
    assert b"cannot be written: Permission denied [not-writable]" in ran.err
    doctor = user.run(repo.path, "buildlog", "doctor", "--fix")
    assert doctor.code == 1
    assert b"[not-writable]" in doctor.out


@root_only
def test_a_repository_of_somebody_else(
    open_folder: Path, drains: Drains, cli: Cli, user: User
) -> None:
    repo = Repo.init(open_folder / "repo").commit({"a": "1\n"})
    repo.git("config", "buildlog.command", str(drains.command))
    cli("install", "--files", at=repo.path)
    bare = Repo.init(open_folder / "bare").commit({"a": "1\n"})
    for command in (("commit", "-q", "--allow-empty", "-m", "x"), ("checkout", "-b", "y")):
        ours, theirs = (user.run(r.path, "git", *command) for r in (repo, bare))
        assert ours.code == theirs.code == 128
        assert ours.err.replace(b"/repo'", b"/bare'").replace(b"/repo\n", b"/bare\n") == theirs.err
    doctor = user.run(repo.path, "buildlog", "doctor")
    assert doctor.code == 1
    assert b"[unsafe-owner]" in doctor.out
    assert b"safe.directory" in doctor.out


def give(folder: Path, uid: int) -> None:
    """Give all of a folder to a user."""
    os.chown(folder, uid, uid)
    for path in folder.rglob("*"):
        os.chown(path, uid, uid, follow_symlinks=False)


@dataclass(frozen=True)
class User:
    """Somebody who is not root: ``run`` git or us in a folder."""

    uid: int
    home: Path
    python: str = ""

    def run(self, where: Path, program: str, *args: str) -> Ended:
        command = ["git"] if program == "git" else [self.python, "-P", "-m", "buildlog_git"]
        config = str(self.home / "gitconfig")
        env = {**os.environ, "HOME": str(self.home), "GIT_CONFIG_GLOBAL": config}
        env["XDG_CONFIG_HOME"] = str(self.home / ".config")
        done = subprocess.run(
            [*command, *args],
            cwd=where,
            env={**env, "PYTHONPATH": os.pathsep.join([str(PROJECT), *sys.path])},
            user=self.uid,
            group=self.uid,
            extra_groups=[],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Give a folder that everybody can read; pytest closes its own at each start."""
    with TemporaryDirectory(prefix="buildlog-") as name:
        Path(name).chmod(0o755)
        yield Path(name)
        os.chdir(Path(name).parent)  # the test may stand in what is deleted now


@pytest.fixture
def user(open_folder: Path) -> User:
    """Give somebody who is not root, and who can run this project."""
    home = open_folder / "user"
    home.mkdir()
    shutil.copy(os.environ["GIT_CONFIG_GLOBAL"], home / "gitconfig")
    give(home, 64123)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        somebody = User(64123, home, python)
        with suppress(OSError):
            if somebody.run(home, "buildlog", "--version").code == 0:
                return somebody
    pytest.skip("another user cannot run this project")


# -- what the doctor sees besides -----------------------------------------------------------


def test_hooks_that_are_gone_or_not_executable(installed: Repo, cli: Cli) -> None:
    folder = installed.path / ".git" / "hooks"
    (folder / "post-merge").unlink()
    (folder / "post-commit").chmod(0o644)
    assert slugs(cli, installed) == ["hook-not-executable", "hook-missing"]
    assert cli("doctor", "--fix", "--json").json["ok"] is True
    installed.commit({"a": "2\n"})
    assert len(signals(installed)) == 1


def test_a_chained_hook_that_is_not_executable_any_more(repo: Repo, cli: Cli) -> None:
    script(repo.path / ".git" / "hooks" / "post-commit", "exit 0")
    cli("install", "--files", at=repo.path)
    (repo.path / ".git" / "hooks.buildlog" / "post-commit").chmod(0o644)
    assert slugs(cli, repo, code=0) == ["chained-not-executable"]


def test_a_stale_lock(installed: Repo, cli: Cli) -> None:
    for name in ("refs/notes/buildlog.lock", "config.lock"):
        path = installed.path / ".git" / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        os.utime(path, (START, START))
    assert slugs(cli, installed) == ["stale-lock", "stale-git-lock"]
    fixed = cli("doctor", "--fix", "--json", code=1).json
    assert fixed["fixed"] == ["stale-lock"]
    assert (installed.path / ".git" / "config.lock").exists()  # that one is git's


def test_a_queue_that_nobody_reads(installed: Repo, cli: Cli) -> None:
    installed.commit({"a": "2\n"})
    assert slugs(cli, installed, code=0, keep=True) == ["drain-off"]
    installed.git("config", "buildlog.drain", "background")
    assert slugs(cli, installed, keep=True) == ["body-outdated", "drain-off"]
    cli("install", "--files")
    assert slugs(cli, installed, keep=True) == ["queue-backlog"]
    status = cli("status", "--json").json
    assert status["waiting"]["signals"] == 1
    assert status["waiting"]["since"] == installed.clock.now


def test_failures_are_shown(installed: Repo, cli: Cli) -> None:
    record_fault(installed.path / ".git", Fault(START, "git-failed", "long ago"))
    assert slugs(cli, installed, code=0) == []
    now = START + 60 * 86400
    record_fault(installed.path / ".git", Fault(now, "disk-full", "no space \x1b[31m left"))
    assert slugs(cli, installed, code=0) == ["last-failure"]
    assert r"no space \x1b[31m left" in cli("doctor").out
    assert cli("status", "--json").json["failure"]["slug"] == "disk-full"
    assert "[disk-full]" in cli("status").out


def test_a_broken_repository(installed: Repo, cli: Cli) -> None:
    (installed.path / ".git" / "config").write_text("[core\n")
    assert slugs(cli, installed)[0] == "repository-refused"
    (installed.path / ".git" / "HEAD").unlink()
    assert slugs(cli, installed)[0] == "not-a-repository"


def test_a_bad_setting(installed: Repo, cli: Cli) -> None:
    installed.git("config", "buildlog.agent.x.nope", "1")
    assert slugs(cli, installed) == ["bad-agent-key"]
    installed.git("config", "--unset", "buildlog.agent.x.nope")
    installed.git("config", "buildlog.drain", "sometimes")
    assert slugs(cli, installed) == ["bad-setting"]


def test_git_is_missing(installed: Repo, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(installed.path))
    assert slugs(cli, installed)[0] == "git-missing"


def test_a_new_variable_is_watched_after_an_install(installed: Repo, cli: Cli) -> None:
    installed.git("config", "buildlog.agent.hal.env", "HAL_9000")
    assert slugs(cli, installed) == ["body-outdated"]
    assert cli("doctor", "--fix", "--json").json["ok"] is True
    installed.env["HAL_9000"] = "on"
    installed.commit({"a": "2\n"})
    assert signals(installed)[0].variables["HAL_9000"] == "on"


def test_pre_commit_beside_us_is_fine(installed: Repo, cli: Cli) -> None:
    installed.write({".pre-commit-config.yaml": "- id: buildlog-post-commit\n"})
    assert slugs(cli, installed, code=0) == ["both-active"]


# -- status ---------------------------------------------------------------------------------


def test_status(installed: Repo, cli: Cli, drains: Drains) -> None:
    out = cli("status", at=installed.path).out
    assert "post-checkout, post-commit, post-merge, post-rewrite as files in" in out
    assert f"Drain: off by {drains.command}" in out.replace("\n  ", " ")
    assert "Queue: empty." in out
    assert "Session:" not in out
    session = OpenSession("0123456789abcdef", Oid(installed.head), 1, 2, "tests")
    common, place = installed.path / ".git", Place("-", "refs/heads/main")
    write_session(common, place, session)
    installed.commit({"a": "2\n"})
    status = cli("status", "--json").json
    assert status["session"] == {"branch": "main", "id": session.id, "error_class": "tests"}
    assert status["waiting"]["signals"] == 1
    assert [hook["state"] for hook in status["hooks"]] == ["active"] * 4
    assert "Session: open on main (0123456789abcdef, tests)." in cli("status").out
    session_file(common, place).write_text('{"id": "abc"}')
    assert cli("status", "--json").json["session"]["id"] == "", "damaged"


def test_status_reads_what_was_taken(installed: Repo, cli: Cli) -> None:
    installed.commit({"a": "2\n"}).commit({"a": "3\n"})
    folder = installed.path / ".git" / "buildlog"
    lines = (folder / "queue").read_bytes().splitlines(keepends=True)
    (folder / "queue").rename(folder / f"queue.taken.1.{len(lines[0])}")
    assert cli("status", "--json", at=installed.path).json["waiting"]["signals"] == 1
    assert "1 signal that no drain has read, the oldest for 59 days." in cli("status").out
