"""What one session tells about the rules that were on in it.

The session is the unit: its drafts share a task, an agent and a draw, so that they are no
independent observations. All that the learning knows are these values; it does not matter
whether they come from a ledger or from a simulation.
"""

from __future__ import annotations

from typing import NamedTuple


class RuleText(NamedTuple):
    """A rule with one text (its digest): a rule that is reworded is another treatment."""

    rule: str
    text: str = ""


class Observation(NamedTuple):
    """One session, as the learning sees it.

    ``at`` is when it began (UTC, seconds). ``drawn`` are the rules on trial that were on because
    of the draw, ``forced`` those that a person put on or took off, ``offered`` all that the draw
    could take. ``randomised`` says that the draw's probabilities are known and that the agent is
    known to have had what was drawn; else the session is only observed. ``control`` says that by
    the draw no rule was to be on. ``rewards`` are those of its drafts that have one, from 0 to 1;
    ``censored`` counts the drafts that have none (yet). ``mistakes`` is None where nobody logs
    them. ``tokens`` is the mean size of its drafts, ``fixups`` how many commits of people
    changed them.
    """

    session: str
    at: int
    error_class: str
    offered: tuple[RuleText, ...] = ()
    drawn: tuple[RuleText, ...] = ()
    forced: tuple[RuleText, ...] = ()
    seeds: frozenset[str] = frozenset()
    agent: str = ""
    randomised: bool = True
    control: bool = False
    rewards: tuple[float, ...] = ()
    censored: int = 0
    mistakes: int | None = None
    tokens: float = 0.0
    fixups: int = 0
