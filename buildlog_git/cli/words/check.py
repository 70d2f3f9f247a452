"""What ``check`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import command, counted, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.check import Health
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


def _worth_knowing(page: Page, health: Health) -> None:
    parts = []
    if health.absent.count:
        parts.append(f"{counted(health.absent.count, 'annotated commit')} not in this repository")
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
