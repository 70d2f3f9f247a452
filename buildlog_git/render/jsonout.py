"""Results as JSON: the same values that every other format shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def to_json(result: DataclassInstance | tuple[object, ...]) -> str:
    """Return ``result`` as indented JSON; characters beyond ASCII are escaped."""
    return json.dumps(to_plain(result), indent=2)


def to_plain(value: Any) -> Any:
    """Return ``value`` as what JSON knows; a named tuple is an object, not an array."""
    if is_dataclass(value):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return to_plain(value._asdict())
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    return value
