"""Imports go one way: hold every module of the package against the list of rooms below.

Run from the repository root: ``python tools/layers.py``. It prints what breaks the order, and
ends with 1 if anything does. ``tests/test_layers.py`` runs the same check.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: From the bottom up. A room may import rooms that stand before it; a package's modules may import
#: one another. "centra" is the package itself, `import centra`.
ROOMS = (
    "_core",
    "errors",
    "whole",
    "escapes",
    "words",
    "plain",
    "extras",
    "events",
    "progress",
    "threads",
    "sources",
    "steps",
    "borrowed",
    "dataset",
    "precision",
    "engine",
    "seeding",
    "parallel",
    "relocation",
    "model",
    "descent",
    "display",
    "listeners",
    "fitting",
    "overlap",
    "kmeans",
    "report",
    "functions",
    "choose",
    "store",
    "schema",
    "persist",
    "centra",
    "plot",
    "page",
    "tutorial",
    "cli",
)

#: Imports against the order, each with the reason why it must be.
EXCEPTIONS = {
    ("kmeans", "persist"): "KMeans.save(): persist builds a KMeans, so it stands above; the import "
    "waits until a model is saved",
    ("kmeans", "report"): "KMeans.report(): it reads a fitted model, so it stands above as well",
    ("centra", "plot"): "for type checkers only; at run time plot is imported when first asked for",
    ("centra", "page"): "for type checkers only, as plot",
    ("centra", "tutorial"): "for type checkers only, as plot",
}


@dataclass(frozen=True)
class Import:
    """One import of one room by another."""

    path: Path
    line: int
    importer: str
    imported: str

    def __str__(self) -> str:
        """Say it as compilers do, so that editors find the line."""
        return f"{self.path}:{self.line}: {self.importer} imports {self.imported}"


def room_of(parts: tuple[str, ...], rooms: tuple[str, ...]) -> str:
    """Return the room of a dotted name below ``centra``; a name in the package itself is its own.

    ``from centra import store`` names a room, ``from centra import KMeans`` the package.
    """
    return parts[0] if parts and parts[0] in rooms else "centra"


def imports_of(path: Path, package: Path, rooms: tuple[str, ...]) -> Iterator[Import]:
    """Yield the imports of centra's rooms in a file, those within functions too."""
    below = path.relative_to(package).with_suffix("").parts
    importer = "centra" if below == ("__init__",) else below[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        for parts in _names(node, below):
            line: int = node.lineno  # type: ignore[attr-defined]
            yield Import(path, line, importer, room_of(parts, rooms))


def _names(node: ast.AST, below: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield what a statement imports from centra, as parts of the name below ``centra``."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            first, *rest = alias.name.split(".")
            if first == "centra":
                yield tuple(rest)
    elif isinstance(node, ast.ImportFrom):
        base = tuple(node.module.split(".")) if node.module else ()
        if node.level:
            base = ("centra", *below[: len(below) - node.level], *base)
        if base[:1] == ("centra",):
            for alias in node.names:
                yield (*base[1:], alias.name)


def violations(
    package: Path,
    rooms: tuple[str, ...] = ROOMS,
    exceptions: dict[tuple[str, str], str] | None = None,
) -> list[str]:
    """Return a line for every import against the order, unlisted room or needless exception."""
    allowed = EXCEPTIONS if exceptions is None else exceptions
    found, used = [], set()
    for path in sorted(package.rglob("*.py")):
        for each in imports_of(path, package, rooms):
            if each.importer not in rooms:
                found.append(f"{each.path}: the room {each.importer} has no place in the list")
                break
            if each.importer == each.imported:
                continue
            if rooms.index(each.importer) > rooms.index(each.imported):
                continue
            if (each.importer, each.imported) in allowed:
                used.add((each.importer, each.imported))
            else:
                found.append(f"{each}, which stands above it")
    for importer, imported in sorted(set(allowed) - used):
        found.append(f"the exception {importer} -> {imported} is not needed any more")
    return found


def main() -> int:
    """Check the package beside this folder."""
    found = violations(Path(__file__).resolve().parent.parent / "src" / "centra")
    print("\n".join(found) or "imports go one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
