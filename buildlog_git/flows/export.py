"""The ledger in forms that other programs read: lines, a table, a database.

``ndjson`` and ``sqlite`` hold every event that is not forgotten, by time and then id. ``csv`` is
one flat table instead: what each draft is worth, as ``rewards`` shows it, because a spreadsheet
has no use for events. The same ledger gives the same bytes.
"""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from sqlite3 import Error
from typing import Literal

from buildlog_git.core.forgotten import remaining
from buildlog_git.core.reward import RewardItem
from buildlog_git.errors import UsageError
from buildlog_git.flows.context import Context
from buildlog_git.flows.rewards import make_rewards
from buildlog_git.gitio.replacing import beside
from buildlog_git.ledger.tables import as_lines, write_tables

Format = Literal["ndjson", "csv", "sqlite"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With what a spreadsheet begins to compute."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written where: ``rows`` are events, or drafts in a table."""

    format: Format
    path: str
    rows: int
    bytes: int


def as_text(context: Context, form: Format) -> bytes:
    """Return the ledger in a form that can go through a pipe.

    Raises:
        UsageError: the form is a file, and not a stream.

    """
    if form == "sqlite":
        raise UsageError(
            "a database is a file: say which",
            slug="no-file",
            hint="git buildlog export --format sqlite --out ledger.sqlite3",
        )
    if form == "csv":
        return _table(context)[0]
    return as_lines(remaining(context.ledger.read().events))


def export(context: Context, form: Format, path: Path) -> Exported:
    """Write the ledger to ``path``, whole or not at all; a file that is there is replaced.

    Raises:
        UsageError: the file cannot be written.
        LedgerError: the ledger cannot be read.

    """
    new = beside(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        if form == "csv":
            content, rows = _table(context)
            new.write_bytes(content)
        else:
            events = remaining(context.ledger.read().events)
            rows = len(events)
            if form == "sqlite":
                write_tables(new, events)
            else:
                new.write_bytes(as_lines(events))
        new.replace(path)
    except (OSError, Error) as error:
        raise UsageError(
            f"cannot write {path}: {error}", slug="bad-file", hint="name a file that you may write"
        ) from error
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)
    return Exported(form, str(path), rows, path.stat().st_size)


def _table(context: Context) -> tuple[bytes, int]:
    items = make_rewards(context, stored=True).rewards
    names = [field.name for field in fields(RewardItem)]
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for item in items:
        writer.writerow([_cell(getattr(item, name)) for name in names])
    return stream.getvalue().encode("utf-8", "backslashreplace"), len(items)


def _cell(value: object) -> object:
    if value is None:
        return ""
    text = " ".join(value) if isinstance(value, tuple) else value
    # What others wrote must not run when somebody opens the file.
    return f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text
