"""Attributes that are computed when they are first asked for, without a lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class lazily(Generic[T]):
    """A property that is computed once for an object, and then is an attribute of it.

    `functools.cached_property` of Python 3.11 holds a lock for all objects of the class meanwhile:
    a pass over the rows of one data set would wait for that over another's, and a process that was
    forked meanwhile would wait for ever. Here two threads that ask at once both compute.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self.compute, self.__doc__ = compute, compute.__doc__
        self.name = compute.__name__

    @overload
    def __get__(self, owner: None, kind: type) -> lazily[T]: ...
    @overload
    def __get__(self, owner: object, kind: type) -> T: ...
    def __get__(self, owner: object | None, kind: type) -> T | lazily[T]:
        """Compute the value; from then on the attribute of the same name hides this property."""
        if owner is None:
            return self
        value = self.compute(owner)
        owner.__dict__[self.name] = value
        return value
