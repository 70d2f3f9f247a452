"""Two histories of notes as one: nothing is lost, and both sides come to the same."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildlog_git.core.codec import encode
from buildlog_git.core.compaction import at_home, compacted
from buildlog_git.core.events import Draft, Seen
from buildlog_git.core.ids import Oid
from buildlog_git.core.tombstones import bury
from buildlog_git.errors import LedgerError
from buildlog_git.gitio.notes import Notes
from buildlog_git.gitio.notetree import REF, read_notes
from buildlog_git.gitio.renewal import NotesRewriter
from buildlog_git.gitio.run import Git
from buildlog_git.ledger.unite import ASIDE, count_notes, drop_left, foresee, joined, unite
from tests.builder import Repo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BASE, THEIRS = "refs/notes/base", "refs/notes/theirs"
ODD = 'sub/new \\"there\\" \\303\\244'
"""A name with quotation marks and a letter beyond ASCII, as fast-import takes it."""
Files = dict[str, bytes]


def oid(name: object) -> Oid:
    return Oid(hashlib.sha256(str(name).encode()).hexdigest()[:40])


def path(name: object) -> str:
    return f"{oid(name)[:2]}/{oid(name)[2:]}"


def commit(repo: Repo, ref: str, files: Mapping[str, bytes | None], *parents: str) -> Oid:
    """Make a notes commit by plain git; None takes a file out."""
    stream = f"commit {ref}\nmark :1\ncommitter o <o@example.com> 1700000000 +0000\ndata 1\nx\n"
    for word, parent in zip(("from", "merge"), parents, strict=False):
        stream += f"{word} {parent}\n"
    whole = stream.encode()
    for name, content in files.items():
        if content is None:
            whole += f'D "{name}"\n'.encode()
        else:
            whole += f'M 100644 inline "{name}"\ndata {len(content)}\n'.encode() + content + b"\n"
    repo.git("fast-import", "--quiet", "--force", stdin=whole)
    return Oid(repo.git("rev-parse", ref))


def notes_of(repo: Repo) -> Notes:
    return Notes(Git(repo.path), Path(repo.git("rev-parse", "--git-common-dir")))


def files(repo: Repo, ref: str = REF) -> Files:
    names = repo.git("ls-tree", "-r", "-z", "--name-only", ref).split("\0")[:-1]
    return {name: repo.git_bytes("cat-file", "blob", f"{ref}:{name}") for name in names}


def parents(repo: Repo, ref: str = REF) -> list[str]:
    return repo.git("log", "-1", "--format=%P", ref).split()


def split(repo: Repo, base: Files, ours: Files, theirs: Files) -> tuple[Oid, Oid]:
    """Make two histories of one base, which is none where it is empty."""
    start = [commit(repo, BASE, base)] if base else []
    return commit(repo, REF, ours, *start), commit(repo, THEIRS, theirs, *start)


def test_without_notes_of_ours_theirs_become_ours(repo: Repo) -> None:
    theirs = commit(repo, THEIRS, {path(1): b"a\n", path(2): b"b\n", "README": b"x"})
    notes = notes_of(repo)
    assert foresee(notes, theirs)[:4] == ("fast-forward", None, None, 2)
    assert notes.tip() is None
    assert unite(notes, theirs)[:4] == ("fast-forward", None, theirs, 2)
    assert unite(notes, theirs)[:4] == ("same", theirs, theirs, 0)
    assert notes.tip() == theirs


def test_where_one_history_contains_the_other_no_commit_is_made(repo: Repo) -> None:
    old = commit(repo, REF, {path(1): b"a\n"})
    new = commit(repo, THEIRS, {path(1): b"a\nb\n", path(2): b"c\n"}, old)
    assert unite(notes_of(repo), new)[:5] == ("fast-forward", old, new, 2, 0)
    assert unite(notes_of(repo), old)[:5] == ("ahead", new, new, 0, 0)
    assert repo.git("rev-list", "--count", REF) == "2"
    assert count_notes(Git(repo.path), old, new) == 2
    assert count_notes(Git(repo.path), None, new) == 2


@pytest.mark.parametrize("base", [{}, {path(1): b"a\n", path("old"): b"o\n"}], ids=["no", "a"])
def test_both_sides_come_to_the_same_notes(repo: Repo, base: Files) -> None:
    """With and without a common base."""
    ours = {path(1): b"a\nmine\n", path(2): b"only mine\n", path(3): b"same\n"}
    theirs = {path(1): b"a\nalso\n", path(4): b"only theirs\n", path(3): b"same\n"}
    mine, other = split(repo, base, ours, theirs)
    whole = {
        **base, path(1): b"a\nalso\nmine\n", path(2): b"only mine\n", path(3): b"same\n",
        path(4): b"only theirs\n",
    }  # fmt: skip
    foreseen = foresee(notes_of(repo), other)
    done = unite(notes_of(repo), other)
    assert foreseen == done._replace(tip=mine)
    assert (done.way, done.received, done.lacking, done.put_back) == ("merged", 2, 2, 0)
    assert files(repo) == whole
    assert parents(repo) == [mine, other]
    tree = repo.git("rev-parse", f"{REF}^{{tree}}")
    repo.git("update-ref", REF, other)
    unite(notes_of(repo), mine)
    assert repo.git("rev-parse", f"{REF}^{{tree}}") == tree
    assert parents(repo) == [other, mine]
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    # Servers may refuse an empty message, or a committer whom they do not know.
    assert repo.git("log", "-1", "--format=%cn|%ce|%s", REF) == (
        "Ada Example|ada@example.com|buildlog: unite the notes of 2 commits"
    )


def test_two_unions_of_the_same_have_nothing_to_tell_each_other(repo: Repo) -> None:
    mine, other = split(repo, {}, {path(1): b"a\n"}, {path(1): b"b\n"})
    first = unite(notes_of(repo), other).tip
    repo.git("update-ref", REF, other)
    assert first is not None
    unite(notes_of(repo), mine)
    assert unite(notes_of(repo), first)[3:] == (0, 0, 0, False)


def test_a_side_that_has_it_all_still_gets_the_others_history(repo: Repo) -> None:
    """Without that commit, a push could not be a fast-forward."""
    mine, other = split(repo, {}, {path(1): b"a\nb\n", path(2): b"x\n"}, {path(1): b"b\n"})
    done = unite(notes_of(repo), other)
    assert (done.way, done.received, done.lacking) == ("merged", 0, 2)
    assert files(repo) == files(repo, mine)
    assert parents(repo) == [mine, other]


# -- fan-out and files of others --------------------------------------------------------------


def fanned(name: object, *cuts: int) -> str:
    text, parts, at = oid(name), [], 0
    for cut in cuts:
        parts.append(text[at:cut])
        at = cut
    return "/".join([*parts, text[at:]])


@pytest.mark.parametrize("cuts", [(), (2, 4), (2, 4, 6)], ids=["flat", "two", "three"])
def test_any_depth_is_united_with_any_other(repo: Repo, cuts: tuple[int, ...]) -> None:
    ours = {path(1): b"a\n", path(2): b"x\n", path(5): b"plain\n"}
    theirs = {fanned(1, *cuts): b"b\n", fanned(2, *cuts): b"x\n", fanned(3, *cuts): b"c\n"}
    mine, other = split(repo, {}, ours, theirs)
    whole = {path(1): b"a\nb\n", path(2): b"x\n", path(3): b"c\n", path(5): b"plain\n"}
    assert unite(notes_of(repo), other).received == 2
    assert files(repo) == whole
    repo.git("update-ref", REF, other)
    unite(notes_of(repo), mine)
    assert files(repo) == whole


def test_a_note_that_lies_at_two_places_keeps_all_its_lines(repo: Repo) -> None:
    """One of them is the same on both sides, so that git's comparison does not show it."""
    both = {path(1): b"a\n", fanned(1): b"b\n"}
    _, other = split(repo, {}, both, {path(1): b"a\n", fanned(1, 2, 4): b"c\n", path(2): b"x\n"})
    unite(notes_of(repo), other)
    assert files(repo) == {path(1): b"a\nb\nc\n", path(2): b"x\n"}


def test_files_of_others_are_kept(repo: Repo) -> None:
    base = {path(1): b"a\n", "both": b"0", "theirs": b"0", "mine": b"0", "gone": b"0"}
    _, other = split(
        repo,
        base,
        {"both": b"1", "mine": b"1", "new here": b"\xff", path(2): b"x\n"},
        {"both": b"2", "theirs": b"2", ODD: b"2", "link": b"t"},
    )  # fmt: skip
    unite(notes_of(repo), other)
    found = files(repo)
    assert found["both"] in (b"1", b"2")
    expected = {
        path(1): b"a\n", path(2): b"x\n", "theirs": b"2", "mine": b"1", "gone": b"0",
        "new here": b"\xff", "link": b"t", "both": found["both"],
    }  # fmt: skip
    assert found == {**expected, 'sub/new "there" \u00e4': b"2"}
    tree = repo.git("rev-parse", f"{REF}^{{tree}}")
    mine = parents(repo)[0]
    repo.git("update-ref", REF, other)
    unite(notes_of(repo), Oid(mine))
    assert repo.git("rev-parse", f"{REF}^{{tree}}") == tree, "the coin falls the same way"


def test_a_file_where_notes_lie_takes_none_of_them_away(repo: Repo) -> None:
    folder = oid(1)[:2]
    _, other = split(repo, {}, {path(1): b"a\n"}, {folder: b"a file", path(2): b"b\n"})
    unite(notes_of(repo), other)
    assert files(repo) == {path(1): b"a\n", path(2): b"b\n"}
    _, other = split(repo, {}, {folder: b"a file"}, {path(1): b"a\n"})
    unite(notes_of(repo), other)
    assert files(repo) == {folder: b"a file", oid(1): b"a\n"}


def test_a_hostile_tree_leaves_the_notes_alone(repo: Repo) -> None:
    """Of names that leave the tree, or are git's own: plain git makes such trees without a word."""
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"x")
    inner = repo.git("mktree", stdin=f"100644 blob {blob}\tconfig\n".encode())
    rows = f"040000 tree {inner}\t.git\n100644 blob {blob}\t{oid(2)}\n"
    tree = repo.git("mktree", stdin=rows.encode())
    other = Oid(repo.git("commit-tree", "-m", "x", tree))
    commit(repo, REF, {path(1): b"a\n"})
    unite(notes_of(repo), other)
    assert files(repo) == {path(1): b"a\n", path(2): b"x"}


# -- what is damaged, what vanished -----------------------------------------------------------


def test_damaged_and_unknown_lines_are_kept(repo: Repo) -> None:
    odd = b'\xff\xfe\n<<<<<<< HEAD\n{"v":99}\n' + b"y" * 200_000
    mine, other = split(repo, {}, {path(1): b"a\n\n \n" + odd}, {path(1): b"a\n{}\n"})
    unite(notes_of(repo), other)
    lines = files(repo)[path(1)].splitlines()
    assert set(lines) == {b"a", b"{}", *odd.splitlines()}
    assert lines == sorted(lines)
    assert parents(repo) == [mine, other]


def test_notes_that_vanish_come_back_on_either_side(repo: Repo) -> None:
    """As ``git notes prune`` makes them vanish in a shallow clone: with a commit on top."""
    old = commit(repo, REF, {path(1): b"a\n", path(2): b"b\n", path(3): b"c\n"})
    pruned = commit(repo, THEIRS, {path(1): None, path(2): None, path(4): b"d\n"}, old)
    done = unite(notes_of(repo), pruned)
    assert (done.way, done.put_back) == ("put-back", 2)
    whole = {path(1): b"a\n", path(2): b"b\n", path(3): b"c\n", path(4): b"d\n"}
    assert files(repo) == whole
    assert parents(repo) == [pruned]
    repo.git("update-ref", REF, pruned)
    done = unite(notes_of(repo), old)
    assert (done.way, done.put_back) == ("put-back", 2)
    assert files(repo) == whole
    assert unite(notes_of(repo), old).way == "ahead"


def test_a_note_that_vanished_and_was_written_again_gets_its_lines_back(repo: Repo) -> None:
    """Somebody prunes, and then a scan or a hook writes about the same commit."""
    first = commit(repo, BASE, {path(1): b"a\nb\n", path(2): b"x\n"})
    pruned = commit(repo, BASE, {path(1): None}, first)
    again = commit(repo, BASE, {path(1): b"c\n"}, pruned)
    for ours, theirs in ((first, again), (again, first)):
        repo.git("update-ref", REF, ours)
        assert foresee(notes_of(repo), theirs)[4] == 1
        done = unite(notes_of(repo), theirs)
        assert (done.way, done.put_back, done.lacking) == ("put-back", 1, 1)
        assert files(repo) == {path(1): b"c\na\nb\n", path(2): b"x\n"}
        assert parents(repo) == [again]
        assert unite(notes_of(repo), theirs).way == "ahead"


def test_what_compaction_dropped_is_no_gap(repo: Repo) -> None:
    """Else one clone would put back what another one compacts, for ever."""
    one, other = Oid("1" * 40), Oid("2" * 40)
    fact = encode(Seen(one, 1)) + b"\n"
    old = encode(Draft(one, 1, "a", "trailer", tokens=1, removed=0, lines=1, files=1)) + b"\n"
    new = old.replace(b'"engine":1', b'"engine":2')
    places = {f"{oid[:2]}/{oid[2:]}": oid for oid in (one, other)}
    (home, away) = places
    first = commit(repo, REF, {home: fact + old + fact + new, away: fact})
    notes = NotesRewriter(Git(repo.path), Path(".git"))
    homes = at_home([(one, fact + old + new)])
    compact = notes.rewrite(lambda oid, content: compacted(oid, content, homes), "less").tip
    assert files(repo) == {home: fact + new}
    assert unite(notes, first).way == "ahead"
    repo.git("update-ref", REF, first)
    assert compact is not None
    assert unite(notes, compact)[:3] == ("fast-forward", first, compact)
    lost = commit(repo, REF, {home: None}, compact)
    assert unite(notes, first).put_back == 2, "nobody says it any more"
    assert lost in parents(repo)
    assert files(repo) == {home: fact + new, away: fact}


def test_a_note_that_only_moved_has_not_vanished(repo: Repo) -> None:
    old = commit(repo, REF, {path(1): b"a\n", path(2): b"b\n"})
    flat = commit(repo, THEIRS, {path(1): None, fanned(1): b"a\n"}, old)
    assert unite(notes_of(repo), flat)[:5] == ("fast-forward", old, flat, 1, 0)


# -- what is forgotten ------------------------------------------------------------------------


def surviving(lines: Iterable[bytes]) -> list[bytes]:
    given = list(lines)
    return [line for line in given if b"not " + line not in given]


def test_the_past_of_a_side_that_has_not_forgotten_is_left_behind(repo: Repo) -> None:
    ours, theirs = {path(1): b"a\nb\n"}, {path(1): b"c\nnot a\n"}
    mine, other = split(repo, {}, ours, theirs)
    done = unite(notes_of(repo), other, surviving)
    assert not done.forgotten
    assert files(repo) == {path(1): b"b\nc\nnot a\n"}
    assert parents(repo) == [other], "ours still says a"
    repo.git("update-ref", REF, other)
    done = unite(notes_of(repo), mine, surviving)
    assert done.forgotten, "they still say a, so that nothing can be pushed but by force"
    assert files(repo) == {path(1): b"b\nc\nnot a\n"}
    assert parents(repo) == [other]
    assert repo.git("for-each-ref", ASIDE) == ""
    before = repo.id_of(REF)
    again = unite(notes_of(repo), mine, surviving)
    assert (again.way, again.forgotten, again.tip) == ("ahead", True, before)


def test_a_past_that_said_what_is_forgotten_is_left_behind_even_where_it_was_pruned(
    repo: Repo,
) -> None:
    said = encode(Seen(oid(1), 1)) + b"\n"
    stone = encode(bury(oid(1), [said.strip()], at=2)[0]) + b"\n"
    first = commit(repo, BASE, {path(1): said, path(2): b"x\n"})
    pruned = commit(repo, BASE, {path(1): None}, first)
    merged = commit(repo, BASE, {path(3): b"y\n"}, pruned, commit(repo, "refs/notes/n", {}))
    alone = commit(repo, THEIRS, {path(1): stone, path(2): b"x\n"})
    whole = {path(1): stone, path(2): b"x\n", path(3): b"y\n"}
    repo.git("update-ref", REF, merged)
    assert not unite(notes_of(repo), alone).forgotten
    assert (files(repo), parents(repo)) == (whole, [alone])
    repo.git("update-ref", REF, alone)
    assert unite(notes_of(repo), merged).forgotten
    assert (files(repo), parents(repo)) == (whole, [alone])
    fresh = commit(repo, BASE, {path(4): b"z\n"})
    repo.git("update-ref", REF, alone)
    assert not unite(notes_of(repo), fresh).forgotten, "it never said anything of that"
    assert parents(repo) == [alone, fresh]


def test_a_union_beside_our_notes_leaves_them_as_they_are(repo: Repo) -> None:
    mine, other = split(repo, {}, {path(1): b"a\n"}, {path(1): b"b\n"})
    with joined(notes_of(repo), other) as united:
        assert united.tip is not None
        assert files(repo, united.tip) == {path(1): b"a\nb\n"}
        assert parents(repo, united.tip) == [mine, other]
        assert repo.git("for-each-ref", "--format=%(objectname)", ASIDE) == united.tip
        assert notes_of(repo).tip() == mine
    assert repo.git("for-each-ref", ASIDE) == ""
    assert unite(notes_of(repo), united.tip).way == "fast-forward"
    for stays, name in ((False, "4194304"), (False, "odd"), (True, str(os.getpid()))):
        repo.git("update-ref", f"{ASIDE}/{name}", mine)
        drop_left(Git(repo.path))
        assert bool(repo.git("for-each-ref", ASIDE)) == stays, "whoever runs still needs it"


def test_both_have_forgotten_something(repo: Repo) -> None:
    _, other = split(repo, {}, {path(1): b"a\nnot b\n"}, {path(1): b"b\nnot a\n"})
    unite(notes_of(repo), other, surviving)
    assert files(repo) == {path(1): b"not a\nnot b\n"}
    assert parents(repo) == []


# -- failures ---------------------------------------------------------------------------------


def test_a_note_that_this_clone_lacks_is_an_error_and_changes_nothing(repo: Repo) -> None:
    mine, other = split(repo, {}, {path(1): b"a\n"}, {path(1): b"b\n"})
    blob = repo.git("rev-parse", f"{other}:{path(1)}")
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(LedgerError, match="not in this clone"):
        unite(notes_of(repo), other)
    assert notes_of(repo).tip() == mine


def test_a_lost_race_is_run_again(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = split(repo, {}, {path(1): b"a\n"}, {path(2): b"b\n"})
    notes, races = notes_of(repo), [3]
    real = Notes.commit

    def racing(self: Notes, *args: object, **more: object) -> object:
        if races[0]:  # plain git, which knows nothing of our lock
            races[0] -= 1
            commit(repo, REF, {path(f"race {races[0]}"): b"r\n"}, f"{REF}^0")
        return real(self, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Notes, "commit", racing)
    unite(notes, other)
    assert set(files(repo)) == {path(1), path(2), *(path(f"race {n}") for n in range(3))}


def test_ten_thousand_notes_of_theirs_are_not_read(repo: Repo) -> None:
    count = 10_000
    theirs = {path(n): b"%d\n" % n for n in range(count)}
    _, other = split(repo, {}, {path(0): b"mine\n"}, theirs)
    notes = notes_of(repo)
    assert unite(notes, other).received == count
    tree = notes.tree()
    assert len(tree.entries) == count
    assert next(read_notes(notes.git, tree._replace(entries={oid(0): tree.entries[oid(0)]})))
