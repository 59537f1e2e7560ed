"""What a page says about the choice of k: a sentence, each criterion's reasons and its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from centra.choose import Sweep, Verdict
from centra.choose.criteria import CRITERIA as MEANINGS
from centra.kmeans import KMeans
from centra.page.plain import plain
from centra.plot.choice import BARS, CRITERIA, with_one

#: What columns over k are called.
TITLES = {"n_iter": "iterations", **{name: title for name, (title, _) in CRITERIA.items()}}


def choice_of(models: Mapping[int, KMeans], sweep: Sweep | None) -> dict[str, Any]:
    """Collect what there is to say about numbers of clusters.

    Parameters
    ----------
    models : mapping of int to KMeans
        Fitted models by their number of clusters.
    sweep : Sweep or None
        What compared them, if anything did.

    Returns
    -------
    choice : dict
        As JSON values: "chosen", the k to show first; "criteria", numbers over k by name, with
        k = 1 where a gap statistic knows it; "spreads", for each that has one the column of its
        spread, and what that is; "picks", the k of each criterion; "headline" and "verdict", words.
    """
    ks = sorted(models)
    if sweep is None:
        inertia = [models[k].inertia_ for k in ks]
        columns: Mapping[str, Any] = {"k": ks, "inertia": inertia}
        said: dict[str, Any] = {"picks": {}, "headline": "", "verdict": []}
        chosen = ks[0]
    else:
        columns, best = with_one(sweep.columns, sweep.gap), sweep.best
        said = {
            "picks": {choice.criterion: choice.k for choice in best.choices},
            "headline": headline(_told(sweep)),
            "verdict": [line.removeprefix("* ") for line in str(best).splitlines()[1:]],
        }
        # Where criteria disagree, the k that most of them pick.
        chosen = next((k for k in best.votes if k in models), ks[0])
    bars = [(name, bar, what) for name, (bars, what) in BARS.items() for bar in bars]
    return {
        "chosen": chosen,
        "criteria": {name: plain(np.asarray(values)) for name, values in columns.items()},
        "spreads": {name: [bar, what] for name, bar, what in bars if bar in columns},
        "titles": TITLES,
        **said,
    }


def _told(sweep: Sweep) -> Verdict:
    """Leave out criteria without a single number: they had no say."""
    every = sweep.best.choices
    known = {name for name, values in sweep.columns.items() if np.isfinite(values).any()}
    return Verdict(tuple(choice for choice in every if choice.criterion in known))


def headline(best: Verdict) -> str:
    """Say first what matters most: whether there are clusters, else how many criteria pick which k.

    Parameters
    ----------
    best : Verdict
        Which criteria pick which k.

    Examples
    --------
    >>> from centra.choose import Choice
    >>> def picks(**ks):
    ...     return Verdict(tuple(Choice(name, k, 0.0, "") for name, k in ks.items()))
    >>> headline(picks(silhouette=4, bic=4))
    'All 2 criteria pick k = 4.'
    >>> headline(picks(silhouette=3, stability=3, bic=8, gap=None))
    '2 of 4 criteria pick k = 3; others: k = 8 (BIC), none (gap statistic).'
    """
    votes, n = best.votes, len(best.choices)
    if not votes:
        return "No criterion picks a number of clusters."
    if best.structure is False:
        return _no_clusters(best)
    most = len(next(iter(votes.values())))
    if most == n:
        (k,) = votes
        return f"All {n} criteria pick k = {k}." if n > 1 else best.summary
    first = [k for k in votes if len(votes[k]) == most]
    which = " and ".join(f"k = {k}" for k in first)
    text = f"{_pick(most, f' of {n} criteria')} {which}" + (" each" if len(first) > 1 else "")
    if len(first) > 1 or 2 * most < n:
        text = f"The criteria disagree: {text}"
    others = [f"k = {k} ({_titles(best, k)})" for k in votes if k not in first]
    if any(choice.k is None for choice in best.choices):
        others.append(f"none ({_titles(best, None)})")
    return f"{text}; others: {', '.join(others)}." if others else f"{text}."


def _no_clusters(best: Verdict) -> str:
    text = (
        "There may be no clusters at all: the gap statistic picks k = 1, and it alone compares "
        "with rows that have none."
    )
    rest = tuple(choice for choice in best.choices if choice.criterion != "gap")
    votes = Verdict(rest).votes
    if votes:
        k, names = next(iter(votes.items()))
        text += f" Of the other {len(rest)} criteria, {_pick(len(names))} k = {k}."
    return text


def _pick(n: int, of: str = "") -> str:
    return f"{n}{of} {'picks' if n == 1 else 'pick'}"


def _titles(best: Verdict, k: int | None) -> str:
    return ", ".join(MEANINGS[each.criterion].title for each in best.choices if each.k == k)
