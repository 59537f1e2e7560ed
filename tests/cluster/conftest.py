"""A cluster is many processes and messages: every test has a time limit, so that none hangs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest

#: Seconds.
LIMIT = 180


@pytest.fixture(autouse=True)
def _time_limit() -> Iterator[None]:
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def over(*_: Any) -> None:
        raise TimeoutError(f"a test of a cluster took longer than {LIMIT} seconds")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(LIMIT)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)
