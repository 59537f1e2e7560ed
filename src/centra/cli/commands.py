"""The commands, as typer reads them.

A command reads its input, hands it to the library and says in one line what came of it. Everything
that goes wrong is an exception, which `centra.cli.main` turns into a line and an exit code.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

import centra
from centra.cli import tables
from centra.cli.meter import Meter
from centra.cli.tables import TableError
from centra.sources.npy import parse_memory

__all__ = ["app", "run"]

app = typer.Typer(
    name="centra",
    help="k-means clustering of tables in .npy and .csv files: one answer, everywhere.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

_INTERRUPTED = 130

Data = Annotated[Path, typer.Argument(metavar="FILE", help="Rows to read: .npy or .csv.")]
Header = Annotated[
    bool | None,
    typer.Option(
        "--header/--no-header",
        help="Whether the first row of a .csv names the columns; found out by default.",
        show_default=False,
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="What separates the cells of a .csv: one character, or 'tab'.  [default: ,]"),
]
Memory = Annotated[
    str, typer.Option(help="A .npy file larger than this is read from disk in blocks.")
]
Threads = Annotated[
    int | None, typer.Option(help="Threads; any number gives the same bits.", min=1)
]


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` names, and return its exit code."""
    command = typer.main.get_command(app)
    args = None if arguments is None else list(arguments)
    try:
        code = command.main(args=args, prog_name="centra", standalone_mode=False)
    except typer.Abort:
        code = _INTERRUPTED
    if code == _INTERRUPTED:  # typer's way to say Ctrl-C, an exception or a code by its version
        raise KeyboardInterrupt
    return code if isinstance(code, int) else 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"centra {centra.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and leave."
        ),
    ] = False,
) -> None:
    """k-means clustering of tables in .npy and .csv files: one answer, everywhere."""


@app.command()
def fit(
    file: Data,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="MODEL", help="Where the model goes.")
    ],
    clusters: Annotated[
        int, typer.Option("--clusters", "-k", help="Number of clusters.", min=1)
    ] = 8,
    init: Annotated[
        str, typer.Option(help="k-means++, random, or a .npy or .csv file of centres.")
    ] = "k-means++",
    n_init: Annotated[
        str, typer.Option(help="Restarts, the best of which counts: a number, or auto.")
    ] = "auto",
    max_iter: Annotated[int, typer.Option(help="Most iterations of one restart.", min=1)] = 300,
    tol: Annotated[
        float, typer.Option(help="Stop when centres move less; 0: when no label changes.", min=0)
    ] = 1e-4,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Seed of the random draws; without one, every run draws anew.",
            min=0,
            max=2**32 - 1,
        ),
    ] = None,
    threads: Threads = None,
    header: Header = None,
    delimiter: Delimiter = None,
    memory: Memory = "1GB",
) -> None:
    """Find clusters in the rows of FILE and save them as MODEL."""
    _check_output(output, file)
    restarts = _restarts(n_init)
    start: Any = init
    if init not in ("k-means++", "random"):
        start = _read_centers(Path(init), header=header, delimiter=delimiter)
    rows, names = _read(file, header=header, delimiter=delimiter, memory=memory)
    n_rows, n_columns = rows.shape
    if 0 < n_rows < clusters:
        raise TableError(
            f"{file}: {n_rows} rows cannot make {clusters} clusters; give a smaller -k"
        )
    with Meter(f"clustering {file.name}") as meter:
        model = centra.KMeans(
            n_clusters=clusters,
            init=start,
            n_init=restarts,
            max_iter=max_iter,
            tol=tol,
            random_state=seed,
            n_threads=threads,
            callbacks=[meter],
        )
        _loudly(file, rows, lambda: model.fit(rows))
    if names is not None:
        model.feature_names_in_ = np.array(names, dtype=object)
    model.save(output)
    typer.echo(
        f"{output}: {clusters} clusters of {n_rows} rows x {n_columns} columns, "
        f"inertia {model.inertia_:.6g} after {model.n_iter_} iterations"
    )


@app.command()
def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A model that fit saved.")],
    file: Data,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="OUT", help="Where the labels go: .npy or .csv."),
    ],
    threads: Threads = None,
    header: Header = None,
    delimiter: Delimiter = None,
    memory: Memory = "1GB",
) -> None:
    """Write the cluster of each row of FILE to OUT."""
    _suffix(output)
    _check_output(output, file, model)
    km = centra.load(model)
    km.set_params(n_threads=threads)
    rows, names = _read(file, header=header, delimiter=delimiter, memory=memory)
    _same_columns(file, names, rows.shape[1], model, km)
    with Meter(f"labelling {file.name}"):
        labels: NDArray[np.int32] = _loudly(file, rows, lambda: km.predict(rows))
    tables.write_labels(output, labels)
    used = len(np.unique(labels))
    typer.echo(f"{output}: {len(labels)} labels, {used} of {km.n_clusters} clusters in use")


@app.command()
def tutorial(
    output: Annotated[Path, typer.Argument(metavar="OUT", help="A folder, made where missing.")],
) -> None:
    """Write the k-means tutorial, page and figures, into the folder OUT."""
    from centra.tutorial import write  # here, because it needs matplotlib

    try:
        with Meter("drawing the figures"):
            paths = write(output)
    except ImportError as error:
        raise TableError(str(error)) from error
    typer.echo(f"{paths[-1]}: the tutorial, with {len(paths) - 1} figures beside it")


def _read(
    file: Path, *, header: bool | None, delimiter: str | None, memory: str
) -> tuple[Any, tuple[str, ...] | None]:
    """Read FILE: rows that KMeans takes, and the names of its columns."""
    budget = _bytes(memory)
    if _suffix(file) == ".npy":
        try:
            source = centra.from_npy(file, memory=budget)
        except ValueError as error:
            hint = "write it again with numpy.save, as rows and columns of real numbers"
            raise TableError(f"{str(error).rstrip('.')}; {hint}") from error
        small = file.stat().st_size <= budget
        return (np.load(file, mmap_mode="r", allow_pickle=False) if small else source), None
    if delimiter is not None:
        delimiter = {"tab": "\t", "\\t": "\t"}.get(delimiter, delimiter)
        if len(delimiter) != 1 or delimiter in '"\r\n':
            raise typer.BadParameter("one character, or 'tab'", param_hint="--delimiter")
    with Meter(f"reading {file.name}") as meter:
        table = tables.read_csv(
            file, header=header, delimiter=delimiter, progress=lambda part: meter.show(None, part)
        )
    return table.rows, table.names


def _read_centers(file: Path, *, header: bool | None, delimiter: str | None) -> NDArray[Any]:
    """Read the file that --init names."""
    if file.suffix.lower() not in (".npy", ".csv", ".tsv", ".txt"):
        raise typer.BadParameter(
            f"{str(file)!r} is neither k-means++ nor random, nor a .npy or .csv file",
            param_hint="--init",
        )
    rows, _ = _read(file, header=header, delimiter=delimiter, memory="1000TB")
    tables.check_finite(file, rows)
    return np.array(rows)


def _suffix(file: Path) -> str:
    """Check that a file's kind is one that we know."""
    if file.is_dir():
        raise TableError(f"{file}: is a folder; give a file in it")
    suffix = file.suffix.lower()
    if suffix not in (".npy", ".csv", ".tsv", ".txt"):
        raise TableError(f"{file}: the kind of file is told by its suffix; give .npy or .csv")
    return suffix


def _check_output(output: Path, *inputs: Path) -> None:
    """Find out before the work, not after it, that its result has nowhere to go."""
    if output.is_dir():
        raise TableError(f"{output}: is a folder; give the name of a file in it")
    if not output.parent.is_dir():
        raise TableError(f"{output}: there is no folder {output.parent}; make it first")
    if not os.access(output.parent, os.W_OK):
        raise TableError(f"{output}: the folder {output.parent} is not ours to write into")
    for file in inputs:
        if output.exists() and file.exists() and output.samefile(file):
            raise TableError(f"{output}: is also the input, which would be lost; give another name")


def _restarts(text: str) -> int | str:
    if text == "auto":
        return text
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    raise typer.BadParameter(f"{text!r} is neither a number from 1 nor auto", param_hint="--n-init")


def _bytes(text: str) -> int:
    """Read a size such as 256MB."""
    try:
        return parse_memory(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--memory") from error


def _same_columns(
    file: Path, names: tuple[str, ...] | None, width: int, model: Path, km: Any
) -> None:
    """Refuse columns that are not those of the fit: a label would be a lie."""
    if width != km.n_features_in_:
        raise TableError(
            f"{file}: {width} columns, but {model} was fitted on {km.n_features_in_}; "
            "give the columns of the fit"
        )
    known = getattr(km, "feature_names_in_", None)
    if names is None or known is None:
        return
    for i, (here, there) in enumerate(zip(names, known, strict=True), start=1):
        if here != there:
            raise TableError(
                f"{file}: column {i} is {here!r}, but {model} was fitted with {there!r} there; "
                "give the columns of the fit, in their order"
            )


def _loudly(file: Path, rows: Any, work: Any) -> Any:
    """Do the work; warnings become lines, and an error names the file and, if it can, the cell."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        # The names were compared above, which is more than the estimator can do with an array.
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        try:
            result = work()
        except ValueError as error:
            if isinstance(rows, np.ndarray):
                tables.check_finite(file, rows)
            raise TableError(f"{file}: {error}") from error
    for warning in caught:
        typer.echo(f"centra: warning: {' '.join(str(warning.message).split())}", err=True)
    return result
