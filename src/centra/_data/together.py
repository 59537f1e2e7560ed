"""Several passes in one reading of the rows.

In this process only: what a pass does to states elsewhere is repeated by its own effect
(`centra._data.journal`), which several passes do not have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from centra._data.block_state import BlockState
from centra._data.executor import Partition
from centra.sources import Block


@dataclass(frozen=True)
class Together:
    """Several passes in one reading of the rows.

    Where rows are read from a disk, that costs more than what is done with them.
    """

    passes: tuple[Any, ...]

    def begin(self, partition: Partition) -> Together:
        """Make every pass ready."""
        begun = [getattr(work, "begin", None) for work in self.passes]
        return Together(
            tuple(
                work if begin is None else begin(partition)
                for work, begin in zip(self.passes, begun, strict=True)
            )
        )

    def run(self, block: Block, state: BlockState) -> Parts:
        """Run every pass over the block, one after the other."""
        return Parts(tuple(work.run(block, state) for work in self.passes))


@dataclass(frozen=True)
class Parts:
    """What several passes returned, in their order."""

    parts: tuple[Any, ...]

    def __add__(self, other: Parts) -> Parts:
        """Merge, pass by pass, with what they returned for other rows."""
        return Parts(tuple(a + b for a, b in zip(self.parts, other.parts, strict=True)))
