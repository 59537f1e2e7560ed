"""Tables as other packages ship them: a page at the first try, with no option but the file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("plotly", reason='a page needs the extra: pip install "centra[page]"')

Run = Callable[..., tuple[int, str, str]]

REAL = Path(__file__).with_name("real")
FILES = sorted(path for path in REAL.iterdir() if path.name != "README.md")
#: Tables of our own, of shapes that packages do not ship.
OWN = {
    "excel_sep.csv": "sep=;\nKunde;Alter;Umsatz\nA;45,0;4.944,88\nB;48,9;5.201,34\nC;61,9;8.622\n",
    "excel_de.csv": "\ufeffKunde;Alter;Umsatz\nA;45,0;4.944,88\nB;48,9;5.201,34\nC;61,9;8.622,20\n",
    "title.csv": "Sales report 2024\n\nname,age,revenue\nA,45.0,4944.9\nB,48.9,5201.3\nC,62,8622\n",
    "blank.csv": "name,age,,revenue,,\nA,45.0,,4944.9,,\nB,48.9,,5201.3,,\nC,61.9,,8622.2,,\n",
    "us.csv": 'name,age,revenue\nA,45,"4,944.88"\nB,48.9,"5,201.34"\nC,61.9,"8,622.20"\n',
    "dup.csv": "x,x,y\n45.0,4944.9,4989.9\n48.9,5201.3,5250.2\n61.9,8622.2,8684.1\n",
}


def check_page_of(run: Run, name: str, *more: object) -> None:
    code, _, err = run("report", name, "-o", "page.html", *more)
    assert code == 0, err
    assert Path("page.html").stat().st_size > 10_000


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_page_of_a_number_of_clusters(run: Run, path: Path) -> None:
    shutil.copy(path, path.name)
    check_page_of(run, path.name, "-k", 2)


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_page_at_the_first_try(run: Run, path: Path) -> None:
    shutil.copy(path, path.name)
    check_page_of(run, path.name)


def test_that_there_are_enough() -> None:
    assert len(FILES) >= 30
    listed = (REAL / "README.md").read_text(encoding="utf-8")
    for path in FILES:
        assert f"`{path.name}`" in listed
        assert path.stat().st_size < 30_000


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_a_table_of_another_shape(run: Run, name: str) -> None:
    Path(name).write_text(OWN[name], encoding="utf-8")
    check_page_of(run, name, "-k", 2)
