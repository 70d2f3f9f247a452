"""What is forgotten stays forgotten, in whatever order clones unite; nothing else goes with it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.codec import Damaged, Unknown, decode, encode
from buildlog_git.core.compaction import at_home, compacted
from buildlog_git.core.events import Draft, Event, Revision, Seen
from buildlog_git.core.fold import fold
from buildlog_git.core.forgotten import Tombstone, forgotten, forgotten_drafts, remaining
from buildlog_git.core.ids import Oid
from buildlog_git.core.tombstones import bury, surviving

A, B = Oid("a" * 40), Oid("b" * 40)
DRAFT = Draft(
    commit=A, at=1, agent="claude", channel="trailer", tokens=9, removed=2, lines=3, files=1
)
REVISION = Revision(commit=A, at=2, draft=B, by="person", way="follow-up", cost=4)
EVENTS: list[Event] = [
    DRAFT, DRAFT._replace(engine=2), DRAFT._replace(session="s"), REVISION,
    Seen(commit=A, at=3), Seen(commit=B, at=3),
]  # fmt: skip
NEWER = b'{"v":9,"kind":"draft","id":"x"}'
LINES = [*map(encode, EVENTS), NEWER, b"<<<<<<< ours", b"\xff\xfe", b" ", b""]
STONES = [encode(stone) for line in LINES[:8] for stone in bury(A, [line], at=7)]
Lines = list[bytes]
notes = st.lists(st.sampled_from([*LINES, *STONES]), max_size=14)


@given(notes, notes, notes)
def test_clones_may_unite_in_any_order(
    one: list[bytes], two: list[bytes], tri: list[bytes]
) -> None:
    whole = set(surviving([*one, *two, *tri]))
    early = surviving([*surviving([*two, *one]), *surviving(tri)])
    assert set(early) == whole
    assert set(surviving(early)) == whole


@given(notes)
def test_only_what_is_named_goes(lines: list[bytes]) -> None:
    left = surviving(lines)
    stones = [e for e in map(decode, lines) if isinstance(e, Tombstone)]
    named = {name for stone in stones for name in stone.events}
    for line in lines:
        found = decode(line)
        if not isinstance(found, Damaged | Unknown):
            assert (line in left) == (isinstance(found, Tombstone) or found.id not in named)


@given(st.lists(st.sampled_from(LINES), max_size=9), st.lists(st.sampled_from(LINES), max_size=9))
def test_what_is_buried_cannot_come_back(gone: list[bytes], others: list[bytes]) -> None:
    gone = [line for line in gone if line.strip()]
    stones = [encode(stone) for stone in bury(A, gone, at=7)]
    left = surviving([*others, *stones, *gone])
    assert set(left).isdisjoint(gone)
    names = {e.id for e in map(decode, gone) if not isinstance(e, Damaged | Unknown)}
    kept = [e for e in map(decode, left) if not isinstance(e, Damaged | Unknown)]
    assert names.isdisjoint(e.id for e in kept)


def test_many_lines_take_several_tombstones() -> None:
    lines = [encode(Seen(commit=Oid(f"{number:040x}"), at=1)) for number in range(600)]
    stones = bury(A, lines, at=1)
    assert [len(stone.events) for stone in stones] == [256, 256, 88]
    assert surviving([*lines, *map(encode, stones)]) == [encode(stone) for stone in stones]


def test_a_tombstone_says_nothing_of_what_was_there() -> None:
    (stone,) = bury(A, [encode(DRAFT)], at=7)
    assert json.loads(encode(stone)) == {
        "v": 1, "kind": "tombstone", "id": stone.id, "at": 7, "commit": A,
        "events": [DRAFT.id], "lines": [],
    }  # fmt: skip
    assert bury(A, [encode(stone)], at=8) == []


def test_a_copy_goes_from_its_note_alone() -> None:
    copy = encode(EVENTS[5])
    (stone,) = bury(A, [], at=7, copies=[copy])
    assert surviving([copy, encode(DRAFT), encode(stone)]) == [encode(DRAFT), encode(stone)]
    assert not forgotten([stone]), "the note of its own commit still says it, and everybody heeds"


def test_versions_that_read_different_lines_forget_the_same() -> None:
    newer = b'{"v":9,"kind":"rant","id":"0123456789abcdef"}'
    by_id, by_line = Tombstone(A, 7, events=("0123456789abcdef",)), bury(A, [newer], at=7)[0]
    for stone in (
        by_id,
        by_line,
    ):  # of a version that could read the line, and of one that could not
        assert surviving([newer, encode(stone)]) == [encode(stone)]
    read = Tombstone(A, 7, lines=bury(A, [encode(DRAFT)], at=7, copies=[encode(DRAFT)])[1].lines)
    assert surviving([encode(DRAFT), encode(read)]) == [encode(read)]
    for odd in (b'{"v":9,"id":["0123456789abcdef"]}', b'{"v":9,"id":{}}', b'{"v":9}'):
        assert surviving([odd, encode(by_id)]) == [odd, encode(by_id)]


def test_compaction_keeps_a_tombstone_wherever_it_lies() -> None:
    stone = encode(bury(B, [encode(EVENTS[5])], at=7)[0])
    homes = at_home([(B, stone), (A, stone)])
    assert compacted(A, stone + b"\n" + stone, homes) == stone + b"\n"


@pytest.mark.parametrize("name", ["", "x", "0" * 15, "0" * 17, "../../etc/passwd", "A" * 16])
def test_a_tombstone_names_ids_only(name: str) -> None:
    stone = Tombstone(A, 1, events=(name,))
    with pytest.raises(ValueError, match="not a list of ids"):
        encode(stone)


def test_the_fold_and_everybody_who_asks_knows_what_is_forgotten() -> None:
    stone = Tombstone(A, 7, events=(DRAFT.id,))
    told: list[Event] = [DRAFT, REVISION, stone]
    assert remaining(told) == (REVISION, stone)
    assert remaining([DRAFT]) == (DRAFT,)
    assert forgotten(told) == {DRAFT.id}
    assert forgotten_drafts(told, [A, B]) == {A}
    elsewhere = told[2]._replace(commit=B)
    assert forgotten_drafts([elsewhere], [A, B]) == {A}, "whichever note says so"
    assert fold([DRAFT]).drafts
    assert not fold(told).drafts


# -- compaction -------------------------------------------------------------------------------


def best(lines: list[bytes]) -> dict[str, tuple[int, Event]]:
    """Return the newest form of each event, as the ledger reads it."""
    found: dict[str, tuple[int, Event]] = {}
    for event in map(decode, lines):
        if not isinstance(event, Damaged | Unknown):
            ranked = (getattr(event, "engine", 0), event)
            known = found.get(event.id, ranked)
            found[event.id] = max(known, ranked, key=lambda r: (r[0], encode(r[1])))
    return found


@given(notes, notes)
def test_compaction_loses_no_answer(one: list[bytes], two: list[bytes]) -> None:
    content = {A: b"\n".join(one), B: b"\n".join(two)}
    homes = at_home(content.items())
    less = {commit: compacted(commit, note, homes) for commit, note in content.items()}
    before = [*surviving(one), *surviving(two)]
    after = [line for note in less.values() for line in note.splitlines()]
    assert best(after) == best(before)
    assert fold([e for _, e in best(after).values()]) == fold([e for _, e in best(before).values()])
    for line in before:
        if line.strip() and isinstance(decode(line), Damaged | Unknown):
            assert after.count(line) == before.count(line)
    again = {
        commit: compacted(commit, note, at_home(less.items())) for commit, note in less.items()
    }
    assert again == less


def test_what_compaction_drops() -> None:
    old, new, copy = encode(DRAFT), encode(DRAFT._replace(engine=2)), encode(EVENTS[4])
    note = b"\n".join([old, b"", new, b" ", new, NEWER, NEWER, copy])
    elsewhere = b"\n".join([copy, encode(EVENTS[5])])
    homes = at_home([(A, note), (B, elsewhere)])
    assert compacted(A, note, homes).split(b"\n") == [new, NEWER, NEWER, copy, b""]
    assert compacted(B, elsewhere, homes) == encode(EVENTS[5]) + b"\n"
    assert compacted(B, elsewhere, {}) == elsewhere + b"\n"
