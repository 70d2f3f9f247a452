"""The report as Markdown: gold files, what comes from outside, and how long it may be."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from buildlog_git import __version__
from buildlog_git.core.ids import Oid
from buildlog_git.core.report import Report
from buildlog_git.render.markdown import BUDGETS, MARKER, Kind, write_markdown
from buildlog_git.render.markup import code
from buildlog_git.render.words import safe
from tests.render.gold import assert_gold
from tests.render.reading import read_markdown
from tests.render.samples import ANSWERED, DRAFTS, EMPTY, GROUPED, REPORT, REQUEST

ALLOWED = {
    "h3", "h4", "p", "code", "table", "thead", "tbody", "tr", "th", "td", "details", "summary",
    "ul", "li", "strong", "sub",
}  # fmt: skip
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</code></details><h1>x",
    "a|b",
    "| --- |\n| x |",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/x.png)",
    "https://evil.example www.evil.example a@evil.example",
    "@ada @acme/team",
    "#1 acme/api#1 closes #1",
    "`x` ``y`` ~~~\n```",
    "**x** _y_ ~~z~~ \\",
    "&lt;b&gt; &#64;ada",
    "<!-- git-buildlog-report -->",
    "-->",
    "a\nb\r\nc\td",
    "\u202etxt.exe\u2066",
    "\x1b[2J\x07",
    ":tada: $x$ %{x}",
    "x" * 500,
    "\udcff",
)


@pytest.mark.parametrize(
    ("name", "report", "kind"),
    [
        ("comment.md", REQUEST, "comment"),
        ("comment-rules.md", ANSWERED, "comment"),
        ("summary-rules.md", replace(ANSWERED, request=None), "summary"),
        ("summary-groups.md", GROUPED, "summary"),
        ("comment-nothing.md", replace(EMPTY, request=REQUEST.request), "comment"),
        ("summary-nothing.md", EMPTY, "summary"),
    ],
)
def test_whole_texts(name: str, report: Report, kind: Kind) -> None:
    text = write_markdown(report, "acme/api", kind)
    assert_gold(name, text.replace(f"git-buildlog {__version__}", "git-buildlog VERSION"))
    assert set(read_markdown(text).tags) <= ALLOWED


def hostile(text: str) -> Report:
    """Return a report in which ``text`` stands wherever text from outside can."""
    drafts = tuple(replace(item, agent=text, rules=(text, text)) for item in DRAFTS)
    assert ANSWERED.request is not None
    assert ANSWERED.learned is not None
    return replace(
        ANSWERED,
        range=text,
        drafts=drafts,
        agents={text: REPORT.agents["claude"]},
        request=replace(
            ANSWERED.request, base=text, reworked={item.commit: text for item in drafts}
        ),
        learned=replace(
            ANSWERED.learned,
            learned=replace(
                ANSWERED.learned.learned,
                rules=tuple(replace(rule, rule=text) for rule in ANSWERED.learned.learned.rules),
            ),
            pinned=(text,),
            untried=(text, text),
            rules={},
            advice=tuple(replace(advice, rule=text) for advice in ANSWERED.learned.advice),
        ),
        rules=tuple(
            replace(card, rule=text, title=text, text=text, error_class=text)
            for card in ANSWERED.rules
        ),
        evidence=replace(ANSWERED.evidence, channels={text: 1}),
    )


@pytest.mark.parametrize("kind", ["comment", "summary"])
@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_from_outside_is_markup(text: str, kind: Kind) -> None:
    report = hostile(text)
    read = read_markdown(write_markdown(report, text, kind))
    plain = read_markdown(write_markdown(hostile("plain"), "plain", kind))
    assert read.tags == plain.tags
    assert set(read.tags) <= ALLOWED
    assert not read.attributes or {name for name, _ in read.attributes} <= {"style"}
    assert [len(row) for table in read.tables for row in table] == [
        len(row) for table in plain.tables for row in table
    ]
    # Forges leave alone what is in code; nothing from outside stands anywhere else.
    assert (MARKER[4:-3] in read.comments) == (kind == "comment")
    assert len(read.comments) <= 1


@given(st.text(min_size=1, max_size=50))
@example("a  b")
@example("`")
@example("\\|")
def test_code_shows_the_text_and_nothing_else(text: str) -> None:
    read = read_markdown(f"x {code(text)} y\n\n| a |\n| --- |\n| {code(text)} |\n")
    assert read.tags == ["p", "code", "table", "thead", "tr", "th", "tbody", "tr", "td", "code"]
    (table,) = read.tables
    shown = " ".join(safe(text)[:60].split(" "))
    while "  " in shown:
        shown = shown.replace("  ", " ")
    if len(safe(text)) <= 60:
        assert table[1][0].strip() == shown.strip()


@pytest.mark.parametrize("text", ["@ada", "https://x.example", "www.x.example", "#12", "a@b.c"])
def test_forges_find_nothing_to_link(text: str) -> None:
    made = code(text)
    assert text not in made
    assert made.startswith("<code>")


@pytest.mark.parametrize("kind", ["comment", "summary"])
def test_a_long_text_is_cut_and_says_so(kind: Kind) -> None:
    many = tuple(
        replace(
            DRAFTS[1],
            commit=Oid(f"{number:040x}"),
            agent="<agent>" * 20,
            rules=tuple(f"<rule-{at}>" * 9 for at in range(8)),
        )
        for number in range(5000)
    )
    report = replace(hostile("&<>" * 30), drafts=many)
    text = write_markdown(report, "acme/api", kind)
    rows = sum(line.startswith("| <code>000") for line in text.splitlines())
    assert len(text.encode()) <= BUDGETS[kind].size
    assert 20 < rows < 5000
    assert f"{5000 - rows:,} more drafts are left out here" in text
    assert text.rstrip().endswith("</sub>")


def test_a_headline_for_each_case() -> None:
    def headline(report: Report) -> str:
        return write_markdown(report, "acme/api").splitlines()[2]

    assert headline(REQUEST) == (
        "### 8 agent commits in this pull request; people changed 12 % of the agents' text so far"
    )
    waiting = replace(REQUEST, changed_text=None, commits=replace(REQUEST.commits, agent=1))
    assert headline(waiting) == (
        "### 1 agent commit in this pull request; nothing has judged it yet"
    )
    nothing = replace(EMPTY, request=REQUEST.request)
    assert headline(nothing) == "### No agent commit in this pull request"
    assert headline(EMPTY) == "### No commit here carries a coding agent's mark"
