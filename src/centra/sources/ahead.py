"""Reading ahead: a thread makes the next item of an iterator while the last one is used."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Any, TypeVar

T = TypeVar("T")

#: Items that exist at a time: one is used, one is made.
BUFFERS = 2


class _Ended:
    """No more items come: the iterator has ended, or has failed."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Generator[T, None, None]) -> Generator[T, None, None]:
    """Yield the items of a generator, which runs in a thread of its own, one item ahead.

    At any moment at most two items exist: the one that was yielded last, and the next one. So a
    generator may use two buffers in turn. The thread has ended when this generator ends, in
    whatever way; what the thread raises is raised here.

    Parameters
    ----------
    items : generator
        What makes the items; it should spend its time without Python's lock, as reading does.

    Examples
    --------
    >>> list(ahead(i * i for i in range(4)))
    [0, 1, 4, 9]
    """
    free, made = Semaphore(BUFFERS), SimpleQueue[Any]()
    stopped = False

    def work() -> None:
        ended = _Ended()
        try:
            while free.acquire() and not stopped:
                made.put(next(items))
        except StopIteration:
            pass
        except BaseException as error:  # whatever it is, it belongs to the reader of the items
            ended = _Ended(error)
        finally:
            with suppress(BaseException):
                items.close()
            made.put(ended)

    thread = Thread(target=work, name="centra reads ahead", daemon=True)
    thread.start()
    try:
        while True:
            item = made.get()
            if isinstance(item, _Ended):
                if item.error is not None:
                    raise item.error
                return
            yield item
            item = None
            free.release()
    finally:
        stopped = True
        free.release()
        thread.join()
