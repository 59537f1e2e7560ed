"""Data frames that scikit-learn does not take as they are: Arrow's tables, and what is none yet.

Arrow's columns become one array; their names are checked and kept as those of other frames.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from centra._utils.escapes import for_terminal
from centra._utils.text import listed

__all__ = ["as_table", "refuse_unread", "values_of"]

#: What has rows only once it is asked for them: library, class, what gives a table, why.
_UNREAD = (
    ("pyarrow", "RecordBatchReader", "X.read_all()", "whose rows can be read only once"),
    ("pyarrow.dataset", "Dataset", "X.to_table()", "which is read when it is asked for rows"),
    ("pyarrow.dataset", "Scanner", "X.to_table()", "which is read when it is asked for rows"),
    ("polars", "LazyFrame", "X.collect()", "which has no rows before it is collected"),
)
#: Columns that an error lists.
MOST = 8


def refuse_unread(X: Any, name: str = "X") -> None:
    """Refuse a stream or a query, which would be read anew, or to its end, in every pass.

    Raises
    ------
    TypeError
        What it is, and what gives a table of it.
    """
    for library, kind, remedy, why in _UNREAD:
        module = sys.modules.get(library)
        if module is not None and isinstance(X, getattr(module, kind, ())):
            raise TypeError(
                f"{name} is a {library.partition('.')[0]} {kind}, {why}: pass "
                f"{remedy.replace('X', name, 1)}"
            )


def as_table(X: Any) -> Any:
    """Return an Arrow table or record batch as a table; None for anything else."""
    module = sys.modules.get("pyarrow")
    if module is None:
        return None
    if isinstance(X, module.RecordBatch):
        return module.Table.from_batches([X])
    return X if isinstance(X, module.Table) else None


def values_of(table: Any) -> NDArray[Any]:
    """Return the columns of an Arrow table as one array, float32 where all of them are.

    Raises
    ------
    ValueError
        The columns that are no numbers.
    """
    from pyarrow import types

    names = [str(name) for name in table.column_names]
    numeric = [
        types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
        or types.is_decimal(kind) or types.is_null(kind)
        for kind in table.schema.types
    ]  # fmt: skip
    if not all(numeric):
        others = [
            f"{for_terminal(name)!r} ({kind})"
            for name, kind, number in zip(names, table.schema.types, numeric, strict=True)
            if not number
        ]
        kept = [name for name, number in zip(names, numeric, strict=True) if number]
        known = len(set(names)) == len(names) and kept
        remedy = f"leave them out, as in X.select({kept})" if known else "leave them out"
        raise ValueError(f"X has columns that are not numbers, {listed(others, MOST)}: {remedy}")
    columns = [np.asarray(column.to_numpy(), dtype=_dtype(column.type)) for column in table.columns]
    return np.column_stack(columns) if columns else np.empty((table.num_rows, 0))


def _dtype(kind: Any) -> type[np.floating]:
    from pyarrow import types

    return np.float32 if types.is_float32(kind) else np.float64
