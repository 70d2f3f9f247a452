"""What a release wrote is read for ever; what FORMAT.md says is what the code does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from buildlog_git import __version__
from buildlog_git.core.events import every_kind
from buildlog_git.flows.check import check
from buildlog_git.flows.schema import schema_of
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger
from tests.golden.write import FORMAT, GOLDEN, MARK, described, plain

if TYPE_CHECKING:
    from tests.builder import Repo

VERSIONS = sorted(path.parent.name for path in GOLDEN.glob("*/ledger"))


@pytest.mark.parametrize("version", VERSIONS)
def test_an_old_ledger_says_what_it_said(repo: Repo, version: str) -> None:
    repo.git("fast-import", "--quiet", stdin=(GOLDEN / version / "ledger").read_bytes())
    ledger = Ledger(Git(repo.path, repo.env), Path(".git"))
    stored = json.loads((GOLDEN / version / "reads-as.json").read_text(encoding="utf-8"))
    assert_holds(plain(ledger.read()), stored, version)
    assert check(ledger).tip == repo.id_of("refs/notes/buildlog")


def assert_holds(now: Any, then: Any, where: str) -> None:
    """Assert that all that was said is still said; a later release may say more."""
    if isinstance(then, dict):
        for key, value in then.items():
            assert_holds(now[key], value, f"{where}.{key}")
    elif isinstance(then, list):
        assert len(now) == len(then), where
        for number, value in enumerate(then):
            assert_holds(now[number], value, f"{where}[{number}]")
    else:
        assert now == then, where


def test_this_version_has_a_golden_ledger_with_every_kind() -> None:
    assert __version__ in VERSIONS, "a new version: python -m tests.golden.write"
    told = json.loads((GOLDEN / __version__ / "reads-as.json").read_text(encoding="utf-8"))
    assert {event["kind"] for event in told["events"]} == every_kind().keys()
    assert told["unknown"] == 2
    assert len(told["damaged"]) == 2
    check_line = jsonschema.Draft202012Validator(schema_of("events")).validate
    for event in told["events"]:
        check_line(event)


def test_the_comparison_sees_what_is_lost() -> None:
    assert_holds({"a": [1, {"b": 2, "c": 3}], "d": 4}, {"a": [1, {"b": 2}]}, "")
    for now in ({"a": [1, {"b": 3}]}, {"a": [1]}, {"a": [1, {"b": 2}, 3]}):
        with pytest.raises(AssertionError):
            assert_holds(now, {"a": [1, {"b": 2}]}, "")


def test_the_format_is_described_as_it_is() -> None:
    _, mark, printed = FORMAT.read_text(encoding="utf-8").partition(MARK)
    assert mark + printed == described(), "run: python -m tests.golden.write"
