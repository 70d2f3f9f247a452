"""Files that are no plain text with a plain name, and commits that hardly are any."""

from __future__ import annotations

import os
import sys

import pytest

from tests.builder import PERSON, Repo
from tests.flows.play import BASE, FRESH, MINE, draft, lines, only, report, scanned, text

EDITED = text(FRESH[:5], MINE[5:])


@pytest.mark.parametrize(
    "name",
    [
        "with space.py", "tab\there.py", 'quo"te.py', "new\nline.py", "back\\slash.py",
        "ünï/cödé.py", "日本語.py", " leading.py", "trailing ", "a/b => c/d.py", "{x => y}.py",
        "-rf", "--", ":(exclude)x", "a/b/c/d/e.py", "= end", "\x01\x7f.py", "/dev/null"[1:],
    ],
)  # fmt: skip
def test_odd_names(repo: Repo, name: str) -> None:
    repo.agent_commit({name: text(MINE)}, "Write it").commit({name: EDITED}, "Edit it")
    assert only(repo).distance == 0.25
    assert report(repo).coverage.unmeasurable == 0
    scanned(repo)
    assert only(repo).distance == 0.25


@pytest.mark.skipif(sys.platform == "darwin", reason="the file system wants UTF-8")
def test_a_name_that_is_no_utf8(repo: Repo) -> None:
    name = os.fsdecode(b"\xff\xfe name.py")
    repo.agent_commit({name: text(MINE)}, "Write it").commit({name: EDITED}, "Edit it")
    scanned(repo)
    assert only(repo).distance == 0.25


def test_a_rename_between_odd_names_with_an_attribute_in_force(repo: Repo) -> None:
    repo.commit({".gitattributes": "gen/* linguist-generated\n"})
    repo.agent_commit({"a\nb.py": text(MINE)}, "Write it").rename("a\nb.py", 'c "d".py')
    repo.commit({'c "d".py': EDITED}, "Move it")
    assert only(repo).distance == 0.25


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n\n", b"\x0c\n", b"\xe2\x80\xa8\n", b"\x85\n"])
def test_odd_line_ends(repo: Repo, end: bytes) -> None:
    def content(*parts: list[str]) -> bytes:
        return b"".join(line.encode() + end for part in parts for line in part)

    repo.agent_commit({"a.py": content(MINE)}).commit({"a.py": content(FRESH[:5], MINE[5:])})
    assert only(repo).distance == pytest.approx(0.25, abs=0.01)


def test_bytes_that_are_no_text_in_any_encoding(repo: Repo) -> None:
    latin = [line.replace("w", "\xe9") for line in MINE]
    repo.agent_commit({"a.py": text(latin).encode("latin-1")})
    repo.commit({"a.py": text(FRESH[:5], latin[5:]).encode("latin-1")})
    assert only(repo).distance == pytest.approx(0.25, abs=0.1)


def test_a_file_without_a_final_newline(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)[:-1]}).commit({"a.py": text(MINE)})
    assert only(repo).distance == 0
    repo.commit({"a.py": EDITED[:-1]})
    assert only(repo).distance == 0.25


def test_content_that_looks_like_a_patch(repo: Repo) -> None:
    trap = ["diff --git a/x b/x", "--- a/x", "+++ b/x", "@@ -1,2 +1,2 @@", "-- x", "++ y",
            "= end", "\\ No newline at end of file", "rename from q", "commit 0123"]  # fmt: skip
    repo.agent_commit({"a.py": text(trap, MINE)}).commit({"a.py": text(trap, EDITED.split("\n"))})
    item = only(repo)
    assert len(item.revisions) == 1
    assert item.revisions[0].cost == 30


def test_a_change_of_mode_alone_is_none(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    (repo.path / "a.py").chmod(0o755)
    repo.commit(None, "Make it run")
    assert draft(report(repo), made).revisions == ()
    (repo.path / "a.py").chmod(0o644)
    (repo.path / "b.py").write_text("x\n")
    mode = repo.agent_commit(None, "Change modes").head
    assert draft(report(repo), mode).tokens == 1


def test_binary_symlink_and_submodule_do_not_count(repo: Repo) -> None:
    inner = Repo.init(repo.path.with_name("inner"), env=repo.env).commit({"x": "y\n"}).head
    (repo.path / "link").symlink_to("some/where/else/that/is/long")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{inner},sub")
    (repo.path / "sub").mkdir()
    repo.agent_commit({"data.bin": b"\0\1\2" * 100, "a.py": text(MINE)}, "Write it")
    item = only(repo.commit({"b": "x\n"}))
    assert (item.tokens, item.lines) == (120, 20)


def test_a_file_that_becomes_a_symlink_is_lost(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).delete("a.py")
    (repo.path / "a.py").symlink_to("b.py")
    repo.commit(None, "Link it")
    assert only(repo).distance == 1


def test_a_file_that_becomes_binary_and_text_again(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).commit({"a.py": b"\0" + text(MINE).encode()})
    repo.commit({"a.py": EDITED})
    assert only(repo).distance is not None


def test_a_file_that_becomes_a_folder(repo: Repo) -> None:
    repo.agent_commit({"a": text(MINE)}).delete("a").commit({"a/a": EDITED})
    assert only(repo).distance == 0.25


def test_an_empty_commit_of_an_agent(repo: Repo) -> None:
    repo.agent_commit(None, "Nothing").commit({"b": "x\n"})
    item = only(repo)
    assert (item.distance, item.outcome, item.tokens) == (None, "unmeasurable", 0)


def test_an_empty_file(repo: Repo) -> None:
    repo.agent_commit({"a.py": "", "b.py": text(MINE)}).commit({"a.py": text(BASE)})
    assert only(repo).distance == 0


def test_a_draft_of_white_space(repo: Repo) -> None:
    repo.commit({"a.py": text(MINE)}).agent_commit({"a.py": text(MINE).replace(" ", "   ")})
    assert only(repo.commit({"b": "x\n"})).outcome == "unmeasurable"


def test_a_message_of_bytes_that_are_no_utf8(repo: Repo) -> None:
    repo.stage({"a.py": text(MINE)})
    repo.git(
        "commit",
        "--quiet",
        "-F",
        "-",
        stdin=b"\xff\xfe\n\nCo-authored-by: Codex <noreply@openai.com>\n",
    )
    repo.clock.tick()
    repo.commit({"a.py": EDITED})
    scanned(repo)
    assert only(repo).distance == 0.25


@pytest.mark.parametrize("encoding", ["ISO-8859-1", "no-such-encoding"])
def test_a_message_in_another_encoding(repo: Repo, encoding: str) -> None:
    repo.git("config", "i18n.commitEncoding", encoding)
    repo.agent_commit({"a.py": text(MINE)}, "Gr\xfc\xdfe").commit({"a.py": EDITED})
    assert only(repo).distance == 0.25


def test_a_root_commit_is_a_draft(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).commit({"a.py": EDITED})
    assert only(repo).distance == 0.25


def test_an_orphan_branch_has_drafts_of_its_own(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE)}).orphan("pages").agent_commit({"b.py": text(MINE)})
    repo.commit({"b.py": EDITED})
    assert only(repo).distance == 0.25
    assert report(repo.switch("main")).drafts == ()


def test_a_very_long_line(repo: Repo) -> None:
    long = " ".join(f"x{n}" for n in range(60_000))
    repo.agent_commit({"a.py": f"{long}\n"}).commit({"a.py": f"{long} end\n"})
    assert only(repo).distance == pytest.approx(0, abs=0.01)


def test_a_branch_with_the_name_of_a_file(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE), "topic": "x\n"}).switch("topic", create=True)
    repo.commit({"a.py": EDITED}).switch("main").merge("topic", PERSON, "--ff-only")
    assert draft(report(repo, "topic"), repo.id_of("HEAD^")).distance == 30 / 121


def test_two_names_that_differ_in_case_only(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE), "A.py": text(lines(40, 20))})
    repo.commit({"A.py": text(lines(40, 10))})
    assert only(repo).distance == 0.25
