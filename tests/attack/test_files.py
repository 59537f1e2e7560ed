"""Damaged tables: one line that says so, or what a strict reader reads (see ``files.py``)."""

from __future__ import annotations

import pytest

pytest.importorskip("typer", reason='the command line needs the extra: pip install "centra[cli]"')
pytest.importorskip("pyarrow", reason='needs the extra: pip install "centra[tables]"')
pytest.importorskip("openpyxl", reason='needs the extra: pip install "centra[excel]"')

from attack.files import attack, mutant, valid
from attack.strict import cells_of
from centra._tables.inputs import FORMATS

COUNTS = {"csv": 1000, "tsv": 500, "json": 400, "jsonl": 400, "xlsx": 200}
COUNTS |= {"npy": 1500, "arrow": 400, "parquet": 300}
KINDS = pytest.mark.parametrize("kind", FORMATS)


@KINDS
def test_damaged_files(kind: str) -> None:
    refused, same, wrong = attack(kind, 0, COUNTS[kind])
    assert wrong == []
    # A mutator whose files are all refused, or none, attacks nothing.
    assert min(refused, same) > COUNTS[kind] / 20


@pytest.mark.slow
@KINDS
def test_many_damaged_files(kind: str) -> None:
    _, _, wrong = attack(kind, 1_000_000, 10**9, seconds=60)
    assert wrong == []


@KINDS
def test_a_mutant_is_made_from_its_number(kind: str) -> None:
    assert mutant(kind, valid(kind), 3) == mutant(kind, valid(kind), 3)


def test_the_strict_reader_is_strict() -> None:
    assert cells_of('a,"b ""c"",\n"\r\n\n,', ",") == [["a", 'b "c",\n'], ["", ""]]
    for text in ('"', 'a\n"b\nc', '"1"2,3', '"a" ,b'):
        with pytest.raises(ValueError, match="quote"):
            cells_of(text, ",")
