"""Rewards: what a draft is worth to the rules that were on, from 0 (rejected) to 1 (kept).

    reward = 1 - revision distance

What a person, a message or CI says of a draft stands above what was measured; the measured
distance stays beside it. Accepted is worth 1, rejected 0, a revision 1 - distance, and a half
where nobody says how much.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.fold import Experiment
from buildlog_git.core.ids import Oid
from buildlog_git.core.report import DraftItem
from buildlog_git.core.session import GENERAL
from buildlog_git.core.session_events import Given, Reward, Session

HALF = 0.5
"""The distance of a revision of which nobody says how great it is."""
_REASONS = {"person": "said by a person", "trailer": "said in a message", "ci": "said by CI"}


@dataclass(frozen=True, slots=True)
class RewardItem:
    """One draft's reward so far; null while nothing has judged it or nothing can be measured.

    ``distance`` is what was measured; ``source`` says whose word the outcome and the reward
    are: git's measurement or what somebody gave, ``given`` times. ``judged_by`` is the last
    commit that changed the draft, or whose message says the reward. An item without an agent is
    a reward that somebody gave for no draft.
    """

    commit: Oid
    at: int
    agent: str | None
    session: str | None
    error_class: str
    rules: tuple[str, ...]
    outcome: Outcome
    distance: float | None
    reward: float | None
    state: State
    reason: str
    judged_by: Oid | None
    source: Literal["git", "person", "trailer", "ci"]
    given: int


@dataclass(frozen=True, slots=True)
class Rewards:
    """The rewards of a range, newest first; the counts and the mean are of all that have one.

    ``open`` drafts are judged by nothing yet, ``unmeasurable`` ones too small or replaced by
    agents. ``rewards`` may be fewer, where a limit was asked for.
    """

    range: str
    total: int
    accepted: int
    revisions: int
    rejected: int
    mean: float | None
    open: int
    unmeasurable: int
    rewards: tuple[RewardItem, ...]


def reward_of(outcome: Given, distance: float | None) -> float:
    """Return what an outcome is worth."""
    if outcome == "revision":
        return 1 - (HALF if distance is None else distance)
    return 1.0 if outcome == "accepted" else 0.0


def build_rewards(
    name: str,
    drafts: Iterable[DraftItem],
    experiment: Experiment,
    *,
    selected: Container[Oid],
    classes: Mapping[Oid, str],
    limit: int | None = None,
) -> Rewards:
    """Return the rewards of drafts.

    Args:
        name: how the range is called.
        drafts: as the report has them.
        experiment: all that is known.
        selected: the commits in range, for what was given for no draft.
        classes: what messages say that a commit's error class is.
        limit: how many to list.

    """
    sessions = {record.session.session: record.session for record in experiment.sessions}
    given: defaultdict[Oid, list[Reward]] = defaultdict(list)
    for reward in experiment.rewards:
        given[reward.draft or reward.commit].append(reward)
    items = []
    seen: set[Oid] = set()
    for draft in drafts:
        versions = (draft.commit, *draft.homes)
        seen.update(versions)
        said = sorted((r for v in versions for r in given.get(v, ())), key=_when)
        error_class = next((classes[v] for v in versions if v in classes), None)
        item = _measured(draft, sessions.get(draft.session or ""), error_class)
        items.append(_overridden(item, said))
    for oid, said in given.items():
        if oid not in seen and oid in selected:
            items += [_alone(oid, reward) for reward in said]
    items.sort(key=lambda item: (-item.at, item.commit))
    return _summary(name, items, limit)


def _when(reward: Reward) -> tuple[int, str, str]:
    return (reward.at, reward.nonce, reward.id)


def _measured(draft: DraftItem, session: Session | None, error_class: str | None) -> RewardItem:
    judged = draft.state != "open" and draft.outcome != "unmeasurable"
    people = [revision.commit for revision in draft.revisions if revision.by == "person"]
    return RewardItem(
        commit=draft.commit,
        at=draft.at,
        agent=draft.agent,
        session=draft.session,
        error_class=error_class or (session.error_class if session else GENERAL),
        rules=session.rules if session else (),
        outcome=draft.outcome,
        distance=draft.distance,
        reward=1 - draft.distance if judged and draft.distance is not None else None,
        state=draft.state,
        reason=draft.reason,
        judged_by=people[-1] if people else None,
        source="git",
        given=0,
    )


def _overridden(item: RewardItem, said: Sequence[Reward]) -> RewardItem:
    if not said:
        return item
    last = said[-1]
    told = last.error_class if last.error_class != GENERAL else item.error_class
    return replace(
        item,
        session=item.session or last.session,
        error_class=told,
        rules=last.rules or item.rules,
        outcome=last.outcome,
        reward=reward_of(last.outcome, last.distance),
        reason=_REASONS[last.source],
        judged_by=last.declared or item.judged_by,
        source=last.source,
        given=len(said),
    )


def _alone(oid: Oid, reward: Reward) -> RewardItem:
    return RewardItem(
        commit=oid,
        at=reward.at,
        agent=None,
        session=reward.session,
        error_class=reward.error_class,
        rules=reward.rules,
        outcome=reward.outcome,
        distance=reward.distance,
        reward=reward_of(reward.outcome, reward.distance),
        state="settled",
        reason=_REASONS[reward.source],
        judged_by=reward.declared,
        source=reward.source,
        given=1,
    )


def _summary(name: str, items: Sequence[RewardItem], limit: int | None) -> Rewards:
    values = [item.reward for item in items if item.reward is not None]
    counts = Counter(item.outcome for item in items if item.reward is not None)
    without = [item for item in items if item.reward is None]
    return Rewards(
        range=name,
        total=len(values),
        accepted=counts["accepted"],
        revisions=counts["revision"],
        rejected=counts["rejected"],
        mean=sum(values) / len(values) if values else None,
        open=sum(item.outcome != "unmeasurable" for item in without),
        unmeasurable=sum(item.outcome == "unmeasurable" for item in without),
        rewards=tuple(items if limit is None else items[: max(0, limit)]),
    )
