"""Which rules are on in a session: drawn by chance, with the chance of each written down.

Only so can an effect be estimated and not only believed. A policy says with which weight each
candidate is to be on; the draw then takes rules one against the other (the pivotal method of
Deville and Tille, Biometrika 85, 1998), so that each is on with exactly its weight, whatever the
weights are. Chance is a row of digests of a seed made of the session's id, the candidates with
their texts, and the evidence that the policy had: a draw can be made again from what its
``session`` event holds, and from nothing else (:func:`drawn_again`). With the probability
``holdout`` a session is a control: no rule on trial is on. What a person forces on or takes off
stands apart from the draw, which is made first.

Law: each candidate is drawn with the probability that is written down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, NamedTuple, Protocol

from buildlog_git.core.ids import digest_bytes, event_id

if TYPE_CHECKING:
    from buildlog_git.core.session_events import Arm, Session

MOST = 256
"""Candidates that one draw may have: what a line of the ledger holds."""


_WORDS = Struct(">4Q").unpack


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

    def shares(self, count: int) -> list[float]:
        """Return many numbers as :meth:`share` gives them, from a fourth of the digests."""
        numbers: list[float] = []
        for _ in range((count + 3) // 4):
            digest = digest_bytes(b"%b\0%d" % (self._seed, self._count))
            self._count += 1
            numbers += [(word >> 11) / 2**53 for word in _WORDS(digest)]
        return numbers[:count]

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to below ``limit``."""
        return int(self.share() * limit)


class Candidate(NamedTuple):
    """A rule that may be on, and the digest of its text."""

    rule: str
    text: str = ""


class Policy(Protocol):
    """A way to choose; a change of it that matters is a new version."""

    @property
    def name(self) -> Arm:
        """What it is called in the ledger."""

    @property
    def version(self) -> int:
        """Which one of that name."""

    @property
    def explore(self) -> float:
        """How much it tries what it does not know: 0 for one that does not ask."""

    @property
    def evidence(self) -> str:
        """A digest of the facts that it knows; empty for one that knows none."""

    def weigh(self, offered: Sequence[Candidate], k: int, chance: Chance) -> Sequence[float]:
        """Return with which probability each of the ``offered`` rules is to be on.

        Each from 0 to 1, in the order of ``offered``; their sum is at most ``k``.
        """


class Uniform(NamedTuple):
    """Every rule is as likely as any other."""

    name: Arm = "uniform"
    version: int = 1
    explore: float = 0.0
    evidence: str = ""

    def weigh(self, offered: Sequence[Candidate], k: int, chance: Chance) -> Sequence[float]:  # noqa: ARG002 - it needs no chance
        """Return k of n for each rule, or 1 where there are not so many."""
        return [min(k, len(offered)) / len(offered) for _ in offered]


UNIFORM = Uniform()


class Wanted(NamedTuple):
    """What a draw is to be made of.

    ``forced``, ``removed`` and ``seeds`` are rules that a person named: to be on, to be off, to
    be offered. ``pinned`` rules are on in any case.
    """

    candidates: tuple[Candidate, ...] = ()
    k: int = 0
    holdout: float = 0.0
    forced: tuple[Candidate, ...] = ()
    seeds: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()


class Draw(NamedTuple):
    """A draw, in the words of the ``session`` event."""

    offered: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    drawn: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    forced: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    probability: tuple[float, ...] = ()
    arm: Arm = "uniform"
    k: int = 0
    holdout: float = 0.0
    policy: str = UNIFORM.name
    policy_version: int = UNIFORM.version
    explore: float = 0.0
    evidence: str = ""
    digest: str = ""
    exposure: str = ""


def draw(session: str, wanted: Wanted, policy: Policy = UNIFORM) -> Draw:
    """Return the draw of the session called ``session``; always the same for the same arguments.

    The ``probability`` of a rule is that of being drawn before it is known whether the session
    is a control, its ``weight`` that of being drawn where it is none.
    """
    offered = [Candidate(*pair) for pair in sorted(dict(wanted.candidates).items())[:MOST]]
    rules = tuple(candidate.rule for candidate in offered)
    digest = digest_of_candidates(offered)
    chance = Chance(f"{session}\0{digest}\0{policy.evidence}\0weights")
    weights = tuple(policy.weigh(offered, wanted.k, chance)) if offered else ()
    control, drawn = _take(session, digest, policy.evidence, rules, weights, wanted.holdout)
    forced = dict(sorted(wanted.forced))
    removed = tuple(sorted(set(wanted.removed) & set(drawn) - forced.keys()))
    texts = dict(offered)
    on = {rule for rule in (*drawn, *forced) if rule not in removed}
    overridden = bool(forced or removed)
    return Draw(
        offered=rules,
        texts=tuple(texts.values()),
        drawn=drawn,
        held=tuple(rule for rule in rules if rule not in drawn),
        forced=tuple(forced),
        removed=removed,
        pinned=tuple(sorted(set(wanted.pinned)))[:MOST],
        seeds=tuple(sorted(set(wanted.seeds))),
        weights=weights,
        probability=tuple(weight * (1 - wanted.holdout) for weight in weights),
        arm="forced" if overridden else "control" if control else policy.name,
        k=wanted.k,
        holdout=wanted.holdout,
        policy=policy.name,
        policy_version=policy.version,
        explore=policy.explore,
        evidence=policy.evidence,
        digest=digest,
        exposure=exposure_of(texts.get(rule) or forced.get(rule, "") for rule in on),
    )


def drawn_again(event: Session) -> tuple[str, ...]:
    """Return the rules that the draw of a session took, from what its event holds."""
    _, drawn = _take(
        event.session, event.digest, event.evidence, event.offered, event.weights, event.holdout
    )
    return drawn


def _take(
    session: str,
    digest: str,
    evidence: str,
    rules: Sequence[str],
    weights: Sequence[float],
    holdout: float,
) -> tuple[bool, tuple[str, ...]]:
    """Return whether the session is a control, and the rules that are drawn."""
    chance = Chance(f"{session}\0{digest}\0{evidence}")
    control = chance.share() < holdout and bool(rules)
    taken = [] if control else pivotal(weights, chance)
    return control, tuple(sorted(rules[number] for number in taken))


_CERTAIN = 1e-9
"""What sums of weights may be off by rounding."""


def pivotal(weights: Sequence[float], chance: Chance) -> list[int]:
    """Return the numbers of the units taken, each with the probability that is its weight.

    Two units at a time meet: one of them takes the weight of both, up to 1, and what is left
    goes on against the next. As many are taken as the weights sum up to, give or take one.
    """
    order = list(range(len(weights)))
    met: list[tuple[int, float]] = []
    taken = []
    while order:
        unit = order.pop(chance.below(len(order)))
        met.append((unit, weights[unit]))
        if len(met) == 1:
            continue
        (one, its), (other, others) = met
        total = its + others
        if total < 1:
            stays = one if chance.share() * total < its else other
            met = [(stays, total)]
        else:
            first = chance.share() * (2 - total) < 1 - others
            taken.append(one if first else other)
            met = [(other if first else one, total - 1)]
    taken += [unit for unit, weight in met if chance.share() < _settled(weight)]
    return taken


def _settled(weight: float) -> float:
    if weight < _CERTAIN:
        return 0.0
    return 1.0 if weight > 1 - _CERTAIN else weight


def exposure_of(texts: Iterable[str]) -> str:
    """Return a digest of the texts (each by its own digest) that are on."""
    return digest_of("exposure", sorted(texts))


def digest_of_candidates(offered: Iterable[tuple[str, str]]) -> str:
    """Return a digest of the rules that a draw was made of, each with its text."""
    return digest_of("candidates", (f"{rule} {text}" for rule, text in offered))


def digest_of(kind: str, parts: Iterable[str]) -> str:
    """Return 16 hex digits that name the parts in their order."""
    return event_id(kind, *parts)
