"""Writes what tests/golden/test_golden.py compares: ``python -m tests.golden.write``.

FORMAT.md's second half is printed from the code, every time. The golden ledger of a version is
written once: what a release wrote must be read for ever, so its folder is never written again
(before the release of that version, remove the folder first).
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from buildlog_git import __version__
from buildlog_git.core.codec import (
    DEPTH_LIMIT,
    LINE_LIMIT,
    LIST_LIMIT,
    NUMBER_LIMIT,
    TEXT_LIMIT,
    encode,
)
from buildlog_git.core.events import Event, Rewrite, Seen, every_kind
from buildlog_git.core.fold import fold
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.ids import Oid
from buildlog_git.core.meanings import KINDS, meaning
from buildlog_git.core.session_events import Exposure, Mistake, Reward, Session, SessionEnd
from buildlog_git.flows.schema import schema_of
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger, LedgerView
from buildlog_git.render.jsonout import to_plain
from tests.builder import PROJECT, Repo, sealed_environment

GOLDEN = PROJECT / "tests" / "golden"
FORMAT = PROJECT / "FORMAT.md"
MARK = "<!-- What follows is printed from the code: python -m tests.golden.write -->"
NOTES = "refs/notes/buildlog"


# -- FORMAT.md --------------------------------------------------------------------------------


def described() -> str:
    """Return the second half of FORMAT.md: limits, kinds, fields, schema."""
    schema = schema_of("events")
    limits = (
        f"A line has at most {LINE_LIMIT:,} bytes, a text {TEXT_LIMIT} characters, none of which "
        f"controls a terminal or hides, a list {LIST_LIMIT} items; whole numbers are at most "
        f"{NUMBER_LIMIT:,} either way, shares run from 0 to 1. Lists and objects lie at most "
        f"{DEPTH_LIMIT} deep."
    )
    parts = [MARK, "", limits, ""]
    by_kind = {one["properties"]["kind"]["const"]: one for one in schema["oneOf"]}
    for kind, cls in every_kind().items():
        hints = get_type_hints(cls)
        parts += [f"### {kind}", "", KINDS[kind], "", "| field | type | meaning |", "|---|---|---|"]
        shape = by_kind[kind]
        for name, what in shape["properties"].items():
            if name not in ("v", "kind", "id"):
                optional = "" if name in shape["required"] else ", optional"
                held = "object id" if "Oid" in str(hints[name]) else _type(what)
                parts.append(f"| `{name}` | {held}{optional} | {meaning(kind, name)} |")
        parts.append("")
    parts += ["### JSON Schema of a line", "", "```json", json.dumps(schema, indent=1), "```", ""]
    return "\n".join(parts)


def _type(what: dict[str, Any]) -> str:
    """Return what a field holds, in a few words."""
    choices = what.get("enum") or ([what["const"]] if "const" in what else [])
    if choices:
        return ", ".join(f"`{choice}`" for choice in choices)
    options = [one for one in what.get("anyOf", ()) if one.get("type") != "null"]
    if options:
        return _type(options[0])
    if what.get("type") == "array":
        return f"list of {_type(what.get('items', {}))}"
    return {"string": "text", "integer": "whole number", "number": "share"}[what["type"]]


# -- golden ledgers ---------------------------------------------------------------------------


def plain(view: LedgerView) -> dict[str, Any]:
    """Return what a ledger says and what it folds to, as JSON."""
    folded = fold(view.events)
    parts = {field.name: getattr(folded, field.name) for field in fields(folded)}
    experiment = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in parts.items()
    }
    return {
        "events": [json.loads(encode(event)) for event in view.events],
        "damaged": sorted([line.commit, line.reason] for line in view.damaged),
        "unknown": view.unknown,
        "experiment": to_plain(experiment),
    }


def tell(folder: Path) -> Repo:
    """Return a repository whose ledger has every kind of event and every kind of trouble."""
    home = Repo.init(folder / "start", env=sealed_environment(folder / "home"))
    home.env["BUILDLOG_NOW"] = "1795600000"
    home.buildlog("demo", str(folder / "demo"))
    repo = Repo(folder / "demo", home.env)
    head, before = Oid(repo.head), Oid(repo.id_of("HEAD~3"))
    ledger = Ledger(Git(repo.path, repo.env), Path(".git"))
    ledger.append(_events(head, before))
    old = repo.git("notes", "--ref=buildlog", "show", before)
    newer = old.replace('"engine":1', '"engine":2').replace('"tokens":25', '"tokens":26')
    more = (
        f"{newer}\n{old}\n\n<<<<<<< ours\n" + '{"v":2,"kind":"draft"}\n{"v":1,"kind":"epitaph"}\n'
    )
    repo.git("notes", "--ref=buildlog", "append", "-F-", before, stdin=more.encode())
    short = b'{"v":1,"kind":"seen"}\n'
    repo.git("notes", "--ref=buildlog", "append", "-F-", repo.id_of("HEAD~9"), stdin=short)
    return repo


def _events(head: Oid, before: Oid) -> list[Event]:
    at = 1_795_000_000
    gone = Seen(commit=before, at=at)
    return [
        Seen(commit=head, at=at),
        gone,
        Tombstone(commit=before, at=at + 9, events=(gone.id,), lines=("0" * 16,)),
        Rewrite(commit=head, at=at, old=Oid("e" * 40), way="rewrite"),
        Session(
            commit=before, at=at, session="s1", branch="b" * 16, clone="c" * 16,
            worktree="d" * 16, error_class="tests", offered=("one", "two"),
            texts=("1" * 16, "2" * 16), drawn=("one",), held=("two",), forced=("three",),
            weights=(0.5, 0.5), probability=(0.485, 0.485), k=1, holdout=0.03, digest="f" * 16,
            exposure="a" * 16,
        ),
        Exposure(commit=before, at=at + 1, session="s1", channel="file", state="shown",
                 rules=("one", "three"), exposure="a" * 16, targets=("claude",)),
        SessionEnd(commit=before, at=at + 5, session="s1", reason="merged", commits=2,
                   rules_start=3, rules_end=3, notes="well done"),
        Reward(commit=before, at=at + 2, outcome="revision", source="person", draft=before,
               distance=0.25, session="s1", error_class="tests", rules=("one",), nonce="n"),
        Mistake(commit=before, at=at + 3, error_class="tests", description="no test",
                source="trailer", session="s1", corrected_by="two", declared=head),
    ]  # fmt: skip


def main() -> None:
    """Write FORMAT.md's second half, and this version's golden ledger where there is none."""
    text = FORMAT.read_text(encoding="utf-8")
    FORMAT.write_text(text.partition(MARK)[0] + described(), encoding="utf-8")
    folder = GOLDEN / __version__
    if folder.exists():
        sys.stdout.write(f"{folder.name} is written for ever\n")
        return
    scratch = Path(tempfile.mkdtemp())
    try:
        repo = tell(scratch)
        view = Ledger(Git(repo.path, repo.env), Path(".git")).read()
        folder.mkdir()
        (folder / "ledger").write_bytes(repo.git_bytes("fast-export", NOTES))
        told = json.dumps(plain(view), indent=1, sort_keys=True)
        (folder / "reads-as.json").write_text(f"{told}\n", encoding="utf-8")
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
