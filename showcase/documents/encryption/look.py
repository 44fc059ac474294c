"""Looks on the system that this process runs on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from showcase.documents.encryption import elsewhere, tools
from showcase.documents.encryption.answer import Encryption, unknown

if TYPE_CHECKING:
    from pathlib import Path


def encryption_of(directory: Path, system: str = sys.platform) -> Encryption:
    """Return whether what lies in a directory is encrypted by the system, how that is known, and what stays open.

    Args:
        directory: An existing directory, links resolved.
        system: As `sys.platform` names this one.
    """
    if system == "linux":
        from showcase.documents.encryption.linux import Linux  # noqa: PLC0415 - of one system

        return Linux().encryption_of(directory)
    if system == "darwin":
        return elsewhere.by_filevault(directory, tools.answer("fdesetup", "status"))
    if system == "win32":
        return elsewhere.by_attributes(directory, elsewhere.attributes_of(directory))
    return unknown(f"{system} is not looked at", "look at the settings of its disks")
