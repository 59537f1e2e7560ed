"""`_core.pyi` says what the compiled module has: a difference either way fails."""

from __future__ import annotations

import ast
import inspect
import keyword
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from centra import _core

STUB = ast.parse(
    (Path(__file__).resolve().parents[2] / "src/centra/_core.pyi").read_text(encoding="utf-8")
)
CLASSES = {node.name: node for node in STUB.body if isinstance(node, ast.ClassDef)}
FUNCTIONS = {node.name: node for node in STUB.body if isinstance(node, ast.FunctionDef)}
#: Shapes of what a function returns, for type checkers only.
SHAPES = {
    name
    for name, node in CLASSES.items()
    if any(isinstance(base, ast.Name) and base.id == "TypedDict" for base in node.bases)
}

#: What every class has, or gets beside another method, without anybody's asking.
FREE = {"__doc__", "__module__", "__radd__", "__weakref__", "__dict__", "__slotnames__"}

Parameter = tuple[str, Any]
NEEDED = object()


def _in_stub(node: ast.FunctionDef, skip: int) -> list[Parameter]:
    """Names and defaults of a function of the stub, `self` and the like left out."""
    arguments = node.args
    assert arguments.vararg is None and arguments.kwarg is None
    names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
    defaults = [ast.literal_eval(default) for default in arguments.defaults]
    values = [NEEDED] * (len(names) - len(defaults)) + defaults
    names += [argument.arg for argument in arguments.kwonlyargs]
    values += [ast.literal_eval(value) for value in arguments.kw_defaults if value is not None]
    return list(zip(names, values, strict=True))[skip:]


def _in_module(function: Any) -> list[Parameter]:
    """Names and defaults of a compiled function."""
    text = getattr(function, "__text_signature__", None)
    if text and any(keyword.iskeyword(word) for word in text.strip("()").split(", ")):
        # A parameter that Python cannot name: it can be given by position only.
        words = [word for word in text.strip("()").split(", ") if word not in ("$self", "/")]
        assert not any("=" in word for word in words)
        return [(word + "_" * keyword.iskeyword(word), NEEDED) for word in words]
    parameters = inspect.signature(function).parameters.values()
    return [
        (p.name, NEEDED if p.default is p.empty else p.default)
        for p in parameters
        if p.name != "self"
    ]


def _decorators(node: ast.FunctionDef) -> set[str]:
    return {name.id for name in node.decorator_list if isinstance(name, ast.Name)}


def _methods() -> Iterator[tuple[str, ast.FunctionDef]]:
    for name, node in CLASSES.items():
        if name not in SHAPES:
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield name, item


def test_the_same_names() -> None:
    variables = {
        node.target.id
        for node in STUB.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    there = {name for name in vars(_core) if not name.startswith("__")} | {"__version__"}
    assert (set(CLASSES) - SHAPES) | set(FUNCTIONS) | variables == there
    assert set(_core.__all__) == there


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_the_same_parameters(name: str) -> None:
    function = getattr(_core, name)
    assert inspect.isbuiltin(function)
    assert _in_stub(FUNCTIONS[name], 0) == _in_module(function)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - SHAPES))
def test_the_same_members(name: str) -> None:
    here = {item.name for item in CLASSES[name].body if isinstance(item, ast.FunctionDef)}
    assert here == set(vars(getattr(_core, name))) - FREE


@pytest.mark.parametrize(
    ("name", "method"), [pytest.param(n, m, id=f"{n}.{m.name}") for n, m in _methods()]
)
def test_the_same_methods(name: str, method: ast.FunctionDef) -> None:
    cls = getattr(_core, name)
    there = inspect.getattr_static(cls, method.name)
    if "property" in _decorators(method):
        assert inspect.isgetsetdescriptor(there)
    elif "staticmethod" in _decorators(method):
        assert isinstance(there, staticmethod)
        assert _in_stub(method, 0) == _in_module(getattr(cls, method.name))
    elif "classmethod" in _decorators(method):
        assert inspect.ismethoddescriptor(there)
        assert _in_stub(method, 1) == _in_module(getattr(cls, method.name))
    elif method.name == "__new__":
        assert _in_stub(method, 1) == _in_module(cls)
    elif method.name.startswith("__"):
        # A slot of the type: Python names its parameters, so that only their number counts.
        assert len(_in_stub(method, 1)) == len(_in_module(there))
    else:
        assert inspect.ismethoddescriptor(there)
        assert _in_stub(method, 1) == _in_module(there)


@pytest.mark.parametrize("name", sorted(set(CLASSES) - SHAPES))
def test_only_classes_with_new_can_be_made(name: str) -> None:
    items = {item.name for item in CLASSES[name].body if isinstance(item, ast.FunctionDef)}
    if "__new__" not in items:
        with pytest.raises(TypeError, match="cannot create"):
            getattr(_core, name)()


def test_the_counts_are_those_of_the_stub() -> None:
    assert list(SHAPES) == ["Counts"]
    keys = {item.target.id for item in CLASSES["Counts"].body}  # type: ignore[attr-defined]
    rows = _core.Matrix.dense(np.zeros((3, 2)))
    team = _core.Workers(1)
    gate, centers, labels = (
        _core.column_stats(team, rows),
        np.zeros((1, 2)),
        np.full(3, -1, np.int32),
    )
    counts = _core.assign(team, rows, centers, _core.Frame(gate, centers, False), labels)
    assert set(counts) == keys
    assert all(type(count) is int for count in counts.values())
