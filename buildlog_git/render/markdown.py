"""The report as Markdown: a comment on a pull request, or the summary of a job.

A comment is short and stands where people talk: the headline, a row for each agent commit, one
line of advice; the rest is folded. A hidden marker lets the next run find and replace it. Forges
refuse what is too long (GitHub: 65,536 characters of a comment, 1 MiB of a summary), so rows are
left out until it fits, and how many is said. What GitHub and GitLab both show is all that is
used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from buildlog_git import __version__
from buildlog_git.core.report import DraftItem, Report
from buildlog_git.core.review import Grouping
from buildlog_git.render import answer, sentences
from buildlog_git.render.markup import code, codes, command_code, details, path_code, table
from buildlog_git.render.words import (
    Remark,
    distance_text,
    interval_text,
    short,
    sparkline,
)

MARKER = "<!-- git-buildlog-report -->"
"""Begins a comment; no two tools share it."""

Kind = Literal["comment", "summary"]


class Budget(NamedTuple):
    """How long a text may be, in bytes of UTF-8, and how many rows a table has at most."""

    size: int
    rows: int


BUDGETS: dict[Kind, Budget] = {
    "comment": Budget(60_000, 100),
    "summary": Budget(900_000, 2_000),
}
_GROUPS = 50
_AGENTS = 20
_RULES = 40


def write_markdown(report: Report, repository: str, kind: Kind = "comment") -> str:
    """Return the report on ``repository`` as Markdown within the budget of its kind."""
    budget = BUDGETS[kind]
    drafts = _drafts(report)
    rows = min(len(drafts), budget.rows)
    while True:
        text = _page(report, repository, kind, drafts[:rows], len(drafts) - rows)
        if len(text.encode()) <= budget.size or not rows:
            return text
        rows = rows * 3 // 4


def _page(
    report: Report, repository: str, kind: Kind, shown: Sequence[DraftItem], left_out: int
) -> str:
    parts = [MARKER] if kind == "comment" else []
    parts += [f"### {_headline(report)}", *_beneath(report)]
    rules = _rules(report).strip()
    if rules and kind == "summary":
        parts.append(f"#### Rules\n\n{rules}\n\n#### Drafts")
    if shown:
        parts.append(_draft_table(report, shown).rstrip())
    if left_out:
        parts.append(f"{left_out:,} more drafts are left out here: {command_code(_ALL)} has all.")
    if sentences.has_agents(report):
        parts.append(_advice(report))
        if report.groups is not None:
            parts.append(_groups(report.groups).rstrip())
    if rules and kind == "comment":
        parts.append(details("Rules", rules).rstrip())
    parts.append(details("On what this rests", _basis(report)).rstrip())
    parts.append(_footer(report, repository))
    return "\n\n".join(filter(None, parts)) + "\n"


_ALL = "git buildlog report --json"


def _headline(report: Report) -> str:
    if report.request is not None:
        return sentences.request_headline(report).rstrip(".")
    if not sentences.has_agents(report):
        return "No commit here carries a coding agent's mark"
    if report.distance.mean is None:
        return "Nothing of the agents' work is judged yet"
    mean, interval, drafts = sentences.mean_text(report)
    return f"Revision distance {mean} {interval}, {drafts}"


def _beneath(report: Report) -> list[str]:
    if report.request is not None:
        found = [sentences.repository_beside(report)]
        if report.distance.mean is not None:
            mean, interval, drafts = sentences.mean_text(report)
            found.insert(0, f"Revision distance {mean} {interval}, {drafts}.")
        return [" ".join(found)]
    if report.distance.mean is None:
        return []
    trend = sparkline([item.mean for item in report.trend][-24:])
    by_month = f" By month: <code>{trend}</code>" if len(report.trend) > 1 else ""
    return [sentences.touched(report) + by_month]


def _drafts(report: Report) -> list[DraftItem]:
    """Return the drafts that have a row: all of a pull request, else those people changed."""
    if report.request is not None:
        return sorted(report.drafts, key=lambda item: (-item.at, item.commit))
    return sentences.most_revised(report)


def _draft_table(report: Report, drafts: Sequence[DraftItem]) -> str:
    reworked = report.request.reworked if report.request is not None else None
    last: tuple[str, Callable[[DraftItem], str]] = ("Mostly by", sentences.mostly_by)
    if reworked is not None:
        last = ("Most reworked", lambda item: path_code(reworked.get(item.commit, "")))
    rows = [
        (
            f"<code>{short(item.commit)}</code>", code(item.agent), codes(item.rules) or "-",
            sentences.value_of(item) or "-", sentences.result_text(item.outcome, item.state),
            last[1](item),
        )
        for item in drafts
    ]  # fmt: skip
    headings = ("Commit", "Agent", "Rules on trial", "Distance", "Outcome", last[0])
    return table(headings, rows, right=(3,))


def _advice(report: Report) -> str:
    """Return one line of what to do: about rules, where there is something to do with one."""
    if report.learned is not None and report.learned.advice:
        first = min(report.learned.advice, key=lambda found: found.why != "likely harms")
        return f"**Next:** {command_code(answer.command_of(first))} ({first.why})"
    step = sentences.next_step(report)
    text = f" ({step.text})" if step.text else ""
    return f"**{step.label}** {command_code(step.command)}{text}"


def _groups(grouping: Grouping) -> str:
    rows = [
        (
            code(each.name), f"{each.drafts:,}", f"{each.n:,}", f"{each.lines:,}",
            distance_text(each.distance), interval_text(each.low, each.high),
        )
        for each in grouping.groups[:_GROUPS]
    ]  # fmt: skip
    headings = (grouping.by.capitalize(), "Drafts", "Measured", "Lines", "Distance", "95 %")
    more = len(grouping.groups) - _GROUPS
    tail = f"\n{more:,} more groups are left out here.\n" if more > 0 else ""
    return table(headings, rows, right=(1, 2, 3, 4)) + tail


def _basis(report: Report) -> str:
    parts = []
    if report.agents:
        parts.append(_agents(report))
    lines = [", ".join(sentences.volume(report)) + "."]
    if report.request is not None and report.distance.mean is not None:
        lines.append(sentences.touched(report))
    if ended := sentences.outcomes(report):
        lines.append(f"Outcomes: {ended}.")
    if known := sentences.channels(report):
        lines.append(f"Drafts are known {known}.")
    lines.append(f"Coverage: {sentences.coverage(report)}")
    remarks = [*sentences.warnings(report), sentences.evidence(report), sentences.observed(report)]
    lines += [_remark(remark) for remark in remarks if remark]
    parts.append("\n".join(f"- {line}" for line in lines))
    parts.append(sentences.METHOD)
    return "\n\n".join(part.strip() for part in parts)


def _agents(report: Report) -> str:
    rows = [
        (
            code(name), f"{item.commits:,}", f"{item.drafts:,}", f"{item.lines:,}",
            distance_text(item.distance), interval_text(item.low, item.high),
        )
        for name, item in list(report.agents.items())[:_AGENTS]
    ]  # fmt: skip
    headings = ("Agent", "Commits", "Drafts", "Lines", "Distance", "95 % interval")
    more = len(report.agents) - _AGENTS
    tail = f"\n{more:,} more agents are left out here.\n" if more > 0 else ""
    return table(headings, rows, right=(1, 2, 3, 4)) + tail


def _remark(remark: Remark) -> str:
    tail = f" ({command_code(remark.command)})." if remark.command else ""
    begin = f"{codes(remark.subjects, 20)} " if remark.subjects else ""
    return f"{remark.label} {begin}{remark.text}{tail}"


def _rules(report: Report) -> str:
    """Return what is known of the rules; empty where none was on trial."""
    lesson = report.learned
    if lesson is None:
        return ""
    shown = answer.in_order(lesson, _RULES)
    cells = [
        (
            code(item.rule), f"{item.effect.on:,}/{item.effect.off:,}",
            answer.change(item.effect.mean), answer.interval(item.effect),
            f"{item.effect.helps:.2f}", answer.said(lesson, item.effect),
        )
        for item in shown
    ]  # fmt: skip
    headings = ("Rule", "On/off", "Change", "95 % interval", "P(helps)", "Verdict")
    more = len(answer.in_order(lesson, None)) - len(shown)
    parts = [table(headings, cells, right=(1, 2, 4)).rstrip()] if cells else []
    if more > 0:
        parts.append(f"{more:,} more rules are left out here.")
    parts.append("\n".join(f"- {_remark(remark)}" for remark in answer.basis(lesson)))
    return "\n\n".join(parts)


def _footer(report: Report, repository: str) -> str:
    notes = f"facts at <code>{short(report.notes)}</code>" if report.notes else "no stored facts"
    where = f"{code(repository)} {code(report.range)}"
    parts = [where, notes, f"git-buildlog {__version__}", sentences.KEPT_IS_0]
    return f"<sub>{' · '.join(parts)}</sub>"
