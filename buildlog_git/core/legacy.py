"""What ``buildlog`` 0.8 kept in its own folder, as facts of ours.

It drew rules for a session, but did not write down with which probability: such a session is
observed and no experiment, so its rules count as put on by somebody (``forced``), under the
policy ``buildlog-0.8``. It knew no commits: each fact goes to the last commit before it. What it
believed of rules is a conclusion and is not taken over.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from buildlog_git.core.codec import LIST_LIMIT
from buildlog_git.core.events import Event
from buildlog_git.core.ids import Oid
from buildlog_git.core.redact import redact
from buildlog_git.core.session import GENERAL, word_in
from buildlog_git.core.session_events import Given, Mistake, Reward, Session, SessionEnd

POLICY = "buildlog-0.8"
_OUTCOMES: Mapping[str, Given] = {
    "accepted": "accepted", "revision": "revision", "rejected": "rejected"
}  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

Row = Mapping[str, Any]


class Timeline(NamedTuple):
    """The commits of a branch by time, which never falls."""

    times: Sequence[int]
    commits: Sequence[Oid]

    def before(self, at: int) -> Oid:
        """Return the last commit at or before ``at``, or the first of all."""
        return self.commits[max(0, bisect_right(self.times, at) - 1)]


class Legacy(NamedTuple):
    """The facts of an old folder; ``unread`` rows are not what the old program writes."""

    sessions: tuple[Event, ...]
    mistakes: tuple[Event, ...]
    rewards: tuple[Event, ...]
    unread: int


class _Span(NamedTuple):
    start: float
    end: float
    session: str
    error_class: str


def facts_of(
    sessions: Iterable[object],
    mistakes: Iterable[object],
    rewards: Iterable[object],
    timeline: Timeline,
) -> Legacy:
    """Return the facts of the rows of the old files.

    A row is whatever JSON a line held, None where it held none.
    """
    begun: list[Event] = []
    spans: list[_Span] = []
    unread = 0
    for row in sessions:
        found = _session(row, timeline)
        unread += found is None
        if found is not None:
            begun += found[0]
            spans.append(found[1])
    earlier: dict[str, str] = {}
    made = [_mistake(row, timeline, earlier) for row in mistakes]
    given = [_reward(row, timeline, spans) for row in rewards]
    unread += made.count(None) + given.count(None)
    return Legacy(tuple(begun), tuple(filter(None, made)), tuple(filter(None, given)), unread)


def _session(row: object, timeline: Timeline) -> tuple[list[Event], _Span] | None:
    fields = _fields(row, "id", "started_at")
    at = _moment(fields.get("started_at"))
    name = _name(fields.get("id"))
    if at is None or name is None:
        return None
    base = timeline.before(int(at))
    rules = _names(fields.get("selected_rules"))
    error_class = _class(fields.get("error_class"))
    events: list[Event] = [
        Session(
            commit=base, at=int(at), session=name, branch="", clone="", worktree="",
            error_class=error_class, forced=rules, arm="forced", k=len(rules),
            policy=POLICY, policy_version=0,
        )
    ]  # fmt: skip
    end = _moment(fields.get("ended_at"))
    if end is not None:
        events.append(
            SessionEnd(
                commit=base, at=int(end), session=name, reason="command",
                rules_start=_count(fields.get("rules_at_start")),
                rules_end=_count(fields.get("rules_at_end")),
                entry=_words(fields.get("entry_file")), notes=_words(fields.get("notes")),
            )
        )  # fmt: skip
    return events, _Span(at, at if end is None else end, name, error_class)


def _mistake(row: object, timeline: Timeline, earlier: dict[str, str]) -> Mistake | None:
    fields = _fields(row, "timestamp", "description")
    at = _moment(fields.get("timestamp"))
    description = _words(fields.get("description"))
    if at is None or description is None:
        return None
    made = Mistake(
        commit=timeline.before(int(at)),
        at=int(at),
        error_class=_class(fields.get("error_class")),
        description=description,
        source="person",
        session=_name(fields.get("session_id")),
        corrected_by=_name(fields.get("corrected_by_rule")),
    )
    alike = fields.get("semantic_hash")
    if isinstance(alike, str):
        first = earlier.setdefault(alike, made.id)
        if first != made.id:
            return made._replace(repeat_of=first)
    return made


def _reward(row: object, timeline: Timeline, spans: Sequence[_Span]) -> Reward | None:
    fields = _fields(row, "timestamp", "outcome")
    at = _moment(fields.get("timestamp"))
    outcome = _OUTCOMES.get(str(fields.get("outcome")))
    if at is None or outcome is None:
        return None
    within = [span for span in spans if span.start <= at <= span.end]
    told = fields.get("error_class")
    return Reward(
        commit=timeline.before(int(at)),
        at=int(at),
        outcome=outcome,
        source="person",
        distance=_share(fields.get("revision_distance")),
        session=within[-1].session if within else None,
        error_class=_class(told) if told else (within[-1].error_class if within else GENERAL),
        rules=_names(fields.get("rules_active")),
        notes=_words(fields.get("notes")),
        nonce=_name(fields.get("id")) or str(int(at)),
    )


def _fields(row: object, *needed: str) -> Row:
    if isinstance(row, dict) and all(isinstance(row.get(name), str) for name in needed):
        return row
    return {}


def _moment(value: object) -> float | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return max(0.0, (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def _name(value: object) -> str | None:
    return value if isinstance(value, str) and _NAME.fullmatch(value) else None


def _names(value: object) -> tuple[str, ...]:
    given = value if isinstance(value, list) else []
    return tuple(dict.fromkeys(filter(None, map(_name, given))))[:LIST_LIMIT]


def _class(value: object) -> str:
    return word_in(value if isinstance(value, str) else None) or GENERAL


def _words(value: object) -> str | None:
    return (redact(value) or None) if isinstance(value, str) else None


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else 0


def _share(value: object) -> float | None:
    number = type(value) in (int, float)
    return float(value) if number and 0 <= value <= 1 else None  # type: ignore[operator, arg-type]
