"""What ``blame`` says: a line a line, as ``git blame``, and what they come to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.core.moments import day_of
from buildlog_git.render.page import cut, padded
from buildlog_git.render.words import counted, safe, short

if TYPE_CHECKING:
    from buildlog_git.flows.blame import Blame, BlameDraft
    from buildlog_git.render.page import Page

_AGENT, _RULES = 12, 24


def write_blame(page: Page, blame: Blame) -> None:
    """Write each line with the draft that it is of; a line that is no agent's stands bare."""
    drafts = {draft.commit: draft for draft in blame.drafts}
    agents = max((len(safe(draft.agent)) for draft in blame.drafts), default=0)
    rules = max((len(_rules(draft)) for draft in blame.drafts), default=0)
    widths = (10, min(agents, _AGENT), 10, min(rules, _RULES))
    digits = len(str(len(blame.lines)))
    for line in blame.lines:
        draft = drafts.get(line.draft) if line.draft else None
        cells = ("", "", "", "")
        if draft is not None:
            cells = (short(draft.commit), safe(draft.agent), day_of(draft.at), _rules(draft))
        shown = [padded(cell, width) for cell, width in zip(cells, widths, strict=True) if width]
        head = f"{'  '.join(shown)}  {line.number:>{digits}}) "
        text = safe(line.text.replace("\t", "    "))
        room = page.look.width - len(head) if page.look.terminal else None
        page.line((head, "cyan"), text if room is None else cut(text, max(20, room)))
    _summary(page, blame)


def _rules(draft: BlameDraft) -> str:
    return ",".join(safe(rule) for rule in draft.rules)


def _summary(page: Page, blame: Blame) -> None:
    page.blank()
    total = counted(len(blame.lines), "line")
    if not blame.agent_lines:
        page.sentence(f"None of the {total} is known to be an agent's.")
        return
    page.sentence(
        f"{blame.agent_lines:,} of {total} hold an agent's text, from "
        f"{counted(len(blame.drafts), 'draft')} since {day_of(min(d.at for d in blame.drafts))}."
    )
