"""The notes ref, against real repositories of every sort."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.errors import GitError, LedgerError
from buildlog_git.gitio import notes as module
from buildlog_git.gitio.notes import Notes, keep_all
from buildlog_git.gitio.notetree import REF, Note
from buildlog_git.gitio.run import Git
from tests.builder import PROJECT, Repo

if TYPE_CHECKING:
    from collections.abc import Callable

STORY = {"a.txt": "one\n"}


def oid(name: object, size: int = 40) -> Oid:
    """Return an id that no commit has."""
    return Oid(hashlib.sha256(str(name).encode()).hexdigest()[:size])


def notes_of(repo: Repo, patience: float = 10.0) -> Notes:
    common = Path(repo.git("rev-parse", "--git-common-dir"))
    return Notes(Git(repo.path), common, patience)


def read(notes: Notes) -> dict[str, bytes | None]:
    return {note.commit: note.content for note in notes.contents(notes.tree())}


def paths(repo: Repo) -> list[str]:
    return repo.git("ls-tree", "-r", "--name-only", REF).splitlines()


def put(repo: Repo, *files: tuple[str, bytes], parent: bool = True) -> str:
    """Make a notes commit by plain git, as another program would, with ``files`` set."""
    stream = f"commit {REF}\nmark :1\ncommitter o <o@example.com> 1700000000 +0000\n".encode()
    stream += b"data 1\nx\n"
    if parent and repo.git("rev-parse", "-q", "--verify", REF, check=False):
        stream += f"from {REF}^0\n".encode()
    for path, content in files:
        stream += f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"
    repo.git("fast-import", "--quiet", stdin=stream + b"\nget-mark :1\n")
    return repo.git("rev-parse", REF)


USES: tuple[Callable[[Notes], object], ...] = (
    read,
    lambda notes: notes.append({oid(1): [b"1"]}),
)
"""Reading and writing."""


def no_leftovers(repo: Repo) -> None:
    git_dir = repo.path / repo.git("rev-parse", "--git-common-dir")
    assert not list(git_dir.rglob("fast_import_crash_*"))
    assert not list((git_dir / "refs").rglob("*.lock"))


def test_without_the_ref_there_is_nothing(repo: Repo) -> None:
    notes = notes_of(repo)
    assert notes.tip() is None
    assert read(notes) == {}
    assert notes.append({}).lines == 0
    assert notes.append({oid(1): []}).tip is None
    assert notes.tip() is None


def test_outside_a_repository_is_not_a_repository_without_notes(tmp_path: Path) -> None:
    with pytest.raises(GitError):
        Notes(Git(tmp_path), tmp_path).tip()


def test_a_batch_is_one_commit_and_git_shows_it(repo: Repo) -> None:
    repo.commit(STORY).commit({"a.txt": "two\n"})
    head, first = Oid(repo.head), Oid(repo.id_of("HEAD~1"))
    written = notes_of(repo).append({head: [b'{"a":1}', b'{"b":2}'], first: [b'{"c":3}']})
    assert written.lines == 3
    assert written.tip == repo.git("rev-parse", REF)
    assert repo.git("rev-list", "--count", REF) == "1"
    assert repo.git("log", "-1", "--format=%s|%an <%ae>", REF) == (
        "buildlog: 3 events about 2 commits|Ada Example <ada@example.com>"
    )
    assert repo.git("log", "--notes=buildlog", "--format=%N").split() == [
        '{"a":1}', '{"b":2}', '{"c":3}',
    ]  # fmt: skip
    assert repo.git("fsck", "--strict") == ""
    assert sorted(paths(repo)) == sorted(f"{one[:2]}/{one[2:]}" for one in (head, first))
    no_leftovers(repo)


def test_what_a_note_holds_is_kept_byte_for_byte(repo: Repo) -> None:
    commit = oid("x")
    damaged = b"\xff\x00\r\n\n<<<<<<< HEAD\nno newline at the end"
    put(repo, (f"{commit[:2]}/{commit[2:]}", damaged))
    notes = notes_of(repo)
    notes.append({commit: [b"1"]})
    notes.append({commit: [b"2"]})
    assert read(notes) == {commit: damaged + b"\n1\n2\n"}


@pytest.mark.parametrize("bad", [b"", b"a\nb", b"a\n"])
def test_a_line_is_one_line(repo: Repo, bad: bytes) -> None:
    with pytest.raises(ValueError, match="one line"):
        notes_of(repo).append({oid(1): [bad]})


def test_any_depth_is_read_and_foreign_files_are_left_alone(repo: Repo) -> None:
    flat, deep, long = oid("flat"), oid("deep"), oid("long", 64)
    put(
        repo,
        (flat, b"flat\n"),
        (f"{deep[:2]}/{deep[2:4]}/{deep[4:6]}/{deep[6:]}", b"deep\n"),
        (f"{long[:2]}/{long[2:]}", b"long\n"),
        ("README", b"foreign\n"),
        (f"sub/{flat}", b"foreign\n"),
        (oid("upper").upper(), b"foreign\n"),
        (f"{deep[:3]}/{deep[3:]}", b"foreign\n"),
    )
    notes = notes_of(repo)
    assert len(notes.tree().foreign) == 4
    assert notes.tree().mixed
    assert read(notes) == {flat: b"flat\n", deep: b"deep\n", long: b"long\n"}
    notes.append({oid("new"): [b"new"]})
    assert len(notes.tree().foreign) == 4
    assert read(notes) == {
        flat: b"flat\n", deep: b"deep\n", long: b"long\n", oid("new"): b"new\n",
    }  # fmt: skip
    assert f"{flat[:2]}/{flat[2:]}" in paths(repo), "notes at the top move into folders"


def test_a_link_or_a_submodule_is_no_note(repo: Repo) -> None:
    repo.commit(STORY)
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"target")
    listing = f"120000 blob {blob}\t{oid('link')}\n160000 commit {repo.head}\t{oid('sub')}\n"
    tree = repo.git("mktree", stdin=listing.encode())
    repo.git("update-ref", REF, repo.git("commit-tree", "-m", "x", tree))
    notes = notes_of(repo)
    assert read(notes) == {}
    assert len(notes.tree().foreign) == 2
    notes.append({oid("link"): [b"1"]})
    assert read(notes) == {oid("link"): b"1\n"}
    assert len(notes.tree().foreign) == 2


def test_a_foreign_file_in_the_way_of_a_folder_stays(repo: Repo) -> None:
    commit = oid("x")
    put(repo, (commit[:2], b"foreign\n"))
    notes = notes_of(repo)
    notes.append({commit: [b"1"]})
    notes.append({commit: [b"2"]})
    assert read(notes) == {commit: b"1\n2\n"}
    assert repo.git("cat-file", "blob", f"{REF}:{commit[:2]}") == "foreign"


def test_notes_of_one_commit_at_several_depths_are_united(repo: Repo) -> None:
    commit, other = oid("x"), oid("y")
    two = f"{commit[:2]}/{commit[2:]}"
    put(
        repo,
        (commit, b"a\nb"),
        (two, b"b\nc\n"),
        (f"{commit[:2]}/{commit[2:4]}/{commit[4:]}", b"d\n"),
        (other, b"1\n"),
        (f"{other[:2]}/{other[2:]}", b"2\n"),
    )
    notes = notes_of(repo)
    before = {one: set((content or b"").split()) for one, content in read(notes).items()}
    assert before == {commit: {b"a", b"b", b"c", b"d"}, other: {b"1", b"2"}}
    notes.append({commit: [b"e"]})
    after = read(notes)
    assert set((after[commit] or b"").split()) == before[commit] | {b"e"}
    assert set((after[other] or b"").split()) == before[other]
    assert sorted(paths(repo)) == sorted([two, f"{other[:2]}/{other[2:]}"])


def test_git_notes_before_and_after_us(repo: Repo) -> None:
    repo.commit(STORY).commit({"a.txt": "two\n"})
    head, first = Oid(repo.head), Oid(repo.id_of("HEAD~1"))
    repo.git("notes", "--ref=buildlog", "add", "-m", "by hand", first)
    notes = notes_of(repo)
    notes.append({head: [b"ours"], first: [b"ours too"]})
    repo.git("notes", "--ref=buildlog", "append", "-m", "again by hand", head)
    notes.append({head: [b"last"]})
    assert read(notes) == {
        head: b"ours\n\nagain by hand\nlast\n",
        first: b"by hand\nours too\n",
    }
    assert not notes.tree().mixed
    assert repo.git("fsck", "--strict") == ""


@pytest.mark.parametrize("fanned", [False, True])
def test_what_git_notes_merge_makes_still_reads(repo: Repo, fanned: bool) -> None:
    repo.commit(STORY)
    head = Oid(repo.head)
    notes = notes_of(repo)
    notes.append({head: [b"base"], oid("b"): [b"base"]})
    repo.git("update-ref", "refs/notes/theirs", REF)
    repo.git("notes", "--ref=theirs", "append", "-m", "theirs", head)  # flattens its tree
    notes.append({head: [b"ours"], **({oid(i): [b"x"] for i in range(300)} if fanned else {})})
    repo.git("notes", "--ref=buildlog", "merge", "-q", "-s", "cat_sort_uniq", "refs/notes/theirs")
    merged = read(notes)
    assert merged[head] == b"base\nours\ntheirs\n"
    assert len(merged) == (302 if fanned else 2)
    notes.append({head: [b"after"]})
    assert read(notes)[head] == b"base\nours\ntheirs\nafter\n"


def test_the_path_for_few_commits_and_the_path_for_many_agree(repo: Repo) -> None:
    notes = notes_of(repo)
    many = {oid(i): [f"{i}".encode()] for i in range(3 * module.FEW)}
    for commit in list(many)[:5]:
        notes.append({commit: many[commit]})
    notes.append(many)
    notes.append({oid(0): [b"again"]})
    found = read(notes)
    assert len(found) == len(many)
    assert found[oid(0)] == b"0\n0\nagain\n"
    assert found[oid(7)] == b"7\n"


def test_a_note_of_five_megabytes(repo: Repo) -> None:
    notes = notes_of(repo)
    big = [b"x" * 99 + b"%07d" % i for i in range(50_000)]
    notes.append({oid("big"): big, oid("small"): [b"1"]})
    notes.append({oid("big"): [b"last"]})
    assert read(notes)[oid("big")] == b"\n".join([*big, b"last", b""])


def test_a_worktree_writes_the_common_notes(repo: Repo, tmp_path: Path) -> None:
    repo.commit(STORY)
    linked = repo.worktree(tmp_path / "linked", "other")
    notes_of(linked).append({oid(1): [b"linked"]})
    inner = repo.path / "sub" / "folder"
    inner.mkdir(parents=True)
    notes_of(Repo(inner)).append({oid(1): [b"inner"]})
    assert read(notes_of(repo)) == {oid(1): b"linked\ninner\n"}
    assert read(notes_of(Repo(inner))) == read(notes_of(linked)) == read(notes_of(repo))
    assert (repo.path / ".git" / "buildlog" / "ledger.lock").is_file()


@pytest.mark.parametrize(("bare", "sha256"), [(True, False), (False, True), (True, True)])
def test_bare_and_sha256_repositories(tmp_path: Path, bare: bool, sha256: bool) -> None:
    repo = Repo.init(tmp_path / "r", bare=bare, sha256=sha256)
    commit = oid(1, 64 if sha256 else 40)
    notes = notes_of(repo)
    for line in (b"1", b"2"):
        notes.append({commit: [line]})
    assert read(notes) == {commit: b"1\n2\n"}
    assert len(notes.tip() or "") == len(commit)
    assert repo.git("fsck", "--strict") == ""


def test_reftable(tmp_path: Path) -> None:
    path = tmp_path / "r"
    path.mkdir()
    made = subprocess.run(
        ["git", "init", "-q", "--ref-format=reftable", str(path)], check=False, capture_output=True
    )
    if made.returncode != 0:
        pytest.skip("this git has no reftable")
    repo = Repo(path)
    notes = notes_of(repo)
    for line in (b"1", b"2"):
        notes.append({oid(1): [line]})
    assert read(notes) == {oid(1): b"1\n2\n"}


def test_packed_refs(repo: Repo) -> None:
    notes = notes_of(repo)
    notes.append({oid(1): [b"1"]})
    repo.git("pack-refs", "--all", "--prune")
    notes.append({oid(1): [b"2"]})
    assert read(notes) == {oid(1): b"1\n2\n"}


def racing(repo: Repo, times: int) -> Callable[..., object]:
    """Return a ``keep`` during whose first calls another program, without our lock, writes."""
    left = iter(range(times))

    def keep(_existing: bytes, lines: list[bytes]) -> list[bytes]:
        for number in left:
            put(repo, (oid(f"race {number}"), b"theirs\n"))
            break
        return lines

    return keep


@pytest.mark.parametrize("first", [True, False])
def test_a_lost_race_is_run_again(repo: Repo, first: bool) -> None:
    notes = notes_of(repo)
    if not first:
        notes.append({oid(1): [b"0"]})
    written = notes.append({oid(1): [b"1"]}, keep=racing(repo, 3))  # type: ignore[arg-type]
    assert written.lines == 1
    found = read(notes)
    assert found.pop(oid(1)) == (b"1\n" if first else b"0\n1\n")
    assert found == {oid(f"race {number}"): b"theirs\n" for number in range(3)}
    no_leftovers(repo)


def test_who_always_loses_gives_up(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 3)
    with pytest.raises(LedgerError) as caught:
        notes_of(repo, 0.0).append({oid(1): [b"1"]}, keep=racing(repo, 99))  # type: ignore[arg-type]
    assert caught.value.slug == "ledger-busy"
    assert oid(1) not in read(notes_of(repo))
    no_leftovers(repo)


def test_a_held_lock_makes_a_writer_give_up(repo: Repo) -> None:
    waiting = notes_of(repo, 0.1)

    def keep(_existing: bytes, lines: object) -> list[bytes]:
        with pytest.raises(LedgerError) as caught:
            waiting.append({oid(2): [b"2"]})
        assert caught.value.slug == "ledger-busy"
        return list(lines)  # type: ignore[call-overload, no-any-return]

    notes_of(repo).append({oid(1): [b"1"]}, keep=keep)
    waiting.append({oid(2): [b"2"]})
    assert set(read(waiting)) == {oid(1), oid(2)}


def test_a_ref_lock_that_a_dead_git_left_is_removed(repo: Repo) -> None:
    notes = notes_of(repo)
    notes.append({oid(1): [b"1"]})
    lock = repo.path / ".git" / f"{REF}.lock"
    lock.touch()
    old = lock.stat().st_mtime - 2 * module.STALE
    os.utime(lock, (old, old))
    notes.append({oid(1): [b"2"]})
    assert read(notes) == {oid(1): b"1\n2\n"}
    no_leftovers(repo)


def test_a_fresh_ref_lock_is_respected(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ATTEMPTS", 2)
    notes = notes_of(repo, 0.0)
    notes.append({oid(1): [b"1"]})
    lock = repo.path / ".git" / f"{REF}.lock"
    lock.touch()
    future = lock.stat().st_mtime + 3600
    os.utime(lock, (future, future))
    with pytest.raises(LedgerError) as caught:
        notes.append({oid(1): [b"2"]})
    assert caught.value.slug == "ledger-busy"
    assert f"{REF}.lock" in caught.value.hint
    lock.unlink()
    assert read(notes) == {oid(1): b"1\n"}


def test_a_ref_name_that_is_taken_is_said(repo: Repo) -> None:
    repo.commit(STORY)
    repo.git("update-ref", f"{REF}/below", "HEAD")
    with pytest.raises(LedgerError) as caught:
        notes_of(repo).append({oid(1): [b"1"]})
    assert caught.value.slug == "ledger-write-failed"


def test_a_ref_that_is_no_commit_is_said(repo: Repo) -> None:
    repo.git("update-ref", REF, repo.git("hash-object", "-w", "--stdin", stdin=b"x"))
    for use in USES:
        with pytest.raises(LedgerError) as caught:
            use(notes_of(repo))
        assert caught.value.slug == "ledger-unreadable"


def test_a_lost_object_is_not_an_empty_note(repo: Repo) -> None:
    notes = notes_of(repo)
    notes.append({oid(1): [b"1"], oid(2): [b"2"]})
    (entry,) = notes.tree().entries[oid(1)]
    (repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]).unlink()
    assert sorted(notes.contents(notes.tree()), key=lambda note: note.content is None) == [
        Note(oid(2), b"2\n"),
        Note(oid(1), None),
    ]
    with pytest.raises(LedgerError, match="not in this clone"):
        notes.append({oid(1): [b"3"]})
    notes.append({oid(2): [b"3"]})


def test_a_lost_note_at_the_top_does_not_keep_others_from_writing(repo: Repo) -> None:
    put(repo, (oid(1), b"1\n"), (oid(2), b"2\n"))
    notes = notes_of(repo)
    (entry,) = notes.tree().entries[oid(1)]
    (repo.path / ".git" / "objects" / entry.blob[:2] / entry.blob[2:]).unlink()
    notes.append({oid(2): [b"3"]})
    assert read(notes) == {oid(1): None, oid(2): b"2\n3\n"}


def test_a_corrupt_tree_is_said(repo: Repo) -> None:
    notes = notes_of(repo)
    notes.append({oid(1): [b"1"]})
    tree = repo.git("rev-parse", f"{REF}^{{tree}}")
    path = repo.path / ".git" / "objects" / tree[:2] / tree[2:]
    path.chmod(0o644)
    path.write_bytes(b"garbage")
    for use in USES:
        with pytest.raises(LedgerError) as caught:
            use(notes)
        assert caught.value.slug == "ledger-unreadable"


def test_nobody_configured_still_writes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.git("config", "user.useConfigOnly", "true")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_COMMITTER_DATE", "1700000000 +0200")
    notes_of(repo).append({oid(1): [b"1"]})
    assert repo.git("log", "-1", "--format=%cn <%ce> %ct", REF) == (
        "buildlog <buildlog@localhost> 1700000000"
    )


def test_absent_commits_are_found_with_one_question(repo: Repo) -> None:
    repo.commit(STORY)
    head = Oid(repo.head)
    blob = Oid(repo.git("rev-parse", "HEAD:a.txt"))
    notes = notes_of(repo)
    many = {oid(i) for i in range(5_000)}
    assert notes.absent({head, blob} | many) == {blob} | many
    assert notes.absent(set()) == frozenset()


READ_AND_WRITE = """
import sys
from pathlib import Path
from buildlog_git.core.ids import Oid
from buildlog_git.errors import LedgerError
from buildlog_git.gitio.notes import Notes
from buildlog_git.gitio.run import Git
notes = Notes(Git(Path(sys.argv[1])), Path(".git"))
assert len(list(notes.contents(notes.tree()))) == 1
try:
    notes.append({Oid("a" * 40): [b"1"]})
except LedgerError as error:
    print(error.slug)
"""


@pytest.fixture
def unprivileged() -> list[str]:
    """Return what to run a command with so that file modes bind it, even for root."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    if (
        shutil.which("setpriv") is None
        or subprocess.run([*command, "true"], check=False).returncode
    ):
        pytest.skip("root's rights cannot be dropped here")
    return command


@pytest.mark.parametrize("shut", ["buildlog", "objects", "refs/notes"])
def test_what_may_not_be_written_is_said(repo: Repo, unprivileged: list[str], shut: str) -> None:
    notes = notes_of(repo)
    notes.append({oid(1): [b"1"]})
    shutil.rmtree(repo.path / ".git" / "buildlog")
    folder = repo.path / ".git" / shut
    closed = [folder, *folder.glob("*")] if folder.exists() else [folder.parent]
    for path in closed:
        path.chmod(0o555)
    command = [*unprivileged, sys.executable, "-P", "-c", READ_AND_WRITE, str(repo.path)]
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=env)
    for path in closed:
        path.chmod(0o755)
    assert (done.stdout, done.stderr) == ("ledger-read-only\n", "")
    assert read(notes) == {oid(1): b"1\n"}
    no_leftovers(repo)


def test_keep_all_keeps_all() -> None:
    assert keep_all(b"a\n", [b"a"]) == [b"a"]
