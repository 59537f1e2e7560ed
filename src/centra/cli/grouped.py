"""Options that commands share, written once: a dataclass in a command's signature.

typer reads a command's options from its parameters, one by one. `grouped` lets a command take a
dataclass instead, and shows typer its fields in the dataclass's place.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
from collections.abc import Callable
from typing import Any, get_type_hints

__all__ = ["grouped"]


def grouped(command: Callable[..., None]) -> Callable[..., None]:
    """Give a function the fields of its dataclasses as parameters.

    Parameters
    ----------
    command : callable
        A function; parameters that are dataclasses are keyword-only.

    Returns
    -------
    flat : callable
        The same with the fields of each dataclass in its place.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Point:
    ...     x: int
    ...     y: int = 0
    >>> def show(name: str, *, at: Point, loud: bool = False) -> None:
    ...     print(name, at)
    >>> list(inspect.signature(grouped(show)).parameters)
    ['name', 'x', 'y', 'loud']
    >>> grouped(show)(name="A", x=1, y=2)
    A Point(x=1, y=2)
    """
    hints = get_type_hints(command, include_extras=True)
    parameters: list[inspect.Parameter] = []
    groups: dict[str, Any] = {}
    for parameter in inspect.signature(command).parameters.values():
        kind = hints[parameter.name]
        if not dataclasses.is_dataclass(kind):
            parameters.append(parameter.replace(annotation=kind))
            continue
        groups[parameter.name] = kind
        types = get_type_hints(kind, include_extras=True)
        for each in dataclasses.fields(kind):
            missing = each.default is dataclasses.MISSING
            parameters.append(
                inspect.Parameter(
                    each.name,
                    inspect.Parameter.KEYWORD_ONLY,
                    default=inspect.Parameter.empty if missing else each.default,
                    annotation=types[each.name],
                )
            )

    @functools.wraps(command)
    def flat(**given: Any) -> None:
        for name, kind in groups.items():
            fields = [each.name for each in dataclasses.fields(kind)]
            given[name] = kind(**{each: given.pop(each) for each in fields if each in given})
        command(**given)

    flat.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    flat.__annotations__ = {each.name: each.annotation for each in parameters}
    return flat
