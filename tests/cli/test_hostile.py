"""Whatever somebody pushes into the notes: no output of ours runs, breaks or leaves the repository.

Every text field of every kind gets every payload that the format lets through, and lines that it
does not let through lie beside them. Then every command is run on that, in words and as JSON.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import typing
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import pytest
import typer

from buildlog_git.cli.app import app
from buildlog_git.cli.formats import FORMATS
from buildlog_git.core.codec import (
    LIST_LIMIT,
    NUMBER_LIMIT,
    TEXT_LIMIT,
    Damaged,
    Unknown,
    decode,
    encode,
)
from buildlog_git.core.events import every_kind
from buildlog_git.core.ids import Oid
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildlog_git.core.events import Event
    from tests.cli.conftest import Cli

PLAIN = {
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>\"'`&lt;",
    "markdown": "](javascript:alert(1)) ![x](http://x/y) | `a` **b** <!-- buildlog:end -->",
    "shell": "$(touch pwned) `touch pwned`; touch pwned | tee pwned #",
    "path": "../../../../pwned/../../etc/passwd",
    "absolute": "/var/../pwned",
    "dashes": "--output=pwned",
    "sql": "'; DROP TABLE draft; --",
    "formula": "=cmd|' /C calc'!A0",
    "format": "%s%n{0.__class__}{{7*7}}\\x1b[31m\\u202e",
    "git": "HEAD^{/x} refs/heads/main..@{-1}",
    "long": "x" * TEXT_LIMIT,
    "wide": "漢" * TEXT_LIMIT,
    "emoji": "👩🏽👍" * 50,
    "empty": "",
    "space": " " * TEXT_LIMIT,
}
"""What the format takes for plain text."""
UNSAFE = {
    "colour": "\x1b[31mred\x1b[2J\x1b]0;title\x07",
    "link": "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
    "lines": "one\ntwo\r\nthree",
    "backspace": "safe\x08\x08\x08\x08rm -rf",
    "override": "a\u202eb\u2066c\u2069\u202d",
    "marks": "a\u200e\u200f\u061cb",
    "zero width": "a\u200b\u2060\ufeffb",
    "separators": "a\u2028b\u2029c\x85d",
    "c1": "\x9b31m",
    "nul": "a\0b",
    "surrogate": "\ud800",
}
"""What it refuses: such a line is damaged, and still shown by who shows lines."""
ODD = {
    "deep": b"[" * 60_000,
    "deep object": b'{"v":1,"kind":"draft","x":' * 2_000,
    "huge": b'{"v":1,"kind":"draft","at":' + b"9" * 50_000 + b"}",
    "float": b'{"v":1e999,"kind":"draft"}',
    "nan": b'{"v":NaN,"kind":NaN}',
    "newer": b'{"v":99,"kind":"\\u001b[31m","text":"\\u202e<script>"}',
    "unknown": b'{"v":1,"kind":"../../pwned","id":"\\u001b]0;x\\u0007"}',
    "raw": b"\x1b[31m\xff\xfe\x00\x9b raw",
    "long": b"x" * 300_000,
    "conflict": b"<<<<<<< ours\n=======\n>>>>>>> theirs",
}

_TERMINAL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
ARGUMENTS: dict[str, list[list[str]]] = {
    "why": [["HEAD"]],
    "distance": [["HEAD~5"]],
    "carry": [["HEAD~3..HEAD~1", "HEAD"]],
    "reward": [],  # they write: their outputs are those of what is given
    "forget": [["--dry-run", "HEAD~5"], ["--dry-run", "--before", "2030-01-01"]],
    "compact": [["--dry-run"], []],
    "check": [[], ["--repair"]],
    "import": [["--dry-run", str(PROJECT / "tests" / "legacy" / "buildlog-0.8")]],
    "export": [["--format", "csv"], ["--format", "ndjson"], ["--format", "sqlite", "-o", "x.db"]],
    "privacy": [["HEAD"], ["HEAD~5"]],
    "demo": [],
    "install": [],
    "uninstall": [],
    "schema": [],
    "sync": [["--dry-run", "."]],
    "blame": [["README"]],
    "mcp": [],  # it serves until its input ends
}
"""How commands are called that need more than their name; none where there is nothing to see."""


def payloads_of(kind: str, commit: Oid, text: str) -> Iterator[Event]:
    """Yield an event with ``text`` in every field that holds text, and the greatest numbers."""
    cls: Any = every_kind()[kind]
    hints = get_type_hints(cls)
    for number in (0, NUMBER_LIMIT, -NUMBER_LIMIT) if text == PLAIN["html"] else (NUMBER_LIMIT,):
        values = {}
        for name in cls._fields:
            values[name] = _value(hints[name], commit, text, number)
        if kind == "tombstone":
            values |= {"events": ("0" * 16,), "lines": ("f" * 16,)}
        yield cls(**values)
        if text == PLAIN["path"]:  # lists that belong together, and one of them is empty
            for name in cls._fields:
                if isinstance(values[name], tuple):
                    about = {"session": name} if "session" in values else {}
                    yield cls(**{**values, **about, name: ()})


def _value(hint: Any, commit: Oid, text: str, number: int) -> Any:
    kinds = [part for part in get_args(hint) if part is not type(None)]
    if get_origin(hint) is typing.Literal:
        return get_args(hint)[0]
    if hint == tuple[str, ...]:
        many = LIST_LIMIT if text == PLAIN["long"] else 2
        return (text, *(f"{text[:-3]}{n}" for n in range(1, many)))
    if hint == tuple[float, ...]:
        return (1.0,) * (LIST_LIMIT if text == PLAIN["long"] else 2)
    if hint is Oid or Oid in kinds:
        return commit
    if hint is int:
        return number
    if hint is float or float in kinds:
        return 1.0
    return text


def encoded(event: Any) -> bytes | None:
    """Return the line of ``event``; with counts for numbers that are counts."""
    for _ in range(20):
        try:
            return encode(event)
        except ValueError as error:
            name = re.match(r"\S+ (\w+) is not a count", str(error))
            if name is None:
                return None  # longer than a line may be
            event = event._replace(**{name[1]: 0})
    return None


@pytest.fixture(scope="session")
def poisoned(told: Repo, tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """Fill the notes of the story's commits with everything above."""
    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(told.path, folder / "repo")
    repo = Repo(folder / "repo", told.env)
    repo.buildlog("scan")
    commits = [Oid(repo.id_of(name)) for name in ("HEAD", "HEAD~5")]
    for commit in commits:
        lines = list(ODD.values())
        for kind in every_kind():
            for text in PLAIN.values():
                lines += [line for e in payloads_of(kind, commit, text) if (line := encoded(e))]
            for text in UNSAFE.values():
                for event in payloads_of(kind, commit, "payload"):
                    plain = encoded(event) or b"{}"
                    lines.append(plain.replace(b"payload", json.dumps(text)[1:-1].encode()))
        note = repo.git_bytes("notes", "--ref=buildlog", "show", commit, check=False)
        whole = note + b"\n".join(lines) + b"\n"
        repo.git("notes", "--ref=buildlog", "add", "-f", "-F-", commit, stdin=whole)
    return repo


def calls() -> Iterator[tuple[str, ...]]:
    """Yield every command line that shows something, also of commands added later."""
    top: dict[str, Any] = getattr(typer.main.get_command(app), "commands", {})
    for name, command in sorted(top.items()):
        inner: dict[str, Any] = getattr(command, "commands", None) or {"": command}
        for sub, leaf in sorted(inner.items()):
            for args in ARGUMENTS[name] if name in ARGUMENTS else _plain_calls(sub, leaf):
                yield tuple(filter(None, (name, sub, *args)))


def _plain_calls(sub: str, leaf: Any) -> Iterator[list[str]]:
    if sub in _SHOWING and not any(param.required for param in leaf.params):
        yield []
        for param in leaf.params:
            if "--format" in param.opts:
                yield from (["--format", name] for name in FORMATS)


_SHOWING = ("", "list", "effects", "status")


@pytest.mark.parametrize("as_json", [False, True], ids=["words", "json"])
@pytest.mark.parametrize("call", [*calls()], ids=" ".join)
def test_no_output_runs_breaks_or_leaves(
    cli: Cli, poisoned: Repo, tmp_path: Path, call: tuple[str, ...], as_json: bool
) -> None:
    shutil.copytree(poisoned.path, tmp_path / "repo")
    if as_json and "--format" in call and "-o" not in call:
        return  # one form or the other
    before = outside(tmp_path)
    ran = run(cli, *call, *(["--json"] if as_json else []), at=tmp_path / "repo")
    assert "[unexpected]" not in ran.err, ran.err
    assert "Traceback" not in ran.err
    for stream in (ran.out, ran.err):
        assert not _TERMINAL.search(stream), _TERMINAL.findall(stream)[:5]
    if as_json:
        ran.json  # noqa: B018 - it parses
    if {"html", "markdown"} & {*call}:
        assert "<script>alert" not in ran.out
        assert "](javascript:" not in ran.out
    if "csv" in call:
        rows = list(csv.reader(io.StringIO(ran.out)))
        assert len({len(row) for row in rows}) == 1
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
    assert outside(tmp_path) - before <= {"repo/x.db"}


def run(cli: Cli, *args: str, at: Path) -> Any:
    """Run a command that may end with any of its own exit codes."""
    for code in (0, 1, 3):
        try:
            return cli(*args, at=at, code=code)
        except AssertionError as ended:
            if code == 3:
                raise
            if "[unexpected]" in str(ended):
                raise
    raise AssertionError


def outside(folder: Path) -> set[str]:
    """Return all that lies outside the git directory."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if ".git" not in path.parts
    }


def test_the_payloads_are_what_they_say(poisoned: Repo) -> None:
    """Guard the guard: plain ones are read as events, the others are damaged."""
    note = poisoned.git_bytes("notes", "--ref=buildlog", "show", "HEAD")
    read = [decode(line) for line in note.split(b"\n") if line.strip()]
    kinds = {event.kind for event in read if not isinstance(event, Damaged | Unknown)}
    assert kinds == set(every_kind())
    assert sum(isinstance(found, Damaged) for found in read) > 5 * len(UNSAFE)
    for text in UNSAFE.values():
        (event, *_) = payloads_of("mistake", Oid("a" * 40), text)
        with pytest.raises(ValueError, match="plain text"):
            encode(event)
