"""For tests of reports: rows around known places, and the remarks on them."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_blobs

from centra._diagnostics.remark import Remark
from centra._diagnostics.report import Report


def around(places: list[list[float]], n: int = 2000, seed: int = 0) -> np.ndarray:
    return np.asarray(make_blobs(n, centers=np.array(places), random_state=seed)[0])


def kinds(report: Report) -> list[str]:
    return [remark.kind for remark in report.remarks]


def one(report: Report, kind: str) -> Remark:
    found = [remark for remark in report.remarks if remark.kind == kind]
    assert len(found) == 1, report.remarks
    return found[0]
