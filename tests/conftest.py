"""What holds for all tests."""

from __future__ import annotations

import signal

# Shells start background commands with SIGINT ignored, and children inherit that: without this,
# whether a test may interrupt a child would depend on how the tests were started.
signal.signal(signal.SIGINT, signal.default_int_handler)
