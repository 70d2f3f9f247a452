"""Tables that are too wide: numbers and names stay whole, other words are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from buildlog_git.render.look import Look
from buildlog_git.render.page import Column, Page

PLAIN = Look(colour=False, unicode=True, width=80)
names = st.lists(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), max_size=6)


def table(numbers: int, *cells: list[str]) -> list[str]:
    page = Page(PLAIN)
    columns = [*(Column(f"NUMBER{n}", right=True) for n in range(numbers)),
               Column("RULES", names=True)]  # fmt: skip
    page.table(columns, [[*(str(n) * 8 for n in range(numbers)), " ".join(c)] for c in cells])
    return page.text().splitlines()


@given(st.integers(1, 7), st.lists(names, min_size=1, max_size=4))
def test_no_name_is_cut(numbers: int, cells: list[list[str]]) -> None:
    lines = table(numbers, *cells)
    left = [word for line in lines[1:] for word in line.split()]
    digits = {str(n) * 8 for n in range(numbers)}
    for cell in cells:
        for name in cell:
            assert name in left
    assert all(left.count(one) >= len(cells) for one in digits)
    assert all(cell_len(line) <= 80 for line in lines)


def test_names_go_on_below_each_other() -> None:
    lines = table(3, ["use-repo-fixtures", "no-bare-except", "small-functions", "ask-before-deps"])
    assert lines == [
        " NUMBER0   NUMBER1   NUMBER2  RULES",
        "00000000  11111111  22222222  use-repo-fixtures no-bare-except small-functions",
        "                              ask-before-deps",
    ]


def test_names_without_room_stand_below_their_row() -> None:
    lines = table(7, ["use-repo-fixtures", "no-bare-except"], [], ["a"])
    assert lines[0].endswith("NUMBER6")
    assert lines[2] == "    rules: use-repo-fixtures no-bare-except"
    assert lines[4:] == [lines[1], "    rules: a"]
