"""Encodings that are told by the bytes of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from centra._tables.encoding import encoding_of, readable_as

Run = Callable[..., tuple[int, str, str]]
TABLE = "Größe\tx\n1\t2\n3\t4\n9\t9\n"


def told(path: Path, data: bytes, asked: str = "utf-8") -> str:
    path.write_bytes(data)
    return encoding_of(path, asked).name


@pytest.mark.parametrize("asked", ["utf-8", "cp1252", "shift_jis", "utf-16-be"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_wide_encodings_whatever_is_asked_for(run: Run, encoding: str, asked: str) -> None:
    Path("t.txt").write_bytes(TABLE.encode(encoding))
    if encoding == "utf-16-le" and asked == "utf-16-be":
        return  # what is asked for is a guess as good
    code, out, err = run("report", "t.txt", "-k", 2, "--encoding", asked)
    assert code == 0 and "columns: Größe, x" in out, err


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("größe,x\n1,2\n", "cp1252", "cp1252"),
        ("São,é,ü\n1,2,3\n", "cp1252", "cp1252"),
        ("Süd;West\nKöln;5\n", "cp1252", "cp1252"),
        ("€,“x”\n1,2\n", "cp1252", "cp1252"),
        ("名前,値\n東京,1\n大阪,2\n", "cp932", "cp932"),
        ("カタカナ,x\n1,2\n", "shift_jis", "cp932"),
        ("größe,x\n", "utf-8", "utf-8-sig"),
        ("名前,値\n", "utf-8", "utf-8-sig"),
        ("x,y\n1,2\n", "ascii", "utf-8-sig"),
    ],
)
def test_old_encodings(tmp_path: Path, text: str, encoding: str, expected: str) -> None:
    assert told(tmp_path / "t", text.encode(encoding)) == expected
    assert told(tmp_path / "t", text.encode(encoding), "latin-1") == "latin-1"


def test_plain_text_that_is_said_to_be_wide(tmp_path: Path) -> None:
    assert told(tmp_path / "t", b"x,y\n1,2\n", "utf-16") == "utf-8"


def test_a_byte_that_is_wrong_is_damage(fails: Callable[..., str]) -> None:
    Path("t.csv").write_bytes("größe,x\n1,2\n".encode() + b"\xff,3\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "m")
    assert "t.csv: not UTF-8 text (byte 0xff); say how it is written with --encoding" in line


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "cp1252"])
def test_advice_is_what_reads_the_file(run: Run, fails: Callable[..., str], encoding: str) -> None:
    text = "名前,x\n1,2\n3,4\n" if encoding == "cp932" else "größe,x\n1,2\n3,4\n"
    Path("t.csv").write_bytes(text.encode(encoding))
    line = fails("fit", "t.csv", "-k", 2, "-o", "m", "--encoding", "ascii")
    proposed = line.partition("for instance ")[2].partition(",")[0]
    assert proposed == readable_as(Path("t.csv")) == encoding
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--encoding", proposed)[0] == 0
