"""Drafts that are special: nothing to count, reverted, revised by others, in odd places."""

from __future__ import annotations

import random
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.accuracy.cases import Studio, encode, plain
from tests.accuracy.truth import TEXT
from tests.accuracy.warm import buildlog
from tests.builder import BOT, COLLEAGUE, DAY, START, Ran, Repo

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"draft", "final", "distance", "outcome", "state", "lines", "kept", "files", "reason"}


@pytest.fixture
def lines() -> list[str]:
    """Give 60 lines of 10 words, none of which occurs twice."""
    return plain(Studio(random.Random("special")).lines(TEXT, 60, words=10))


def text(*parts: list[str]) -> bytes:
    return encode(line for part in parts for line in part)


def run(repo: Repo, *args: str) -> Ran:
    ran = buildlog(repo, *args)
    assert ran.code == 0, ran.out + ran.err
    return ran


def distance(repo: Repo, draft: str, *args: str) -> Any:
    return run(repo, "distance", draft, *args, "--json").json


def report(repo: Repo, *args: str) -> Any:
    run(repo, "scan")
    return run(repo, "report", *args, "--json").json


def line_of(repo: Repo, draft: str) -> Any:
    (line,) = [line for line in report(repo)["drafts"] if line["commit"] == draft]
    return line


def fresh(repo: Repo) -> Repo:
    """Return a clone that was never scanned."""
    return repo.clone(repo.path.with_name(f"clone-{repo.clock.now}"))


def test_the_answer_has_all_its_fields(repo: Repo, lines: list[str]) -> None:
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": text(lines[:20])}).head
    repo.commit({"a": text(lines[:15])})
    said = distance(repo, draft)
    assert said.keys() >= KEYS
    assert (said["draft"], said["final"]) == (draft, repo.head)
    assert said["distance"] == pytest.approx(0.25, abs=0.005)
    assert said["outcome"] == "revision"
    (file,) = said["files"]
    assert (file["path"], file["distance"]) == ("a", said["distance"])
    assert distance(repo, draft[:9], "HEAD~0") == said
    assert distance(repo, "HEAD~1", "main") == said
    assert repo.buildlog("distance", draft, "--json").json == said


@pytest.mark.parametrize(
    ("gone", "outcome"),
    [(0, "accepted"), (1, "accepted"), (2, "revision"), (15, "revision"), (16, "rejected")],
)
def test_classes_at_their_borders(repo: Repo, lines: list[str], gone: int, outcome: str) -> None:
    draft = repo.commit({"a": text(lines[20:])}).agent_commit({"a": text(lines)}).head
    repo.commit({"a": text(lines[gone:])})
    said = distance(repo, draft)
    assert said["distance"] == pytest.approx(gone / 20, abs=0.001)
    assert said["outcome"] == outcome


def test_nine_tokens_are_too_few_and_ten_are_enough(repo: Repo) -> None:
    words = Studio(random.Random(9)).source.words(20)
    few = repo.commit({"b": "1\n"}).agent_commit({"a": " ".join(words[:9]) + "\n"}).head
    enough = repo.commit({"b": "2\n"}).agent_commit({"c": " ".join(words[10:]) + "\n"}).head
    assert distance(repo, few)["outcome"] == "unmeasurable"
    assert distance(repo, enough)["outcome"] == "accepted"


def _only_lock(repo: Repo, lines: list[str]) -> None:
    repo.agent_commit({"poetry.lock": text(lines)})


def _empty(repo: Repo, _: list[str]) -> None:
    repo.agent_commit()


def _binary(repo: Repo, _: list[str]) -> None:
    repo.agent_commit({"a.bin": b"\0one two three four five six seven eight nine ten\n" * 9})


def _indented(repo: Repo, lines: list[str]) -> None:
    repo.agent_commit({"base.txt": text([f"    {line}" for line in lines[:30]])})


def _wrapped(repo: Repo, lines: list[str]) -> None:
    repo.agent_commit({"base.txt": "\n".join(lines[:30]).replace(" ", "\n") + "\n"})


def _crlf(repo: Repo, lines: list[str]) -> None:
    repo.agent_commit({"base.txt": text(lines[:30]).replace(b"\n", b"\r\n")})


def _mode(repo: Repo, _: list[str]) -> None:
    (repo.path / "base.txt").chmod(0o755)
    repo.agent_commit()


def _symlink(repo: Repo, _: list[str]) -> None:
    (repo.path / "link").symlink_to("a/rather/long/way/to/some/place/that/has/ten/words")
    repo.agent_commit()


def _generated(repo: Repo, lines: list[str]) -> None:
    repo.commit({".gitattributes": "made/** linguist-generated\nlib/* linguist-vendored=true\n"})
    repo.agent_commit({"made/by/tool.py": text(lines[30:]), "lib/x.py": text(lines[30:])})


def _renamed(repo: Repo, _: list[str]) -> None:
    repo.rename("base.txt", "other.txt").agent_commit()


def _merge(repo: Repo, lines: list[str]) -> None:
    repo.switch("fix", create=True).commit({"a": text(lines[30:])}).switch("main").commit()
    message = "Merge\n\nCo-authored-by: Claude Opus 4.5 <noreply@anthropic.com>"
    repo.git("merge", "--no-ff", "-m", message, "fix")


@pytest.mark.parametrize(
    "write",
    [_only_lock, _empty, _binary, _indented, _wrapped, _crlf, _mode, _symlink, _generated,
     _renamed, _merge],
)  # fmt: skip
def test_nothing_to_count_is_no_number(repo: Repo, lines: list[str], write: Any) -> None:
    repo.commit({"base.txt": text(lines[:30])})
    write(repo, lines)
    draft = repo.head
    repo.commit({"base.txt": text(lines[30:])})
    said = distance(repo, draft)
    assert said["distance"] is None
    assert said["outcome"] == "unmeasurable"


def test_a_draft_without_a_mark_must_be_named(repo: Repo, lines: list[str]) -> None:
    draft = repo.commit({"b": "1\n"}).commit({"a": text(lines[:20])}).head
    repo.commit({"a": text(lines[:10])})
    assert distance(repo, draft, "--as-agent")["distance"] == pytest.approx(0.5, abs=0.005)


def test_a_revert_rejects_and_a_second_one_lands_again(repo: Repo, lines: list[str]) -> None:
    base, written = text(lines[:30]), text(lines[10:30], lines[40:])
    draft = repo.commit({"a": base}).agent_commit({"a": written, "b": text(lines[30:40])}).head
    repo.commit({"c": "1\n"}).revert(draft)
    for said in (distance(repo, draft), line_of(fresh(repo), draft)):
        assert (said["distance"], said["outcome"]) == (1, "rejected")
    repo.commit({"c": "2\n"}).revert("HEAD~1")
    for said in (distance(repo, draft), line_of(fresh(repo), draft)):
        assert (said["distance"], said["outcome"]) == (0, "accepted")


def test_what_agents_and_bots_replace_is_not_peoples_revision(repo: Repo) -> None:
    """Of 20 lines others take 5 each time; a person then deletes 5 of the lines left."""
    for other in ("same agent", "other agent", "bot"):
        folder = other.replace(" ", "-")
        words = plain(Studio(random.Random(other)).lines(TEXT, 45, words=10))
        draft = repo.commit({f"{folder}/b": "1\n"}).agent_commit(
            {f"{folder}/a": text(words[:20])}
        ).head  # fmt: skip
        repo.commit({f"{folder}/b": "2\n"})
        taken = {f"{folder}/a": text(words[20:25], words[5:20])}
        if other == "bot":
            repo.commit(taken, "Bump", BOT)
        else:
            repo.agent_commit(taken, agent="claude" if other == "same agent" else "cursor")
        repo.commit({f"{folder}/b": "3\n"})
        assert line_of(fresh(repo), draft)["distance"] == 0, other
        repo.commit({f"{folder}/a": text(words[20:25], words[5:15])})
        said = line_of(fresh(repo), draft)
        assert said["distance"] == pytest.approx(5 / 15, abs=0.02), other


def test_a_commit_that_the_repository_declares_neutral_is_nobodys(
    repo: Repo, lines: list[str]
) -> None:
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": text(lines[:20])}).head
    sweep = repo.commit({"a": text(lines[20:25], lines[5:20])}, "Sweep").head
    repo.commit({".git-blame-ignore-revs": f"# a sweep\n{sweep}\n"})
    assert line_of(repo, draft)["distance"] == 0


def test_a_branch_dropped_unmerged_is_rejected(repo: Repo, lines: list[str]) -> None:
    repo.commit({"b": "1\n"}).switch("fix", create=True)
    draft = repo.agent_commit({"a": text(lines[:20])}).head
    repo.switch("main").git("branch", "-D", "fix")
    repo.wait(days=30).commit({"b": "2\n"})
    said = line_of(repo, draft)
    assert (said["distance"], said["outcome"]) == (1, "rejected")


def test_a_draft_that_only_deletes_is_known_in_its_squash(repo: Repo, lines: list[str]) -> None:
    """A forge squashed it onto a main that had moved, and deleted the branch: it landed."""
    repo.commit({"a": text(lines)}).switch("fix", create=True)
    draft = repo.agent_commit({"a": text(lines[:20], lines[40:])}).head
    message = repo.git("log", "-1", "--format=%B")
    repo.switch("main").commit({"b": "1\n"}).squash_merge("fix", f"Squashed (#7)\n\n{message}")
    repo.git("branch", "-D", "fix")
    repo.commit({"b": "2\n"})
    (line,) = report(repo)["drafts"]
    assert (line["commit"], line["distance"], line["outcome"]) == (draft, 0, "accepted")


def test_lines_written_after_the_window_do_not_count(repo: Repo, lines: list[str]) -> None:
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": text(lines[:20])}).head
    repo.wait(days=2).commit({"a": text(lines[:15])})
    repo.wait(days=30).commit({"a": text(lines[:5])})
    assert line_of(repo, draft)["distance"] == pytest.approx(0.25, abs=0.005)


def test_the_report_counts_commits_by_who_wrote_them(repo: Repo, lines: list[str]) -> None:
    repo.commit({"b": "1\n"}).commit({"b": "2\n"}, who=COLLEAGUE)
    first = repo.agent_commit({"a": text(lines[:20])}).head
    repo.commit({"b": "3\n"})
    second = repo.agent_commit({"c": text(lines[20:40])}, agent="cursor").head
    said = report(repo)
    assert said["commits"]["total"] == 5
    assert said["commits"]["agent"] == 2
    assert said["commits"]["human"] + said["commits"]["unknown"] == 3
    assert {(line["commit"], line["agent"]) for line in said["drafts"]} == {
        (first, "claude"),
        (second, "cursor"),
    }
    assert [line["commit"] for line in report(repo, "HEAD~2..HEAD")["drafts"]] == [second]


def test_a_second_scan_changes_nothing(repo: Repo, lines: list[str]) -> None:
    repo.commit({"b": "1\n"}).agent_commit({"a": text(lines[:20])})
    repo.amend({"a": text(lines[:18])}).commit({"a": text(lines[:12])})
    assert report(repo) == report(repo)


PAST, FUTURE = START, START + 60 * 365 * DAY


@pytest.mark.parametrize("start", [PAST, FUTURE], ids=["long-ago", "in-sixty-years"])
def test_a_scan_after_each_commit_and_one_at_the_end_agree(repo: Repo, start: int) -> None:
    """Whenever a scan comes, and whatever the clock says: facts come from the commits."""
    repo.at(start).commit({"b": "1\n"})
    for n, story in enumerate(("kept", "edited", "amended", "reverted", "merged")):
        words = plain(Studio(random.Random(story)).lines(TEXT, 20, words=10))
        repo.commit({f"{n}/b": "1\n"}).switch(story, create=True)
        repo.agent_commit({f"{n}/a": text(words)})
        run(repo, "scan")
        if story == "edited":
            run(repo.commit({f"{n}/a": text(words[:15])}), "scan")
            run(repo.commit({f"{n}/a": text(words[:12])}), "scan")
        elif story == "amended":
            run(repo.amend({f"{n}/a": text(words[:12])}), "scan")
        elif story == "reverted":
            run(repo.revert(), "scan")
        repo.switch("main").commit({f"{n}/b": "2\n"})
        run(repo.merge(story), "scan")
        if story == "merged":
            run(repo.commit({f"{n}/a": text(words[:10])}), "scan")
    bit_by_bit = {line["commit"]: line["distance"] for line in report(repo)["drafts"]}
    # The objects that no branch holds, and the logs that tell of them, go along.
    copy = Repo(repo.path.with_name("copy"), repo.env)
    shutil.copytree(repo.path, copy.path)
    copy.git("update-ref", "-d", "refs/notes/buildlog")
    shutil.rmtree(copy.path / ".git" / "buildlog")
    at_the_end = {line["commit"]: line["distance"] for line in report(copy)["drafts"]}
    assert bit_by_bit == at_the_end
    assert sorted(bit_by_bit.values()) == pytest.approx([0, 0.4, 0.4, 0.5, 1], abs=0.02)


NAMES = ["a b.txt", 'a"b.txt', "a\tb.txt", "é/ß.txt", "-n.txt", "a\\b.txt", "b/.txt", " ", "a\nb"]


@pytest.mark.parametrize("name", NAMES, ids=repr)
def test_odd_file_names(repo: Repo, lines: list[str], name: str) -> None:
    draft = repo.commit({"b.txt": "1\n"}).agent_commit({name: text(lines[:20])}).head
    repo.commit({name: text(lines[:15])})
    said = distance(repo, draft)
    (file,) = said["files"]
    assert (file["path"], file["distance"]) == (name, pytest.approx(0.25, abs=0.005))
    assert line_of(repo, draft)["distance"] == pytest.approx(0.25, abs=0.02)


def test_file_names_that_are_not_utf8(repo: Repo, lines: list[str]) -> None:
    name = b"a\xffb".decode("utf-8", "surrogateescape")
    draft = repo.commit({"b": "1\n"}).agent_commit({name: text(lines[:20])}).head
    repo.commit({name: text(lines[:15])})
    assert distance(repo, draft)["distance"] == pytest.approx(0.25, abs=0.005)


def test_text_that_is_not_utf8(repo: Repo, lines: list[str]) -> None:
    latin = b"".join(b"\xe9\xff %s\n" % line.encode() for line in lines[:20])
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": latin}).head
    repo.commit({"a": b"".join(latin.splitlines(keepends=True)[:15])})
    assert distance(repo, draft)["distance"] == pytest.approx(0.25, abs=0.005)


def test_odd_line_ends(repo: Repo, lines: list[str]) -> None:
    r"""Only \n ends a line for git; other breaks, and a missing last \n, move no counts."""
    body = "\n".join(f"{line[:20]}\f{line[20:30]}\x85{line[30:40]}\u2028{line[40:]}\v"
                     for line in lines[:20])  # fmt: skip
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": body}).head
    repo.commit({"a": body + "\n"})
    assert distance(repo, draft)["distance"] == 0
    repo.commit({"a": "\n".join(body.split("\n")[:15])})
    tokens = distance(repo, draft)["distance"]
    assert tokens == pytest.approx(0.25, abs=0.02)


def test_lines_that_look_like_a_patch(repo: Repo, lines: list[str]) -> None:
    marks = ["--- a/x", "+++ b/x", "@@ -1,2 +3,4 @@", "diff --git a/x b/x", "commit ", "-- ", "++ "]
    body = [f"{marks[n % len(marks)]} {line}" for n, line in enumerate(lines[:21])]
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": text(body)}).head
    repo.commit({"a": text(body[:14])})
    assert distance(repo, draft)["distance"] == pytest.approx(1 / 3, abs=0.005)
    assert line_of(repo, draft)["distance"] == pytest.approx(1 / 3, abs=0.02)


SETTINGS = {
    "color.ui": "always",
    "core.abbrev": "5",
    "core.pager": "false",
    "core.quotePath": "false",
    "diff.algorithm": "patience",
    "diff.colorMoved": "zebra",
    "diff.context": "10",
    "diff.dirstat": "lines",
    "diff.external": "false",
    "diff.foo.command": "false",
    "diff.foo.textconv": "tr a-z A-Z <",
    "diff.ignoreSubmodules": "all",
    "diff.indentHeuristic": "false",
    "diff.interHunkContext": "9",
    "diff.mnemonicPrefix": "true",
    "diff.noprefix": "true",
    "diff.orderFile": "order",
    "diff.relative": "true",
    "diff.renames": "false",
    "diff.renameLimit": "1",
    "diff.suppressBlankEmpty": "true",
    "diff.wordRegex": ".",
    "diff.wsErrorHighlight": "all",
    "format.pretty": "raw",
    "i18n.logOutputEncoding": "latin1",
    "log.date": "relative",
    "log.decorate": "full",
    "log.diffMerges": "off",
    "log.follow": "true",
    "log.mailmap": "false",
    "log.showRoot": "false",
    "log.showSignature": "true",
}


def test_no_setting_of_the_user_moves_a_number(repo: Repo, lines: list[str]) -> None:
    draft = repo.agent_commit({"d/a.txt": text(lines[:20]), "e/b.txt": text(lines[20:40])}).head
    repo.rename("d/a.txt", "f/c.txt").commit({"f/c.txt": text(lines[:15])})
    repo.commit({"e/b.txt": text(lines[20:35])})
    before, told = distance(repo, draft), line_of(repo, draft)
    assert before["distance"] == pytest.approx(0.25, abs=0.005)
    assert told["distance"] == pytest.approx(0.25, abs=0.02)
    repo.write({"order": "e/*\n", ".git/info/attributes": "*.txt diff=foo\n"})
    for name, value in SETTINGS.items():
        repo.git("config", name, value)
    assert distance(repo, draft) == before
    again = fresh(repo)
    for name, value in SETTINGS.items():
        again.git("config", name, value)
    assert line_of(again, draft)["distance"] == told["distance"]


def test_from_a_subfolder_a_linked_worktree_and_a_bare_clone(
    tmp_path: Path, lines: list[str]
) -> None:
    repo = Repo.init(tmp_path / "repo", sha256=True).commit({"b": "1\n"})
    draft = repo.agent_commit({"d/a": text(lines[:20])}).head
    repo.commit({"d/a": text(lines[:15])})
    said = distance(repo, draft)
    assert said["distance"] == pytest.approx(0.25, abs=0.005)
    places = [
        Repo(repo.path / "d", repo.env),
        repo.worktree(tmp_path / "linked", "side"),
        repo.clone(tmp_path / "bare", bare=True),
    ]
    for place in places:
        assert distance(place, draft)["distance"] == said["distance"]
        assert line_of(place, draft)["distance"] == pytest.approx(0.25, abs=0.02)


def test_a_hunk_too_large_to_align_is_still_close(repo: Repo) -> None:
    studio = Studio(random.Random("large"))
    large = studio.lines(TEXT, 2_400, words=10)
    draft = repo.commit({"b": "1\n"}).agent_commit({"a": text(plain(large))}).head
    repo.commit(
        {"a": text([f"{' '.join(line.words[:9])} {studio.source.word()}" for line in large])}
    )
    assert distance(repo, draft)["distance"] == pytest.approx(0.1, abs=0.02)
