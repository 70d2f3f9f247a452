"""Sessions with what came of them: their drafts' rewards, their mistakes, their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeVar

from buildlog_git.core.choice import drawn_again
from buildlog_git.core.fold import Experiment, SessionRecord, fold
from buildlog_git.core.ids import Oid
from buildlog_git.core.mistakes import repeats
from buildlog_git.core.reward import RewardItem
from buildlog_git.core.session import OpenSession, Place
from buildlog_git.core.session_events import Arm, Ending, Mistake
from buildlog_git.errors import UsageError
from buildlog_git.flows.backends import chosen_similarity
from buildlog_git.flows.context import Context
from buildlog_git.flows.report import current_facts, report_on
from buildlog_git.flows.rewards import rewards_on
from buildlog_git.flows.selection import select
from buildlog_git.flows.session import Sessions
from buildlog_git.gitio.repo import head_commit

Item = TypeVar("Item")
BRANCHES = ("--branches", "HEAD")
"""What is looked at for the drafts of a session, which may be on any branch."""


@dataclass(frozen=True, slots=True)
class SessionItem:
    """A session and what came of it.

    ``branch`` is its name where the session is open here, else null: the ledger has a digest.
    ``duration`` is in seconds, up to now where the session is open. ``rewards`` counts its
    drafts that have one, ``reward`` is their mean. ``rules_start`` and ``rules_end`` count the
    rules of the repository, null where nobody has written it down yet; ``rules`` is the first of
    them, or the number of rules that the draw knew. ``probability`` is that of being drawn, for
    each of ``offered``; ``replayed`` says whether the draw, made again from its event alone, is
    the same, null where an early version did not write down enough. ``held`` were off by the
    draw, ``besides`` were off by it too, and agents could read them nevertheless: they were pinned
    meanwhile.
    """

    id: str
    state: Literal["open", "ended"]
    reason: Ending | None
    branch: str | None
    error_class: str
    base: Oid
    started: int
    ended: int | None
    duration: int
    arm: Arm
    k: int
    rules: int
    selected: tuple[str, ...]
    offered: tuple[str, ...]
    held: tuple[str, ...]
    besides: tuple[str, ...]
    forced: tuple[str, ...]
    removed: tuple[str, ...]
    seeds: tuple[str, ...]
    pinned: tuple[str, ...]
    probability: tuple[float, ...]
    holdout: float
    policy: str
    evidence: str
    replayed: bool | None
    commits: int
    drafts: int
    rewards: int
    reward: float | None
    mistakes: int
    repeats: int
    rules_start: int | None
    rules_end: int | None
    entry: str | None
    notes: str | None


def find_session(experiment: Experiment, name: str) -> SessionRecord:
    """Return the session of an id, or of the beginning of one.

    Raises:
        UsageError: there is none, or more than one.

    """
    found = [r for r in experiment.sessions if r.session.session.startswith(name or "-")]
    if len(found) != 1:
        many = "several sessions begin with" if found else "no session is called"
        raise UsageError(
            f"{many} {name}",
            slug="unknown-session",
            hint="git buildlog session list shows all of them",
        )
    return found[0]


class SessionsView:
    """The ledger's sessions, joined with the open ones here and with what came of them.

    With ``stored`` only the ledger is asked, else also what no scan has written yet.
    """

    def __init__(self, context: Context, *, stored: bool) -> None:
        self.context = context
        known = current_facts(context, stored=stored)
        self.history = known.history
        self.experiment: Experiment = fold(known.events)
        sessions = Sessions(context)
        places = {place: sessions.active(place) for place in sessions.places()}
        self.open: dict[str, tuple[Place, OpenSession]] = {
            session.id: (place, session) for place, session in places.items() if session
        }
        self.problems = sessions.problems

    @cached_property
    def repeated(self) -> Mapping[str, str]:
        """The ids of mistakes that repeat one, each with the id of the first such one."""
        return repeats(self.experiment.mistakes, chosen_similarity(self.context))

    @cached_property
    def rewards(self) -> tuple[RewardItem, ...]:
        """The rewards of all branches, the newest first."""
        if head_commit(self.context.repo.git) is None:
            return ()
        selection = select(self.context, BRANCHES, self.history)
        report = report_on(self.context, selection, self.experiment, self.history)
        return rewards_on(selection, self.experiment, report).rewards

    @cached_property
    def _rewards_of(self) -> Mapping[str | None, list[RewardItem]]:
        return grouped(self.rewards, lambda item: item.session)

    @cached_property
    def _mistakes_of(self) -> Mapping[str | None, list[Mistake]]:
        return grouped(self.experiment.mistakes, lambda mistake: mistake.session)

    def items(self) -> Iterator[SessionItem]:
        """Yield the sessions, newest first."""
        for record in reversed(self.experiment.sessions):
            yield self.item(record)

    def item(self, record: SessionRecord) -> SessionItem:
        """Return one session and what came of it."""
        begun, end = record.session, record.end
        place, local = self.open.get(begun.session, (None, None))
        until = end.at if end else self.context.now
        mine = self._rewards_of.get(begun.session, [])
        values = [item.reward for item in mine if item.reward is not None]
        mistakes = self._mistakes_of.get(begun.session, [])
        rules_start = end.rules_start if end else (local.rules_start if local else None)
        return SessionItem(
            id=begun.session,
            state="ended" if end else "open",
            reason=end.reason if end else None,
            branch=place.branch.removeprefix("refs/heads/") if place and not end else None,
            error_class=begun.error_class,
            base=begun.commit,
            started=begun.at,
            ended=end.at if end else None,
            duration=max(0, until - begun.at),
            arm=begun.arm,
            k=begun.k,
            rules=len({*begun.offered, *begun.forced}) if rules_start is None else rules_start,
            selected=begun.rules,
            offered=begun.offered,
            held=tuple(rule for rule in begun.held if rule not in record.besides),
            besides=tuple(sorted(record.besides)),
            forced=begun.forced,
            removed=begun.removed,
            seeds=begun.seeds,
            pinned=begun.pinned,
            probability=begun.probability,
            holdout=begun.holdout,
            policy=f"{begun.policy}/{begun.policy_version}",
            evidence=begun.evidence,
            replayed=drawn_again(begun) == begun.drawn if begun.weights else None,
            commits=end.commits if end else (len(local.commits) if local else 0),
            drafts=sum(item.agent is not None for item in mine),
            rewards=len(values),
            reward=sum(values) / len(values) if values else None,
            mistakes=len(mistakes),
            repeats=sum(mistake.id in self.repeated for mistake in mistakes),
            rules_start=rules_start,
            rules_end=end.rules_end if end else None,
            entry=end.entry if end else None,
            notes=end.notes if end else ("; ".join(local.notes) or None if local else None),
        )


def grouped(
    items: Iterable[Item], key: Callable[[Item], str | None]
) -> dict[str | None, list[Item]]:
    """Return the items by their key, each group in their order."""
    groups: dict[str | None, list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return groups
