"""The command that would work: it is written for a shell, and works."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from centra.cli.remedies import command

Run = Callable[..., tuple[int, str, str]]


def test_options_are_replaced() -> None:
    remedy = {"--columns": "x,y", "--drop-missing": None}
    for given in (
        ["fit", "t.csv", "--columns", "id", "-k", "2"],
        ["fit", "t.csv", "--drop-missing", "--columns=id", "-k", "2"],
        ["fit", "t.csv", "-k", "2"],
    ):
        found = command(given, remedy)
        assert found == "centra fit t.csv -k 2 --columns x,y --drop-missing"
    assert shlex.split(command(["fit", "$a b.csv"], {"--missing": "'"}))[2:] == [
        "$a b.csv",
        "--missing",
        "'",
    ]


def test_all_that_is_wrong_is_said_with_a_command(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("id,city,x,y\n1,Bern,3,1\n2,Oslo,,2\n3,Ulm,7,oops\n4,Rom,9,8\n")
    lines = fails("fit", "t.csv", "-k", 2, "-o", "m", "--columns", "city,x,y").splitlines()
    assert [line.split(": ")[1] for line in lines] == [
        "line 2, column 2 ('city')",
        "line 3, column 3 ('x')",
        "line 4, column 4 ('y')",
    ]
    _, _, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--columns", "city,x,y")
    assert err.splitlines()[-1] == (
        "centra: try: centra fit t.csv -k 2 -o m --columns x --drop-missing"
    )


@pytest.mark.parametrize(
    ("text", "arguments", "advice"),
    [
        ("a;b\n1,234;5\n2,345;6\n", (), ["--thousands ,", "--decimal ,"]),
        ("ann,1\nbob,2\n", (), ["--header", "--no-header"]),
        ("x,y\n1,2\n,3\n4,5\n", (), ["--drop-missing"]),
        ("x,y\n1,2\n3,4\n" * 1 + "5,oops\n" + "6,7\n" * 20, (), ["--missing oops --drop-missing"]),
        ("x,x,y\n1,2,3\n4,5,7\n", (), ["--columns 1,3"]),
        ("a;b\n1;2\n3;5\n", ("--delimiter", ","), ["--delimiter ';'"]),
        ("who,x,y\na,1,2\nb,3,5\n", ("--exclude", "y"), ["--columns x"]),
        ("a,b\nx,y\nz,w\n", (), []),
    ],
)
def test_what_is_proposed(
    run: Run, fails: Callable[..., str], text: str, arguments: tuple[str, ...], advice: list[str]
) -> None:
    Path("t.csv").write_text(text)
    fails("fit", "t.csv", "-k", 1, "-o", "m", *arguments)  # which runs the commands
    _, _, err = run("fit", "t.csv", "-k", 1, "-o", "m", *arguments)
    found = [line.partition(": centra ")[2] for line in err.splitlines() if ": centra " in line]
    assert len(found) == len(advice), err
    for each, option in zip(found, advice, strict=True):
        assert each.endswith(option)
