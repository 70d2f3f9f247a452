"""The words that git takes for yes and no.

A key without a value is a yes, but an empty value of a variable is nobody's choice: so the empty
word is in neither, and each reader says what it is there.
"""

from __future__ import annotations

YES = frozenset({"true", "yes", "on", "1"})
NO = frozenset({"false", "no", "off", "0"})
