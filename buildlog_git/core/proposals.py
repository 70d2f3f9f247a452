"""Rules that a repository's own history suggests, each with its evidence.

From mistakes: one that was made again, and that no active rule is said to prevent, becomes
"do not repeat it". From notes: what people wrote of a session, where it asks for something. A
back end may read both in place of that (:mod:`.extraction`). From revisions: a folder in which
people revise the agents' drafts clearly more than elsewhere becomes a call for care there. All
are observed and not randomised: whether such a rule helps, only its trial can tell.

A folder stands out where at least five drafts touch it and five do not, and their mean distance
is above that of the others by 0.1 and by two standard errors of the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, variance
from typing import Literal

from buildlog_git.core.cutting import cut, slug, summary
from buildlog_git.core.extraction import Extracted, Note
from buildlog_git.core.ids import Oid, event_id
from buildlog_git.core.meaning import Meaning, meaning_of, same
from buildlog_git.core.mistakes import Similarity, repeats
from buildlog_git.core.rules import Rule, has_control
from buildlog_git.core.session import GENERAL
from buildlog_git.core.session_events import Mistake

ENOUGH = 5
"""Drafts on either side of a comparison."""
MORE = 0.1
ERRORS = 2.0
MOST_FOLDERS = 5
DEPTH = 2
"""Parts of a path that name a folder."""

Reason = Literal["mistakes", "notes", "extraction", "revisions"]
Status = Literal["pending", "promoted", "rejected"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A rule that is suggested.

    ``evidence`` are ids of mistakes or of drafts, ``count`` is their number, ``why`` says what
    they show. It was ``promoted`` where a rule of its id is active, ``rejected`` where that is
    retired.
    """

    id: str
    title: str
    text: str
    error_class: str
    scope: tuple[str, ...]
    reason: Reason
    why: str
    count: int
    evidence: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class Touched:
    """A measured draft: its distance, and the paths that it changed."""

    commit: Oid
    distance: float
    paths: frozenset[str]


def from_mistakes(
    mistakes: Sequence[Mistake],
    rules: Mapping[str, Rule],
    similarity: Similarity | None = None,
) -> list[Proposal]:
    """Return a proposal for each mistake that was repeated, the most frequent first.

    Args:
        mistakes: all of them, by time.
        rules: the repository's rules by id.
        similarity: a back end that says which are alike, None for their words.

    """
    first_of = repeats(mistakes, similarity)
    groups: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        groups.setdefault(first_of.get(mistake.id, mistake.id), []).append(mistake)
    found = [
        _from_group(group, rules)
        for group in groups.values()
        if len(group) > 1 and not _prevented(group, rules) and not has_control(_said(group[0]))
    ]
    return sorted(found, key=lambda proposal: (-proposal.count, proposal.id))


def _prevented(group: Iterable[Mistake], rules: Mapping[str, Rule]) -> bool:
    named = (rules.get(mistake.corrected_by or "") for mistake in group)
    return any(rule is not None and rule.active for rule in named)


def _from_group(group: Sequence[Mistake], rules: Mapping[str, Rule]) -> Proposal:
    first = group[0]
    said = _said(first)
    name = "-".join(filter(None, ("not-again", slug(said)[:40].rstrip("-"), first.id[:4])))
    sessions = {mistake.session for mistake in group if mistake.session}
    return Proposal(
        id=name,
        title=summary(f"Not again: {said}"),
        text=f"Do not repeat this mistake, which was made {len(group)} times here: {said}",
        error_class=first.error_class,
        scope=(),
        reason="mistakes",
        why=f"made {len(group)} times, in {len(sessions)} sessions",
        count=len(group),
        evidence=tuple(mistake.id for mistake in group),
        status=_status(name, rules),
    )


def _said(mistake: Mistake) -> str:
    return " ".join(mistake.description.split())


def from_notes(notes: Sequence[Note], rules: Mapping[str, Rule]) -> list[Proposal]:
    """Return a proposal for each thing that notes ask for, what most of them ask for first.

    Args:
        notes: what people wrote of their sessions, by time.
        rules: the repository's rules by id.

    """
    found: list[tuple[Extracted, Meaning]] = []
    for note in notes:
        for piece in cut(note.text).pieces:
            meaning = meaning_of(piece.text)
            there = next((n for n, (_, its) in enumerate(found) if same(meaning, its)), None)
            if there is None:
                one = Extracted(piece.text, piece.title, note.error_class, (note.id,))
                found.append((one, meaning))
                continue
            one, its = found[there]
            ids = tuple(dict.fromkeys((*one.evidence, note.id)))
            found[there] = one._replace(evidence=ids), its
    return from_extracted((one for one, _ in found), rules, "notes")


def from_extracted(
    found: Iterable[Extracted], rules: Mapping[str, Rule], reason: Reason
) -> list[Proposal]:
    """Return a proposal for each rule that was read out of notes, the best founded first.

    What an active rule says already is left out.
    """
    said = [(rule.id, meaning_of(rule.text)) for rule in rules.values() if rule.active]
    proposals = []
    for one in found:
        name = "-".join(filter(None, (slug(one.text), event_id("said", one.text)[:4])))
        meaning = meaning_of(one.text)
        if any(same(meaning, its) and other != name for other, its in said):
            continue
        count = len(one.evidence)
        proposals.append(Proposal(
            id=name, title=one.title, text=one.text, error_class=one.error_class, scope=(),
            reason=reason, why=_why_said(reason, count), count=count, evidence=one.evidence,
            status=_status(name, rules),
        ))  # fmt: skip
    return sorted(proposals, key=lambda proposal: (-proposal.count, proposal.id))


def _why_said(reason: Reason, count: int) -> str:
    if reason == "notes":
        return f"said in the notes of {count} session{'s' if count != 1 else ''}"
    return f"read out of {count} mistake{'s' if count != 1 else ''} or notes"


def from_revisions(drafts: Sequence[Touched], rules: Mapping[str, Rule]) -> list[Proposal]:
    """Return a proposal for each folder that stands out, the one that does most first."""
    folders: dict[str, list[Touched]] = {}
    for draft in drafts:
        for folder in {name for path in draft.paths for name in _folders(path)}:
            folders.setdefault(folder, []).append(draft)
    found = []
    for folder, inside in folders.items():
        names = {draft.commit for draft in inside}
        outside = [draft for draft in drafts if draft.commit not in names]
        above = _above(inside, outside)
        if above is not None:
            found.append((above, folder, inside, outside))
    chosen: list[Proposal] = []
    taken: list[str] = []
    # Of folders with the same drafts the innermost says most.
    found.sort(key=lambda one: (-one[0], -one[1].count("/"), one[1]))
    for _, folder, inside, outside in found:
        nested = any(folder.startswith(f"{o}/") or o.startswith(f"{folder}/") for o in taken)
        if not nested and len(chosen) < MOST_FOLDERS:
            taken.append(folder)
            chosen.append(_from_folder(folder, inside, outside, rules))
    return chosen


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1][:DEPTH]
    return ["/".join(parts[: size + 1]) for size in range(len(parts))]


def _above(inside: Sequence[Touched], outside: Sequence[Touched]) -> float | None:
    """Return by how much the drafts inside are revised more; None where that is not clear."""
    if min(len(inside), len(outside)) < ENOUGH:
        return None
    mine, theirs = ([draft.distance for draft in drafts] for drafts in (inside, outside))
    above = mean(mine) - mean(theirs)
    error = sqrt(variance(mine) / len(mine) + variance(theirs) / len(theirs))
    return above if above >= MORE and above > ERRORS * error else None


def _from_folder(
    folder: str, inside: Sequence[Touched], outside: Sequence[Touched], rules: Mapping[str, Rule]
) -> Proposal:
    here, there = (mean(draft.distance for draft in drafts) for drafts in (inside, outside))
    name = f"care-in-{slug(folder) or event_id('folder', folder)[:8]}"
    return Proposal(
        id=name,
        title=summary(f"Take care in {folder}"),
        text=(
            f"Before you change files in `{folder}/`, read the code around the change and the last "
            "commits there, and match them: people revise what agents write there more than "
            "elsewhere."
        ),
        error_class=GENERAL,
        scope=(f"{folder}/**",),
        reason="revisions",
        why=f"distance {here:.2f} in {len(inside)} drafts there, {there:.2f} in "
        f"{len(outside)} elsewhere; observed, not randomised",
        count=len(inside),
        evidence=tuple(draft.commit for draft in inside),
        status=_status(name, rules),
    )


def _status(name: str, rules: Mapping[str, Rule]) -> Status:
    rule = rules.get(name)
    if rule is None:
        return "pending"
    return "promoted" if rule.active else "rejected"
