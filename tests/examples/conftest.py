"""An engine for all of these tests, and a project of its own for each."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from trying import Project, copied, engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with engine() as host:
        yield host


@pytest.fixture
def project(tmp_path: Path, server: str) -> Project:
    return copied(tmp_path / "project", server)


@pytest.fixture(scope="session")
def sealable() -> None:
    """Skip where no seal can be made."""
    if sys.platform != "linux":
        pytest.skip("seals are Linux's")
    from showcase.witnesses.syscalls.command import why_unavailable  # noqa: PLC0415 - of Linux

    reason = why_unavailable("--seal", "")
    if reason is not None:
        pytest.skip(f"no seal here: {reason}")


NO_NAMESPACES = ("unshare", "--user", "--map-root-user", "sh", "-c")
FORBID = 'echo 0 > /proc/sys/user/max_user_namespaces && exec "$@"'


@pytest.fixture(scope="session")
def unsealable() -> tuple[str, ...]:
    """Return what makes a command run where no seal can be made; skip where that cannot be had."""
    forbidding = (*NO_NAMESPACES, FORBID, "sh")
    try:
        done = subprocess.run([*forbidding, "true"], capture_output=True, text=True, timeout=30, check=False)
    except OSError as error:
        pytest.skip(f"no unshare here: {error}")
    if done.returncode:
        pytest.skip(f"no namespace to forbid namespaces in: {done.stderr.strip()}")
    return forbidding
