"""``git buildlog``: the commands, and how an error reaches the terminal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from buildlog_git.errors import BuildlogError
from buildlog_git.flows.context import open_context
from buildlog_git.render.jsonout import to_json

app = typer.Typer(no_args_is_help=True, add_completion=False)
_place: dict[str, Path] = {"directory": Path()}


@app.callback()
def main(
    directory: Annotated[Path, typer.Option("-C", metavar="PATH")] = Path(),
) -> None:
    """Which rules reduce how much people revise what coding agents write."""
    _place["directory"] = directory


@app.command()
def distance(
    draft: str,
    final: Annotated[str | None, typer.Argument()] = None,
    as_agent: Annotated[bool, typer.Option("--as-agent")] = False,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Measure how much of an agent's commit is undone in another commit."""
    from buildlog_git.flows.distance import measure_distance

    result = measure_distance(open_context(_place["directory"]), draft, final, as_agent=as_agent)
    print(to_json(result) if json else result)


@app.command()
def why(commit: str, json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say who made a commit, and which evidence decided."""
    from buildlog_git.flows.why import why as find

    result = find(open_context(_place["directory"]), commit)
    print(to_json(result) if json else result)


def run() -> None:
    """Run the command line."""
    try:
        app(standalone_mode=True)
    except BuildlogError as error:
        print(f"git buildlog: {error.message} [{error.slug}]", file=sys.stderr)
        if error.hint:
            print(f"  {error.hint}", file=sys.stderr)
        sys.exit(error.exit_code)
