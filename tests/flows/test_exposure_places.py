"""Where the local files may not be, or are somebody's: nothing lost, nothing written elsewhere.

``git status`` shows after each step what it showed before.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from buildlog_git.core.fold import SessionRecord, fold
from buildlog_git.core.rendering import read_block
from buildlog_git.flows.drain import drain
from buildlog_git.gitio.faults import read_faults
from buildlog_git.gitio.shown import read_on_disk
from tests.builder import Files, Repo
from tests.flows.play import context

RULES = {f".buildlog/rules/{name}.md": f"Do what {name} says.\n" for name in "abcd"}
CLAUDE = ".claude/rules/buildlog.local.md"
CODEX = "AGENTS.override.md"


@pytest.fixture
def ruled(repo: Repo) -> Repo:
    """Give a repository with rules on trial in which nothing was shown yet."""
    repo.git("config", "buildlog.holdout", "0")
    return repo.commit(RULES)


def switched(repo: Repo, branch: str = "one", files: Files | None = None) -> SessionRecord:
    """Switch to a new branch with more files, drain, and return the session that began."""
    before = repo.git("status", "--porcelain")
    repo.switch(branch, create=True)
    if files:
        repo.commit(files)
    drain(context(repo))
    assert repo.git("status", "--porcelain") in ("", before)
    return session(repo)


def session(repo: Repo) -> SessionRecord:
    shown = read_on_disk(repo.path / repo.git("rev-parse", "--git-common-dir"), "-")
    assert shown is not None
    events = context(repo).ledger.read().events
    return next(r for r in fold(events).sessions if r.session.session == shown.session)


def shown(repo: Repo, name: str) -> list[str]:
    """Return the rules that an agent reads in a file."""
    block = read_block((repo.path / name).read_bytes(), "local")
    assert block is not None
    assert block.intact
    return [rule.id for rule in block.rules if rule.found == rule.digest]


def on(record: SessionRecord) -> list[str]:
    return sorted(record.session.rules)


def last(record: SessionRecord) -> tuple[str, tuple[str, ...]]:
    return record.exposures[-1].state, record.exposures[-1].targets


def said(repo: Repo) -> str:
    return "\n".join(fault.message for fault in read_faults(repo.path / ".git"))


def leave(repo: Repo) -> None:
    """Go where no rules are."""
    repo.git("switch", "--quiet", "--detach")
    drain(context(repo))


@pytest.mark.parametrize("content", [b"Mine.", b"Mine.\r\n\r\nMore.\r\n", b"\xef\xbb\xbfMine.\n"])
def test_somebodys_override_keeps_its_words(ruled: Repo, content: bytes) -> None:
    ruled.git("config", "buildlog.target", "codex")
    ruled.write({CODEX: content})
    record = switched(ruled)
    held = ruled.read(CODEX)
    assert held.startswith(content)
    assert shown(ruled, CODEX) == on(record)
    assert b"buildlog:copy" not in held
    leave(ruled)
    assert ruled.read(CODEX) == content


def test_words_added_to_our_override_stay(ruled: Repo) -> None:
    record = switched(ruled, files={"AGENTS.md": "# Agents\n"})
    path = ruled.path / CODEX
    path.write_bytes(path.read_bytes() + b"Mine.\n")
    ruled.commit({"AGENTS.md": "# Agents, changed\n"})
    drain(context(ruled))
    assert shown(ruled, CODEX) == on(record)
    assert last(session(ruled)) == ("shown", ("codex",))
    assert {b"Mine.", b"# Agents, changed"} <= {*ruled.read(CODEX).splitlines()}
    leave(ruled)
    assert b"buildlog:begin" not in ruled.read(CODEX)
    assert {b"Mine.", b"# Agents, changed"} <= {*ruled.read(CODEX).splitlines()}


def test_a_copy_that_was_changed_is_nobodys_to_overwrite(ruled: Repo) -> None:
    switched(ruled, files={"AGENTS.md": "# Agents\n"})
    path = ruled.path / CODEX
    path.write_bytes(path.read_bytes().replace(b"# Agents", b"# My own"))
    kept = path.read_bytes()
    ruled.switch("two", create=True)
    drain(context(ruled))
    assert path.read_bytes() == kept
    assert last(session(ruled)) == ("failed", ())
    assert "changed by hand" in said(ruled)


def test_a_file_that_git_tracks_is_not_written(ruled: Repo) -> None:
    record = switched(ruled, files={CODEX: "Ours, all of us.\n"})
    ruled.git("config", "buildlog.target", "codex")
    record = switched(ruled, "two")
    assert ruled.read(CODEX) == b"Ours, all of us.\n"
    assert last(record) == ("failed", ())
    assert "git tracks it" in said(ruled)


def test_a_branch_that_tracks_our_file(ruled: Repo) -> None:
    ruled.git("config", "buildlog.target", "claude")
    first = switched(ruled)
    ruled.git("add", "--force", CLAUDE)
    ruled.switch("two", create=True).commit({})
    drain(context(ruled))
    assert ruled.git("status", "--porcelain") == ""
    second = session(ruled)
    same = on(second) == on(first)
    assert last(second) == (("shown", ("claude",)) if same else ("failed", ()))
    ruled.git("config", "buildlog.holdout", "1")
    ruled.switch("three", create=True)
    drain(context(ruled))
    assert ruled.git("status", "--porcelain") == ""
    assert last(session(ruled)) == ("failed", ()), "a control that could read rules is none"
    ruled.switch("one")
    drain(context(ruled))
    assert shown(ruled, CLAUDE) == on(first)


def test_a_gitignore_that_shows_our_file(ruled: Repo) -> None:
    ruled.git("config", "buildlog.target", "claude")
    assert last(switched(ruled)) == ("shown", ("claude",))
    ruled.switch("two", create=True).write({".gitignore": "!*.local.md\n"})
    ruled.git("add", ".gitignore")
    ruled.git("commit", "--quiet", "-m", "Show local files")
    assert CLAUDE in ruled.git("status", "--porcelain", "--untracked-files=all")
    drain(context(ruled))
    assert ruled.git("status", "--porcelain", "--ignored") == ""
    assert not (ruled.path / CLAUDE).exists()
    assert last(session(ruled)) == ("failed", ())
    assert "un-ignores" in said(ruled)
    ruled.switch("one")
    drain(context(ruled))
    assert shown(ruled, CLAUDE) == on(session(ruled))


def test_a_folder_that_leads_out(ruled: Repo, tmp_path: Path) -> None:
    (tmp_path / "out" / "rules").mkdir(parents=True)
    (ruled.path / ".claude").symlink_to(tmp_path / "out")
    record = switched(ruled, files={"CLAUDE.md": "x\n"})
    assert last(record) == ("failed", ())
    assert "out of the work tree" in said(ruled)
    assert not any(path.is_file() for path in (tmp_path / "out").rglob("*"))


def test_a_folder_that_leads_elsewhere_within(ruled: Repo) -> None:
    ruled.write({".agents/rules/mine.md": "x\n"})
    (ruled.path / ".claude").symlink_to(".agents")
    record = switched(ruled, files={"CLAUDE.md": "x\n"})
    assert last(record) == ("shown", ("claude",))
    assert shown(ruled, CLAUDE) == on(record)
    assert "/.agents/rules/buildlog.local.md" in ruled.read(".git/info/exclude").decode()


@pytest.mark.parametrize("where", ["..", ".git", "."])
def test_a_file_that_is_a_link(ruled: Repo, tmp_path: Path, where: str) -> None:
    target = {"..": tmp_path / "secret", ".git": ruled.path / ".git" / "config"}.get(
        where, ruled.path / "a.md"
    )
    if not target.exists():
        target.write_bytes(b"Not yours.\n")
    kept = target.read_bytes()
    (ruled.path / ".claude/rules").mkdir(parents=True)
    (ruled.path / CLAUDE).symlink_to(target)
    record = switched(ruled, files={"CLAUDE.md": "x\n"})
    assert last(record) == ("failed", ())
    assert "symbolic link" in said(ruled)
    assert target.read_bytes() == kept
    assert (ruled.path / CLAUDE).is_symlink()


def test_a_file_in_the_way_of_a_folder(ruled: Repo) -> None:
    record = switched(ruled, files={".clinerules": "Be brief.\n", ".claude": "odd\n"})
    assert last(record) == ("failed", ())
    assert ruled.read(".clinerules") == b"Be brief.\n"


def test_a_folder_in_the_way_of_a_file(ruled: Repo) -> None:
    (ruled.path / CLAUDE).mkdir(parents=True)
    record = switched(ruled, files={"CLAUDE.md": "x\n"})
    assert last(record) == ("failed", ())
    assert "no regular file" in said(ruled)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_is_read_only(ruled: Repo) -> None:
    switched(ruled, files={".claude/rules/mine.md": "x\n"})
    (ruled.path / ".claude/rules").chmod(0o555)
    record = switched(ruled, "two")
    (ruled.path / ".claude/rules").chmod(0o755)
    assert last(record) == ("failed", ())


def test_where_nothing_can_be_ignored_nothing_is_written(ruled: Repo) -> None:
    ruled.commit({"CLAUDE.md": "x\n", "AGENTS.md": "x\n"})
    shutil.rmtree(ruled.path / ".git/info")
    (ruled.path / ".git/info").write_bytes(b"no folder")
    record = switched(ruled)
    assert last(record) == ("failed", ())
    assert "info/exclude" in said(ruled)
    assert not (ruled.path / ".claude").exists()
    assert not (ruled.path / CODEX).exists()


@pytest.mark.parametrize(
    ("content", "rule", "works"),
    [
        ("# Größe\n".encode("latin-1"), "Plain.", True),
        ("# Größe\n".encode("latin-1"), "Größer.", False),
        ("# Größe\n".encode(), "Größer.", True),
        ("# Größe\n".encode("utf-16"), "Plain.", False),
        (b"a\0b\n", "Plain.", False),
        (b"x" * 33_000, "Plain.", False),
        (b"", "Plain.", True),
    ],
)
def test_what_is_copied_is_kept_byte_by_byte(
    ruled: Repo, content: bytes, rule: str, *, works: bool
) -> None:
    ruled.commit(dict.fromkeys(RULES, f"{rule}\n") | {"AGENTS.md": content})
    record = switched(ruled)
    assert last(record) == (("shown", ("codex",)) if works else ("failed", ()))
    assert (ruled.path / CODEX).exists() == works
    assert ruled.read("AGENTS.md") == content
    if works:
        assert ruled.read(CODEX).endswith(b"-->\n" + content)


def test_what_is_too_long_for_an_agent_is_not_half_shown(ruled: Repo) -> None:
    for target in ("claude", "copilot", "windsurf", "cursor"):
        ruled.git("config", "--add", "buildlog.target", target)
    ruled.git("config", "buildlog.session.tokens", "99999")
    ruled.commit(dict.fromkeys(RULES, "word " * 1000 + "\n"))
    record = switched(ruled)
    assert last(record) == ("shown", ("claude", "cursor"))
    assert "4,000 characters" in said(ruled)
    assert not (ruled.path / ".github").exists()
    assert shown(ruled, CLAUDE) == on(record)


def test_files_that_are_cleaned_away_are_put_back(ruled: Repo) -> None:
    ruled.commit({"CLAUDE.md": "x\n"})
    record = switched(ruled)
    ruled.git("clean", "-fdXq")
    assert not (ruled.path / CLAUDE).exists()
    ruled.commit({"b.py": "b = 1\n"})
    drain(context(ruled))
    assert [event.state for event in session(ruled).exposures] == ["shown", "lost"]
    assert shown(ruled, CLAUDE) == on(record)


def test_a_sparse_checkout(ruled: Repo) -> None:
    ruled.commit({"CLAUDE.md": "x\n", ".claude/rules/team.md": "x\n", "src/a.py": "a = 1\n"})
    ruled.git("sparse-checkout", "set", "src", ".buildlog")
    assert not (ruled.path / ".claude").exists()
    record = switched(ruled)
    assert last(record) == ("shown", ("claude",))
    assert shown(ruled, CLAUDE) == on(record)


def test_a_sparse_checkout_that_hides_a_file_of_gits(ruled: Repo) -> None:
    ruled.write({CLAUDE: "Ours.\n"})
    ruled.git("add", "--force", CLAUDE)
    ruled.commit({"CLAUDE.md": "x\n", "src/a.py": "a = 1\n"})
    ruled.git("sparse-checkout", "set", "src", ".buildlog")
    record = switched(ruled)
    assert last(record) == ("failed", ()) or not (ruled.path / CLAUDE).exists()
    assert ruled.git("status", "--porcelain") == ""


def test_a_bare_repository_has_no_agents(ruled: Repo, tmp_path: Path) -> None:
    bare = ruled.clone(tmp_path / "bare.git", bare=True)
    drain(context(bare))
    tree = tmp_path / "tree"
    bare.git("worktree", "add", "--quiet", "-b", "side", str(tree))
    bare.git("config", "buildlog.holdout", "0")
    linked = Repo(tree, ruled.env, ruled.clock)
    drain(context(linked))
    linked.switch("more", create=True)
    drain(context(bare))
    assert linked.git("status", "--porcelain") == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bare.git", "repo", "tree"]
    assert (tree / CLAUDE).is_file()


def test_a_submodule(ruled: Repo, tmp_path: Path) -> None:
    above = Repo.init(tmp_path / "above", env=ruled.env).commit({"CLAUDE.md": "x\n"})
    above.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(ruled.path), "sub")
    above.commit({})
    inner = Repo(above.path / "sub", ruled.env, ruled.clock)
    inner.git("config", "buildlog.holdout", "0")
    inner.switch("one", create=True)
    drain(context(inner))
    assert (inner.path / CLAUDE).is_file()
    assert inner.git("status", "--porcelain") == above.git("status", "--porcelain") == ""
    assert not (above.path / ".claude").exists()
    drain(context(above))
    assert not (above.path / ".claude").exists()


def test_from_a_subfolder_and_from_gits_own(ruled: Repo) -> None:
    ruled.commit({"CLAUDE.md": "x\n", "src/a.py": "a = 1\n"})
    ruled.switch("one", create=True)
    for folder, branch in (("src", "two"), (".git", "three")):
        ruled.switch(branch, create=True)
        drain(context(Repo(ruled.path / folder, ruled.env, ruled.clock)))
        assert shown(ruled, CLAUDE) == on(session(ruled))
        assert ruled.git("status", "--porcelain") == ""
    assert not (ruled.path / ".git/.claude").exists()


def test_a_work_tree_that_is_named(ruled: Repo, tmp_path: Path) -> None:
    """As people keep their home directory: git --git-dir=... --work-tree=..."""
    home = tmp_path / "home"
    home.mkdir()
    env = {**ruled.env, "GIT_DIR": str(ruled.path / ".git"), "GIT_WORK_TREE": str(home)}
    elsewhere = Repo(home, env, ruled.clock)
    elsewhere.git("reset", "--hard", "--quiet")
    elsewhere.git("checkout", "--quiet", "-b", "one")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_DIR", env["GIT_DIR"])
        patch.setenv("GIT_WORK_TREE", env["GIT_WORK_TREE"])
        drain(context(elsewhere))
    assert (home / CLAUDE).is_file()
    assert elsewhere.git("status", "--porcelain") == ""
    assert not (ruled.path / ".claude").exists()


def test_two_worktrees_share_what_is_ignored(ruled: Repo, tmp_path: Path) -> None:
    drain(context(ruled))
    other = ruled.worktree(tmp_path / "other", "side")
    drain(context(other))
    switched(ruled)
    text = ruled.read(".git/info/exclude").decode()
    assert text.count(f"/{CLAUDE}\n") == 1
    assert text.count(">>> git buildlog") == 1
    assert (other.path / CLAUDE).is_file()


@pytest.mark.parametrize("above", [b"<!--\n", b"---\npaths: [docs/**]\n---\n"])
def test_what_hides_our_rules_from_agents_is_no_exposure(ruled: Repo, above: bytes) -> None:
    ruled.git("config", "buildlog.target", "claude")
    switched(ruled)
    path = ruled.path / CLAUDE
    path.write_bytes(above + path.read_bytes())
    ruled.agent_commit({"a.py": "a = 1\n"})
    drain(context(ruled))
    assert {"shown", "lost", "failed"} == {event.state for event in session(ruled).exposures}
    kept = path.read_bytes()
    assert last(switched(ruled, "two")) == ("failed", ())
    assert path.read_bytes() == kept
    assert ("comment" in said(ruled)) == above.startswith(b"<")
    path.unlink()
    assert last(switched(ruled, "three")) == ("shown", ("claude",))


def test_a_file_of_gits_that_somebody_deleted_shows_nothing(ruled: Repo) -> None:
    ruled.git("config", "buildlog.target", "claude")
    ruled.write({CLAUDE: "Ours, all of us.\n"})
    ruled.git("add", "--force", CLAUDE)
    ruled.git("commit", "--quiet", "-m", "Track it")
    (ruled.path / CLAUDE).unlink()
    assert last(switched(ruled)) == ("failed", ())
    assert "git tracks it" in said(ruled)


@pytest.mark.parametrize("there", [True, False])
def test_what_is_ignored_by_a_link_is_somebodys(ruled: Repo, tmp_path: Path, there: bool) -> None:
    ruled.git("config", "buildlog.target", "claude")
    exclude, own = ruled.path / ".git" / "info" / "exclude", tmp_path / "own-exclude"
    if there:
        own.write_text("*.o\n")
    exclude.unlink(missing_ok=True)
    exclude.symlink_to(own)
    assert last(switched(ruled)) == ("failed", ())
    assert "symbolic link" in said(ruled)
    assert exclude.is_symlink()
    assert not own.exists() or own.read_text() == "*.o\n"
    own.write_text(".claude/rules/*.local.md\n")
    assert last(switched(ruled, "two")) == ("shown", ("claude",))
    assert own.read_text() == ".claude/rules/*.local.md\n"
