"""Who says whether two descriptions tell of one mistake: our own word overlap, or a back end.

A back end is a function of two texts that returns how alike they are, from 0 to 1. Packages
offer theirs as entry points of the group ``buildlog_git.similarity``; ``git config
buildlog.similarity <name>`` chooses one. None comes with this program, and none is looked for
anywhere but among what is installed.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from buildlog_git.core.mistakes import Similarity
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context

GROUP = "buildlog_git.similarity"
WORDS = "words"
"""The name of what is built in."""


def chosen_similarity(context: Context) -> Similarity | None:
    """Return the back end that is chosen, None for our own word overlap.

    Raises:
        UsageError: it is not installed, or cannot be loaded (``no-similarity``).

    """
    name = context.settings.similarity
    if name == WORDS:
        return None
    found = entry_points(group=GROUP)
    for entry in found:
        if entry.name == name:
            return _loaded(entry)
    known = ", ".join([WORDS, *sorted({entry.name for entry in found})])
    raise UsageError(
        f"no similarity back end called {name} is installed; there is {known}",
        slug="no-similarity",
        hint="install the package that offers it, or: git config --unset buildlog.similarity",
    )


def _loaded(entry: EntryPoint) -> Similarity:
    try:
        similarity: Similarity = entry.load()
    except Exception as error:  # somebody else's code may raise anything
        raise UsageError(
            f"the similarity back end {entry.name} cannot be loaded: {error}",
            slug="no-similarity",
            hint=f"it is {entry.value}; install what it needs",
        ) from error
    return similarity
