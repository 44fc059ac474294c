"""How much memory is free for a model."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from showcase.engines.models.sizes import MIB

ASK_TIMEOUT_S = 5.0
AMD_CARDS = Path("/sys/class/drm")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeMemory:
    """Free memory in bytes; `vram_bytes` is None where the system does not tell.

    Apple's machines have one memory for both: `ram_bytes` is all of it.
    """

    ram_bytes: int
    vram_bytes: int | None
    source: str

    @property
    def usable_bytes(self) -> int:
        """The larger of both: a model that fits wholly into one of them runs."""
        return max(self.ram_bytes, self.vram_bytes or 0)


def free_memory() -> FreeMemory:
    """Return what is free now."""
    import psutil  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    vram, how = _nvidia_vram(), "nvidia-smi"
    if vram is None:
        vram, how = amd_vram(AMD_CARDS), "the amdgpu driver"
    return FreeMemory(
        ram_bytes=psutil.virtual_memory().available,
        vram_bytes=vram,
        source="psutil" if vram is None else f"psutil, {how}",
    )


def _nvidia_vram() -> int | None:
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        said = subprocess.run(
            [tool, "--query-gpu=memory.free", "--format=csv,noheader,nounits"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=ASK_TIMEOUT_S,
            check=True,
        ).stdout
        return sum(int(line) for line in said.split()) * MIB
    except (OSError, ValueError, subprocess.SubprocessError):
        return None  # a driver that does not answer has no memory to offer


def amd_vram(cards: Path) -> int | None:
    """Return the free memory of AMD cards as the kernel's driver tells it below `cards`."""
    free = []
    try:
        for total in cards.glob("card*/device/mem_info_vram_total"):
            used = total.with_name("mem_info_vram_used")
            free.append(int(total.read_text(encoding="ascii")) - int(used.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return None
    return sum(free) if free else None
