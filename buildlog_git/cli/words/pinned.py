"""Where pinned rules were put, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.render.words import counted, few, listed, safe

if TYPE_CHECKING:
    from buildlog_git.flows.pinned import RenderedFile, Rendering
    from buildlog_git.render.page import Page

_SHOWN = 8
_STYLES = {"+": "green", "-": "red"}


def write_rendering(page: Page, found: Rendering, *, diff: bool, would: bool) -> None:
    """Say of each file how it stands to the pinned rules, and what was done."""
    rules = counted(len(found.rules), "pinned rule")
    names = few([safe(rule) for rule in found.rules], _SHOWN)
    page.line((f"{rules}{': ' if names else '.'}", "bold"), names)
    for file in found.files:
        agents = listed([safe(agent) for agent in file.agents])
        page.line((safe(file.path), "yellow"), f"  for {agents}: {_state(file, would=would)}")
        if diff:
            for line in file.diff:
                page.line((f"    {safe(line)}", _STYLES.get(line[:1], "")))


def _state(file: RenderedFile, *, would: bool) -> str:
    if file.state == "current":
        return "up to date"
    if file.written:
        return "written"
    if file.state == "stale":
        return "would be written" if would else "behind"
    return f"not written: {safe(file.why)}"
