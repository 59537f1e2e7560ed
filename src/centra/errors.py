"""The exceptions that are centra's own.

What scikit-learn raises as ``ValueError`` or ``TypeError`` is raised here as the same class, so
that a program which changes one import keeps its ``except`` clauses. All other exceptions of centra
have one root, `CentraError`.
"""

from __future__ import annotations

__all__ = ["CentraError", "ModelFileError"]


class CentraError(Exception):
    """Root of the exceptions that centra defines."""


class ModelFileError(CentraError, ValueError):
    """A model file that cannot be used: damaged, of another program, or from a newer centra.

    The text is one line that names the file, what is wrong with it and what to do.
    """
