"""Whole outputs, kept as files: a change of a word or a column shows in the diff."""

from __future__ import annotations

import os
from pathlib import Path

GOLD = Path(__file__).parent / "gold"


def assert_gold(name: str, text: str) -> None:
    """Compare ``text`` with a gold file; PYTEST_UPDATE_GOLD=1 writes it anew."""
    path = GOLD / name
    if os.environ.get("PYTEST_UPDATE_GOLD"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8"), f"{name}: PYTEST_UPDATE_GOLD=1 accepts it"
