"""matplotlib is imported when a figure is drawn, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

import centra
from blobs import seed_page

pytestmark = pytest.mark.usefixtures("figures")


def test_importing_centra_does_not_import_matplotlib():
    code = (
        "import sys, centra, centra.plot, centra.tutorial; "
        "assert not any(m.partition('.')[0] == 'matplotlib' for m in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "draw",
    [
        centra.plot.clusters,
        centra.plot.iterations,
        centra.plot.animation,
        centra.plot.profiles,
        centra.plot.silhouette,
        lambda km, X: centra.plot.convergence(km),
        lambda km, X: centra.plot.overlap(km.report(X)),
        lambda km, X: centra.plot.margins(km.report(X)),
        lambda km, X: centra.plot.elbow({"k": [1], "inertia": [1.0]}),
        lambda km, X: centra.plot.criteria({"k": [1], "inertia": [1.0]}),
    ],
)
def test_without_matplotlib_the_error_says_what_to_install(draw, monkeypatch):
    X, km = seed_page()
    for name in [m for m in sys.modules if m.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Missing(), *sys.meta_path])
    with pytest.raises(ImportError, match=r'pip install "centra\[plot\]"'):
        draw(km, X)


class _Missing:
    """A finder that knows matplotlib to be absent."""

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
