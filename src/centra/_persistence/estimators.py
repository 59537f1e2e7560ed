"""The estimators that model files can hold. Each adds itself, as this package is a layer below."""

from __future__ import annotations

from typing import Any, TypeVar

Class = TypeVar("Class", bound=type[Any])

#: Classes by the name that a model file says.
ESTIMATORS: dict[str, type[Any]] = {}


def savable(kind: Class) -> Class:
    """Let model files hold estimators of a class."""
    ESTIMATORS[kind.__name__] = kind
    return kind
