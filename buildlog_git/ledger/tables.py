"""The ledger's events as an SQLite database: a table a kind, a column a field.

Lists are JSON arrays, ids are the primary keys. The same events give the same rows in the same
order, whatever clone they come from.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

from buildlog_git.core.codec import encode
from buildlog_git.core.events import every_kind

if TYPE_CHECKING:
    from pathlib import Path

    from buildlog_git.core.events import Event


def write_tables(path: Path, events: Iterable[Event]) -> None:
    """Write ``events`` to a new database at ``path``, which must not exist.

    Raises:
        OSError: the place cannot be written.
        sqlite3.Error: the same, as the database says it.

    """
    rows: dict[str, list[Event]] = {kind: [] for kind in every_kind()}
    for event in events:
        rows[event.kind].append(event)
    db = sqlite3.connect(path)
    try:
        with db:
            for kind, cls in every_kind().items():
                names = ("id", *cls._fields)
                table = kind.replace("-", "_")
                columns = ", ".join(f'"{name}"' for name in names)
                keyed = columns.replace('"id"', '"id" TEXT PRIMARY KEY', 1)
                db.execute(f'CREATE TABLE "{table}" ({keyed})')
                marks = ", ".join("?" * len(names))
                db.executemany(
                    f'INSERT INTO "{table}" VALUES ({marks})',  # noqa: S608 - names of our own
                    ([_plain(getattr(event, name)) for name in names] for event in rows[kind]),
                )
    finally:
        db.close()


def _plain(value: object) -> object:
    return json.dumps(list(value)) if isinstance(value, tuple) else value


def as_lines(events: Iterable[Event]) -> bytes:
    """Return ``events`` as the ledger writes them, one a line."""
    return b"".join(encode(event) + b"\n" for event in events)
