"""Stories of how history moves, one module a theme; see :mod:`tests.live.stage`."""

from tests.live.stories import amends, branches, found, picks, rebases, traps

MODULES = (amends, rebases, picks, branches, traps, found)
