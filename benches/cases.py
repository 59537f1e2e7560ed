"""The benchmark's rows, as data. Goals are times faster than the fastest peer."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, runtime_checkable

QUICK_ROWS, QUICK_CLUSTERS, QUICK_ITERATIONS = 2000, 8, 3


@dataclass(frozen=True)
class Noise:
    """Uniform noise in the unit cube: no structure, the worst case for every shortcut."""

    n: int
    d: int

    def __str__(self) -> str:
        return "uniform noise"


@dataclass(frozen=True)
class Blobs:
    """Well-separated Gaussian clusters: the best case for every shortcut."""

    n: int
    d: int
    clusters: int

    def __str__(self) -> str:
        return "separated blobs"


@dataclass(frozen=True)
class Words:
    """Texts, as CSR: half of a row's words are frequent everywhere, half are those of its topic."""

    n: int
    d: int
    stored: int  # entries of a row, but for words that come twice

    def __str__(self) -> str:
        return "made texts"


@dataclass(frozen=True)
class Photograph:
    """The pixels of one of scikit-learn's photographs."""

    file: str

    def __str__(self) -> str:
        return f"pixels of {self.file}"


@dataclass(frozen=True)
class Stored:
    """A file of real data in the folder that CENTRA_DATA names; .npz is CSR."""

    file: str

    def __str__(self) -> str:
        return self.file.partition(".")[0].removeprefix("hg_")


@runtime_checkable
class Drawn(Protocol):
    """Rows that say themselves how they are drawn."""

    def drawn(self, dtype: str) -> Any:
        """Return the rows: a C-contiguous array or a CSR matrix."""


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    name: str
    rows: Noise | Blobs | Words | Photograph | Stored | Drawn
    k: int
    dtype: str
    iterations: int | None  # updates from a given start with tol=0; None: a fit with defaults
    goal: float | None = None
    n_init: int = 1  # restarts of a fit with defaults
    number: int = 1  # fits in one timing, where one would be too short for a clock
    limit: int | None = None  # rows used at most
    memory: str | None = None  # what centra may keep beside the rows: its parameter of that name
    predict: bool = False  # one assignment, after a fit that is not timed

    @property
    def given_start(self) -> bool:
        return self.iterations is not None


CASES = (
    Case("noise_1m_2", Noise(1_000_000, 2), 8, "float64", 20),
    Case("noise_500k_8", Noise(500_000, 8), 100, "float32", 20),
    Case("noise_200k_32", Noise(200_000, 32), 256, "float32", 25, 3.0),
    Case("noise_100k_128", Noise(100_000, 128), 1000, "float32", 10),
    Case("noise_60k_784", Noise(60_000, 784), 100, "float32", 25),
    Case("noise_60k_784_kept", Noise(60_000, 784), 100, "float32", 25, 2.5, memory="96MB"),
    Case("fit_1k_2", Noise(1000, 2), 4, "float64", None, 1.5, n_init=10, number=10),
    Case("coast_europe_f64", Stored("coast_europe.npy"), 100, "float64", 25, 12.0),
    Case("coast_europe_f32", Stored("coast_europe.npy"), 100, "float32", 25, 10.0),
    Case("coast_europe_1000_f64", Stored("coast_europe.npy"), 1000, "float64", 25, 30.0),
    Case("coast_europe_1000_f32", Stored("coast_europe.npy"), 1000, "float32", 25, 8.0),
    Case("coast_europe_10000_f64", Stored("coast_europe.npy"), 10_000, "float64", 10),
    Case("coast_europe_10000_f32", Stored("coast_europe.npy"), 10_000, "float32", 10, 8.0),
    Case("noise_10m_2", Noise(10_000_000, 2), 8, "float32", 20, 3.0),
    Case("noise_10m_3", Noise(10_000_000, 3), 16, "float32", 20, 3.0),
    Case("china_pixels_f64", Photograph("china.jpg"), 64, "float64", 25, 8.0),
    Case("china_pixels_f32", Photograph("china.jpg"), 64, "float32", 25, 8.0),
    Case("covtype10_f64", Stored("covtype10.npy"), 100, "float64", 25, 6.0),
    Case("covtype10_f32", Stored("covtype10.npy"), 100, "float32", 25, 6.0),
    Case("glove_50_f64", Stored("glove_50.npy"), 1000, "float64", 25, 5.0),
    Case("glove_50_f32", Stored("glove_50.npy"), 1000, "float32", 25, 3.5),
    Case("debian_minilm_f64", Stored("debian_minilm.npy"), 500, "float64", 25, 8.0),
    Case("debian_minilm_f32", Stored("debian_minilm.npy"), 500, "float32", 25, 5.0),
    # Whole numbers, with many ties: sums that round end elsewhere, so nobody goes on to the end.
    Case("letter_f64", Stored("hg_letter.npy"), 256, "float64", 25, 6.0),
    Case("letter_f32", Stored("hg_letter.npy"), 256, "float32", 25, 6.0),
    Case("blobs_500k_8", Blobs(500_000, 8, 100), 100, "float64", 300, 15.0),
    Case("fit_100k_16", Noise(100_000, 16), 1000, "float64", None, 10.0),
    Case("debian_tfidf", Stored("debian_tfidf.npz"), 100, "float64", 25, 3.0),
    Case("debian_tfidf_20", Stored("debian_tfidf.npz"), 20, "float64", 25, 1.5),
    Case("words_20", Words(100_000, 50_000, 50), 20, "float64", 25, 1.5),
    Case("words_100", Words(100_000, 50_000, 50), 100, "float64", 25, 3.0),
    Case("predict_minilm", Stored("debian_minilm.npy"), 1000, "float32", 1, 5.0, predict=True),
    Case("predict_coast_2000", Stored("coast_europe.npy"), 2000, "float32", 1, predict=True),
    Case("predict_1m_2", Noise(1_000_000, 2), 8, "float32", 1, predict=True),
    Case("predict_60k_784", Noise(60_000, 784), 100, "float32", 1, 3.0, predict=True),
    Case("predict_1k_2", Noise(1000, 2), 4, "float64", 1, number=100, predict=True),
    Case("noise_5k_5k", Noise(5000, 5000), 50, "float64", 10, 1.3),
    Case("iris", Stored("hg_iris.npy"), 3, "float64", None, 1.2, n_init=10, number=10),
)


def chosen(
    patterns: list[str] | None, quick: bool = False, among: Sequence[Case] = CASES
) -> list[Case]:
    """Return the cases that any pattern (a name, or one with * and ?) names; None names all.

    Raises
    ------
    ValueError
        If a pattern names no case.
    """
    patterns = patterns or ["*"]
    for pattern in patterns:
        if not any(fnmatch.fnmatchcase(case.name, pattern) for case in among):
            names = ", ".join(case.name for case in among)
            raise ValueError(f"no case is called {pattern!r}; there are: {names}.")
    cases = [c for c in among if any(fnmatch.fnmatchcase(c.name, p) for p in patterns)]
    return [shrunk(case) for case in cases] if quick else cases


def shrunk(case: Case) -> Case:
    """Return the case in a size that shows whether everything works, and nothing else."""
    rows = case.rows
    if not isinstance(rows, Photograph | Stored):
        rows = replace(rows, n=min(rows.n, QUICK_ROWS))
    iterations = QUICK_ITERATIONS if case.given_start else None
    k = min(case.k, QUICK_CLUSTERS)
    return replace(
        case, rows=rows, k=k, iterations=iterations, goal=None, number=1, limit=QUICK_ROWS
    )
