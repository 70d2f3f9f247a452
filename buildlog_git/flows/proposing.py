"""Rules proposed from the repository's own history, taken up or turned down.

What became of a proposal is told by the rules alone: taking it up writes a rule on trial, turning
it down writes the same rule as a retired one. So it is reviewed, committed and shared like all
else, and neither is proposed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from buildlog_git.core.extraction import Note
from buildlog_git.core.fold import Experiment, fold
from buildlog_git.core.proposals import (
    Proposal,
    Touched,
    from_extracted,
    from_mistakes,
    from_notes,
    from_revisions,
)
from buildlog_git.core.rules import Rule, State, has_control
from buildlog_git.errors import UsageError
from buildlog_git.flows.backends import chosen_extraction, chosen_similarity
from buildlog_git.flows.context import Context
from buildlog_git.flows.importing import today
from buildlog_git.flows.report import make_report
from buildlog_git.flows.rulebook import rules_here
from buildlog_git.flows.rulefiles import write_new
from buildlog_git.gitio.history import paths_changed_by

LOOKED_AT = 1000
"""Drafts of which the paths are asked for: the newest."""


@dataclass(frozen=True, slots=True)
class Proposals:
    """All proposals, the pending ones first; ``written`` are the rule files of this call."""

    proposals: tuple[Proposal, ...]
    written: tuple[str, ...]
    problems: tuple[str, ...]


def propose(context: Context, *, add: Sequence[str] = (), reject: Sequence[str] = ()) -> Proposals:
    """Return what history suggests; write only the proposals named in ``add`` and ``reject``.

    Raises:
        UsageError: there is no work tree, or no such pending proposal.
        RuleError: a rule cannot be written.

    """
    rules = rules_here(context)
    known = {rule.id: rule for rule in rules.rules}
    experiment = fold(context.ledger.read().by_id.values())
    found = [*_said(context, experiment, known), *from_revisions(_touched(context), known)]
    pending = {one.id: one for one in found if one.status == "pending"}
    chosen: dict[str, State] = {**dict.fromkeys(reject, "retired"), **dict.fromkeys(add, "trial")}
    for name in chosen:
        if name not in pending:
            raise UsageError(
                f"there is no pending proposal of that id: {name}",
                slug="unknown-proposal",
                hint="see: git buildlog rules propose",
            )
    day = today(context)
    written = write_new(
        context, [_rule(pending[name], state, day) for name, state in chosen.items()]
    ) if chosen else ()  # fmt: skip
    order = {"pending": 0, "promoted": 1, "rejected": 2}
    now = [
        replace(one, status="promoted" if chosen[one.id] == "trial" else "rejected")
        if one.id in chosen
        else one
        for one in found
    ]
    return Proposals(tuple(sorted(now, key=lambda one: order[one.status])), written, rules.problems)


def _said(context: Context, experiment: Experiment, known: Mapping[str, Rule]) -> list[Proposal]:
    """Return what people's own words suggest, as we read them or the chosen back end does."""
    extraction = chosen_extraction(context)
    notes = [
        Note("note", record.end.notes, record.session.error_class, record.session.session)
        for record in experiment.sessions
        if record.end is not None and record.end.notes
    ]
    if extraction is None:
        similarity = chosen_similarity(context)
        return [
            *from_mistakes(experiment.mistakes, known, similarity), *from_notes(notes, known),
        ]  # fmt: skip
    made = [
        Note("mistake", one.description, one.error_class, one.id) for one in experiment.mistakes
    ]
    return from_extracted(extraction([*made, *notes]), known, "extraction")


def _rule(proposal: Proposal, state: State, day: str) -> Rule:
    rule = Rule(
        proposal.id, proposal.title, proposal.error_class, state, proposal.text, proposal.scope,
        added=day, source=f"proposal from {proposal.reason}",
    )  # fmt: skip
    return rule._replace(origin=rule.digest)


def _touched(context: Context) -> list[Touched]:
    """Return the measured drafts with the paths that they changed and that can be named."""
    drafts = {
        item.commit: item.distance
        for item in make_report(context).drafts[-LOOKED_AT:]
        if item.distance is not None and item.state != "open"
    }
    paths = paths_changed_by(context.repo.git, tuple(drafts)) if drafts else {}
    return [
        Touched(
            commit, distance, frozenset(path for path in paths[commit] if not has_control(path))
        )
        for commit, distance in drafts.items()
        if commit in paths
    ]
