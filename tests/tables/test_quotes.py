"""Quotes in text files: a stray one is refused with its line, and swallows no rows."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from centra._tables import csvs
from centra._tables.csvs import CsvFile
from centra._tables.inputs import Input
from centra._tables.quotes import QuoteCheck, split_cells, wrong_quote

Run = Callable[..., tuple[int, str, str]]

#: Reads with pyarrow, with NumPy, and carefully.
READERS = pytest.mark.parametrize("reader", ["arrow", "numpy", "careful"])


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Let one reader go first."""

    def only(reader: str) -> None:
        if reader == "arrow":
            pytest.importorskip("pyarrow")
            monkeypatch.setattr(csvs, "_WORTH", 0)
        else:
            monkeypatch.setattr(csvs, "_has_arrow", lambda: False)
        if reader == "careful":
            monkeypatch.setattr(CsvFile, "_read_by_numpy", lambda *_: None)

    return only


@READERS
@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ('6,7,"six', 'line 7: a quote (") opens a cell and is never closed; close it, or write ""'),
        ('"6,7,six', 'line 7: a quote (") opens a cell and is never closed'),
        ('6,7,"s"ix', "line 7: text follows the quote that closes a cell; put all of the cell in"),
        ('"6"0,7,six', "line 7: text follows the quote that closes a cell"),
        ('6,7,"six" ', "line 7: text follows the quote that closes a cell"),
        ('6,7,"si\nx"y', "line 8: text follows the quote that closes a cell, opened in line 7,"),
    ],
)
def test_a_quote_that_is_not_in_order_is_refused_with_its_line(
    fails: Callable[..., str],
    only: Callable[[str], None],
    reader: str,
    bad: str,
    message: str,
) -> None:
    only(reader)
    good = [f"{i},{i * i},name {i}" for i in range(300)]
    Path("t.csv").write_text("\n".join(["x,y,name", *good[:5], bad, *good[5:]]) + "\n")
    for more in (["--label", "name"], ["--columns", "x,y"]):
        line = fails("fit", "t.csv", "-k", 2, "-o", "m", *more)
        assert line.startswith(f"t.csv: {message}")


def test_an_open_quote_in_a_header_or_in_other_separators(fails: Callable[..., str]) -> None:
    Path("t.csv").write_text('x,"y\n1,2\n3,4\n')
    assert "line 1: a quote" in fails("fit", "t.csv", "-k", 1, "-o", "m")
    Path("t.csv").write_text('x;y\n1;2\n3;"4\n5;6\n')
    assert "line 3: a quote" in fails("fit", "t.csv", "-k", 1, "-o", "m")


@READERS
def test_what_is_in_order_is_read_as_it_was(
    run: Run, only: Callable[[str], None], reader: str
) -> None:
    only(reader)
    names = ['"a, b"', '"a ""quoted"" word"', '5" pipe', '"two\n\nlines"', '""', '"  "', '""""']
    rows = [f'{i},"{i * i}",{name}' for i, name in enumerate(names)]
    Path("t.csv").write_text("\n".join(["x,y,name", *rows]) + "\n", newline="")
    file = CsvFile(Input(Path("t.csv"), "t.csv", "csv"))
    numbers, texts = file.read([0, 1], 2)
    assert numbers.tolist() == [[i, i * i] for i in range(len(names))]
    assert texts == ["a, b", 'a "quoted" word', '5" pipe', "two\n\nlines", "", "", '"']


@READERS
def test_a_cell_may_be_longer_than_the_usual_limit_of_csv(
    run: Run, only: Callable[[str], None], reader: str
) -> None:
    only(reader)
    Path("t.csv").write_text("x,note\n1," + "a" * 200_000 + "\n2,b\n")
    assert run("fit", "t.csv", "-k", 1, "-o", "m", "--columns", "x")[0] == 0


def strictly(text: str, delimiter: str = ",") -> bool:
    try:
        list(split_cells(io.StringIO(text, newline=""), delimiter))
    except csv.Error:
        return False
    return True


def test_both_checks_agree_with_the_strict_reader_of_csv() -> None:
    rng = random.Random(4180)
    n_wrong = n_sure = 0
    for _ in range(20_000):
        text = "".join(rng.choices('"",\n\rab', k=rng.randrange(1, 14)))
        wrong = wrong_quote(io.StringIO(text, newline=""), ",")
        assert (wrong is None) == strictly(text), repr(text)
        check, data = QuoteCheck(b","), text.encode()
        cuts = sorted(rng.choices(range(len(data) + 1), k=2))
        parts = [data[: cuts[0]], data[cuts[0] : cuts[1]], data[cuts[1] :]]
        sure = all([check.feed(part) for part in parts]) and check.ends()
        assert not sure or wrong is None, repr(text)
        n_wrong, n_sure = n_wrong + (wrong is not None), n_sure + (sure and '"' in text)
    assert n_wrong > 1000
    assert n_sure > 1000
