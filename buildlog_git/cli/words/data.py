"""What ``privacy``, ``export`` and ``import`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import counted, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.export import Exported
    from buildlog_git.flows.legacy import Imported
    from buildlog_git.flows.privacy import Privacy
    from buildlog_git.render.page import Page


def write_privacy(page: Page, found: Privacy) -> None:
    """Print the lines, what they mean, and what lies in this clone."""
    page.line(("Stored", "bold"), f" about {found.commit} in {found.ref}:")
    if not found.lines:
        page.line("  nothing")
    for line in found.lines:
        page.line(f"  {safe(line.raw)}")
    for line in found.lines:
        page.blank()
        page.line((safe(line.kind or "?"), "bold"), f"  {safe(line.about)}")
        for field in line.fields:
            page.line(f"  {safe(field.name)} = {safe(field.value)}", f"  {field.meaning}")
    page.blank()
    if found.elsewhere:
        names = ", ".join(short(oid) for oid in found.elsewhere)
        page.line(("Named", "bold"), f" in the notes of {names}")
    page.line(("In this clone", "bold"), ", never pushed:")
    for file in found.local:
        page.line(f"  {safe(file.path)}  {counted(file.bytes, 'byte')}  {file.what}".rstrip())
    if not found.local:
        page.line("  no files")
    page.line(
        f"  {counted(found.refs, 'private ref')} that keep rewritten drafts readable"
        + (", this commit among them" if found.kept else "")
    )


def write_exported(page: Page, done: Exported) -> None:
    """Say what was written."""
    noun = "draft" if done.format == "csv" else "event"
    page.sentence(
        f"Wrote {counted(done.rows, noun)} to {safe(done.path)} ({counted(done.bytes, 'byte')})."
    )


def write_imported(page: Page, done: Imported) -> None:
    """Say what was taken over, and what was not."""
    verb = "Would write" if done.dry_run else "Wrote"
    page.sentence(
        f"{safe(done.directory)} has {counted(done.sessions, 'session')}, "
        f"{counted(done.mistakes, 'mistake')} and {counted(done.rewards, 'reward')}. "
        f"{verb} {counted(done.written, 'event')}; {done.already:,} were there already."
    )
    if done.sessions:
        page.sentence(
            "The sessions count as observed: nobody wrote down with which probability their "
            "rules were drawn."
        )
    if done.merged:
        page.sentence(f"{counted(done.merged, 'fact')} said twice.", "Also:")
    if done.buried:
        page.sentence(f"{counted(done.buried, 'fact')} that the ledger was told to forget.", "Not:")
    if done.unread:
        page.sentence(f"{counted(done.unread, 'row')} that cannot be read.", "Not:")
    for item in done.left:
        page.line(("Not: ", "bold"), f"{safe(item.file)} ({item.entries:,}): {item.what}")
