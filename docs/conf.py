"""How the site is built: `make docs`, from the pages in this folder, into ``docs/_build/html``.

Pages with code cells are run as the site is built, and a cell that fails fails the build. Nothing
is fetched from a network, neither while the site is built nor when it is read.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from sphinx.addnodes import pending_xref

import centra

HERE = Path(__file__).parent
#: Where the page on the command line works.
EXAMPLE = HERE / "_build/example"
# The command `centra` of this Python, whoever runs it.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

#: Lines of the README's table of times that the front page shows: what to call them, and which.
SHOWN = (
    ("places on a coast", "coast_europe", "100", "float64"),
    ("colours of a photograph", "pixels of china.jpg", "64", "float64"),
    ("land cover", "covtype10", "100", "float32"),
    ("word vectors", "glove_50", "1,000", "float32"),
)

project = "centra"
author = "the authors of centra"
copyright = author
version = release = centra.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinxcontrib.programoutput",
]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

html_theme = "furo"
html_title = f"centra {version}"
html_static_path = ["_static"]
html_css_files = ["centra.css"]
html_show_sphinx = False
html_copy_source = False

myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "attrs_inline", "substitution"]

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
os.environ["TQDM_DISABLE"] = "1"  # a progress bar that has ended is no picture

autodoc_member_order = "bysource"
add_module_names = False  # titles of pages have them, without private modules
autodoc_typehints = "none"  # numpydoc's words say more
napoleon_use_rtype = False
# A page for every object, from `_templates/autosummary`, written into `docs/reference/generated`.
autosummary_generate_overwrite = True
#: What pages on classes list besides the class; the rest is scikit-learn's or no one's to call.
autosummary_context = {
    "members": {
        "KMeans": "fit, predict, fit_predict, transform, fit_transform, score, report, save, "
        "relabel, to_sklearn",
        "Sweep": "ks, criteria, table, best",
        "Report": "clusters, summary, verdict",
        "Record": "labels",
        "Overlap": "ambiguous",
        "Source": "shape, dtype, blocks, take",
        "Film": "save, html, gif",
    }
}


def measured(readme: str) -> list[dict[str, str]]:
    """Read the table of times in the README: a mapping of column to cell for every line."""
    table = re.search(r"<!-- bench:begin -->\n(.*?)\n\n", readme, re.DOTALL)
    heads, _, *body = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()
    )
    return [dict(zip(heads, line, strict=True)) for line in body]


def times_faster(lines: list[dict[str, str]]) -> str:
    """Write the table of the front page: a few lines of the README's, in plain words."""
    said = ["| | centra | scikit-learn | times faster |", "|---|---:|---:|---:|"]
    for words, *which in SHOWN:
        line = _line(lines, *which)
        what = f"{words}: {line['rows x columns']}, k = {line['k']}"
        times = f"**{_ratio(line):.1f}**"
        said.append(f"| {what} | {line['centra']} | {line['scikit-learn']} | {times} |")
    return "\n".join(said)


def _line(lines: list[dict[str, str]], data: str, k: str, dtype: str) -> dict[str, str]:
    (found,) = (
        line
        for line in lines
        if (line["data"], line["k"], line["dtype"], line["iterations"]) == (data, k, dtype, "25")
    )
    return found


def _ratio(line: dict[str, str]) -> float:
    return _seconds(line["scikit-learn"]) / _seconds(line["centra"])


def _seconds(text: str) -> float:
    number, unit = text.split()
    return float(number) * {"s": 1.0, "ms": 1e-3}[unit]


TIMES = measured((HERE.parent / "README.md").read_text(encoding="utf-8"))
myst_substitutions = {
    "times_faster": times_faster(TIMES),
    "faster_on_a_coast": f"{_ratio(_line(TIMES, *SHOWN[0][1:])):.0f}",
}


def make_the_example(app: Any) -> None:
    """Write the table that the page on the command line works with, by that page's own code."""
    page = (HERE / "guide/command-line.md").read_text(encoding="utf-8")
    code = re.search(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    EXAMPLE.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", code[1]], cwd=EXAMPLE, check=True)


def write_a_report(app: Any, error: Exception | None) -> None:
    """Put a report beside the page that frames it."""
    if error is not None or app.builder.format != "html":
        return
    options = ["-k", "2:6", "--label", "target", "--standardize", "--seed", "0"]
    page = Path(app.outdir) / "guide/wine.html"
    command = ["centra", "report", "wine.csv", *options, "-o", page]
    subprocess.run(command, cwd=EXAMPLE, check=True, capture_output=True)


def unlink_shapes(app: Any, tree: Any) -> None:
    """Keep "ndarray of shape (n,)" from becoming a link to `Source.shape`."""
    for node in list(tree.findall(pending_xref)):
        if node["reftarget"] == "shape":
            node.replace_self(node.children)


def setup(app: Any) -> None:
    """Tell Sphinx what comes on top."""
    app.connect("builder-inited", make_the_example)
    app.connect("doctree-read", unlink_shapes)
    app.connect("build-finished", write_a_report)
