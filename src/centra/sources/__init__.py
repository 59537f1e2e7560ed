"""Where rows live. The loop is the same for all of them."""

from centra._core import Matrix
from centra.sources.array import ArraySource, from_array
from centra.sources.arrow import ArrowSource, from_arrow
from centra.sources.base import Block, Source
from centra.sources.memory import MemorySource
from centra.sources.npy import NpySource, from_npy
from centra.sources.parquet import ParquetSource, from_parquet
from centra.sources.stream import from_stream

__all__ = [
    "ArraySource",
    "ArrowSource",
    "Block",
    "Matrix",
    "MemorySource",
    "NpySource",
    "ParquetSource",
    "Source",
    "from_array",
    "from_arrow",
    "from_npy",
    "from_parquet",
    "from_stream",
]


def __dir__() -> list[str]:
    return sorted(__all__)
