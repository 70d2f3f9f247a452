"""Whole pages of the terminal, from literal values: no repository, no clock."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildlog_git.cli.words.blame import write_blame
from buildlog_git.cli.words.check import write_check
from buildlog_git.cli.words.distance import write_distance
from buildlog_git.cli.words.init import write_init
from buildlog_git.cli.words.log import write_log
from buildlog_git.cli.words.scan import write_scan
from buildlog_git.cli.words.steps import write_report_and_next
from buildlog_git.cli.words.why import write_why
from buildlog_git.core.attribution import Evidence
from buildlog_git.core.region import Account
from buildlog_git.core.report import AgentItem, CommitCounts, DraftItem, Report
from buildlog_git.flows.blame import Blame, BlameDraft, BlameLine
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
from tests.render.samples import (
    ANSWERED,
    DRAFTS,
    EMPTY,
    GROUPED,
    HOSTILE,
    NOTHING_MISSING,
    REPORT,
    REQUEST,
    oid,
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


def test_blame() -> None:
    drafts = (
        BlameDraft(oid("1"), "claude", None, START, "s", ("be-brief", "no-mocks"), 2),
        BlameDraft(oid("2"), HOSTILE, None, START + 86400, None, (), 1),
    )
    lines = (
        BlameLine(1, oid("1"), 3, 3, "def f():"),
        BlameLine(2, oid("1"), 2, 3, "\treturn \x1b[31m1"),
        BlameLine(3, None, 0, 0, ""),
        BlameLine(4, oid("2"), 1, 1, "世界" * 60),
    )
    made = page(Look(terminal=True))
    write_blame(made, Blame("a.py", oid("3"), 3, drafts, lines))
    write_blame(made, Blame("b.py", oid("3"), 0, (), lines[2:3]))
    assert_gold("blame.txt", made.text())


@pytest.mark.parametrize(
    ("name", "report", "look"),
    [
        ("report-request.txt", REQUEST, Look()),
        ("report-groups.txt", GROUPED, Look()),
        ("report-rules.txt", ANSWERED, Look()),
        ("report-rules-wide.txt", ANSWERED, Look(width=120, terminal=True, colour=True)),
    ],
)
def test_report_in_review(name: str, report: Report, look: Look) -> None:
    made = page(look)
    write_report_and_next(made, report, "acme/api")
    assert_gold(name, made.text())
    assert "\x1b[31" not in made.text()
