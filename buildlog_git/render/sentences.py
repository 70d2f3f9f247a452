"""What every text format says of a report, in the same words.

Formats differ in how they mark up a heading, a table or a command, never in a number or in what
is left unsaid. So sentences are made here, once, without markup; a command stands apart, for
each format to show as it shows commands.
"""

from __future__ import annotations

from collections import Counter

from buildlog_git.core.distance import Outcome, State
from buildlog_git.core.moments import DAY
from buildlog_git.core.report import DraftItem, Report, is_measured
from buildlog_git.core.stats import Mean
from buildlog_git.render.words import (
    OUTCOMES,
    Remark,
    command,
    counted,
    distance_text,
    interval_text,
    listed,
    percent,
    short,
)

KEPT_IS_0 = "0 = kept as written"
METHOD = (
    "Revision distance is the share of an agent's text that people removed, replaced or put "
    "something into: 0 is kept as written, 1 is nothing left. It counts words and signs, not "
    "lines; layout, moved text, lock files and generated files cost nothing, and what agents or "
    "bots replaced is left out. A mean is over drafts, its 95 % interval is clustered by session, "
    "or by agent and day. No number here is about a person."
)


def observed(report: Report) -> Remark | None:
    """Say that nothing is randomised; None where the answer says what is."""
    if report.learned is not None and report.learned.learned.randomised:
        return None
    return Remark(
        "Observed, not randomised:",
        "what history shows, not an experiment: it says how much was revised, not why.",
    )


def has_agents(report: Report) -> bool:
    """Return whether there is anything to report."""
    return bool(report.commits.agent or report.drafts)


def volume(report: Report) -> tuple[str, ...]:
    """Return on how much the report rests: days, commits, agent commits, drafts."""
    times = [item.at for item in report.drafts]
    days = (counted((max(times) - min(times)) // DAY + 1, "day"),) if times else ()
    return (
        *days,
        counted(report.commits.total, "commit"),
        counted(report.commits.agent, "agent commit"),
        counted(len(report.drafts), "draft"),
    )


def mean_text(report: Report) -> tuple[str, str, str]:
    """Return the mean, its interval, and on how many drafts it rests; the mean exists."""
    mean = report.distance
    interval = interval_text(mean.low, mean.high) or "(too few for an interval)"
    return distance_text(mean.mean), interval, f"{counted(mean.n, 'draft')} measured"


def touched(report: Report) -> str:
    """Say how many drafts people changed, and those by how much."""
    if not report.touched:
        return "People changed none of the drafts."
    return (
        f"People changed {percent(report.touched)} of the drafts; "
        f"those by {distance_text(report.touched_distance)} on average."
    )


def request_headline(report: Report) -> str:
    """Say in a sentence or two what a pull request holds and how that compares."""
    agents = report.commits.agent or len(report.drafts)
    if not has_agents(report):
        return "No agent commit in this pull request."
    begin = f"{counted(agents, 'agent commit')} in this pull request"
    if report.changed_text is None:
        return f"{begin}; nothing has judged {'it' if agents == 1 else 'them'} yet."
    return f"{begin}; people changed {percent(report.changed_text)} of the agents' text so far."


def repository_beside(report: Report) -> str:
    """Say what the repository's own drafts show, beside a pull request."""
    request = report.request
    if request is None or request.repository.mean is None:
        return "The repository has no measured drafts to compare with yet."
    parts = [
        f"people changed {percent(request.changed_text or 0.0)} of the agents' text",
        f"mean distance {distance_text(request.repository.mean)}",
        f"median {distance_text(request.median)}",
    ]
    interval = interval_text(request.repository.low, request.repository.high)
    if interval:
        parts[1] += f" {interval}"
    return (
        f"In the repository before: {', '.join(parts)}, {counted(request.repository.n, 'draft')}."
    )


def outcomes(report: Report) -> str:
    """Return how many drafts ended in which way; empty where there are none."""
    return ", ".join(
        f"{number:,} {OUTCOMES[outcome]}" for outcome, number in report.outcomes.items() if number
    )


def most_revised(report: Report) -> list[DraftItem]:
    """Return the drafts of which something was undone, most first, then the latest."""
    revised = [item for item in report.drafts if item.distance and is_measured(item)]
    revised.sort(key=lambda item: (-round(item.distance or 0.0, 2), -item.at, item.commit))
    return revised


def mostly_by(item: DraftItem) -> str:
    """Return which commit undid most of a draft, and how."""
    if item.reason == "dropped":
        return "its branch was dropped"
    greatest = max(item.revisions, key=lambda revision: revision.cost, default=None)
    return f"{greatest.way} {short(greatest.commit)}" if greatest else ""


def result_text(outcome: Outcome, state: State) -> str:
    """Return a draft's outcome, with whether it may still change."""
    if outcome == "unmeasurable":
        return OUTCOMES[outcome]
    if state == "open":
        return "open"
    return OUTCOMES[outcome] + (" so far" if state == "provisional" else "")


def value_of(item: DraftItem) -> str:
    """Return a draft's distance, nothing where it says nothing yet."""
    return distance_text(item.distance) if is_measured(item) else ""


def coverage(report: Report) -> str:
    """Say what the numbers do not rest on; nothing is left out because it is unpleasant."""
    seen = report.coverage
    parts = []
    if seen.unknown_share:
        parts.append(
            f"{percent(seen.unknown_share)} of the commits carry no mark of who wrote them"
        )
    for number, noun, what in (
        (seen.unscanned, "agent commit", "not measured"),
        (seen.unmeasurable, "draft", "not measurable"),
        (seen.open, "draft", "still open"),
        (seen.provisional, "draft", "provisional"),
        (seen.rewritten, "draft", "followed through a rewrite (amend, rebase, squash)"),
        (seen.dropped, "draft", "dropped with its branch"),
    ):
        if number:
            parts.append(f"{counted(number, noun)} {what}")
    return (", ".join(parts) or "nothing is missing") + "."


def warnings(report: Report) -> list[Remark]:
    """Return what a reader must know before believing the numbers."""
    seen, found = report.coverage, []
    if seen.shallow:
        found.append(
            Remark(
                "Warning:",
                "the history is shallow: older drafts are missing",
                "git fetch --unshallow",
            )
        )
    if seen.missing_blobs:
        found.append(
            Remark(
                "Warning:",
                f"{counted(seen.missing_blobs, 'file version')} could not be read, because this "
                "clone lacks them; the text in them is not measured.",
            )
        )
    if seen.damaged:
        lines = counted(seen.damaged, "damaged line")
        found.append(Remark("Warning:", f"{lines} in the ledger", "git buildlog check"))
    return [*found, *missing_notes(report)]


def missing_notes(report: Report) -> list[Remark]:
    """Say that others may know what this clone does not."""
    if not report.coverage.missing_notes:
        return []
    fetches = f"{command('git buildlog sync')} fetches them."
    text = f"there are no notes in this clone; if others have stored some, {fetches}"
    return [Remark("Warning:", text)]


def evidence(report: Report) -> Remark | None:
    """Say how far the result depends on which marks count, where that was asked for."""
    found = report.evidence
    if found.other is None:
        return None
    tiers = {
        "strict": "by strict evidence (authors, hooks, sessions, statements)",
        "loose": "by all evidence (trailers and footers of messages too)",
    }
    here, there = report.distance, found.other
    other = "loose" if found.tier == "strict" else "strict"
    text = f"this report counts {tiers[found.tier]}; {tiers[other]} the mean is {_brief(there)}"
    if here.mean is None or there.mean is None:
        return Remark("Evidence:", f"{text}.")
    text = f"{text}, {distance_text(abs(here.mean - there.mean))} apart"
    if report.learned is None or found.verdicts is None:
        return Remark("Evidence:", f"{text}.")
    if not found.verdicts:
        return Remark("Evidence:", f"{text}; what is said of the rules is the same.")
    rules = counted(len(found.verdicts), "rule")
    return Remark("Evidence:", f"{text}; of {rules} something else would be said.")


def channels(report: Report) -> str:
    """Return how many drafts are known by which mark."""
    found = report.evidence.channels or {}
    # The ledger may come from a release that knows more of them.
    marks = Counter[str]()
    for name, number in found.items():
        marks[_MARKS.get(name, "another mark")] += number
    return listed([f"{number:,} by {mark}" for mark, number in marks.items()])


_MARKS = {
    "environment": "what a hook saw",
    "session": "a recorded session",
    "explicit": "a statement",
    "identity": "the author",
    "trailer": "a trailer",
    "footer": "a line of the message",
}


def _brief(mean: Mean) -> str:
    if mean.mean is None:
        return "not known (no draft is measured)"
    interval = interval_text(mean.low, mean.high)
    tail = f" {interval}" if interval else ""
    return f"{distance_text(mean.mean)}{tail} over {counted(mean.n, 'draft')}"


def next_step(report: Report) -> Remark:
    """Return the one command that is most worth while now."""
    if report.coverage.unscanned and not report.drafts:
        return Remark("Next:", "", "git buildlog scan")
    if report.coverage.damaged:
        return Remark("Next:", "", "git buildlog check")
    judged = [item for item in report.drafts if item.distance and item.reason != "dropped"]
    if not judged:
        return Remark("Next:", "", "git buildlog log --agents")
    most = max(judged, key=lambda item: (round(item.distance or 0, 2), item.at, item.commit))
    return Remark("Next:", "where most was revised", f"git buildlog distance {short(most.commit)}")
