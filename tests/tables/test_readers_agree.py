"""Three readers of text files accept the same: what a fast one reads, the careful one does."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from centra._tables import csvs
from centra._tables.csvs import CsvFile
from centra._tables.dialect import Dialect
from centra._tables.inputs import Input, TableError


def opened(text: str, kind: str = "csv", **how: object) -> CsvFile:
    path = Path(f"t.{kind}")
    path.write_bytes(text.encode())
    return CsvFile(Input(path, path.name, kind), Dialect(header=False, **how))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(csvs, "_WORTH", 0)


def check(file: CsvFile, numbers: list[int], text: int | None, *, missing: bool = False) -> int:
    """Hold the fast readers against the careful one; return how many had no objection."""
    try:
        expected = file._careful.read(numbers, text, missing=missing)
    except TableError:
        expected = None
    found = []
    with file._said():
        found.append(file._read_by_arrow(numbers, text, None, missing=missing))
        found.append(file._read_by_numpy(numbers, text, None))
    for each in found:
        if each is not None:
            assert expected is not None, file.source.path.read_bytes()
            assert each[0].tobytes() == expected[0].tobytes(), file.source.path.read_bytes()
            assert each[1] == expected[1], file.source.path.read_bytes()
    return sum(each is not None for each in found)


@pytest.mark.parametrize(
    "space",
    [
        "\x1c",
        "\x1d",
        "\x1e",
        "\x1f",
        "\x85",
        "\xa0",
        "\u1680",
        "\u2003",
        "\u2028",
        "\u2029",
        "\u3000",
    ],
)
@pytest.mark.parametrize("columns", [[0, 1, 2], [0, 1]])
def test_white_space_that_is_not_plain_stands_beside_no_number(
    space: str, columns: list[int]
) -> None:
    file = opened(f"1,2,3\n4,{space}5{space},6\n")
    with pytest.raises(TableError, match=r"line 2, column 2: .* is not a number"):
        file.read(columns, None)
    assert check(file, columns, None) == 0


def test_a_row_of_delimiters_alone_is_an_empty_row() -> None:
    for delimiter in ("\t", " "):
        file = opened(
            delimiter.join("12") + "\n" + delimiter + "\n3" + delimiter + "4\n",
            "tsv",
            delimiter=delimiter,
        )
        rows, _ = file.read([0, 1], None)
        assert np.isnan(rows).tolist() == [[False, False], [True, True], [False, False]]
        assert file.empty == [1]
        assert check(file, [0, 1], None) == 0


def test_a_mark_of_byte_order_inside_a_file_is_text() -> None:
    path = Path("t.csv")
    path.write_bytes("x,y\n\ufeff1,2\n".encode())
    file = CsvFile(Input(path, "t.csv", "csv"))
    with pytest.raises(TableError, match=r"line 2, column 1.*: .* is not a number"):
        file.read([0, 1], None)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_fast_reader_takes_the_careful_one_takes_too(seed: int) -> None:
    rng = random.Random(seed)
    pieces = [*'",\n\r1 \t\xa0\u2028\x1c\ufeff\x00e_+aé', '""', "\r\n", "\n\n", ""]
    pieces += ["-.5e3", "nan", "inf", "1e999", "0x1"]
    n_read = 0
    for _ in range(400):
        numbers = np.round(np.array([rng.uniform(-9, 9) for _ in range(24)]), 3).reshape(8, 3)
        rows = [
            f'{x},"{y}",{z}' if rng.random() < 0.3 else f"{x},{y},{z}"
            for x, y, z in numbers.tolist()
        ]
        text = "\n".join(rows) + "\n"
        for _ in range(rng.randrange(3)):
            at = rng.randrange(len(text) + 1)
            text = text[:at] + rng.choice(pieces) + text[at + rng.randrange(3) :]
        try:
            file = opened(text)
        except TableError:
            continue
        if file.width == 3:
            for columns, label in (([0, 1, 2], None), ([2, 0], 1)):
                for missing in (False, True):
                    n_read += check(file, columns, label, missing=missing)
    assert n_read > 300
