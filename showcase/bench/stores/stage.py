"""Where one step is played: a store of an engine made anew, its server where it has one, and processes that use it."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.bench.stores import program, servers
from showcase.bench.stores.readers import Opening, place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from showcase.bench.stores.engines import Engine, Reader
    from showcase.bench.stores.program import Program
    from showcase.bench.stores.servers import Server
    from showcase.engines.everyday import Opened
    from showcase.settings.store_place import StorePlace

_SETTINGS: dict[str, dict[str, str]] = {
    # What the tests switch off for speed is part of what an add costs.
    "postgresql": {"fsync": "on"},
    # As Redis comes; and the log that whoever must not lose a row switches on. Not compressed, so that it can be read.
    "redis": {"save": "3600 1 300 100 60 10000", "appendonly": "yes", "rdbcompression": "no"},
}


class Stage:
    """A store of one engine, for one reader.

    Attributes:
        engine: Which.
        reader: Who uses it.
        directory: All of its files are below.
        server: Its server; None where the library is the engine, or where it was stopped.
        model_server: Whoever embeds.
        began_s: How long the server took to answer.
    """

    def __init__(
        self, engine: Engine, reader: Reader, directory: Path, model_server: Opened, doing: Callable[[str], None]
    ) -> None:
        self.engine = engine
        self.reader = reader
        self.directory = directory
        self.model_server = model_server
        self.doing = doing
        self.server: Server | None = None
        self.began_s = 0.0
        self._opening: Opening | None = None

    @property
    def opening(self) -> Opening:
        """How a process opens the store."""
        if self._opening is None:
            raise ValueError("the stage is not set")
        return self._opening

    @property
    def place(self) -> StorePlace:
        """Where the parts of the store lie."""
        return place(self.opening)

    @contextmanager
    def set(self) -> Iterator[None]:
        """Start what has to be started, and stop it with the block.

        Raises:
            UnavailableError: It cannot be had here.
        """
        store = self.directory / "store"
        store.mkdir()
        with ExitStack() as ends:
            url = self.engine.url.replace("{place}", str(store))
            if self.engine.server is not None:
                self.doing(f"starting {self.engine.said}")
                where = self.directory / "server"
                where.mkdir()
                more: Mapping[str, str] = _SETTINGS.get(self.engine.server, {})
                self.server = servers.start(self.engine.server, where, settings=more, keeps_data=True)
                ends.callback(self.stop)
                self.began_s = self.server.start_s
                url = url.replace("{port}", str(self.server.port))
            model = self.model_server.embed_model
            self._opening = Opening(
                reader=self.reader,
                url=url,
                root=str(store),
                layout=self.engine.layout,
                endpoint=(self.model_server.endpoint.address, self.model_server.endpoint.port),
                embed_model=model.name,
                digest=model.digest,
                dimensions=model.dimensions or 0,
                bare=self.engine.bare,
            )
            yield

    def stop(self) -> None:
        """Stop the server as it is meant to be stopped; its files stay."""
        if self.server is not None:
            servers.stop(self.server)
            self.server = None

    def opened(
        self, *, waits: bool = True, secret: bool = True, reader: Reader | None = None
    ) -> AbstractContextManager[Program]:
        """Let a process open the store; see `program.opened`.

        Args:
            waits: Whether to wait until it is open.
            secret: Whether the process is told the server's password.
            reader: By whom, where it is not the reader of this stage.
        """
        known = self.server.secret if secret and self.server is not None else None
        opening = replace(self.opening, reader=reader or self.reader)
        return program.opened(opening, known, self.directory, doing=self.doing, waits=waits)

    def pause(self, seconds: float) -> None:
        """Wait, and notice the end of a minute meanwhile."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.doing("waiting")
            time.sleep(min(0.1, max(0.0, until - time.monotonic())))
