"""How a page was made is on it; pages of the same inputs are the same bytes."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import centra
from centra.page import write
from centra.page.content import content_of
from centra.page.provenance import provenance_of, today


def test_the_date_may_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    assert today() == "1970-01-02"
    for wrong in ("", "soon", "-5"):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", wrong)
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", today())


def test_what_models_know_and_what_is_given() -> None:
    X = np.random.default_rng(0).normal(size=(30, 2))
    km = centra.KMeans(2, init="random", n_init=1, random_state=7).fit(X)
    found = dict(map(tuple, provenance_of([km], "", {"Data": "x", "Seed": "seven", "None": ""})))
    assert list(found)[:2] == ["Data", "Seed"] and found["Seed"] == "seven"
    assert found["Made with"] == f"centra {centra.__version__}"
    assert found["First centres"] == "random" and found["Scaling"].startswith("none")
    assert "None" not in found
    seeds = {None: "none: another run may find other clusters", 3: "3"}
    for seed, said in seeds.items():
        km.random_state = seed
        assert dict(provenance_of([km], "", None))["Seed"] == said
    km = centra.KMeans(2, n_init=4, random_state=7).fit(X)
    how = dict(provenance_of([km], "", None))["First centres"]
    assert how == "k-means++, the best of 4 starts"
    km = centra.KMeans(2, init=X[:2]).fit(X)
    assert dict(provenance_of([km], "standard deviations", None)) | {
        "First centres": "given",
        "Scaling": "clustered in standard deviations",
    } == dict(provenance_of([km], "standard deviations", None))


def test_same_inputs_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    X = np.random.default_rng(0).normal(size=(100, 2))
    for name in "ab":
        km = centra.KMeans(3, random_state=0).fit(X)
        write(tmp_path / name, km, X, provenance={"Data": "here"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    km = centra.KMeans(3, random_state=0).fit(X)
    assert ["Date", "1970-01-01"] in content_of({3: km}, X)["provenance"]
