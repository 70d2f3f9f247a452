"""What ``scan`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import command, counted

if TYPE_CHECKING:
    from buildlog_git.flows.scan import ScanResult
    from buildlog_git.render.page import Page


def write_scan(page: Page, scan: ScanResult) -> None:
    """Say what was looked at and what was written."""
    page.sentence(
        f"Looked at {counted(scan.commits, 'commit')}, {scan.agent_commits:,} by agents; "
        f"followed {counted(scan.drafts, 'draft')}"
        + (f"; {scan.settled:,} more had settled before." if scan.settled else ".")
    )
    if scan.written:
        page.sentence(
            f"Wrote {counted(scan.written, 'new fact')} to refs/notes/buildlog; "
            f"{scan.already:,} were there already."
        )
    else:
        page.sentence("Nothing new: refs/notes/buildlog has it all.")
    write_gaps(page, scan)
    page.sentence("git buildlog report", "Next:")


def write_gaps(page: Page, scan: ScanResult) -> None:
    """Say what this clone lacks."""
    if scan.missing_blobs:
        page.sentence(
            f"{counted(scan.missing_blobs, 'file version')} could not be read, because this "
            "clone lacks them; the text in them is not measured.",
            "Warning:",
        )
    if scan.shallow:
        page.sentence(
            "the history is shallow; what lies before its end is not seen "
            f"({command('git fetch --unshallow')}).",
            "Warning:",
        )
