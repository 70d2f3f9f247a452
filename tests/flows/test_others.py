"""Changes that no person made, and files that do not count: they are not judged."""

from __future__ import annotations

import pytest

from tests.builder import BOT, COLLEAGUE, Repo
from tests.flows.play import BASE, FRESH, MINE, draft, lines, only, report, scanned, text


def test_what_the_agent_replaced_itself_leaves_the_denominator(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.agent_commit({"a.py": text(FRESH[:10], MINE[10:])})
    repo.commit({"a.py": text(FRESH[:10], MINE[15:])})
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0.5, 0.5)
    assert [r.by for r in item.revisions] == ["self", "person"]


def test_what_another_agent_replaced_leaves_it_too(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.agent_commit({"a.py": text(FRESH[:10], MINE[10:])}, agent="codex")
    item = draft(report(repo), made)
    assert (item.distance, item.self_revision) == (0, 0.5)
    assert [(r.by, r.gone, r.cost) for r in item.revisions] == [("other", 60, 0)]


def test_where_agents_replaced_all_nothing_is_left_to_judge(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.agent_commit({"a.py": text(FRESH)}, agent="codex").commit({"a.py": text(BASE)})
    item = draft(report(repo), made)
    assert (item.distance, item.outcome, item.self_revision) == (None, "unmeasurable", 1)
    assert item.reason == "replaced by agents"


def test_lines_that_an_agent_puts_inside_the_block_are_no_revision(repo: Repo) -> None:
    made = repo.agent_commit({"a.py": text(MINE)}).head
    repo.agent_commit({"a.py": text(MINE[:10], FRESH, MINE[10:])}, agent="codex")
    item = draft(report(repo), made)
    assert (item.distance, item.revisions) == (0, ())


def test_a_bot_is_neutral(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).commit({"a.py": text(FRESH[:5], MINE[5:])}, "Up", BOT)
    item = only(repo)
    assert (item.distance, item.self_revision) == (0, 0.25)
    assert [r.by for r in item.revisions] == ["bot"]


def test_a_commit_that_blame_is_told_to_ignore_is_neutral(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    sweep = repo.commit({"a.py": text(FRESH[:5], MINE[5:])}, "Sweep").head
    assert only(repo).distance == 0.25
    repo.commit({".git-blame-ignore-revs": f"# formatting\n{sweep}  # all of it\n"})
    item = only(repo)
    assert item.distance == 0
    assert [r.by for r in item.revisions] == ["neutral"]


def test_a_list_of_ignored_commits_in_the_configuration(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)})
    sweep = repo.commit({"a.py": text(FRESH[:5], MINE[5:])}, "Sweep").head
    repo.write({"ignored": f"{sweep}\nno id\n\n"})
    repo.git("config", "blame.ignoreRevsFile", "ignored")
    assert only(repo).distance == 0


@pytest.mark.parametrize(
    "path",
    ["uv.lock", "sub/package-lock.json", "go.sum", "app.min.js", "node_modules/x/i.js", "d.csv"],
)
def test_files_that_nobody_writes_do_not_count(repo: Repo, path: str) -> None:
    repo.agent_commit({path: text(MINE), "a.py": text(FRESH[:10])}).commit({path: text(BASE)})
    item = only(repo)
    assert (item.tokens, item.distance) == (60, 0)


def test_a_draft_of_such_files_only_is_unmeasurable(repo: Repo) -> None:
    repo.agent_commit({"uv.lock": text(MINE)}).commit({"uv.lock": text(BASE)})
    item = only(repo)
    assert (item.distance, item.outcome, item.reason) == (None, "unmeasurable", "nothing countable")


@pytest.mark.parametrize("mark", ["linguist-generated", "linguist-vendored=true"])
@pytest.mark.parametrize("bare", [False, True], ids=["worktree", "bare"])
def test_generated_files_by_attribute(repo: Repo, mark: str, bare: bool) -> None:
    repo.commit({".gitattributes": f"gen/** {mark}\n"})
    repo.agent_commit({"gen/a b.py": text(MINE), "a.py": text(FRESH[:10])})
    repo.commit({"gen/a b.py": text(BASE)})
    where = repo.clone(repo.path.with_name("bare.git"), bare=True) if bare else repo
    item = only(where)
    assert (item.tokens, item.distance) == (60, 0)


def test_an_attribute_that_is_unset_again(repo: Repo) -> None:
    repo.commit({".gitattributes": "gen/** linguist-generated\ngen/own.py -linguist-generated\n"})
    repo.agent_commit({"gen/own.py": text(MINE)}).commit({"gen/own.py": text(MINE[:10])})
    assert only(repo).distance == 0.5


def test_attributes_of_a_folder(repo: Repo) -> None:
    repo.commit({"sub/.gitattributes": "*.gen.py linguist-generated\n"})
    repo.agent_commit({"sub/x.gen.py": text(MINE), "x.gen.py": text(FRESH)})
    assert only(repo.commit({"b": "x\n"})).tokens == 120


def test_patterns_of_the_repository(repo: Repo) -> None:
    repo.agent_commit({"gen/x.py": text(MINE), "uv.lock": text(FRESH), "a.py": text(BASE)})
    repo.commit({"b": "x\n"})
    assert only(repo).tokens == 120 + 60
    repo.git("config", "buildlog.exclude", "gen/")
    assert only(repo).tokens == 60
    repo.git("config", "--add", "buildlog.exclude", "/a.py")
    assert only(repo).tokens == 0
    repo.git("config", "buildlog.include", "uv.lock")
    assert only(repo).tokens == 120


def test_text_that_moves_into_a_file_that_does_not_count_is_still_kept(repo: Repo) -> None:
    repo.agent_commit({"a.py": text(MINE)}).rename("a.py", "vendor/a.py").commit()
    assert only(repo).distance == 0


def test_what_is_merely_moved_by_the_agent_is_not_its_own(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE, lines(80, 10))})
    repo.agent_commit({"a.py": text(lines(80, 10)), "b.py": text(BASE, MINE)})
    repo.commit({"b.py": text(MINE)}, "", COLLEAGUE)
    item = only(repo)
    assert (item.tokens, item.distance) == (120, 0)


def test_an_agent_that_edits_a_persons_line_owns_only_its_words(repo: Repo) -> None:
    old = ["alpha beta gamma delta epsilon zeta eta theta iota kappa"]
    new = ["alpha beta gamma DELTA epsilon zeta eta THETA iota kappa"]
    repo.commit({"a.py": text(old)}).agent_commit({"a.py": text(new), "b.py": text(MINE)})
    repo.commit({"a.py": text(old)})
    item = only(repo)
    assert item.tokens == 122
    assert item.distance == pytest.approx(2 / 122)


def test_a_commit_that_is_declared_neutral_after_a_scan(repo: Repo) -> None:
    """The report asks what is neutral now, not what was when the facts were written."""
    made = repo.agent_commit({"a.py": text(MINE)}).head
    sweep = repo.commit({"a.py": text(FRESH[:5], MINE[5:])}, "Sweep").head
    repo.commit({"a.py": text(FRESH[:5], MINE[5:10], FRESH[10:15], MINE[15:])})
    scanned(repo)
    assert draft(report(repo), made).distance == 0.5
    repo.commit({".git-blame-ignore-revs": f"{sweep}\n"})
    scanned(repo)
    item = draft(report(repo), made)
    assert item.distance == pytest.approx(5 / 15)
    assert [r.by for r in item.revisions] == ["neutral", "person"]
