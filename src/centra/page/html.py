"""The page as one HTML file: template, style, scripts, drawing library and content in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from os import PathLike
from typing import Any

from centra._estimators.kmeans import KMeans
from centra._lloyd.model import check_fit
from centra._utils.atomic_write import write_whole
from centra._utils.escapes import for_html, for_script
from centra._utils.optional import needed
from centra.page.content import SAMPLE, content_of
from centra.page.wording import Wording
from centra.selection import Sweep

__all__ = ["render", "write"]

#: The page's own scripts, in the order in which they run; the drawing library is before the last.
SCRIPTS = ("base", "tables", "charts", "words", "paper", "pictures", "sketch")


def write(
    path: str | PathLike[str],
    models: KMeans | Mapping[int, KMeans] | Sweep,
    X: Any,
    *,
    sample_weight: Any = None,
    scaler: Any = None,
    labels: Mapping[str, Any] | None = None,
    title: str = "k-means",
    sample: int = SAMPLE,
    seed: int = 0,
    notes: Mapping[int, Sequence[str]] | None = None,
    provenance: Mapping[str, str] | None = None,
    wording: Wording | None = None,
) -> None:
    """Write a page about a clustering, or about several with different numbers of clusters.

    Parameters
    ----------
    path : path-like
        Where to; the file is written whole or not at all.
    models : KMeans, mapping of int to KMeans, or Sweep
        What to show: one fitted model, several by their number of clusters, or what `centra.sweep`
        returned.
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows that they were fitted on.
    sample_weight : array-like of shape (n_samples,), float or None
        Their weights.
    scaler : transformer or None
        What made X of rows in the columns' own units, say a fitted
        `sklearn.preprocessing.StandardScaler`. With it, centres and the values of rows are shown in
        those units, and so is the picture of one column or two; distances are as clustered.
    labels : mapping of str to array-like of shape (n_samples,), or None
        What is known of each row, by what it is called, say ``{"segment": y}``: the page counts how
        many rows of which cluster have which label. Empty texts, None and NaN are left out.
    title : str, default="k-means"
        What the data is called.
    sample : int, default=5000
        Rows that are drawn, at most: a seeded sample if there are more. Remarks and tables are
        about all rows.
    seed : int, default=0
        Of that sample.
    notes : mapping of int to sequence of str, or None
        What else to say about the clustering with so many clusters, after its remarks.
    provenance : mapping of str to str, or None
        How the page was made, say ``{"Data": "members.parquet, July"}``: shown at its end, beside
        the version, the date (or that of ``SOURCE_DATE_EPOCH``), the seed and the scaling.
    wording : Wording or None
        What is changed in texts before they are shown, and how rows are called: by default by their
        numbers, or the labels in the index of a data frame.

    Raises
    ------
    ImportError
        If plotly is not installed.
    ValueError
        If there is no model, or X are not the rows that they were fitted on: other columns, other
        rows, or not scaled as for the fit; or the scaler has another number of columns, or there is
        not one label for each row.
    TypeError
        If `models` or `labels` are something else, or the scaler has no `inverse_transform`.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> import numpy as np
    >>> import centra
    >>> X = np.array([[0.0, 0.0], [1.0, 0.0], [9.0, 9.0], [9.0, 8.0]])
    >>> km = centra.KMeans(2, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     centra.page.write(pathlib.Path(folder) / "report.html", km, X, title="four rows")
    """
    library = needed("plotly.offline", "the page needs", "page").get_plotlyjs()
    by_k, sweep = _models(models)
    content = content_of(
        by_k,
        X,
        sample_weight=sample_weight,
        scaler=scaler,
        labels=labels,
        title=title,
        sample=sample,
        seed=seed,
        notes=notes,
        sweep=sweep,
        provenance=provenance,
        wording=wording,
    )
    with write_whole(path) as file:
        file.write(render(content, library).encode("utf-8"))


def render(content: Mapping[str, Any], library: str) -> str:
    """Return the page.

    Parameters
    ----------
    content : mapping
        From `content_of`.
    library : str
        plotly.js.

    Returns
    -------
    html : str
    """
    parts = {
        "title": for_html(content["title"]),
        "style": _file("page.css"),
        "library": library,
        "data": for_script(content),
        **{name: _file(f"{name}.js") for name in SCRIPTS},
    }
    pieces = _file("page.html").split("@@")
    # Every second piece is a name; replacing one by one would look into what has been put in.
    return "".join(parts[piece] if at % 2 else piece for at, piece in enumerate(pieces))


def _models(models: Any) -> tuple[Mapping[int, KMeans], Sweep | None]:
    if isinstance(models, KMeans):
        check_fit(models, "a page")
        return {len(models.cluster_centers_): models}, None
    if isinstance(models, Sweep):
        return models.models, models
    if isinstance(models, Mapping):
        return models, None
    raise TypeError(
        "models must be a KMeans, a mapping of k to KMeans, or a Sweep, not "
        f"{type(models).__name__}; of a pipeline, give its KMeans, the rows that it was fitted on, "
        "and what scaled them as scaler"
    )


def _file(name: str) -> str:
    return (files("centra.page") / name).read_text(encoding="utf-8")
