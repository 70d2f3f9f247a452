"""Help texts, all in one form: the purpose in a sentence, a paragraph, examples, where next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from typer.core import TyperCommand, TyperGroup

PARSING = {"help_option_names": ["-h", "--help"], "max_content_width": 80}
"""What all commands have in common for the parser."""
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


class Group(TyperGroup):
    """Shows how to call a group of commands as git does."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that says how to call one of the commands."""
        formatter.write_usage(ctx.command_path, "[<options>] <command>")


class Command(TyperCommand):
    """Shows usage and options as git does, whatever the release of typer would make of them."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        """Write the line that says how to call the command."""
        names = [str(param.metavar) for param in _arguments(self.get_params(ctx))]
        formatter.write_usage(ctx.command_path, " ".join(["[<options>]", *names]))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write what each argument and option means."""
        params: list[Any] = list(self.get_params(ctx))
        arguments = [(str(param.metavar), param.help or "") for param in _arguments(params)]
        options = [
            (" ".join(filter(None, [", ".join(param.opts), _metavar(param)])), param.help or "")
            for param in params
            if param.param_type_name == "option"
        ]
        for title, rows in (("Arguments", arguments), ("Options", options)):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def _arguments(params: Any) -> list[Any]:
    return [param for param in params if param.param_type_name == "argument"]


def _metavar(option: Any) -> str:
    return str(option.metavar or "")
