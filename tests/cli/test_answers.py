"""The law of kept answers: what is printed is, byte for byte, what would be made.

Whatever changes (a ref, HEAD, a setting, a file that git reads besides, the ledger, the present),
a report that was kept is not printed any more unless it is still the same.
"""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.cli import quick
from buildlog_git.flows.answers import FOLDER_OF_ANSWERS, KEPT
from tests.builder import DAY, Repo
from tests.cli.conftest import NOW, Cli

if TYPE_CHECKING:
    from collections.abc import Callable


class Asker:
    """Asks for reports in one repository, of the kept ones and of the whole program."""

    def __init__(
        self, repo: Repo, cli: Cli, capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        self.repo, self.cli, self.capsys, self.monkeypatch = repo, cli, capsys, monkeypatch
        monkeypatch.chdir(repo.path)
        self.at(NOW)

    def at(self, now: int) -> None:
        self.monkeypatch.setenv("BUILDLOG_NOW", str(now))

    def kept(self, *args: str) -> str | None:
        """Return what is kept, None where the whole program is asked."""
        self.capsys.readouterr()
        return self.capsys.readouterr().out if quick.answer(args) else None

    def made(self, *args: str) -> str:
        """Return what the whole program says that knows of no kept answer, and keep nothing."""
        folder, aside = self.folder, self.folder.with_name("aside")
        if folder.exists():
            folder.rename(aside)
        try:
            return self.cli("report", *args).out
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if aside.exists():
                aside.rename(folder)

    @property
    def folder(self) -> Path:
        return self.repo.path / ".git" / FOLDER_OF_ANSWERS


@pytest.fixture
def asker(
    story: Repo, cli: Cli, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Asker:
    return Asker(story, cli, capsys, monkeypatch)


@pytest.mark.parametrize("args", [(), ("--json",), ("HEAD~3..HEAD",), ("--json", "HEAD~1")])
def test_a_report_is_kept_until_something_changes(asker: Asker, args: tuple[str, ...]) -> None:
    assert asker.kept(*args) is None
    made = asker.cli("report", *args).out
    assert asker.kept(*args) == made == asker.made(*args)
    assert asker.kept("HEAD~2..HEAD") is None


@pytest.mark.parametrize(
    "args",
    [("--stored",), ("HEAD@{0}",), ("--fail-over", "1"), ("nothing",), ("-h",), ("HEAD@{now}..",)],
)
def test_other_forms_are_for_the_whole_program(asker: Asker, args: tuple[str, ...]) -> None:
    asker.cli("report")
    assert asker.kept(*args) is None
    if args[0].startswith("HEAD"):
        asker.cli("report", *args)
        assert asker.kept(*args) is None


def commit(repo: Repo) -> None:
    repo.commit({"math.py": "nothing of it\n"})


def ignore_a_commit(repo: Repo) -> None:
    (repo.path / "ignored").write_text(repo.git("rev-parse", "HEAD~4") + "\n")
    repo.git("config", "blame.ignoreRevsFile", "ignored")


def write_more_there(repo: Repo) -> None:
    with (repo.path / "ignored").open("a") as file:
        file.write(repo.git("rev-parse", "HEAD~1") + "\n")


def exclude(repo: Repo) -> None:
    (repo.path / "pyproject.toml").write_text('[tool.buildlog]\nexclude = ["names.py"]\n')


def rename_the_branch(repo: Repo) -> None:
    repo.git("branch", "-m", "main", "other")


def forget_the_logs(repo: Repo) -> None:
    repo.git("reflog", "expire", "--expire=now", "--all")


def amend(repo: Repo) -> None:
    repo.amend({"late.py": "def late():\n    return 'later'\n"})


def drop(repo: Repo) -> None:
    repo.git("reset", "--quiet", "--hard", "HEAD~2")


def store(repo: Repo) -> None:
    repo.buildlog("scan")


def damage(repo: Repo) -> None:
    repo.git("notes", "--ref=buildlog", "append", "-m", "no event", "HEAD~2")


def be_shallow(repo: Repo) -> None:
    (repo.path / ".git" / "shallow").write_text(repo.git("rev-parse", "HEAD~3") + "\n")


def mark_generated(repo: Repo) -> None:
    repo.commit({".gitattributes": "mail.py linguist-generated\nnames.py -linguist-generated\n"})


def mark_it_here(repo: Repo) -> None:
    folder = repo.path / ".git" / "info"
    folder.mkdir(exist_ok=True)
    (folder / "attributes").write_text("names.py linguist-generated\n")


def replace_a_commit(repo: Repo) -> None:
    repo.git("replace", "HEAD~3", "HEAD~4")


def detach(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--detach", "HEAD~1")


CHANGES: tuple[Callable[[Repo], None], ...] = (
    commit, ignore_a_commit, write_more_there, exclude, rename_the_branch, forget_the_logs, amend,
    drop, store, damage, mark_generated, mark_it_here, detach, replace_a_commit, be_shallow,
)  # fmt: skip


def test_after_any_change_it_is_made_again(asker: Asker) -> None:
    told = asker.cli("report", "--json").out
    different = 0
    for change in CHANGES:
        change(asker.repo)
        made = asker.made("--json")
        assert asker.kept("--json") in (None, made), change.__name__
        different += made != told
        told = asker.cli("report", "--json").out
        assert told == made, change.__name__
        assert asker.kept("--json") == made, f"kept after {change.__name__}"
    assert different > len(CHANGES) // 2, "the changes change something"


def test_settings_of_the_moment_count(asker: Asker) -> None:
    made = asker.cli("report").out
    asker.monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    asker.monkeypatch.setenv("GIT_CONFIG_KEY_0", "buildlog.exclude")
    asker.monkeypatch.setenv("GIT_CONFIG_VALUE_0", "*.py")
    assert asker.kept() is None
    assert asker.cli("report").out != made


def test_the_present_counts(asker: Asker) -> None:
    """Keep the report at one time, ask for it at another, near all times that matter."""
    rng = random.Random(5)
    asker.repo.wait(hours=5).agent_commit({"later.py": "one = 1\ntwo = 2\nthree = 3\n"})
    asker.repo.git("update-ref", "refs/remotes/origin/main", "HEAD")
    asker.repo.wait(hours=7).agent_commit({"last.py": "four = 4\nfive = 5\nsix = 6\n"})
    commits = [int(at) for at in asker.repo.git("log", "-3", "--format=%ct").split()]
    ends = {at + delay for at in commits for delay in (0, DAY, 2 * DAY, 14 * DAY)}
    every = {end + step for end in ends for step in (-1, 0, 1, 1000)}
    near = sorted(second for second in every if second >= max(commits))
    made, again = {}, 0
    for now in near:
        asker.at(now)
        made[now] = asker.made("--json")
    for kept_at in rng.sample(near, 5):
        shutil.rmtree(asker.folder, ignore_errors=True)
        asker.at(kept_at)
        asker.cli("report", "--json")
        for now in near:
            asker.at(now)
            kept = asker.kept("--json")
            assert kept in (None, made[now]), (kept_at, now)
            again += kept is not None and now != kept_at
    assert len(set(made.values())) > 2
    assert again, "some time passes in which nothing changes"


def test_a_commit_from_the_future_is_never_kept(asker: Asker) -> None:
    asker.repo.at(NOW + DAY).commit({"ahead.py": "a = 1\n"})
    asker.cli("report")
    assert asker.kept() is None


def test_damage_and_a_folder_that_cannot_be_written_cost_nothing(asker: Asker) -> None:
    made = asker.cli("report").out
    (path,) = asker.folder.iterdir()
    content = path.read_bytes()
    for bad in (b"", content[:-3], content[:50] + b"!" + content[51:], b"1 2\nx", b"\xff"):
        path.write_bytes(bad)
        assert asker.kept() is None
        assert asker.cli("report").out == made
        assert asker.kept() == made
    shutil.rmtree(asker.folder)
    asker.folder.write_text("in the way")
    assert asker.cli("report").out == made
    assert asker.kept() is None


def test_only_the_last_ones_are_kept(asker: Asker) -> None:
    for number in range(KEPT + 3):
        asker.repo.git("config", "buildlog.exclude", f"{number}.py")
        asker.cli("report")
    assert len(list(asker.folder.iterdir())) == KEPT


def test_what_a_hook_said_is_drained_first(asker: Asker) -> None:
    asker.cli("install")
    asker.cli("report")
    made = asker.cli("report").out
    assert asker.kept() == made
    asker.repo.commit({"math.py": "nothing of it\n"})  # its hook drains in the background
    with (asker.repo.path / ".git" / "buildlog" / "queue").open("a") as queue:
        queue.write("v1 hook=post-commit\n")
    assert asker.kept() is None


def test_a_process_prints_what_is_kept(story: Repo) -> None:
    story.env["BUILDLOG_NOW"] = str(NOW)
    first, second = story.buildlog("report"), story.buildlog("report")
    assert first == second
    (path,) = (story.path / ".git" / FOLDER_OF_ANSWERS).iterdir()
    before = path.stat().st_mtime_ns
    os.utime(path, ns=(0, 0))
    story.buildlog("report")
    assert path.stat().st_mtime_ns >= before, "it was asked for"


def test_what_is_forgotten_is_in_no_kept_answer(asker: Asker) -> None:
    asker.cli("scan")
    asker.cli("report", "--json")
    draft = asker.repo.git("rev-parse", "HEAD")
    (path,) = asker.folder.iterdir()
    assert draft in path.read_text()
    asker.cli("forget", "--yes", "HEAD")
    assert not list(asker.folder.iterdir())
    left = (asker.repo.path / ".git" / "buildlog").rglob("*.sqlite3*")
    assert not any(draft.encode() in path.read_bytes() for path in left)
