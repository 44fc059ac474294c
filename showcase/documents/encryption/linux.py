"""Linux: by the file system's type, the directory's flag, the devices below, and swap for what is in memory."""

from __future__ import annotations

import os
import platform
import struct
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from showcase.documents.encryption import mounts, tools
from showcase.documents.encryption.answer import Encryption, clear, encrypted, unknown
from showcase.documents.encryption.devices import device_named, devices_of_btrfs, encryption_below, together
from showcase.documents.storage import NETWORK_FILE_SYSTEMS, OF_THE_HOST

THAT_ENCRYPT = {
    "ecryptfs": "eCryptfs",
    "fuse.cryfs": "CryFS",
    "fuse.encfs": "EncFS",
    "fuse.gocryptfs": "gocryptfs",
    "fuse.securefs": "securefs",
}
"""Types of file systems that are there to encrypt."""

IN_MEMORY = frozenset({"devtmpfs", "ramfs", "tmpfs"})

_FS_ENCRYPT_FL = 0x800
"""Of `FS_IOC_GETFLAGS`: the file is encrypted by fscrypt (include/uapi/linux/fs.h, fscrypt.rst)."""

_OTHERWISE = ("alpha", "mips", "ppc", "sparc")
"""Processors on which the direction of an ioctl has other bits (asm/ioctl.h)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linux:
    """Where a Linux tells of itself.

    Attributes:
        sys: sysfs.
        proc: procfs.
        own: Whether these are of the system that this process runs on, whose files can be asked too.
    """

    sys: Path = Path("/sys")
    proc: Path = Path("/proc")
    own: bool = True

    def encryption_of(self, directory: Path, *, asked: frozenset[Path] = frozenset()) -> Encryption:
        """Return the answer for an existing directory, links resolved.

        Args:
            directory: Where the bytes lie.
            asked: Directories whose answer waits for this one: loop devices may be stacked.
        """
        try:
            table = (self.proc / "self" / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        except OSError as error:
            return unknown(f"the table of mounts cannot be read: {error.strerror}", "findmnt")
        number = mounts.number_of(directory) if self.own else None
        mount = mounts.mount_of(directory, mounts.parse(table), number)
        if mount is None or directory in asked:
            return unknown("the mount that it lies on is not in the table of mounts", "findmnt")
        flag = _has_flag(directory) if self.own else False
        if flag:
            return encrypted("fscrypt", "the directory's flag (lsattr -d shows E)")
        below = self._of_mount(mount, asked | {directory})
        if flag is None and below.state == "not encrypted":
            return unknown("the directory may not be opened, and fscrypt could encrypt it", f"lsattr -d {directory}")
        return below

    def _of_mount(self, mount: mounts.Mount, asked: frozenset[Path]) -> Encryption:
        kind = mount.kind.lower()
        if kind in THAT_ENCRYPT:
            return encrypted(THAT_ENCRYPT[kind], f"the type of the mount {mount.point}")
        if kind in IN_MEMORY:
            return self._in_memory(mount)
        if kind in NETWORK_FILE_SYSTEMS:
            return unknown(f"{mount.kind} keeps it on a server", "ask on the server")
        if kind in OF_THE_HOST:
            return unknown(f"{mount.kind} keeps it on the computer that runs this system", "ask there")
        if kind == "zfs":
            return self._of_dataset(mount.source)
        if kind in ("overlay", "aufs"):
            why = f"{mount.kind}, as containers have it: the directory that takes what is written lies outside"
            return unknown(why, "on the host, look at the container's upper directory; or mount a volume for it")
        return self._of_devices(mount, asked)

    def _of_devices(self, mount: mounts.Mount, asked: frozenset[Path]) -> Encryption:
        devices = [mount.device]
        if mount.device.startswith("0:"):
            paths = mount.source.split(":") if mount.source.startswith("/dev/") else []
            found = [device_named(path, self.sys) for path in paths]
            devices = devices_of_btrfs(paths[0], self.sys) if mount.kind == "btrfs" and paths else []
            devices = devices or [each for each in found if each is not None]
            if not devices or len(devices) < len(paths):
                return unknown(f"{mount.kind} names no device that sysfs shows", f"findmnt {mount.point}")
        of_file = partial(self._of_file, asked=asked)
        below = together([encryption_below(each, self.sys, of_file) for each in devices])
        if mount.kind == "bcachefs" and below.state == "not encrypted":
            return unknown("bcachefs can encrypt by itself, and does not tell here", "bcachefs show-super DEVICE")
        return below

    def _of_file(self, file: Path, asked: frozenset[Path] = frozenset()) -> Encryption:
        """Tell of a file that is used as a disk or as swap. Its path is one of the system's first mounts."""
        place = file.parent
        if self.own and not os.path.lexists(file):
            return unknown(f"{file} is not seen from here", "losetup --list, on the host")
        return self.encryption_of(place, asked=asked)

    def _of_dataset(self, dataset: str) -> Encryption:
        said = tools.answer("zfs", "get", "-H", "-o", "value", "encryption", dataset) if self.own else None
        ask = f"zfs get encryption {dataset}"
        if said is None:
            return unknown("zfs did not tell", ask)
        if said not in ("", "-", "off"):
            return encrypted(f"ZFS ({said})", ask)
        return unknown("the dataset is not encrypted; the devices of its pool were not looked at", "zpool status -LP")

    def _in_memory(self, mount: mounts.Mount) -> Encryption:
        if mount.kind != "tmpfs" or "noswap" in mount.options:
            return Encryption(state="in memory", by=f"{mount.kind} is never swapped", known_by="the type of the mount")
        swaps = self.swaps()
        if swaps is None:
            return unknown("tmpfs lies in memory, and which swap is in use is not told", "swapon --show")
        read = f"{self.proc}/swaps"
        if not swaps:
            return Encryption(state="in memory", by="tmpfs, and no swap is in use", known_by=read)
        worst = together(swaps)
        if worst.state == "not encrypted":
            return clear(f"tmpfs lies in memory, and a swap in use does not encrypt ({worst.by})", read)
        if worst.state == "unknown":
            return unknown(f"tmpfs lies in memory, and of a swap in use it is not known ({worst.by})", worst.known_by)
        return Encryption(state="in memory", by="tmpfs, and every swap in use is encrypted or memory", known_by=read)

    def swaps(self) -> list[Encryption] | None:
        """Return the answer for each swap in use; None where the system does not tell."""
        try:
            lines = (self.proc / "swaps").read_text(encoding="utf-8", errors="surrogateescape").splitlines()[1:]
        except OSError:
            return None
        return [self._of_swap(*line.split()[:2]) for line in lines if len(line.split()) > 1]

    def _of_swap(self, path: str, kind: str) -> Encryption:
        file = Path(mounts.unescaped(path))
        if kind == "file":
            return self._of_file(file)
        device = device_named(os.path.realpath(file) if self.own else str(file), self.sys)
        if device is None:
            return unknown(f"{file} is not shown in {self.sys}", "swapon --show")
        return encryption_below(device, self.sys, self._of_file)


def _has_flag(directory: Path) -> bool | None:
    """Tell whether fscrypt encrypts what is made in a directory; None where the directory cannot be asked.

    A file system that keeps no such flags refuses the question, and has no fscrypt.
    """
    import fcntl  # noqa: PLC0415 - Windows has none

    size = struct.calcsize("l")
    reads = 2 << (29 if platform.machine().startswith(_OTHERWISE) else 30)
    flags = bytearray(size)
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.ioctl(descriptor, reads | size << 16 | ord("f") << 8 | 1, flags)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return bool(int.from_bytes(flags[:4], sys.byteorder) & _FS_ENCRYPT_FL)
