"""Places that a document cannot be written to."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

TIMEOUT_S = 60

not_as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")


def _directory(path: Path) -> None:
    path.mkdir()


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        before = Path.cwd()
        os.chdir(path.parent)  # a name of a socket has to be short
        listener.bind(path.name)
        os.chdir(before)
