"""What a block device of Linux is made of, from sysfs: mappings, partitions, loop devices, and what lies below them.

Sources: Documentation/ABI/{stable,testing}/sysfs-block of the kernel; for the identifiers of mappings `dm_prepare_uuid`
in lib/libdevmapper.c of cryptsetup, and lvm(8), multipath(8), kpartx(8).
"""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.documents.encryption.answer import Encryption, clear, encrypted, unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    OfFile = Callable[[Path], Encryption]

CIPHERS = {
    "LUKS1": "dm-crypt (LUKS)",
    "LUKS2": "dm-crypt (LUKS2)",
    "PLAIN": "dm-crypt (plain)",
    "LOOPAES": "dm-crypt (loop-AES)",
    "TCRYPT": "dm-crypt (TrueCrypt or VeraCrypt)",
    "BITLK": "dm-crypt (BitLocker)",
    "FVAULT2": "dm-crypt (FileVault)",
}
"""Mappings of cryptsetup that encrypt. VERITY and INTEGRITY begin with CRYPT- too, and do not."""

_PASSES_ON = re.compile(r"LVM-|mpath-|part[0-9]+-|CRYPT-(?:VERITY|INTEGRITY)-|stratis-1-|DMRAID-|VDO-")
"""Mappings that hand their bytes on to what lies below, as they are."""

_OF_CRYPTSETUP = re.compile(r"CRYPT-([A-Z0-9]+)-")
_OF_A_SERVER = re.compile(r"(?:nbd|rbd|drbd|etherd!)")
_MOST_LAYERS = 32
_DELETED = " (deleted)"


def encryption_below(device: str, sys: Path, of_file: OfFile, *, layers: int = _MOST_LAYERS) -> Encryption:
    """Return whether what is written to a block device is encrypted on its way down.

    Args:
        device: Its numbers, `major:minor`.
        sys: Where sysfs is.
        of_file: Tells of the file that a loop device keeps its bytes in.
        layers: How far down to go: a table may be planted or broken.
    """
    place = sys / "dev" / "block" / device
    if layers == 0 or not place.is_dir():
        return unknown(f"the device {device} is not shown in {sys}", "lsblk, on the system that has the disk")
    here = place.resolve()
    own = _of_itself(here)
    if own is not None:
        return own
    if (here / "partition").exists():
        return encryption_below(_text(here.parent / "dev"), sys, of_file, layers=layers - 1)
    backing = _text(here / "loop" / "backing_file")
    if backing:
        return of_file(Path(backing.removesuffix(_DELETED)))
    below = sorted((here / "slaves").iterdir()) if (here / "slaves").is_dir() else []
    if below:
        return together([encryption_below(_text(each / "dev"), sys, of_file, layers=layers - 1) for each in below])
    if (here / "dm").is_dir():
        return unknown(f"what lies below {here.name} is not shown in {sys}", f"dmsetup deps {here.name}")
    return clear(f"nothing of this system encrypts {here.name}", f"{here.name} in sysfs")


def _of_itself(device: Path) -> Encryption | None:
    """Return the answer where the device itself tells it; None where it hands its bytes on, or is a disk."""
    if _OF_A_SERVER.match(device.name):
        return unknown(f"{device.name} is a disk that a server keeps", "ask on the server")
    if device.name.startswith("zram"):
        return _compressed_memory(device)
    if not (device / "dm").is_dir():
        return None
    mapping = _text(device / "dm" / "uuid")
    kind = _OF_CRYPTSETUP.match(mapping)
    if kind and kind[1] in CIPHERS:
        return encrypted(f"{CIPHERS[kind[1]]} ({device.name})", f"{device.name}/dm/uuid in sysfs")
    if _PASSES_ON.match(mapping):
        return None
    name = _text(device / "dm" / "name") or device.name
    return unknown(f"{device.name} is a mapping of a kind that its identifier does not tell", f"dmsetup table {name}")


def together(parts: list[Encryption]) -> Encryption:
    """Return the answer for bytes that may lie on any of several: in clear on one is in clear."""
    for state in ("not encrypted", "unknown", "encrypted", "in memory"):
        for part in parts:
            if part.state == state:
                return part
    return unknown("no device is named", "lsblk")


def device_named(source: str, sys: Path) -> str | None:
    """Return `major:minor` of a device by its path; `/dev/mapper` gives mappings other names than the kernel does."""
    name = Path(source).name
    direct = _text(sys / "class" / "block" / name.replace("/", "!") / "dev")
    if direct:
        return direct
    with suppress(OSError):
        for mapping in sorted((sys / "class" / "block").glob("dm-*")):
            if _text(mapping / "dm" / "name") == name:
                return _text(mapping / "dev") or None
    return None


def devices_of_btrfs(source: str, sys: Path) -> list[str]:
    """Return every device of the btrfs that a device belongs to; only the one where sysfs tells of no others."""
    own = device_named(source, sys)
    with suppress(OSError):
        for system in sorted((sys / "fs" / "btrfs").iterdir()):
            names = list((system / "devices").glob("*"))
            all_of_it = [_text(each / "dev") for each in names]
            if own in all_of_it:
                return all_of_it
    return [own] if own else []


def _compressed_memory(device: Path) -> Encryption:
    """Tell of a zram: it is memory, but for what it may write back to a disk (zram.rst of the kernel)."""
    to = _text(device / "backing_dev")
    if to in ("", "none"):
        return Encryption(state="in memory", by=f"{device.name} is compressed memory", known_by="backing_dev in sysfs")
    return unknown(f"{device.name} writes back to {to}", f"lsblk {to}")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return ""
