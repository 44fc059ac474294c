"""Skips all of this where the machine forbids namespaces, and says why."""

from __future__ import annotations

import pytest

from showcase.witnesses.seal.witness import SealWitness
from showcase.witnesses.syscalls.command import FAULT
from showcase.witnesses.syscalls.witness import SyscallsWitness


@pytest.fixture(scope="session", autouse=True)
def _available() -> None:
    reason = SealWitness(SyscallsWitness()).unavailable()
    if reason is not None and FAULT in reason:
        pytest.fail(reason)
    if reason is not None:
        pytest.skip(f"no seal here: {reason}")
