"""What is said of a file that is refused: a line for each thing that is wrong, and what would do.

A remedy is a set of options to add to the command. The command line writes the whole command from
it; a test runs what it writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from centra._tables.inputs import TableError

__all__ = ["Refusal", "Remedy"]

#: Options and their values; None for an option that takes none.
Remedy = Mapping[str, "str | None"]
#: Lines that are said of one file.
_MOST = 8


class Refusal(TableError):
    r"""A file in which several things may be wrong.

    Parameters
    ----------
    lines : sequence of str
        One for each thing that is wrong.
    remedies : sequence of Remedy, optional
        Options with which the file may be read, the best first.
    is_choice : bool, default=False
        Whether the remedies mean different things, so that all are said.
    texts : collection of int, optional
        Positions of columns that turned out to hold text.

    Examples
    --------
    >>> error = Refusal(["a.csv: no", "a.csv: nor that"], [{"--columns": "x"}])
    >>> str(error), error.remedies
    ('a.csv: no\na.csv: nor that', [{'--columns': 'x'}])
    """

    def __init__(
        self,
        lines: Sequence[str],
        remedies: Sequence[Remedy] = (),
        texts: Collection[int] = (),
        *,
        is_choice: bool = False,
    ) -> None:
        shown = list(lines[:_MOST])
        if len(lines) > _MOST:
            shown[-1] = (
                f"{shown[-1].partition(': ')[0]}: and {len(lines) - _MOST + 1} more like these"
            )
        super().__init__("\n".join(shown))
        self.remedies, self.texts = list(remedies), frozenset(texts)
        self.is_choice = is_choice

    @property
    def lines(self) -> list[str]:
        """What is wrong, a line each; callers may have added to the last."""
        return str(self).split("\n")
