"""How text may look where it goes: width, colours, and which characters are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from buildlog_git.core.booleans import NO

WIDTH = 80
WIDEST = 120
"""Beyond this lines are hard to read, however wide the window."""

_ALWAYS = frozenset({"always"})
_NEVER = NO | {"never"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the place that text goes to can show; the default suits a pipe and a file."""

    width: int = WIDTH
    colour: bool = False
    unicode: bool = True
    terminal: bool = False


def choose_look(
    environment: Mapping[str, str],
    git_colours: Sequence[tuple[str, str]] = (),
    *,
    terminal: bool,
    columns: int = WIDTH,
    encoding: str = "utf-8",
    paged: bool = False,
) -> Look:
    """Return the look for one stream.

    Args:
        environment: the process's environment.
        git_colours: (key, value) of git's settings ``color.*``, in the order that they apply.
        terminal: whether the stream is a terminal.
        columns: how wide that terminal is.
        encoding: the stream's encoding.
        paged: whether a pager stands between the stream and the terminal.

    """
    dumb = environment.get("TERM") == "dumb"
    utf8 = encoding.lower().replace("-", "").replace("_", "") in ("utf8", "utf8sig")
    plain = dumb or (paged and _setting(git_colours, "color.pager", "true") in _NEVER)
    return Look(
        width=max(40, min(WIDEST, columns)) if terminal else WIDTH,
        colour=_wants_colour(environment, git_colours, lively=terminal and not plain),
        unicode=utf8 and not (terminal and dumb),
        terminal=terminal,
    )


def _wants_colour(
    environment: Mapping[str, str], git_colours: Sequence[tuple[str, str]], *, lively: bool
) -> bool:
    # The environment stands above git's configuration, as everywhere in this program.
    if environment.get("NO_COLOR"):
        return False
    choice = _setting(git_colours, "color.buildlog", _setting(git_colours, "color.ui", "auto"))
    if choice in _ALWAYS:
        return True
    return lively and choice not in _NEVER


def _setting(pairs: Sequence[tuple[str, str]], key: str, default: str) -> str:
    return dict(pairs).get(key, default).lower()
