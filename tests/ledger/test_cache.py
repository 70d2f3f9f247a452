"""The law of the cache: with it and without it the ledger says the same, whatever happened.

To the notes (appended to, rewound, rewritten, deleted, moved to another fan-out, damaged), to the
cache (cut, flipped, replaced, another version's), or to both at once by other processes.
"""

from __future__ import annotations

import os
import random
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from buildlog_git.core.canonical import NoteReader
from buildlog_git.core.codec import Damaged, Unknown, decode, encode
from buildlog_git.core.events import Seen
from buildlog_git.gitio.notetree import REF
from buildlog_git.ledger import cache as cache_module
from buildlog_git.ledger.cache import FILE, Cache
from buildlog_git.ledger.store import Ledger, LedgerView
from tests.builder import PROJECT, Repo
from tests.core.test_codec import events as any_events
from tests.ledger.test_store import draft, ledger_of, oid, revision, story, write_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildlog_git.core.events import Event

quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def database(repo: Repo) -> Path:
    return repo.path / ".git" / FILE


def both(repo: Repo) -> LedgerView:
    """Return what the ledger says, which is the same with and without what is remembered."""
    ledger = ledger_of(repo)
    fresh = ledger.read(fresh=True)
    assert ledger.read() == fresh, "written down or read on"
    assert ledger.read() == fresh, "remembered"
    return fresh


# -- one line ---------------------------------------------------------------------------------


def told_by_the_decoder(content: bytes) -> list[tuple[str, Event]] | None:
    """Return the events of a note; None where one of its lines is none."""
    found = [decode(line) for line in content.split(b"\n") if line and not line.isspace()]
    events = [event for event in found if not isinstance(event, Damaged | Unknown)]
    return [(event.id, event) for event in events] if len(events) == len(found) else None


def check_at_once(content: bytes) -> None:
    """See that a note is read at once as it is line by line, or not at all."""
    (at_once,), single = NoteReader().read([content]), told_by_the_decoder(content)
    assert at_once is None or at_once == single
    for (_, one), (_, other) in zip(at_once or [], single or [], strict=False):
        assert type(one) is type(other)
        assert [type(value) for value in one] == [type(value) for value in other]


@given(st.lists(any_events, max_size=4))
def test_what_we_write_is_read_at_once(events: list[Event]) -> None:
    content = b"".join(encode(event) + b"\n" for event in events)
    if b"\\" not in content:  # an escape is left to the decoder
        assert NoteReader().read([content]) == [told_by_the_decoder(content)]


@given(st.lists(any_events, min_size=1, max_size=4), st.data())
def test_a_note_is_read_at_once_as_line_by_line(events: list[Event], data: st.DataObject) -> None:
    ends = st.sampled_from([b"\n"] * 5 + [b"\n\n", b"\r\n", b" \n", b"\x85\n", b""])
    content = bytearray(b"".join(encode(event) + data.draw(ends) for event in events))
    for _ in range(data.draw(st.integers(0, 2))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(9, 255))
    check_at_once(bytes(content))


CHANGES = [
    (b'"tokens":5', b'"tokens":5.0'), (b'"tokens":5', b'"tokens":5e0'),
    (b'"tokens":5', b'"tokens":-5'), (b'"tokens":5', b'"tokens":true'),
    (b'"tokens":5', b'"tokens":9007199254740993'), (b'"tokens":5', b'"tokens":"5"'),
    (b'"tokens":5', b'"tokens": 5'), (b'"tokens":5', b'"tokens":6,"tokens":5'),
    (b'"tokens":5', b'"new":[{"v":1,"kind":"x"}],"tokens":5'), (b'"tokens":5,', b""),
    (b'"at":7', b'"at":-7'), (b'"at":7', b'"at":-0'), (b'"at":7', b'"at":1e400'),
    (b'"at":7', b'"at":NaN'), (b'"at":7', b'"at":null'),
    (b'"v":1', b'"v":2'), (b'"v":1,', b""), (b'"v":1', b'"v":1.0'), (b'"v":1', b'"v":true'),
    (b'"v":1,"kind":"draft"', b'"kind":"draft","v":1'), (b'"draft"', b'"Draft"'),
    (b'"agent":"claude"', b'"agent":"cl\\u0061ude"'), (b'"agent":"claude"', b'"agent":"\x7f"'),
    (b'"agent":"claude"', b'"agent":"a\tb"'),
    (b'"agent":"claude"', b'"agent":"' + b"x" * 201 + b'"'),
    (b'"agent":"claude"', b'"agent":""'), (b'"agent":"claude"', b'"agent":null'),
    (b'"engine":1', b'"engine":1,"model":null'), (b'"engine":1', b'"model":"m","engine":1'),
    (b'"engine":1', b'"engine":1,"zzz":' + b"[" * 9 + b"]" * 9), (b"}", b"} "), (b"{", b" {"),
    (b'"channel":"trailer"', b'"channel":"trailer","channel":"trailer"'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), CHANGES)
def test_no_other_line_is_taken_for_ours(old: bytes, new: bytes) -> None:
    line = encode(draft(oid("a"), 7, tokens=5)) + b"\n"
    assert old in line
    check_at_once(line.replace(old, new, 1))
    check_at_once(line + line.replace(old, new, 1) + line)


def test_a_note_of_our_lines_alone_is_read_at_once() -> None:
    events: list[Event] = [draft(oid("a"), 7), revision(oid("a"), oid("b"))]
    events.append(Seen(commit=oid("a"), at=7))
    ours = b"".join(encode(event) + b"\n" for event in events)
    told = [(event.id, event) for event in events]
    assert NoteReader().read([]) == []
    assert NoteReader().read([ours, b"", encode(events[0]) + b"\n"]) == [told, [], told[:1]]
    strange = (b"x\n", b"\xff\n", b" \n", b"\n", ours[:9] + b"\n", b"null\n", b"[]\n", ours[:-1])
    for other in strange:
        assert NoteReader().read([ours, ours + other, other, ours]) == [told, None, None, told]


@pytest.mark.parametrize("number", [10**15 - 1, 10**15, 2**53, -(2**53), 2**53 + 1, -0])
def test_numbers_of_any_size_are_read_as_they_are_decoded(number: int) -> None:
    check_at_once(encode(draft(oid("a"), 7)).replace(b'"at":7', b'"at":%d' % number) + b"\n")


# -- what happens to the notes ----------------------------------------------------------------


def append(repo: Repo, rng: random.Random) -> None:
    a, b = oid(rng.randrange(6)), oid(rng.randrange(6))
    ledger_of(repo).append(
        [draft(a, tokens=rng.randrange(9), engine=rng.randrange(3)), revision(a, b)]
    )


def rewind(repo: Repo, rng: random.Random) -> None:
    known = repo.git("log", "--all", "--reflog", "--format=%H", check=False).split()
    notes = [tip for tip in known if repo.git("ls-tree", "-r", tip)]
    if notes:
        repo.git("update-ref", REF, rng.choice(notes))


def delete(repo: Repo, _: random.Random) -> None:
    repo.git("update-ref", "-d", REF)


def restart(repo: Repo, rng: random.Random) -> None:
    """A history of notes that knows nothing of the old one, and old objects that are gone."""
    delete(repo, rng)
    repo.git("reflog", "expire", "--all", "--expire=now")
    repo.git("gc", "--quiet", "--prune=now")
    append(repo, rng)


def move(repo: Repo, rng: random.Random) -> None:
    """Put some notes to another depth, doubled or not, among files that are no notes."""
    listed = repo.git("ls-tree", "-r", REF, check=False).splitlines()
    stream = [f"commit {REF}\ncommitter A <a@example.com> 1 +0000\ndata 0\n"]
    for line in listed:
        about, path = line.split("\t")
        name = path.replace("/", "")
        if rng.random() < 0.5 or len(name) != 40:
            continue
        if rng.random() < 0.7:
            stream.append(f"D {path}\n")
        place = rng.choice([name, f"{name[:2]}/{name[2:]}", f"{name[:2]}/{name[2:4]}/{name[4:]}"])
        stream.append(f"M 100644 {about.split()[2]} {place}\n")
    if rng.random() < 0.5:
        stream.append(f"M 100644 inline f{rng.randrange(3)}/README\ndata 1\nx\n")
    if repo.git("rev-parse", "-q", "--verify", REF, check=False):
        stream.insert(1, f"from {REF}^0\n")
    repo.git("fast-import", "--quiet", "--force", stdin="".join(stream).encode())


def spoil(repo: Repo, rng: random.Random) -> None:
    """Write a note with bad, unknown and good lines; all others are gone."""
    lines = [b"{", b"\xff\xfe", b'{"v":9}', encode(rng.choice(story())), b"", b"<<<<<<<"]
    rng.shuffle(lines)
    write_note(repo, oid(rng.randrange(6)), b"\n".join(lines))


# -- what happens to the cache ----------------------------------------------------------------


def cut(repo: Repo, rng: random.Random) -> None:
    path = database(repo)
    if path.exists():
        path.write_bytes(path.read_bytes()[: rng.randrange(path.stat().st_size + 1)])


def flip(repo: Repo, rng: random.Random) -> None:
    path = database(repo)
    if path.exists() and path.stat().st_size:
        content = bytearray(path.read_bytes())
        for _ in range(rng.choice((1, 1, 40))):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        path.write_bytes(content)


def lose_a_row(repo: Repo, _: random.Random) -> None:
    if database(repo).exists():
        with sqlite3.connect(database(repo)) as db:
            try:
                db.execute("DELETE FROM notes WHERE oid = (SELECT max(oid) FROM notes)")
            except sqlite3.Error:
                return


def lose_it(repo: Repo, _: random.Random) -> None:
    database(repo).unlink(missing_ok=True)


def bar_it(repo: Repo, _: random.Random) -> None:
    """Put a folder where the database is: neither it nor another can be written."""
    lose_it(repo, _)
    database(repo).mkdir(parents=True, exist_ok=True)


STEPS: tuple[Callable[[Repo, random.Random], None], ...] = (
    append, append, append, rewind, delete, restart, move, move, spoil,
    cut, flip, flip, lose_a_row, lose_it,
)  # fmt: skip


@quick
@given(st.lists(st.sampled_from(STEPS), min_size=2, max_size=7), st.randoms(use_true_random=False))
def test_whatever_happens_both_say_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[Callable[[Repo, random.Random], None]],
    rng: random.Random,
) -> None:
    repo = Repo.init(tmp_path_factory.mktemp("law") / "repo")
    ledger_of(repo).append(story())
    ledger_of(repo).read()
    for step in steps:
        step(repo, rng)
        if rng.random() < 0.7:
            both(repo)
    both(repo)


@pytest.mark.parametrize("harm", [cut, flip, lose_a_row, lose_it])
def test_harm_to_the_cache_is_found(
    repo: Repo, harm: Callable[[Repo, random.Random], None]
) -> None:
    ledger_of(repo).append([draft(oid(number), number) for number in range(40)])
    rng = random.Random(3)
    view = both(repo)
    for _ in range(25):
        harm(repo, rng)
        assert ledger_of(repo).read() == view
        both(repo)


def test_a_cache_that_cannot_be_written_costs_nothing_but_time(repo: Repo) -> None:
    ledger_of(repo).append(story())
    bar_it(repo, random.Random(1))
    assert len(both(repo).events) == len(story())
    assert sorted(path.name for path in database(repo).parent.iterdir()) == [
        "ledger.lock",
        "ledger.sqlite3",
    ]


def test_what_is_remembered_is_not_read_again(repo: Repo) -> None:
    ledger = ledger_of(repo)
    ledger.append(story())
    view = ledger.read()
    (entry,) = ledger.notes.tree().entries[oid("a")]
    (repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]).unlink()
    assert ledger.read() == view, "the note is gone, and nobody looked"
    assert ledger.read(fresh=True).unread == 1, "who must know looks"
    ledger.append([draft(oid("c"))])
    assert set(ledger.read().events) == {*story(), draft(oid("c"))}, "only what changed is read"


def test_a_note_that_arrives_later_is_read(repo: Repo) -> None:
    ledger = ledger_of(repo)
    ledger.append(story())
    (entry,) = ledger.notes.tree().entries[oid("a")]
    path = repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]
    content = path.read_bytes()
    path.unlink()
    assert both(repo).unread == 1
    path.write_bytes(content)
    assert set(both(repo).events) == set(story())


def test_bad_lines_are_remembered_in_the_order_of_the_tree(repo: Repo) -> None:
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"bad\n\nworse\n")
    folder = repo.git("mktree", stdin=f"100644 blob {blob}\tb{'0' * 37}\n".encode())
    names = ["ab" + "0" * 38, "0" * 40]
    tree = "".join(f"100644 blob {blob}\t{name}\n" for name in names)
    tree += f"040000 tree {folder}\tab\n"
    top = repo.git("mktree", stdin=tree.encode())
    repo.git("update-ref", REF, repo.git("commit-tree", "-m", "x", top))
    view = both(repo)
    order = ["0" * 40, "abb" + "0" * 37, "ab" + "0" * 38]  # a folder's name ends in a slash
    assert [(line.commit, line.line_no) for line in view.damaged] == [
        (name, number) for name in order for number in (1, 3)
    ]
    assert (view.foreign, view.mixed) == (0, True)


def test_another_version_is_another_cache(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger_of(repo).append(story())
    both(repo)
    common = repo.path / ".git"
    assert Cache(common).load() is not None
    monkeypatch.setattr(cache_module, "LAYOUT", cache_module.LAYOUT + 1)
    assert Cache(common).load() is None
    both(repo)
    assert Cache(common).load() is not None


def test_who_may_write_to_the_repository_may_write_to_the_cache(repo: Repo) -> None:
    ledger_of(repo).append(story())
    common = repo.path / ".git"
    for shared in (False, True):
        common.chmod(0o2775 if shared else 0o755)
        lose_it(repo, random.Random(1))
        before = os.umask(0o022)
        try:
            both(repo)
        finally:
            os.umask(before)
        mode = stat.S_IMODE(database(repo).stat().st_mode)
        assert mode == (0o664 if shared else 0o644)


def test_a_half_made_database_is_cleared_away(repo: Repo) -> None:
    ledger_of(repo).append(story())
    left = database(repo).with_name("ledger.sqlite3.new-0")
    young = database(repo).with_name("ledger.sqlite3.new-1")
    for path in (left, young):
        path.touch()
    os.utime(left, (1, 1))
    both(repo)
    assert (left.exists(), young.exists()) == (False, True)


# -- others at the same time ------------------------------------------------------------------

READER = """
import sys
from pathlib import Path
from buildlog_git.core.events import Revision
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.store import Ledger
from hashlib import sha1

me = int(sys.argv[1])
ledger = Ledger(Git(Path.cwd()), Path(".git"), patience=60)
last = None
for n in range(12):
    name = lambda n: sha1(str(n).encode()).hexdigest()
    mine = Revision(commit=name(n % 4), at=n, draft=name((me, n)), by="person", way="follow-up")
    ledger.append([mine])
    view, fresh = ledger.read(), ledger.read(fresh=True)
    assert mine in view.events
    assert set(view.events) <= set(fresh.events)
    if view.tip == fresh.tip:
        assert view == fresh
"""


def test_readers_and_writers_at_the_same_time(repo: Repo) -> None:
    ledger_of(repo).append(story())
    processes = [
        subprocess.Popen(
            [sys.executable, "-P", "-c", READER, str(number)],
            cwd=repo.path,
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
        )
        for number in range(4)
    ]
    assert [process.wait() for process in processes] == [0] * 4
    view = both(repo)
    assert len(view.events) == len(story()) + 4 * 12


def test_a_writer_that_holds_the_database_keeps_nobody_waiting(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger: Ledger = ledger_of(repo)
    ledger.append(story())
    ledger.read()
    ledger.append([draft(oid("c"))])
    monkeypatch.setattr(cache_module, "PATIENCE", 0.01)
    with sqlite3.connect(database(repo), isolation_level=None) as db:
        for lock in ("IMMEDIATE", "EXCLUSIVE"):
            db.execute(f"BEGIN {lock}")
            assert len(ledger.read().events) == len(story()) + 1
            db.execute("ROLLBACK")
    both(repo)
