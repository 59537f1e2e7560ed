"""What --memory allows: what needs more stays on the disk, or is refused with what would do."""

from __future__ import annotations

from collections.abc import Sequence

from centra._tables.errors import TableError

__all__ = ["TooLarge", "as_size", "check_room", "place_of"]


class TooLarge(TableError):
    """More memory would be needed than --memory allows.

    Parameters
    ----------
    text : str
        What is said.
    needed : int
        How many bytes would do.
    """

    def __init__(self, text: str, needed: int) -> None:
        super().__init__(text)
        self.remedies = [{"--memory": as_size(needed)}]


def check_room(file: str, what: str, needed: int, budget: int) -> None:
    """Refuse what needs more memory than there is.

    Parameters
    ----------
    file, what : str
        The file, and what of it would be in memory, for the message.
    needed, budget : int
        Bytes.

    Raises
    ------
    TooLarge
        It does not fit.
    """
    if needed > budget:
        raise TooLarge(
            f"{file}: {what} take {needed:,} bytes of memory, and --memory allows {budget:,}; "
            "raise it",
            needed,
        )


def place_of(row: int, files: Sequence[str], counts: Sequence[int]) -> tuple[str, int]:
    """Say in which file a row of several is, and where; without a name if there is one file.

    Examples
    --------
    >>> place_of(5, ["a", "b"], [3, 9]), place_of(5, ["a"], [9])
    (('b', 2), ('', 5))
    """
    if len(files) == 1:
        return "", row
    for file, count in zip(files, counts, strict=True):
        if row < count:
            return file, row
        row -= count
    raise IndexError(row)


def as_size(needed: int) -> str:
    """Write at least so many bytes as --memory takes them.

    Examples
    --------
    >>> as_size(960), as_size(1_234_567), as_size(12_345_678_901)
    ('960B', '1235KB', '12346MB')
    """
    for unit, size in (("MB", 10**6), ("KB", 10**3)):
        if needed >= 1000 * size:
            return f"{-(-needed // size)}{unit}"
    return f"{needed}B"
