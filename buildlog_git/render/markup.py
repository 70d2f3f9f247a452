"""Text from outside in Markdown and HTML: names of agents, rules, files and branches.

All of it may be made to harm: to open a tag or a table cell, to link, to notify somebody, to
close an issue, to turn the reading direction. So nothing of it is trusted to be words. In
Markdown it becomes the content of ``<code>`` with every sign as a numeric reference: no
Markdown parser sees a sign that it knows, and forges look for no ``@name``, ``#1`` or address
within code.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from buildlog_git.render.words import safe

LONGEST = 60
"""Characters of a name that are shown: a longer one says no more, and would break a table."""

_SIGN = re.compile(r"[^\w \-./]|_|(?i:(?<=\bwww)\.)", re.ASCII)
"""What is no letter, digit, space, dash, dot or slash; and the dot that makes ``www.`` a link."""
_SPACES = re.compile(r" {2,}")


def shortened(text: str, longest: int = LONGEST) -> str:
    """Return ``text`` without what a terminal or browser would act upon, and not too long."""
    shown = safe(text)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def code(text: str, longest: int = LONGEST) -> str:
    """Return ``text`` as inline code of Markdown, whatever it holds; nothing for nothing."""
    shown = _SPACES.sub(" ", shortened(text, longest))
    return f"<code>{_SIGN.sub(_reference, shown)}</code>" if shown else ""


def path_code(path: str, longest: int = LONGEST) -> str:
    """Return a path as inline code; of a long one the end, which tells more."""
    return code(short_path(path, longest), longest)


def short_path(path: str, longest: int = LONGEST) -> str:
    """Return a path that is not too long; of a long one the end."""
    shown = safe(path)
    return shown if len(shown) <= longest else "…" + shown[-longest + 1 :]


def codes(texts: Sequence[str], most: int = 5) -> str:
    """Return several names as code, with how many were left out."""
    shown = ", ".join(code(text) for text in texts[:most])
    return f"{shown} and {len(texts) - most} more" if len(texts) > most else shown


def command_code(text: str) -> str:
    """Return a command of our own as inline code."""
    return code(text, longest=200)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a Markdown table; ``right`` are the columns whose cells stand on the right.

    Cells are Markdown already.
    """
    rule = ["--:" if at in right else "---" for at in range(len(headings))]
    lines = (headings, rule, *rows)
    return "".join(f"| {' | '.join(cell or ' ' for cell in line)} |\n" for line in lines)


def details(summary: str, body: str) -> str:
    """Return a part that is closed at first; the blank lines let Markdown in it be read."""
    return f"<details><summary>{summary}</summary>\n\n{body.strip()}\n\n</details>\n"


def _reference(found: re.Match[str]) -> str:
    return f"&#{ord(found.group())};"
