"""The laws by which any number of clones come to the same notes, in whatever order they meet."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.union import lines_of, united

LINES = st.sampled_from([b"a", b"b", b"c", b"\xff", b"{}", b"", b"  ", b"a\r"])
NOTES = st.lists(LINES, max_size=6).flatmap(
    lambda lines: st.sampled_from([b"\n".join(lines), b"".join(x + b"\n" for x in lines)])
)


@given(NOTES, NOTES)
def test_both_clones_write_the_same_bytes(one: bytes, other: bytes) -> None:
    assert united(one, other).content == united(other, one).content
    assert lines_of(united(one, other).content) == lines_of(one) | lines_of(other)


@given(NOTES, NOTES)
def test_meeting_again_changes_nothing(one: bytes, other: bytes) -> None:
    both = united(one, other).content
    assert united(both, both).content == both
    assert lines_of(united(both, one).content) == lines_of(both)


@given(st.lists(NOTES, min_size=1, max_size=3))
def test_the_order_of_meetings_is_all_the_same(notes: list[bytes]) -> None:
    def meet(one: bytes, other: bytes) -> bytes:
        return united(one, other).content

    found = {lines_of(reduce(meet, order)) for order in permutations(notes)}
    assert len(found) == 1


def test_a_note_that_only_one_side_has_written_to_stays_as_it_was() -> None:
    assert united(b"b\n\na\n", b"b\n").content == b"b\n\na\n"
    assert united(b"b\n", b"b\na").content == b"b\na"


def test_what_both_have_written_is_sorted_as_git_would() -> None:
    assert united(b"a\nd\n", b"a\nc\nb\n").content == b"a\nb\nc\nd\n"
    assert united(b"b\na\n", b"a\nb\n").content == b"a\nb\n"


def test_what_is_forgotten_on_one_side_does_not_come_back() -> None:
    def surviving(lines: object) -> list[bytes]:
        given = list(lines)  # type: ignore[call-overload]
        return [line for line in given if b"not " + line not in given]

    union = united(b"a\nb\n", b"b\nnot a\n", surviving)
    assert union == (b"b\nnot a\n", True, False)
    union = united(b"c\nnot a\n", b"a\nb\n", surviving)
    assert union == (b"b\nc\nnot a\n", False, True)
    assert united(b"b\nc\n", b"a\nc\n", surviving) == (b"a\nb\nc\n", False, False)
