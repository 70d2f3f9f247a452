"""Which files count: names, folders at any depth, whole paths, and what is taken back."""

from __future__ import annotations

import pytest

from buildlog_git.core.paths import PathFilter


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("app.py", True),
        ("poetry.lock", False),
        ("deep/down/poetry.lock", False),
        ("poetry.lock/app.py", True),
        ("site.min.js", False),
        ("min.js", True),
        ("vendor/app.py", False),
        ("a/vendor/b/app.py", False),
        ("a/vendor/line\nbreak.py", False),
        ("vendor", True),
        ("vendored/app.py", True),
        ("my-vendor/app.py", True),
    ],
)
def test_what_no_one_writes_by_hand_does_not_count(path: str, *, counts: bool) -> None:
    assert PathFilter().counts(path) is counts


def test_a_repository_adds_patterns_and_takes_some_back() -> None:
    filtered = PathFilter(excluded=["gen/*.py", "sub/vendor/"], included=["gen/kept.py"])
    assert not filtered.counts("gen/a.py")
    assert not filtered.counts("gen/deep/a.py"), "a star matches slashes too"
    assert filtered.counts("src/gen/a.py"), "a path with a slash is one from the top"
    assert filtered.counts("gen/kept.py")
    assert not filtered.counts("x/sub/vendor/y")
    assert filtered.counts("x/vendor/y")


def test_what_the_attributes_mark_does_not_count_unless_taken_back() -> None:
    filtered = PathFilter(included=["b.py"], generated=lambda path: path in {"a.py", "b.py"})
    assert [filtered.counts(name) for name in ("a.py", "b.py", "c.py")] == [False, True, True]
