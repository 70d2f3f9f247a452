"""Agents' files cut into rules: what belongs together stays, what only describes is left."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from buildlog_git.core.blocks import blocks
from buildlog_git.core.cutting import cut, slug, summary
from buildlog_git.core.rendering import ShownRule, body_of, with_block
from buildlog_git.core.rules import Rule
from tests.patience import cpu_seconds

LINES = st.lists(
    st.sampled_from(
        ["# Style", "Use it.", "- Avoid it", "  - nested", "1. First", "```", "| a | b |", "",
         "|---|---|", "> quoted", "<!-- hidden", "shown -->", "---", "Avoid:", "<tag>", "\t- tab",
         "C#", "===", "<!-- buildlog:begin -->", "<!-- buildlog:end -->"],
    ),
    max_size=14,
)  # fmt: skip


def texts(content: str) -> list[str]:
    return [piece.text for piece in cut(dedent(content)).pieces]


def kinds(content: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in blocks(dedent(content))]


def test_blocks() -> None:
    assert kinds(
        """\
        Title
        =====
        Text that
        goes on.
        - one
          with more

          and a paragraph
          ```
          - no item
          ```
        - two
        lazily on
        7. seven

        ## C# ##
        | a | b |
        |---|---|
        | 1 | 2 |
        > quoted
        ~~~
        # no heading
        """
    ) == [
        ("heading", "Title"),
        ("paragraph", "Text that\ngoes on."),
        ("item", "one\nwith more\n\nand a paragraph\n```\n- no item\n```"),
        ("item", "two\nlazily on"),
        ("item", "seven"),
        ("heading", "C#"),
        ("table", "| a | b |\n|---|---|\n| 1 | 2 |"),
        ("quote", "> quoted"),
        ("code", "~~~\n# no heading"),
    ]


def test_what_agents_do_not_see_is_left_out() -> None:
    assert kinds(
        """\
        <!-- a comment -->
        Use <!-- not --> it
        <!-- over
        - several
        lines --> today.
        <!-- buildlog:begin 1234 -->
        - Our own rule.
        <!-- buildlog:end -->
        ```
        <!-- code -->
        ```
        <rules>
        - Be brief.
        </rules>
        """
    ) == [
        ("paragraph", "Use  it\n today."),
        ("code", "```\n<!-- code -->\n```"),
        ("item", "Be brief."),
    ]


def test_our_own_block_is_no_rule_again() -> None:
    own = Rule("end", "end", "general", "pinned", "Use <!-- buildlog:end team --> never.")
    body = body_of([ShownRule(own.id, own.digest, own.text)])
    content = with_block(b"- Use tabs.\n", "team", body).decode()
    assert "buildlog:end team" in content
    assert texts(f"{content}\n- Be brief.\n") == ["Use tabs.", "Be brief."]


@given(LINES)
def test_no_line_is_lost_or_told_twice(lines: list[str]) -> None:
    marked = [
        f"{line} w{number}" if line[:1].isalpha() else line for number, line in enumerate(lines)
    ]
    found = "\n".join(block.text for block in blocks("\n".join(marked)))
    for number, line in enumerate(marked):
        if line.endswith(f" w{number}"):
            assert found.split().count(f"w{number}") <= 1
    if not any("<!--" in line for line in lines):
        for number, line in enumerate(marked):
            assert not line.endswith(f" w{number}") or f"w{number}" in found.split()


@given(LINES)
def test_cutting_again_cuts_the_same(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert cut(text) == cut(text.replace("\n", "\r\n"))
    assert all(piece.text == piece.text.strip("\n") and piece.text for piece in cut(text).pieces)


def test_one_rule_for_each_item_and_each_paragraph_that_asks() -> None:
    assert texts(
        """\
        # Our project
        It is a library, and not a framework.

        ## Style
        - Use pathlib.
          - also in tests
        - Short names

        Run the linter before you commit. It is fast.
        """
    ) == [
        "Use pathlib.\n- also in tests",
        "Short names",
        "Run the linter before you commit. It is fast.",
    ]


def test_what_only_describes_is_left_and_said() -> None:
    found = cut(
        "## Layout\n- `src/cli`: the command line\n- The core is in core\n\n## Look\n"
        "- [the guide](docs/guide.md)\n\n@AGENTS.md\n\n```\nmake\n```\n\nUse it.\n"
    )
    assert [piece.text for piece in found.pieces] == ["Use it."]
    assert not cut("- Build system: Turborepo\n- **Test**: `make test`\n- Lint: `ruff`").pieces
    assert [(left.line, left.why) for left in found.left] == [
        (2, "it describes and asks for nothing"),
        (3, "it describes and asks for nothing"),
        (6, "it only points elsewhere"),
        (8, "it only points elsewhere"),
    ]
    assert len(cut("## Layout\n- The core is in core\n", everything=True).pieces) == 1


def test_an_item_keeps_what_turns_its_sense() -> None:
    assert texts("Avoid:\n- globals\n- prints\n") == ["Avoid:\n\n- globals", "Avoid:\n\n- prints"]
    assert texts("## Never\n- mock the database\n") == ["Never:\n\n- mock the database"]
    assert texts("All changes need to:\n\n- be tested\n- have docs") == [
        "All changes need to:\n\n- be tested",
        "All changes need to:\n\n- have docs",
    ]
    assert texts("Some rules:\n- Use tabs.\n- Never use spaces.") == [
        "Use tabs.",
        "Never use spaces.",
    ]


def test_what_belongs_together_stays() -> None:
    whole = [
        "Run the tests with:\n\n```sh\nmake test\n\n- no item\n```",
        "You must follow these steps to make a release:\n\n1. the version\n2. Tag it",
        "The change should come with one of the following things:\n\n- a test, or\n- a reason",
        "Always name tests by this table:\n\n| a | b |\n|---|---|\n| use | x |",
    ]
    for text in whole:
        assert texts(text) == [text]
    assert texts("1. Use tabs.\n2. Never push.") == ["Use tabs.", "Never push."]


def test_titles_ids_and_classes() -> None:
    (piece,) = cut("# Guide\n## Testing\n### Mocks\n- **Never** mock `git`. It lies.\n").pieces
    assert (piece.title, piece.slug) == ("Never mock git", "never-mock-git-lies")
    assert piece.error_class == "tests"
    assert (piece.section, piece.line) == (("Guide", "Testing", "Mocks"), 4)
    (piece,) = cut("We ship often. Always run the tests first. They are fast.").pieces
    assert piece.title == "Always run the tests first"
    (piece,) = cut("Run the tests:\n```\nmake test\n```").pieces
    assert (piece.title, piece.slug) == ("Run the tests", "run-tests")
    (piece,) = cut("Always do this:\n1. the first\n2. Then run it").pieces
    assert piece.title == "Always do this"
    (piece,) = cut("Avoid:\n- globals").pieces
    assert (piece.title, piece.slug) == ("Avoid: globals", "avoid-globals")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Do not log **passwords** or tokens!", "do-not-log-passwords"),
        ("Don't use `os.path`", "dont-use-os-path"),
        ("Übersetze [alles](x)", "ubersetze-alles"),
        ("必ずテストを書く", ""),
        ("a" * 200, "a" * 32),
    ],
)
def test_slugs(text: str, name: str) -> None:
    assert slug(text) == name


def test_other_languages_are_not_taken_for_descriptions() -> None:
    assert texts("- パスワードをログに書かない\n") == ["パスワードをログに書かない"]


def test_summaries_are_one_line() -> None:
    assert summary("Use [a](b),\nnot `c`. More.") == "Use a, not c"
    assert summary("> Use `C#` and `x -> y`.") == "Use C# and x -> y"
    assert len(summary("word " * 50)) <= 80
    assert cut("- Use \x1b[31mred").left[0].why == "it has control characters"


def test_a_large_text_is_cut_in_good_time() -> None:
    with cpu_seconds(12):
        for line in ("- " + "x " * 3, "a | b", "\n", " ", "<!-- ", "| - ", "* ", "```\n", "# # "):
            cut((line * 20_000)[:60_000])
            cut((f"{line}\n" * 20_000)[:60_000])
