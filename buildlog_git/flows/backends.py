"""Who judges likeness, and who reads rules out of notes: what is built in, or a back end.

A back end is a function that an installed package offers as an entry point, chosen by name with
``git config buildlog.similarity <name>`` or ``buildlog.extraction <name>``. Its group is
``buildlog_git.similarity``: two texts, and how alike they are from 0 to 1; or
``buildlog_git.extraction``: see :mod:`..core.extraction`. None comes with this program, and none
is looked for anywhere but among what is installed. Who chose one wants that one: where it is
missing, fails, or answers nonsense, that is said, and what is built in does not step in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from buildlog_git.core.extraction import Extracted, Extraction, Note, checked
from buildlog_git.core.mistakes import Similarity
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context

Kind = Literal["similarity", "extraction"]
BUILT_IN: dict[Kind, str] = {"similarity": "words", "extraction": "sentences"}
"""The names of what is built in."""
_ROUNDING = 1e-6
"""By so much a share may miss 0 to 1."""
_LONGEST = 200
"""Characters of what a back end says of its failure."""


def chosen_similarity(context: Context) -> Similarity | None:
    """Return the back end that is chosen, None for our own word overlap.

    What it returns raises a UsageError (``similarity-failed``) where the back end fails.

    Raises:
        UsageError: it is not installed, or cannot be loaded (``no-similarity``).

    """
    name = context.settings.similarity
    backend = _chosen("similarity", name)
    if backend is None:
        return None

    def similarity(one: str, other: str) -> float:
        with _told_on_failure("similarity", name):
            share = float(backend(one, other))
            if not -_ROUNDING <= share <= 1 + _ROUNDING:
                raise ValueError(f"{share} is not from 0 to 1")
            return share

    return similarity


def chosen_extraction(context: Context) -> Extraction | None:
    """Return the back end that is chosen, None for what is built in.

    What it returns raises a UsageError (``extraction-failed``) where the back end fails.

    Raises:
        UsageError: it is not installed, or cannot be loaded (``no-extraction``).

    """
    name = context.settings.extraction
    backend = _chosen("extraction", name)
    if backend is None:
        return None

    def extraction(notes: Sequence[Note]) -> list[Extracted]:
        with _told_on_failure("extraction", name):
            return checked(backend([note.plain() for note in notes]), notes) if notes else []

    return extraction


def _chosen(kind: Kind, name: str) -> Callable[..., Any] | None:
    if name == BUILT_IN[kind]:
        return None
    found = entry_points(group=f"buildlog_git.{kind}")
    for entry in found:
        if entry.name == name:
            return _loaded(kind, entry)
    known = ", ".join([BUILT_IN[kind], *sorted({entry.name for entry in found})])
    raise UsageError(
        f"no {kind} back end called {name} is installed; there is {known}",
        slug=f"no-{kind}",
        hint=f"install the package that offers it, or: git config --unset buildlog.{kind}",
    )


def _loaded(kind: Kind, entry: EntryPoint) -> Callable[..., Any]:
    try:
        backend = entry.load()
        if not callable(backend):
            raise TypeError("it is no function")
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"the {kind} back end {entry.name} cannot be loaded: {_line(error)}",
            slug=f"no-{kind}",
            hint=f"it is {entry.value}; install what it needs",
        ) from error
    function: Callable[..., Any] = backend
    return function


@contextmanager
def _told_on_failure(kind: Kind, name: str) -> Iterator[None]:
    """Turn whatever somebody else's code ends with into an error that says whose it is."""
    try:
        yield
    except (Exception, SystemExit) as error:
        raise UsageError(
            f"the {kind} back end {name} failed: {_line(error)}",
            slug=f"{kind}-failed",
            hint=f"mend it, or: git config --unset buildlog.{kind}",
        ) from error


def _line(error: BaseException) -> str:
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
