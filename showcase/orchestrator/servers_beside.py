"""The servers that were there before a run: its model server, where it did not start one, and that of its store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.daemon_watch import DaemonWatch
from showcase.evidence import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.clock import RunClock
    from showcase.engines.room import EngineRoom
    from showcase.evidence import Attempt, Daemon, Endpoint
    from showcase.orchestrator.store_under_test import StoreUnderTest


class ServersBeside:
    """Watches them from beside, by their sockets: they are no processes of the run.

    Args:
        room: Where the model server is found or started.
        store: The store of the run.
    """

    def __init__(self, room: EngineRoom, store: StoreUnderTest) -> None:
        self._room = room
        self._store = store
        self._engine: Endpoint | None = None
        self._watch: DaemonWatch | None = None

    def start(self, clock: RunClock) -> None:
        """Begin to look, once the room has looked for a server and before it starts one."""
        self._engine = self._room.endpoint_or_none
        beside = [each for each in (self._engine, self._store.endpoint) if each is not None]
        if beside:
            rules = [Rule(host=each.address, port=each.port) for each in beside]
            unasked = [] if self._store.endpoint is None else [self._store.endpoint]
            self._watch = DaemonWatch(rules, unasked=unasked)
            self._watch.start(clock)

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports of loopback that the sessions need: of the model server, be it one of ours, and of the store."""
        store = self._store.endpoint
        return (self._room.port, *(() if store is None else (store.port,)))

    def stop(self) -> None:
        """Look no more."""
        if self._watch is not None:
            self._watch.stop()

    def daemons(self, connections: Sequence[Attempt]) -> tuple[Daemon, ...]:
        """Return what was seen of them, and of a model server that the run started.

        Args:
            connections: The table of what the witnesses saw.
        """
        of_engine = () if self._watch is None or self._engine is None else self._watch.daemons((self._engine,))
        store = self._store.endpoint
        of_store = () if self._watch is None or store is None else self._watch.daemons((store,))
        return (*(of_engine if self._engine is not None else self._room.daemons(connections)), *of_store)
