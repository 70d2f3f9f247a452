"""The sealed environment: no test sees the machine's configuration, and none can change it."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from tests.builder import PROJECT, Repo, sealed_environment

if TYPE_CHECKING:
    from collections.abc import Iterator


NIGHTLY = bool(os.environ.get("BUILDLOG_NIGHTLY"))
"""Whether random tests look for what nobody has seen; else they are the same in every run."""

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("nightly", deadline=None, print_blob=True)
settings.load_profile("nightly" if NIGHTLY else "repeatable")


class HomeTouched(AssertionError):  # noqa: N818 - it names what happened
    """A test read or wrote the real home of whoever runs the suite."""


def _real_homes() -> tuple[Path, ...]:
    known: set[str] = {os.environ.get("HOME", ""), pwd.getpwuid(os.getuid()).pw_dir}
    # A container may give "/" or a place that does not exist: nothing to protect there.
    return tuple(Path(path) for path in known if len(Path(path).parts) > 1)


class _Guard:
    """Refuses to open, make, remove or rename anything below the real home.

    Python's own files, the project and the temporary folder may lie below it: they are open
    to all. An audit hook cannot be taken out again, so that it only asks while a test runs.
    """

    EVENTS = frozenset({"open", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.listdir"})

    def __init__(self) -> None:
        self.homes = _real_homes()
        free: list[str | Path] = [PROJECT, gettempdir(), sys.prefix, sys.base_prefix]
        free += filter(None, sys.path)
        self.free = tuple(Path(path) for path in free if Path(path) not in self.homes)
        self.active = False
        sys.addaudithook(self)

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if not self.active or event not in self.EVENTS or not args:
            return
        if not isinstance(args[0], str | bytes):
            return
        path = Path(os.path.abspath(os.fsdecode(args[0])))  # noqa: PTH100 - links stay links
        if any(map(path.is_relative_to, self.homes)) and not any(
            map(path.is_relative_to, self.free)
        ):
            raise HomeTouched(f"{event} {path}")


_GUARD = _Guard()


@pytest.fixture(autouse=True)
def sealed(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Give every test a home of its own and nothing of the machine's; return that home."""
    home = tmp_path_factory.mktemp("home")
    environment = sealed_environment(home)
    for name in os.environ.keys() - environment.keys():
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(_GUARD, "active", True)
    yield home
    monkeypatch.setattr(_GUARD, "active", False)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """Give an empty repository on ``main``."""
    return Repo.init(tmp_path / "repo")
