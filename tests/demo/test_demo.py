"""The demo repository: the same everywhere, and every number counted by hand."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from buildlog_git.cli.words.demo import write_demo
from buildlog_git.errors import UsageError
from buildlog_git.flows.demo import Demo, build_demo
from buildlog_git.flows.scan import scan
from buildlog_git.render.look import Look
from buildlog_git.render.page import Page
from tests.builder import Repo, sealed_environment
from tests.render.gold import assert_gold

if TYPE_CHECKING:
    from collections.abc import Iterator

APRIL = "1775001600"  # 2026-04-01 00:00 UTC: all windows have closed
HEAD = "b6dbe825b0"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Build the demo once; the tests only look at it."""
    folder = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        environment = sealed_environment(folder / "home")
        for name in os.environ.keys() - environment.keys():
            patch.delenv(name)
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setenv("BUILDLOG_NOW", APRIL)
        patch.chdir(folder)
        yield build_demo(Path("greenhouse"))


class Counted(NamedTuple):
    """What a person counts in one draft: T, cost, and the denominator; and what it is called."""

    subject: str
    agent: str
    lines: int
    tokens: int
    distance: Fraction
    outcome: str
    reason: str
    way: str | None
    homes: int = 0


# A token is a word or a single other character: "port.read(2)" has six of them.
# distance = cost / (tokens - gone + grow); cost = max(lost, put in), grow = what is put in
# beyond what is lost.
BY_HAND = [
    #  6 in: def read_moisture ( port ) :
    #  8 in: raw = port . read ( 2 )
    # 12 in: return raw [ 0 ] * 256 + raw [ 1 ]
    #  6 in: def is_dry ( moisture ) :
    #  4 in: return moisture < 300; together 36
    # Ada: 300 becomes 420: 1 lost, 1 put in; cost 1. The line of 12 gives way to
    # return int . from_bytes ( raw , " big " ), 11 tokens of which only "return" and "raw"
    # stood before, under 60 %: all 12 are lost, 11 put in; cost 12.
    Counted("Read the moisture sensor", "claude", 5, 36, Fraction(13, 36), "revision", "revised",
            "follow-up"),
    # def open_valve ( pin ) : 6, pin . high ( ) 5, wait ( 5 ) 4, pin . low ( ) 5; together 20
    # Ada puts log ( " open " ) in the middle: 6 tokens, none lost; cost 6, grow 6.
    Counted("Open and close the valve", "copilot", 4, 20, Fraction(6, 20 + 6), "revision",
            "revised", "follow-up"),
    # Two functions of 6 + 5, and def prime ( pump ) : 6, start ( pump ) 4, stop ( pump ) 4;
    # together 36. Ada deletes the last one: 14 lost.
    Counted("Drive the pump", "aider", 7, 36, Fraction(14, 36), "revision", "revised",
            "follow-up"),
    # PORT = 8080 3, HOST = " localhost " 5, RETRIES = 3 3, TIMEOUT = 10 3; together 14.
    # Ada amends RETRIES to 5: 1 lost, 1 put in.
    Counted("Add settings", "claude", 4, 14, Fraction(1, 14), "revision", "revised", "amend", 1),
    # def next_watering ( last , days ) : 8, return last + days * DAY 6,
    # def overdue ( last , days , now ) : 10, return now > next_watering ( last , days ) 9;
    # together 33. On the branch DAY becomes SECONDS_PER_DAY: 1 lost, 1 put in, cost 1; and >
    # becomes >=, two tokens: none lost, 1 put in between, cost 1, grow 1. The branch is
    # squashed, so both changes reach main with the squash.
    Counted("Plan the next watering", "claude", 4, 33, Fraction(2, 33 + 1), "revision", "revised",
            "squash", 1),
    # def alert ( message ) : 6, print ( " ALERT " , message ) 8, send_mail ( " ops " , message )
    # 8; together 22. Ada reverts it: 22 lost.
    Counted("Mail alerts", "aider", 3, 22, Fraction(1), "rejected", "reverted", "revert"),
    # COLOURS = { 3, three entries ' dry ' : ' red ' of 7, two commas between, } 1; together 27.
    # The formatter wraps, changes quotes and adds a last comma: none of it counts.
    Counted("Choose colours", "claude", 1, 27, Fraction(0), "accepted", "kept", None),
    # def summary ( readings ) : 6, lowest = min ( readings ) 6, highest = max ( readings ) 6,
    # return f " { lowest } to { highest } " 11; together 29. Ada renames the file, which costs
    # nothing, and writes "until" for "to": 1 lost, 1 put in.
    Counted("Sum up the readings", "copilot", 4, 29, Fraction(1, 29), "accepted", "revised",
            "follow-up"),
    # [ sensors ] 3, port = " / dev / ttyUSB0 " 8, interval = 60 3; together 14. The lock file
    # that comes with it has no owner, so changing it later costs nothing.
    Counted("Configure the sensors", "claude", 3, 14, Fraction(0), "accepted", "kept", None),
    # def mean ( values ) : 6, total = 0 3, for value in values : 5, total + = value 4,
    # return total / len ( values ) 7; together 25. claude itself replaces the last four lines
    # (19 tokens) by return fmean ( values ), of which 4 stood before: 15 are gone, which
    # nobody can judge any more; the 10 that are left are kept.
    Counted("Average the readings", "claude", 5, 25, Fraction(0, 25 - 15), "accepted", "kept",
            "follow-up"),
    # from statistics import fmean 4, and the new word "fmean"; together 5, fewer than 10.
    Counted("Use the standard library", "claude", 2, 5, Fraction(0), "unmeasurable", "too small",
            None),
    # def listen ( microphone ) : 6, words = microphone . transcribe ( ) 7,
    # return words . lower ( ) . split ( ) 10; together 23. The branch is deleted: all is lost.
    Counted("Try voice control", "aider", 3, 23, Fraction(1), "rejected", "dropped", None),
    # def litres ( seconds ) : 6, return seconds * 0 . 05 6; together 12. Nobody touches it.
    Counted("Count litres", "copilot", 2, 12, Fraction(0), "accepted", "kept", None),
]  # fmt: skip


def subject(demo: Demo, commit: str) -> str:
    done = subprocess.run(
        ["git", "show", "--no-patch", "--format=%s", commit],
        cwd=demo.folder, capture_output=True, check=True, text=True,
    )  # fmt: skip
    return done.stdout.strip()


def test_every_draft_has_the_distance_that_a_person_counts(demo: Demo) -> None:
    found = [
        Counted(
            subject(demo, item.commit), item.agent, item.lines, item.tokens,
            Fraction(item.distance or 0.0).limit_denominator(1000), item.outcome, item.reason,
            item.revisions[0].way if item.revisions else None, len(item.homes),
        )
        for item in demo.init.report.drafts
    ]  # fmt: skip
    assert found == BY_HAND
    assert {item.state for item in demo.init.report.drafts} == {"settled"}
    assert {item.removed for item in demo.init.report.drafts} == {0}


def test_the_means_follow_from_the_drafts(demo: Demo) -> None:
    report = demo.init.report
    measured = [draft for draft in BY_HAND if draft.outcome != "unmeasurable"]
    mean = sum(draft.distance for draft in measured) / len(measured)
    assert report.distance.n == len(measured) == 12
    assert report.distance.mean == pytest.approx(float(mean))
    touched = [draft.distance for draft in measured if draft.distance]
    assert report.touched == pytest.approx(len(touched) / 12)
    assert report.touched_distance == pytest.approx(float(sum(touched) / len(touched)))
    for agent, item in report.agents.items():
        own = [draft for draft in BY_HAND if draft.agent == agent]
        values = [draft.distance for draft in own if draft in measured]
        assert (item.drafts, item.lines) == (len(own), sum(draft.lines for draft in own))
        assert item.distance == pytest.approx(float(sum(values) / len(values)))
    assert report.outcomes == {"accepted": 5, "revision": 5, "rejected": 2, "unmeasurable": 1}


def test_the_commits_are_counted(demo: Demo) -> None:
    report = demo.init.report
    # 21 on main. The agents' 12: all drafts but the one on the dropped branch; the amended and
    # the squashed one count by the commit that took their place.
    assert (report.commits.total, report.commits.agent, report.commits.unknown) == (21, 12, 9)
    assert (report.coverage.rewritten, report.coverage.dropped) == (2, 1)
    assert [(month.period, month.n) for month in report.trend] == [
        ("2026-01", 6), ("2026-02", 5), ("2026-03", 1),
    ]  # fmt: skip
    self_revised = {item.self_revision for item in report.drafts if item.self_revision}
    assert self_revised == {15 / 25}


def test_the_chapters_are_the_drafts_in_order(demo: Demo) -> None:
    assert [c.draft for c in demo.chapters] == [item.commit for item in demo.init.report.drafts]


def test_its_page(demo: Demo) -> None:
    page = Page(Look())
    write_demo(page, demo)
    assert max(map(len, page.text().splitlines())) <= 80
    assert_gold("demo.txt", page.text())


def run(folder: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=folder, capture_output=True, check=True, text=True)
    return done.stdout.strip()


def test_nothing_is_broken_or_left_over(demo: Demo) -> None:
    folder = Path(demo.folder)
    assert run(folder, "fsck", "--strict", "--no-dangling") == ""
    assert run(folder, "status", "--porcelain") == ""
    assert run(folder, "branch", "--format=%(refname:short)") == "main"


def test_it_is_the_same_whoever_builds_it_and_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Repo.init(tmp_path / "other").commit({"a": "1\n"})
    before = other.git("for-each-ref")
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
    (hooks / "pre-commit").chmod(0o755)
    config = tmp_path / "config"
    config.write_text(
        f"[core]\nautocrlf = true\nhooksPath = {hooks}\n[commit]\ngpgSign = true\n"
        "cleanup = scissors\n[init]\ndefaultBranch = other\n[user]\nname = Eve\n"
        "[buildlog]\nexclude = *.py\n[merge]\nff = no\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_DIR", str(other.path / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other.path / ".git" / "index"))
    monkeypatch.setenv("BUILDLOG_NOW", "1900000000")  # 2030
    made = build_demo(tmp_path / "made")
    assert os.environ["GIT_DIR"] == str(other.path / ".git")
    for name in ("GIT_DIR", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name)
    assert run(tmp_path / "made", "rev-parse", "main")[: len(HEAD)] == HEAD
    assert other.git("for-each-ref") == before
    values = [item.distance for item in made.init.report.drafts]
    assert values == pytest.approx([float(draft.distance) for draft in BY_HAND])


def test_a_second_scan_adds_nothing(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    from buildlog_git.flows.context import open_context

    monkeypatch.setenv("BUILDLOG_NOW", APRIL)
    tip = run(Path(demo.folder), "rev-parse", "refs/notes/buildlog")
    assert scan(open_context(Path(demo.folder)), full=True).written == 0
    assert run(Path(demo.folder), "rev-parse", "refs/notes/buildlog") == tip


def test_it_refuses_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine\n")
    with pytest.raises(UsageError) as full:
        build_demo(tmp_path)
    assert full.value.slug == "folder-not-empty"
    with pytest.raises(UsageError) as file:
        build_demo(tmp_path / "kept")
    assert file.value.slug == "bad-folder"
    assert (tmp_path / "kept").read_text() == "mine\n"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
