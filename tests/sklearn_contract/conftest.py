"""The two fixtures that scikit-learn's test functions ask for, as scikit-learn defines them."""

from __future__ import annotations

import os

import numpy as np
import pytest

# So that a failing assertion in scikit-learn's file shows its values, as it does there.
pytest.register_assert_rewrite("sklearn.cluster.tests.test_k_means")


def _seeds() -> list[int]:
    """Read scikit-learn's own variable: a number, a range such as 0-9, or "all"; 42 without it."""
    text = os.environ.get("SKLEARN_TESTS_GLOBAL_RANDOM_SEED", "42")
    first, _, last = ("0-99" if text == "all" else text).partition("-")
    return list(range(int(first), int(last or first) + 1))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "global_random_seed" in metafunc.fixturenames:
        metafunc.parametrize("global_random_seed", _seeds())
    if "global_dtype" in metafunc.fixturenames:
        # scikit-learn leaves float32 out unless it is asked for; here both are always run.
        metafunc.parametrize("global_dtype", [np.float32, np.float64])
