"""What is missing is installed for the Python that misses it."""

from __future__ import annotations

import sys

from showcase.doctor import software


def test_a_missing_package_is_installed_for_this_python_and_in_the_version_that_is_asked_for() -> None:
    told = software._install(["mem0ai", "click"])
    assert sys.executable in told
    assert "mem0ai" in told
    assert "2.2.1" in told or "2.2.*" in told
    assert "local-memory-showcase" not in told
