"""A forge squashes a branch; CI, which has only the ids, carries the drafts over.

What a local ``merge --squash`` and a scan come to is the truth to which that is held.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft, Revision, Rewrite
from buildlog_git.errors import UsageError
from buildlog_git.flows.carry import carry
from buildlog_git.flows.scan import scan
from tests.builder import COLLEAGUE, Repo
from tests.flows.play import BASE, FRESH, MINE, context, lines, report, text

if TYPE_CHECKING:
    from pathlib import Path

NOTES = "refs/notes/buildlog"
MORE = lines(60, 10)


def branch(repo: Repo) -> Repo:
    """Tell of a branch with two agents' drafts, of which a person revises one."""
    repo.commit({"a.py": text(BASE)}).switch("topic", create=True)
    repo.agent_commit({"a.py": text(BASE, MINE)})
    repo.commit({"a.py": text(BASE, MINE[:10], FRESH[:10])}, "fix half of it")
    repo.agent_commit({"b.py": text(MORE)}, agent="codex")
    return repo.switch("main").commit({"c.py": text(lines(90, 3))}, "meanwhile")


def squash(repo: Repo, source: str) -> Repo:
    """Squash as a forge does, with a message that names no commit, and a change on the way."""
    repo.git("merge", "--quiet", "--squash", source)
    repo.commit({"b.py": text(MORE[:8])}, "Add a and b (#7)", COLLEAGUE)
    return repo.wait(days=1)


def outcome(repo: Repo) -> dict[str, tuple[float | None, str]]:
    return {draft.commit: (draft.distance, draft.outcome) for draft in report(repo).drafts}


def test_it_is_what_a_local_squash_comes_to(repo: Repo, tmp_path: Path) -> None:
    branch(repo)
    forge = repo.clone(tmp_path / "forge.git", bare=True)
    merger = forge.clone(tmp_path / "merger")
    squash(merger, "origin/topic").git("push", "--quiet", "origin", "main")
    squash(repo, "topic")
    scan(context(repo))
    local = outcome(repo)
    assert sorted(local.values()) == [(0.2, "revision"), (0.5, "revision")]

    forge.git("update-ref", "refs/pull/7/head", "topic")
    forge.git("update-ref", "-d", "refs/heads/topic")
    repo.git("clone", "--quiet", "--single-branch", "--no-local", str(forge.path),
             str(tmp_path / "ci"))  # fmt: skip
    ci = Repo(tmp_path / "ci", repo.env, repo.clock)
    assert ci.git("for-each-ref", "refs/pull") == ""
    ci.git("fetch", "--quiet", "origin", "refs/pull/7/head")
    done = carry(context(ci), "main~1..FETCH_HEAD", "main")
    assert {d.commit: d.distance for d in done.drafts} == {
        oid: value for oid, (value, _) in local.items()
    }
    assert (done.commits, done.contained) == (3, False)
    events = context(ci).ledger.read().events
    assert {(e.old, e.commit, e.way) for e in events if isinstance(e, Rewrite)} == {
        (oid, ci.head, "squash") for oid in local
    }
    again = carry(context(ci), "main~1..FETCH_HEAD", "main")
    assert (again.written, again.drafts) == (0, done.drafts)

    ci.git("push", "--quiet", "origin", NOTES)
    reader = forge.clone(tmp_path / "reader")
    reader.git("fetch", "--quiet", "origin", f"{NOTES}:{NOTES}")
    assert outcome(reader) == local


def test_a_person_goes_on_after_the_squash(repo: Repo) -> None:
    """In a clone that has the branch, later revisions count as after a local squash."""
    branch(repo)
    squash(repo, "topic")
    carry(context(repo), "main~1..topic", "main")
    repo.git("branch", "-D", "topic")
    repo.commit({"a.py": text(BASE, FRESH)}, "and the other half")
    found = outcome(repo)
    assert {value for value, _ in found.values()} == {0.2, 1.0}


def test_what_the_ledger_has_of_the_branch_stays(repo: Repo) -> None:
    branch(repo)
    scan(context(repo))
    before = set(context(repo).ledger.read().events)
    squash(repo, "topic")
    carry(context(repo), "main~1..topic", "main")
    after = set(context(repo).ledger.read().events)
    assert before <= after
    assert not any(isinstance(e, Draft) and e.commit == repo.head for e in after)
    assert any(isinstance(e, Revision) and e.commit == repo.head for e in after)


def test_a_target_on_no_branch_and_a_dry_run(repo: Repo) -> None:
    branch(repo)
    squash(repo, "topic")
    target = repo.head
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    repo.git("reflog", "expire", "--expire=all", "--all")
    done = carry(context(repo), "main..topic", target, dry_run=True)
    assert (len(done.drafts), done.written) == (2, 0)
    assert not repo.git("for-each-ref", NOTES)
    assert carry(context(repo), "main..topic", target).drafts == done.drafts


def test_there_may_be_nothing_to_carry(repo: Repo) -> None:
    branch(repo).merge("topic")
    assert carry(context(repo), "main~1..topic", "main").contained
    repo.switch("people", create=True).commit({"d.py": text(lines(300, 3))})
    squash(repo.switch("main"), "people")
    done = carry(context(repo), "main~1..people", "main")
    assert (done.commits, done.drafts, done.written) == (1, (), 0)


@pytest.mark.parametrize(
    ("named", "target", "slug"),
    [("topic", "main", "unknown-range"), ("..topic", "main", "unknown-range"),
     ("main...topic", "main", "unknown-range"), ("main..nope", "main", "unknown-revision"),
     ("main..topic", "nope", "unknown-revision"), ("main..--all", "main", "unknown-revision")],
)  # fmt: skip
def test_what_cannot_be_carried(repo: Repo, named: str, target: str, slug: str) -> None:
    branch(repo)
    with pytest.raises(UsageError) as raised:
        carry(context(repo), named, target)
    assert raised.value.slug == slug
