"""macOS and Windows: FileVault by its own tool, BitLocker not at all, as its tool answers administrators alone."""

from __future__ import annotations

import stat
from pathlib import Path, PurePath

from showcase.documents.encryption.answer import Encryption, clear, encrypted, unknown

STATUS_OF_FILEVAULT = "fdesetup status"
_VOLUMES = PurePath("/Volumes")


def by_filevault(directory: PurePath, said: str | None) -> Encryption:
    """Return the answer of a Mac for a directory.

    Args:
        directory: Where the bytes lie, links resolved.
        said: What `fdesetup status` printed; None where it printed nothing. fdesetup(8): it tells of the volume that
            the system starts from, of no other.
    """
    if directory.is_relative_to(_VOLUMES):
        return unknown("a volume that the system does not start from", f"diskutil info {_VOLUMES / directory.parts[2]}")
    lines = (said or "").splitlines()
    if len(lines) == 1 and lines[0] == "FileVault is On.":
        return encrypted("FileVault", STATUS_OF_FILEVAULT)
    if len(lines) == 1 and lines[0] == "FileVault is Off.":
        still = "a Mac with Apple silicon or a T2 encrypts its drive with a key that it gives without a password"
        return clear("FileVault is off", STATUS_OF_FILEVAULT, still_open=still)
    return unknown("FileVault is being turned on or off, or did not tell", STATUS_OF_FILEVAULT)


def by_attributes(directory: PurePath, attributes: int) -> Encryption:
    """Return the answer of a Windows for a directory: EFS is an attribute, BitLocker is told to administrators."""
    if attributes & stat.FILE_ATTRIBUTE_ENCRYPTED:
        return encrypted("EFS", "the directory's attribute (cipher /c)")
    if directory.drive.startswith("\\\\"):
        return unknown("a network drive keeps it on a server", "ask on the server")
    ask = f"manage-bde -status {directory.drive}, as an administrator"
    return unknown("whether BitLocker encrypts a drive is told to administrators alone", ask)


def attributes_of(directory: Path) -> int:
    """Return the attributes that Windows keeps of a directory; 0 where it does not tell."""
    try:
        return int(getattr(directory.stat(), "st_file_attributes", 0))
    except OSError:
        return 0
