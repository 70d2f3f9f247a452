"""Every kind of repository and every kind of file."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.builder import PERSON, Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

TEXT = "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a - b\n"
EDITED = TEXT.replace("a - b", "b - a - b")
"""Two tokens ("b" and "-") put between the draft's 24, which are 8 + 4 + 8 + 4."""
SHARE = 2 / (24 + 2)


def revised(repo: Repo, name: str = "math.py") -> str:
    """Let an agent write a file and a person edit it; return the draft."""
    draft = repo.commit({"README": "hello\n"}, "Start").agent_commit({name: TEXT}).head
    repo.commit({name: EDITED}, "Edit")
    return draft


def measured(cli: Cli, repo: Repo, draft: str) -> tuple[float, float]:
    """Return a draft's distance as ``distance`` and as ``report`` tell it."""
    alone = cli("distance", draft, "--json", at=repo.path).json["distance"]
    report = cli("report", "--json", at=repo.path).json
    (item,) = (d for d in report["drafts"] if d["commit"] == draft)
    return round(alone, 6), round(item["distance"], 6)


BOTH = (round(SHARE, 6), round(SHARE, 6))


def test_a_plain_repository_and_below_its_top(cli: Cli, repo: Repo) -> None:
    draft = revised(repo)
    (repo.path / "deep").mkdir()
    assert measured(cli, repo, draft) == BOTH
    assert cli("report", "--json", at=repo.path / "deep").json["distance"]["n"] == 1


def test_a_linked_worktree(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    repo.commit({"README": "hello\n"}, "Start")
    linked = repo.worktree(tmp_path / "linked", "side")
    draft = linked.agent_commit({"math.py": TEXT}).head
    linked.commit({"math.py": EDITED}, "Edit")
    assert measured(cli, linked, draft) == BOTH
    assert "Wrote" in cli("scan", at=linked.path).out
    assert cli("check", "--json", at=repo.path).json["events"] > 0
    assert cli("report", "--json", "side", at=repo.path).json["distance"]["n"] == 1


def test_a_bare_repository(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    draft = revised(repo)
    bare = repo.clone(tmp_path / "bare.git", bare=True)
    assert measured(cli, bare, draft) == BOTH
    assert cli("init", at=bare.path).out.startswith("bare  HEAD")


def test_a_detached_head(cli: Cli, repo: Repo) -> None:
    draft = revised(repo)
    repo.git("switch", "-q", "--detach", "HEAD")
    assert measured(cli, repo, draft) == BOTH
    repo.git("branch", "-D", "main")
    assert measured(cli, repo, draft) == BOTH


def test_sha256(cli: Cli, tmp_path: Path) -> None:
    repo = Repo.init(tmp_path / "repo", sha256=True)
    draft = revised(repo)
    assert len(draft) == 64
    assert measured(cli, repo, draft) == BOTH
    cli("scan")
    assert cli("check", "--json").json["ok"] is True


def test_a_shallow_clone_says_so(cli: Cli, story: Repo, tmp_path: Path) -> None:
    shallow = tmp_path / "shallow"
    subprocess.run(
        ["git", "clone", "-q", "--depth", "3", f"file://{story.path}", str(shallow)], check=True
    )
    for command in ("report", "init", "scan"):
        ran = cli(command, at=shallow)
        assert "the history is shallow" in ran.out
        assert "git fetch --unshallow" in ran.out
    assert cli("report", "--json").json["coverage"]["shallow"] is True
    assert cli("report", "--json").json["commits"]["total"] == 3


def test_odd_file_names(cli: Cli, repo: Repo) -> None:
    names = ['quo"te.py', "new\nline.py", "blåbær.py", "tab\t.py", " space .py", "\x1b[31m.py"]
    repo.commit({"README": "hello\n"}, "Start")
    draft = repo.agent_commit(dict.fromkeys(names, TEXT)).head
    repo.commit(dict.fromkeys(names, EDITED), "Edit")
    files = cli("distance", draft, "--json", at=repo.path).json["files"]
    assert {part["path"] for part in files} == set(names)
    assert {round(part["distance"], 6) for part in files} == {BOTH[0]}
    out = cli("distance", draft).out
    assert "\x1b" not in out
    assert all(f"0.08      24  {name}" in out for name in (r"new\nline.py", r"\x1b[31m.py"))


def test_a_file_name_that_is_no_utf8(cli: Cli, repo: Repo) -> None:
    repo.commit({"README": "hello\n"}, "Start")
    name = b"caf\xe9.py".decode("utf-8", "surrogateescape")
    draft = repo.agent_commit({name: TEXT, "b.py": TEXT.replace("add", "plus")}).head
    repo.commit({name: EDITED}, "Edit")
    assert cli("distance", draft, "--json", at=repo.path).json["files"][1]["path"] == name
    assert r"caf\xe9.py" in cli("distance", draft).out


def test_crlf_costs_nothing(cli: Cli, repo: Repo) -> None:
    draft = repo.commit({"README": "hello\n"}).agent_commit({"math.py": TEXT}).head
    repo.commit({"math.py": TEXT.replace("\n", "\r\n")}, "Other line ends")
    assert measured(cli, repo, draft) == (0.0, 0.0)
    repo.commit({"math.py": EDITED.replace("\n", "\r\n")}, "Edit")
    assert measured(cli, repo, draft) == BOTH


def test_binary_files_and_submodules_do_not_count(cli: Cli, repo: Repo, tmp_path: Path) -> None:
    other = Repo.init(tmp_path / "other").commit({"a": "1\n"})
    allowed = ("-c", "protocol.file.allow=always")
    repo.git(*allowed, "submodule", "add", "-q", str(other.path), "sub")
    repo.commit({"image": b"\0\1" * 99}, "Start")

    def pull(number: int) -> None:
        other.commit({"a": f"{number}\n"})
        repo.git("-C", "sub", *allowed, "pull", "-q")

    pull(2)
    draft = repo.agent_commit({"math.py": TEXT, "image": b"\0\2" * 99}).head
    pull(3)
    repo.commit({"math.py": EDITED, "image": b"\0\3" * 99}, "Edit")
    assert repo.git("diff", "--name-only", "HEAD~1").split() == ["image", "math.py", "sub"]
    assert measured(cli, repo, draft) == BOTH
    assert [p["path"] for p in cli("distance", draft, "--json").json["files"]] == ["math.py"]


def test_nothing_but_the_notes_is_written(cli: Cli, story: Repo) -> None:
    def state() -> tuple[str, str, bytes, float]:
        index = story.path / ".git" / "index"
        refs = story.git("for-each-ref", "refs/heads", "refs/tags", "refs/remotes", "HEAD")
        status = story.git("status", "--porcelain", "--ignored")
        return refs, status, index.read_bytes(), index.stat().st_mtime

    story.git("status")  # git renews the index once, after it was copied
    before = state()
    for command in (["init"], ["report"], ["log"], ["scan", "--full"], ["check"], ["why", "HEAD"]):
        cli(*command, at=story.path)
    assert state() == before
    refs = story.git("for-each-ref", "--format=%(refname)").splitlines()
    assert refs == ["refs/heads/main", "refs/notes/buildlog"]
    story.git("update-ref", "-d", "refs/notes/buildlog")
    assert "There is no ledger yet" in cli("check").out
    assert story.git("fsck", "--no-dangling") == ""


def test_hostile_text_never_reaches_the_terminal(cli: Cli, repo: Repo) -> None:
    evil = "\x1b]0;owned\x07 \x1b[2J\u202egnp\u2028 \x9b31m \r over"
    message = f"{evil}\n\nCo-authored-by: Claude {evil[:9]} <noreply@anthropic.com>"
    repo.commit({"a.py": TEXT}, message, PERSON, "--cleanup=verbatim")
    for args in (["log"], ["why", "HEAD"], ["report"], ["init"], ["distance", "HEAD"]):
        out = cli(*args, at=repo.path).out
        assert not {char for char in out if ord(char) < 32 or 127 <= ord(char) < 160} - {"\n"}
        assert not {"\u202e", "\u2028"} & set(out)
    assert r"\x1b]0;owned\x07 \x1b[2J\u202egnp\u2028" in cli("log").out
