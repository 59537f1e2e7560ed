"""What is in a model: its clusters, its columns, how it was fitted; the command `describe`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from centra._persistence.save import engine_of
from centra._tables.inputs import TableError, opened
from centra._utils.escapes import short
from centra._utils.text import aligned, count
from centra.cli import options as opt
from centra.cli.fitted import Fitted
from centra.cli.output import say
from centra.errors import ModelFileError

__all__ = ["centers_of", "describe", "description", "lines_of"]

#: Columns whose centres are shown, and clusters.
_WIDE, _LONG = 6, 40
_REASONS = {
    "strict": "no label changed any more",
    "tolerance": "the centres moved less than tol",
    "max_iter": "stopped by max_iter",
    "stopped": "stopped by a callback",
}
_OPTIONS = ("init", "n_init", "max_iter", "tol", "random_state")


def describe(
    model: opt.Model,
    as_json: opt.Json = False,
) -> None:
    """Say what is in MODEL: clusters, columns, how it was fitted."""
    if model.is_dir():
        raise TableError(f"{model}: is a folder; give a file in it")
    with opened(model, "model") as source:
        try:
            fitted = Fitted.load(source.path)
        except ModelFileError as error:
            raise TableError(str(error).replace(str(source.path), source.name)) from error
    values = {"command": "describe", "model": str(model), **description(fitted)}
    say(lines_of(fitted, str(model)), values, as_json=as_json, aside=False)


def description(fitted: Fitted, called: tuple[str, ...] | None = None) -> dict[str, Any]:
    """Give a model as values for programs.

    Parameters
    ----------
    fitted : Fitted
        The model.
    called : tuple of str, optional
        What to call its columns; by default their names, or null.

    Returns
    -------
    values : dict
        Centres are in the columns' own units.
    """
    km, scaler = fitted.km, fitted.scaler
    best = min(km.runs_, key=lambda run: run.inertia)
    return {
        "n_clusters": len(km.cluster_centers_),
        "n_rows": len(km.labels_),
        "n_columns": km.n_features_in_,
        "columns": called if called is not None else fitted.names,
        "inertia": km.inertia_,
        "n_iter": km.n_iter_,
        "converged": best.converged,
        "reason": best.reason,
        "sizes": fitted.sizes,
        "centers": fitted.centers,
        "dtype": str(km.cluster_centers_.dtype),
        "standardized": None if scaler is None else {"mean": scaler.mean_, "scale": scaler.scale_},
        "parameters": {name: _parameter(km, name) for name in ("n_clusters", *_OPTIONS)},
        "runs": [
            {"inertia": run.inertia, "n_iter": run.n_iter, "reason": run.reason} for run in km.runs_
        ],
        # As a model file has it: the same of a fit and of its file.
        "engine": engine_of(km),
    }


def lines_of(fitted: Fitted, file: str) -> list[str]:
    """Give a model as lines for people."""
    km, names = fitted.km, fitted.names
    k, d = km.cluster_centers_.shape
    best = min(km.runs_, key=lambda run: run.inertia)
    lines = [
        f"{file}: {count(k, 'cluster')} of {count(len(km.labels_), 'row')} x "
        f"{count(d, 'column')} of {km.cluster_centers_.dtype}",
        f"inertia {km.inertia_:.6g} after {count(km.n_iter_, 'iteration')}: "
        f"{_REASONS.get(best.reason, best.reason)}",
    ]
    if fitted.scaler is not None:
        lines.append(
            "standardized: inertia in standard deviations, squared; centres in the columns' units"
        )
    lines += ["", *centers_of(fitted, names or [str(j + 1) for j in range(d)])]
    said = [f"{name} {_said(_parameter(km, name))}" for name in _OPTIONS]
    lines += ["", "fitted with " + ", ".join(said)]
    if len(km.runs_) > 1:
        worst = max(run.inertia for run in km.runs_)
        lines.append(f"the best of {len(km.runs_)} restarts; the worst had inertia {worst:.6g}")
    engine = getattr(km, "engine_", {})
    if engine:
        passes = ", ".join(f"{n} {name}" for name, n in dict(engine.get("sweeps", {})).items())
        lines.append(
            f"computed by {count(int(engine.get('n_threads', 1)), 'thread')} with "
            f"{engine.get('isa')}; passes by filter: {passes or 'none'}"
        )
    return lines


def centers_of(fitted: Fitted, called: Sequence[str]) -> list[str]:
    """Give the centres as a table, in the columns' own units, shortened if it is large.

    Parameters
    ----------
    fitted : Fitted
        The model.
    called : sequence of str
        What to call its columns.
    """
    k, d = fitted.km.cluster_centers_.shape
    heads = [short(name, 14) for name in called[:_WIDE]]
    table = aligned(
        ["cluster", "rows", *heads],
        [
            [str(j), f"{size:,}", *(f"{value:.6g}" for value in center[:_WIDE])]
            for j, (size, center) in enumerate(zip(fitted.sizes, fitted.centers, strict=True))
        ],
    )
    hidden = [count(k - _LONG, "more cluster")] if k > _LONG else []
    hidden += [count(d - _WIDE, "more column")] if d > _WIDE else []
    if hidden:
        return [*table[: _LONG + 1], f"and {' and '.join(hidden)}; --json has all"]
    return table


def _parameter(km: Any, name: str) -> Any:
    value = getattr(km, name)
    return value if value is None or isinstance(value, str | int | float) else "array of centres"


def _said(value: Any) -> str:
    return "none" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
