"""Attributes that are computed when they are first asked for: once, and without a lock."""

from __future__ import annotations

import threading

import centra
from centra._utils.lazily import lazily


class Slow:
    """Something that takes as long as it is told to."""

    def __init__(self, until: threading.Event | None = None) -> None:
        self.until, self.asked = until, 0

    @lazily
    def value(self) -> int:
        """What it comes to."""
        self.asked += 1
        if self.until is not None:
            assert self.until.wait(60)
        return 7


def test_it_is_computed_once() -> None:
    thing = Slow()
    assert (thing.value, thing.value, thing.asked) == (7, 7, 1)
    assert Slow.value.__doc__ == "What it comes to."


def test_one_object_does_not_wait_for_another() -> None:
    until = threading.Event()
    slow = Slow(until)
    waiting = threading.Thread(target=lambda: slow.value)
    waiting.start()
    try:
        assert Slow().value == 7  # while the other one is at it
    finally:
        until.set()
        waiting.join()


def test_nothing_in_the_package_holds_a_lock_of_its_class() -> None:
    for module in (centra._data.dataset, centra.selection.sweeping, centra.selection.result):
        assert not hasattr(module, "cached_property")
