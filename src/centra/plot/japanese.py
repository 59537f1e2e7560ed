"""Japanese text, where the extra ``ja`` (matplotlib-fontja) is installed.

matplotlib-fontja switches the font of everything, Latin letters too, as soon as it is imported.
So it is not imported here: its font file is found beside its code and handed to matplotlib under
its own name, as the font to turn to for what the current fonts lack. Figures without Japanese text
stay as they were.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.text import Text

__all__ = ["lend_font", "use_japanese"]


def use_japanese() -> None:
    """Let matplotlib fall back on a Japanese font, in every figure made from now on.

    The figures of `centra.plot` do so by themselves for their titles and labels; call this for
    text that you add elsewhere. Characters that the present fonts have keep their look. The
    setting is matplotlib's ``rcParams["font.family"]``, to which one name is appended, so an
    enclosing ``matplotlib.rc_context()`` undoes it. A second call changes nothing.

    Raises
    ------
    ImportError
        matplotlib or matplotlib-fontja is not installed.

    Examples
    --------
    >>> import matplotlib
    >>> from centra.plot import use_japanese
    >>> with matplotlib.rc_context():
    ...     use_japanese()
    ...     matplotlib.rcParams["font.family"]
    ['sans-serif', 'IPAexGothic']
    """
    from centra._utils.optional import pyplot

    pyplot()
    name = _font_name()
    if name is None:
        raise ImportError(
            'Japanese text needs matplotlib-fontja, which is missing: pip install "centra[ja]"',
            name="matplotlib_fontja",
        )
    import matplotlib

    families = _families(matplotlib.rcParams["font.family"])
    if name not in families:
        matplotlib.rcParams["font.family"] = [*families, name]


def lend_font(texts: Iterable[Text]) -> None:
    """Let these texts fall back on the Japanese font; nothing happens where it is not installed.

    Parameters
    ----------
    texts : iterable of matplotlib.text.Text
        Titles and labels, whatever they say now: their words may be changed later.
    """
    name = _font_name()
    if name is None:
        return
    for text in texts:
        families = _families(text.get_fontfamily())
        if name not in families:
            text.set_fontfamily([*families, name])


def _families(families: str | list[str]) -> list[str]:
    return [families] if isinstance(families, str) else list(families)


def _font_name() -> str | None:
    """Make the font known to matplotlib, once, and give its name; None where it is missing."""
    file = _font_file()
    if file is None:
        return None
    from matplotlib import font_manager

    known = font_manager.fontManager.ttflist
    for entry in known:
        if entry.fname == str(file):
            return entry.name
    font_manager.fontManager.addfont(file)
    return known[-1].name


def _font_file() -> Path | None:
    spec = importlib.util.find_spec(
        "matplotlib_fontja"
    )  # finds a top-level package, runs none of it
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        for file in sorted(Path(folder).rglob("*.ttf")):
            return file
    return None
