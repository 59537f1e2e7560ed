"""Which columns are clustered, which one labels and which one weighs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import centra
from centra._tables.columns import Choice, Wanted, choose
from centra._tables.inputs import TableError
from centra.cli.compare_labels import compare

Run = Callable[..., tuple[int, str, str]]
NAMES = ("id", "age", "income", "a,b", "3")


@pytest.mark.parametrize(
    ("wanted", "choice"),
    [
        (Wanted(), Choice((0, 1, 2, 3, 4))),
        (Wanted("income,age"), Choice((2, 1))),
        (Wanted(" age , income "), Choice((1, 2))),
        (Wanted("2,1"), Choice((1, 0))),
        (Wanted("3"), Choice((4,))),  # a name comes before a number
        (Wanted('"a,b",age'), Choice((3, 1))),
        (Wanted(label="id", weight="3"), Choice((1, 2, 3), 0, 4)),
        (Wanted(fitted=("income", "age")), Choice((2, 1))),
        (Wanted("id", fitted=("age",)), Choice((0,))),
    ],
)
def test_columns_are_found(wanted: Wanted, choice: Choice) -> None:
    assert choose("t", NAMES, 5, wanted) == choice


@pytest.mark.parametrize(
    ("names", "wanted", "message"),
    [
        (NAMES, Wanted("incme"), "there is no column 'incme'; did you mean 'income'?"),
        (("voltage", "x"), Wanted("age"), "there is no column 'age'; it has 'voltage', 'x'"),
        (NAMES, Wanted("AGE"), "there is no column 'AGE'; did you mean 'age'?"),
        (NAMES, Wanted("zzz"), "it has 'id', 'age', 'income', 'a,b', '3'"),
        (NAMES, Wanted("6"), "there is no column 6; it has 5, counted from 1"),
        (NAMES, Wanted("0"), "there is no column 0"),
        (NAMES, Wanted(""), "there is no column ''"),
        (NAMES, Wanted("age,2"), "--columns has column 2 ('age') twice"),
        (NAMES, Wanted("age", label="age"), "column 2 ('age') is in --columns and --label"),
        (NAMES, Wanted("age", weight="2"), "column 2 ('age') is in --columns and --weight"),
        (NAMES, Wanted(label="age", weight="age"), "cannot be --label and --weight at once"),
        (NAMES, Wanted(fitted=("2",)), "there is no column '2'"),
        (("x",), Wanted(label="x"), "no column is left to cluster by"),
        (None, Wanted("x"), "its columns have no names, so 'x' is none of them"),
    ],
)
def test_columns_that_are_not_there(names: object, wanted: Wanted, message: str) -> None:
    with pytest.raises(TableError) as caught:
        choose("t", names, 5 if names is None else len(names), wanted)
    assert message in str(caught.value)


def test_a_weight_counts_rows(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("x,n\n0,1\n4,3\n100,0\n")
    assert run("fit", "t.csv", "-k", 1, "-o", "m", "--weight", "n")[0] == 0
    assert centra.load("m").cluster_centers_.tolist() == [[3.0]]
    np.save("t.npy", np.array([[0.0, 1], [4, 3], [100, 0]]))
    assert run("fit", "t.npy", "-k", 1, "-o", "m", "--weight", 2)[0] == 0
    assert centra.load("m").cluster_centers_.tolist() == [[3.0]]
    assert "--memory allows 40; raise it" in fails(
        "fit", "t.npy", "-k", 1, "-o", "n", "--weight", 2, "--memory", "40"
    )
    Path("t.csv").write_text("x,n\n0,1\n\n4,-3\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "n", "--weight", "n")
    assert line.startswith("t.csv: line 4, column 2 ('n'): the weight -3 must be a number from 0")
    Path("t.csv").write_text("x,n\n0,0\n4,0\n")
    line = fails("fit", "t.csv", "-k", 1, "-o", "n", "--weight", "n")
    assert line == "t.csv: column 2 ('n'): all weights are 0; one at least must be larger"


def test_a_label_is_compared_with_the_clusters(run: Run, points: np.ndarray) -> None:
    kinds = ["low"] * 20 + ["mid"] * 20 + [""] * 5 + ["high"] * 15
    rows = [f"{x!r},{kind},{y!r}" for (x, y), kind in zip(points.tolist(), kinds, strict=True)]
    Path("t.csv").write_text("\n".join(["x,kind,y", *rows]) + "\n")
    code, out, err = run("fit", "t.csv", "-k", 3, "--label", "kind", "--seed", 1, "-o", "m")
    assert (code, err) == (0, "")
    assert list(centra.load("m").feature_names_in_) == ["x", "y"]
    head, *table = out.splitlines()[3:]
    assert head == (
        "compared with kind: adjusted Rand index 1.000 (55 rows, 5 without a label left out)"
    )
    assert table[0].split() == ["cluster", "low", "mid", "high"]
    assert sorted(line.split()[1:] for line in table[1:]) == [
        ["0", "0", "15"],
        ["0", "20", "0"],
        ["20", "0", "0"],
    ]


def test_many_labels_are_put_together() -> None:
    labels = [f"label {i % 30}" for i in range(300)]
    found = compare("kind", labels, np.arange(300) % 2, 2)
    assert sum(map(len, found.counts)) == 30
    head, names, *body = found.lines()
    assert "adjusted Rand index" in head
    assert names.endswith("23 others")
    assert [sum(map(int, line.split()[1:])) for line in body] == [150, 150]


def test_rows_that_nobody_labelled() -> None:
    found = compare("kind", ["", ""], np.array([0, 1]), 2)
    assert (found.n_compared, found.n_unlabelled, found.counts) == (0, 2, [{}, {}])
    assert np.isnan(found.rand)


def test_predict_takes_the_columns_of_the_fit(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text("id,x,y\nA,1,2\nB,3,4\nC,50,60\n")
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--seed", 1, "--columns", "x,y")[0] == 0
    Path("u.csv").write_text("y,note,x\n2,hello,1\n60,bye,50\n")
    assert run("predict", "m", "u.csv", "-o", "l.csv")[0] == 0
    labels = centra.load("m").labels_.tolist()
    assert Path("l.csv").read_text().split() == ["cluster", str(labels[0]), str(labels[2])]
    np.save("t.npy", np.array([[7.0, 1, 2]]))
    line = fails("predict", "m", "t.npy", "-o", "l.npy")
    assert line == (
        "t.npy: 3 columns, but m was fitted on 2; give the columns of the fit with --columns"
    )
    assert run("predict", "m", "t.npy", "-o", "l.npy", "--columns", "2,3")[0] == 0


def test_a_column_that_counts_the_rows_is_warned_of_if_it_is_named(run: Run) -> None:
    rows = "".join(f"{i},{i * i % 7}\n" for i in range(20))
    Path("t.csv").write_text("id,x\n" + rows)
    code, _, err = run("fit", "t.csv", "-k", 2, "-o", "m", "--columns", "id,x")
    assert code == 0
    assert err == (
        "centra: warning: t.csv: Column id (a running number) looks like an identifier of the "
        "rows: leave it out with --columns x, unless its order means something\n"
    )
    assert run("fit", "t.csv", "-k", 2, "-o", "m", "--columns", "x")[::2] == (0, "")


def test_columns_are_left_out_by_name(run: Run, fails: Callable[..., str]) -> None:
    Path("t.csv").write_text('id,"a, b",x,city\n7,1,2,Bern\n1,3,4,Oslo\n9,50,60,Ulm\n')
    assert "columns: a, b, x\n" in run("fit", "t.csv", "-k", 1, "-o", "m", "--exclude", "id,4")[1]
    assert "columns: x\n" in run("fit", "t.csv", "-k", 1, "-o", "m", "--exclude", '1,"a, b",4')[1]
    assert "columns: a, b\n" in run("fit", "t.csv", "-k", 1, "-o", "m", "--columns", "a, b")[1]
    line = fails("fit", "t.csv", "-k", 1, "-o", "n", "--columns", "x", "--exclude", "x")
    assert line == "t.csv: column 3 ('x') is in --columns and --exclude; leave it out of one"
    assert "there is no column 'y'; it has" in fails("fit", "t.csv", "-o", "n", "--exclude", "y")


def test_many_columns_are_not_all_listed(run: Run) -> None:
    np.save("t.npy", np.arange(40.0).reshape(2, 20))
    out = run("fit", "t.npy", "-k", 1, "-o", "m")[1]
    assert out.splitlines()[1] == f"columns: {', '.join(map(str, range(1, 13)))} and 8 more columns"
