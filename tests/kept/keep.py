"""Write model files and pickles to keep: `python tests/kept/keep.py FOLDER`.

What one version wrote, later ones must read. The folder beside this file was written by the version
in its name, and stays as it is; after a release, or where a model file gains a part, run this again
into a folder of a new name. ``tests/persistence/test_kept.py`` reads all of them.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import centra
from centra._persistence.save import parts_of, save

#: Twelve rows around three places, and rows to predict, without any random generator.
ROWS = (np.arange(36) * 7 % 13).reshape(12, 3) / 4 + np.repeat([0.0, 10.0, 30.0], 4)[:, None]
QUERY = np.linspace(-5.0, 40.0, 33).reshape(11, 3)
WEIGHTS = np.array([1.0, 2.0, 0.5, 0.0] * 3)
NAMES = ["a", "größe", "\N{SNOWMAN}"]


def stop(event: object) -> None:
    """End a fit as soon as it has begun."""
    raise StopIteration


def start(X: Any, k: int, random_state: Any) -> Any:
    """Begin with the first rows."""
    return X[:k]


def models() -> dict[str, Any]:
    """Fit a model of every kind that a file can hold."""
    frame = pd.DataFrame(ROWS, columns=NAMES)
    pipe = make_pipeline(StandardScaler(), centra.KMeans(3, random_state=0))
    weights = {"standardscaler__sample_weight": WEIGHTS, "kmeans__sample_weight": WEIGHTS}
    swept = centra.sweep(
        ROWS,
        [2, 3, 4],
        init="random",
        n_init=2,
        random_state=3,
        gap=False,
        stability=False,
        neighbor_starts=True,
    )
    KMeans = centra.KMeans
    return {
        "float64": KMeans(3, init="random", n_init=3, random_state=5).fit(ROWS),
        "float32": KMeans(3, random_state=1).fit(ROWS.astype(np.float32)),
        "bare": KMeans(3, random_state=1, keep_centers=False, memory="1MB", tol=0).fit(ROWS),
        "weighted": KMeans(4, random_state=0, max_iter=1).fit(ROWS, sample_weight=WEIGHTS),
        "named": KMeans(2, random_state=0).set_output(transform="pandas").fit(frame),
        "standardized": pipe.fit(frame, **weights),
        "given": KMeans(2, init=ROWS[[0, 11]].astype(int), n_threads=1).fit(ROWS),
        "called": KMeans(
            3, init=start, n_init=1, random_state=np.random.RandomState(3), callbacks=[stop]
        ).fit(ROWS),
        "parallel": KMeans(3, init="k-means||", random_state=0, algorithm="elkan").fit(ROWS),
        "swept": swept.models[3],
        "repeated": KMeans(4, random_state=0).fit(np.repeat(ROWS[[0, 5]], 3, axis=0)),
    }


def pickles(found: dict[str, Any]) -> dict[str, Any]:
    """Collect what else is pickled: in caches, between processes, by joblib."""
    kept = {name: found[name] for name in found if name != "called"}
    kept["progress"] = centra.KMeans(2, random_state=0, callbacks=[centra.Progress(False)]).fit(
        ROWS
    )
    kept["unfitted"] = centra.KMeans(5)
    kept["report"] = found["float64"].report(ROWS)
    kept["sweep"] = centra.sweep(ROWS, [2, 3], random_state=0, sample=12, repeats=2)
    assert kept["sweep"].best.votes  # the verdict is kept with it once it has been asked for
    kept["source"] = centra.from_npy("rows.npy")
    kept["error"] = centra.ModelFileError("cannot load 'm'")
    kept["events"] = [
        centra.events.Started(0, 1, 12, 3, 2, 300),
        centra.events.Iterated(0, 0, 1.5, 0.0, 12, ROWS[:2]),
        centra.events.Stopped(0, 1, 1.5, "strict", 0.0, 0.0),
        centra.events.Improved(0, 1.5),
    ]
    return kept


def expected(model: Any) -> dict[str, Any]:
    """Say what a model must be and do, each number by its bits."""
    _, km = parts_of(model)
    named = hasattr(model, "feature_names_in_")
    rows = pd.DataFrame(QUERY, columns=NAMES) if named else QUERY
    return {
        "centers": [float(x).hex() for x in km.cluster_centers_.ravel()],
        "dtype": str(km.cluster_centers_.dtype),
        "labels": km.labels_.tolist(),
        "inertia": float(km.inertia_).hex(),
        "n_iter": km.n_iter_,
        "history": [
            [
                record.iteration,
                float(record.inertia).hex(),
                float(record.shift).hex(),
                record.changed,
                record.centers is not None,
            ]
            for record in km.history_
        ],
        "runs": [
            [float(r.inertia).hex(), r.n_iter, r.converged, r.reason, r.start] for r in km.runs_
        ],
        "named": named,
        "predicted": model.predict(rows).tolist(),
        "transformed": [float(x).hex() for x in np.asarray(model.transform(rows)).ravel()],
    }


def main(folder: Path) -> None:
    """Write everything."""
    warnings.simplefilter("ignore")
    folder.mkdir()
    os.chdir(folder)
    np.save("rows.npy", ROWS)
    found = models()
    for name, model in found.items():
        save(model, f"{name}.centra")
    for name, kept in pickles(found).items():
        Path(f"{name}.pickle").write_bytes(pickle.dumps(kept, protocol=4))
    said = {name: expected(model) for name, model in found.items()}
    Path("expected.json").write_text(json.dumps(said, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
