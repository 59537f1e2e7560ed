"""A page in Markdown whose Python is run and whose output is not typed by hand.

The page is an ordinary Markdown file. Its blocks that begin with ```` ```python ```` are a program,
cut into pieces. What a piece prints is put under it, in a block of its own, and an image that the
page shows must be a file that one of the pieces has saved. So the text can quote no number and show
no figure that the code does not give.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["assemble", "blocks", "figures"]

_BLOCK = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
_IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")


def blocks(page: str) -> list[str]:
    r"""List the pieces of Python on a page, in order.

    Parameters
    ----------
    page : str
        Text of the page.

    Returns
    -------
    sources : list of str
        One per block.

    Examples
    --------
    >>> from centra.tutorial.page import blocks
    >>> fence = "`" * 3
    >>> blocks(f"# Sums\n\n{fence}python\nprint(1 + 1)\n{fence}\n")
    ['print(1 + 1)\n']
    """
    return _BLOCK.findall(page)


def figures(page: str) -> list[str]:
    """List the names of the image files that a page shows, in order.

    Parameters
    ----------
    page : str
        Text of the page.

    Returns
    -------
    names : list of str
        File names, relative to the page.
    """
    return _IMAGE.findall(page)


def assemble(page: str, outputs: Sequence[str]) -> str:
    r"""Put under each piece of Python what it has printed.

    Parameters
    ----------
    page : str
        Text of the page, without any output.
    outputs : sequence of str
        What each block printed; an empty text leaves no trace.

    Returns
    -------
    page : str
        The page for readers.

    Examples
    --------
    >>> from centra.tutorial.page import assemble
    >>> fence = "`" * 3
    >>> page = assemble(f"{fence}python\nprint(1 + 1)\n{fence}\n", ["2\n"])
    >>> print(page.replace(fence, "~~~").rstrip())
    ~~~python
    print(1 + 1)
    ~~~
    <BLANKLINE>
    ~~~text
    2
    ~~~
    """
    pending = iter(outputs)

    def with_output(block: re.Match[str]) -> str:
        output = next(pending)
        return block[0] + (f"\n```text\n{output.rstrip()}\n```\n" if output.strip() else "")

    return _BLOCK.sub(with_output, page)
