"""Help texts, all in one form: the purpose in a sentence, a paragraph, examples, where next."""

from __future__ import annotations

from collections.abc import Mapping

_VERBATIM = "\b\n"
"""Tells the formatter to leave the lines of a paragraph alone."""


def teach(purpose: str, text: str, examples: Mapping[str, str], more: str) -> str:
    """Return the help text of a command.

    Args:
        purpose: one sentence.
        text: what one must know to use it, in a few lines.
        examples: command lines, without ``git buildlog``, each with what it is good for.
        more: where to read on.

    """
    lines = [f"  git buildlog {command}\n      {what}" for command, what in examples.items()]
    shown = "\n".join(line.replace("git buildlog \n", "git buildlog\n") for line in lines)
    return f"{purpose}\n\n{text}\n\n{_VERBATIM}Examples:\n{shown}\n\n{more}"
