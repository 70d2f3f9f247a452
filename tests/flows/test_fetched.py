"""What a plain ``git fetch`` has brought is united by the next command, and said where missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildlog_git.flows.fetched import MEMORY, unite_fetched
from buildlog_git.flows.report import make_report
from buildlog_git.gitio.notetree import REF
from tests.builder import Repo
from tests.cli.conftest import Cli, cli
from tests.flows.play import context
from tests.flows.test_sync import SAFE, here, hub, known, run, two, write

if TYPE_CHECKING:
    import pytest

__all__ = ["cli", "hub", "two"]


def test_a_plain_fetch_and_the_next_command(cli: Cli, two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, 1)
    run(one)
    write(other, 2)
    other.git("fetch", "-q", "origin", SAFE)
    assert known(other) == here(2)
    cli("log", at=other.path)
    assert known(other) == here(1, 2)
    assert unite_fetched(context(other)) == 0
    write(one, 3)
    run(one)
    assert unite_fetched(context(other)) == 0, "nobody has fetched it yet"
    other.git("fetch", "-q", "origin", SAFE)
    assert unite_fetched(context(other)) == 1
    assert known(other) == here(1, 2, 3)


def test_what_is_remembered_may_be_lost_or_wrong(two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, 1)
    run(one)
    run(other)
    assert unite_fetched(context(other)) == 0
    memory = other.path / ".git" / MEMORY
    for damage in (b"\xff", b""):
        memory.write_bytes(damage)
        assert unite_fetched(context(other)) == 0
    other.git("update-ref", "-d", REF)
    assert unite_fetched(context(other)) == 1, "the memory is right, but our notes are gone"
    assert known(other) == here(1)


def test_a_command_goes_on_where_they_cannot_be_united(
    cli: Cli, two: tuple[Repo, Repo], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    write(one, 1)
    run(one)
    write(other, 1, 2)
    other.git("fetch", "-q", "origin", SAFE)
    blob = one.git("rev-parse", f"{REF}:{next(iter(here(1)))[:2]}/{next(iter(here(1)))[2:]}")
    other.git("notes", "--ref=buildlog", "list")
    mine = other.git("hash-object", "-w", "--stdin", stdin=b"another line\n")
    name = next(iter(here(1)))
    other.git(
        "fast-import", "--quiet",
        stdin=f"commit {REF}\ncommitter o <o@o> 1 +0000\ndata 0\nfrom {REF}^0\n"
        f"M 100644 {mine} {name[:2]}/{name[2:]}\n".encode(),
    )  # fmt: skip
    (other.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink(missing_ok=True)
    monkeypatch.chdir(other.path)
    ran = cli("log")
    assert "[ledger-unreadable]" in ran.err
    assert "Start" in ran.out


def test_missing_notes_are_said_and_never_looked_for_unasked(
    cli: Cli, two: tuple[Repo, Repo]
) -> None:
    one, other = two
    one.agent_commit({"b": "1\n2\n3\n"}).git("push", "-q", "origin", "main")
    cli("scan", at=one.path)
    assert not make_report(context(one)).coverage.missing_notes
    run(one)
    other.git("pull", "-q")
    hint = "there are no notes in this clone; if others have stored some, git buildlog sync fetches"
    said = " ".join(cli("report", at=other.path).out.split())
    assert hint in said
    assert cli("report", "--json").json["coverage"]["missing_notes"]
    cli("sync")
    assert hint not in " ".join(cli("report").out.split())
    alone = Repo.init(one.path.parent / "alone").commit({"a": "1\n"})
    assert not make_report(context(alone)).coverage.missing_notes
