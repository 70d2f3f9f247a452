"""Forgetting and compacting on real repositories: what goes, what stays, what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.events import Draft, Revision, Settle
from buildlog_git.core.fold import fold
from buildlog_git.core.forgotten import Tombstone, remaining
from buildlog_git.core.ids import Oid
from buildlog_git.core.session import NOTHING_ASKED
from buildlog_git.core.session_events import Exposure, Session, SessionEnd
from buildlog_git.errors import UsageError
from buildlog_git.flows.check import check
from buildlog_git.flows.compact import compact
from buildlog_git.flows.drain import drain
from buildlog_git.flows.forget import forget
from buildlog_git.flows.scan import scan
from buildlog_git.flows.session_by_hand import end_session, start_session
from buildlog_git.gitio.notetree import REF
from tests.flows.play import BASE, FRESH, MINE, context, lines, text

if TYPE_CHECKING:
    from buildlog_git.core.events import Event
    from tests.builder import Repo


def told(repo: Repo) -> Repo:
    """Tell of two drafts, of which a person revises the first."""
    repo.commit({"a.py": text(BASE)}).agent_commit({"a.py": text(BASE, MINE)})
    repo.commit({"a.py": text(BASE, FRESH)}).agent_commit({"b.py": text(lines(50, 9))})
    scan(context(repo))
    return repo


def known(repo: Repo) -> tuple[Event, ...]:
    return tuple(remaining(context(repo).ledger.read().events))


def all_text(repo: Repo) -> str:
    """Return every object that the notes ref or its reflog reaches, as text."""
    names = repo.git("rev-list", "--objects", "--reflog", REF).splitlines()
    return "".join(repo.git("cat-file", "-p", name.split()[0], check=False) for name in names)


def test_a_commit_is_forgotten_with_all_that_others_say_of_it(repo: Repo) -> None:
    first = told(repo).id_of("HEAD~2")
    line = repo.git("notes", "--ref=buildlog", "show", first).splitlines()[0]
    revision = repo.git("notes", "--ref=buildlog", "show", "HEAD~1")
    assert line in all_text(repo)
    done = forget(context(repo), ["HEAD~2"])
    assert (done.notes, done.events, done.unreadable) == (2, 3, 0)
    assert [type(e) for e in known(repo) if not isinstance(e, Tombstone)] == [Draft, Settle]
    assert repo.git("rev-list", "--count", REF) == "1"
    assert line not in all_text(repo)
    assert revision not in all_text(repo)
    assert not repo.git("reflog", "show", REF, check=False)
    assert check(context(repo).ledger).ok


def test_no_scan_brings_it_back(repo: Repo) -> None:
    told(repo)
    forget(context(repo), ["HEAD~2"])
    before = known(repo)
    for full in (False, True):
        assert scan(context(repo), full=full).written == 0
    repo.commit({"a.py": text(BASE)}, "undo more")
    scan(context(repo))
    assert [e for e in known(repo) if e not in before] == []
    report = fold(known(repo)).drafts
    assert [record.draft.commit for record in report] == [repo.id_of("HEAD~1")]


def test_no_drain_brings_it_back(repo: Repo) -> None:
    told(repo)
    drain(context(repo))
    forget(context(repo), ["HEAD~2"])
    assert not drain(context(repo)).written
    repo.commit({"a.py": text(BASE)}, "undo more")
    drain(context(repo))
    drafts = {e.draft for e in known(repo) if isinstance(e, Revision)}
    assert repo.id_of("HEAD~3") not in drafts


def test_all_before_a_date(repo: Repo) -> None:
    told(repo).wait(days=30).agent_commit({"c.py": text(lines(90, 9))})
    scan(context(repo))
    bad = b"<<<<<<< ours\n"
    repo.git("notes", "--ref=buildlog", "add", "-f", "-F-", "HEAD~4", stdin=bad)
    done = forget(context(repo), before="2026-01-20")
    assert (done.events, done.unreadable, done.undated) == (5, 0, 1)
    left = [e for e in known(repo) if not isinstance(e, Tombstone)]
    assert {(type(e), e.commit) for e in left} == {(Draft, repo.head), (Settle, repo.head)}
    assert repo.git("notes", "--ref=buildlog", "show", "HEAD~4").encode() + b"\n" == bad
    assert scan(context(repo), full=True).written == 0


def test_a_copy_takes_nothing_along_that_its_own_note_says(repo: Repo) -> None:
    """``notes.rewriteRef`` copies notes to the commit that an amend makes."""
    told(repo).git("notes", "--ref=buildlog", "copy", "-f", "HEAD~2", "HEAD~3")
    before = known(repo)
    done = forget(context(repo), ["HEAD~3"])
    assert (done.notes, done.events) == (1, 2)
    assert [e for e in known(repo) if not isinstance(e, Tombstone)] == [*before]
    stone = repo.git("notes", "--ref=buildlog", "show", "HEAD~3")
    assert '"events":[]' in stone
    assert check(context(repo).ledger).unburied.count == 0
    forget(context(repo), ["HEAD~2"])
    assert check(context(repo).ledger).unburied.count == 0


def test_what_another_tool_brings_back_is_heeded_by_nobody_and_named(repo: Repo) -> None:
    first = told(repo).id_of("HEAD~2")
    copied = repo.git("notes", "--ref=buildlog", "show", first)
    forget(context(repo), [first])
    known_then = known(repo)
    repo.git("notes", "--ref=buildlog", "append", "-F-", "HEAD~3", stdin=copied.encode())
    assert known(repo) == known_then
    health = check(context(repo).ledger)
    assert (health.ok, health.unburied.first) == (True, (first,))
    assert compact(context(repo)).lines == 0
    forget(context(repo), [first])
    assert check(context(repo).ledger).unburied.count == 0
    assert copied.splitlines()[0] not in all_text(repo)


def test_a_session_that_is_open_is_left_and_the_next_one_is_another(repo: Repo) -> None:
    repo.commit({"a.py": text(BASE)})
    old = start_session(context(repo), NOTHING_ASKED).id
    forget(context(repo), ["HEAD"])
    with pytest.raises(UsageError, match="no session is open"):
        end_session(context(repo))
    late = SessionEnd(commit=Oid(repo.head), at=9, session=old, reason="command")
    shown = Exposure(Oid(repo.head), 9, old, "file", "shown")
    assert context(repo).ledger.append([late, shown]).written == 0, "as another clone would"
    new = start_session(context(repo), NOTHING_ASKED).id
    assert new != old
    assert [e.session for e in known(repo) if isinstance(e, Session)] == [new]
    assert end_session(context(repo)).id == new


def test_what_nobody_can_read_goes_with_its_commit(repo: Repo) -> None:
    told(repo)
    secret = b'{"v":9,"kind":"rant","text":"Ada wrote this"}\n<<<<<<< mine\n'
    repo.git("notes", "--ref=buildlog", "append", "-F-", "HEAD~3", stdin=secret)
    done = forget(context(repo), ["HEAD~3"])
    assert (done.events, done.unreadable) == (0, 2)
    assert "Ada" not in all_text(repo).replace("Ada Example", "")


def test_a_commit_that_is_gone_and_a_range(repo: Repo) -> None:
    told(repo)
    gone = "a" * 40
    root = repo.git("rev-list", "--max-parents=0", "HEAD")
    note = repo.git("notes", "--ref=buildlog", "show", "HEAD")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=note.encode())
    tree = repo.git("ls-tree", "-r", REF) + f"\n100644 blob {blob}\t{gone}"
    made = repo.git("mktree", stdin=b"".join(
        f"{row.split(chr(9))[0]}\t{row.split(chr(9))[1].replace('/', '')}\n".encode()
        for row in tree.splitlines()
    ))  # fmt: skip
    repo.git("update-ref", REF, repo.git("commit-tree", "-m", "x", made))
    assert forget(context(repo), [gone], dry_run=True).notes == 1
    done = forget(context(repo), [gone, f"{root}..HEAD~1"])
    assert done.notes == 3
    assert forget(context(repo), [f"{root}..HEAD~1", gone]).notes == 0


@pytest.mark.parametrize(
    ("names", "before", "slug"),
    [
        ([], None, "nothing-to-forget"), (["HEAD"], "2026-01-01", "nothing-to-forget"),
        (["nope"], None, "unknown-revision"), (["HEAD..nope"], None, "unknown-range"),
        ([], "yesterday", "bad-date"), (["HEAD..HEAD", "-x..y"], None, "unknown-range"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(repo: Repo, names: list[str], before: str | None, slug: str) -> None:
    tip = told(repo).id_of(REF)
    with pytest.raises(UsageError) as raised:
        forget(context(repo), names, before=before)
    assert raised.value.slug == slug
    assert repo.id_of(REF) == tip


def test_refs_that_still_reach_it_are_named(repo: Repo) -> None:
    told(repo).git("update-ref", "refs/notes-sync/origin/buildlog", REF)
    repo.git("remote", "add", "origin", "nowhere")
    done = forget(context(repo), ["HEAD~2"])
    assert done.held == ("refs/notes-sync/origin/buildlog",)
    assert done.remotes == ("origin",)
    assert repo.git("for-each-ref", "--format=%(refname)", "refs/buildlog") == ""


def test_compaction_keeps_what_is_read(repo: Repo) -> None:
    told(repo)
    before = context(repo).ledger.read()
    note = repo.git("notes", "--ref=buildlog", "show", "HEAD~2")
    more = f'\n{note}\n\n<<<<<<< ours\n{{"v":9}}\n{note}\n'
    repo.git("notes", "--ref=buildlog", "append", "-F-", "HEAD~2", stdin=more.encode())
    repo.git("notes", "--ref=buildlog", "copy", "-f", "HEAD~2", "HEAD~3")
    count = int(repo.git("rev-list", "--count", REF))
    would = compact(context(repo), dry_run=True)
    assert int(repo.git("rev-list", "--count", REF)) == count
    done = compact(context(repo))
    assert (done.notes, done.lines) == (would.notes, would.lines)
    assert int(repo.git("rev-list", "--count", REF)) == count + 1
    after = context(repo).ledger.read()
    assert after.events == before.events
    assert (after.unknown, len(after.damaged)) == (2, 2)
    assert compact(context(repo)).notes == 0
    assert check(context(repo).ledger).doubled == 0


def test_compaction_makes_the_fan_out_one(repo: Repo) -> None:
    told(repo)
    before = context(repo).ledger.read()
    rows = repo.git("ls-tree", "-r", REF).splitlines()
    flat = "".join(row.replace("/", "") + "\n" for row in rows[:2]).encode()
    index = str(repo.path / "index")
    repo.git("read-tree", REF, GIT_INDEX_FILE=index)
    repo.git(
        "update-index",
        "--force-remove",
        *(row.split("\t")[1] for row in rows[1:2]),
        GIT_INDEX_FILE=index,
    )
    repo.git("update-index", "--index-info", stdin=flat, GIT_INDEX_FILE=index)
    tree = repo.git("write-tree", GIT_INDEX_FILE=index)
    repo.git("update-ref", REF, repo.git("commit-tree", "-p", REF, "-m", "x", tree))
    assert check(context(repo).ledger).mixed_fanout
    compact(context(repo))
    health = check(context(repo).ledger)
    assert (health.mixed_fanout, health.doubled) == (False, 0)
    assert context(repo).ledger.read().events == before.events


def test_an_empty_ledger(repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    assert forget(context(repo), ["HEAD"]).notes == 0
    assert compact(context(repo)).tip is None
    assert not repo.git("for-each-ref", "refs/notes")
