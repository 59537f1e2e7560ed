"""Options that go together are written once, and every command's help has them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from centra.cli.grouped import grouped

Run = Callable[..., tuple[int, str, str]]


@dataclass
class Point:
    x: int
    y: int = 7


def test_a_dataclass_is_spread_out_and_put_together() -> None:
    seen: list[object] = []

    @grouped
    def command(name: str, *, at: Point, last: bool = False) -> None:
        seen.append((name, at, last))

    parameters = inspect.signature(command).parameters
    assert list(parameters) == ["name", "x", "y", "last"]
    assert (parameters["x"].annotation, parameters["y"].default) == (int, 7)
    command(name="A", x=1)
    command(name="B", x=1, y=2, last=True)
    assert seen == [("A", Point(1, 7), False), ("B", Point(1, 2), True)]
    with pytest.raises(TypeError, match="'x'"):
        command(name="C")


@pytest.mark.parametrize("command", ["fit", "report", "sweep"])
def test_commands_share_their_options(run: Run, command: str) -> None:
    text = run(command, "--help")[1]
    for option in ("--columns", "--label", "--weight", "--standardize", "--seed", "--format"):
        assert f"  {option} " in text
