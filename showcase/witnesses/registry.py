"""The witnesses there are. A new one is a new file and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.settings import Settings
    from showcase.witnesses.interface import Witness


def _sockets(settings: Settings) -> Witness:
    from showcase.witnesses.sockets import SocketsWitness  # noqa: PLC0415 - imports psutil

    return SocketsWitness(settings.sample_period_s)


def _hook(settings: Settings) -> Witness:  # noqa: ARG001 - same form as the others
    from showcase.witnesses.hook import HookWitness  # noqa: PLC0415 - with the others

    return HookWitness()


WITNESSES: dict[str, Callable[[Settings], Witness]] = {"sockets": _sockets, "hook": _hook}


def make(settings: Settings) -> dict[str, Witness | None]:
    """Return every known witness by name; None for those that were not asked for.

    Raises:
        UsageError: One was asked for that does not exist.
    """
    asked: Sequence[str] = tuple(WITNESSES) if settings.witnesses is None else settings.witnesses
    for name in asked:
        if name not in WITNESSES:
            raise UsageError(f"there is no witness {name!r}", hint=f"--witness {' | --witness '.join(WITNESSES)}")
    return {name: build(settings) if name in asked else None for name, build in WITNESSES.items()}
