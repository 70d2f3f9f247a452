"""The stories need pre-commit too."""

from tests.precommit.conftest import framework

__all__ = ["framework"]
