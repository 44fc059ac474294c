"""What is measured, in which order, and what this machine has no arm for."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from showcase.witnesses.syscalls.command import why_unavailable

LIFETIMES_MS = (0, 1, 5, 20, 100)
RATES = (0, 100, 1000)
"""Connections a second."""

NOBODY = "nobody"
LOOKING = ("sockets", "hook", "syscalls", "psutil loop", "lsof loop")
CONNECTING = (NOBODY, "hook", "syscalls", "strace -f")
STARTING = ("bare", "watched", "sealed")
WATCHING = (NOBODY, "sockets", "hook", "syscalls", "all, not sealed", "all, sealed")
RUNNING = ("watched", "unwatched")
FLOWING = ("bare", "showcase")

SAID = {
    NOBODY: "the program by itself",
    "sockets": "our look at the tables of sockets, every 50 ms",
    "hook": "our audit hook in the program",
    "syscalls": "our supervisor of system calls",
    "all, not sealed": "those three at once",
    "all, sealed": "those three, and no address but the listener's can be reached",
    "psutil loop": "psutil, every 50 ms",
    "lsof loop": "lsof, one run after the other",
    "strace -f": "strace of the calls that have to do with the network",
    "bare": "without the showcase: a process by itself, or the calls of mem0 in three processes",
    "watched": "under a supervisor, or a whole run with every witness",
    "sealed": "under a supervisor that lets nothing out",
    "unwatched": "a whole run without a witness",
    "showcase": "a whole run as it is started from a terminal",
}

STARTS = 11
_QUICK_STARTS = 3
_QUICK_PLANTED = 10
_QUICK_CONNECTS = 500
_QUICK_SECONDS = 1.0


def missing() -> dict[str, str]:
    """Return the arms that this machine has no place for, and why."""
    found = {
        arm: f"{tool} is not installed"
        for arm, tool in (("lsof loop", "lsof"), ("strace -f", "strace"))
        if shutil.which(tool) is None
    }
    unwatchable = why_unavailable()
    if unwatchable is not None:
        found |= dict.fromkeys(("syscalls", "watched", "all, not sealed"), unwatchable)
    unsealable = why_unavailable("--seal", "")
    if unsealable is not None:
        found |= dict.fromkeys(("sealed", "all, sealed"), unsealable)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much of what.

    Attributes:
        planted: Connections of each lifetime.
        connects: Connects of one round.
        rounds: Of connects, each way once a round.
        starts: Of a process, each way.
        seconds: How long each watcher is timed at each rate; 0 for not at all.
        pairs: Pairs of whole runs; 0 for none.
        missing: Arms that are not there, and why.
    """

    planted: int
    connects: int
    rounds: int
    starts: int = STARTS
    seconds: float
    pairs: int
    missing: Mapping[str, str] = field(default_factory=dict)

    def quick(self) -> Plan:
        """Return a plan that is over within a minute: no whole runs, one round, a second for each watcher."""
        return replace(
            self,
            planted=min(self.planted, _QUICK_PLANTED),
            connects=min(self.connects, _QUICK_CONNECTS),
            rounds=1,
            starts=min(self.starts, _QUICK_STARTS),
            seconds=min(self.seconds, _QUICK_SECONDS),
            pairs=0,
        )

    def there(self, arms: Sequence[str]) -> tuple[str, ...]:
        """Return those of the arms that this machine has a place for."""
        return tuple(arm for arm in arms if arm not in self.missing)

    def skipped(self, arms: Sequence[str]) -> tuple[str, ...]:
        """Return why some of the arms are not there, a sentence each."""
        return tuple(f"Skipped: {arm}: {self.missing[arm]}." for arm in arms if arm in self.missing)

    def arms(self) -> tuple[str, ...]:
        """Return every arm that has a step."""
        found = (
            *self.there((*LOOKING, *CONNECTING, *STARTING)),
            *(self.there(WATCHING) if self.seconds else ()),
            *((*RUNNING, *FLOWING) if self.pairs else ()),
        )
        return tuple(arm for arm in SAID if arm in found)

    def steps(self) -> tuple[str, ...]:
        """Return all steps; arms alternate, those of a pair stand side by side."""
        return (
            *(f"caught/{lifetime}" for lifetime in LIFETIMES_MS),
            *(f"connect/{way}/{number}" for number in range(self.rounds) for way in self.there(CONNECTING)),
            *(f"start/{way}/{number}" for number in range(self.starts) for way in self.there(STARTING)),
            *(f"watch/{rate}/{who}" for rate in RATES for who in self.there(WATCHING) if self.seconds),
            *(f"run/{way}/{number}" for number in range(self.pairs) for way in RUNNING),
            *(f"flow/{way}/{number}" for number in range(self.pairs) for way in FLOWING),
        )
