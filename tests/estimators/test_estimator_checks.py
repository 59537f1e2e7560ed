"""scikit-learn's checks of an estimator, as it holds its own KMeans to them."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

import centra

#: Drawing by weight is not drawing among repeated rows; scikit-learn excuses its KMeans likewise.
EXPECTED_TO_FAIL = {
    "check_sample_weight_equivalence_on_dense_data": "k-means++ draws by weight",
    "check_sample_weight_equivalence_on_sparse_data": "k-means++ draws by weight",
}


def _expected(estimator: Any) -> dict[str, str]:
    return EXPECTED_TO_FAIL


# Some checks have fewer distinct rows than the default has clusters, and say so in a warning.
@pytest.mark.filterwarnings("ignore:Number of distinct clusters")
# The second is how scikit-learn checks its own; the first is what a user gets.
@parametrize_with_checks(
    [centra.KMeans(), centra.KMeans(n_clusters=2, n_init=2, max_iter=5)],
    expected_failed_checks=_expected,
)
def test_scikit_learns_checks(estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")  # else it skips its check of array API input
    check(estimator)
