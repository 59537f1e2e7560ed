"""What earlier versions wrote is read: model files and pickles, each with the bits that it had."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import centra
from centra._persistence.save import save
from kept.keep import ROWS, expected

FOLDERS = sorted(
    path.parent for path in (Path(__file__).parents[1] / "kept").glob("*/expected.json")
)
#: What pickles of 0.1.0 name: wherever a class moves, its old name stays an alias.
NAMED = {
    "centra.choose.gap.Gap",
    "centra.choose.result.Sweep",
    "centra.choose.stability.Stability",
    "centra.choose.verdict.Choice",
    "centra.choose.verdict.Verdict",
    "centra.errors.ModelFileError",
    "centra.events.Improved",
    "centra.events.Iterated",
    "centra.events.Started",
    "centra.events.Stopped",
    "centra.kmeans.KMeans",
    "centra.model.Record",
    "centra.model.Run",
    "centra.overlap.Overlap",
    "centra.progress.Progress",
    "centra.report.Remark",
    "centra.report.Report",
    "centra.sources.npy.NpySource",
}
# scikit-learn warns of a StandardScaler that another version of it has pickled.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.InconsistentVersionWarning")


def files(suffix: str) -> list[Any]:
    found = [path for folder in FOLDERS for path in sorted(folder.glob(f"*.{suffix}"))]
    return [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in found]


def said(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((path.parent / "expected.json").read_text("utf-8"))
    return found[path.stem]


@pytest.mark.parametrize("path", files("centra"))
def test_a_model_file_of_an_earlier_version(path: Path, tmp_path: Path) -> None:
    model = centra.load(path)
    assert expected(model) == said(path)
    save(model, tmp_path / "again")
    assert expected(centra.load(tmp_path / "again")) == said(path)


@pytest.mark.parametrize("path", files("pickle"))
def test_a_pickle_of_an_earlier_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    found = pickle.loads(path.read_bytes())
    match path.stem:
        case "source":
            np.testing.assert_array_equal(found.take(np.arange(12)), ROWS)
            km = centra.KMeans(3, init="random", n_init=3, random_state=5).fit(found)
            assert km.inertia_ == centra.load("float64.centra").inertia_
        case "sweep":
            assert found.ks == (2, 3) and "k = 3" in str(found) and "k = 3" in found._repr_html_()
            assert found.models[3].predict(ROWS).tolist() == found.models[3].labels_.tolist()
        case "report":
            # It has no portraits, which came later.
            now = replace(centra.load("float64.centra").report(ROWS), portraits=())
            assert str(found) == str(now)
        case "events":
            assert [type(event).__name__ for event in found] == [
                "Started",
                "Iterated",
                "Stopped",
                "Improved",
            ]
        case "error":
            assert isinstance(found, ValueError) and str(found) == "cannot load 'm'"
        case "unfitted":
            assert found.fit(ROWS).labels_.max() == 4
        case "progress":
            assert found.predict(ROWS).tolist() == found.fit(ROWS).labels_.tolist()
        case _:
            assert expected(found) == said(path)
            assert "clusters" in repr(found) or found._repr_html_()


def test_the_names_that_pickles_use() -> None:
    class Looking(pickle.Unpickler):
        def find_class(self, module: str, name: str) -> Any:
            if module.startswith("centra"):
                named.add(f"{module}.{name}")
            return super().find_class(module, name)

    named: set[str] = set()
    for path in (path for folder in FOLDERS for path in folder.glob("*.pickle")):
        with open(path, "rb") as file:
            Looking(file).load()
    assert named == NAMED
