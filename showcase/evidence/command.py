"""The command of an audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.fact import Fact

Ending = Literal["itself", "duration", "interruption"]
"""What ended a command: its own will, the time it was given, or whoever stopped the audit."""

Sealing = Literal["none", "namespace", "sink"]
"""What a command ran in: the machine as it is, a namespace that leads nowhere, or one where names lead to a sink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Fact):
    """One command and how it ended.

    `arguments` are without what looks like a key. `pid` is that of the command itself, None where nobody could
    tell. `exit_code` is negative for a signal and None where the command was never reaped. `limit_s` is the time it
    was given, if any. `bridges` are the loopback ports that lead out of its seal. `weakened_by` names variables of
    its environment that weaken the audit, each with why.
    """

    arguments: tuple[str, ...]
    pid: int | None
    started_s: float
    ended_s: float | None
    exit_code: int | None
    ended_by: Ending
    sealing: Sealing
    limit_s: float | None = None
    bridges: tuple[int, ...] = ()
    weakened_by: tuple[str, ...] = ()
