"""Whole pages of the terminal, from literal values: no repository, no clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildlog_git.cli.words.check import write_check
from buildlog_git.cli.words.distance import write_distance
from buildlog_git.cli.words.init import write_init
from buildlog_git.cli.words.log import write_log
from buildlog_git.cli.words.scan import write_scan
from buildlog_git.cli.words.steps import write_report_and_next
from buildlog_git.cli.words.why import write_why
from buildlog_git.core.attribution import Evidence
from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.events import Way
from buildlog_git.core.ids import Oid
from buildlog_git.core.region import Account
from buildlog_git.core.report import (
    DAY,
    SCHEMA,
    AgentItem,
    CommitCounts,
    Coverage,
    DraftItem,
    Report,
    RevisionItem,
    TrendItem,
)
from buildlog_git.core.stats import Mean
from buildlog_git.flows.check import Health, Missing
from buildlog_git.flows.distance import DistanceResult, FilePart
from buildlog_git.flows.init import Init, RuleFile
from buildlog_git.flows.log import Log, LogItem
from buildlog_git.flows.scan import ScanResult
from buildlog_git.flows.why import Why
from buildlog_git.ledger.store import DamagedLine
from buildlog_git.render.look import Look
from buildlog_git.render.page import Page
from tests.builder import START
from tests.render.gold import assert_gold

HOSTILE = "cl\x1b[31maude\u202e"


def oid(digit: str) -> Oid:
    return Oid(digit * 40)


def draft(
    digit: str,
    agent: str,
    distance: float | None,
    outcome: Outcome = "revision",
    *,
    days: int = 0,
    way: Way = "follow-up",
    state: State = "settled",
    reason: str = "revised",
) -> DraftItem:
    revisions = (
        (RevisionItem(oid("f"), START, "person", way, 3, 0),)
        if distance and reason != "dropped"
        else ()
    )
    return DraftItem(
        oid(digit), START + days * DAY, agent, None, "trailer", None, 1234, 50, 0, distance,
        outcome, state, reason, 0.0, (), revisions,
    )  # fmt: skip


NOTHING_MISSING = Coverage(0.0, 0, 0, 0, 0, 5, 0, 0, 0, 0, shallow=False)
MUCH_MISSING = Coverage(0.06, 12, 3, 2, 7, 160, 26, 1, 4, 0, shallow=True)
DRAFTS = (
    draft("1", "claude", 0.0, "accepted", reason="kept"),
    draft("2", "claude", 0.211),
    draft("3", "copilot", 0.9, "rejected", days=30, way="revert", reason="reverted"),
    draft("4", "copilot", 1.0, "rejected", days=31, reason="dropped"),
    draft("5", HOSTILE, 0.003, "accepted", days=40, way="squash"),
    draft("6", "claude", 0.5, days=89, way="amend"),
    draft("7", "claude", 0.7, days=89, state="open"),
    draft("8", "claude", None, "unmeasurable", days=89, reason="nothing countable"),
)
REPORT = Report(
    schema=SCHEMA,
    range="origin/main...HEAD",
    commits=CommitCounts(1530, 214, 2, 1314),
    agents={
        "claude": AgentItem(150, 140, 51234, 0.21, 0.18, 0.25, 130),
        "copilot": AgentItem(50, 50, 4321, 0.4, 0.1, 0.8, 50),
        HOSTILE: AgentItem(5, 5, 100, 0.003, None, None, 1),
        "aider": AgentItem(4, 0, 0, None, None, None, 0),
        "cursor": AgentItem(3, 3, 10, 0.0, 0.0, 0.0, 3),
        "gemini": AgentItem(1, 1, 10, 0.0, None, None, 1),
        "goose": AgentItem(1, 1, 10, 0.0, None, None, 1),
    },
    distance=Mean(0.21, 0.18, 0.25, 187),
    touched=0.42,
    touched_distance=0.49,
    outcomes={"accepted": 100, "revision": 60, "rejected": 27, "unmeasurable": 3},
    drafts=DRAFTS,
    trend=(
        TrendItem("2026-01", 9, 0.29), TrendItem("2026-02", 5, 0.25), TrendItem("2026-03", 9, 0.1),
    ),
    coverage=MUCH_MISSING,
)  # fmt: skip
EMPTY = replace(
    REPORT,
    range="HEAD",
    commits=CommitCounts(12, 0, 0, 12),
    agents={},
    distance=Mean(None, None, None, 0),
    touched=None,
    touched_distance=None,
    outcomes=dict.fromkeys(REPORT.outcomes, 0),
    drafts=(),
    trend=(),
    coverage=replace(NOTHING_MISSING, unknown_share=1.0),
)
SCANNED = ScanResult(1600, 214, 190, 24, 512, 88, 0, shallow=False)


def page(look: Look | None = None) -> Page:
    return Page(look or Look())


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("report.txt", Look()),
        ("report-colour.txt", Look(colour=True, terminal=True)),
        ("report-ascii.txt", Look(unicode=False)),
        ("report-narrow.txt", Look(width=50, terminal=True)),
    ],
)
def test_report(name: str, look: Look) -> None:
    made = page(look)
    write_report_and_next(made, REPORT, "acme/api")
    text = made.text()
    assert_gold(name, text)
    if not look.colour:
        assert "\x1b" not in text
        assert text.isascii() or look.unicode
        assert max(map(len, text.splitlines())) <= 80
    # What matters most fits on the first screen: all but the last remarks on coverage.
    assert text.splitlines().index(next(x for x in text.splitlines() if "Coverage:" in x)) <= 23


def test_report_of_a_long_name() -> None:
    made = page()
    write_report_and_next(made, replace(REPORT, coverage=NOTHING_MISSING), "a-" * 50)
    assert max(map(len, made.text().splitlines())) <= 80
    assert "90 days - 1,530 commits - 214 agent commits - 8 drafts" in made.text().splitlines()
    assert "Coverage: nothing is missing." in made.text()


@pytest.mark.parametrize("total", [12, 0])
def test_report_without_agents(total: int) -> None:
    made = page()
    counts = CommitCounts(total, 0, 0, total)
    write_report_and_next(made, replace(EMPTY, commits=counts), "acme/api")
    assert_gold(f"report-no-agents-{total}.txt", made.text())


def test_report_with_nothing_measured() -> None:
    made = page()
    report = replace(
        EMPTY,
        commits=CommitCounts(12, 2, 0, 10),
        agents={"claude": AgentItem(2, 0, 0, None, None, None, 0)},
        coverage=replace(NOTHING_MISSING, unscanned=2),
    )
    write_report_and_next(made, report, "acme/api")
    assert_gold("report-unscanned.txt", made.text())


def test_no_single_draft_is_shown_to_more_than_two_digits() -> None:
    import re

    made = page()
    write_report_and_next(made, REPORT, "acme/api")
    assert not re.search(r"\d\.\d{3}", made.text())


def test_init() -> None:
    made = page()
    rules = (RuleFile("CLAUDE.md", 12), RuleFile("AGENTS.md", 2), RuleFile(".cursor/rules/a", 1))
    write_init(made, Init("api", "main", rules, replace(SCANNED, missing_blobs=3), REPORT))
    assert_gold("init.txt", made.text())


def test_init_again_and_with_many_rules() -> None:
    made = page()
    rules = tuple(RuleFile(f".cursor/rules/{name}.mdc", 3) for name in "abcdef")
    write_init(made, Init("api", None, rules, replace(SCANNED, written=0), EMPTY))
    assert "Written: 0 facts (88 were there already) in refs/notes/buildlog." in made.text()
    assert ".cursor/rules/d.mdc (changed 2 times), 2 more files." in " ".join(made.text().split())


def test_scan() -> None:
    made = page()
    write_scan(made, SCANNED)
    write_scan(made, replace(SCANNED, written=0, settled=0, missing_blobs=1, shallow=True))
    assert_gold("scan.txt", made.text())


def item(digit: str, agent: str | None, subject: str, found: DraftItem | None = None) -> LogItem:
    return LogItem(
        oid(digit), START, "agent" if agent else "unknown", agent, subject, False,
        found.lines if found else None, found.distance if found else None,
        found.outcome if found else None, found.state if found else None,
    )  # fmt: skip


LOG = Log(
    "HEAD",
    (
        item("a", None, "Fix it all, with a subject that is longer than the line that it is on"),
        item("b", HOSTILE, "Add \x1b[2Jsensors", DRAFTS[1]),
        item("c", "copilot-in-a-workspace", "世界世界世界世界世界世界世界世界世界世界", DRAFTS[2]),
        item("d", "claude", "Late", DRAFTS[6]),
        item("e", "claude", "So far", replace(DRAFTS[1], state="provisional")),
        item("f", "claude", "Lock files", DRAFTS[7]),
    ),
)


@pytest.mark.parametrize(
    ("name", "look"),
    [
        ("log.txt", Look()),
        ("log-terminal.txt", Look(terminal=True)),
        ("log-colour.txt", Look(terminal=True, colour=True)),
    ],
)
def test_log(name: str, look: Look) -> None:
    made = page(look)
    write_log(made, LOG)
    assert_gold(name, made.text())


RESULT = DistanceResult(
    oid("1"), oid("2"), 0.361, "revision", "settled", 5, 3,
    (FilePart("a.py", 0.5, 26), FilePart("b\n.py", 0.0, 10)), "13 of 36 tokens lost", "claude",
    36, 0, Account(cost=13, lost=13),
)  # fmt: skip


def test_distance() -> None:
    made = page()
    write_distance(made, RESULT)
    made.blank()
    nothing = replace(
        RESULT, distance=None, outcome="unmeasurable", files=(), agent=None, tokens=0, state="open",
        reason="a merge commit owns nothing",
    )  # fmt: skip
    write_distance(made, nothing)
    made.blank()
    many = tuple(FilePart(f"{n}.py", 0.1, 9) for n in range(20))
    write_distance(made, replace(RESULT, removed=7, files=many, state="provisional"))
    assert_gold("distance.txt", made.text())


def test_why() -> None:
    made = page()
    evidence = (
        Evidence("identity", "claude", "Claude <noreply@anthropic.com>"),
        Evidence("trailer", HOSTILE, "Co-authored-by: \x1b[31mX\x07", "m\x1b[0m"),
    )
    agent = Why(oid("1"), "agent", "claude", "claude-opus-4.5", "identity", evidence, None)
    write_why(made, agent)
    write_why(made, Why(oid("2"), "unknown", None, None, None, (), None))
    write_why(made, Why(oid("3"), "unknown", None, None, None, (), "dependabot"))
    write_why(made, Why(oid("4"), "human", None, None, None, (), None))
    assert_gold("why.txt", made.text())


SOUND = Health(
    ok=True, tip=oid("1"), notes=17, lines=42, events=42,
    kinds={"draft": 12, "revision": 14, "rewrite": 3, "settle": 13},
    doubled=0, unknown=0, damaged_lines=0, damaged=(), unread_notes=0, foreign_files=0,
    mixed_fanout=False, absent=Missing(0, ()), undrafted=Missing(0, ()),
)  # fmt: skip


def test_check() -> None:
    made = page()
    write_check(made, replace(SOUND, tip=None))
    write_check(made, SOUND)
    made.blank()
    bad = replace(
        SOUND, ok=False, damaged_lines=40,
        damaged=tuple(DamagedLine(oid("3"), n, "not JSON") for n in range(1, 21)),
        unread_notes=2, undrafted=Missing(1, (oid("4"),)), absent=Missing(5, ()), unknown=1,
        doubled=2, foreign_files=1, mixed_fanout=True,
    )  # fmt: skip
    write_check(made, bad)
    assert_gold("check.txt", made.text())
