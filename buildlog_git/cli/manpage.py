"""The manual page, git-buildlog(1), which ``git help buildlog`` shows, from the command tree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from buildlog_git.cli.tree import CommandDoc, Option, commands, program

_SYNOPSIS = "git buildlog [<options>] <command> [<options>] [<arguments>]"
_PURPOSE = "how much of what coding agents commit people revise, and which rules help"
_STATUS = (
    ("0", "Fine."),
    ("1", "A check that was asked for failed."),
    ("2", "Wrong usage."),
    ("3", "Too little data, where it was required."),
    ("4", "Facts were fetched, but could not be pushed."),
    ("70", "A mistake in the program."),
    ("128", "Not a repository, or a failure of git."),
)
_FILES = (
    ("refs/notes/buildlog", "The facts: a note for each commit, a line of JSON for each event."),
    ("refs/buildlog/keep/", "Rewritten drafts that are still followed."),
    (".buildlog/rules/", "The team's rules, a Markdown file each, committed."),
    ("<git directory>/buildlog/", "Of this clone alone: the queue, open sessions, caches."),
)
_ENVIRONMENT = (
    ("BUILDLOG_NOW", "Seconds since 1970 that count as the present."),
    ("BUILDLOG_DEBUG", "Show where an error happened."),
    ("NO_COLOR", "No colours. Else color.buildlog and color.ui of git's configuration count."),
    ("GIT_PAGER, PAGER", "The pager, with core.pager and pager.buildlog, as for git itself."),
)


def manual_page() -> str:
    """Return the page in roff."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield '.\\" Made from the command tree by `make pages`: do not edit.'
    yield '.TH GIT\\-BUILDLOG 1 "" git\\-buildlog "Git Manual"'
    yield ".ad l"
    yield ".SH NAME"
    yield f"git\\-buildlog \\- {_PURPOSE}"
    yield ".SH SYNOPSIS"
    yield _text(_SYNOPSIS)
    yield ".SH DESCRIPTION"
    whole = program()
    yield from _paragraphs(part for part in whole.text if not part.startswith("'git buildlog"))
    yield ".SH OPTIONS"
    yield from _options(whole.options)
    yield ".SH COMMANDS"
    for command in commands():
        yield from _command(command)
    yield ".SH EXIT STATUS"
    yield from _terms(_STATUS)
    yield ".SH FILES"
    yield from _terms(_FILES)
    yield ".SH ENVIRONMENT"
    yield from _terms(_ENVIRONMENT)
    yield ".SH SEE ALSO"
    yield ".BR git (1), git\\-notes (1), githooks (5)"


def _command(command: CommandDoc) -> Iterator[str]:
    if command.group:
        yield f".SS {_text(f'git buildlog {command.name} <command>')}"
        yield from _paragraphs(command.text)
        return
    usage = " ".join([*(a.metavar for a in command.arguments)])
    yield f".SS {_text(f'git buildlog {command.name} [<options>] {usage}'.rstrip())}"
    yield from _paragraphs(command.text[:-1])
    for argument in command.arguments:
        yield from _term(argument.metavar, argument.help)
    yield from _options(command.options[:-1])
    if command.examples:
        yield ".PP"
        yield "Examples:"
        yield ".RS"
        for example in command.examples:
            yield from _term(example.line, example.what)
        yield ".RE"
    yield from _paragraphs(command.text[-1:])


def _options(options: tuple[Option, ...]) -> Iterator[str]:
    for option in options:
        yield from _term(f"{', '.join(option.names)} {option.metavar}".rstrip(), option.help)


def _terms(pairs: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, what in pairs:
        yield from _term(name, what)


def _term(name: str, what: str) -> Iterator[str]:
    yield ".TP"
    yield f"\\fB{_text(name)}\\fR"
    yield _text(what)


def _paragraphs(parts: Iterable[str]) -> Iterator[str]:
    for part in parts:
        yield ".PP"
        yield _text(part)


def _text(text: str) -> str:
    r"""Return plain text for roff: no dash is a minus, no line begins with a request."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{escaped}" if escaped.startswith(".") else escaped
