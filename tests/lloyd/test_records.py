"""A record of the history gives the labels of its iteration."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import centra
from centra._lloyd.model import REASONS, STARTS
from centra.events import Stopped

X = np.random.default_rng(0).normal(size=(300, 2))


@pytest.mark.parametrize(
    "rows",
    [X, X.astype(np.float32), sp.csr_matrix(X), pd.DataFrame(X, columns=["a", "b"])],
    ids=type,
)
def test_labels_of_every_iteration(rows: Any) -> None:
    km = centra.KMeans(5, random_state=0).fit(rows)
    before = None
    for record in km.history_:
        labels = record.labels(rows)
        assert labels.dtype == np.int32
        assert np.array_equal(labels, centra.assign(rows, record.centers))
        if before is not None and record is not km.history_[-1]:
            assert np.count_nonzero(labels != before) == record.changed
        before = labels
    assert np.array_equal(before, km.labels_)
    assert len(km.history_[0].labels(rows[:7])) == 7


def test_centers_that_were_not_kept() -> None:
    km = centra.KMeans(5, random_state=0, keep_centers=False).fit(X)
    with pytest.raises(ValueError, match="iteration 0 were not kept: fit with keep_centers=True"):
        km.history_[0].labels(X)


def test_other_columns() -> None:
    km = centra.KMeans(5, random_state=0).fit(X)
    with pytest.raises(ValueError, match="X has 3 columns, and the centres of this fit have 2"):
        km.history_[0].labels(np.ones((4, 3)))


def test_types_name_the_words_that_there_are() -> None:
    hints = get_type_hints(centra.Run)
    assert get_args(hints["reason"]) == REASONS == get_args(get_type_hints(Stopped)["reason"])
    assert get_args(hints["start"]) == STARTS
    for function in (centra.KMeans.__init__, centra.k_means):
        hints = get_type_hints(function)
        assert set(get_args(hints["algorithm"])) == {"lloyd", "elkan"}
        words = {word for part in get_args(hints["init"]) for word in get_args(part)}
        assert {"k-means++", "k-means||", "sampled", "random"} <= {
            w for w in words if isinstance(w, str)
        }
        assert "auto" in {word for part in get_args(hints["n_init"]) for word in get_args(part)}
