"""Takes out of people's words what does not belong into a note that everybody fetches."""

from __future__ import annotations

import re

from buildlog_git.core.codec import clip

REMOVED = "[removed]"
_LOOKED_AT = 2000
"""Characters that are looked at: ten times of what is kept."""

_PRIVATE = (
    # A URL with somebody's credentials, whole: the host may tell whose they are.
    r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/@]*:?[^\s/@]*@\S*",
    r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+",
    # What services hand out as keys, by their prefixes; and JSON web tokens.
    r"\b(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-|[sr]k[-_]|pk_|AKIA|ASIA|AIza|npm_|pypi-)[\w-]{8,}",
    r"\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*",
    r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9+/=._~-]{8,}",
    r"(?i)\b(?:password|passwd|pwd|secret|token|api[_-]?key)\b\s*[=:]\s*\S+",
    # Long words in which digits and letters mix.
    r"(?a)(?<![\w+/=-])(?=[\w+/=-]*\d)(?=[\w+/=-]*[A-Za-z])[\w+/=-]{20,}",
)


def redact(text: str) -> str:
    """Return ``text`` without addresses, credentials and what looks like a key, on one line."""
    text = " ".join(text[:_LOOKED_AT].split())
    for pattern in _PRIVATE:
        text = re.sub(pattern, REMOVED, text)
    return clip(text)
