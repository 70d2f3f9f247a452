"""What the random tests of the core draw from."""

from __future__ import annotations

from typing import Any, TypeVar

from hypothesis import strategies as st

Made = TypeVar("Made")


def made(cls: type[Made], **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Made]:
    """Draw values of ``cls``; fields that are not named keep their defaults.

    ``st.builds`` would draw those of a named tuple from their types.
    """
    return st.fixed_dictionaries(fields).map(lambda drawn: cls(**drawn))
