"""What ``why`` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.why import Why
    from buildlog_git.render.page import Page

_CHANNELS = {
    "explicit": "a statement in the message",
    "environment": "the environment that a hook saw",
    "session": "a session that was recorded",
    "identity": "the author's name or address",
    "trailer": "a trailer of the message",
    "footer": "a line of the message",
}


def write_why(page: Page, why: Why) -> None:
    """Say who made a commit, and every mark that was seen."""
    page.line((short(why.commit), "yellow"), f"  {_verdict(why)}")
    if not why.evidence:
        return
    page.line("Evidence, strongest first:")
    for seen in why.evidence:
        model = f", model {safe(seen.model)}" if seen.model else ""
        page.line(
            f"  {seen.channel:<11}  ", (safe(seen.agent), "cyan"), f"{model}: {safe(seen.mark)}"
        )


def _verdict(why: Why) -> str:
    if why.author == "agent":
        model = f" ({safe(why.model)})" if why.model else ""
        source = _CHANNELS.get(why.channel or "", "a mark")
        return f"made by {safe(why.agent or 'an agent')}{model}, as {source} says."
    if why.bot:
        return f"made by the bot {safe(why.bot)}, which is no coding agent."
    if why.author == "human":
        return "made by a person."
    return "no agent's mark: a person made it, or an agent that leaves none."
