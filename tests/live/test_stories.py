"""Every way that history moves, for every way of recording it."""

from __future__ import annotations

from collections import Counter

import pytest

from buildlog_git.core.fold import fold
from buildlog_git.flows.report import make_report
from buildlog_git.flows.scan import scan
from tests.builder import DAY, HOUR, Repo
from tests.conftest import NIGHTLY
from tests.flows.play import context, draft
from tests.live.stage import Fact, Facts, Stage, stories
from tests.live.stories import MODULES
from tests.live.ways import WAYS, PreCommit, Way

STORIES = stories(MODULES)
WAITING = 20 * DAY
"""How long after the end it is looked at: by then what was dropped is known to be."""


def marks(way: type[Way], name: str) -> list[pytest.MarkDecorator]:
    return [] if name in (way.always or STORIES) and not way.costly else [pytest.mark.slow]


TRIED = [
    pytest.param(way, name, id=f"{name}-{way.name}", marks=marks(way, name))
    for way in WAYS
    for name in STORIES
    if NIGHTLY or way.only is None or name in way.only
]


@pytest.mark.parametrize(("way", "name"), TRIED)
def test_story(repo: Repo, way: type[Way], name: str, request: pytest.FixtureRequest) -> None:
    told, recording = STORIES[name], way()
    if isinstance(recording, PreCommit):
        recording.framework = request.getfixturevalue("framework")
    stage = Stage.on(repo, recording)
    facts = told(stage)
    recorder, stage.way = stage.way, None
    assert recorder is not None
    now = stage.clock.now + HOUR
    if any(fact.reason == "dropped" for fact in facts.values()):
        now += WAITING
    recorder.end(stage, now + (DAY + HOUR if name in way.overlooked else 0))
    check(stage, facts, now)


def check(repo: Stage, facts: Facts, now: int) -> None:
    here = context(repo, now=now)
    events = here.ledger.read().events
    assert max(Counter(event.id for event in events).values(), default=1) == 1
    known = {record.draft.commit: record for record in fold(events).drafts}
    names = {oid: name(repo, oid) for oid in known.keys() | facts.keys()}
    assert {names[oid] for oid in known} == {names[oid] for oid in facts}
    for oid, fact in facts.items():
        judged(repo, oid, fact, now, names[oid])
    assert scan(here).written == 0


def name(repo: Stage, oid: str) -> str:
    return repo.git("show", "--no-patch", "--format=%h %s", oid)


def judged(repo: Stage, oid: str, fact: Fact, now: int, title: str) -> None:
    revisions = () if fact.at == "HEAD" else (fact.at,)
    item = draft(make_report(context(repo, now=now), revisions, stored=True), oid)
    found = None if item.distance is None else round(item.distance, 6)
    asked = {
        "distance": fact.distance,
        "agent": fact.agent,
        "homes": None if fact.homes is None else tuple(sorted(fact.homes)),
        "outcome": fact.outcome,
        "state": fact.state,
        "reason": fact.reason,
    }
    got = {
        "distance": found,
        "agent": item.agent,
        "homes": item.homes,
        "outcome": item.outcome,
        "state": item.state,
        "reason": item.reason,
    }
    wanted = {key: v for key, v in asked.items() if v is not None or key == "distance"}
    assert {key: got[key] for key in wanted} == wanted, title
