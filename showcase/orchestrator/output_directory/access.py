"""Who beside its owner can read a directory: by its mode, or on Windows, where that says nothing, its access list.

On POSIX the mode is looked at, as not every file system keeps one (FAT, exFAT, many network drives).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.evidence import Storage

_OWN = ("SY", "BA", "CO", "OW", "LA", "S-1-5-18", "S-1-5-32-544", "S-1-3-0", "S-1-3-4")
"""The system and administrators, who can read everything anyway, and the owner by other names."""

_NAMES = {
    "WD": "everyone", "BU": "every user of this machine", "AU": "every user who is logged in", "IU": "who sits at it",
    "BG": "guests", "AN": "who gives no name", "NU": "who comes over the network", "PU": "power users",
    "S-1-1-0": "everyone", "S-1-5-32-545": "every user of this machine", "S-1-5-11": "every user who is logged in",
    "AC": "every app", "S-1-15-2-2": "every app",
}  # fmt: skip
_ACE = re.compile(r"\((?P<type>[A-Z]*);(?P<flags>[A-Z]*);(?P<rights>[^;]*);[^;]*;[^;]*;(?P<who>[^;)]+)[^)]*\)")
_READ_DATA = 0x00000001
_GENERIC = 0x80000000 | 0x10000000
"""GENERIC_READ and GENERIC_ALL. Source: "Access Mask Format" and "ACE Strings" of Microsoft."""

_READING = frozenset({"FA", "FR", "GA", "GR", "CC"})
_DACL = 0x4
_OWNER = 0x1
_SE_FILE_OBJECT = 1
_SDDL_REVISION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """Who can read a directory, beside its owner and those who can read everything.

    Attributes:
        others: In words; empty where there are none.
        unknown: Why it could not be read, empty where it was.
    """

    others: tuple[str, ...] = ()
    unknown: str = ""

    def told(self) -> str:
        """Return a sentence's end for what a person should know, empty where nobody else can read it."""
        if self.unknown:
            return f"it was not possible to see who can read it ({self.unknown})"
        return f"it can be read by {', '.join(self.others)}" if self.others else ""


def readers(directory: Path) -> Readers:
    """Return who can read an existing directory."""
    if sys.platform == "win32":
        try:
            return of_access_list(_access_list(str(directory)))
        except (OSError, AttributeError) as error:  # a function that a stand-in for Windows lacks
            return Readers(unknown=str(error))
    try:
        return of_mode(directory.stat().st_mode)
    except OSError as error:
        return Readers(unknown=error.strerror or str(error))


def remarks(directory: Path, storage: Storage) -> Iterator[str]:
    """Yield what a run says of its output directory, where others than its owner come to what is in it."""
    if storage.carried_by:
        yield (
            f"warning: the output directory lies in {storage.carried_by}; memories would leave this machine "
            "through the file system. Choose another one: --out DIR"
        )
    if who := readers(directory).told():
        yield (
            f"warning: the output directory will hold memories, and {who}; see how to keep them to yourself: "
            "showcase doctor, with the same --out"
        )


def of_mode(mode: int) -> Readers:
    """Return who can read by a mode of POSIX, its group and all others."""
    names = ((0o050, "its group"), (0o005, "every user of this machine"))
    return Readers(others=tuple(f"{name} (mode {mode & 0o777:o})" for bits, name in names if mode & bits))


def of_access_list(text: str) -> Readers:
    """Return who can read by a security descriptor.

    Args:
        text: Owner and access list in Microsoft's Security Descriptor Definition Language.
    """
    owner = re.match(r"O:(S-[0-9-]+|[A-Z]{2})", text)
    listed = re.search(r"D:(?P<flags>[A-Z_]*)(?P<aces>(?:\(.*?\))*)", text)
    if listed is None or "NO_ACCESS_CONTROL" in listed["flags"]:
        return Readers(others=("everyone: it has no access list",))
    own = {*_OWN, *((owner[1],) if owner is not None else ())}
    found = dict.fromkeys(_allowed(listed["aces"]))
    return Readers(others=tuple(_NAMES.get(who, who) for who in found if who not in own))


def _allowed(aces: str) -> Iterator[str]:
    """Yield who is given the right to read, in the order of the list: what is refused before, is refused."""
    refused: set[str] = set()
    for ace in _ACE.finditer(aces):
        if not _reads(ace["rights"]):
            continue
        if ace["type"] in ("D", "OD", "XD"):
            refused.add(ace["who"])
        elif ace["type"] in ("A", "OA", "XA") and not refused & {ace["who"], "WD", "S-1-1-0"}:
            yield ace["who"]


def _reads(rights: str) -> bool:
    if rights[:2].lower() == "0x" or rights.isdecimal():
        return bool(int(rights, 0) & (_READ_DATA | _GENERIC))
    return bool(_READING & {rights[at : at + 2] for at in range(0, len(rights), 2)})


def _access_list(path: str) -> str:
    """Return owner and access list of a path, as Windows spells them.

    Raises:
        OSError: They may not be read, or the file system has none.
    """
    import ctypes  # noqa: PLC0415 - only on Windows
    from ctypes import wintypes  # noqa: PLC0415 - likewise

    api = ctypes.WinDLL("advapi32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.LocalFree.argtypes = [ctypes.c_void_p]
    descriptor, text = ctypes.c_void_p(), ctypes.c_wchar_p()
    wanted = wintypes.DWORD(_OWNER | _DACL)
    nothing = ctypes.c_void_p()
    code = api.GetNamedSecurityInfoW(
        ctypes.c_wchar_p(path), _SE_FILE_OBJECT, wanted, nothing, nothing, nothing, nothing, ctypes.byref(descriptor)
    )
    if code:
        raise OSError(code, ctypes.FormatError(code))  # type: ignore[attr-defined,unused-ignore]
    try:
        if not api.ConvertSecurityDescriptorToStringSecurityDescriptorW(
            descriptor, _SDDL_REVISION, wanted, ctypes.byref(text), nothing
        ):
            raise ctypes.WinError(ctypes.get_last_error())  # type: ignore[attr-defined,unused-ignore]
        try:
            return text.value or ""
        finally:
            kernel.LocalFree(text)
    finally:
        kernel.LocalFree(descriptor)
