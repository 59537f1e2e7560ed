"""The tutorial: its code runs, and the committed page and figures are what it gives."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import numpy as np
import pytest

from centra import tutorial
from centra._utils import atomic_write
from centra.tutorial import page, runner

matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")

COMMITTED = Path(__file__).parents[2] / "docs" / "tutorial"


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> list[Path]:
    return tutorial.write(tmp_path_factory.mktemp("tutorial") / "new" / "folder")


def test_the_committed_page_is_what_its_code_gives(written):
    fresh = written[-1].read_text(encoding="utf-8")
    committed = (COMMITTED / tutorial.PAGE).read_text(encoding="utf-8")
    assert committed == fresh, "run: centra tutorial docs/tutorial"


def test_the_committed_figures_are_what_the_code_gives(written):
    from matplotlib.image import imread

    for path in written[:-1]:
        fresh, committed = (imread(p) for p in (path, COMMITTED / path.name))
        # Another matplotlib or FreeType places letters a little differently; a point in another
        # colour or place shows up all the same.
        assert fresh.shape == committed.shape, "run: centra tutorial docs/tutorial"
        assert np.abs(fresh - committed).mean() < 0.01, "run: centra tutorial docs/tutorial"


def test_nothing_else_lies_in_the_committed_folder(written):
    assert {p.name for p in COMMITTED.iterdir()} == {p.name for p in written}


def test_every_figure_that_is_saved_is_shown(written):
    text = tutorial.template_text()
    saved = re.findall(r'savefig\("([^"]+)"', text)
    assert saved == page.figures(text) == [p.name for p in written[:-1]]
    assert len(saved) == len(set(saved))


def test_a_reader_who_types_the_page_gets_the_same(tmp_path, monkeypatch):
    """Run the blocks of the committed page itself, with nothing of the generator."""
    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    text = (COMMITTED / tutorial.PAGE).read_text(encoding="utf-8")
    code = "\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    shown = "".join(re.findall(r"```text\n(.*?)```", text, re.DOTALL))
    monkeypatch.chdir(tmp_path)
    printed: list[str] = []

    def remember(*words: object) -> None:
        printed.append(" ".join(map(str, words)))

    with matplotlib.rc_context():
        exec(compile(code, "k-means.md", "exec"), {"print": remember})
    plt.close("all")
    assert "\n".join(printed) + "\n" == shown
    assert {p.name for p in tmp_path.iterdir()} == set(page.figures(text))


def test_the_seed_pages_parameters_are_there():
    text = tutorial.template_text()
    for parameter in (
        "n_samples=1000, random_state=117117, cluster_std=1.5, centers=8",
        "X[X[:, 1] < -8][:n_clusters]",
        "init=init, max_iter=max_iter, n_init=1, random_state=1",
        "cluster_std = (i + 1) * 1.5",
        'KMeans(n_clusters=2, random_state=117117, init="random")',
        "n_samples=1000, random_state=117117, cluster_std=1, centers=5",
        "n_clusters = (i + 1) * 2",
        'KMeans(n_clusters=n_clusters, random_state=117117, init="random")',
    ):
        assert parameter in text


def test_sources_are_cited():
    text = tutorial.template_text()
    for source in ("S. P. Lloyd", "J. MacQueen", "D. Arthur and S. Vassilvitskii"):
        assert source in text


def test_the_callers_matplotlib_is_left_alone(written, tmp_path):
    import matplotlib.pyplot as plt

    with matplotlib.rc_context({"savefig.dpi": 37, "font.size": 3}):
        before = (matplotlib.get_backend(), dict(matplotlib.rcParams), plt.get_fignums())
        again = tutorial.write(tmp_path)
        assert (matplotlib.get_backend(), dict(matplotlib.rcParams), plt.get_fignums()) == before
    for a, b in zip(written, again, strict=True):
        assert a.read_bytes() == b.read_bytes(), "settings of the caller must not reach the figures"


def test_a_full_disk_leaves_no_half_file_and_no_page(tmp_path, monkeypatch):
    monkeypatch.setattr(tutorial, "run", lambda sources, folder: _sketch(sources, folder))
    calls = 0

    def fsync(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls > 4:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic_write.os, "fsync", fsync)
    with pytest.raises(OSError, match="No space left"):
        tutorial.write(tmp_path)
    left = {p.name for p in tmp_path.iterdir()}
    assert left < set(page.figures(tutorial.template_text()))
    assert all(p.read_bytes() == b"figure" for p in tmp_path.iterdir())


def _sketch(sources: list[str], folder: Path) -> list[str]:
    for name in page.figures(tutorial.template_text()):
        (folder / name).write_bytes(b"figure")
    return ["" for _ in sources]


def test_a_file_in_the_place_of_the_folder(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(NotADirectoryError, match="a folder is needed"):
        tutorial.write(tmp_path / "file")
    assert (tmp_path / "file").read_text() == "mine"


def test_code_that_fails_is_named(tmp_path):
    with pytest.raises(RuntimeError, match=r"(?s)block 2 of the tutorial.*ZeroDivisionError"):
        runner.run(["x = 0\n", "1 / x\n"], tmp_path)


def test_blocks_share_one_namespace_and_output_goes_under_its_own_block(tmp_path):
    fence = "`" * 3
    text = f"a\n{fence}python\nx = 1\n{fence}\nb\n{fence}python\nprint(x + 1, '分')\n{fence}\nc\n"
    outputs = runner.run(page.blocks(text), tmp_path)
    assert outputs == ["", "2 分\n"]
    shown = page.assemble(text, outputs)
    assert shown.endswith(f"print(x + 1, '分')\n{fence}\n\n{fence}text\n2 分\n{fence}\nc\n")
