"""The formats of a report, and where each goes: one computation, as many outputs as wanted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from buildlog_git.cli.output import emit
from buildlog_git.errors import UsageError

if TYPE_CHECKING:
    from buildlog_git.cli.surroundings import Surroundings
    from buildlog_git.core.report import Report

FORMATS = ("terminal", "markdown", "summary", "html", "json")


class Output(NamedTuple):
    """A format and the file that it goes to; standard output where there is none."""

    format: str
    file: Path | None = None


def outputs(texts: list[str] | None, *, as_json: bool) -> list[Output]:
    """Return what ``--format`` and ``--json`` ask for; by default the terminal's text.

    Raises:
        UsageError: a format is unknown, or two of them would go to standard output.

    """
    asked = [_output(text) for text in texts or ()]
    if as_json:
        asked.append(Output("json"))
    asked = list(dict.fromkeys(asked)) or [Output("terminal")]
    shown = [output.format for output in asked if output.file is None]
    if len(shown) > 1:
        raise UsageError(
            f"only one format can go to standard output: {', '.join(shown)}",
            slug="bad-format",
            hint=f"name a file for the others: --format {shown[1]}:FILE",
        )
    return asked


def _output(text: str) -> Output:
    name, colon, file = text.partition(":")
    if name not in FORMATS or (colon and not file):
        raise UsageError(
            f"not a format: {text}",
            slug="bad-format",
            hint=f"the formats are {', '.join(FORMATS)}, each with :FILE behind it or without",
        )
    return Output(name, Path(file) if file and file != "-" else None)


def write_report_to(here: Surroundings, report: Report, name: str, asked: list[Output]) -> str:
    """Write the report on the repository ``name`` wherever it was asked for, files first.

    Returns:
        what went to standard output.

    Raises:
        UsageError: a file cannot be written.

    """
    for output in asked:
        if output.file is not None:
            _write(here.directory / output.file, _text(report, name, output.format))
    shown = (output.format for output in asked if output.file is None)
    return "".join(_show(here, report, name, format_name) for format_name in shown)


def _show(here: Surroundings, report: Report, name: str, format_name: str) -> str:
    from buildlog_git.cli.words.steps import write_report_and_next

    if format_name == "terminal":
        return here.show(
            report,
            lambda page, made: write_report_and_next(page, made, name),
            as_json=False,
            paged=True,
        )
    text = _text(report, name, format_name)
    emit(text)
    return text


def _text(report: Report, name: str, format_name: str) -> str:
    if format_name == "json":
        from buildlog_git.render.jsonout import to_json

        return f"{to_json(report)}\n"
    if format_name == "html":
        from buildlog_git.render.html import write_html

        return write_html(report, name)
    if format_name == "terminal":
        from buildlog_git.cli.words.steps import write_report_and_next
        from buildlog_git.render.look import Look
        from buildlog_git.render.page import Page

        page = Page(Look())
        write_report_and_next(page, report, name)
        return page.text()
    from buildlog_git.render.markdown import write_markdown

    return write_markdown(report, name, "summary" if format_name == "summary" else "comment")


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(
            f"cannot write {file}: {error.strerror}",
            slug="cannot-write",
            hint="its folder must be there, and you must be allowed to write in it",
        ) from error
