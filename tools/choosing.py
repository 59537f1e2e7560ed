"""Measure how often the headline of a sweep is right: on noise, and on clusters that are known.

    python tools/choosing.py            400 tables of each, minutes
    python tools/choosing.py 40         40 of each
    python tools/choosing.py 400 10000  400 of each, from number 10,000 on: those of the guide

The rule was tuned on the tables from number 0 on; from 10,000 on are tables that it was measured
on afterwards. Tables are those of tests/drawn_tables.py, of 30 to 2,000 rows and 1 to 100 columns.
A headline is wrong on noise if it names a k above 1, and on clusters if the first k that it names
is another one.
"""

from __future__ import annotations

import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from sklearn.exceptions import ConvergenceWarning

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import centra
import drawn_tables


def headline(rows: drawn_tables.Floats) -> str:
    """Return the headline of a sweep, by default parameters but for the seed."""
    with warnings.catch_warnings():
        # k goes up to 10, and a column of a scale has five different values.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return centra.sweep(rows, random_state=0).best.summary


def named(text: str) -> list[int]:
    """Return the numbers of clusters that a headline names, in order.

    >>> named("There are probably 3 clusters: 5 of 7 criteria pick k = 3; others: k = 10 (BIC).")
    [3, 10]
    """
    return [int(k) for k in re.findall(r"k = (\d+)", text)]


def right(table: drawn_tables.Drawn, text: str) -> bool:
    """Whether a headline is right."""
    found = named(text)
    if table.k == 1:
        return all(k == 1 for k in found)
    return found[:1] == [table.k]


def wrong(noise: bool, numbers: Iterable[int]) -> Iterator[tuple[drawn_tables.Drawn, str]]:
    """Yield the tables with a wrong headline."""
    draw = drawn_tables.noise_table if noise else drawn_tables.blob_table
    for number in numbers:
        table = draw(number)
        text = headline(table.rows)
        if not right(table, text):
            yield table, text


def main() -> None:
    """Print the wrong headlines, and how many there are."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    for noise in (True, False):
        kinds: Counter[str] = Counter()
        for table, text in wrong(noise, range(first, first + n)):
            kinds[table.kind] += 1
            print(f"{table}: {text}", flush=True)
        print(f"{'noise' if noise else 'clusters'}: {kinds.total()} of {n} wrong {dict(kinds)}")


if __name__ == "__main__":
    main()
