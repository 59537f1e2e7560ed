"""Where rows live. The loop is the same for all of them."""

from centra._core import Matrix
from centra.sources.base import Block, Source
from centra.sources.memory import MemorySource
from centra.sources.npy import NpySource, from_npy

__all__ = ["Block", "Matrix", "MemorySource", "NpySource", "Source", "from_npy"]


def __dir__() -> list[str]:
    return sorted(__all__)
