"""The part of a page about the choice of k: a sentence, the criteria, their reasons and numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from centra._estimators.kmeans import KMeans
from centra._utils.jsonable import plain
from centra.plot._criteria import BARS, CRITERIA, with_one
from centra.selection import Sweep

#: What columns over k are called.
TITLES = {"n_iter": "iterations", **{name: title for name, (title, _) in CRITERIA.items()}}


def choice_of(
    models: Mapping[int, KMeans], sweep: Sweep | None, say: Callable[[str], str] = str
) -> dict[str, Any]:
    """Collect what there is to say about numbers of clusters.

    Parameters
    ----------
    models : mapping of int to KMeans
        Fitted models by their number of clusters.
    sweep : Sweep or None
        What compared them, if anything did.
    say : callable
        What is changed in texts before they are shown.

    Returns
    -------
    choice : dict
        As JSON values: "chosen", the k to show first; "criteria", numbers over k by name, with
        k = 1 where a gap statistic knows it; "spreads", for each that has one the column of its
        spread, and what that is; "picks", the k of each criterion; "headline", a sentence;
        "reasons", a sentence of each criterion; "verdict", these in a list.
    """
    ks = sorted(models)
    if sweep is None:
        inertia = [models[k].inertia_ for k in ks]
        columns: Mapping[str, Any] = {"k": ks, "inertia": inertia}
        said: dict[str, Any] = {"picks": {}, "headline": "", "reasons": {}, "verdict": []}
        chosen = ks[0]
    else:
        columns, best = with_one(sweep.columns, sweep.gap), sweep.best
        said = {
            "picks": {choice.criterion: choice.k for choice in best.choices},
            "headline": say(best.summary),
            "reasons": {choice.criterion: say(choice.why) for choice in best.choices},
            "verdict": [say(line.removeprefix("* ")) for line in str(best).splitlines()[1:]],
        }
        # Where criteria disagree, the k with most votes.
        most = best.most_votes
        chosen = most if most is not None and most in models else ks[0]
    bars = [(name, bar, what) for name, (bars, what) in BARS.items() for bar in bars]
    return {
        "chosen": chosen,
        "criteria": {name: plain(np.asarray(values)) for name, values in columns.items()},
        "spreads": {name: [bar, what] for name, bar, what in bars if bar in columns},
        "titles": TITLES,
        **said,
    }
