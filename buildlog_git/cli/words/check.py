"""What ``check`` says."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from buildlog_git.render.words import command, counted, listed, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.check import Health
    from buildlog_git.flows.repair import Repair
    from buildlog_git.render.page import Page

SHOWN = 8
_KINDS = {"settle": "settlement"}


def write_check(page: Page, health: Health) -> None:
    """Say what the ledger holds, what is wrong, and what is merely worth knowing."""
    if health.tip is None:
        page.sentence("There is no ledger yet; git buildlog init makes one.")
        return
    kinds = ", ".join(
        counted(number, _KINDS.get(kind, kind)) for kind, number in health.kinds.items() if number
    )
    page.sentence(
        f"The ledger is {'sound' if health.ok else 'not sound'}: "
        f"{counted(health.events, 'event')} in the notes of {counted(health.notes, 'commit')}"
        + (f" ({kinds})." if kinds else ".")
    )
    _wrong(page, health)
    _worth_knowing(page, health)
    _unburied(page, health)
    _stranded(page, health)
    if len(health.dispatchers) > 1:
        page.sentence(
            f"{listed(health.dispatchers)} all run the hooks. That does no harm: "
            "what is found twice is one fact.",
            "Also:",
        )
    if health.repair is not None:
        _repaired(page, health.repair)


def _wrong(page: Page, health: Health) -> None:
    if health.damaged_lines:
        page.sentence(f"{counted(health.damaged_lines, 'line')} cannot be read:", "Damaged:")
        for line in health.damaged[:SHOWN]:
            page.line(
                "  note of ", (short(line.commit), "yellow"),
                f", line {line.line_no}: {safe(line.reason)}",
            )  # fmt: skip
        if health.damaged_lines > SHOWN:
            page.line(f"  and {health.damaged_lines - SHOWN:,} more")
    if health.unread_notes:
        page.sentence(
            f"the notes of {counted(health.unread_notes, 'commit')} are not in this clone "
            f"({command('git fetch --refetch --no-filter')}).",
            "Missing:",
        )
    if health.undrafted.count:
        page.sentence(
            f"revisions name {counted(health.undrafted.count, 'draft')} that the ledger lacks.",
            "Missing:",
        )


def _unburied(page: Page, health: Health) -> None:
    """Say what is forgotten and still there."""
    if not health.unburied.count:
        return
    page.sentence(
        f"lines still tell of {counted(health.unburied.count, 'commit')} what a tombstone says is "
        "forgotten: copies in other notes, or what another tool has brought back. No answer heeds "
        f"them, and {command('git buildlog forget <commit>')} takes them out:",
        "Forgotten:",
    )
    for oid in health.unburied.first[:SHOWN]:
        page.line("  ", (oid, "yellow"))
    if health.unburied.count > SHOWN:
        page.line(f"  and {health.unburied.count - SHOWN:,} more")


def _stranded(page: Page, health: Health) -> None:
    """Say what is noted on commits that no branch has."""
    if not health.stranded.count:
        return
    names = ", ".join(short(oid) for oid in health.stranded.first[:SHOWN])
    more = health.stranded.count - SHOWN
    page.sentence(
        f"{counted(health.stranded.count, 'annotated commit')} that no branch or tag reaches: "
        f"{names}{f' and {more:,} more' if more > 0 else ''}. Squash merges, rebases and deleted "
        "branches leave such; the notes hold all that was said of them.",
        "Stranded:",
    )
    if health.homeless.count and health.repair is None:
        page.sentence(
            f"{command('git buildlog check --repair')} looks for where "
            f"{counted(health.homeless.count, 'draft')} of commits that are gone or stranded "
            f"may live on.",
            "Next:",
        )


def _repaired(page: Page, done: Repair) -> None:
    """Say where stranded drafts live on, and whether that was written down."""
    if not done.looked:
        page.sentence("nothing to do: whatever lives on has a known place.", "Repair:")
        return
    page.sentence(
        f"of {counted(done.looked, 'commit')} that are gone or stranded, "
        f"{len(done.found):,} live on: {_by_way(done)}.",
        "Repair:",
    )
    for twin in done.found[:SHOWN]:
        page.line("  ", (short(twin.old), "yellow"), f" -> {short(twin.new)}  {_WAYS[twin.by]}")
    if len(done.found) > SHOWN:
        page.line(f"  and {len(done.found) - SHOWN:,} more")
    if done.ambiguous:
        page.sentence(f"{done.ambiguous:,} more look like several commits; none was chosen.")
    if done.left:
        page.sentence(f"{done.left:,} more look like no commit here.")
    if not done.found:
        return
    if done.dry_run:
        page.sentence(f"{command('git buildlog check --repair --yes')} writes it down.", "Next:")
    else:
        page.sentence(f"Written: {counted(done.written, 'event')}.")


def _by_way(done: Repair) -> str:
    ways = Counter[str](twin.by for twin in done.found)
    parts = [f"{ways[by]:,} {words}" for by, words in _WAYS.items() if ways[by]]
    return listed(parts) or "none"


_WAYS = {
    "map": "by the map of filter-repo",
    "tree": "by tree, date and subject",
    "patch": "by patch id",
    "facts": "by what is stored",
}


def _worth_knowing(page: Page, health: Health) -> None:
    parts = []
    if health.absent.count:
        parts.append(f"{counted(health.absent.count, 'annotated commit')} not in this repository")
    if health.unnamed.count:
        parts.append(f"{counted(health.unnamed.count, 'commit')} only named, and not here")
    if health.sessionless.count:
        parts.append(f"{counted(health.sessionless.count, 'session')} whose beginning is not here")
    if health.unrepeated.count:
        parts.append(
            f"{counted(health.unrepeated.count, 'earlier mistake')} that others repeat, not here"
        )
    if health.unknown:
        parts.append(f"{counted(health.unknown, 'line')} of a newer version, kept as they are")
    if health.doubled:
        parts.append(f"{counted(health.doubled, 'line')} that other lines repeat or renew")
    if health.foreign_files:
        parts.append(f"{counted(health.foreign_files, 'file')} of other tools among the notes")
    if health.mixed_fanout:
        parts.append("notes at more than one depth of folders")
    if parts:
        page.sentence(f"{', '.join(parts)}. This is normal.", "Also:")
