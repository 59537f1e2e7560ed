"""What people call a row that sums up a table."""

from __future__ import annotations

__all__ = ["TOTALS"]

#: In small letters.
TOTALS = frozenset(
    (
        *("total", "totals", "grand total", "subtotal", "sum", "sums", "all", "overall"),
        *("average", "mean", "gesamt", "gesamtsumme", "summe", "insgesamt", "mittelwert"),
        *("somme", "ensemble", "totale", "totaal", "suma", "soma", "razem", "合計", "总计"),
        *("moyenne", "durchschnitt", "média", "średnia", "平均"),
    )
)
