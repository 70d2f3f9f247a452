"""Rewards: those of a range, and one that a person gives by hand."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from buildlog_git.core.fold import Experiment, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.redact import redact
from buildlog_git.core.report import Report
from buildlog_git.core.reward import Rewards, build_rewards, reward_of
from buildlog_git.core.session import GENERAL, OpenSession, Place, is_word
from buildlog_git.core.session_events import Given, Reward
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.declared import classes_told
from buildlog_git.flows.meantdraft import draft_at, draft_at_hand
from buildlog_git.flows.report import current_facts, report_on
from buildlog_git.flows.scan import refuse_options
from buildlog_git.flows.selection import Selection, select
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.repo import checked_out, resolve
from buildlog_git.gitio.worktrees import worktree_name


@dataclass(frozen=True, slots=True)
class GivenReward:
    """A reward that was written down; ``draft`` is null where the commit has none before it."""

    id: str
    commit: Oid
    draft: Oid | None
    at: int
    outcome: Given
    distance: float | None
    reward: float
    session: str | None
    error_class: str
    rules: tuple[str, ...]
    notes: str | None


def make_rewards(
    context: Context,
    revisions: Sequence[str] = (),
    *,
    stored: bool = False,
    limit: int | None = None,
) -> Rewards:
    """Return the rewards of the drafts in ``revisions``, HEAD's whole history by default.

    What no scan has written yet is looked up in history, without writing it; with ``stored``
    only the ledger is asked.

    Raises:
        UsageError: the range is unknown.

    """
    refuse_options(revisions)
    selection = select(context, revisions)
    stored = stored or not selection.commits
    known = current_facts(context, revisions, stored=stored)
    experiment = fold(known.events)
    report = report_on(context, selection, experiment, known.history)
    return rewards_on(selection, experiment, report, limit=limit)


def rewards_on(
    selection: Selection, experiment: Experiment, report: Report, *, limit: int | None = None
) -> Rewards:
    """Return the rewards of the drafts that ``report`` has of the selected commits."""
    return build_rewards(
        selection.name,
        report.drafts,
        experiment,
        selected=selection.made_by.keys(),
        classes=classes_told(selection.told),
        limit=limit,
    )


def give_reward(
    context: Context,
    outcome: Given,
    *,
    distance: float | None = None,
    commit: str | None = None,
    error_class: str | None = None,
    rules: Sequence[str] = (),
    note: str = "",
) -> GivenReward:
    """Write down what a person says of a draft, or of the nearest one before a commit.

    Where no commit is named it is about the work at hand; see :mod:`.meantdraft`. Class and rules
    are by default those of the draft's session, else of the open one.

    Raises:
        UsageError: the distance is no share, a name is no word, the commit is unknown, or no
            draft is at hand.
        LedgerError: the ledger cannot be read or written.

    """
    _refuse(distance, error_class, rules)
    oid = resolve(context.repo.git, commit or "HEAD")
    experiment = fold(context.ledger.read().by_id.values())
    active = _open_session(context)
    if commit is None:
        draft = draft_at_hand(context, experiment, oid, active)
    else:
        draft = draft_at(context, experiment, oid)
    session, its_class, its_rules = _session(experiment, draft, active)
    event = Reward(
        commit=oid, at=context.now, outcome=outcome, source="person", draft=draft,
        distance=distance, session=session, error_class=error_class or its_class,
        rules=tuple(dict.fromkeys(rules)) or its_rules, notes=redact(note) or None,
        # The clock only puts in order what is said within one second.
        nonce=f"{time.time_ns():016x}-{os.urandom(4).hex()}",
    )  # fmt: skip
    context.ledger.append([event])
    return GivenReward(
        event.id, oid, draft, event.at, outcome, distance, reward_of(outcome, distance),
        session, event.error_class, event.rules, event.notes,
    )  # fmt: skip


def _refuse(distance: float | None, error_class: str | None, rules: Sequence[str]) -> None:
    # Not a number compares as false with everything.
    if distance is not None and not 0 <= distance <= 1:
        raise UsageError(
            f"a distance is a number from 0 (kept) to 1 (nothing left): {distance:g}",
            slug="bad-distance",
            hint="for example: git buildlog reward revision --distance 0.3",
        )
    for word in (*rules, *([error_class] if error_class is not None else [])):
        refuse_no_word(word)


def refuse_no_word(word: str) -> None:
    """Refuse what can be no name.

    Raises:
        UsageError: it is not one word.

    """
    if not is_word(word):
        raise UsageError(
            f"not the name of a rule or class: {word}",
            slug="bad-name",
            hint="a name is one word of at most 64 letters, digits and . _ / + -",
        )


def _session(
    experiment: Experiment, draft: Oid | None, active: OpenSession | None
) -> tuple[str | None, str, tuple[str, ...]]:
    """Return the session that a reward belongs to, its class and its rules.

    That of the draft comes first: it tells which rules the agent really had.
    """
    names = {r.draft.session for r in experiment.drafts if r.draft.commit == draft}
    for record in experiment.sessions:
        if record.session.session in names:
            return record.session.session, record.session.error_class, record.session.rules
    return (active.id, active.error_class, active.rules) if active else (None, GENERAL, ())


def _open_session(context: Context) -> OpenSession | None:
    branch = checked_out(context.repo.git)
    place = Place(worktree_name(context.repo), branch or "")
    return Sessions(context).active(place) if branch else None
