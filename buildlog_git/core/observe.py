"""From what the ledger tells to what the learning sees: one observation a session.

A session counts as randomised only where both laws hold of it: the probabilities of its draw
were written down and give that draw again, and what its agents could read was shown all the
time, to just these agents, and is what was to be on. All others are only observed. A reward that
somebody gave outside of any session, for rules that they named, is an observation of its own, and
as if these rules had been forced.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.choice import digest_of_candidates, drawn_again
from buildlog_git.core.fold import Experiment, SessionRecord
from buildlog_git.core.ids import Oid
from buildlog_git.core.observation import Observation, RuleText
from buildlog_git.core.report import DraftItem
from buildlog_git.core.reward import RewardItem
from buildlog_git.core.session_events import Session


@dataclass(frozen=True, slots=True)
class Exposed:
    """How many sessions there are, and of how many it is known what their agents had.

    ``observed`` sessions have no draw whose probabilities are known, ``unconfirmed`` ones had a
    draw that was not (or not always) what agents could read.
    """

    sessions: int = 0
    confirmed: int = 0
    unconfirmed: int = 0
    observed: int = 0


def observe(
    experiment: Experiment, drafts: Iterable[DraftItem], rewards: Iterable[RewardItem]
) -> tuple[Observation, ...]:
    """Return the observations that an experiment holds, by the sessions' ids.

    Args:
        experiment: what the ledger tells.
        drafts: the drafts as a report has them.
        rewards: their rewards, and those that were given for no draft.

    """
    by_session: defaultdict[str, list[RewardItem]] = defaultdict(list)
    alone = []
    for item in rewards:
        if item.session is not None:
            by_session[item.session].append(item)
        elif item.rules and item.reward is not None:
            alone.append(item)
    known = {draft.commit: draft for draft in drafts}
    logged = _logged(experiment)
    found = [
        _of_session(record, by_session[record.session.session], known, logged)
        for record in experiment.sessions
    ]
    return tuple(sorted((*found, *map(_of_reward, alone)), key=lambda o: (o.session, o.at)))


def exposed(experiment: Experiment, observations: Iterable[Observation]) -> Exposed:
    """Return of how many sessions it is known what their agents had."""
    fair = {observation.session for observation in observations if observation.randomised}
    drawn = [record.session.session for record in experiment.sessions if record.session.weights]
    confirmed = sum(name in fair for name in drawn)
    count = len(experiment.sessions)
    return Exposed(count, confirmed, len(drawn) - confirmed, count - len(drawn))


def is_drawn(begun: Session) -> bool:
    """Return whether what was on is the draw that its event tells of, and no rule was always on.

    Events are also what others write: a draw that cannot be made again is only somebody's word.
    """
    return (
        bool(begun.weights and begun.texts)  # early versions wrote no texts, so may others
        and begun.digest == digest_of_candidates(zip(begun.offered, begun.texts, strict=True))
        and drawn_again(begun) == begun.drawn
        and not {*begun.offered} & {*begun.pinned}
    )


def is_confirmed(record: SessionRecord, agents: Iterable[str] = ()) -> bool:
    """Return whether ``agents`` could read all the time just what was to be on in a session."""
    return bool(record.exposures) and all(
        event.state == "shown"
        and event.exposure == record.session.exposure
        and set(event.targets).issuperset(agents)
        for event in record.exposures
    )


def _of_session(
    record: SessionRecord,
    items: Sequence[RewardItem],
    known: Mapping[Oid, DraftItem],
    logged: Mapping[str, tuple[Mapping[str, int], int]],
) -> Observation:
    begun = record.session
    drafts = [known[item.commit] for item in items if item.commit in known]
    texts = dict(zip(begun.offered, begun.texts, strict=False))
    forced = {*begun.forced, *begun.removed, *record.besides}
    counts, first = logged.get(begun.clone, ({}, 0))
    mistakes = counts.get(begun.session, 0) if counts and begun.at >= first else None
    agents = Counter(item.agent for item in items if item.agent)
    return Observation(
        session=begun.session,
        at=begun.at,
        error_class=begun.error_class,
        offered=tuple(RuleText(rule, texts.get(rule, "")) for rule in begun.offered),
        drawn=tuple(
            RuleText(rule, texts.get(rule, "")) for rule in begun.drawn if rule not in begun.removed
        ),
        forced=tuple(RuleText(rule, texts.get(rule, "")) for rule in sorted(forced)),
        seeds=frozenset(begun.seeds),
        agent=min(agents, key=lambda name: (-agents[name], name)) if agents else "",
        randomised=is_drawn(begun) and is_confirmed(record, agents),
        control=not begun.drawn and bool(begun.offered) and begun.arm == "control",
        rewards=tuple(sorted(item.reward for item in items if item.reward is not None)),
        censored=sum(item.reward is None and item.outcome != "unmeasurable" for item in items),
        mistakes=mistakes,
        tokens=sum(draft.tokens for draft in drafts) / len(drafts) if drafts else 0.0,
        fixups=sum(rev.by == "person" for draft in drafts for rev in draft.revisions),
    )


def _of_reward(item: RewardItem) -> Observation:
    return Observation(
        session=f"reward of {item.commit}",
        at=item.at,
        error_class=item.error_class,
        forced=tuple(RuleText(rule) for rule in sorted(set(item.rules))),
        agent=item.agent or "",
        randomised=False,
        rewards=() if item.reward is None else (item.reward,),
    )


def _logged(experiment: Experiment) -> dict[str, tuple[dict[str, int], int]]:
    """Return the mistakes by session of each clone that logs some, and when it began to.

    A session without a mistake says something only where people write mistakes down. They do
    from the session on in which they first did.
    """
    clones = {r.session.session: (r.session.clone, r.session.at) for r in experiment.sessions}
    found: dict[str, tuple[dict[str, int], int]] = {}
    for mistake in experiment.mistakes:
        if mistake.session not in clones:
            continue
        clone, began = clones[mistake.session]
        counts, first = found.get(clone, ({}, began))
        counts[mistake.session] = counts.get(mistake.session, 0) + 1
        found[clone] = (counts, min(first, began))
    return found
