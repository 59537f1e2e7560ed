"""Which tests may be skipped where every package is there; ``conftest.py`` holds a run against it.

A test that is skipped says nothing, and says it in green: a browser that is not installed hides
every fault of the page. So where ``CI=true``, as ``.ci/run`` has it, a run with a skip for any
other reason than these fails, and names the tests.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Reasons that have to do with the machine or the tree, not with what is installed.
ALLOWED = (
    r"the page needs data that are not part of the repository: set CENTRA_DATA",
    r"this machine has no (avx2|avx512|amx)\b",
    r"this machine does not allow a mount",
    r"only root can mount a small file system to fill",
    r"this tree is not a git repository, so nothing says which files belong to it",
)
#: Reasons that are allowed besides where ``.ci/run`` could not install Debian's packages.
PACKAGES = (
    r"needs the packages chromium and chromium-driver \(Debian's names\)",
    r"git is not installed",
)


def unexpected(skipped: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """Return the tests that must not be skipped here, as lines of text; none unless CI=true.

    Parameters
    ----------
    skipped
        The reason of every skip, by the name of the test (or of the file, if all of it is skipped).
    environ
        The environment: CI, and CENTRA_SKIPS=packages where packages could not be installed.
    """
    if environ.get("CI") != "true":
        return []
    allowed = ALLOWED + (PACKAGES if environ.get("CENTRA_SKIPS") == "packages" else ())
    found = sorted(skipped.items())
    return [f"{test}: {why}" for test, why in found if not any(re.match(p, why) for p in allowed)]
