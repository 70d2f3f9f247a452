"""The commands and their options as values: what the manual page and completions are made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args

import typer

HELP = "Show this message and exit."


class Option(NamedTuple):
    """An option: its names, what stands for its value (nothing for a flag), what it does.

    ``values`` are all that it takes, where those are few words.
    """

    names: tuple[str, ...]
    metavar: str
    help: str
    values: tuple[str, ...] = ()


class Argument(NamedTuple):
    """An argument of a command."""

    metavar: str
    help: str


class Example(NamedTuple):
    """A command line and what it is good for."""

    line: str
    what: str


class CommandDoc(NamedTuple):
    """A command, or a group of commands; ``words`` are its name, ``short`` a line about it.

    ``text`` are the paragraphs of its help, the first a sentence.
    """

    words: tuple[str, ...]
    short: str
    text: tuple[str, ...]
    examples: tuple[Example, ...]
    arguments: tuple[Argument, ...]
    options: tuple[Option, ...]
    group: bool

    @property
    def name(self) -> str:
        """The words, as they are typed."""
        return " ".join(self.words)


@cache
def program() -> CommandDoc:
    """Return the program itself, with the options that stand before a command."""
    return _doc((), _root())


@cache
def commands() -> tuple[CommandDoc, ...]:
    """Return every command in the order of the help, a group before its own."""
    return tuple(_below((), _root()))


def _root() -> Any:
    from buildlog_git.cli.app import app

    return typer.main.get_command(app)


def _below(words: tuple[str, ...], group: Any) -> Iterator[CommandDoc]:
    for name, command in group.commands.items():
        if command.hidden:
            continue
        yield _doc((*words, name), command)
        if hasattr(command, "commands"):
            yield from _below((*words, name), command)


def _doc(words: tuple[str, ...], command: Any) -> CommandDoc:
    params = list(command.params)
    paragraphs = re.split(r"\n{2,}", (command.help or "").strip())
    examples = [part for part in paragraphs if part.lstrip("\b\n").startswith("Examples:")]
    return CommandDoc(
        words=words,
        short=command.short_help or "",
        text=tuple(" ".join(part.split()) for part in paragraphs if not part.startswith("\b")),
        examples=tuple(found for part in examples for found in _examples(part)),
        arguments=tuple(
            Argument(str(param.metavar), param.help or "")
            for param in params
            if param.param_type_name == "argument"
        ),
        options=(
            *(
                Option(tuple(param.opts), _metavar(param), param.help or "", _values(words, param))
                for param in params
                if param.param_type_name == "option" and not param.hidden
            ),
            Option(("-h", "--help"), "", HELP),
        ),
        group=hasattr(command, "commands"),
    )


def _metavar(param: Any) -> str:
    return "" if param.is_flag else str(param.metavar or "<value>")


def _values(words: tuple[str, ...], param: Any) -> tuple[str, ...]:
    known = _known_values()
    return next((known[words, name] for name in param.opts if (words, name) in known), ())


@cache
def _known_values() -> dict[tuple[tuple[str, ...], str], tuple[str, ...]]:
    """Return what options take. The parser rarely knows: a wrong word gets a hint of our own."""
    from buildlog_git.cli.formats import FORMATS
    from buildlog_git.core.attribution import Tier
    from buildlog_git.core.review import By
    from buildlog_git.core.rules import State
    from buildlog_git.flows.export import Format

    return {
        (("export",), "--format"): get_args(Format),
        (("report",), "--by"): get_args(By),
        (("report",), "--evidence"): get_args(Tier),
        (("report",), "--format"): FORMATS,
        (("rules", "add"), "--state"): get_args(State),
        (("rules", "import"), "--state"): get_args(State),
    }


def _examples(part: str) -> Iterator[Example]:
    lines = [line for line in part.splitlines() if line.startswith("  ")]
    for line in lines:
        if line.startswith("      "):
            continue
        at = lines.index(line)
        what = lines[at + 1].strip() if at + 1 < len(lines) else ""
        yield Example(line.strip(), what)
