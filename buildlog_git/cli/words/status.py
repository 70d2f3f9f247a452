"""What ``status`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.moments import day_of
from buildlog_git.render.words import command, counted, safe

if TYPE_CHECKING:
    from buildlog_git.flows.status import HookState, ShownHere, Status
    from buildlog_git.render.page import Page

_STATES = {
    "absent": "not there",
    "edited": "changed by somebody since the install",
    "foreign": "replaced by another tool's",
    "not-executable": "not executable, so that git does not run it",
}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def write_status(page: Page, status: Status) -> None:
    """Say what is installed, what waits, and what went wrong last."""
    if not status.installed:
        page.sentence(f"not installed here ({command('git buildlog install')}).", "Hooks:")
    else:
        _hooks(page, status)
    page.sentence(_waiting(status), "Queue:")
    if status.session is not None:
        detail = ", ".join(filter(None, (status.session.id, status.session.error_class)))
        shown = f" ({safe(detail)})" if detail else ""
        page.sentence(f"open on {safe(status.session.branch)}{shown}.", "Session:")
    if status.shown is not None:
        page.sentence(_shown(status.shown), "Agents read:")
    if status.failure is not None:
        failure = status.failure
        page.sentence(
            f"{day_of(failure.at)} {safe(failure.message)} [{safe(failure.slug)}]", "Last problem:"
        )


def span(seconds: int) -> str:
    """Return a stretch of time in the unit that tells most."""
    for size, noun in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if seconds >= size:
            return counted(seconds // size, noun)
    return counted(seconds, "second")


def _hooks(page: Page, status: Status) -> None:
    working = [hook for hook in status.hooks if hook.state in ("active", "behind", "by-hand")]
    where = {
        "config": "in the repository's git configuration",
        "files": f"as files in {safe(status.folder or '')}",
        "by-hand": "by lines in other hooks",
    }.get(status.dispatcher or "", "")
    names = ", ".join(hook.event for hook in working) or "none works"
    page.sentence(f"{names} {where}.", "Hooks:")
    for hook in status.hooks:
        if hook not in working:
            page.sentence(f"{hook.event} is {_STATES[hook.state]}.", "Not working:")
    chained = [_before(hook) for hook in working if status.dispatcher == "files" and hook.before]
    if chained:
        page.sentence(f"{', '.join(chained)}.", "They also run what was there before:")
    page.sentence(f"{status.drain} by {safe(status.command)}", "Drain:")


def _shown(shown: ShownHere) -> str:
    rules = ", ".join(map(safe, shown.rules)) or "no rule on trial"
    text = f"{rules} in {', '.join(map(safe, shown.files))}" if shown.files else rules
    if not shown.intact:
        text += "; somebody has changed that, and the next drain puts it right"
    elif shown.due:
        branch = f"for {safe(shown.branch)}" if shown.branch else "for no branch"
        text += f" ({branch}: the next drain brings what is on here)"
    return f"{text}."


def _before(hook: HookState) -> str:
    return f"{hook.event} ({hook.tool})" if hook.tool else hook.event


def _waiting(status: Status) -> str:
    if not status.waiting.signals:
        return "empty."
    signals = counted(status.waiting.signals, "signal")
    if status.waiting.seconds is None:
        return f"{signals} that no drain has read."
    return f"{signals} that no drain has read, the oldest for {span(status.waiting.seconds)}."
