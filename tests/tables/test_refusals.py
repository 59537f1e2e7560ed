"""All that is wrong is said at once."""

from __future__ import annotations

from centra._tables.refusals import Refusal


def test_many_lines_are_cut() -> None:
    error = Refusal([f"t.csv: line {i}" for i in range(20)], [{"--columns": "x"}], [3])
    assert len(error.lines) == 8
    assert error.lines[-1] == "t.csv: and 13 more like these"
    assert str(error) == "\n".join(error.lines)
    assert (error.texts, error.is_choice) == ({3}, False)
