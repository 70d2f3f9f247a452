"""Results as JSON: the same dataclasses that every other format shows."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def to_json(result: DataclassInstance) -> str:
    """Return ``result`` as indented JSON; characters beyond ASCII are escaped."""
    return json.dumps(asdict(result), indent=2)
