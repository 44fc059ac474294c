"""The witnesses there are. A new one is a new file and a line here."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.settings import OWN_ENGINES
from showcase.shell.advice import near

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.settings import Settings
    from showcase.witnesses.interface import Witness

WITNESSES = ("sockets", "hook", "syscalls", "seal")
"""Their names, in the order in which they wrap a command: what comes later is further out."""

LINUX_ONLY = ("syscalls", "seal")

NOT_ASKED = "not asked for"
NOT_HERE = "needs Linux"


def can_look(platform: str) -> tuple[str, ...]:
    """Return the witnesses that a system has; a hint names no other.

    Args:
        platform: As `sys.platform` has it.
    """
    return WITNESSES if platform == "linux" else tuple(name for name in WITNESSES if name not in LINUX_ONLY)


def make(settings: Settings, platform: str = sys.platform) -> dict[str, Witness | str]:
    """Return every known witness by name, or why it is not one of this run.

    Args:
        settings: Which were asked for.
        platform: The system, as `sys.platform` has it.

    Raises:
        UsageError: One was asked for that does not exist, or one without another that it needs.
    """
    there = can_look(platform)
    asked = set(WITNESSES if settings.witnesses is None else settings.witnesses)
    unknown = sorted(asked - set(WITNESSES))
    if unknown:
        raise UsageError(
            f"there is no witness {unknown[0]!r}{near(unknown[0], there)}",
            hint=f"choose from: {', '.join(there)}",
        )
    if "seal" in asked and "syscalls" not in asked and platform == "linux":
        raise UsageError(
            "the seal is made by the supervisor of `syscalls`", hint="give both: --witness syscalls --witness seal"
        )
    if settings.seal == "on" and "seal" not in asked:
        hint = "leave --witness out, or add --witness seal" if "seal" in there else "leave --seal out"
        raise UsageError("--seal needs the witness `seal`", hint=hint)
    found: dict[str, Witness | str] = {}
    for name in WITNESSES:
        found[name] = _built(name, found, settings, platform) if name in asked else NOT_ASKED
    return found


def _built(name: str, made: Mapping[str, Witness | str], settings: Settings, platform: str) -> Witness | str:
    if name == "sockets":
        from showcase.witnesses.sockets import SocketsWitness  # noqa: PLC0415 - imports psutil

        return SocketsWitness(settings.sample_period_s)
    if name == "hook":
        from showcase.witnesses.hook import HookWitness  # noqa: PLC0415 - with the others

        return HookWitness()
    if platform != "linux":
        return NOT_HERE
    from showcase.witnesses.syscalls.witness import SyscallsWitness  # noqa: PLC0415 - modules of Linux

    if name == "syscalls":
        return SyscallsWitness("--rights", "few")  # our own workers need none
    from showcase.witnesses.seal.witness import SealWitness  # noqa: PLC0415 - modules of Linux

    if settings.seal == "off":
        return "--no-seal"
    if settings.engine not in OWN_ENGINES and settings.ollama.address != "127.0.0.1":  # no server of ours is there
        return f"its bridge leads to 127.0.0.1, and the server is asked for at {settings.ollama.address}"
    address = settings.address
    if address is not None and address.path is None and address.host != "127.0.0.1":  # likewise
        return f"its bridges lead to 127.0.0.1, and the store is at {address.where}"
    syscalls = made["syscalls"]
    assert isinstance(syscalls, SyscallsWitness)  # noqa: S101 - the order of WITNESSES
    return SealWitness(syscalls)
