"""The view of a fitted model in a notebook: a line, a curve, a table of the clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import Record, Run
from centra._utils.escapes import Markup, for_html, html_table
from centra._utils.text import count, number

__all__ = ["card"]

#: Clusters that the table lists.
MOST_CLUSTERS = 20
#: Columns up to which the table says where the centres are.
MOST_COLUMNS = 8
#: Size of the curve of the inertia, in pixels.
WIDTH, HEIGHT = 160, 28

#: Why a restart ended, in words.
ENDINGS = {
    "strict": "until no label changed",
    "tolerance": "until the centres moved no more than tol",
    "max_iter": "not converged (max_iter)",
    "stopped": "ended by a callback",
}


def card(
    centers: NDArray[np.floating],
    labels: NDArray[np.int32],
    inertia: float,
    history: Sequence[Record],
    runs: Sequence[Run],
    names: Sequence[str] | None = None,
) -> str:
    """Write a fitted model as HTML.

    Colours are the page's own, so that it reads on light and dark grounds.

    Parameters
    ----------
    centers : ndarray of shape (n_clusters, n_features)
        The centres.
    labels : ndarray of int32 of shape (n_samples,)
        The cluster of every row.
    inertia : float
        Of these centres.
    history : sequence of Record
        The best restart, iteration by iteration.
    runs : sequence of Run
        A line on every restart; empty where a model came from elsewhere.
    names : sequence of str, optional
        What to call the columns.

    Returns
    -------
    html : str
        A ``<div>``.

    Examples
    --------
    >>> import numpy as np
    >>> print(card(np.array([[1.0], [5.0]]), np.array([0, 0, 1]), 2.0, [], []))
    <div><p><b>2 clusters of 3 rows x 1 column</b>, inertia 2</p><table>...</table></div>
    """
    k, n_features = centers.shape
    size = f"{count(k, 'cluster')} of {count(len(labels), 'row')} x {count(n_features, 'column')}"
    said = [f"<b>{size}</b>, inertia {number(inertia)}", *map(for_html, _course(history, runs))]
    sizes = np.bincount(labels, minlength=k)
    shown = centers if n_features <= MOST_COLUMNS else centers[:, :0]
    given = [f"column {q}" for q in range(n_features)] if names is None else list(names)
    heads = ["cluster", "rows", "share", *given[: shown.shape[1]]]
    table = html_table(heads, _lines(shown[:MOST_CLUSTERS], sizes, len(labels)))
    rest = k - MOST_CLUSTERS
    more = f"<p>and {count(rest, 'more cluster')}</p>" if rest > 0 else ""
    return f"<div><p>{'; '.join(said)}</p>{_curve(history)}{table}{more}</div>"


def _course(history: Sequence[Record], runs: Sequence[Run]) -> Iterator[str]:
    """Say how the fit went."""
    if not runs:
        return
    best = min(runs, key=lambda run: run.inertia)  # the first of equals, as in a fit
    ended = ENDINGS.get(best.reason, best.reason)
    yield f"{count(best.n_iter, 'iteration')}, {ended}"
    if len(runs) > 1:
        yield f"best of {count(len(runs), 'restart')}"


def _lines(
    centers: NDArray[np.floating], sizes: NDArray[np.intp], n_rows: int
) -> Iterator[list[Any]]:
    largest = max(int(sizes.max()), 1)
    for j, center in enumerate(centers):
        bar = (
            '<span style="display:inline-block;height:0.7em;background:currentColor;opacity:0.4;'
            f'width:{80 * sizes[j] / largest:.0f}px"></span>'
        )
        share = Markup(f'<div style="text-align:left">{bar} {sizes[j] / n_rows:.1%}</div>')
        yield [str(j), f"{sizes[j]:,}", share, *(number(value, 4) for value in center)]


def _curve(history: Sequence[Record]) -> str:
    """Draw the inertia of every iteration, the highest on top."""
    values = np.array([record.inertia for record in history])
    if len(values) < 2 or not np.isfinite(values).all() or values.min() == values.max():
        return ""
    x = np.linspace(1, WIDTH - 1, len(values))
    y = 1 + (HEIGHT - 2) * ((values.max() - values) / (values.max() - values.min()))
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    ends = f"from {number(values[0])} to {number(values[-1])}"
    said = f"inertia, {ends} in {count(len(values) - 1, 'iteration')}"
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{said}">'
        f"<title>{said}</title>"
        f'<polyline points="{points}" fill="none" stroke="currentColor" stroke-width="1.5"/></svg>'
    )
