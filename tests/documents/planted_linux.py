"""A Linux that tells of itself as planted: sysfs with its devices, the table of mounts, the swaps in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.documents.encryption.linux import Linux

if TYPE_CHECKING:
    from pathlib import Path

CRYPT = "CRYPT-LUKS2-0123456789abcdef0123456789abcdef-secret"
LVM = "LVM-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcd"


class Planted:
    def __init__(self, root: Path) -> None:
        self.sys, self.proc = root / "sys", root / "proc"
        for each in (self.sys / "dev" / "block", self.sys / "class" / "block", self.proc / "self"):
            each.mkdir(parents=True)
        self.linux = Linux(sys=self.sys, proc=self.proc, own=False)

    def device(
        self, name: str, numbers: str, *, below: tuple[str, ...] = (), dm: str | None = None, of: str = "", **files: str
    ) -> None:
        """Make a block device: a mapping where `dm` is its identifier, a partition of the disk `of`."""
        place = self.sys / "devices" / of / name if of else self.sys / "devices" / name
        (place / "slaves").mkdir(parents=True)
        (place / "dev").write_text(f"{numbers}\n")
        if of:
            (place / "slaves").rmdir()
            (place / "partition").write_text("1\n")
        if dm is not None:
            (place / "dm").mkdir()
            (place / "dm" / "uuid").write_text(f"{dm}\n")
            (place / "dm" / "name").write_text(f"called-{name}\n")
        for file, text in files.items():
            path = place / file.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"{text}\n")
        for other in below:
            (place / "slaves" / other).symlink_to((self.sys / "class" / "block" / other).resolve())
        (self.sys / "class" / "block" / name).symlink_to(place)
        (self.sys / "dev" / "block" / numbers).symlink_to(place)

    def mounts(self, *lines: str) -> None:
        """Write the table: each line `major:minor point type source [options]`."""
        written = []
        for number, line in enumerate(lines, 20):
            device, point, kind, source, *options = line.split(" ")
            written.append(f"{number} 1 {device} / {point} rw shared:1 - {kind} {source} {(options or ['rw'])[0]}\n")
        (self.proc / "self" / "mountinfo").write_text("".join(written))

    def swaps(self, *lines: str) -> None:
        written = "".join(f"{line} 1024 0 -2\n" for line in lines)
        (self.proc / "swaps").write_text(f"Filename Type Size Used Priority\n{written}")
