"""The bar of a sweep."""

from __future__ import annotations

from types import TracebackType

from centra._utils.progress import bar


class Bar:
    """A bar that fills up; a context manager.

    Parameters
    ----------
    total : int
        How many things will be done.
    wanted : bool or None
        Whether to show it; None where standard error is a terminal, or in a notebook, if tqdm is
        installed.

    Raises
    ------
    ImportError
        If the bar is wanted and tqdm is missing.
    """

    def __init__(self, total: int, wanted: bool | None) -> None:
        form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"
        how = {"total": total, "desc": "sweep", "bar_format": form}
        self._bar = bar(wanted, "progress=False", **how)

    def __enter__(self) -> Bar:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wipe the bar, if there is one."""
        if self._bar is not None:
            self._bar.close()

    def say(self, what: str) -> None:
        """Say what is being done."""
        if self._bar is not None:
            self._bar.set_description(what)

    def advance(self, share: float = 1.0) -> None:
        """One thing, or a share of it, is done."""
        if self._bar is not None:
            # Shares are rounded: together they may be a bit more than all, of which tqdm warns.
            self._bar.update(min(share, self._bar.total - self._bar.n))
