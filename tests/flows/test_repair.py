"""History that somebody rewrote as a whole: drafts find their new commits, and keep all numbers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Rewrite
from buildlog_git.core.session_events import Mistake, Reward
from buildlog_git.core.twins import Twin
from buildlog_git.flows.check import check
from buildlog_git.flows.repair import repair
from buildlog_git.flows.scan import scan
from tests.builder import Repo
from tests.flows.play import BASE, FRESH, MINE, context, lines, report, text

if TYPE_CHECKING:
    from pathlib import Path

NOTES = "refs/notes/buildlog"


def told(repo: Repo) -> Repo:
    """Tell of three drafts: one much revised, one kept, one young; and scan them."""
    repo.commit({"a.py": text(BASE), "secret": "hunter2\n"})
    repo.agent_commit({"a.py": text(BASE, MINE)}).commit({"a.py": text(BASE, FRESH)})
    repo.agent_commit({"b.py": text(lines(50, 30))}, agent="codex")
    repo.commit({"b.py": text(lines(50, 29))}).wait(days=60)
    repo.agent_commit({"c.py": text(lines(200, 5))})
    scan(context(repo))
    return repo


def rewrite(
    repo: Repo, change: Callable[[bytes], bytes], *, without: str = "", tidy: bool = True
) -> dict[str, str]:
    """Rewrite HEAD's branch as filter-branch does; return which commit became which.

    ``change`` is given each commit object, ``without`` is a file that never was.
    """
    became: dict[str, str] = {}
    for old in repo.git("rev-list", "--reverse", "HEAD").split():
        content = repo.git_bytes("cat-file", "commit", old)
        for parent, new in became.items():
            content = content.replace(parent.encode(), new.encode())
        if without:
            rows = repo.git_bytes("ls-tree", old).splitlines(keepends=True)
            kept = b"".join(row for row in rows if not row.endswith(f"\t{without}\n".encode()))
            tree = repo.git("mktree", stdin=kept)
            content = re.sub(b"^tree [0-9a-f]+", b"tree " + tree.encode(), content)
        became[old] = repo.git(
            "hash-object", "-t", "commit", "-w", "--stdin", stdin=change(content)
        )
    repo.git("reset", "--quiet", "--hard", became[repo.head])
    if tidy:
        repo.git("reflog", "expire", "--expire=all", "--all")
    return became


def more(content: bytes) -> bytes:
    return content + b"\nmore\n"


def same(content: bytes) -> bytes:
    return content


def by_somebody(content: bytes) -> bytes:
    return content.replace(b"author Ada Example", b"author Somebody")


def another_day(content: bytes) -> bytes:
    return re.sub(rb"(author .*) \d+ \+0000", rb"\1 1770000000 +0000", content)


def forget_objects(repo: Repo) -> None:
    repo.git("gc", "--quiet", "--prune=now")


def numbers(repo: Repo) -> list[tuple[str, float | None, str, int]]:
    """Return what the report says of each draft, by the commit that the agent made."""
    found = sorted(report(repo).drafts, key=lambda draft: draft.at)
    return [(d.commit, d.distance, d.state, len(d.revisions)) for d in found]


HOW: dict[str, tuple[Callable[[bytes], bytes], str, str]] = {
    "messages": (more, "", "tree"),
    "a file is gone": (same, "secret", "patch"),
    "authors": (by_somebody, "", "tree"),
    "author's dates": (another_day, "", "patch"),
}


@pytest.mark.parametrize("way", HOW)
def test_drafts_are_found_again(repo: Repo, way: str) -> None:
    how, without, by = HOW[way]
    before = numbers(told(repo))
    agents = [repo.id_of(name) for name in ("HEAD~4", "HEAD~2", "HEAD")]
    became = rewrite(repo, how, without=without)
    would = repair(context(repo), dry_run=True)
    assert would.written == 0
    assert would.found == tuple(sorted(Twin(old, became[old], by) for old in agents))  # type: ignore[arg-type]
    assert not [e for e in context(repo).ledger.read().events if isinstance(e, Rewrite)]
    done = repair(context(repo))
    assert (done.found, done.ambiguous, done.left) == (would.found, 0, 0)
    assert done.written > 3
    assert numbers(repo) == before
    assert repair(context(repo)).looked == 0
    tip = repo.id_of(NOTES)
    for full in (False, True):
        assert scan(context(repo), full=full).written == 0
    assert repair(context(repo)).written == 0
    assert numbers(repo) == before
    assert repo.id_of(NOTES) == tip


def test_what_is_gone_altogether_is_found_by_what_is_stored(repo: Repo) -> None:
    before = numbers(told(repo))
    became = rewrite(repo, more)
    forget_objects(repo)
    done = repair(context(repo))
    assert {(twin.new, twin.by) for twin in done.found} == {
        (became[oid], "facts") for oid, *_ in before
    }
    assert numbers(repo) == before


def test_the_map_of_filter_repo_is_believed(repo: Repo) -> None:
    before = numbers(told(repo))
    became = rewrite(repo, another_day, without="a.py")
    forget_objects(repo)
    folder = repo.path / ".git" / "filter-repo"
    folder.mkdir()
    rows = "".join(f"{old} {new}\n" for old, new in became.items())
    folder.joinpath("commit-map").write_text(f"old new\n{rows}{'1' * 40} {'0' * 40}\nx y z\n")
    done = repair(context(repo))
    assert {twin.by for twin in done.found} == {"map"}
    assert [oid for oid, *_ in numbers(repo)] == [oid for oid, *_ in before]


def test_a_fresh_clone_of_what_was_rewritten(repo: Repo, tmp_path: Path) -> None:
    before = numbers(told(repo))
    rewrite(repo, more)
    repo.git("clone", "--quiet", "--no-local", str(repo.path), str(tmp_path / "clone"))
    clone = Repo(tmp_path / "clone", repo.env, repo.clock)
    clone.git("fetch", "--quiet", "origin", f"{NOTES}:{NOTES}")
    clone.git("remote", "remove", "origin")  # what was pushed is no longer open
    health = check(context(clone).ledger)
    assert (health.homeless.count, health.stranded.count) == (3, 0)
    assert health.absent.count == 5
    repair(context(clone))
    assert numbers(clone) == before
    assert check(context(clone).ledger).homeless.count == 0


def test_tags_on_the_old_history_do_not_hide_it(repo: Repo) -> None:
    before = numbers(told(repo))
    repo.git("tag", "v1")
    rewrite(repo, more)
    assert check(context(repo).ledger).stranded.count == 0
    repair(context(repo))
    assert numbers(repo) == before


def test_where_two_look_alike_none_is_taken(repo: Repo) -> None:
    told(repo).switch("topic", create=True).agent_commit({"d.py": text(lines(300, 9))})
    lost = repo.head
    scan(context(repo))
    repo.switch("main").git("branch", "-D", "topic")
    for branch in ("one", "two"):  # the same change, by two who kept nothing else of it
        repo.git("switch", "--quiet", "--create", branch, "main")
        repo.commit({"d.py": text(lines(300, 9))}, f"as {branch}").switch("main")
    repo.git("reflog", "expire", "--expire=all", "--all")
    done = repair(context(repo), dry_run=True)
    assert (done.looked, done.found, done.ambiguous, done.left) == (1, (), 1, 0)
    repo.git("branch", "-D", "two")
    assert [twin.old for twin in repair(context(repo), dry_run=True).found] == [lost]


def test_what_was_there_before_is_no_rewrite(repo: Repo) -> None:
    """A pick to another branch that is deleted: the first one is no later form of it."""
    told(repo).git("switch", "--quiet", "--create", "backport", "HEAD~3")
    repo.cherry_pick("main")
    scan(context(repo))
    repo.switch("main").git("branch", "-D", "backport")
    repo.git("reflog", "expire", "--expire=all", "--all")
    assert repair(context(repo), dry_run=True).found == ()


def test_a_branch_that_was_thrown_away_stays_so(repo: Repo) -> None:
    told(repo).switch("topic", create=True).agent_commit({"d.py": text(lines(300, 9))})
    scan(context(repo))
    topic = repo.head
    repo.switch("main").git("branch", "-D", "topic")
    health = check(context(repo).ledger)
    assert (health.stranded.first, health.homeless.first) == ((topic,), (topic,))
    assert health.ok
    repo.git("reflog", "expire", "--expire=all", "--all")
    done = repair(context(repo))
    assert (done.looked, done.found, done.left, done.written) == (1, (), 1, 0)


def test_references_are_checked(repo: Repo) -> None:
    told(repo)
    head, at = context(repo).ledger.read().events[0].commit, 5
    context(repo).ledger.append([
        Mistake(commit=head, at=at, error_class="x", description="one", source="person",
                session="nobody", repeat_of="f" * 16),
        Reward(commit=head, at=at, outcome="accepted", source="ci", declared=head,
               session="nobody"),
        Rewrite(commit=head, at=at, old="e" * 40, way="amend"),  # type: ignore[arg-type]
    ])  # fmt: skip
    health = check(context(repo).ledger)
    assert health.ok
    assert health.sessionless.first == ("nobody",)
    assert health.unrepeated.first == ("f" * 16,)
    assert health.unnamed.first == ("e" * 40,)


def test_hooks_by_two_dispatchers_are_said(repo: Repo) -> None:
    from buildlog_git.core.hooks import dispatcher
    from buildlog_git.flows.dispatchers import active_dispatchers

    repo.commit({"a": "1\n"})
    assert active_dispatchers(context(repo).repo) == ()
    hook = repo.path / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(dispatcher("post-commit", ".git"))
    assert active_dispatchers(context(repo).repo) == ("files",)
    aside = repo.path / ".git" / "hooks.buildlog"
    aside.mkdir()
    (aside / "post-commit").write_text("# File generated by pre-commit: https://pre-commit.com\n")
    config = "repos:\n- repo: x\n  hooks:\n  - id: buildlog-post-commit\n"
    (repo.path / ".pre-commit-config.yaml").write_text(config)
    assert active_dispatchers(context(repo).repo) == ("files", "pre-commit")
    shutil.rmtree(aside)
    assert active_dispatchers(context(repo).repo) == ("files",)
