"""Objects that are made by hand are the ones that git would make."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from buildlog_git.core.ids import Oid
from buildlog_git.gitio.notes import Notes
from buildlog_git.gitio.objects import Objects, add_tree, has_name, with_entry
from buildlog_git.gitio.run import Git
from tests.builder import Repo

NAMES = (b"a", b"a.b", b"a0", b"ab", b"a-", b"b", b"0", b"a!", b"\xff", b"a b")


@pytest.fixture(params=[False, True], ids=["sha1", "sha256"])
def repo(request: pytest.FixtureRequest, tmp_path: Path) -> Repo:
    return Repo.init(tmp_path / "repo", sha256=request.param)


def digits_of(git: Git) -> int:
    return len(git.text("hash-object", "-t", "tree", "/dev/null"))


def put(git: Git, *kinds: tuple[bytes, bytes]) -> list[Oid]:
    objects = Objects(digits_of(git))
    made = [objects.add(kind, content) for kind, content in kinds]
    assert objects.store(git).returncode == 0
    return made


def test_git_has_what_was_stored(repo: Repo) -> None:
    git = Git(repo.path)
    contents = [b"", b"x" * 15, b"x" * 16, bytes(range(256)) * 300, b"x" * 70_000]
    for oid, content in zip(put(git, *((b"blob", c) for c in contents)), contents, strict=True):
        assert git.out("cat-file", "blob", oid) == content
    assert git.ok("fsck", "--strict")


def test_an_entry_goes_where_git_would_put_it(repo: Repo) -> None:
    git, rng = Git(repo.path), random.Random(5)
    (blob,) = put(git, (b"blob", b"x"))
    (folder,) = put(git, (b"tree", b""))
    tree, expected = b"", dict[bytes, bytes]()
    for _ in range(60):
        name = rng.choice(NAMES)
        mode, oid = rng.choice([(b"100644", blob), (b"40000", folder)])
        after = with_entry(tree, mode, name, oid)
        if expected.get(name, mode) != mode:
            assert after is None
            continue
        assert after is not None
        tree, expected[name] = after, mode
        lines = [
            b"%06d %b %b\t%b\0" % (int(kind), *what, other)
            for other, kind in expected.items()
            for what in [
                (b"tree", folder.encode()) if kind == b"40000" else (b"blob", blob.encode())
            ]
        ]
        made = git.run("mktree", "-z", stdin=b"".join(lines)).stdout.decode().strip()
        assert git.out("cat-file", "tree", made) == tree
    assert len(expected) > 5
    assert with_entry(tree, b"100644", b"new", blob) != with_entry(tree, b"40000", b"new", folder)


def test_a_name_that_only_a_hash_holds_does_not_hide_a_note() -> None:
    hidden = Oid((b" ab\0 a\0" + bytes(13)).hex())
    tree = with_entry(b"", b"100644", b"aa", hidden)
    assert tree is not None
    assert has_name(tree, b"ab")
    assert with_entry(tree, b"100644", b"ab", hidden) == tree + b"100644 ab\0" + bytes.fromhex(
        hidden
    )
    assert with_entry(tree, b"100644", b"a", hidden) is None  # a doubt, and left to git


def test_only_one_folder_deep() -> None:
    objects = Objects(40)
    assert add_tree(objects, {"": b""}, {"top": b"x"}) is None
    assert add_tree(objects, {"": b""}, {"a/b/c": b"x"}) is None
    assert add_tree(objects, {"": b""}, {"a/b": b"x"}) is not None


def test_notes_that_are_written_singly_make_a_sound_tree(repo: Repo) -> None:
    git, rng = Git(repo.path), random.Random(3)
    notes = Notes(git, repo.path / ".git")
    digits = digits_of(git)
    expected: dict[Oid, bytes] = {}
    for number in range(30):
        batch = {}
        for _ in range(rng.choice((1, 1, 3))):
            # Few folders, so that most writes find one.
            commit = Oid(f"{rng.choice((0, 17, 255)):02x}{rng.randrange(9):0{digits - 2}x}")
            batch[commit] = [b"line %d" % number]
        for commit in batch:
            expected[commit] = expected.get(commit, b"") + b"line %d\n" % number
        notes.append(batch)
    assert {note.commit: note.content for note in notes.contents(notes.tree())} == expected
    assert git.out("fsck", "--strict", "--no-dangling") == b""
    assert len(git.lines("rev-list", "refs/notes/buildlog")) == 30
