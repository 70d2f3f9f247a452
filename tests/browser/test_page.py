"""The HTML report in a real browser: clicked through, at both widths, light, dark and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from buildlog_git.render.html import write_html
from tests.browser.chromium import FOUND, Chromium
from tests.render.samples import ANSWERED, GROUPED, REPORT

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not FOUND, reason="no Chromium is installed"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    everything = replace(ANSWERED, groups=GROUPED.groups, trend=REPORT.trend)
    path.write_text(write_html(everything, "acme/api"), encoding="utf-8")
    return path


def test_clicking_through(browser: Chromium, page: Path) -> None:
    browser.open(page)
    for target in browser.value("[...document.querySelectorAll('nav a')].map(a => a.hash)"):
        browser.click(f"nav a[href='{target}']")
        assert browser.value("location.hash") == target
        top = browser.value(f"document.querySelector('{target}').getBoundingClientRect().top")
        assert -5 < top < 900
    # A rule's name leads to its section, which opens.
    browser.click("#answer table a[href='#rule-2']")
    assert browser.value("document.querySelector('#rule-2').closest('details').open")
    browser.click("#answer details:nth-of-type(3) > summary")
    assert browser.value("document.querySelector('#answer details:nth-of-type(3)').open")
    browser.click("figure details > summary")
    assert browser.value("document.querySelector('figure details').open")
    assert browser.value("document.querySelector('figure details td').innerText") == "2026-01"


def test_nothing_is_loaded_and_nothing_is_forbidden(browser: Chromium, page: Path) -> None:
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(page)
    browser.value("1")
    assert browser.requests == [page.as_uri()]
    assert browser.complaints == []
    # What is in the page as JSON is data for a program.
    text = "JSON.parse(document.getElementById('buildlog-report').textContent).range"
    assert browser.value(text) == ANSWERED.range


@pytest.mark.parametrize("width", [1280, 380])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read(browser: Chromium, page: Path, width: int, scheme: str) -> None:
    browser.open(page, width=width, scheme=scheme)
    assert browser.value("document.documentElement.scrollWidth") <= width
    paper = browser.value("getComputedStyle(document.body).backgroundColor")
    assert (luminance(paper) < 0.1) == (scheme == "dark")
    for part in ("body", ".note", ".volume", "nav a", ".soft", ".legend", "thead th", "code"):
        ink = browser.value(f"getComputedStyle(document.querySelector('{part}')).color")
        assert contrast(ink, paper) >= 4.5, (part, ink, paper)
    smallest = browser.value(
        "Math.min(...[...document.querySelectorAll('svg .tick')].map("
        "t => t.getBoundingClientRect().height))"
    )
    assert smallest >= 10
    assert browser.value("document.querySelectorAll('svg').length") > 10
    assert browser.value("document.querySelector('.reach').getBoundingClientRect().width") > 5


def test_on_paper(browser: Chromium, page: Path) -> None:
    browser.open(page, scheme="dark", media="print")
    assert browser.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert luminance(browser.value("getComputedStyle(document.body).backgroundColor")) > 0.9
    height = "document.querySelector('#rule-1').getBoundingClientRect().height"
    assert browser.value(height) > 50  # the sections are open: nobody can click on paper


def luminance(colour: str) -> float:
    """Return the relative luminance of a CSS colour, as WCAG 2 defines it."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two CSS colours, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
