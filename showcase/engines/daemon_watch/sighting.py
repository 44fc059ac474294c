"""What one look saw of the servers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal, Protocol

from showcase.evidence import DaemonProcess, Sight

Wanted = Callable[[str, int], bool]
"""Whether somebody may connect to a listener at this address and port."""


@dataclass(frozen=True, slots=True)
class Held:
    """A socket of a server. `identity` tells one that was closed from another that took its place."""

    kind: Literal["listen", "connect", "datagram", "raw", "unix", "other"]
    address: str
    port: int
    pid: int | None
    identity: Hashable = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One listener, and all that was seen of those who serve it."""

    address: str
    port: int
    uid: int | None
    sight: Sight
    processes: tuple[DaemonProcess, ...] = ()
    held: tuple[Held, ...] = ()
    unseen: str = ""


class Looker(Protocol):
    """How to look on one system."""

    blind: str
    """Why this system does not even tell who listens, empty where it does."""

    def look(self, wanted: Wanted) -> list[Sighting]:
        """Return every listener of loopback that is wanted and none of ours."""
        ...


def unseen(uid: int | None, remedy: str) -> str:
    """Return why sockets could not be listed, and how to change it."""
    owner = "" if uid is None else f" It runs as user id {uid}."
    return f"this system shows them to their owner and to root.{owner} {remedy}"
