"""The page of the documentation with every command and option, from the command tree."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from buildlog_git.cli.tree import CommandDoc, Option, commands, program

_HEAD = """\
<!-- Made from the command tree by `make pages`: do not edit. -->
# Commands

`git buildlog <command> -h` shows the same in a terminal, `git help buildlog` all of it as a \
manual page. Each but `mcp` and `schema` has `--json`; `git buildlog schema` prints what it holds.
"""


def reference() -> str:
    """Return the page in Markdown."""
    return "\n".join([_HEAD, *_options(program().options), *_commands()])


def _commands() -> Iterator[str]:
    for command in commands():
        yield from _command(command)


def _command(command: CommandDoc) -> Iterator[str]:
    yield f"## {command.name}\n"
    if command.group:
        yield from (f"{_text(part)}\n" for part in command.text)
        return
    usage = " ".join(argument.metavar for argument in command.arguments)
    yield f"    {f'git buildlog {command.name} [<options>] {usage}'.rstrip()}\n"
    yield from (f"{_text(part)}\n" for part in command.text[:-1])
    if command.arguments:
        yield from _table(
            "Argument", ((argument.metavar, argument.help) for argument in command.arguments)
        )
    yield from _options(command.options[:-1])
    for example in command.examples:
        yield f"- `{example.line}`: {_text(example.what)}"
    yield ""
    yield from (f"{_text(part)}\n" for part in command.text[-1:])


def _options(options: Iterable[Option]) -> Iterator[str]:
    rows = [(f"{', '.join(o.names)} {o.metavar}".rstrip(), o.help) for o in options]
    if rows:
        yield from _table("Option", rows)


def _table(heading: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield f"| {heading} | |"
    yield "| --- | --- |"
    for name, what in rows:
        yield f"| `{name.replace('|', chr(92) + '|')}` | {_text(what)} |"
    yield ""


def _text(text: str) -> str:
    """Return plain text for Markdown: what stands for a word is no tag, and nothing else is."""
    shown = re.sub(r"<[a-z-]+>", lambda found: f"`{found.group()}`", text)
    return re.sub(r"([*_|]|<(?![a-z-]+>`))", r"\\\1", shown)
