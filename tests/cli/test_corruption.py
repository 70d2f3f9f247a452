"""Whatever becomes of a note, no traceback, nothing else lost; check says so, a write keeps it.

Each placement harms one note of a sound ledger at a random place, in one of many ways. A line
that was not touched must still be read, with the cache and without. What was done must be named
by ``check``; but where the harm leaves a sound line (a bit of a number, a cut between two lines)
there is nothing that could be named. Then another fact is written to the same note, and what was
there must still be there, byte for byte.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from buildlog_git.core.codec import LINE_LIMIT, Damaged, Unknown, decode, encode
from buildlog_git.core.ids import Oid
from buildlog_git.core.session_events import Mistake
from buildlog_git.gitio.notetree import REF
from buildlog_git.ledger.store import LedgerView
from tests.cli.conftest import Cli
from tests.ledger.test_store import draft, ledger_of, oid, revision

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildlog_git.core.events import Event
    from tests.builder import Repo

FEW, MANY = 4, 125
"""Placements of each of the eight ways: 32 in the suite, 1,000 in the slow run."""


def flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def truncated(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(1, len(content))]


def conflicting(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines()
    first, second, third = sorted(rng.randrange(len(lines) + 1) for _ in range(3))
    ours, theirs = lines[first:second], lines[second:third]
    marked = [b"<<<<<<< HEAD", *ours, b"=======", *theirs, b">>>>>>> refs/notes/other"]
    return b"\n".join([*lines[:first], *marked, *lines[third:]]) + b"\n"


def foreign(content: bytes, rng: random.Random) -> bytes:
    words = rng.choice((b"Reviewed-by: somebody", b"\x1b[31mred\x1b[0m", b"<b>|x|", b"{}"))
    return inserted(content, words, rng)


def misshapen(content: bytes, rng: random.Random) -> bytes:
    line = rng.choice(content.splitlines())
    for old, new in rng.sample(
        [(b'"at":', b'"at":[1],"b":'), (b'"kind":"', b'"kind":["'), (b'"v":1', b'"v":null'),
         (b'"commit":"', b'"commit":"../../'), (b'"id":"', b'"id":7,"x":"'), (b"{", b"[{")], 6
    ):  # fmt: skip
        if old in line:
            return inserted(content, line.replace(old, new, 1), rng)
    raise AssertionError(line)


def stained(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + b"\xff" * rng.randint(1, 9) + content[at:]


def gigantic(content: bytes, rng: random.Random) -> bytes:
    size = rng.randint(LINE_LIMIT, 400_000)
    huge = rng.choice(
        (
            b"x" * size,
            b'{"v":' * (size // 5),
            b"[" * size,
            b"9" * size,
            b'{"v":1,"at":' + b"9" * size,
        )
    )
    return inserted(content, huge, rng)


def newer(content: bytes, rng: random.Random) -> bytes:
    line = rng.choice(content.splitlines())
    line = rng.choice(
        (line.replace(b'"v":1', b'"v":%d' % rng.randint(2, 10**6)),
         line.replace(b'"kind":"', b'"kind":"x-'))
    )  # fmt: skip
    return inserted(content, line, rng)


def inserted(content: bytes, line: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines()
    lines.insert(rng.randrange(len(lines) + 1), line)
    return b"\n".join(lines) + b"\n"


WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    flipped, truncated, conflicting, foreign, misshapen, stained, gigantic, newer,
)  # fmt: skip


class Sound(NamedTuple):
    """A ledger in which nothing is wrong: its tip, its notes, and what they say."""

    tip: str
    notes: dict[Oid, bytes]
    events: frozenset[Event]


def sound_ledger(repo: Repo) -> Sound:
    commits = [Oid(repo.commit({"a.txt": f"{number}\n"}).head) for number in range(7)]
    events: list[Event] = []
    for number, commit in enumerate(commits):
        events.append(draft(commit, number, model="opus", session="s"))
        events += [revision(of, commit, cost=11 * number) for of in commits[:number]]
        events.append(
            Mistake(commit=commit, at=number, error_class="types", source="trailer",
                    description="text with \u00e4 and \\ in it")
        )  # fmt: skip
    ledger = ledger_of(repo)
    ledger.append(events)
    notes = {
        note.commit: note.content or b"" for note in ledger.notes.contents(ledger.notes.tree())
    }
    return Sound(repo.git("rev-parse", REF), notes, frozenset(events))


def put(repo: Repo, commit: Oid, content: bytes) -> None:
    """Write a note as nobody of ours would."""
    head = f"commit {REF}\ncommitter A <a@example.com> 1 +0000\ndata 0\nfrom {REF}^0\n"
    change = f"M 100644 inline {commit[:2]}/{commit[2:]}\ndata {len(content)}\n"
    repo.git("fast-import", "--quiet", stdin=head.encode() + change.encode() + content + b"\n")


def both(repo: Repo) -> LedgerView:
    ledger = ledger_of(repo)
    fresh = ledger.read(fresh=True)
    assert ledger.read() == fresh == ledger.read()
    return fresh


def place(repo: Repo, run: Cli, sound: Sound, harm: Callable[..., bytes], seed: str) -> None:
    rng = random.Random(seed)
    repo.git("update-ref", REF, sound.tip)
    commit = rng.choice(sorted(sound.notes))
    before = sound.notes[commit]
    content = harm(before, rng)
    put(repo, commit, content)

    found = [decode(line) for line in content.split(b"\n") if line.strip()]
    left = {event for event in found if not isinstance(event, Damaged | Unknown)}
    lines = set(content.split(b"\n"))  # a flipped bit may join two of them
    touched = {e for e in sound.events if e.commit == commit and encode(e) not in lines}
    view = both(repo)
    assert set(view.events) >= sound.events - touched, "nothing else is lost"
    assert {event.id for event in view.events} <= {event.id for event in sound.events} | {
        event.id for event in left
    }
    bad = [line for line in found if isinstance(line, Damaged)]
    unknown = sum(isinstance(line, Unknown) for line in found)
    assert (len(view.damaged), view.unknown) == (len(bad), unknown)
    assert all(line.commit == commit for line in view.damaged)

    said = run("check", "--json", code=1 if bad or touched_drafts(touched, view) else 0).json
    assert (said["damaged_lines"], said["unknown"]) == (len(bad), unknown)
    assert [line["reason"] for line in said["damaged"]] == [line.reason for line in bad][:50]
    words = run("check", code=0 if said["ok"] else 1)
    assert not bad or commit[:10] in words.out
    assert "\x1b[31m" not in words.out
    run("report", "--json")

    new = draft(oid(seed))._replace(commit=commit, agent="codex", engine=9)
    assert ledger_of(repo).append([new]).written == 1
    after = repo.git_bytes("cat-file", "blob", f"{REF}:{commit[:2]}/{commit[2:]}")
    kept = content if content.endswith(b"\n") else content + b"\n"
    assert after == kept + encode(new) + b"\n", "the write keeps it"
    assert set(both(repo).events) >= (sound.events - touched - {draft_of(sound, commit)}) | {new}


def touched_drafts(touched: set[Event], view: LedgerView) -> bool:
    """Return whether a draft is lost that revisions still name: that too is not sound."""
    have = {event.commit for event in view.events if event.kind == "draft"}
    return any(e.kind == "draft" and e.commit not in have for e in touched) and any(
        e.kind == "revision" and getattr(e, "draft", None) not in have for e in view.events
    )


def draft_of(sound: Sound, commit: Oid) -> Event:
    (found,) = (e for e in sound.events if e.kind == "draft" and e.commit == commit)
    return found


@pytest.mark.parametrize("harm", WAYS)
def test_harm_at_a_random_place(
    repo: Repo,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[..., bytes],
) -> None:
    sound = sound_ledger(repo)
    monkeypatch.chdir(repo.path)
    for number in range(FEW):
        place(repo, cli, sound, harm, f"{harm.__name__} {number}")


@pytest.mark.slow
@pytest.mark.parametrize("harm", WAYS)
def test_harm_at_many_random_places(
    repo: Repo,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    harm: Callable[..., bytes],
) -> None:
    sound = sound_ledger(repo)
    monkeypatch.chdir(repo.path)
    for number in range(FEW, FEW + MANY):
        place(repo, cli, sound, harm, f"{harm.__name__} {number}")


# -- the disk ---------------------------------------------------------------------------------


def spoil(path: Path, rng: random.Random) -> bytes:
    """Flip a bit of an object's file; return what it was."""
    before = path.read_bytes()
    changed = bytearray(before)
    changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    path.chmod(0o644)
    path.write_bytes(changed)
    return before


@pytest.mark.parametrize("size", [1, 3_000], ids=["small notes", "large notes"])
def test_a_flipped_bit_on_the_disk_loses_no_other_note(
    repo: Repo,
    cli: Cli,
    monkeypatch: pytest.MonkeyPatch,
    size: int,
) -> None:
    monkeypatch.chdir(repo.path)
    rng, ledger = random.Random(size), ledger_of(repo)
    events = [revision(oid((n, m)), oid(n)) for n in range(3) for m in range(size)]
    ledger.append([*events, *(draft(e.draft) for e in events[:3])])
    whole = ledger.read(fresh=True)
    entries = [entry for notes in ledger.notes.tree().entries.values() for entry in notes]
    named = 0
    for _ in range(12):
        entry = rng.choice(
            [e for e in entries if e.path.replace("/", "") in {oid(n) for n in range(3)}]
        )
        path = repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]
        before = spoil(path, rng)
        view = ledger.read(fresh=True)
        assert (view == whole) or (view.unread == 1 and view.lines == whole.lines - size)
        named += view.unread
        assert cli("check", "--json", code=1).json["unread_notes"] == view.unread
        ledger.read()
        path.write_bytes(before)
        assert ledger.read() == whole, "what was not read then is read now"
    assert named > 6
