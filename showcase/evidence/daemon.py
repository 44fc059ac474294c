"""The servers behind allowed ports, as far as they could be seen from beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from showcase.evidence.engine import Endpoint
from showcase.evidence.fact import Fact

Sight = Literal["witnesses", "processes", "user", "none"]
"""How it was seen. By the run's own witnesses, because the run started it; else from beside it, by its sockets: process
by process, all those of the user it runs as, or not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonProcess(Fact):
    """A process that serves the port, or one that such a process started (a model's runner)."""

    pid: int
    name: str
    serves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonSocket(Fact):
    """A socket of the server. `pid` is None where only the user was seen.

    `kind` is what it can do, and decides what `address` and `port` are:

    - listen: it takes connections there;
    - connect: the server made a connection, to there;
    - datagram: it has no peer and is bound there: from an address that is not loopback it can send anywhere;
    - raw: as datagram, with packets of its own making; the port is 0;
    - unix: connected to another process of this machine, which has no such socket itself; `address` is the path of
      either end, empty where neither has one;
    - other: of the protocol that `address` names (VSOCK, PACKET), which leads nobody knows where.

    Moments are those of the looks that saw it first and last. A listener that some look in between did not see is
    there twice.
    """

    kind: Literal["listen", "connect", "datagram", "raw", "unix", "other"]
    address: str
    port: int
    pid: int | None
    first_seen_s: float
    last_seen_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon(Fact):
    """The server at `endpoint` between `from_s` and `until_s`: in an audit, the endpoint that the command contacted.

    `ollama` is its version where it says that it is an Ollama, else None; `cloud_disabled` is what its `/api/status`
    said at the end, None where it said nothing. `uid` is the user it runs as, where the system tells. `looks` counts
    how often its sockets were listed, `longest_gap_s` is the longest pause between two looks. `unseen` says why and
    how to change it where they could not be listed; where they could, why it is not known what the server is: it was
    asked, and did not answer in time.

    Seen by the run's witnesses, it has no `looks` and no `sockets`: what it did is in the run's connections, under the
    role of the engine.
    """

    endpoint: Endpoint
    ollama: str | None
    cloud_disabled: bool | None
    sight: Sight
    uid: int | None
    processes: tuple[DaemonProcess, ...]
    sockets: tuple[DaemonSocket, ...]
    looks: int
    longest_gap_s: float
    from_s: float
    until_s: float
    unseen: str = ""
