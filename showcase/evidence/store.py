"""The store that the sessions of a run used, where it was named: which engine, where, and how it was spoken to."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import Literal

from showcase.evidence.engine import Endpoint
from showcase.evidence.fact import Fact

StoreEngine = Literal["chroma", "postgresql", "qdrant", "milvus", "redis"]

CALLED: dict[StoreEngine, str] = {
    "chroma": "Chroma",
    "postgresql": "PostgreSQL",
    "qdrant": "Qdrant",
    "milvus": "Milvus Lite",
    "redis": "Redis",
}
"""What a reader is told of an engine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Store(Fact):
    """A store that stood behind `--store`. Where it is, and whether that is here, follows from `host`.

    `host` is as it was named, an address or a name, and empty for an engine that ran inside of the processes that
    opened it: of a directory the log does not say which. `addresses` are what a name led to before the sessions began
    and after they ended. `tls` says that its client spoke TLS and nothing else. `version` is what the engine says of
    itself. Who was logged in, to which database and by which password, is in no log.
    """

    kind: StoreEngine
    host: str
    port: int
    tls: bool
    version: str
    collection: str
    addresses: tuple[str, ...] = ()

    @property
    def is_server(self) -> bool:
        """Whether it is spoken to over the network; else it ran in the sessions' own processes."""
        return bool(self.host)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine: of a server, by a loopback address. Where a name leads, others say."""
        try:
            return not self.host or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def endpoint(self) -> Endpoint | None:
        """The numeric address and the port; None for a name, and where there is no server."""
        try:
            return Endpoint(address=str(ipaddress.ip_address(self.host)), port=self.port)
        except ValueError:
            return None

    @property
    def where(self) -> str:
        """HOST:PORT; empty where there is no server."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if host else ""

    @property
    def called(self) -> str:
        """What it is, for a reader: its name, with the version where it says one."""
        return self.version or CALLED[self.kind]
