"""Which witnesses can look on this machine, and why the others cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, warning

if TYPE_CHECKING:
    from collections.abc import Iterator


def witnesses(circumstances: Circumstances) -> Iterator[Finding]:
    """Ask each witness whether it can look."""
    from showcase.witnesses.registry import WITNESSES, make  # noqa: PLC0415 - heavy

    for name, witness in make(circumstances.settings).items():
        reason = witness if isinstance(witness, str) else witness.unavailable()
        if reason is None:
            yield ok("witnesses", f"{name} can look")
        else:
            yield warning(
                "witnesses",
                f"{name} cannot look here: {reason}",
                f"run with the others: {others(name, tuple(WITNESSES))}",
            )


def others(name: str, known: tuple[str, ...]) -> str:
    """Return the command that runs without the witness `name`."""
    return "showcase run" + "".join(f" --witness {other}" for other in known if other != name)
