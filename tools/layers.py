"""Imports go one way: hold every file, Python and Rust, against the lists of layers below.

Run from the repository root: ``python tools/layers.py``. It prints what breaks the order and which
files import one another in a circle, and ends with 1 if anything does. The same check is
``tests/docs/test_layers.py``.

Rust is read without a compiler: the paths of ``use`` and those in the code that begin with
``crate``, ``self``, ``super``, a module that was imported or a module of the file. Comments,
strings and items under ``#[cfg(test)]`` are left out. A name that a module re-exports counts as one
of the file that defines it; what a trait's methods need is not seen.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

#: From the bottom up. A layer may import layers before it in the list; modules of one layer may
#: import one another. "centra" is the package itself, `import centra`.
LAYERS = (
    "_core",
    "errors",
    "events",
    "_utils",
    "sources",
    "_data",
    "_assign",
    "_seeding",
    "_dask",
    "_lloyd",
    "_diagnostics",
    "_persistence",
    "_estimators",
    "selection",
    "_former",
    "plot",
    "page",
    "tutorial",
    "centra",
    "_tables",
    "cli",
)

#: Imports against the order, each with the reason why it must be: none.
EXCEPTIONS: dict[tuple[str, str], str] = {}

#: Folders and files of the core, from the bottom up: each may use those before it.
CORE = (
    "memory",
    "messages",
    "simd",
    "threads",
    "exact",
    "rows",
    "distance",
    "sums",
    "screen",
    "prune",
    "seeding",
    "assign",
    "lib",
)

#: The same of the binding.
BINDING = (
    "threads",
    "check",
    "pickle",
    "rows",
    "distance",
    "sums",
    "screen",
    "prune",
    "seeding",
    "assign",
    "steps",
    "lib",
)

#: Uses against these orders, each with the reason why it must be.
CORE_EXCEPTIONS: dict[tuple[str, str], str] = {}
BINDING_EXCEPTIONS: dict[tuple[str, str], str] = {}


@dataclass(frozen=True)
class Import:
    """One import of one layer by another, and the file that has what is imported."""

    path: Path
    line: int
    importer: str
    imported: str
    target: Path | None = None

    def __str__(self) -> str:
        """Say it as compilers do, so that editors find the line."""
        return f"{self.path}:{self.line}: {self.importer} imports {self.imported}"


def layer_of(parts: tuple[str, ...], layers: tuple[str, ...]) -> str:
    """Return the layer of a dotted name below ``centra``; a name in the package itself is its own.

    ``from centra import plot`` names a layer, ``from centra import KMeans`` the package.
    """
    return parts[0] if parts and parts[0] in layers else "centra"


def imports_of(path: Path, package: Path, layers: tuple[str, ...]) -> Iterator[Import]:
    """Yield the imports of centra's layers in a file, those within functions too."""
    below = path.relative_to(package).with_suffix("").parts
    importer = "centra" if below == ("__init__",) else below[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))):
        for parts in _names(node, below):
            line: int = node.lineno  # type: ignore[attr-defined]
            yield Import(path, line, importer, layer_of(parts, layers), _file(package, parts))


def _file(package: Path, parts: tuple[str, ...]) -> Path | None:
    """Return the file of a module, or of the one that has a name."""
    for depth in range(len(parts), -1, -1):
        base = package.joinpath(*parts[:depth])
        names = [base / "__init__.py", base.with_suffix(".py"), base.with_suffix(".pyi")]
        for path in names[: 3 if depth else 1]:
            if path.exists():
                return path
    return None


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
    layers: tuple[str, ...] = LAYERS,
    exceptions: dict[tuple[str, str], str] | None = None,
) -> list[str]:
    """Return a line for every import against the order, unlisted layer or needless exception."""
    allowed = EXCEPTIONS if exceptions is None else exceptions
    files = sorted(package.rglob("*.py"))
    imports = [each for path in files for each in imports_of(path, package, layers)]
    return against(imports, layers, allowed) + in_circles(imports, package)


def against(
    imports: Iterable[Import], layers: tuple[str, ...], allowed: dict[tuple[str, str], str]
) -> list[str]:
    """Hold imports against an order of layers."""
    found, used, strays = [], set(), set()
    for each in imports:
        pair = (each.importer, each.imported)
        if each.importer not in layers:
            strays.add(f"{each.path}: the layer {each.importer} has no place in the list")
        elif each.importer == each.imported:
            continue
        elif layers.index(each.importer) <= layers.index(each.imported):
            used.add(pair)
            if pair not in allowed:
                found.append(f"{each}, which stands above it")
    stale = sorted(set(allowed) - used)
    needless = [f"the exception {a} -> {b} is not needed any more" for a, b in stale]
    return found + sorted(strays) + needless


def in_circles(imports: Iterable[Import], root: Path) -> list[str]:
    """Return a line for every group of files of one layer that import one another.

    A circle through several layers has an import against their order, which is said already. What a
    package's ``__init__`` takes from its own modules, it hands on: that is no use.
    """
    edges = [
        (each.path, each.target)
        for each in imports
        if each.target is not None
        and each.target != each.path
        and each.importer == each.imported
        and not (each.path.name == "__init__.py" and each.path.parent in each.target.parents)
    ]
    groups = ([str(path.relative_to(root)) for path in group] for group in circles(edges))
    return [f"{root}: a circle of {', '.join(group)}" for group in groups]


def circles(edges: Iterable[tuple[Path, Path]]) -> list[list[Path]]:
    """Return the groups of files that reach one another (Tarjan's strongly connected parts)."""
    graph: dict[Path, set[Path]] = {}
    for start, end in edges:
        graph.setdefault(start, set()).add(end)
    number: dict[Path, int] = {}
    lowest: dict[Path, int] = {}
    stack: list[Path] = []
    found: list[list[Path]] = []

    def visit(file: Path) -> None:
        number[file] = lowest[file] = len(number)
        stack.append(file)
        for other in sorted(graph.get(file, ())):
            if other not in number:
                visit(other)
            if other in stack:
                lowest[file] = min(lowest[file], lowest[other])
        if lowest[file] == number[file]:
            group = stack[stack.index(file) :]
            del stack[-len(group) :]
            if len(group) > 1:
                found.append(sorted(group))

    for file in sorted(graph):
        if file not in number:
            visit(file)
    return found


# --- Rust -----------------------------------------------------------------------------------------

#: What the code says but for its meaning: comments, strings, and characters (not lifetimes).
_SILENT = re.compile(
    r"""//[^\n]* | /\*.*?\*/ | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes) | \b[bc]?"(?:\\.|[^"\\])*"
    | "(?:\\.|[^"\\])*" | '(?:\\(?:u\{\w+\}|x\w\w|.)|[^'\\])'""",
    re.VERBOSE | re.DOTALL,
)
_TEST = re.compile(r"#\[cfg\(test\)\]")
_USE = re.compile(r"\b(?P<pub>pub(?:\([^)]*\))?\s+)?use\s+(?P<tree>[^;]+);")
_MODULE = re.compile(r"\bmod\s+(\w+)\s*;")
_PATH = re.compile(r"(?<![\w:.])\w+(?:\s*::\s*\w+)+")


def code_of(text: str) -> str:
    """Return Rust without comments, strings and tests; every line stays where it is."""

    def blank(part: str) -> str:
        return re.sub(r"[^\n]", " ", part)

    text = _SILENT.sub(lambda found: blank(found[0]), text)
    while found := _TEST.search(text):
        end = _end_of_item(text, found.end())
        text = text[: found.start()] + blank(text[found.start() : end]) + text[end:]
    return text


def _end_of_item(text: str, start: int) -> int:
    depth = 0
    for at in range(start, len(text)):
        depth += (text[at] in "{[(") - (text[at] in "}])")
        if depth == 0 and (text[at] == "}" or text[at] == ";"):
            return at + 1
    return len(text)


def leaves(tree: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield the paths of a ``use``, each with the name that it binds (``*`` for all of them)."""
    tree = tree.strip()
    head, brace, rest = tree.partition("{")
    base = tuple(part.strip() for part in head.split("::") if part.strip())
    if not brace:
        path, _, alias = tree.partition(" as ")
        parts = tuple(part.strip() for part in path.split("::"))
        parts = parts[:-1] if parts[-1] == "self" and len(parts) > 1 else parts
        yield parts, alias.strip() or parts[-1]
        return
    inner = rest[: rest.rindex("}")]
    depth, start = 0, 0
    for at, letter in enumerate(inner + ","):
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            if part := inner[start:at].strip():
                for parts, name in leaves(part):
                    path = base if parts == ("self",) else base + parts
                    yield path, (base[-1] if name == "self" else name)
            start = at + 1


@dataclass
class Crate:
    """The modules of a crate: where each lies, and what its names stand for."""

    root: Path
    files: dict[tuple[str, ...], Path] = field(default_factory=dict)
    code: dict[tuple[str, ...], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read all files."""
        for path in sorted(self.root.rglob("*.rs")):
            parts = path.relative_to(self.root).with_suffix("").parts
            module = () if parts == ("lib",) else parts[:-1] if parts[-1] == "mod" else parts
            self.files[module] = path
            self.code[module] = code_of(path.read_text(encoding="utf-8"))
        self.names = cache(self._names)

    def _names(self, module: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
        """Return the modules, and imported paths, that names of a module stand for."""
        code = self.code[module]
        names = {name: (*module, name) for name in _MODULE.findall(code)}
        for found in _USE.finditer(code):
            for parts, name in leaves(found["tree"]):
                if (path := self._absolute(module, parts, names)) is not None:
                    names[name] = path
        return names

    def _absolute(
        self, module: tuple[str, ...], parts: tuple[str, ...], names: dict[str, tuple[str, ...]]
    ) -> tuple[str, ...] | None:
        """Return a path from the crate's root; None if it leads out of the crate."""
        first, rest = parts[0], parts[1:]
        if first == "crate":
            return rest
        if first == "self":
            return (*module, *rest)
        if first == "super":
            above = module[:-1]
            while rest[:1] == ("super",):
                above, rest = above[:-1], rest[1:]
            return (*above, *rest)
        return (*names[first], *rest) if first in names else None

    def target(self, path: tuple[str, ...]) -> Path | None:
        """Return the file that defines what a path leads to; None for a module by itself."""
        seen = set()
        while path not in seen:
            seen.add(path)
            depth = max(n for n in range(len(path) + 1) if path[:n] in self.files)
            module, rest = path[:depth], path[depth:]
            if not rest:
                return None
            known = self.names(module)
            if rest[0] not in known:
                return self.files[module]
            path = (*known[rest[0]], *rest[1:])
        return None

    def imports(self) -> Iterator[Import]:
        """Yield every use of another file's names."""
        for module, code in self.code.items():
            path = self.files[module]
            names = self.names(module)
            uses = [
                (f.start(), p) for f in _USE.finditer(code) if not f["pub"] for p in self._leaves(f)
            ]
            without = _USE.sub(lambda found: " " * len(found[0]), code)
            inline = [
                (f.start(), tuple(re.split(r"\s*::\s*", f[0]))) for f in _PATH.finditer(without)
            ]
            for at, parts in uses + inline:
                absolute = self._absolute(module, parts, names)
                target = None if absolute is None else self.target(absolute)
                if target is not None and target != path:
                    line = code.count("\n", 0, at) + 1
                    yield Import(path, line, self.layer(path), self.layer(target), target)

    @staticmethod
    def _leaves(found: re.Match[str]) -> list[tuple[str, ...]]:
        return [parts for parts, _ in leaves(found["tree"])]

    def layer(self, path: Path) -> str:
        """Return the folder, or the name of a file beside ``lib.rs``."""
        return path.relative_to(self.root).with_suffix("").parts[0]


def rust_violations(
    root: Path, layers: tuple[str, ...], exceptions: dict[tuple[str, str], str]
) -> list[str]:
    """Return a line for everything in a crate that is against the order, or in a circle."""
    imports = list(Crate(root).imports())
    return against(imports, layers, exceptions) + in_circles(imports, root)


def main() -> int:
    """Check the package and the crates beside this folder."""
    root = Path(__file__).resolve().parent.parent
    found = violations(root / "src" / "centra")
    found += rust_violations(root / "crates" / "core" / "src", CORE, CORE_EXCEPTIONS)
    found += rust_violations(root / "crates" / "python" / "src", BINDING, BINDING_EXCEPTIONS)
    print("\n".join(found) or "imports go one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
