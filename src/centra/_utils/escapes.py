r"""Text made safe for the place that it goes to: HTML, a script, a terminal, a figure.

Names of columns, labels, file names and what a model file says come from somebody else. They are
data wherever they are shown, so every view passes them through one of these four functions, and
through no other.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from html import escape
from typing import Any

__all__ = [
    "Markup",
    "encodable",
    "for_figure",
    "for_html",
    "for_script",
    "for_terminal",
    "html_table",
    "short",
]

# Control characters have no meaning in HTML, and halves of surrogate pairs (which stand for bytes
# of file names that are not UTF-8) cannot be encoded.
_NOT_HTML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Within a script, "</script" ends it, "<!--" changes how it is read, and old engines take U+2028
# and U+2029 for line ends within a string. In JSON each has an escape.
_NOT_SCRIPT = re.compile("[<>&\u2028\u2029]")


class Markup(str):
    """HTML that centra has written, which is not escaped again."""

    __slots__ = ()


def for_html(text: object) -> Markup:
    r"""Escape a text for HTML: between tags, or in an attribute within quotes.

    Parameters
    ----------
    text : object
        What to show, as `str` gives it. `Markup` stays as it is.

    Returns
    -------
    html : Markup

    Examples
    --------
    >>> for_html('<b title="x">')
    '&lt;b title=&quot;x&quot;&gt;'
    >>> for_html(Markup("<b>1</b>"))
    '<b>1</b>'
    """
    if isinstance(text, Markup):
        return text
    return Markup(escape(_NOT_HTML.sub("\N{REPLACEMENT CHARACTER}", str(text)), quote=True))


def for_script(value: Any) -> str:
    r"""Write a value as JSON that may stand in a ``<script>`` of an HTML page.

    Parameters
    ----------
    value : object
        A value that JSON has; NaN and infinity are none.

    Returns
    -------
    json : str
        ASCII, without any character that could end the script.

    Examples
    --------
    >>> print(for_script(["</script>", "\u2028"]))
    ["\u003c/script\u003e","\u2028"]
    """
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return _NOT_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def for_terminal(text: object, most: int | None = None) -> str:
    r"""Escape what would move a terminal's cursor or colour its text, line feeds too.

    Parameters
    ----------
    text : object
        What to show, as `str` gives it.
    most : int, optional
        Characters that may remain; a longer text ends in "...".

    Returns
    -------
    line : str
        Printable characters only, on one line.

    Examples
    --------
    >>> print(for_terminal("red: \x1b[31m, two\nlines"))
    red: \x1b[31m, two\nlines
    >>> print(for_terminal("caf\udce9.csv"))
    caf\xe9.csv
    >>> for_terminal("income_before_taxes", 9)
    'income...'
    """
    line = str(text)
    if most is not None and len(line) > most:
        line = line[: most + 1]  # escapes only lengthen it: the rest is not looked at
    line = line if line.isprintable() else "".join(map(_shown, line))
    return line if most is None or len(line) <= most else line[: most - 3] + "..."


def for_figure(text: object) -> str:
    r"""Escape a text for matplotlib, which takes what stands between two "$" for a formula.

    Control characters are written as on a terminal: fonts have no letters for them, and an SVG file
    that has any cannot be read.

    Parameters
    ----------
    text : object
        What to show, as `str` gives it.

    Returns
    -------
    text : str

    Examples
    --------
    >>> print(for_figure("US$ and $_x"))
    US\$ and \$_x
    """
    return for_terminal(text).replace("$", r"\$")


def _shown(char: str) -> str:
    if char.isprintable() or unicodedata.category(char) == "Zs":  # spaces of other scripts
        return char
    if "\udc80" <= char <= "\udcff":  # a byte of a file's name that is not UTF-8
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def encodable(text: str) -> str:
    r"""Write bytes of a file's name that are not UTF-8 as ``\xe9``; all else stays.

    Parameters
    ----------
    text : str
        A text that may have halves of surrogate pairs, by which Python stands for such bytes.

    Returns
    -------
    text : str
        What UTF-8, and every reader of JSON, can take.

    Examples
    --------
    >>> encodable("caf\udce9.csv\n")
    'caf\\xe9.csv\n'
    """
    if text.isascii():
        return text
    return "".join(_shown(char) if "\ud800" <= char <= "\udfff" else char for char in text)


def html_table(heads: Iterable[object], body: Iterable[Iterable[object]]) -> Markup:
    """Write a table for a notebook; cells are escaped, but for `Markup`.

    Examples
    --------
    >>> html_table(["k"], [["<2"]])
    '<table><thead><tr><th>k</th></tr></thead><tbody><tr><td>&lt;2</td></tr></tbody></table>'
    """
    head = "".join(f"<th>{for_html(cell)}</th>" for cell in heads)
    lines = ("".join(f"<td>{for_html(cell)}</td>" for cell in row) for row in body)
    rows = "".join(f"<tr>{line}</tr>" for line in lines)
    return Markup(f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>")


def short(text: str, wide: int = 24) -> str:
    """Cut a text from a file short, without what would move a terminal's cursor."""
    return for_terminal(text, wide)
