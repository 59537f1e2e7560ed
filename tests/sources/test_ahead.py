"""Reading ahead: one item is made while the other is used, and whatever happens, it ends."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from centra.sources.ahead import ahead


def numbers(n: int, log: list[str] | None = None, fail: int = -1) -> Generator[int, None, None]:
    log = [] if log is None else log
    try:
        for i in range(n):
            if i == fail:
                raise OSError(f"no {i}")
            log.append(f"made {i}")
            yield i
    finally:
        log.append("closed")


def alone() -> bool:
    return not any(thread.name == "centra reads ahead" for thread in threading.enumerate())


@pytest.mark.parametrize("n", [0, 1, 2, 3, 50])
def test_the_items_in_their_order(n: int) -> None:
    assert list(ahead(numbers(n))) == list(range(n))
    assert alone()


def test_one_item_ahead_and_no_more() -> None:
    """A third one would overwrite the buffer of the one that is used."""
    log: list[str] = []
    items = ahead(numbers(9, log))
    for i in range(5):
        assert next(items) == i
        for _ in range(200):
            assert f"made {i + 2}" not in log
            if f"made {i + 1}" in log:
                break
            threading.Event().wait(0.01)
        assert log == [f"made {j}" for j in range(i + 2)]
    items.close()
    assert alone() and log[-1] == "closed"


def test_what_fails_fails_here() -> None:
    items = ahead(numbers(9, fail=3))
    assert [next(items) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(OSError, match="no 3"):
        next(items)
    assert alone()


def test_an_error_where_items_are_used() -> None:
    log: list[str] = []
    with pytest.raises(KeyError):
        for i in (items := ahead(numbers(9, log))):
            if i == 2:
                raise KeyError(i)
    items.close()
    assert alone() and log[-1] == "closed"
