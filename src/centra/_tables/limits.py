"""How large a file may become when it is unpacked: a few kilobytes can be made to fill a disk."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CELLS", "PACKED", "WORKBOOK", "Limit"]


@dataclass(frozen=True)
class Limit:
    """Bytes that a packed file may become.

    Attributes
    ----------
    most : int
        Any file.
    ratio : int
        A larger one, in times its own size. A real table never does.
    """

    most: int
    ratio: int

    def of(self, size: int) -> int:
        """Return how many bytes a file of a size may become.

        Examples
        --------
        >>> Limit(1000, 50).of(10), Limit(1000, 50).of(100)
        (1000, 5000)
        """
        return max(self.most, self.ratio * size)


#: A file in .gz or .zip, which is written to the disk, and the texts of a workbook, which are held.
PACKED, WORKBOOK = Limit(1 << 30, 100), Limit(1 << 28, 50)
#: Cells of a sheet, empty ones between others among them.
CELLS = 100_000_000
