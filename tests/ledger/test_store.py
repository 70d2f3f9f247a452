"""The ledger as a set of events, whatever else its notes hold."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.codec import LINE_LIMIT, encode
from buildlog_git.core.events import Draft, Event, Revision, Rewrite, Settle
from buildlog_git.core.ids import Oid
from buildlog_git.flows.check import SHOWN, check
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import DamagedLine, Ledger

if TYPE_CHECKING:
    from tests.builder import Repo


def oid(name: object) -> Oid:
    """Return an id that no commit has."""
    return Oid(hashlib.sha1(str(name).encode(), usedforsecurity=False).hexdigest())


def draft(commit: Oid, at: int = 1, **fields: object) -> Draft:
    plain = Draft(
        commit=commit, at=at, agent="claude", channel="trailer",
        tokens=9, removed=2, lines=3, files=1,
    )  # fmt: skip
    return plain._replace(**fields)  # type: ignore[arg-type]


def revision(of: Oid, commit: Oid, **fields: object) -> Revision:
    plain = Revision(commit=commit, at=5, draft=of, by="person", way="follow-up", cost=4)
    return plain._replace(**fields)  # type: ignore[arg-type]


def ledger_of(repo: Repo) -> Ledger:
    return Ledger(Git(repo.path), Path(repo.git("rev-parse", "--git-common-dir")))


def story() -> list[Event]:
    a, b = oid("a"), oid("b")
    return [
        draft(a, 1),
        draft(b, 3, model="opus", session="s"),
        revision(a, b),
        Rewrite(commit=b, at=2, old=a, way="amend"),
        Settle(commit=a, at=9, reason="landed", final=b),
    ]


def commits_of(repo: Repo) -> int:
    return int(repo.git("rev-list", "--count", REF))


def write_note(repo: Repo, commit: Oid, content: bytes) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=content)
    repo.git("update-ref", REF, repo.git("commit-tree", "-m", "x", repo.git(
        "mktree", stdin=f"100644 blob {blob}\t{commit}\n".encode())))  # fmt: skip


def test_an_empty_ledger(repo: Repo) -> None:
    view = ledger_of(repo).read()
    assert (view.events, view.tip, view.notes, view.lines) == ((), None, 0, 0)
    assert ledger_of(repo).append([]).tip is None
    assert check(ledger_of(repo)).ok


def test_what_is_appended_is_read_by_time_and_id(repo: Repo) -> None:
    ledger = ledger_of(repo)
    done = ledger.append(story())
    view = ledger.read()
    assert (done.written, done.already, done.tip) == (5, 0, view.tip)
    assert view.events == tuple(sorted(story(), key=lambda event: (event.at, event.id)))
    assert (view.notes, view.lines, view.mixed) == (2, 5, False)


def test_appending_again_writes_nothing(repo: Repo) -> None:
    ledger = ledger_of(repo)
    tip = ledger.append([*story(), *story()]).tip
    again = ledger.append(reversed(story()))
    assert (again.written, again.already, again.tip) == (0, 5, tip)
    assert commits_of(repo) == 1


def test_only_a_newer_measurement_is_written_again(repo: Repo) -> None:
    ledger, a = ledger_of(repo), oid("a")
    ledger.append([draft(a, engine=2, tokens=20)])
    assert ledger.append([draft(a, engine=2, tokens=99)]).written == 0
    assert ledger.append([draft(a, engine=1, tokens=10)]).written == 0
    assert ledger.append([draft(a, engine=3, tokens=30), draft(a, engine=1)]).written == 1
    view = ledger.read()
    assert [event.tokens for event in view.events if isinstance(event, Draft)] == [30]
    assert view.lines == 2


def test_the_view_is_a_function_of_the_set(repo: Repo) -> None:
    rng, a = random.Random(7), oid("a")
    same_id: list[Event] = [draft(a, tokens=n, engine=e) for n in (1, 9, 10) for e in (1, 2)]
    lines = [encode(event) for event in [*story(), *same_id]]
    seen = set()
    for _ in range(5):
        rng.shuffle(lines)
        write_note(repo, oid("x"), b"\n".join(lines))
        seen.add(ledger_of(repo).read().events)
    (events,) = seen
    assert len(events) == 5
    assert draft(a, tokens=9, engine=2) in events, "of equal engines, the greater bytes"


def test_an_event_in_the_note_of_another_commit_counts(repo: Repo) -> None:
    write_note(repo, oid("copied to"), encode(draft(oid("a"))) + b"\n")
    assert ledger_of(repo).read().events == (draft(oid("a")),)


def test_an_event_that_no_line_can_hold_writes_nothing(repo: Repo) -> None:
    with pytest.raises(ValueError, match="agent"):
        ledger_of(repo).append([draft(oid("a")), draft(oid("b"), agent="\x1b")])
    assert ledger_of(repo).read().tip is None


GOOD = encode(draft(oid("good")))
UNKNOWN = b'{"v":1,"kind":"epitaph","id":"0","at":1}'
DAMAGE = {
    "not UTF-8": b"\xff\xff\xff",
    "a conflict marker": b"<<<<<<< HEAD",
    "another conflict marker": b"=======",
    "cut short": GOOD[: len(GOOD) // 2],
    "two in one": GOOD + GOOD,
    "a zero byte": GOOD[:9] + b"\0" + GOOD[10:],
    "a wrong id": GOOD.replace(b'"id":"', b'"id":"f'),
    "a wrong shape": GOOD.replace(b'"tokens":9', b'"tokens":[9]'),
    "a bad commit": GOOD.replace(oid("good").encode(), b"HEAD"),
    "no object": b"[]",
    "too long": b"x" * (LINE_LIMIT + 1),
    "huge": b"y" * 3_000_000,
    "deep": b'{"v":' * 10_000,
    "a lone carriage return": GOOD + b"\r" + GOOD,
}


@pytest.mark.parametrize("name", DAMAGE)
def test_one_damaged_line_loses_nothing_else(repo: Repo, name: str) -> None:
    ledger, before = ledger_of(repo), encode(story()[0])
    content = b"\n".join([before, b"", DAMAGE[name], b" \t", UNKNOWN, GOOD])
    write_note(repo, oid("x"), content)
    view = ledger.read()
    assert set(view.events) == {story()[0], draft(oid("good"))}
    assert (view.unknown, view.lines) == (1, 4)
    assert [(line.commit, line.line_no) for line in view.damaged] == [(oid("x"), 3)]
    ledger.append([draft(oid("x"))])
    after = repo.git_bytes("cat-file", "blob", f"{REF}:{oid('x')[:2]}/{oid('x')[2:]}")
    assert after == content + b"\n" + encode(draft(oid("x"))) + b"\n"
    assert len(ledger.read().events) == 3


def test_flipped_bits_are_counted_and_lose_one_line_each(repo: Repo) -> None:
    rng = random.Random(11)
    events = [draft(oid(number), number) for number in range(60)]
    lines = [bytearray(encode(event)) for event in events]
    hit = rng.sample(range(60), 20)
    for number in hit:
        # Within the id, so that the line is never still sound by chance.
        lines[number][lines[number].index(b'"id":"') + 6 + rng.randrange(16)] ^= 1 << 7
    write_note(repo, oid("x"), b"\n".join(map(bytes, lines)))
    view = ledger_of(repo).read()
    assert sorted(line.line_no - 1 for line in view.damaged) == sorted(hit)
    assert set(view.events) == {e for number, e in enumerate(events) if number not in hit}


def test_a_note_of_five_megabytes(repo: Repo) -> None:
    ledger = ledger_of(repo)
    hub = oid("hub")
    events = [revision(oid(number), hub) for number in range(22_000)]
    ledger.append(events)
    assert ledger.append(events[:3]).written == 0
    (entry,) = ledger.notes.tree().entries[hub]
    assert int(repo.git("cat-file", "-s", entry.blob)) > 5_000_000
    assert len(ledger.read().events) == 22_000


def test_cat_sort_uniq_unites_two_clones(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a.txt": "one\n"})
    head = Oid(repo.head)
    ledger_of(repo).append([draft(head)])
    other = repo.clone(tmp_path / "other")
    other.git("fetch", "-q", "origin", f"{REF}:{REF}")
    ours: list[Event] = [revision(oid(n), head) for n in range(3)]
    theirs: list[Event] = [revision(oid(n), head) for n in range(2, 6)]
    ledger_of(repo).append(ours)
    ledger_of(other).append([*theirs, draft(oid("elsewhere"))])
    repo.git("fetch", "-q", str(other.path), f"{REF}:refs/notes/theirs")
    repo.git("notes", "--ref=buildlog", "merge", "-q", "-s", "cat_sort_uniq", "refs/notes/theirs")
    view = ledger_of(repo).read()
    assert set(view.events) == {draft(head), draft(oid("elsewhere")), *ours, *theirs}
    assert not view.damaged


def test_a_sound_ledger_is_said_to_be_sound(repo: Repo) -> None:
    repo.commit({"a.txt": "one\n"})
    head = Oid(repo.head)
    ledger_of(repo).append([draft(head), revision(head, oid("gone")), *story()])
    health = check(ledger_of(repo))
    assert health.ok
    found = {kind: count for kind, count in health.kinds.items() if count}
    assert found == {"draft": 3, "revision": 2, "rewrite": 1, "settle": 1}
    assert (health.events, health.lines, health.notes, health.doubled) == (7, 7, 4, 0)
    assert health.absent.first == tuple(sorted({oid("gone"), oid("a"), oid("b")}))
    assert health.undrafted.count == 0


def test_what_is_wrong_is_listed(repo: Repo) -> None:
    bad = [b"bad %d" % number for number in range(SHOWN + 10)]
    good = [GOOD, GOOD, UNKNOWN, encode(revision(oid("nobody's"), oid("good")))]
    write_note(repo, oid("x"), b"\n".join([*good, *bad]))
    health = check(ledger_of(repo))
    assert not health.ok
    assert (health.damaged_lines, len(health.damaged)) == (SHOWN + 10, SHOWN)
    assert health.damaged[0] == DamagedLine(oid("x"), 5, "not JSON")
    assert (health.doubled, health.unknown, health.events) == (1, 1, 2)
    assert health.undrafted.first == (oid("nobody's"),)
    assert health.absent.first == (oid("good"),)


def test_a_note_that_this_clone_lacks_is_not_sound(repo: Repo) -> None:
    ledger = ledger_of(repo)
    ledger.append([draft(oid("a")), draft(oid("b"))])
    (entry,) = ledger.notes.tree().entries[oid("a")]
    (repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]).unlink()
    health = check(ledger)
    assert (health.ok, health.unread_notes, health.events) == (False, 1, 1)


def test_foreign_files_and_folders_of_two_depths_are_said(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=GOOD)
    folder = repo.git("mktree", stdin=f"100644 blob {blob}\t{oid('y')[2:]}\n".encode())
    tree = f"100644 blob {blob}\tREADME\n100644 blob {blob}\t{oid('x')}\n"
    tree += f"040000 tree {folder}\t{oid('y')[:2]}\n"
    top = repo.git("mktree", stdin=tree.encode())
    repo.git("update-ref", REF, repo.git("commit-tree", "-m", "x", top))
    health = check(ledger_of(repo))
    assert (health.foreign_files, health.mixed_fanout, health.notes) == (1, True, 2)
    assert health.ok
