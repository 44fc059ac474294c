"""What a lab needs of a machine, and whether it is there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from showcase.labs.lab import Lab, Need


def missing(lab: Lab) -> str | None:
    """Return what this machine lacks for a lab, as a sentence without its full stop; None where it lacks nothing."""
    return next((why for need in lab.frame.needs if (why := _missing(need)) is not None), None)


def _missing(need: Need) -> str | None:
    if not sys.platform.startswith("linux"):
        return "it needs Linux"
    if need == "seal":
        return sealing()
    return None


def sealing() -> str | None:
    """Return why nothing can be sealed here, None where it can."""
    from showcase.settings import Settings  # noqa: PLC0415 - `--help` must not wait for these
    from showcase.witnesses.registry import make  # noqa: PLC0415 - likewise

    for name, witness in make(Settings(out=Path("lab"))).items():
        if name in ("syscalls", "seal"):
            why = witness if isinstance(witness, str) else witness.unavailable()
            if why is not None:
                return f"it needs a seal, and {name} cannot look here: {why}"
    return None
