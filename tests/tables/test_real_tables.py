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
#: Tables that are worth an option: none of the others may need one.
NOT_AT_FIRST: set[str] = set()

#: Tables of our own, of shapes that packages do not ship.
OWN = {
    "excel_sep.csv": "sep=;\nKunde;Alter;Umsatz\nA;45,0;4.944,88\nB;48,9;5.201,34\nC;61,9;8.622\n",
    "excel_de.csv": "\ufeffKunde;Alter;Umsatz\nA;45,0;4.944,88\nB;48,9;5.201,34\nC;61,9;8.622,20\n",
    "title.csv": "Sales report 2024\n\nname,age,revenue\nA,45.0,4944.9\nB,48.9,5201.3\nC,62,8622\n",
    "blank.csv": "name,age,,revenue,,\nA,45.0,,4944.9,,\nB,48.9,,5201.3,,\nC,61.9,,8622.2,,\n",
    "us.csv": 'name,age,revenue\nA,45,"4,944.88"\nB,48.9,"5,201.34"\nC,61.9,"8,622.20"\n',
    "dup.csv": "x,x,y\n45.0,4944.9,4989.9\n48.9,5201.3,5250.2\n61.9,8622.2,8684.1\n",
}


def page_of(run: Run, name: str) -> tuple[int, str]:
    code, _, err = run("report", name, "-o", "page.html", "-k", 2)
    return code, err


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_page_at_the_first_try(run: Run, path: Path) -> None:
    shutil.copy(path, path.name)
    code, err = page_of(run, path.name)
    if path.name in NOT_AT_FIRST:
        assert code == 1
        return
    assert code == 0, err
    assert Path("page.html").stat().st_size > 10_000


def test_that_there_are_enough() -> None:
    assert len(FILES) >= 30
    assert len(NOT_AT_FIRST) <= 2
    listed = (REAL / "README.md").read_text(encoding="utf-8")
    for path in FILES:
        assert f"`{path.name}`" in listed
        assert path.stat().st_size < 30_000


@pytest.mark.parametrize("name", OWN)
def test_a_page_of_a_table_of_another_shape(run: Run, name: str) -> None:
    Path(name).write_text(OWN[name], encoding="utf-8")
    code, err = page_of(run, name)
    assert code == 0, err
