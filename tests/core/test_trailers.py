from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.trailers import (
    Directives,
    Mistake,
    Trailer,
    cherry_picked,
    directives,
    read,
    reverted,
    trailers,
)

A = "Co-authored-by: Claude <noreply@anthropic.com>"
B = "Signed-off-by: Jo <jo@x.org>"
ID = "0123456789abcdef0123456789abcdef01234567"
OTHER = "89abcdef0123456789abcdef0123456789abcdef"


def lines(message: str) -> list[str]:
    return [trailer.line for trailer in trailers(message)]


@pytest.mark.parametrize(
    "message",
    [
        f"Fix\n\nBody.\n\n{A}\n",
        f"Fix\n\n{A}",
        f"Fix\r\n\r\nBody.\r\n\r\n{A}\r\n",
        f"\n\nFix\n\nBody.\n\n{A}\n\n\n",
        f"Fix\n{A}\n",  # git asks for a blank line, tools forget it
        f"Fix\n\n- did this\n- did that\n{A}\n",  # no blank line before
        f"Fix\n\n{A}\nCloses #12\n(cherry picked from commit {ID})\n",
        f"Fix\n\n{A}\n[jo: took the tests out]\n",
        f"Fix\n\n{A}\nand a note below it\n",  # git's rule: a quarter are trailers
        f"Fix\n\nBody.\n\n{A}\n\nExecuted-By: beads/crew/emma\nRole: crew\n",
        f"Fix\n\nBody.\n\n{A}\n\n# Conflicts:\n#\tREADME.md\n",
        f"Fix\n\nBody.\n\n{A}\n<!-- badge -->\n\n---\n\n<a href='x'>\n  <img>\n</a>\n",
        f"Fix\n\n🤖 Generated with [Claude Code](https://claude.com/claude-code)\n{A}\n\nMore.\n",
        f"Fix\n\nWe add this:\n\n{A}\n",  # the end of a message is its end
        f"One\n\nBody.\n\n{A}\n\nTwo\n\nBody.\n",  # rebase puts squashed messages one below another
        f"Fix\n\n```\ncode\n```\n\n{A}\n",
        f"Fix\n\n``` never closed\n\n{A}\n",
        f"Fix\n\n{A.replace(': ', ':')}\n",
        f"Fix\n\n{A.replace(': ', ' : ')}\n",
    ],
)
def test_a_trailer_counts_where_a_tool_puts_it(message: str) -> None:
    assert A in lines(message)


@pytest.mark.parametrize(
    "message",
    [
        A,  # a subject is no trailer
        f"{A}\n\nBody.\n",
        f"Fix\n\n> {A}\n",
        f"Fix\n\n    {A}\n",
        f"Fix\n\nAs in\n\n    {A}\n\nwe do.\n",
        f"Fix\n\n```\n{A}\n```\n",
        f"Fix\n\n~~~text\n{A}\n~~~\n\n{B}\n",
        f"Fix\n\nWe now append the line\n{A}\nto each message.\n",
        f"Fix\n\nWe now append the line\n{A}\nto each message.\n\n{B}\n",
        f"Fix\n\nWe now append:\n\n{A}\n\nEach message has it.\n",
        f"Fix\n\nWe now append:\n{A}\n\n{B}\n",
        f"Fix\n\nWe now append:\n{A}\n",
        f"Fix\n\nWe now append:\n\n{A}\n\n{B}\n",
        f"Fix\n\n* We now append:\n\n{A}\n\n* and more\n",
        f"Fix\n\nThe line `{A}` is new.\n",
        f"Fix\n\n- {A}\n",
    ],
)
def test_a_quoted_trailer_does_not_count(message: str) -> None:
    assert A not in lines(message)


def test_a_forge_squash_carries_trailers_in_every_block_and_below_the_rule() -> None:
    message = (
        "Add caching (#12)\n\n"
        "* Add cache\n\nIt is fast.\n\nCo-authored-by: A <a@x>\n\n"
        "* Test it\n\n- one\n- two\nCo-authored-by: B <b@x>\n\n"
        "* Fix lint\n\nThe hook writes:\n\nCo-authored-by: Q <q@x>\n\nwhich is odd.\n\n"
        "---------\n\n"
        "Co-authored-by: C <c@x>\nCo-authored-by: D <d@x>\n"
    )
    assert [trailer.value for trailer in trailers(message)] == [
        "A <a@x>",
        "B <b@x>",
        "C <c@x>",
        "D <d@x>",
    ]


def test_a_squash_merge_indents_its_messages() -> None:
    message = (
        "Squashed commit of the following:\n\n"
        f"commit {ID}\nAuthor: Jo <jo@x.org>\nDate:   Mon Jan 5 10:00:00 2026 +0000\n\n"
        f"    Add cache\n    \n    It is fast.\n    \n    {A}\n\n"
        f"commit {OTHER}\nAuthor: Al <al@x.org>\nDate:   Mon Jan 5 09:00:00 2026 +0000\n\n"
        f"    Quote\n    \n        {B}\n"
    )
    parsed = read(message)
    assert parsed.squash
    assert A in [trailer.line for trailer in parsed.trailers]
    assert B not in [trailer.line for trailer in parsed.trailers]
    assert [t.value for t in parsed.trailers if t.key == "Author"] == [
        "Jo <jo@x.org>",
        "Al <al@x.org>",
    ]


def test_continuation_lines_belong_to_their_trailer() -> None:
    assert trailers("Fix\n\nLink: one\n  two\n  three\nNext: x\n") == (
        Trailer("Link", "one two three"),
        Trailer("Next", "x"),
    )


def test_footers_are_whole_lines_that_nothing_introduces() -> None:
    parsed = read("Fix\n\nGenerated with X\n\nSays:\nGenerated with Y\n\n> Z\n    W\n")
    assert "Generated with X" in parsed.lines
    assert not {"Generated with Y", "> Z", "    W"} & set(parsed.lines)


def test_directives_stand_anywhere() -> None:
    message = (
        "Fix\n\n* one\n\nBuildlog-Session: s-1\n\n    buildlog-class: parsing\r\n"
        "Prose between.\nBuildlog-Mistake: off-by-one: the last line was lost \n"
        "Buildlog-Mistake: it forgot the tests\n\tBuildlog-Reward: Rejected\n"
        "Buildlog: skip\nBuildlog-Session: s-2\n\nand an end\n"
    )
    found = directives(message)
    assert found == Directives(
        sessions=("s-1", "s-2"),
        classes=("parsing",),
        mistakes=(
            Mistake("off-by-one", "the last line was lost"),
            Mistake(None, "it forgot the tests"),
        ),
        rejected=True,
        skip=True,
    )
    assert (found.session, found.error_class) == ("s-2", "parsing")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "Fix",
        "Fix\n\n> Buildlog: skip\n",
        "Fix\n\nWrite `Buildlog: skip` there\n",
        "Fix\n\nBuildlog: later\nBuildlog-Reward: accepted\nBuildlog-Session:\n",
        "Fix\n\nBuildlog-Other: skip\n",
    ],
)
def test_what_is_no_directive(message: str) -> None:
    assert directives(message) == Directives()
    assert directives(message).session is None


@pytest.mark.parametrize(
    ("message", "ids"),
    [
        (f'Revert "x"\n\nThis reverts commit {ID}.\n', (ID,)),
        (f"Revert\n\nThis reverts commit {ID}, reversing\nchanges made to {OTHER}.\n", (ID,)),
        ("Revert\n\nThis reverts commits 0123abc, 89abcde and fedcba9.", 3),
        (f"Revert\n\nThis reverts commits {ID},\n{OTHER}.", (ID, OTHER)),
        ("R\n\nIt is slow. This reverts commit\n0123ABC (x)", ("0123abc",)),
        (f"R\n\nThis reverts commit {ID}.\n\nThis reverts commit {OTHER}.", (ID, OTHER)),
        (f"R\n\nThis reverts commit {ID * 2}.", ()),
        ("R\n\nThis reverts commit 012abc.", ()),
        (f"R\n\n> This reverts commit {ID}.", ()),
        ("R\n\nThis reverts commit " + "a" * 64, ("a" * 64,)),
        ("Reverts nothing", ()),
    ],
)
def test_reverted(message: str, ids: tuple[str, ...] | int) -> None:
    found = reverted(message)
    assert (len(found) if isinstance(ids, int) else found) == ids


def test_cherry_picked() -> None:
    message = f"Fix\n\n(cherry picked from commit {ID})\n(cherry picked from commit {OTHER})\n"
    assert cherry_picked(message) == (ID, OTHER)
    assert cherry_picked("Fix\n\ncherry picked from commit") == ()


PIECES = st.sampled_from(
    (
        *("\n", "\n\n", "\r\n", "* ", "> ", "    ", "```", "-----", ": ", "Key: value", "a", A),
        *("Squashed commit of the following:", f"commit {ID}", "Buildlog: skip", "<", "\0"),
    )
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_no_message_is_too_odd_to_read(message: str) -> None:
    parsed = read(message)
    assert all(trailer.key and trailer.value for trailer in parsed.trailers)
    directives(message)
    reverted(message)
    cherry_picked(message)


@given(st.text(alphabet="ab :\n", max_size=80))
def test_a_trailer_at_the_end_counts_whatever_stands_above(body: str) -> None:
    assert A in lines(f"Subject\n\n{body}\n\n{A}\n")
