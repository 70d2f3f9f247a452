"""Which rules are on in a session: drawn by chance, with the chance of each written down.

Only so can an effect be estimated and not only believed. Chance is a row of digests of a seed
made of the session's id and a digest of the candidates, so that every draw can be made again
from what its ``session`` event holds. With the probability ``holdout`` a session is a control:
no rule on trial is on. What a person forces on stands apart from the draw, which is made first.

Law: each candidate is drawn with the probability that is written down, which is above 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from buildlog_git.core.ids import digest_bytes, event_id

if TYPE_CHECKING:
    from buildlog_git.core.session_events import Arm

MOST = 256
"""Candidates that one draw may have: what a line of the ledger holds."""


class Chance:
    """Numbers by chance that a seed gives again."""

    def __init__(self, seed: str) -> None:
        self._seed = seed.encode("utf-8", "surrogateescape")
        self._count = 0

    def share(self) -> float:
        """Return a number from 0 to below 1, each as likely as the others."""
        digest = digest_bytes(b"%b\0%d" % (self._seed, self._count))
        self._count += 1
        return (int.from_bytes(digest[:8], "big") >> 11) / 2**53

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to below ``limit``."""
        return int(self.share() * limit)


class Candidate(NamedTuple):
    """A rule that may be on, and the digest of its text."""

    rule: str
    text: str = ""


class Chosen(NamedTuple):
    """What a policy chose, and how probable each of the offered rules was to be chosen."""

    rules: tuple[str, ...]
    probability: tuple[float, ...]


class Policy(Protocol):
    """A way to choose; a change of it that matters is a new version."""

    @property
    def name(self) -> str:
        """What it is called in the ledger."""

    @property
    def version(self) -> int:
        """Which one of that name."""

    def choose(self, offered: Sequence[str], k: int, chance: Chance) -> Chosen:
        """Choose at most ``k`` of the ``offered`` rules."""


class Uniform(NamedTuple):
    """Every set of k rules is as likely as any other."""

    name: str = "uniform"
    version: int = 1

    def choose(self, offered: Sequence[str], k: int, chance: Chance) -> Chosen:
        """Choose ``k`` of the rules, or all where there are not so many."""
        left = list(offered)
        size = min(k, len(left))
        rules = tuple(left.pop(chance.below(len(left))) for _ in range(size))
        share = size / len(offered) if offered else 0.0
        return Chosen(tuple(sorted(rules)), (share,) * len(offered))


UNIFORM = Uniform()


class Wanted(NamedTuple):
    """What a draw is to be made of; ``forced`` and ``seeds`` are rules that a person named."""

    candidates: tuple[Candidate, ...] = ()
    k: int = 0
    holdout: float = 0.0
    forced: tuple[Candidate, ...] = ()
    seeds: tuple[str, ...] = ()


class Draw(NamedTuple):
    """A draw, in the words of the ``session`` event."""

    offered: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    probability: tuple[float, ...] = ()
    arm: Arm = "uniform"
    k: int = 0
    policy: str = UNIFORM.name
    policy_version: int = UNIFORM.version
    digest: str = ""
    exposure: str = ""


def draw(session: str, wanted: Wanted, policy: Policy = UNIFORM) -> Draw:
    """Return the draw of the session called ``session``; always the same for the same arguments.

    The ``probability`` of a rule is that of being drawn before it is known whether the session
    is a control.
    """
    texts = dict(sorted(wanted.candidates)[:MOST])
    offered = tuple(texts)
    digest = digest_of("candidates", (f"{rule} {text}" for rule, text in texts.items()))
    chance = Chance(f"{session}\0{digest}")
    control = chance.share() < wanted.holdout and bool(offered)
    chosen = policy.choose(offered, wanted.k, chance)
    drawn = () if control else chosen.rules
    forced = dict(sorted(wanted.forced))
    on = {rule: texts.get(rule) or forced.get(rule, "") for rule in (*drawn, *forced)}
    arm: Arm = "control" if control else "uniform"
    return Draw(
        offered=offered,
        drawn=drawn,
        held=tuple(rule for rule in offered if rule not in drawn),
        forced=tuple(forced),
        seeds=tuple(sorted(set(wanted.seeds))),
        probability=tuple(share * (1 - wanted.holdout) for share in chosen.probability),
        arm="forced" if forced else arm,
        k=wanted.k,
        policy=policy.name,
        policy_version=policy.version,
        digest=digest,
        exposure=digest_of("exposure", sorted(on.values())),
    )


def digest_of(kind: str, parts: Iterable[str]) -> str:
    """Return 16 hex digits that name the parts in their order."""
    return event_id(kind, *parts)
