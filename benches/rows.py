"""Rows and starts of a case: made by a seed, or read from the folder of real data."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.datasets import load_sample_image, make_blobs
from sklearn.preprocessing import normalize

from benches import ROOT
from benches.cases import Blobs, Case, Drawn, Noise, Photograph, Words

SEED = 117117
#: Topics of made texts, and words that belong to each.
TOPICS, TOPIC_WORDS = 100, 2000


class Absent(Exception):
    """The real data of a case is not on this machine."""


def load(case: Case) -> Any:
    """Return the rows: a C-contiguous array or a CSR matrix, in the case's dtype.

    Raises
    ------
    Absent
        If a file of real data is not there, or what reads it is not installed.
    """
    if isinstance(case.rows, Drawn):
        return case.rows.drawn(case.dtype)
    if isinstance(case.rows, Noise):
        rng = np.random.default_rng(SEED)
        return rng.random((case.rows.n, case.rows.d), dtype=case.dtype)
    if isinstance(case.rows, Blobs):
        made = make_blobs(case.rows.n, case.rows.d, centers=case.rows.clusters, random_state=SEED)
        return np.ascontiguousarray(made[0], dtype=case.dtype)
    if isinstance(case.rows, Words):
        return texts(case.rows).astype(case.dtype)
    if isinstance(case.rows, Photograph):
        try:
            pixels = load_sample_image(case.rows.file).reshape(-1, 3)
        except ImportError as error:
            raise Absent(f"{case.rows.file} is read by pillow, which is not installed") from error
        return np.ascontiguousarray(pixels[: case.limit], dtype=case.dtype)
    folder = Path(os.environ.get("CENTRA_DATA") or ROOT.parent / "shared" / "data")
    path = folder / case.rows.file
    if not path.is_file():
        raise Absent(f"{case.rows.file} is not in the folder that CENTRA_DATA names")
    X = sp.load_npz(path).tocsr() if path.suffix == ".npz" else np.load(path)
    X = X[: case.limit].astype(case.dtype)
    return X if sp.issparse(X) else np.ascontiguousarray(X)


def texts(made: Words) -> sp.csr_matrix:
    """Return tf-idf of texts whose words are as frequent as Zipf's law says, rows of length 1."""
    rng = np.random.default_rng(SEED)
    n, d, own = made.n, made.d, min(made.d, TOPIC_WORDS)

    def ranks(count: int, size: int) -> np.ndarray:
        shares = np.cumsum(1 / np.arange(1, count + 1))
        return np.searchsorted(shares, shares[-1] * rng.random((n, size)))

    topics = rng.integers(0, d, (TOPICS, own))
    common = ranks(d, made.stored // 2)
    of_topic = topics[rng.integers(0, TOPICS, (n, 1)), ranks(own, made.stored - made.stored // 2)]
    words = np.concatenate([common, of_topic], axis=1).astype(np.int32)
    starts = np.arange(0, words.size + 1, made.stored, dtype=np.int32)
    X = sp.csr_matrix((np.ones(words.size), words.ravel(), starts), shape=(n, d))
    X.sum_duplicates()
    rarity = 1 + np.log(n / (1 + np.bincount(X.indices, minlength=d)))
    X.data = (1 + np.log(X.data)) * rarity[X.indices]
    return normalize(X)


def start(X: Any, k: int) -> np.ndarray:
    """Return k different rows as first centres, drawn by a seed: nobody's seeding is timed.

    Equal rows would make empty clusters, which the libraries fill in different ways.
    """
    drawn = np.random.default_rng(SEED + 1).permutation(X.shape[0])[: 4 * k]
    rows = dense(X[drawn])
    _, first = np.unique(rows, axis=0, return_index=True)
    if len(first) < k:
        raise ValueError(f"{len(drawn)} rows were drawn, and fewer than {k} of them differ.")
    return np.ascontiguousarray(rows[np.sort(first)[:k]])


def dense(X: Any) -> np.ndarray:
    """Return rows as a plain array."""
    return np.asarray(X.toarray() if sp.issparse(X) else X)
