"""Whole histories in one git process: thousands of commits, or one for each random example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.builder import AGENTS, PERSON, START, Repo

if TYPE_CHECKING:
    from pathlib import Path

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Made:
    """A commit to make: ``parents`` are numbers of earlier ones, None removes a file."""

    files: Mapping[str, str | bytes | None] = field(default_factory=dict)
    agent: str | None = None
    parents: tuple[int, ...] | None = None
    message: str = ""
    branch: str = "main"


def write_history(path: Path, commits: Iterable[Made], *, bare: bool = True) -> list[str]:
    """Write ``commits``, a minute apart, to a new repository; return their ids.

    Without parents a commit follows the one before. Of each branch the last commit is the tip.
    """
    repo = Repo.init(path, bare=bare)
    who = f"{PERSON.name} <{PERSON.email}>"
    parts: list[bytes] = []
    at = 0
    for at, made in enumerate(commits):
        mark = f"\n\n{AGENTS[made.agent]}\n" if made.agent else "\n"
        message = f"{made.message or f'Change {at}'}{mark}".encode()
        when = f"{START + at * MINUTE} +0000"
        parents = made.parents if made.parents is not None else ((at - 1,) if at else ())
        parts.append(
            f"commit refs/heads/{made.branch}\nmark :{at + 1}\n"
            f"author {who} {when}\ncommitter {who} {when}\ndata {len(message)}\n".encode()
        )
        parts.append(message)
        if parents:
            parts.append(f"from :{parents[0] + 1}\n".encode())
        parts += [f"merge :{parent + 1}\n".encode() for parent in parents[1:]]
        for name, content in made.files.items():
            if content is None:
                parts.append(f"D {name}\n".encode())
                continue
            data = content.encode() if isinstance(content, str) else content
            parts.append(f"M 100644 inline {name}\ndata {len(data)}\n".encode() + data + b"\n")
        parts.append(b"\n")
    marks = path / "marks"
    repo.git("fast-import", "--quiet", "--force", f"--export-marks={marks}", stdin=b"".join(parts))
    known = dict(line.split() for line in marks.read_text().splitlines())
    marks.unlink()
    repo.clock.now = START + at * MINUTE
    return [known[f":{number + 1}"] for number in range(at + 1)]
