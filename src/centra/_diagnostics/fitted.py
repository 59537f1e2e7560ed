"""The protocol of a fitted model: what diagnostics need of any estimator."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from centra._lloyd.model import Record, Run


class Fitted(Protocol):
    """A fitted model.

    Attributes
    ----------
    cluster_centers_ : ndarray of shape (n_clusters, n_features)
        The centers.
    history_ : tuple of Record
        The best restart, iteration by iteration.
    runs_ : tuple of Run
        All restarts.
    """

    @property
    def cluster_centers_(self) -> NDArray[np.floating]:
        """The centers."""
        ...

    @property
    def history_(self) -> tuple[Record, ...]:
        """The best restart, iteration by iteration."""
        ...

    @property
    def runs_(self) -> tuple[Run, ...]:
        """All restarts."""
        ...
