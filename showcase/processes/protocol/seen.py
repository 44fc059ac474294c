"""Events that the audit hook writes; see `witnesses.recorder`, which writes them without these classes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.processes.protocol.said import Said


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempted(Said):
    """A call that names a destination, before it was made.

    Attributes:
        pid: Which process, where several write to one place.
        package: The packages on the stack, outermost first.
        peer: `watched` where the far end is this very process.
    """

    kind: Literal["connect", "lookup", "send"]
    family: str = ""
    address: str | None = None
    name: str | None = None
    port: int | None = None
    transport: str | None = None
    package: str = ""
    peer: Literal["watched"] | None = None
    pid: int | None = None
    event: Literal["attempt"] = "attempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedProcess(Said):
    """The audit hook saw a process being started, which it cannot see into; `name` is its program, or how."""

    name: str
    package: str = ""
    pid: int | None = None
    event: Literal["child"] = "child"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNative(Said):
    """The audit hook saw that a C function was looked up, whose use it cannot see."""

    name: str
    package: str = ""
    pid: int | None = None
    event: Literal["native"] = "native"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable(Said):
    """The audit hook could not read what it was told of the audit event `audit`."""

    audit: str = ""
    why: str = ""
    pid: int | None = None
    event: Literal["unreadable"] = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooked(Said):
    """The audit hook is in a Python of an audited command."""

    pid: int
    event: Literal["hooked"] = "hooked"
