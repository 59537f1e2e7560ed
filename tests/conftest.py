"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

import skips

# Shells start background commands with SIGINT ignored, and children inherit that: without this,
# whether a test may interrupt a child would depend on how the tests were started.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def figures() -> Iterator[None]:
    """Figures without a screen, closed when the test is over."""
    matplotlib = pytest.importorskip("matplotlib", reason="figures need the extra: centra[plot]")
    matplotlib.use("agg")
    yield
    import matplotlib.pyplot as plt

    plt.close("all")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A browser, for all tests that need one."""
    pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    import browser

    if browser.BROWSER is None or browser.DRIVER is None:
        pytest.skip("needs the packages chromium and chromium-driver (Debian's names)")
    driver = browser.start()
    yield driver
    driver.quit()


# ------------------------------------------------------------- skips, counted (see tests/skips.py)

SKIPPED: dict[str, str] = {}


def _count(report: Any) -> None:
    if report.skipped and not hasattr(report, "wasxfail"):
        SKIPPED[report.nodeid] = report.longrepr[2].removeprefix("Skipped: ")


def pytest_runtest_logreport(report: Any) -> None:
    _count(report)


def pytest_collectreport(report: Any) -> None:
    _count(report)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if skips.unexpected(SKIPPED, os.environ) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    found = skips.unexpected(SKIPPED, os.environ)
    if found:
        terminalreporter.section("skipped for no reason that tests/skips.py lists", red=True)
        for line in found:
            terminalreporter.line(line)
