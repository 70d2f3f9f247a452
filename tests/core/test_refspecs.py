"""Which refspecs harm the notes, and which only look like it."""

from __future__ import annotations

import pytest

from buildlog_git.core.refspecs import (
    NOTES,
    beside,
    parse_refspec,
    remote_dangers,
    rewrite_dangers,
    safe_refspec,
)

SAFE = "+refs/notes/buildlog*:refs/notes-sync/origin/buildlog*"
BRANCHES = "+refs/heads/*:refs/remotes/origin/*"


@pytest.mark.parametrize(
    ("text", "target"),
    [
        (BRANCHES, None),
        (SAFE, "refs/notes-sync/origin/buildlog"),
        ("+refs/notes/*:refs/notes/*", NOTES),
        ("refs/notes/*:refs/notes/*", NOTES),
        ("+refs/*:refs/*", NOTES),
        ("+refs/notes/buildlog:refs/notes/other", "refs/notes/other"),
        ("refs/notes/buildlog", ""),
        ("refs/notes/commits:refs/notes/commits", None),
        ("refs/notes/b*log:refs/x/*", "refs/x/uild"),
        ("refs/notes/buildlogs*:refs/x/*", None),
        ("refs/notes/buildl*dlog:x/*", None),
        ("^refs/notes/*", ""),
        (":", None),
        ("", None),
    ],
)
def test_what_a_refspec_makes_of_our_notes(text: str, target: str | None) -> None:
    assert parse_refspec(text).to(NOTES) == target


def test_ours_is_safe() -> None:
    assert safe_refspec("origin") == SAFE
    assert parse_refspec(SAFE).to(NOTES) == beside("origin")
    assert not list(remote_dangers("origin", [BRANCHES, SAFE], ["refs/heads/*"]))


@pytest.mark.parametrize(
    ("value", "slug", "goes", "adds"),
    [
        ("+refs/notes/*:refs/notes/*", "refspec-overwrites", False, "^refs/notes/buildlog"),
        ("refs/notes/*:refs/notes/*", "refspec-diverges", False, "^refs/notes/buildlog"),
        ("+refs/*:refs/*", "refspec-overwrites", False, "^refs/notes/buildlog"),
        (f"+{NOTES}:{NOTES}", "refspec-overwrites", True, SAFE),
        (f"{NOTES}:{NOTES}", "refspec-diverges", True, SAFE),
        (f"+{NOTES}:refs/notes-sync/origin/buildlog", "refspec-exact", True, SAFE),
        (NOTES, "refspec-exact", True, SAFE),
    ],
)
def test_fetches_that_harm(value: str, slug: str, goes: bool, adds: str) -> None:
    (danger,) = remote_dangers("origin", [BRANCHES, value], [])
    assert (danger.slug, danger.value, danger.goes, danger.adds) == (slug, value, goes, (adds,))
    after = [BRANCHES, *([] if goes else [value]), adds]
    assert not list(remote_dangers("origin", after, []))


def test_an_old_git_knows_no_refspec_that_leaves_out() -> None:
    (danger,) = remote_dangers("origin", ["+refs/notes/*:refs/notes/*"], [], negative=False)
    assert not danger.mends


@pytest.mark.parametrize(
    ("value", "harms"),
    [
        (NOTES, True), (f"{NOTES}:{NOTES}", True), ("+refs/notes/*:refs/notes/*", True),
        ("refs/heads/main", False), ("refs/notes/commits", False), ("^refs/notes/*", False),
        ("HEAD", False),
    ],
)  # fmt: skip
def test_pushes_that_harm(value: str, harms: bool) -> None:
    found = list(remote_dangers("origin", [BRANCHES], ["refs/heads/*", value]))
    assert [(one.slug, one.key, one.value) for one in found] == (
        [("refspec-push", "remote.origin.push", value)] if harms else []
    )


def test_rewrites_that_harm() -> None:
    values = ["refs/notes/commits", NOTES, "refs/notes/*"]
    assert [(one.value, one.mends) for one in rewrite_dangers(values)] == [
        (NOTES, True), ("refs/notes/*", False),
    ]  # fmt: skip
