"""The report as HTML: gold file, what comes from outside, what it loads, how long it may be."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from buildlog_git import __version__
from buildlog_git.core.ids import Oid
from buildlog_git.core.report import Report, TrendItem
from buildlog_git.core.stats import Mean
from buildlog_git.render import charts
from buildlog_git.render.html import DRAFTS_SHOWN, write_html
from tests.render.gold import assert_gold
from tests.render.reading import Reading
from tests.render.samples import ANSWERED, DRAFTS, EMPTY, GROUPED, REPORT
from tests.render.test_markdown import ATTACKS, hostile

LIMIT = 300_000


def test_the_whole_page() -> None:
    text = write_html(ANSWERED, "acme/api")
    assert_gold("report.html", text.replace(f"git-buildlog {__version__}", "git-buildlog VERSION"))


@pytest.mark.parametrize("report", [REPORT, ANSWERED, GROUPED, EMPTY], ids="1234")
def test_a_page_is_sound(report: Report) -> None:
    text = write_html(report, "acme/api")
    read = Reading(text)
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    targets = [value for name, value in read.attributes if name == "href"]
    assert all(target.startswith("#") and target[1:] in ids for target in targets)
    for name in ("aria-labelledby",):
        named = [value.split() for key, value in read.attributes if key == name]
        assert all(one in ids for those in named for one in those)
    assert len(re.findall(r"<svg\b[^>]*role=\"img\"", text)) == text.count("<svg")
    assert all(
        "aria-label=" in svg or "aria-labelledby=" in svg for svg in re.findall(r"<svg[^>]*>", text)
    )
    assert text.count("<h1") == 1


@pytest.mark.parametrize("report", [REPORT, ANSWERED], ids="12")
def test_a_page_loads_nothing_and_runs_nothing(report: Report) -> None:
    text = write_html(report, "acme/api")
    read = Reading(text)
    assert "default-src 'none'" in text
    assert not {"link", "img", "iframe", "object", "embed", "form", "base"} & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on") or name == "src"]
    assert not re.search(r"url\(|@import|https?://", text)
    assert re.findall(r"<script[^>]*>", text) == [
        '<script type="application/json" id="buildlog-report">'
    ]


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_from_outside_is_markup(text: str) -> None:
    read = Reading(write_html(hostile(text), text))
    plain = Reading(write_html(hostile("plain"), "plain"))
    assert read.tags == plain.tags
    assert read.comments == plain.comments
    assert [name for name, _ in read.attributes] == [name for name, _ in plain.attributes]
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069]", read.text)
    facts = json.loads("".join(read.scripts))
    assert facts["range"] == text


def test_the_facts_in_the_page_are_those_of_the_report() -> None:
    facts = json.loads("".join(Reading(write_html(ANSWERED, "acme/api")).scripts))
    assert facts["schema"] == ANSWERED.schema
    assert facts["distance"]["mean"] == ANSWERED.distance.mean
    assert facts["drafts_total"] == len(facts["drafts"]) == len(DRAFTS)
    assert facts["learned"]["learned"]["rules"][0]["effect"]["mean"] == 0.12


def test_thousands_of_drafts_fit() -> None:
    drafts = tuple(
        replace(DRAFTS[1], commit=Oid(f"{number:040x}"), distance=(number % 100) / 100)
        for number in range(10_000)
    )
    months = tuple(
        TrendItem(f"{2000 + at // 12}-{at % 12 + 1:02}", 9, 0.1 * (at % 7)) for at in range(300)
    )
    report = replace(ANSWERED, request=None, drafts=drafts, trend=months)
    text = write_html(report, "acme/api")
    assert len(text.encode()) < LIMIT
    assert text.count('<td class="id">') == DRAFTS_SHOWN
    assert f"{10_000 - DRAFTS_SHOWN:,} drafts are left out here" in text


def test_charts_say_what_they_show() -> None:
    months = [
        TrendItem("2026-01", 3, 0.2), TrendItem("2026-02", 0, None), TrendItem("2026-03", 2, 0.1),
        TrendItem("2026-04", 2, 0.0),
    ]  # fmt: skip
    drawn = charts.trend(months)
    assert drawn is not None
    assert len(drawn.dots) == 3
    assert len(drawn.lines) == 1  # the gap parts the first month from the others
    assert drawn.text == (
        "Mean revision distance by month, from 0.20 in 2026-01 to 0.00 in 2026-04."
    )
    assert [tick.text for tick in drawn.x] == ["2026-01", "2026-02", "2026-03", "2026-04"]
    assert drawn.dots[1].x - drawn.dots[0].x == pytest.approx(
        2 * (drawn.dots[2].x - drawn.dots[1].x), abs=0.2
    )
    years = charts.trend([TrendItem("2024-11", 1, 0.1), TrendItem("2026-03", 1, 0.3)])
    assert years is not None
    assert years.lines == ()
    assert [tick.text for tick in years.x] == ["2024-11", "2025-04", "2025-09", "2026-02"]
    assert charts.trend(months[:1]) is None
    assert charts.trend([TrendItem("2026-01", 0, None)] * 2) is None
    bars = charts.histogram([0.0, 0.0, 0.05, 0.1, 0.99, 1.0])
    assert bars is not None
    assert [bar.drafts for bar in bars.bars] == [2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 2]
    assert charts.histogram([]) is None
    assert charts.span(None, 0.5, None, 0.0, 1.0) == charts.Span(50.0, 50.0, 50.0)
    assert charts.span(-0.9, 0.0, 0.9, -0.3, 0.3) == charts.Span(0.0, 50.0, 100.0)
    assert charts.span(None, None, None, 0.0, 1.0) is None


def test_a_mean_without_an_interval() -> None:
    text = write_html(replace(REPORT, distance=Mean(0.2, None, None, 1)), "acme/api")
    assert "(too few for an interval), 1 draft measured" in Reading(text).text
