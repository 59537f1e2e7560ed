"""A fit that fails leaves the model of the fit before it, whole."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning

import centra

ROWS = np.random.default_rng(0).normal(size=(60, 3))
WIDE = np.random.default_rng(1).normal(size=(60, 5))
NAMES = ["a", "b", "c"]


class Refused(Exception):
    pass


def refuse(*_: Any, **__: Any) -> None:
    raise Refused


def interrupt(*_: Any) -> None:
    raise KeyboardInterrupt


def broken() -> Any:
    class Broken(centra.Source):
        shape = (60, 5)
        dtype = np.dtype(np.float64)
        name = "broken"

        def blocks(self) -> Any:
            raise OSError("the disk is gone")

        def take(self, rows: Any) -> Any:
            return WIDE[rows]

    return Broken()


FAILURES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "a row of NaN": ({}, np.where(np.arange(300).reshape(60, 5) == 7, np.nan, WIDE), ValueError),
    "too few rows": ({}, WIDE[:2], ValueError),
    "another frame": ({"max_iter": 0}, pd.DataFrame(WIDE), ValueError),
    "a callback": ({"callbacks": [refuse]}, WIDE, Refused),
    "Ctrl-C": ({"callbacks": [interrupt]}, WIDE, KeyboardInterrupt),
    "a bad start": ({"init": np.zeros((4, 2))}, WIDE, ValueError),
    "a start that raises": ({"init": refuse}, WIDE, Refused),
    "a disk that is gone": ({}, broken(), OSError),
    "sparse infinity": ({}, sp.csr_array(np.where(WIDE > 2, np.inf, 0.0)), ValueError),
    "too large a sum": ({}, np.where(WIDE > 0, 1e300, -1e300), OverflowError),
    "a warning that is an error": ({}, np.zeros((60, 5)), ConvergenceWarning),
    "bad memory": ({"memory": "much"}, WIDE, ValueError),
}


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_refit_that_fails_changes_nothing(failure: str, named: bool) -> None:
    params, X, error = FAILURES[failure]
    rows: Any = pd.DataFrame(ROWS, columns=NAMES) if named else ROWS
    km = centra.KMeans(4, random_state=0).fit(rows)
    before, report = dict(vars(km)), str(km.report())
    km.set_params(**params)
    with pytest.raises(error):
        km.fit(X)
    now = dict(vars(km))
    km.set_params(**{name: before[name] for name in params})
    assert dict(vars(km)).keys() == now.keys() == before.keys()
    assert all(vars(km)[name] is value for name, value in before.items())
    assert km.predict(rows).tolist() == km.labels_.tolist()
    assert str(km.report()) == report


@pytest.mark.parametrize("failure", FAILURES)
def test_a_first_fit_that_fails_leaves_no_attribute(failure: str) -> None:
    params, X, error = FAILURES[failure]
    km = centra.KMeans(4, random_state=0).set_params(**params)
    with pytest.raises(error):
        km.fit(X)
    assert vars(km).keys() == vars(clone(km)).keys()


def test_a_refit_replaces_everything() -> None:
    km = centra.KMeans(4, random_state=0).fit(pd.DataFrame(ROWS, columns=NAMES))
    assert km.fit(WIDE) is km
    assert km.n_features_in_ == 5 and not hasattr(km, "feature_names_in_")
    other = centra.KMeans(4, random_state=0).fit(WIDE)
    assert km.labels_.tolist() == other.labels_.tolist()
    assert str(km.report()) == str(other.report())
    assert vars(km).keys() == vars(other).keys()


def test_parameters_that_a_callback_sets_are_kept() -> None:
    km = centra.KMeans(4, random_state=0)
    km.set_params(callbacks=[lambda event: km.set_params(max_iter=7)]).fit(ROWS)
    assert km.max_iter == 7


def test_a_model_predicts_while_it_is_fitted_again() -> None:
    km = centra.KMeans(4, random_state=0).fit(ROWS)
    expected, found = km.labels_.tolist(), []
    km.set_params(callbacks=[lambda event: found.append(km.predict(ROWS).tolist())])
    km.fit(WIDE)
    assert found and all(labels == expected for labels in found)


def test_the_warning_of_a_fit_names_the_line_that_called_it() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        centra.KMeans(4, random_state=0).fit(np.zeros((9, 1)))
    assert [warning.filename for warning in caught] == [__file__]
