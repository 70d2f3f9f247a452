"""What may take long only by a mistake, such as an expression that backtracks."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def cpu_seconds(limit: float) -> Iterator[None]:
    """Fail where the block takes more of this process's own time, however busy the machine is."""
    began = time.process_time()
    yield
    taken = time.process_time() - began
    assert taken < limit, f"{taken:.1f} s"
