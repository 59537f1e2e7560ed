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

project = "centra"
author = "the authors of centra"
copyright = author
version = release = centra.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinxcontrib.programoutput",
]
exclude_patterns = ["_build"]

html_theme = "furo"
html_title = f"centra {version}"
html_static_path = ["_static"]
html_css_files = ["centra.css"]
html_show_sphinx = False
html_copy_source = False

myst_heading_anchors = 3

nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
os.environ["TQDM_DISABLE"] = "1"  # a progress bar that has ended is no picture

autodoc_member_order = "bysource"
autodoc_typehints = "none"  # numpydoc's words say more
napoleon_use_rtype = False


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
