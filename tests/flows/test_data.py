"""What is stored, shown and moved: privacy, export, and the folder of buildlog 0.8."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.codec import decode
from buildlog_git.core.events import every_kind
from buildlog_git.core.forgotten import Tombstone
from buildlog_git.core.meanings import FIELDS, KINDS, meaning
from buildlog_git.core.session_events import Mistake, Reward, Session, SessionEnd
from buildlog_git.errors import UsageError
from buildlog_git.flows.drain import drain
from buildlog_git.flows.export import Format, as_text, export
from buildlog_git.flows.fetched import unite_fetched
from buildlog_git.flows.forget import forget
from buildlog_git.flows.legacy import import_legacy
from buildlog_git.flows.privacy import look
from buildlog_git.flows.scan import scan
from buildlog_git.gitio.notetree import REF
from buildlog_git.gitio.queue import Queue, RewriteMap
from tests.builder import PROJECT
from tests.flows.play import BASE, FRESH, MINE, context, text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builder import Repo

FORMS: tuple[Format, ...] = ("ndjson", "csv", "sqlite")
OLD = PROJECT / "tests" / "legacy" / "buildlog-0.8"
"""Written by buildlog 0.8.0 itself: two sessions, two mistakes alike, three rewards."""


def told(repo: Repo) -> Repo:
    repo.commit({"a.py": text(BASE)}).agent_commit({"a.py": text(BASE, MINE)})
    repo.commit({"a.py": text(BASE, FRESH)})
    scan(context(repo))
    return repo


# -- privacy ----------------------------------------------------------------------------------


def test_every_field_of_every_kind_has_a_meaning() -> None:
    assert KINDS.keys() == every_kind().keys()
    used = {"v", "kind", "id"}
    for kind, cls in every_kind().items():
        for field in cls._fields:
            assert meaning(kind, field), f"{kind}.{field}: say in core/meanings.py what it means"
            used |= {field, f"{kind}.{field}"}
    assert FIELDS.keys() <= used


def test_it_shows_the_note_and_nothing_else(repo: Repo) -> None:
    told(repo)
    drain(context(repo))
    found = look(context(repo), "HEAD~1")
    note = repo.git("notes", "--ref=buildlog", "show", "HEAD~1").splitlines()
    assert [line.raw for line in found.lines] == note
    for line, raw in zip(found.lines, note, strict=True):
        told_there = {field.name: json.loads(field.value) for field in line.fields}
        assert told_there == json.loads(raw)
        assert all(field.meaning for field in line.fields)
    assert found.elsewhere == (repo.head,)
    folder = repo.path / ".git" / "buildlog"
    there = {path.relative_to(repo.path / ".git").as_posix() for path in folder.rglob("*")
             if path.is_file()}  # fmt: skip
    assert {file.path for file in found.local} == there
    assert "buildlog/local.sqlite3" in there
    assert all(file.what for file in found.local)


def test_every_file_of_a_clone_has_words(repo: Repo, tmp_path: Path) -> None:
    told(repo)
    clone = repo.clone(tmp_path / "other")
    clone.git("fetch", "-q", "origin", f"{REF}:refs/notes-sync/origin/buildlog")
    other = context(clone)
    assert unite_fetched(other) > 0
    Queue(other.repo.common_dir).spool("1", RewriteMap((("0" * 40, "1" * 40),)))
    found = {file.path: file.what for file in look(other).local}
    assert {"buildlog/rewrites/1", "buildlog/united"} <= found.keys()
    assert all(found.values()), found


def test_what_cannot_be_read_is_shown_all_the_same(repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    note = b'{"v":1,"kind":"epitaph","text":"x"}\n\xff\x1b[31m\n'
    repo.git("notes", "--ref=buildlog", "add", "-F-", "HEAD", stdin=note)
    found = look(context(repo))
    assert [line.kind for line in found.lines] == [None, None]
    assert found.lines[1].raw == "\\xff\x1b[31m"
    with pytest.raises(UsageError):
        look(context(repo), "nope")


# -- export -----------------------------------------------------------------------------------


def test_lines_and_tables_hold_every_event(repo: Repo, tmp_path: Path) -> None:
    here = context(told(repo))
    import_legacy(here, OLD)
    events = here.ledger.read().events
    lines = as_text(here, "ndjson").splitlines()
    assert tuple(map(decode, lines)) == events
    done = export(here, "sqlite", tmp_path / "x.db")
    assert done.rows == len(events)
    db = sqlite3.connect(tmp_path / "x.db")
    for kind, cls in every_kind().items():
        columns = ", ".join(f'"{name}"' for name in ("id", *cls._fields))
        rows = db.execute(f'SELECT {columns} FROM "{kind.replace("-", "_")}"').fetchall()  # noqa: S608
        assert [row[0] for row in rows] == [e.id for e in events if e.kind == kind]
        for row, event in zip(rows, (e for e in events if e.kind == kind), strict=True):
            read = [tuple(json.loads(v)) if isinstance(e, tuple) else v
                    for v, e in zip(row[1:], event, strict=True)]  # fmt: skip
            assert tuple(read) == event
    db.close()


@pytest.mark.parametrize("form", FORMS)
def test_the_same_ledger_gives_the_same_bytes(repo: Repo, tmp_path: Path, form: Format) -> None:
    told(repo)
    for name in ("one", "two"):
        export(context(repo), form, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == ["one", "two"]


def test_the_table_is_what_rewards_shows(repo: Repo) -> None:
    told(repo)
    (row,) = csv.DictReader(io.StringIO(as_text(context(repo), "csv").decode()))
    assert (row["commit"], row["agent"]) == (repo.id_of("HEAD~1"), "claude")
    assert (float(row["distance"]), float(row["reward"]), row["session"]) == (1.0, 0.0, "")


def test_a_table_does_not_compute(repo: Repo) -> None:
    told(repo)
    here = context(repo)
    here.ledger.append([
        Reward(commit=here.ledger.read().events[0].commit, at=1, outcome="accepted",
               source="person", error_class='=cmd|"/c calc"!A1', rules=("@SUM(1)",)),
    ])  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(as_text(here, "csv").decode())))
    assert {row["error_class"] for row in rows} >= {'\'=cmd|"/c calc"!A1'}
    assert not any(str(value).startswith(("=", "@", "+")) for row in rows for value in row.values())


def test_what_is_forgotten_is_not_exported(repo: Repo) -> None:
    told(repo)
    forget(context(repo), ["HEAD~1"])
    kinds = {type(decode(line)) for line in as_text(context(repo), "ndjson").splitlines()}
    assert kinds == {Tombstone}


def test_an_export_that_cannot_be(repo: Repo, tmp_path: Path) -> None:
    here = context(told(repo))
    with pytest.raises(UsageError, match="a database is a file"):
        as_text(here, "sqlite")
    for form in FORMS:
        with pytest.raises(UsageError) as raised:
            export(here, form, tmp_path / "no" / "such" / "file")
        assert raised.value.slug == "bad-file"
        with pytest.raises(UsageError):
            export(here, form, tmp_path)


# -- import -----------------------------------------------------------------------------------


def test_the_old_folder_becomes_facts_once(repo: Repo) -> None:
    repo.commit({"a": "1\n"}).commit({"a": "2\n"})
    done = import_legacy(context(repo), OLD)
    assert (done.sessions, done.mistakes, done.rewards) == (2, 2, 3)
    assert (done.written, done.already, done.merged, done.unread) == (8, 0, 1, 0)
    assert {item.file: item.entries for item in done.left} == {
        "bandit_state.jsonl": 4, "promoted.json": 2, "rejected.json": 1
    }  # fmt: skip
    events = context(repo).ledger.read().events
    assert {event.commit for event in events} == {repo.head}
    first, _ = sessions = [e for e in events if isinstance(e, Session)]
    assert {(s.arm, s.policy, s.offered, s.drawn) for s in sessions} == {
        ("forced", "buildlog-0.8", (), ())
    }
    assert set(first.rules) == {"arch-b0efab23fe", "wf-f0dff78184"}
    (mistake,) = (e for e in events if isinstance(e, Mistake))
    assert mistake.description == "Forgot the test for Ada <[removed]>"
    assert (mistake.session, mistake.error_class) == (first.session, "missing_test")
    rewards = [e for e in events if isinstance(e, Reward)]
    assert {(r.outcome, r.distance, r.session == first.session) for r in rewards} == {
        ("revision", 0.3, True), ("accepted", None, True), ("rejected", None, False)
    }  # fmt: skip
    ends = [e for e in events if isinstance(e, SessionEnd)]
    assert [(e.rules_start, e.rules_end) for e in ends] == [(2, 2), (2, 2)]
    again = import_legacy(context(repo.commit({"a": "3\n"})), OLD)
    assert (again.written, again.already) == (0, 8)


def test_each_fact_goes_to_the_last_commit_before_it(repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    repo.at(1_795_617_757).commit({"a": "2\n"})  # in the middle of the first session
    here = context(repo, now=1_900_000_000)
    import_legacy(here, OLD)
    events = here.ledger.read().events
    (first, second) = sorted(
        (e for e in events if isinstance(e, Session)), key=lambda session: session.session
    )
    assert (first.commit, second.commit) == (repo.id_of("HEAD~1"), repo.head)
    assert {e.commit for e in events if isinstance(e, Mistake | Reward)} == {repo.head}


def test_what_was_forgotten_is_not_imported_again(repo: Repo) -> None:
    repo.commit({"a": "1\n"})
    import_legacy(context(repo), OLD)
    forget(context(repo), ["HEAD"])
    done = import_legacy(context(repo), OLD)
    assert (done.written, done.buried) == (0, 8)


def test_what_was_forgotten_is_not_imported_for_another_commit(repo: Repo) -> None:
    """A commit that arrives later, and was made before, is now the last one before the facts."""
    repo.commit({"a": "1\n"})
    late = 1_900_000_000
    import_legacy(context(repo, now=late), OLD)
    forget(context(repo, now=late), ["HEAD"])
    repo.at(1_795_000_000).commit({"b": "1\n"})
    again = import_legacy(context(repo, now=late), OLD)
    assert (again.written, again.already, again.buried) == (0, 0, 8)


def test_rows_that_the_old_program_never_wrote(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"a": "1\n"})
    folder = tmp_path / "buildlog" / ".buildlog"
    shutil.copytree(OLD / ".buildlog", folder)
    deep = "[" * 100_000
    rows = ["", "{", "[]", "3", "null", deep, '{"id": 3, "started_at": "2026"}',
            '{"id": "../../x", "started_at": "2026-01-01"}',
            '{"id": "s", "started_at": "yesterday"}', '{"id":"\\u202e", "started_at":"2026-01-01"}',
            '{"timestamp":"9999-99-99","description":"x"}']  # fmt: skip
    for name in ("sessions.jsonl", "mistakes.jsonl", "reward_events.jsonl"):
        with (folder / name).open("a") as stream:
            stream.write("\n".join(rows) + "\n")
    (folder / "promoted.json").write_text(deep)
    done = import_legacy(context(repo), tmp_path)
    assert (done.sessions, done.mistakes, done.rewards) == (2, 2, 3)
    assert done.unread == 3 * (len(rows) - 1)


def test_no_old_folder_and_no_commit(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        import_legacy(context(repo), OLD)
    assert raised.value.slug == "no-commits"
    repo.commit({"a": "1\n"})
    with pytest.raises(UsageError) as raised:
        import_legacy(context(repo), tmp_path)
    assert raised.value.slug == "no-old-buildlog"
