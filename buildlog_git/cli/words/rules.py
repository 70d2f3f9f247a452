"""Rules in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from buildlog_git.core.session import GENERAL
from buildlog_git.flows.rulebook import RuleCheck, RuleItem, RuleList, ShownRule
from buildlog_git.render.answer import write_answer, write_effect
from buildlog_git.render.page import Column, Page
from buildlog_git.render.words import counted, safe

if TYPE_CHECKING:
    from buildlog_git.core.lesson import Lesson

STATES = {"pinned": "pinned, always on", "trial": "on trial", "retired": "retired"}


def write_list(page: Page, found: RuleList) -> None:
    """Write the rules as a table."""
    rules = found.rules
    if not rules:
        page.sentence("There are no rules in .buildlog/rules yet.")
        page.sentence("git buildlog rules import cuts them from the agents' files that you have.")
        return
    page.line(", ".join(_counts(rules)))
    used = any(item.confidence.tier != "new" or item.usage.off for item in rules)
    for state, heading in STATES.items():
        group = [item for item in rules if item.state == state]
        if group:
            page.blank()
            page.line((heading.capitalize(), "bold"))
            _table(page, group, used=used)
    for item in rules:
        for other in item.contradicts:
            if item.id < other:
                page.sentence(f"{safe(item.id)} and {safe(other)}", "Contradiction:")


def _table(page: Page, rules: Sequence[RuleItem], *, used: bool) -> None:
    """Write rules; how they were used only where any of the list was."""
    columns = [
        Column("TOKENS", right=True),
        *([Column("ON/OFF", right=True), Column("FOUNDED")] if used else []),
        Column("RULE", style="yellow"),
        Column("TITLE"),
    ]
    page.table(columns, (_row(item, used=used) for item in rules))


def write_effects(page: Page, lesson: Lesson) -> None:
    """Write what each rule does to the revision distance."""
    if not lesson.learned.rules:
        page.sentence("No rule is on trial, and no session had one.")
        page.sentence("git buildlog rules trial <id> puts one on trial.")
        return
    write_answer(page, lesson, most=None)
    if lesson.untried:
        page.sentence(
            ", ".join(map(safe, lesson.untried)), "On trial, in no session with a reward yet:"
        )


def _counts(rules: tuple[RuleItem, ...]) -> list[str]:
    active = sum(item.tokens for item in rules if item.state == "pinned")
    parts = [counted(len(rules), "rule")]
    parts += [
        f"{sum(item.state == state for item in rules)} {words.split(',')[0]}"
        for state, words in STATES.items()
    ]
    return [*parts, f"about {active:,} tokens always on"]


def _row(item: RuleItem, *, used: bool) -> tuple[str, ...]:
    kind = "" if item.error_class == GENERAL else f"[{safe(item.error_class)}] "
    usage = (f"{item.usage.on}/{item.usage.off}", item.confidence.tier) if used else ()
    return (f"{item.tokens:,}", *usage, safe(item.id), f"{kind}{safe(item.title)}")


def write_shown(page: Page, shown: ShownRule) -> None:
    """Write one rule: what it is, and its text."""
    item = shown.rule
    page.line((safe(item.id), "bold"), f"  {safe(item.title)}")
    seed = f", from the pack {safe(item.seed)}" if item.seed else ""
    scope = f", for {safe(' '.join(item.scope))}" if item.scope else ""
    page.line(
        f"{STATES[item.state]}, class {safe(item.error_class)}{scope}{seed}, "
        f"about {counted(item.tokens, 'token')}"
    )
    page.line(safe(item.file))
    usage, sure = item.usage, item.confidence
    page.sentence(
        f"On in {counted(usage.on, 'session')}, off in {usage.off} that might have had it; "
        f"{counted(usage.corrected, 'mistake')} it would have prevented. "
        f"Founded: {sure.tier} ({sure.score:.2f} of 1)."
    )
    if item.contradicts:
        page.sentence(", ".join(map(safe, item.contradicts)), "Contradicts:")
    for effect in shown.effects:
        write_effect(page, effect)
    page.blank()
    for line in shown.text.split("\n"):
        page.line(f"    {safe(line)}" if line else "")


def write_check(page: Page, check: RuleCheck) -> None:
    """Write all that is wrong, one line each."""
    for problem in check.problems:
        mark = "" if problem.fails else "note: "
        page.line(f"{mark}{safe(problem.what)}: {safe(problem.why)} [{problem.slug}]")
    wrong = sum(problem.fails for problem in check.problems)
    page.sentence(f"{counted(check.rules, 'rule')}, {counted(wrong, 'problem')}.")
