"""What ``rewards`` and ``reward`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.moments import day_of
from buildlog_git.render.page import Column
from buildlog_git.render.words import OUTCOMES, counted, distance_text, safe, short

if TYPE_CHECKING:
    from buildlog_git.core.reward import RewardItem, Rewards
    from buildlog_git.flows.rewards import GivenReward
    from buildlog_git.render.page import Page


def write_rewards(page: Page, rewards: Rewards) -> None:
    """Write the rewards, a line each."""
    mean = f"mean {distance_text(rewards.mean)}" if rewards.mean is not None else "no mean"
    page.line(
        (f"Rewards of {safe(rewards.range)}: ", "bold"),
        f"{rewards.total:,} ({mean}; 1 = kept as written, 0 = rejected)",
    )
    parts = [
        f"{rewards.accepted:,} accepted", f"{rewards.revisions:,} revised",
        f"{rewards.rejected:,} rejected", f"{rewards.open:,} open",
        f"{rewards.unmeasurable:,} not measurable",
    ]  # fmt: skip
    page.line(", ".join(parts))
    if not rewards.rewards:
        return
    page.blank()
    columns = (
        Column("COMMIT", style="yellow"), Column("DAY"), Column("AGENT", style="cyan"),
        Column("REWARD", right=True), Column("DISTANCE", right=True), Column("OUTCOME"),
        Column("STATE"), Column("CLASS"), Column("RULES", names=True),
    )  # fmt: skip
    page.table(columns, (_row(item) for item in rewards.rewards))


def _row(item: RewardItem) -> tuple[str, ...]:
    by_whom = "" if item.source == "git" else f" ({item.source})"
    outcome = "" if item.reward is None and item.state == "open" else OUTCOMES[item.outcome]
    return (
        short(item.commit), day_of(item.at), safe(item.agent or "-"), distance_text(item.reward),
        distance_text(item.distance), outcome + by_whom, item.state, safe(item.error_class),
        safe(" ".join(item.rules)),
    )  # fmt: skip


def write_given(page: Page, given: GivenReward) -> None:
    """Say what was written down."""
    about = f"draft {short(given.draft)}" if given.draft else f"commit {short(given.commit)}"
    outcome = OUTCOMES[given.outcome].capitalize()
    page.sentence(
        f"{outcome}: reward {distance_text(given.reward)} for {about}, "
        f"class {safe(given.error_class)}, {counted(len(given.rules), 'rule')}."
    )
    if given.draft is None:
        session = "it counts for the session alone" if given.session else "and no session is open"
        page.sentence(f"It is about no draft: {session}.")
