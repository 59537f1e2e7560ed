"""`centra.sweep`: fit for several k at once, and compare."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from numbers import Integral
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from centra._data.dataset import Dataset
from centra._estimators.base import (
    check_parameters,
    fit_prepared,
    model_of,
    prepared,
    remember,
    take_over,
)
from centra._estimators.kmeans import KMeans
from centra._seeding.given import Given
from centra._utils.lazily import lazily
from centra._utils.types import Start
from centra.selection.criteria import CRITERIA, Bench, Clustering
from centra.selection.gap import Gap, gap_statistic
from centra.selection.neighbors import grown, merged
from centra.selection.nesting import Nest
from centra.selection.picks import NOT_ASKED
from centra.selection.progress import Bar
from centra.selection.result import COLUMNS, Sweep
from centra.selection.samples import Fitter, Sample, draw
from centra.selection.silhouette import affordable, exact_silhouettes
from centra.selection.stability import Stability, stability_of
from centra.selection.structure import Structure, StructureTest
from centra.selection.without import Without, without_outliers


def sweep(
    X: Any,
    ks: Iterable[int] = range(2, 11),
    *,
    sample_weight: Any = None,
    silhouette: bool | Literal["auto"] = "auto",
    gap: bool = True,
    stability: bool = True,
    sample: int = 20_000,
    repeats: int = 10,
    neighbor_starts: bool = False,
    progress: bool | None = None,
    **params: Any,
) -> Sweep:
    """Fit k-means for several numbers of clusters and compare them.

    Every model is what ``KMeans(k, **params).fit(X, sample_weight=sample_weight)`` gives, bit for
    bit, unless `neighbor_starts` found a better one. Validation, the first pass over the rows,
    sorted and packed rows and, where `random_state` is an int, the draws of k-means++ are shared.

    Parameters
    ----------
    X : array-like, sparse matrix, data frame or source of shape (n_samples, n_features)
        The rows.
    ks : iterable of int, default=range(2, 11)
        Numbers of clusters; they are fitted in ascending order.
    sample_weight : array-like of shape (n_samples,), float or None
        Weights of the rows. Criteria take them as counts: weight 3 is three equal rows.
    silhouette : "auto", True or False, default="auto"
        Whether to compute the exact silhouette, from all n_samples² distances, in blocks of
        16 MiB. "auto" where n_samples² (n_features + 8) is at most 1e10, some ten seconds of work.
        The simplified silhouette is always there.
    gap, stability : bool, default=True
        Whether to compute the gap statistic and the stability, both on a sample.
    sample : int, default=20_000
        Rows of that sample at most, drawn without replacement; of rows wider than 209 columns
        fewer, so that it holds at most 2**22 numbers.
    repeats : int, default=10
        Reference sets of the gap statistic, and pairs of halves whose clusterings are compared.
    neighbor_starts : bool, default=False
        Whether to start every k, as extra restarts, from its neighbours' answers too: once from the
        answer for more clusters, merged, and then from that for fewer, with rows added. A start
        that ends with lower inertia takes the model's place, so inertia is never higher than
        without, and never higher than for fewer clusters (but for the rounding of float32
        centres). Costs about as much as the fits.
    progress : bool or None, default=None
        Whether to show a progress bar, by tqdm; None shows it on a terminal or in a notebook, if
        tqdm is installed.
    **params
        Parameters of `KMeans` other than `n_clusters`. `random_state` is also what the sample, gap
        and stability derive their draws from. These two fit by k-means++ with `n_init` ("auto" is
        one start, or three of a sample of up to 32,768 numbers), `max_iter` and `tol` as given.

    Returns
    -------
    sweep : Sweep
        ``sweep.models[k]``, ``sweep.table``, ``sweep.best``. Ctrl-C returns what is done, if one k
        is, with a warning.

    Raises
    ------
    ValueError, TypeError
        If `ks` are not different whole numbers from 1 to n_samples; and as `KMeans`.
    OverflowError
        If the inertia, or a distance, exceeds the largest float64.
    ImportError
        If a progress bar is wanted and tqdm is missing.

    Notes
    -----
    Criteria are defined in `Sweep.criteria`, each with its source. On sparse rows there is no gap
    statistic: a box around them is not sparse.

    Examples
    --------
    >>> import numpy as np
    >>> import centra
    >>> rng = np.random.default_rng(0)
    >>> X = np.concatenate([rng.normal(at, 0.5, size=(50, 2)) for at in (0, 5, 10)])
    >>> s = centra.sweep(X, range(2, 7), random_state=0)
    >>> print(s.best.summary)
    There are probably 3 clusters: all 7 criteria pick k = 3.
    >>> s.best["gap"].k
    3
    >>> s.models[3].labels_[::50]
    array([1, 0, 2], dtype=int32)
    """
    asked = check_ks(ks)
    flags = {"gap": gap, "stability": stability, "neighbor_starts": neighbor_starts}
    _check_options(silhouette, flags, sample, repeats, progress)
    if "n_clusters" in params:
        raise TypeError("n_clusters is what a sweep varies: give the numbers as ks.")
    models = {k: KMeans(k, **params) for k in asked}
    first = models[asked[0]]
    check_parameters(first)
    if len(asked) > 1 and not isinstance(first.init, str) and not callable(first.init):
        raise ValueError(
            f"init is an array of centres, which fits one k only, and ks has {len(asked)}: give a "
            "name or a function."
        )
    data = prepared(first, X, sample_weight=sample_weight, weigh=True, reset=True)
    if asked[-1] > data.n_rows:
        raise ValueError(
            f"ks goes up to {asked[-1]}, but X has n_samples={data.n_rows} only; give smaller "
            "numbers."
        )
    for model in models.values():
        model.n_features_in_ = first.n_features_in_
        if hasattr(first, "feature_names_in_"):
            model.feature_names_in_ = first.feature_names_in_
        remember(model, X, sample_weight)
    wanted = _wanted(data, silhouette, gap, stability)
    work = _Work(data, first, wanted, sample, repeats)
    interrupted = False
    extra = 2 * (len(models) - 1) if neighbor_starts else 0
    costly = list(wanted.values()).count(None) + (wanted["gap"] is None)
    with Bar(len(models) + extra + costly, progress) as bar:
        try:
            work.fit(models, bar)
            if neighbor_starts:
                work.start_from_neighbors(bar)
            work.compare(bar)
        except KeyboardInterrupt:
            if not work.models:
                raise
            interrupted = True
            warnings.warn(
                f"The sweep was interrupted: {len(work.models)} of {len(models)} numbers of "
                "clusters are done.",
                stacklevel=2,
            )
    return work.result(interrupted)


def check_ks(ks: Any) -> tuple[int, ...]:
    """Return numbers of clusters in ascending order.

    Raises
    ------
    TypeError, ValueError
        If they are not one or more different whole numbers from 1 on.
    """
    example = "say range(2, 11)"
    if isinstance(ks, str | bytes | Integral) or not isinstance(ks, Iterable):
        raise TypeError(f"ks={ks!r} must be several numbers of clusters, {example}.")
    found = list(ks)
    if not found:
        raise ValueError(f"ks is empty: give the numbers of clusters to try, {example}.")
    for at, k in enumerate(found):
        if not isinstance(k, Integral) or isinstance(k, bool):
            raise TypeError(f"ks must be whole numbers, but number {at} of them is {k!r}.")
        if k < 1:
            raise ValueError(f"ks must be 1 or more, but number {at} of them is {k}.")
    numbers = sorted(int(k) for k in found)
    for k, after in pairwise(numbers):
        if k == after:
            raise ValueError(f"ks has {k} more than once; give each number once.")
    return tuple(numbers)


def _check_options(
    silhouette: Any, flags: dict[str, Any], sample: Any, repeats: Any, progress: Any
) -> None:
    if not isinstance(silhouette, bool | np.bool_) and silhouette != "auto":
        raise ValueError(f'silhouette={silhouette!r} must be "auto", True or False.')
    for name, flag in flags.items():
        if not isinstance(flag, bool | np.bool_):
            raise ValueError(f"{name}={flag!r} must be True or False.")
    for name, number in (("sample", sample), ("repeats", repeats)):
        if not isinstance(number, Integral) or isinstance(number, bool) or number < 2:
            raise ValueError(f"{name}={number!r} must be a whole number from 2 on.")
    if progress is not None and not isinstance(progress, bool | np.bool_):
        raise ValueError(f"progress={progress!r} must be True, False or None.")


def _wanted(
    data: Dataset, silhouette: bool | str, gap: bool, stability: bool
) -> dict[str, str | None]:
    """Say for every costly criterion why it is not computed; None where it is."""
    wanted: dict[str, str | None] = dict.fromkeys(("silhouette", "gap", "stability"))
    if silhouette == "auto" and not affordable(data.n_rows, data.n_features):
        wanted["silhouette"] = (
            f"{data.n_rows:,}² distances take long: silhouette=True computes them nevertheless"
        )
    elif silhouette != "auto" and not silhouette:
        wanted["silhouette"] = NOT_ASKED
    if not gap:
        wanted["gap"] = NOT_ASKED
    elif data.sparse:
        wanted["gap"] = "rows are sparse, and uniform ones in a box around them would not be"
    if not stability:
        wanted["stability"] = NOT_ASKED
    return wanted


@dataclass
class _Work:
    """A sweep in progress: what is done so far."""

    data: Dataset
    like: KMeans
    wanted: dict[str, str | None]
    sample: int
    repeats: int
    models: dict[int, KMeans] = field(default_factory=dict)
    clusterings: dict[int, Clustering] = field(default_factory=dict)
    numbers: dict[int, dict[str, float]] = field(default_factory=dict)
    reasons: dict[int, dict[str, str]] = field(default_factory=dict)
    gap: Gap | None = None
    stability: Stability | None = None
    structure: Structure | None = None
    without: Without | None = None
    sample_size: int = 0
    starts: dict[int, str] = field(default_factory=dict)

    @lazily
    def bench(self) -> Bench:
        """Room for what is measured of every row."""
        return Bench(self.data)

    @lazily
    def streams(self) -> list[np.random.SeedSequence]:
        """Streams of draws: the sample, gap, stability, neighbours' starts, structure, outliers.

        Each has its own, whatever else is asked for.
        """
        return seeds_of(self.like.random_state).spawn(6)

    def fit(self, models: dict[int, KMeans], bar: Bar) -> None:
        """Fit every k and take the criteria that one pass over the rows gives."""
        nest = nest_for(self.like, tuple(models))
        for k, km in models.items():
            bar.say(f"k = {k}")
            model = fit_prepared(km, self.data, None if nest is None else nest.seeding(k))
            found = Clustering.of(model, self.data.weights)
            numbers, reasons = self.bench.compare(found)
            self.clusterings[k], self.numbers[k], self.reasons[k] = found, numbers, reasons
            self.models[k] = km  # last: what is here is whole
            bar.advance()

    def start_from_neighbors(self, bar: Bar) -> None:
        """Fit every k from the answer for more clusters, and then from that for fewer.

        In this order: the answer for fewer clusters, from which the last start is made, is final.
        """
        rng = np.random.default_rng(self.streams[3])
        self.starts = dict.fromkeys(self.models, "init")
        ks = tuple(self.models)
        for k, more in reversed(tuple(pairwise(ks))):
            bar.say(f"k = {k} from {more}")
            answer = self.clusterings[more]
            if self.models[k].inertia_ > 0 and len(answer.masses) >= k:
                self._improve(k, merged(answer, k), "more")
            bar.advance()
        for fewer, k in pairwise(ks):
            bar.say(f"k = {k} from {fewer}")
            if self.models[k].inertia_ > 0:
                self._improve(k, grown(self.data, self.models[fewer], k, rng), "fewer")
            bar.advance()

    def _improve(self, k: int, start: NDArray[np.float64], name: Start) -> None:
        """Fit k clusters from given centres, and keep what is better than the model there is."""
        km = self.models[k]
        model = model_of(km, self.data, Given(start), 1)
        runs = (*km.runs_, replace(model.runs[0], start=name))
        if model.inertia >= km.inertia_:
            km.runs_ = runs
            return
        found = Clustering.of(model, self.data.weights)
        numbers, reasons = self.bench.compare(found)
        take_over(km, replace(model, runs=runs))
        self.clusterings[k], self.numbers[k], self.reasons[k] = found, numbers, reasons
        self.starts[k] = name

    def compare(self, bar: Bar) -> None:
        """Take the criteria that cost more."""
        ks = tuple(self.models)
        if self.wanted["silhouette"] is None:
            bar.say("silhouette")
            sound = [k for k in ks if self.clusterings[k].why_not() is None]
            found = [self.clusterings[k] for k in sound]
            scores = exact_silhouettes(self.data, found, bar.advance)
            for k, score in zip(sound, scores, strict=True):
                self.numbers[k]["silhouette"] = score
        if self.wanted["gap"] is not None and self.wanted["stability"] is not None:
            return
        drawing, gaps, halves, _, tables, fits = self.streams
        rows: Sample = draw(self.data, self.sample, np.random.default_rng(drawing))
        fitter = Fitter(self.like)
        if (parts := without_outliers(rows)) is not None:
            rows, far = parts
            exact = self.wanted["silhouette"] is None
            self.without = Without.of(rows, far, self.models, fitter, fits, exact)
        self.sample_size = len(rows)
        if self.wanted["gap"] is None:
            bar.say("gap statistic")
            self.gap = gap_statistic(rows, ks, fitter, gaps, self.repeats, bar.advance)
        if self.wanted["stability"] is None:
            bar.say("stability")
            self.stability = stability_of(rows, ks, fitter, halves, self.repeats, bar.advance)
        if self.gap is not None:
            bar.say("reference tables")
            test = StructureTest(rows, ks, Fitter(self.like, 1))
            self.structure = test.run(tables, self.gap, self.stability, bar.advance)

    def _why_not(self, name: str, k: int) -> str:
        missing = self.wanted.get(name)
        if missing == NOT_ASKED:
            return missing
        return self.reasons[k].get(name, missing or "the sweep was interrupted before")

    def result(self, interrupted: bool) -> Sweep:
        """Return what is done as a `Sweep`."""
        ks = tuple(self.models)
        columns: dict[str, NDArray[Any]] = {
            "k": np.array(ks),
            "inertia": np.array([self.models[k].inertia_ for k in ks]),
            "n_iter": np.array([self.models[k].n_iter_ for k in ks]),
        }
        reasons: dict[str, dict[int, str]] = {}
        for name in CRITERIA:
            columns[name] = np.array([self.numbers[k].get(name, math.nan) for k in ks])
            reasons[name] = {
                k: self._why_not(name, k)
                for k, value in zip(ks, columns[name], strict=True)
                if math.isnan(value)
            }
            if name == "gap":
                columns["gap_error"] = np.full(len(ks), math.nan)
            if name == "stability":
                columns["stability_sd"] = np.full(len(ks), math.nan)
        if self.gap is not None:
            places = [self.gap.ks.index(k) for k in ks]
            columns["gap"], columns["gap_error"] = self.gap.values[places], self.gap.errors[places]
            reasons["gap"] = self.gap.reasons
        if self.stability is not None:
            columns["stability"] = self.stability.means
            columns["stability_sd"] = self.stability.deviations
            reasons["stability"] = self.stability.reasons
        return Sweep(
            models=self.models,
            columns={name: columns[name] for name in COLUMNS},
            gap=self.gap,
            stability=self.stability,
            reasons={name: why for name, why in reasons.items() if why},
            n_rows=self.data.n_rows,
            n_features=self.data.n_features,
            sample_size=self.sample_size,
            starts=self.starts,
            interrupted=interrupted,
            structure=self.structure,
            without=self.without,
        )


def nest_for(like: KMeans, ks: tuple[int, ...]) -> Nest | None:
    """Return the shared draws of k-means++, where every k would make the same."""
    seed = like.random_state
    # The restarts after the first draw from where the first one stopped, which depends on k.
    named = isinstance(like.init, str) and like.init == "k-means++"
    if not named or like.n_init not in ("auto", 1):
        return None
    return Nest(ks, int(seed)) if isinstance(seed, Integral) else None


def seeds_of(random_state: Any) -> np.random.SeedSequence:
    """Return what the sample, gap and stability derive their draws from.

    A generator is asked for one number, after all fits have drawn from it.
    """
    if random_state is None:
        return np.random.SeedSequence()
    if isinstance(random_state, np.random.Generator):
        return np.random.SeedSequence(int(random_state.integers(1 << 31)))
    if isinstance(random_state, np.random.RandomState):
        return np.random.SeedSequence(int(random_state.randint(1 << 31)))
    return np.random.SeedSequence(int(random_state))
