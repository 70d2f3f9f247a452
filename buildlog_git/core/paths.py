"""Which files count: people and agents write them, no program does.

Lock files, minified and generated files, snapshots, data tables and other people's code are
left out, because nobody reads them as an agent's work. A repository adds patterns of its own
and takes back any of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fnmatch import translate

DEFAULT_EXCLUDED = (
    "*.lock", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "packages.lock.json",
    "gradle.lockfile", "Package.resolved", "go.sum", "*.min.*", "*.map", "*.generated.*",
    "*_pb2*", "*.pb.*", "*.snap", "*.svg", "*.ipynb", "*.csv", "*.jsonl",
    "vendor/", "node_modules/", "third_party/", "dist/", "build/", "__snapshots__/",
)  # fmt: skip
"""A pattern without a slash is a file name, one that ends in a slash a folder at any depth,
any other a whole path from the top; ``*`` matches everything, slashes included."""


_ENDING = re.compile(r"\*\.\w+")


class PathFilter:
    """Says whether a path counts.

    Args:
        excluded: patterns of paths that do not count.
        included: patterns that count in spite of ``excluded``.
        generated: says whether the repository's attributes mark a path as generated or
            vendored; asked at most once a path.

    """

    def __init__(
        self,
        excluded: Iterable[str] = DEFAULT_EXCLUDED,
        included: Iterable[str] = (),
        generated: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._known: dict[str, bool] = {}
        excluded, included = list(excluded), list(included)
        self._excluded = _compile(excluded)
        self._included = _compile(included)
        self._generated = generated
        self.endings = tuple(p for p in excluded if _ENDING.fullmatch(p)) if not included else ()
        """Patterns such as ``*.jsonl`` whose files git need not even compare."""

    def counts(self, path: str) -> bool:
        """Return whether text in ``path`` counts."""
        known = self._known.get(path)
        if known is None:
            known = self._known[path] = self._decide(path)
        return known

    def _decide(self, path: str) -> bool:
        if self._included.match(path):
            return True
        return not self._excluded.match(path) and not self._generated(path)


def _compile(patterns: Iterable[str]) -> re.Pattern[str]:
    parts = [_expression(pattern) for pattern in patterns if pattern]
    return re.compile("|".join(parts) if parts else r"(?!)", re.DOTALL)


def _expression(pattern: str) -> str:
    if pattern.endswith("/"):
        return rf"(?:.*/)?{translate(pattern.strip('/') + '/*')}"
    if "/" in pattern:
        return translate(pattern.lstrip("/"))
    # A file name: the pattern must not reach over a slash.
    inner = translate(pattern).replace(".*", "[^/]*")
    return rf"(?:.*/)?{inner}"
