"""Which witnesses can look on this machine, and why the others cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, warning
from showcase.witnesses.registry import WITNESSES, make

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def witnesses(circumstances: Circumstances) -> Iterator[Finding]:
    """Ask each witness whether it can look."""
    asked = make(circumstances.settings).items()
    reasons = {name: each if isinstance(each, str) else each.unavailable() for name, each in asked}
    able = [name for name, reason in reasons.items() if reason is None]
    for name, reason in reasons.items():
        if reason is None:
            yield ok("witnesses", f"{name} can look")
        else:
            yield warning(
                "witnesses",
                f"{name} cannot look here: {reason}",
                f"a run goes on with the others, as if by: {with_those(able)}",
            )


def with_those(able: Collection[str]) -> str:
    """Return the run with the witnesses that can look. The seal is made by `syscalls`, and cannot be had without."""
    usable = [name for name in WITNESSES if name in able and (name != "seal" or "syscalls" in able)]
    return "showcase run" + "".join(f" --witness {name}" for name in usable)
