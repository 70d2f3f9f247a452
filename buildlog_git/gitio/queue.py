"""The queue of signals: a file that hooks append to, and that one drain at a time empties.

A hook opens the file and writes one line. Between the two the drain may have taken the file
away. So a file that was taken is not deleted when its lines have become facts, but kept for a
while under a name that says how far it was read: what arrived late is read by the next drain.
Reading a line twice does no harm, since facts have ids.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from buildlog_git.core.signals import Signal, format_signal, parse_signal

FOLDER = "buildlog"
"""Where all that belongs to one clone lies, below git's common directory."""
LATE = 60
"""Seconds that a line may be on its way from a hook to a file that was taken."""
KEPT_MAPS = 24 * 3600
"""Seconds that the map of a rewrite may lie there without a line that names it."""

_TAKEN = "queue.taken"
_MAPS = "rewrites"


class RewriteMap(NamedTuple):
    """What a rewrite replaced: (old, new) pairs, and (verb, old) of a rebase's list."""

    pairs: tuple[tuple[str, str], ...] = ()
    done: tuple[tuple[str, str], ...] = ()


class Queue:
    """The queue of one repository; only who holds the drain's lock may take from it."""

    def __init__(self, common_dir: Path) -> None:
        self._folder = common_dir / FOLDER
        self._taken: dict[str, int] = {}

    def append(self, signal: Signal) -> None:
        """Add a signal; for hooks that are not run by the shell."""
        self._folder.mkdir(exist_ok=True)
        line = format_signal(signal).encode("utf-8", "surrogateescape") + b"\n"
        file = os.open(self._folder / "queue", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(file, line)
        finally:
            os.close(file)

    def waiting(self) -> bool:
        """Return whether there is a line that nobody has taken yet."""
        with suppress(OSError):
            return (self._folder / "queue").stat().st_size > 0
        return False

    def take(self, now: float) -> list[Signal]:
        """Return the signals that have arrived, in order; see :meth:`done`."""
        with suppress(OSError):
            names = {entry.name for entry in self._folder.iterdir()}
            if "queue" in names:
                number = 1 + max((_number(name) for name in names), default=0)
                # The number keeps the order, the second one says how far the file was read.
                name = f"{_TAKEN}.{number}.0"
                (self._folder / "queue").rename(self._folder / name)
                names.add(name)
            found = sorted((n for n in names if n.startswith(_TAKEN)), key=_number)
            return [signal for name in found for signal in self._read(name, now)]
        return []

    def done(self) -> None:
        """Remember that what was taken has become facts."""
        for name, size in self._taken.items():
            target = f"{_TAKEN}.{_number(name)}.{size}"
            if target != name:
                with suppress(OSError):
                    (self._folder / name).rename(self._folder / target)
        self._taken.clear()

    def _read(self, name: str, now: float) -> Iterator[Signal]:
        path = self._folder / name
        start = int(name.rsplit(".", 1)[1])
        content = path.read_bytes()
        end = content.rfind(b"\n") + 1
        if end <= start:
            if now - path.stat().st_ctime > LATE:
                path.unlink()
            return
        self._taken[name] = end
        for line in content[start:end].split(b"\n"):
            signal = parse_signal(line.decode("utf-8", "surrogateescape"))
            if signal is not None:
                yield signal

    def forget_read(self) -> None:
        """Delete files of which every line has become a fact."""
        with suppress(OSError):
            for path in self._folder.glob(f"{_TAKEN}.*"):
                if path.stat().st_size == int(path.name.rsplit(".", 1)[1]):
                    path.unlink()

    def rewrite_map(self, name: str) -> RewriteMap:
        """Return the map of a rewrite that a signal names; empty where it is gone."""
        if "/" in name or name.startswith("."):
            return RewriteMap()
        try:
            text = (self._folder / _MAPS / name).read_text("utf-8", "surrogateescape")
        except OSError:
            return RewriteMap()
        rows = [line.split(" ") for line in text.splitlines()]
        return RewriteMap(
            tuple((row[0], row[1]) for row in rows if len(row) >= 2 and row[0] != "done"),
            tuple((row[1], row[2]) for row in rows if len(row) >= 3 and row[0] == "done"),
        )

    def spool(self, name: str, content: RewriteMap) -> None:
        """Keep the map of a rewrite under ``name``, for a signal that will name it."""
        (self._folder / _MAPS).mkdir(parents=True, exist_ok=True)
        lines = [f"{old} {new}\n" for old, new in content.pairs]
        lines += [f"done {verb} {old}\n" for verb, old in content.done]
        (self._folder / _MAPS / name).write_text("".join(lines), "utf-8", "surrogateescape")

    def drop_maps(self, names: list[str], now: float) -> None:
        """Delete maps that have become facts, and those that no signal ever named."""
        folder = self._folder / _MAPS
        with suppress(OSError):
            for path in folder.iterdir():
                if path.name in names or now - path.stat().st_mtime > KEPT_MAPS:
                    path.unlink()


def _number(name: str) -> int:
    parts = name.split(".")
    if len(parts) == 4 and name.startswith(_TAKEN) and parts[2].isdigit() and parts[3].isdigit():
        return int(parts[2])
    return 0
