"""Where a command runs: the directory that ``-C`` names, the repository, the ways out."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from buildlog_git.cli.output import emit, emit_paged, is_terminal, look_of, say
from buildlog_git.errors import GitError, UsageError
from buildlog_git.render.words import safe

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from buildlog_git.flows.context import Context
    from buildlog_git.render.page import Page

    Result = TypeVar("Result", bound=DataclassInstance | tuple[object, ...])

Serve = Callable[[Path], None]
"""Serves tools to agents in a directory; who starts the program hands it in."""


def serve_nothing(_directory: Path) -> None:
    """Refuse: whoever started the command line has no server to offer.

    Raises:
        UsageError: always.

    """
    raise UsageError(
        "no server comes with this command line", slug="no-mcp", hint="start it as git buildlog mcp"
    )


def say_problems(problems: Sequence[str], slug: str) -> None:
    """Say what was wrong with files that were read, while the command went on."""
    for problem in problems:
        say(f"git buildlog: {safe(problem)} [{slug}]\n")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where a command runs; ``serve`` is another surface, which this one does not import."""

    directory: Path = Path()
    serve: Serve = serve_nothing

    @contextmanager
    def context(self, *, drain: bool = True) -> Iterator[Context]:
        """Open the repository, with a progress bar for as long as the block runs.

        What hooks have queued is turned into facts first, and what a fetch has brought of
        others' is united with them, so that nobody sees stale ones.
        """
        from buildlog_git.cli.progress import progress_bar
        from buildlog_git.flows.context import open_context

        with progress_bar() as progress:
            context = open_context(self.directory, progress=progress)
            if drain:
                _drain(context)
            yield context

    def show(
        self,
        result: Result,
        write: Callable[[Page, Result], None],
        *,
        as_json: bool,
        paged: bool = False,
    ) -> str:
        """Print a result, as JSON or in words, and return what was printed.

        ``paged``: at a terminal by the pager.
        """
        if as_json:
            from buildlog_git.render.jsonout import to_json

            text = f"{to_json(result)}\n"
        else:
            from buildlog_git.render.page import Page

            page = Page(look_of(sys.stdout, self._git_colours()))
            write(page, result)
            text = page.text()
        self.print(text, paged=paged and not as_json)
        return text

    def print(self, text: str, *, paged: bool) -> None:
        """Print text; ``paged``: at a terminal by the pager."""
        if paged and is_terminal(sys.stdout):
            from buildlog_git.gitio.run import Git

            emit_paged(text, Git(self.directory))
        else:
            emit(text)

    def _git_colours(self) -> Sequence[tuple[str, str]]:
        from buildlog_git.gitio.run import Git
        from buildlog_git.gitio.settings import read_config

        try:
            pairs = read_config(Git(self.directory), "color")
        except GitError:  # the doctor answers without git too
            return ()
        # The last one is our own: every git that we run is told not to colour.
        return pairs[:-1]


def _drain(context: Context) -> None:
    """Drain the queue; where that fails, say so and go on with what the ledger has."""
    from buildlog_git.flows.fresh import refresh

    behind = refresh(context)
    if behind is not None:
        say(f"git buildlog: {safe(behind.message)} [{behind.slug}]\n")
        if behind.hint:
            say(f"  {behind.hint}\n")
