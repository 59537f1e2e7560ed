"""What a fit found, in a few numbers: whether a model is still that of its fit.

Attributes of an estimator may be set by anybody, arrays may be changed in place. Centers, labels,
inertia and history belong together; a view that shows two of them asks here first. Checksums are
CRC-32 of values: 0.6 ms for a million labels.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.lazy import is_dask

__all__ = [
    "Fingerprint",
    "check_computed",
    "check_unchanged",
    "fingerprint_of",
    "order_since",
    "why_changed",
]

Floats = NDArray[np.floating]

#: What is said of labels that are none of the fit.
OTHER_LABELS = (
    "its labels_ were changed after the fit, and are not what predict gives: "
    "km.labels_ = km.predict(X) undoes that; keep labels of your own in another variable"
)


@dataclass(frozen=True)
class Fingerprint:
    """Checksums of a fit.

    Attributes
    ----------
    centers : tuple of int
        Of every center, whatever its dtype.
    labels : int or None
        Of the labels of all rows; None where they are a collection of Dask, not computed.
    inertia : float
        As it was found.
    """

    centers: tuple[int, ...]
    labels: int | None
    inertia: float

    @classmethod
    def of(cls, centers: Floats, labels: NDArray[np.int32], inertia: float) -> Fingerprint:
        """Take the fingerprint of what a fit found."""
        known = None if is_dask(labels) else of_labels(labels)
        return cls(of_centers(centers), known, float(inertia))

    @classmethod
    def of_model(cls, km: Any) -> Fingerprint:
        """Take that of a model from elsewhere, as far as its history tells what the fit found."""
        last = km.history_[-1]
        centers = km.cluster_centers_ if last.centers is None else last.centers
        return cls.of(centers, km.labels_, last.inertia)


def of_centers(centers: Any) -> tuple[int, ...]:
    """Return a checksum of every center.

    Examples
    --------
    >>> of_centers(np.array([[1.0], [0.5]], np.float32)) == of_centers([[1], [0.5]])
    True
    """
    values = np.ascontiguousarray(centers, dtype=np.float64) + 0.0  # -0.0 is 0.0
    return tuple(zlib.crc32(center) for center in values)


def of_labels(labels: Any) -> int:
    """Return a checksum of labels, in their order."""
    return zlib.crc32(np.ascontiguousarray(labels, dtype=np.int32).data)


def fingerprint_of(km: Any) -> Fingerprint:
    """Return the fingerprint of a model; one that was put together by hand gets it now."""
    found: Fingerprint | None = getattr(km, "_fingerprint", None)
    return Fingerprint.of_model(km) if found is None else found


def order_since(km: Any) -> list[int] | None:
    """Return which center of the fit each center is now; None if they are others.

    Equal centers keep their order.
    """
    kept = fingerprint_of(km)
    try:
        now = of_centers(km.cluster_centers_)
    except (TypeError, ValueError):  # no numbers at all
        return None
    if sorted(now) != sorted(kept.centers):
        return None
    places: dict[int, list[int]] = {}
    for place, checksum in enumerate(kept.centers):
        places.setdefault(checksum, []).append(place)
    return [places[checksum].pop(0) for checksum in now]


def why_changed(km: Any) -> str | None:
    """Say what of a model is not as its fit left it, and what to do; None if nothing is.

    Parameters
    ----------
    km : KMeans
        A fitted model. One that was put together by hand has no fingerprint, and nothing is said.

    Returns
    -------
    why : str or None
        The end of a sentence that begins with what the attributes are of.
    """
    kept: Fingerprint | None = getattr(km, "_fingerprint", None)
    if kept is None:
        return None
    order = order_since(km)
    if order is None:
        return (
            "its cluster_centers_ were changed after the fit, and labels_, inertia_ and history_ "
            "are still those of the fit: undo the change, or fit again from the centres there are "
            "now, KMeans(len(km.cluster_centers_), init=km.cluster_centers_).fit(X)"
        )
    if order != list(range(len(order))):
        return (
            "its cluster_centers_ were put in another order after the fit, and history_ was not: "
            f"km.relabel(range({len(order)})) brings labels_ and history_ to the order of the "
            "centres"
        )
    if not _same_labels(kept, getattr(km, "labels_", None)):
        return OTHER_LABELS
    if getattr(km, "inertia_", None) != kept.inertia:
        return (
            "its inertia_ was changed after the fit: km.inertia_ = -km.score(X, "
            "sample_weight=sample_weight) undoes that"
        )
    return None


def _same_labels(kept: Fingerprint, labels: Any) -> bool:
    if kept.labels is None or is_dask(labels):  # to compare them would compute them
        return True
    try:
        return of_labels(labels) == kept.labels
    except (TypeError, ValueError):
        return False


def check_computed(km: Any, use: str) -> None:
    """Refuse labels that are a collection of Dask, where they are needed.

    Raises
    ------
    ValueError
        They are, and what to do.
    """
    if is_dask(km.labels_):
        raise ValueError(
            f"{use} needs the labels in this process: km.labels_ = km.labels_.compute() brings "
            "them (a list of blocks: np.concatenate(dask.compute(*km.labels_)))."
        )


def check_unchanged(km: Any, view: str) -> None:
    """Refuse a model whose parts are no longer those of one fit.

    Parameters
    ----------
    km : KMeans
        A fitted model.
    view : str
        What is to show it.

    Raises
    ------
    ValueError
        A sentence that says what was changed, and what to do.
    """
    why = why_changed(km)
    if why is not None:
        raise ValueError(f"{view} needs a {type(km).__name__} as its fit left it: {why}.")
