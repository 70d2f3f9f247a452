"""How a session begins and ends: its rules are drawn, and the facts about it are made."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from buildlog_git.core.choice import Candidate, Wanted, draw
from buildlog_git.core.forgotten import forgotten
from buildlog_git.core.ids import Oid, event_id
from buildlog_git.core.redact import redact
from buildlog_git.core.session import (
    GENERAL,
    NOTHING_ASKED,
    Asked,
    OpenSession,
    Place,
    class_of_branch,
    is_word,
    place_digests,
    session_id,
)
from buildlog_git.core.session_events import Ending, Session, SessionEnd
from buildlog_git.core.trial import compete
from buildlog_git.flows.alwaysread import always_read
from buildlog_git.flows.beliefs import policy_of
from buildlog_git.flows.context import Context
from buildlog_git.flows.rules import Rules, read_rules
from buildlog_git.gitio.worktrees import worktree_top


class Begun(NamedTuple):
    """A session that began, the facts that say so, and what was wrong with rule files."""

    session: OpenSession
    events: tuple[Session | SessionEnd, ...]
    problems: tuple[str, ...]


def begin(
    context: Context,
    clone: str,
    place: Place,
    base: Oid,
    at: int,
    asked: Asked,
    waiting: Iterable[Session | SessionEnd],
) -> Begun:
    """Return the session that begins at a place and base.

    One that the ledger knows as begun and not ended is the same one, whose file was lost;
    where a person asks for something else, it ends. One that is forgotten is over: nothing more
    can be written of it. ``waiting`` are facts on their way to the
    ledger.
    """
    top = worktree_top(context.repo, place.worktree)
    rules = read_rules(top)
    drawable: Rules | None = None  # what it takes to know is read for a draw alone
    told = (*context.ledger.about(base), *waiting)
    known = {event.session: event for event in told if isinstance(event, Session)}
    over = {event.session for event in told if isinstance(event, SessionEnd)}
    gone = forgotten(told)
    events: list[Session | SessionEnd] = []
    for ordinal in count():
        name = session_id(clone, place, base, ordinal)
        if name in over or event_id("session", name) in gone:
            continue
        before = known.get(name)
        event = before if asked == NOTHING_ASKED else None
        if event is None:
            drawable = drawable or _drawable(context, top, rules)
            event = _event(context, name, clone, place, base, at, asked, drawable)
        if before is None or _alike(before, event):
            events.append(before or event)
            break
        events.append(_cut_short(before, at, rules))
    begun = events[-1]
    assert isinstance(begun, Session)  # noqa: S101 - the loop ends with one
    session = OpenSession(
        begun.session, base, begun.at, max(at, begun.at), begun.error_class, begun.rules,
        rules.active, (), (asked.note,) if asked.note else (), *_texts(begun, rules),
        scopes=tuple("\n".join(rules.scope(rule)) for rule in begun.rules),
        held=tuple(rule for rule in begun.offered if rule not in begun.rules),
    )  # fmt: skip
    return Begun(session, tuple(events), (drawable or rules).problems)


def _drawable(context: Context, top: Path, rules: Rules) -> Rules:
    """Return the rules of a work tree, and why some of those on trial are not drawn."""
    standing = {**_rendered(top, rules), **always_read(top, rules.on_trial)}
    budget = context.settings.sessions.tokens
    dear = compete(rules.trials, GENERAL, most=0, k=0, budget=budget).too_dear
    return rules._replace(
        never_off=frozenset(standing),
        problems=(
            *rules.problems,
            *(f"{r} is not drawn: agents read it in {where} in any case"
              for r, where in standing.items()),
            *(f"{r} is not drawn: it alone costs more than buildlog.session.tokens" for r in dear),
        ),
    )  # fmt: skip


def _rendered(top: Path, rules: Rules) -> dict[str, str]:
    """Return the rules on trial that were pinned once and that a committed file still has."""
    if not rules.on_trial:
        return {}
    from buildlog_git.core.targets import TARGETS
    from buildlog_git.flows.teamfiles import pinned_in_files

    found = pinned_in_files(top.resolve(), TARGETS, (rule.id for rule in rules.on_trial))
    return {name: rule.path for name, rule in found.items()}


def _texts(begun: Session, rules: Rules) -> tuple[tuple[str, ...], int]:
    """Return the digest of each rule's text that is on, and how many rules with a text could be."""
    known = dict(zip(begun.offered, begun.texts, strict=False))
    texts = {r: known.get(r) or rules.candidate(r).text for r in (*begun.offered, *begun.forced)}
    return tuple(texts[rule] for rule in begun.rules), sum(map(bool, texts.values()))


def _event(
    context: Context,
    name: str,
    clone: str,
    place: Place,
    base: Oid,
    at: int,
    asked: Asked,
    rules: Rules,
) -> Session:
    branch, worktree = place_digests(place)
    error_class = asked.error_class
    if error_class is None or not is_word(error_class):
        error_class = class_of_branch(place.branch, context.settings.sessions.classes)
    wanted = _wanted(context, asked, rules, error_class)
    policy = policy_of(context, error_class)
    drawn: dict[str, Any] = draw(name, wanted, policy)._asdict()
    return Session(
        commit=base, at=at, session=name, branch=branch, clone=clone, worktree=worktree,
        error_class=error_class, **drawn,
    )  # fmt: skip


def _wanted(context: Context, asked: Asked, rules: Rules, error_class: str) -> Wanted:
    settings = context.settings.sessions
    named = [rules.candidate(rule) for rule in asked.rules]
    seeds = [rules.candidate(rule) for rule in asked.seeds]
    k = settings.k if asked.k is None else asked.k
    competing = compete(rules.trials, error_class, most=settings.trial, k=k, budget=settings.tokens)
    offered: dict[str, Candidate] = {c.rule: c for c in (*(named or competing.candidates), *seeds)}
    return Wanted(
        candidates=tuple(offered.values()),
        k=k if named else competing.k,
        holdout=settings.holdout,
        forced=tuple(rules.candidate(rule) for rule in dict.fromkeys(asked.forced)),
        seeds=(*asked.seeds, *(r.id for r in rules.rules if r.seed and r.id in offered)),
        removed=asked.removed,
        pinned=rules.pinned,
    )


def _alike(known: Session, event: Session) -> bool:
    return (known.rules, known.digest, known.k, known.error_class, known.forced) == (
        event.rules, event.digest, event.k, event.error_class, event.forced,
    )  # fmt: skip


def _cut_short(begun: Session, at: int, rules: Rules) -> SessionEnd:
    return SessionEnd(
        commit=begun.commit, at=max(at, begun.at), session=begun.session, reason="command",
        rules_start=rules.active, rules_end=rules.active,
    )  # fmt: skip


def end_of(
    context: Context,
    place: Place,
    session: OpenSession,
    at: int,
    reason: Ending,
    *,
    note: str = "",
    entry: str | None = None,
) -> SessionEnd:
    """Return the fact that an open session has ended."""
    top = worktree_top(context.repo, place.worktree)
    return SessionEnd(
        commit=session.base, at=max(at, session.started), session=session.id, reason=reason,
        commits=len(session.commits), rules_start=session.rules_start,
        rules_end=read_rules(top).active, entry=redact(entry or "") or None,
        notes=redact("; ".join(filter(None, (*session.notes, note)))) or None,
    )  # fmt: skip
