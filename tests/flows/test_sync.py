"""Clones that exchange notes by way of remotes of every kind."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from buildlog_git.core.events import Draft
from buildlog_git.core.ids import Oid, digest_bytes
from buildlog_git.errors import GitError, UsageError
from buildlog_git.flows.forget import forget
from buildlog_git.flows.sync import Synced, sync
from buildlog_git.gitio.notetree import REF
from tests.builder import Repo
from tests.flows.play import context

SAFE = "+refs/notes/buildlog*:refs/notes-sync/origin/buildlog*"


def oid(name: object) -> Oid:
    return Oid(digest_bytes(str(name).encode()).hex()[:40])


def write(repo: Repo, *names: object) -> None:
    """Put an event into the notes, about a commit for each name."""
    context(repo).ledger.append(
        Draft(oid(name), 1, "claude", "trailer", tokens=9, removed=0, lines=1, files=1)
        for name in names
    )


def known(repo: Repo) -> set[Oid]:
    return {event.commit for event in context(repo).ledger.read().events}


def here(*names: object) -> set[Oid]:
    return set(map(oid, names))


def tip(repo: Repo, ref: str = REF) -> str:
    return repo.git("rev-parse", "-q", "--verify", ref, check=False)


def run(repo: Repo, name: str | None = None, **options: bool) -> Synced:
    return sync(context(repo), name, **options)


def states(done: Synced) -> list[tuple[str, str, int, int]]:
    return [(one.united, one.push, one.received, one.sent) for one in done.remotes]


@pytest.fixture
def hub(tmp_path: Path) -> Repo:
    """Give a bare remote with a commit."""
    repo = Repo.init(tmp_path / "hub.git", bare=True)
    first = Repo.init(tmp_path / "first").commit({"a": "1\n"}, "Start")
    first.git("push", "-q", str(repo.path), "main")
    return repo


@pytest.fixture
def two(hub: Repo, tmp_path: Path) -> tuple[Repo, Repo]:
    """Give two clones of it."""
    return hub.clone(tmp_path / "one"), hub.clone(tmp_path / "two")


def test_facts_travel_there_and_back(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, two_ = two
    assert states(run(one)) == [("same", "nothing", 0, 0)], "nobody has any notes"
    write(one, 1, 2)
    assert states(run(one)) == [("same", "done", 0, 2)]
    assert states(run(two_)) == [("fast-forward", "nothing", 2, 0)]
    write(one, 3)
    write(two_, 4)
    assert states(run(one)) == [("ahead", "done", 0, 1)]
    assert states(run(two_)) == [("merged", "done", 1, 1)]
    assert states(run(one)) == [("fast-forward", "nothing", 1, 0)]
    assert known(one) == known(two_) == known(hub) == here(1, 2, 3, 4)
    assert tip(one) == tip(two_) == tip(hub)
    assert states(run(one)) == [("same", "nothing", 0, 0)]


def test_progress_is_told(two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, *range(30))
    told: list[tuple[str, int, int]] = []
    sync(context(one)._replace(progress=lambda *what: told.append(what)))
    sync(context(other)._replace(progress=lambda *what: told.append(what)))
    assert {"Counting objects", "Writing objects"} <= {what for what, _, _ in told}
    assert all(0 <= done <= total for _, done, total in told)


def test_only_fetching_pushes_nothing(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, 1)
    assert states(run(one, push=False)) == [("same", "off", 0, 0)]
    assert tip(hub) == ""
    run(one)
    write(other, 2)
    assert states(run(other, push=False)) == [("merged", "off", 1, 0)]
    assert known(hub) == here(1)


def test_a_dry_run_tells_and_changes_no_ref(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, other = two

    def same(repo: Repo, expected: tuple[str, str, int, int]) -> None:
        before = [r.git("for-each-ref") for r in (hub, repo)]
        foretold = run(repo, dry_run=True)
        assert states(foretold) == [expected]
        assert [r.git("for-each-ref") for r in (hub, repo)] == before
        done = run(repo)
        assert states(done) == [expected]
        assert done.remotes[0].theirs == foretold.remotes[0].theirs

    same(one, ("same", "nothing", 0, 0))
    write(one, 1, 2)
    same(one, ("same", "done", 0, 2))
    same(other, ("fast-forward", "nothing", 2, 0))
    write(one, 3)
    same(one, ("ahead", "done", 0, 1))
    write(other, 4, 5)
    same(other, ("merged", "done", 1, 2))


# -- git-facts: what fetch and push do by themselves ------------------------------------------


def test_nothing_that_is_configured_for_branches_touches_our_notes(
    hub: Repo, two: tuple[Repo, Repo]
) -> None:
    """``+refs/notes/*`` overwrites notes on a fetch, an exact refspec that lacks its ref fails."""
    one, other = two
    write(other, 1)
    run(other)
    write(one, 2)
    for value in (
        "+refs/notes/*:refs/notes/*",
        "refs/notes/none:refs/notes/none",
        "+refs/*:refs/*",
    ):
        one.git("config", "--add", "remote.origin.fetch", value)
    one.git("config", "remote.origin.push", "refs/heads/none")
    one.git("config", "remote.origin.mirror", "true")
    one.git("config", "remote.origin.tagOpt", "--tags")
    one.git("config", "push.followTags", "true")
    one.git("config", "fetch.prune", "true")
    one.git("config", "fetch.pruneTags", "true")
    one.git("tag", "-a", "-m", "x", "mine")
    one.git("branch", "mine")
    (one.path / ".git" / "FETCH_HEAD").write_text("the user's\n")
    assert states(run(one)) == [("merged", "done", 1, 1)]
    assert known(one) == known(hub) == here(1, 2)
    assert hub.git("for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", REF]
    assert one.git("tag") == "mine"
    assert (one.path / ".git" / "FETCH_HEAD").read_text() == "the user's\n"


@pytest.mark.parametrize("how", ["mirror", "refspec"])
def test_a_push_moves_no_ref_of_ours(hub: Repo, two: tuple[Repo, Repo], how: str) -> None:
    """Git would: our notes are what a fetch of them would write. Here somebody writes meanwhile."""
    one, other = two
    write(other, 1)
    run(other)
    write(one, 2)
    before = one.id_of(REF)
    write(one, 3)
    meanwhile = one.id_of(REF)
    one.git("update-ref", REF, before)
    value = "+refs/*:refs/*" if how == "mirror" else "+refs/notes/*:refs/notes/*"
    one.git("config", "--add", "remote.origin.fetch", value)
    if how == "mirror":
        one.git("config", "remote.origin.mirror", "true")
    there = f"git --git-dir={one.path}/.git update-ref {REF} {meanwhile}"
    server_hook(hub, "post-receive", f"unset $(git rev-parse --local-env-vars); {there}", 1)
    assert run(one).ok
    assert known(hub) == here(1, 2)
    assert known(one) == here(1, 2, 3)


def test_a_push_never_forces(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, other = two
    hub.git("config", "receive.denyNonFastForwards", "true")
    hub.git("config", "core.logAllRefUpdates", "always")
    for number in range(3):
        write(one, f"one {number}")
        write(other, f"two {number}")
        run(one)
        run(other)
    run(one)
    moves = [line.split() for line in hub.git("reflog", "--format=%H", REF).splitlines()]
    tips = [move[0] for move in reversed(moves)]
    for old, new in pairwise(tips):
        hub.git("merge-base", "--is-ancestor", old, new)
    assert len(tips) == 6


HOOK = """#!/bin/sh
count=$(cat "$0.count" 2>/dev/null || echo 0)
count=$((count + 1))
echo $count >"$0.count"
[ $count -gt {failures} ] || {{ {what}; }}
"""


def server_hook(hub: Repo, name: str, what: str, failures: int) -> Path:
    path = hub.path / "hooks" / name
    path.write_text(HOOK.format(what=what, failures=failures))
    path.chmod(0o755)
    return path


def test_a_ref_that_somebody_holds_is_tried_again(hub: Repo, two: tuple[Repo, Repo]) -> None:
    """``cannot lock ref``: the hook leaves a lock and takes it away at the third push.

    Git then names the ids, in which the digits of a server's refusal may stand; so may they in
    progress.
    """
    one, _ = two
    lock = f'"$PWD/{REF}.lock"'
    said = "is at 55c531a31115351514f0eec7403cbf7781b8f220 but expected another (403/829)"
    what = f"mkdir -p refs/notes; : >{lock}; echo '{said}' >&2; exit 0"
    hook = server_hook(hub, "pre-receive", what, 2)
    hook.write_text(hook.read_text() + f"[ $count -le 2 ] || rm -f {lock}\nexit 0\n")
    write(one, 1)
    done = run(one)
    assert (states(done), done.remotes[0].attempts) == ([("same", "done", 0, 1)], 3)
    assert known(hub) == here(1)


def test_somebody_who_is_always_faster(
    hub: Repo, two: tuple[Repo, Repo], monkeypatch: pytest.MonkeyPatch
) -> None:
    """``fetch first``, then ``non-fast-forward``: after each of our fetches, another push."""
    from buildlog_git.flows import sync as module
    from buildlog_git.gitio.remotes import Door, Pushed, Remote

    one, other = two
    real, races = Door.push, [3]

    def racing(self: Door, remote: Remote, new: Oid) -> Pushed:
        if self.git.cwd == one.path and races[0]:
            races[0] -= 1
            write(other, f"race {races[0]}")
            run(other)
        return real(self, remote, new)

    monkeypatch.setattr(Door, "push", racing)
    write(one, 1)
    done = run(one)
    assert (done.ok, done.remotes[0].attempts) == (True, 4)
    assert known(hub) == known(one) == here(1, "race 0", "race 1", "race 2")
    races[0] = 100
    monkeypatch.setattr(module, "ATTEMPTS", 3)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    write(one, 2)
    done = run(one)
    assert (done.ok, done.remotes[0].push, done.remotes[0].attempts) == (False, "busy", 3)
    assert races[0] == 97
    assert here("race 99", "race 98") <= known(one), "what was fetched stays"


@pytest.mark.parametrize("how", ["hook", "update", "hidden", "nothing there"])
def test_where_we_may_not_push_we_still_get_theirs(
    hub: Repo, two: tuple[Repo, Repo], how: str
) -> None:
    one, other = two
    write(other, 1)
    run(other)
    if how == "hook":
        server_hook(hub, "pre-receive", "echo 'GL-HOOK-ERR: blocked, protected' >&2; exit 1", 99)
    elif how == "update":
        server_hook(hub, "update", "exit 1", 99)
    elif how == "hidden":
        hub.git("config", "receive.hideRefs", "refs/notes")
    else:
        one.git("remote", "set-url", "--push", "origin", str(hub.path.parent / "none"))
    done = run(one)
    assert (done.ok, states(done)) == (True, [("fast-forward", "nothing", 1, 0)])
    write(one, 2)
    done = run(one)
    assert (done.ok, states(done)) == (False, [("ahead", "refused", 0, 0)])
    assert done.remotes[0].reason
    assert (known(one), known(hub)) == (here(1, 2), here(1))
    assert done.remotes[0].attempts == 1


# -- repositories of every kind ---------------------------------------------------------------


def cloned(hub: Repo, path: Path, *options: str) -> Repo:
    hub.git("clone", "-q", *options, f"file://{hub.path}", str(path))
    return Repo(path, hub.env, hub.clock)


KINDS: dict[str, tuple[str, ...]] = {
    "shallow": ("--depth=1",),
    "single branch": ("--single-branch", "--branch=main"),
    "partial": ("--filter=blob:none",),
    "treeless": ("--filter=tree:0",),
    "no checkout": ("--no-checkout",),
    "bare": ("--bare",),
    "mirror": ("--mirror",),
}


@pytest.mark.parametrize("kind", KINDS)
def test_clones_of_every_kind(hub: Repo, tmp_path: Path, kind: str) -> None:
    first = Repo(tmp_path / "first")
    for number in range(5):
        first.commit({"a": f"{number}\n"})
    first.git("push", "-q", str(hub.path), "main")
    hub.git("config", "uploadpack.allowFilter", "true")
    first.git("remote", "add", "origin", str(hub.path))
    clone = cloned(hub, tmp_path / "clone", *KINDS[kind])
    write(first, 1, 2)
    run(first)
    write(clone, 2, 3)
    assert states(run(clone)) == [("merged", "done", 1, 1)]
    write(first, 4)
    run(first)
    assert states(run(clone)) == [("fast-forward", "nothing", 1, 0)]
    assert known(clone) == known(hub) == known(first) == here(1, 2, 3, 4)
    assert not context(clone).ledger.read().unread


def test_what_a_plain_fetch_of_a_partial_clone_left_out_is_fetched(
    hub: Repo, tmp_path: Path
) -> None:
    hub.git("config", "uploadpack.allowFilter", "true")
    first = Repo(tmp_path / "first")
    first.git("remote", "add", "origin", str(hub.path))
    write(first, 1)
    run(first)
    clone = cloned(hub, tmp_path / "clone", "--filter=blob:none")
    clone.git("fetch", "-q", "origin", SAFE)
    assert run(clone).ok
    assert known(clone) == here(1)


def test_a_linked_worktree_and_a_folder_below(two: tuple[Repo, Repo]) -> None:
    one, other = two
    linked = one.worktree(one.path.parent / "linked", "topic")
    write(linked, 1)
    folder = linked.path / "sub"
    folder.mkdir()
    assert states(run(Repo(folder))) == [("same", "done", 0, 1)]
    assert states(run(other)) == [("fast-forward", "nothing", 1, 0)]


def test_sha256(tmp_path: Path) -> None:
    hub = Repo.init(tmp_path / "hub", bare=True, sha256=True)
    one, other = (Repo.init(tmp_path / name, sha256=True) for name in "ab")
    for repo in (one, other):
        repo.git("remote", "add", "origin", str(hub.path))
    write(one, 1)
    write(other, 2)
    run(one)
    assert states(run(other)) == [("merged", "done", 1, 1)]
    assert known(hub) == here(1, 2)


@pytest.mark.parametrize("name", ["team/the remote", "a.b", "with space", "ümlaut"])
def test_odd_names_of_remotes(hub: Repo, two: tuple[Repo, Repo], name: str) -> None:
    one, other = two
    one.git("config", f"remote.{name}.url", str(hub.path))
    write(one, 1)
    assert states(run(one, name)) == [("same", "done", 0, 1)]
    assert states(run(one, name)) == [("same", "nothing", 0, 0)]
    run(other)
    assert known(other) == here(1)


def test_a_path_or_an_address_instead_of_a_name(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, 1)
    assert states(run(one, str(hub.path))) == [("same", "done", 0, 1)]
    assert states(run(other, f"file://{hub.path}")) == [("fast-forward", "nothing", 1, 0)]
    write(one, 2)
    (one.path / "sub").mkdir()
    assert states(run(Repo(one.path / "sub"), "../../hub.git")) == [("ahead", "done", 0, 1)]
    assert known(hub) == here(1, 2)
    write(one, 3)
    assert states(run(other, "../one", push=False)) == [("fast-forward", "off", 2, 0)]
    assert other.git("remote") == "origin"


def test_pushes_that_go_elsewhere(hub: Repo, two: tuple[Repo, Repo], tmp_path: Path) -> None:
    """A mirror to read from, which is never up to date; what is pushed to is asked instead."""
    one, other = two
    mirror = hub.clone(tmp_path / "mirror.git", bare=True)
    write(other, 1)
    run(other)
    one.git("config", "remote.origin.url", f"read:{mirror.path.name}")
    one.git("config", f"url.{tmp_path}/.insteadOf", "read:")
    one.git("config", f"url.{hub.path.parent}/hub.git#.pushInsteadOf", "read:mirror.git")
    one.git("config", "remote.origin.pushurl", str(hub.path))
    write(one, 2)
    done = run(one)
    assert (done.ok, done.remotes[0].attempts) == (True, 2)
    assert known(hub) == known(one) == here(1, 2)


def test_push_instead_of(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, _ = two
    one.git("config", "remote.origin.url", "none:/hub.git")
    one.git("config", f"url.{hub.path.parent}.insteadOf", "none:")
    one.git("config", f"url.{hub.path.parent}.pushInsteadOf", "none:")
    write(one, 1)
    assert run(one).ok
    assert known(hub) == here(1)


# -- which remote -----------------------------------------------------------------------------


def test_which_remote_is_meant(hub: Repo, two: tuple[Repo, Repo], tmp_path: Path) -> None:
    one, _ = two
    fork = hub.clone(tmp_path / "fork.git", bare=True)
    one.git("remote", "add", "fork", str(fork.path))
    write(one, 1)
    run(one)
    assert (known(hub), known(fork)) == (here(1), set())
    one.git("config", "buildlog.remote", "fork")
    run(one)
    assert known(fork) == here(1)
    one.git("config", "--unset", "buildlog.remote")
    one.git("remote", "rename", "origin", "upstream")
    with pytest.raises(UsageError) as error:
        run(one)
    assert error.value.slug == "which-remote"
    one.git("remote", "remove", "fork")
    assert run(one).remotes[0].remote == "upstream"
    one.git("remote", "remove", "upstream")
    with pytest.raises(UsageError) as error:
        run(one)
    assert error.value.slug == "no-remote"
    for name in ("nope", "--upload-pack=touch x"):
        with pytest.raises(UsageError) as error:
            run(one, name)
        assert error.value.slug == "unknown-remote"


def test_all_remotes_get_what_the_last_one_knows(
    hub: Repo, two: tuple[Repo, Repo], tmp_path: Path
) -> None:
    one, other = two
    fork = hub.clone(tmp_path / "fork.git", bare=True)
    write(other, 2)
    run(other, str(fork.path))
    one.git("remote", "add", "zz", str(fork.path))
    one.git("remote", "add", "away", str(tmp_path / "nowhere"))
    write(one, 1)
    done = run(one, everywhere=True)
    assert [(x.remote, x.push) for x in done.remotes] == [
        ("away", "unreachable"), ("origin", "done"), ("zz", "done"),
    ]  # fmt: skip
    assert not done.ok
    assert known(hub) == known(fork) == known(one) == here(1, 2)


def test_a_remote_that_is_away_is_an_error_and_leaves_all_as_it_was(
    two: tuple[Repo, Repo], tmp_path: Path
) -> None:
    one, _ = two
    write(one, 1)
    before = one.git("for-each-ref")
    for address in (tmp_path / "none", f"file://user:secret@{tmp_path}/none"):
        with pytest.raises(GitError) as error:
            run(one, str(address))
        assert error.value.slug == "remote-unreachable"
        assert "secret" not in error.value.message + error.value.hint
    assert one.git("for-each-ref") == before


def test_a_password_is_asked_of_nobody_where_nobody_is_there(
    two: tuple[Repo, Repo], tmp_path: Path
) -> None:
    one, _ = two
    program = tmp_path / "ssh"
    program.write_text('#!/bin/sh\nenv >"$0.env"\nexit 255\n')
    program.chmod(0o755)
    one.git("config", "core.sshCommand", str(program))
    one.git("remote", "set-url", "origin", "ssh://nobody@localhost/none")
    with pytest.raises(GitError):
        sync(context(one), alone=True)
    said = dict(
        line.split("=", 1)
        for line in (tmp_path / "ssh.env").read_text().splitlines()
        if "=" in line
    )
    assert (said["GIT_TERMINAL_PROMPT"], said["SSH_ASKPASS_REQUIRE"]) == ("0", "never")
    assert "GIT_ALLOW_PROTOCOL" not in said


# -- what git itself does with the notes ------------------------------------------------------


def test_gc_and_a_mirror_lose_nothing(hub: Repo, two: tuple[Repo, Repo], tmp_path: Path) -> None:
    one, other = two
    head = Oid(one.head)
    for repo, number in ((one, 1), (other, 2)):
        fact = Draft(head, number, "claude", "trailer", tokens=number, removed=0, lines=1, files=1)
        context(repo).ledger.append([fact])
        write(repo, number)
    run(one)
    run(other)
    run(one)
    for repo in (one, hub):
        repo.git("gc", "-q", "--prune=now")
    mirror = cloned(hub, tmp_path / "mirror", "--mirror")
    assert known(one) == known(hub) == known(mirror) == here(1, 2) | {head}
    assert one.git("fsck", "--strict", "--no-dangling") == ""
    shown = one.git("log", "--notes=buildlog", "--format=%N").split()
    assert len(shown) == 2, "both clones' lines about the commit"
    assert shown == mirror.git("log", "--notes=buildlog", "--format=%N").split()


def test_gits_own_merge_and_ours_come_to_the_same(two: tuple[Repo, Repo]) -> None:
    one, other = two
    write(one, 1, 2)
    write(other, 2, 3)
    run(one)
    other.git("fetch", "-q", "origin", SAFE)
    beside = "refs/notes-sync/origin/buildlog"
    other.git("update-ref", "refs/notes/theirs", beside)
    other.git("notes", "--ref=buildlog", "merge", "-q", "-s", "cat_sort_uniq", "refs/notes/theirs")
    assert run(other).remotes[0].united == "ahead"
    run(one)
    assert known(one) == known(other) == here(1, 2, 3)


def test_a_prune_in_a_shallow_clone_is_put_back_before_anybody_sees_it(
    hub: Repo, two: tuple[Repo, Repo], tmp_path: Path
) -> None:
    one, other = two
    write(one, 1, 2, 3)
    run(one)
    run(other)
    shallow = cloned(hub, tmp_path / "shallow", "--depth=1")
    run(shallow)
    shallow.git("notes", "--ref=buildlog", "prune")
    assert known(shallow) == set()
    done = run(shallow)
    assert (done.remotes[0].united, done.remotes[0].put_back) == ("put-back", 3)
    assert known(shallow) == known(hub) == here(1, 2, 3)
    shallow.git("notes", "--ref=buildlog", "prune")
    shallow.git("push", "-q", "origin", REF)
    assert known(hub) == set()
    done = run(other)
    assert (done.remotes[0].put_back, done.remotes[0].sent) == (3, 3)
    assert known(hub) == here(1, 2, 3)


def test_what_is_forgotten_stays_so_and_its_past_is_pushed_by_nobody(
    hub: Repo, two: tuple[Repo, Repo]
) -> None:
    one, other = two
    head = Oid(one.head)
    fact = Draft(head, 1, "claude", "trailer", tokens=77, removed=0, lines=1, files=1)
    context(one).ledger.append([fact])
    write(one, 1)
    run(one)
    run(other)
    write(other, 2)
    forget(context(one), [head])
    write(one, 3)
    done = run(one)
    assert (done.ok, done.remotes[0].push) == (False, "needs-force")
    assert run(one).remotes[0].push == "needs-force"
    assert known(hub) == here(1) | {head}, "nothing is forced by itself"
    one.git("push", "-q", "--force", "origin", REF)
    assert run(other).ok
    assert run(one).ok
    for repo in (hub, one, other):
        facts = context(repo).ledger.read().events
        assert {event.commit for event in facts if isinstance(event, Draft)} == here(1, 2, 3)
        assert b'"tokens":77' not in repo.git_bytes("log", "-p", "--text", REF)


def test_notes_that_the_remote_has_lost_are_given_back(hub: Repo, two: tuple[Repo, Repo]) -> None:
    one, _ = two
    write(one, 1)
    run(one)
    hub.git("update-ref", "-d", REF)
    assert states(run(one)) == [("same", "done", 0, 1)]
    assert known(hub) == here(1)
