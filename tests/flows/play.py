"""What the tests of the flows share: text with unique words, and the questions they ask."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from buildlog_git.flows.context import Context, open_context
from buildlog_git.flows.report import make_report
from buildlog_git.flows.scan import scan
from tests.builder import HOUR, Repo

if TYPE_CHECKING:
    from buildlog_git.core.events import Event
    from buildlog_git.core.report import DraftItem, Report

WORDS = 6
"""Tokens in each line of :func:`text`, so that a share of lines is a share of tokens."""


def lines(start: int, count: int, mark: str = "w") -> list[str]:
    """Return ``count`` lines of which no word stands anywhere else."""
    return [
        " ".join(f"{mark}{number:04}{letter}" for letter in "abcdef"[:WORDS])
        for number in range(start, start + count)
    ]


def text(*parts: list[str]) -> str:
    """Return lines as the content of a file."""
    return "".join(f"{line}\n" for part in parts for line in part)


MINE = lines(0, 20)
"""What the agent writes in most tests: 20 lines, 120 tokens."""
BASE = lines(0, 10, "base")
"""What stood there before."""
FRESH = lines(0, 20, "fresh")
"""What people write instead."""


def context(repo: Repo, *, now: int | None = None) -> Context:
    """Return the repository's context at ``now``, an hour after the last commit by default."""
    present = repo.clock.now + HOUR if now is None else now
    return open_context(repo.path, environment={**os.environ, "BUILDLOG_NOW": str(present)})


def report(repo: Repo, *revisions: str, now: int | None = None) -> Report:
    """Return the report of what history tells, without a ledger."""
    return make_report(context(repo, now=now), revisions)


def only(repo: Repo, *revisions: str, now: int | None = None) -> DraftItem:
    """Return the one draft that the report has."""
    (item,) = report(repo, *revisions, now=now).drafts
    return item


def draft(found: Report, commit: str) -> DraftItem:
    """Return one draft of a report."""
    (item,) = (item for item in found.drafts if item.commit == commit)
    return item


def scanned(repo: Repo, *revisions: str, now: int | None = None) -> tuple[Event, ...]:
    """Scan and return all that the ledger then says."""
    here = context(repo, now=now)
    scan(here, revisions)
    return here.ledger.read().events
