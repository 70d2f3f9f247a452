"""Literal reports for tests of every format: no repository, no clock."""

from __future__ import annotations

from dataclasses import replace

from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.effects import Beside, Effect, InClass, Learned, RuleEffect
from buildlog_git.core.events import Way
from buildlog_git.core.ids import Oid
from buildlog_git.core.lesson import RuleNow, build_lesson
from buildlog_git.core.moments import DAY
from buildlog_git.core.observe import Exposed
from buildlog_git.core.programme import Programme
from buildlog_git.core.report import (
    SCHEMA,
    AgentItem,
    CommitCounts,
    Coverage,
    DraftItem,
    Report,
    RevisionItem,
    TrendItem,
)
from buildlog_git.core.review import Group, Grouping, Marks, Request, RuleCard
from buildlog_git.core.stats import Mean
from buildlog_git.core.verdict import Until, Verdict
from tests.builder import START

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
REQUEST = replace(
    REPORT,
    range="main...feature/x|y",
    commits=CommitCounts(9, 8, 0, 1),
    distance=Mean(0.27, None, None, 6),
    changed_text=0.124,
    drafts=tuple(
        replace(item, rules=("use-fixtures", "no-|bare-except") if at % 2 else ())
        for at, item in enumerate(DRAFTS)
    ),
    evidence=Marks("loose", {"identity": 2, "trailer": 6}, Mean(0.19, 0.1, 0.3, 4)),
    request=Request(
        base="main",
        merge_base=oid("d"),
        head=oid("e"),
        repository=Mean(0.21, 0.18, 0.25, 187),
        median=0.02,
        changed_text=0.214,
        reworked={DRAFTS[1].commit: "src/a|b/[x](y)`@ada` <b>.py", DRAFTS[5].commit: "a.py"},
    ),
    notes=oid("c"),
)
GROUPED = replace(
    REPORT,
    groups=Grouping(
        "dir",
        (
            Group("src/", 120, 4000, 0.2, 0.1, 0.3, 100),
            Group(f"{HOSTILE}/|x/", 3, 9, None, None, None, 0),
        ),
    ),
)


def effect(
    mean: float,
    reach: float,
    helps: float,
    verdict: Verdict,
    until: Until = "known",
    *,
    on: int = 40,
    off: int = 41,
) -> Effect:
    return Effect(
        mean=mean, low=mean - reach, high=mean + reach, helps=helps,
        harms=max(0.0, 1 - helps - 0.1), bound=mean - 2 * reach, on=on, off=off,
        randomised=on > 0, verdict=verdict, until=until,
    )  # fmt: skip


def rule(name: str, found: Effect, text: str = "t1", *, classes: int = 0) -> RuleEffect:
    return RuleEffect(
        rule=name,
        text=text,
        seed=False,
        effect=found,
        classes=tuple(InClass(f"class-{number}", found) for number in range(classes)),
        mistakes=None,
        tokens=Beside(212.4, 198.0),
        fixups=Beside(0.7, None),
        forced=2,
        observed=22,
    )


RULES = (
    rule("use-repo-fixtures", effect(0.12, 0.05, 0.99, "proven"), classes=2),
    rule("no-bare-except", effect(0.06, 0.05, 0.96, "likely helps")),
    rule("small-functions", effect(0.01, 0.06, 0.61, "no evidence yet", "< 1,000")),
    rule("ask-before-deps", effect(0.05, 0.2, 0.69, "no evidence yet", "< 200", on=12, off=9)),
    rule("docstring-all", effect(-0.07, 0.04, 0.02, "likely harms")),
    rule("docstring-all", effect(-0.01, 0.01, 0.01, "no practical effect"), "t0"),
    rule(HOSTILE, effect(0.4, 0.3, 0.5, "no evidence yet", "more", on=1, off=0)),
)
LEARNED = Learned(
    sessions=160, randomised=138, rewards=412, controls=6, forced=0.04, censored=0.11,
    half_life_days=60.0, ranked=True, rules=RULES,
    programme=Programme(0.05, 0.01, 0.09, 0.03, -0.02, 0.08, 132, 6),
)  # fmt: skip
CARDS = (
    RuleCard(
        "use-repo-fixtures", "Use the repository's fixtures", "tests", "trial",
        "Take fixtures from `tests/conftest.py`.\n\nDo not write new ones.", "t1", 17,
    ),
    RuleCard(
        "docstring-all", "Docstrings <b>everywhere</b>", "style", "trial",
        "</pre><script>alert(1)</script> \u202etxt", "t1", 9,
    ),
)  # fmt: skip
LESSON = build_lesson(
    LEARNED,
    Exposed(sessions=160, confirmed=148, observed=22),
    {
        **{card.rule: RuleNow(card.rule, "trial", "t1", card.error_class, 9) for card in CARDS},
        "be-brief": RuleNow("be-brief", "pinned", "t1", "general", 3),
        "newest": RuleNow("newest", "trial", "t1", "general", 3),
    },
    "e",
)
ANSWERED = replace(
    REQUEST,
    learned=LESSON,
    rules=CARDS,
    evidence=replace(REQUEST.evidence, verdicts=("no-bare-except",)),
)
