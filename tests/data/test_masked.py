"""Masked arrays: masks are not looked at, so what they hide is refused with a remedy that works."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import centra
from compare import check_same_fit

VALUES = np.array([[1.0, 2], [1, 3], [-9999, 5], [8, 9], [9, 9], [8, -9999]])
MASKED = np.ma.masked_equal(VALUES, -9999)
WHOLE = np.ma.masked_equal(VALUES, 12345)
WEIGHTS = np.ma.masked_equal([1.0, 2, 3, -1, 5, -1], -1)
FITTED = centra.KMeans(2, random_state=0).fit(VALUES[[0, 1, 3, 4]])

ROWS: dict[str, Callable[[Any], Any]] = {
    "fit": lambda X: centra.KMeans(2, random_state=0).fit(X),
    "fit_predict": lambda X: centra.KMeans(2, random_state=0).fit_predict(X),
    "predict": FITTED.predict,
    "transform": FITTED.transform,
    "score": FITTED.score,
    "report": FITTED.report,
    "k_means": lambda X: centra.k_means(X, 2, random_state=0),
    "kmeans_plusplus": lambda X: centra.kmeans_plusplus(X, 2, random_state=0),
    "assign": lambda X: centra.assign(X, VALUES[:2]),
    "sweep": lambda X: centra.sweep(X, [2], gap=False, stability=False),
}
WEIGHED: dict[str, Callable[[Any], Any]] = {
    "fit": lambda w: centra.KMeans(2, random_state=0).fit(VALUES, sample_weight=w),
    "score": lambda w: FITTED.score(VALUES, sample_weight=w),
    "report": lambda w: FITTED.report(VALUES, sample_weight=w),
    "k_means": lambda w: centra.k_means(VALUES, 2, sample_weight=w, random_state=0),
    "kmeans_plusplus": lambda w: centra.kmeans_plusplus(VALUES, 2, sample_weight=w),
    "sweep": lambda w: centra.sweep(VALUES, [2], sample_weight=w, gap=False, stability=False),
}
CENTERS: dict[str, Callable[[Any], Any]] = {
    "init": lambda c: centra.KMeans(6, init=c, max_iter=1).fit(VALUES + np.arange(6)[:, None]),
    "init, a function": lambda c: centra.KMeans(6, init=lambda *_, **__: c, n_init=1).fit(VALUES),
    "assign": lambda c: centra.assign(VALUES, c),
}


def restored(centers: Any) -> None:
    km = centra.KMeans(6)
    km.cluster_centers_ = centers
    km.predict(VALUES)


CENTERS["predict"] = restored


@pytest.mark.parametrize("call", ROWS)
def test_rows(call: str) -> None:
    text = "Input X is a masked array in which 2 entries are masked, first in row 2, column 0"
    with pytest.raises(ValueError, match=text) as caught:
        ROWS[call](MASKED)
    assert "\n" not in str(caught.value)
    ROWS[call](WHOLE)
    # What is proposed works.
    assert "X[~np.ma.getmaskarray(X).any(axis=1)]" in str(caught.value)
    ROWS[call](MASKED[~np.ma.getmaskarray(MASKED).any(axis=1)])
    assert "X.filled(number)" in str(caught.value)
    ROWS[call](MASKED.filled(0))


@pytest.mark.parametrize("call", WEIGHED)
def test_weights(call: str) -> None:
    text = "Input sample_weight is a masked array in which 2 entries are masked, first in row 3"
    with pytest.raises(ValueError, match=text) as caught:
        WEIGHED[call](WEIGHTS)
    assert "sample_weight.filled(0)" in str(caught.value)
    WEIGHED[call](WEIGHTS.filled(0))
    WEIGHED[call](np.ma.masked_equal([1, 2, 3, 4, 5, 6], 0))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("call", CENTERS)
def test_centers(call: str) -> None:
    text = "is a masked array in which 2 entries are masked, first in row 2, column 0"
    with pytest.raises(ValueError, match=re.escape(text)):
        CENTERS[call](MASKED)
    CENTERS[call](WHOLE)


def test_lists() -> None:
    for call in (ROWS["fit"], ROWS["assign"]):
        with pytest.raises(
            ValueError, match=r"X is a list, and row 2 of it has masked.*np\.ma\.array"
        ):
            call(list(MASKED))
        with pytest.raises(ValueError, match="masked array in which 2 entries"):
            call(np.ma.array(list(MASKED)))
        call(list(WHOLE))
    with pytest.raises(ValueError, match="sample_weight is a list, and row 3 of it has masked"):
        WEIGHED["fit"]([1, 1, 1, np.ma.masked, 1, 1])


def test_nothing_masked_is_an_array() -> None:
    fits = [centra.KMeans(2, random_state=0).fit(rows) for rows in (VALUES, WHOLE)]
    check_same_fit(*fits)
    shrunk = np.ma.array(VALUES, mask=np.ma.nomask)
    check_same_fit(centra.KMeans(2, random_state=0).fit(shrunk), fits[0])
