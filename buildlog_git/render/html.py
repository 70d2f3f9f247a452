"""The report as one HTML file: it needs no network and no script, in light, dark and on paper.

Nothing is ever loaded: a content security policy forbids it, and there is nothing to load. Text
from outside is escaped by the template engine, in one place, and can reach neither an attribute
without quotes nor a script. A repository with thousands of drafts is summed up; its drafts are
listed up to a number, and how many are left out is said. The same values lie in the page as
JSON, for programs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from buildlog_git import __version__
from buildlog_git.core.moments import day_of
from buildlog_git.core.report import DraftItem, Report, is_measured
from buildlog_git.render import answer, charts, sentences
from buildlog_git.render.forest import REACH
from buildlog_git.render.jsonout import to_plain
from buildlog_git.render.markup import short_path, shortened
from buildlog_git.render.words import (
    OUTCOMES,
    counted,
    distance_text,
    interval_text,
    percent,
    safe,
    short,
)

if TYPE_CHECKING:
    from buildlog_git.core.effects import RuleEffect

DRAFTS_SHOWN = 150
GROUPS_SHOWN = 100
AGENTS_SHOWN = 40
MONTHS_SHOWN = 60
RULES_SHOWN = 60
RULE_LENGTH = 1_500
"""Characters of a rule's text that are shown."""

_UNSAFE_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def write_html(report: Report, repository: str) -> str:
    """Return the report on ``repository`` as a whole HTML page."""
    listed = _listed(report)
    return _environment().get_template("report.html.j2").render(
        report=report,
        repository=repository,
        version=__version__,
        headline=_headline(report),
        tiles=_tiles(report),
        outcomes=_outcome_bar(report),
        agents=_rows(list(report.agents.items())[:AGENTS_SHOWN]),
        agents_left_out=max(0, len(report.agents) - AGENTS_SHOWN),
        groups=_groups(report),
        rules=_rule_rows(report),
        rules_left_out=_rules_left_out(report),
        cards={card.rule: card for card in report.rules},
        trend=charts.trend(report.trend[-MONTHS_SHOWN:]),
        histogram=charts.histogram(_distances(report)),
        drafts=listed,
        any_rules=any(item.rules for item in listed),
        drafts_left_out=len(report.drafts) - len(listed),
        remarks=[*sentences.warnings(report), *filter(None, [sentences.evidence(report)])],
        facts=_embedded(report, listed),
    )  # fmt: skip


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("buildlog_git", "render/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(
        shown=safe, name=shortened, path=short_path, short=short, day=day_of,
        distance=distance_text, percent=percent, plain=_plain, cut=_rule_text,
        thousands=lambda number: f"{number:,}",
    )  # fmt: skip
    made.globals.update(
        s=sentences, a=answer, reach=REACH, OUTCOMES=OUTCOMES, counted=counted,
        interval=interval_text, width=charts.WIDTH, height=charts.HEIGHT,
    )  # fmt: skip
    return made


def _headline(report: Report) -> str:
    if report.request is not None:
        return sentences.request_headline(report)
    if not sentences.has_agents(report):
        return "No commit here carries a coding agent's mark."
    if report.touched is None:
        return "Nothing of the agents' work is judged yet."
    return sentences.touched(report)


def _tiles(report: Report) -> list[tuple[str, str, str]]:
    """Return what stands out: a label, a value, and what qualifies it."""
    if report.distance.mean is None:
        return []
    mean, interval, drafts = sentences.mean_text(report)
    tiles = [
        ("Revision distance", mean, f"{interval}, {drafts}"),
        ("Drafts that people changed", percent(report.touched or 0.0), "the others: not at all"),
        (
            "Text that people changed",
            percent(report.changed_text or 0.0),
            "of all that is measured",
        ),
    ]
    if report.touched:
        tiles[1] = (*tiles[1][:2], f"by {distance_text(report.touched_distance)} on average")
    return tiles


def _outcome_bar(report: Report) -> list[tuple[str, int, float]]:
    """Return, for each outcome that there is, its name, its count and its share in per cent."""
    total = sum(report.outcomes.values())
    return [
        (outcome, number, round(100 * number / total, 2))
        for outcome, number in report.outcomes.items()
        if number
    ]


def _rows(items: Sequence[tuple[str, Any]]) -> list[tuple[str, Any, charts.Span | None]]:
    """Return agents or groups, each with its interval's place on the axis from 0 to 1."""
    return [
        (name, item, charts.span(item.low, item.distance, item.high, 0.0, 1.0))
        for name, item in items
    ]


def _groups(report: Report) -> list[tuple[str, Any, charts.Span | None]]:
    if report.groups is None:
        return []
    return _rows([(each.name, each) for each in report.groups.groups[:GROUPS_SHOWN]])


def _rule_rows(report: Report) -> list[tuple[RuleEffect, charts.Span | None]]:
    """Return the rules, each with its effect's place on the axis."""
    if report.learned is None:
        return []
    return [
        (item, charts.span(-effect.high, -effect.mean, -effect.low, -REACH, REACH))
        for item in answer.in_order(report.learned, RULES_SHOWN)
        for effect in (item.effect,)
    ]


def _rules_left_out(report: Report) -> int:
    every = answer.in_order(report.learned, None) if report.learned is not None else []
    return max(0, len(every) - RULES_SHOWN)


def _plain(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"


def _rule_text(text: str) -> str:
    """Return a rule's text, without what would turn it round, and not longer than a page."""
    lines = text[:RULE_LENGTH].split("\n")
    cut = "\n…" if len(text) > RULE_LENGTH else ""
    return "\n".join(safe(line) for line in lines) + cut


def _distances(report: Report) -> list[float]:
    return [item.distance or 0.0 for item in report.drafts if is_measured(item)]


def _listed(report: Report) -> list[DraftItem]:
    """Return the drafts that have a row: those that people changed most, then the latest."""
    revised = sentences.most_revised(report)[:DRAFTS_SHOWN]
    seen = {item.commit for item in revised}
    rest = [item for item in report.drafts if item.commit not in seen]
    rest.sort(key=lambda item: (-item.at, item.commit))
    return [*revised, *rest][:DRAFTS_SHOWN]


def _embedded(report: Report, listed: Sequence[DraftItem]) -> Markup:
    """Return the report as JSON that can stand in a script element, whatever it holds.

    The drafts are those that are listed, without the commits that revised each; the rules' texts
    stand in the page.
    """
    plain: Mapping[str, Any] = to_plain(
        replace(report, rules=(), drafts=tuple(replace(item, revisions=()) for item in listed))
    )
    text = json.dumps({**plain, "drafts_total": len(report.drafts)}, separators=(",", ":"))
    for sign, escape in _UNSAFE_IN_SCRIPT.items():
        text = text.replace(sign, escape)
    return Markup(text)  # noqa: S704 - no sign is left that could end the element
