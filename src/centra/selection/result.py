"""`Sweep`: what a sweep over numbers of clusters found."""

from __future__ import annotations

import importlib
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._estimators.kmeans import KMeans
from centra._utils.escapes import Markup, for_html, html_table
from centra._utils.lazily import lazily
from centra._utils.text import aligned, count
from centra.selection.criteria import CRITERIA, Criterion
from centra.selection.gap import Gap
from centra.selection.picks import choices_of
from centra.selection.stability import Stability
from centra.selection.structure import Structure
from centra.selection.verdict import Verdict
from centra.selection.without import Without

#: Columns of the table, in order.
COLUMNS = (
    "k",
    "inertia",
    "n_iter",
    "silhouette",
    "simplified_silhouette",
    "calinski_harabasz",
    "davies_bouldin",
    "bic",
    "gap",
    "gap_error",
    "stability",
    "stability_sd",
)


class Models(dict[int, KMeans]):
    """Fitted models by k; says which k there are where one is asked for that is not there."""

    best: Verdict | None = None

    def __missing__(self, k: object) -> KMeans:
        """Say what to ask for instead."""
        text = f"k = {k} is not among those of the sweep: {_ranges(tuple(self))}"
        if k is None:
            text = "None: best.k is None where there is no one k that all criteria pick"
        most = None if self.best is None else self.best.most_votes
        if most is not None:
            text += f"; the k with most votes is best.most_votes, which is {most}"
        raise KeyError(text)


@dataclass(frozen=True)
class Sweep:
    """Clusterings of the same rows for several k, and the criteria that compare them.

    Attributes
    ----------
    models : dict of int to KMeans
        The fitted model of every k: the bits of ``KMeans(k, ...).fit(X)``, unless `starts` says
        that it began elsewhere.
    columns : dict of str to ndarray of shape (n_ks,)
        The numbers by name, one for each k: "k", "inertia", "n_iter", the criteria, "gap_error"
        (the standard error of "gap") and "stability_sd" (standard deviation of "stability"). NaN
        where there is none; `reasons` says why.
    gap : Gap or None
        The gap statistic in full, with k = 1.
    stability : Stability or None
        The agreements, repeat by repeat.
    reasons : dict of str to dict of int to str
        Why a criterion is NaN, by its name and k.
    n_rows, n_features : int
        Size of the data.
    sample_size : int
        Rows of the sample that `gap` and `stability` worked on; 0 where there was none.
    starts : dict of int to {"init", "fewer", "more"}
        Where the model of every k began: as `init` says, or at the answer for fewer or more
        clusters; empty without `neighbor_starts`. ``models[k].runs_`` has a line on every start.
    interrupted : bool
        Whether Ctrl-C ended the sweep before it was done.
    structure : Structure or None
        The test whether there are any clusters; None where there is no gap statistic.
    without : Without or None
        What criteria say without outlying rows, which `best` goes by; None where there are none.
    """

    models: dict[int, KMeans] = field(repr=False)
    columns: dict[str, NDArray[Any]] = field(repr=False)
    gap: Gap | None = field(repr=False)
    stability: Stability | None = field(repr=False)
    reasons: dict[str, dict[int, str]] = field(repr=False)
    n_rows: int
    n_features: int
    sample_size: int
    starts: dict[int, str]
    interrupted: bool
    structure: Structure | None = field(default=None, repr=False)
    without: Without | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Let the models know the verdict, for who asks for a k that is not there."""
        models = Models(self.models)
        object.__setattr__(self, "models", models)
        models.best = self.best

    @property
    def ks(self) -> tuple[int, ...]:
        """The numbers of clusters, in order."""
        return tuple(self.models)

    @property
    def criteria(self) -> dict[str, Criterion]:
        """What every criterion means, which way is better, and where it is defined."""
        return dict(CRITERIA)

    @property
    def table(self) -> Any:
        """`columns` as a data frame: of pandas, if it is installed, else of polars.

        Raises
        ------
        ImportError
            If neither is installed.
        """
        for library in ("pandas", "polars"):
            try:
                module = importlib.import_module(library)
            except ModuleNotFoundError as error:
                if error.name != library:
                    raise
            else:
                return module.DataFrame(self.columns)
        raise ImportError(
            "a table needs pandas or polars, and neither is installed; Sweep.columns has the same "
            "numbers as arrays"
        )

    @lazily
    def best(self) -> Verdict:
        """Which k every criterion picks, and why."""
        mute = tuple(name for name in CRITERIA if np.isnan(self.columns[name]).all())
        columns, reasons = self.columns, self.reasons
        if self.without is not None:
            columns = {**columns, **self.without.columns}
            reasons = {**reasons, **self.without.reasons}
        there = None if self.structure is None else self.structure.there
        choices = choices_of(self.ks, columns, reasons, self.gap, self.stability, there)
        return Verdict(choices, mute, self.structure, self.without)

    @property
    def rises(self) -> tuple[int, ...]:
        """The k with a higher inertia than the k before them: their fits got stuck.

        A cluster more can only lower the least inertia there is.
        """
        inertia = self.columns["inertia"]
        return tuple(self.ks[at] for at in np.flatnonzero(np.diff(inertia) > 0) + 1)

    def _warning(self) -> str:
        if not self.rises:
            return ""
        return (
            f"Inertia rises at k = {_ranges(self.rises)}, where a fit must have got stuck: with "
            "n_init=10 or neighbor_starts=True it will hardly do so."
        )

    def _shown(self) -> list[str]:
        """Name the columns that have numbers."""
        return [name for name, values in self.columns.items() if not np.isnan(values).all()]

    def _title(self) -> str:
        text = (
            f"k = {_ranges(self.ks)} on {count(self.n_rows, 'row')} x "
            f"{count(self.n_features, 'column')}"
        )
        if self.sample_size:
            text += f"; gap and stability on {self.sample_size:,} of the rows"
        if self.without is not None:
            far = count(len(self.without.rows), "outlying row")
            text += f"; k chosen without {far} (the table below has them)"
        if self.starts:
            better = tuple(k for k, start in self.starts.items() if start != "init")
            gained = f"with lower inertia for k = {_ranges(better)}" if better else "to no avail"
            text += f"; started from neighbours' answers too, {gained}"
        return text + ("; interrupted" if self.interrupted else "")

    def __str__(self) -> str:
        """Say it in lines: what was swept, the verdict, the table."""
        names = self._shown()
        cells = [[_cell(self.columns[name][at]) for name in names] for at in range(len(self.ks))]
        warning = [self._warning()] if self.rises else []
        head = [self._title(), "", str(self.best), *warning, ""]
        return "\n".join([*head, *aligned(names, cells)])

    def _repr_html_(self) -> str:
        names, best = self._shown(), self.best
        picked = {choice.criterion: choice.k for choice in best.choices}
        lines = []
        for at, k in enumerate(self.ks):
            cells: list[str] = []
            for name in names:
                text = _cell(self.columns[name][at])
                cells.append(Markup(f"<b>{text}</b>") if picked.get(name) == k else text)
            lines.append(cells)
        table = html_table((name.replace("_", " ") for name in names), lines)
        warning = f"<p>{for_html(self._warning())}</p>" if self.rises else ""
        title = for_html(self._title())
        return f"<div><p>{title}</p>{best._repr_html_()}{warning}{table}</div>"


def _cell(value: Any) -> str:
    if isinstance(value, np.integer):
        return str(value)
    return "-" if math.isnan(value) else f"{value:.6g}"


def _ranges(ks: tuple[int, ...]) -> str:
    """Write 2, 3, 4, 8 as 2..4, 8."""
    parts: list[list[int]] = []
    for k in ks:
        if parts and k == parts[-1][-1] + 1:
            parts[-1].append(k)
        else:
            parts.append([k])
    return ", ".join(
        f"{part[0]}..{part[-1]}" if len(part) > 2 else ", ".join(map(str, part)) for part in parts
    )
