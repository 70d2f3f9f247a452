"""What ``sync`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import command, counted, safe

if TYPE_CHECKING:
    from buildlog_git.flows.sync import Exchange, Synced
    from buildlog_git.render.page import Page


def write_synced(page: Page, done: Synced) -> None:
    """Say for each remote what came, what went, and what stands in the way."""
    for one in done.remotes:
        _write(page, one, dry_run=done.dry_run)


def _write(page: Page, one: Exchange, *, dry_run: bool) -> None:
    label = f"{safe(one.remote)}:"
    if one.push == "unreachable":
        page.sentence(f"{safe(one.reason)}.", label)
        return
    page.sentence(f"{_received(one, dry_run)}; {_sent(one, dry_run)}.", label)
    if one.put_back:
        page.sentence(
            f"the notes of {counted(one.put_back, 'commit')} had been taken out, by "
            f"{command('git notes prune')} or {command('git notes remove')}; they "
            f"{'would be' if dry_run else 'are'} back. In a shallow clone, prune takes out "
            "everybody's: do not use it on these.",
            "Put back:",
        )


def _received(one: Exchange, dry_run: bool) -> str:
    if one.theirs is None:
        return "it has no notes yet"
    if not one.received:
        return "nothing new from there"
    verb = "would receive" if dry_run else "received"
    return f"{verb} what it knows of {counted(one.received, 'commit')}"


def _sent(one: Exchange, dry_run: bool) -> str:
    if one.push == "done" and one.sent:
        return (
            f"{'would send' if dry_run else 'sent'} what we know of {counted(one.sent, 'commit')}"
        )
    return {
        "done": "it has all that we know",
        "nothing": "nothing to send",
        "off": "nothing was to be sent",
        "refused": "nothing could be sent",
        "busy": "nothing could be sent",
        "needs-force": "nothing is sent, because it still has what was forgotten here",
    }[one.push]
