"""Commands of a user against a real server, each in a process of its own, and statements of its administrator."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from program import showcase
from servers import Server

from showcase.settings.store_address import StoreAddress, parse
from showcase.settings.store_place import place_of

if TYPE_CHECKING:
    from showcase.settings.store_place import StorePlace

REHEARSAL = ("--engine", "rehearsal")


@dataclass(frozen=True)
class Teller:
    """Types commands on one collection of one server.

    Attributes:
        server: The server.
        address: The collection, and as whom.
        secret: The password that is given.
        data: The user's place for data.
    """

    server: Server
    address: StoreAddress
    secret: str
    data: Path

    @property
    def url(self) -> str:
        return str(self.address)

    @property
    def place(self) -> StorePlace:
        before = os.environ.get("XDG_DATA_HOME")
        os.environ["XDG_DATA_HOME"] = str(self.data)
        try:
            return place_of(self.address)
        finally:
            if before is None:
                del os.environ["XDG_DATA_HOME"]
            else:
                os.environ["XDG_DATA_HOME"] = before

    def variables(self) -> dict[str, str]:
        return {"XDG_DATA_HOME": str(self.data), "SHOWCASE_STORE_SECRET": self.secret}

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this store; nothing that it says holds the password or a traceback."""
        done = showcase(*arguments, "--store", self.url, **{**self.variables(), **variables})
        said = done.stdout + done.stderr
        assert not self.secret or self.secret not in said
        assert "Traceback" not in said, said
        assert "fault of the program" not in said, said
        return done

    def did(self, *arguments: str, **variables: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refused(self, *arguments: str, status: int = 4, **variables: str) -> str:
        """Run a command that has to fail with a message and what to do; return both."""
        done = self.run(*arguments, **variables)
        assert done.returncode == status, done.stdout + done.stderr
        assert done.stderr.startswith("error: "), done.stderr
        assert "\n  fix: " in done.stderr, done.stderr
        return done.stderr

    def chat(self, user_id: str = "alice") -> subprocess.Popen[str]:
        """Begin a chat whose lines come from a pipe."""
        return subprocess.Popen(
            [sys.executable, "-m", "showcase", "chat", "--store", self.url, "--user-id", user_id, *REHEARSAL],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env={**os.environ, **self.variables()},
        )

    def at(self, **changes: Any) -> Teller:
        """Return one who goes to another address; `secret` is the password that is given."""
        secret = changes.pop("secret", self.secret)
        return replace(self, address=replace(self.address, **changes), secret=secret)

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as the administrator of a PostgreSQL server; return what the last one answered."""
        import psycopg  # noqa: PLC0415 - not for those who ask another server

        with psycopg.connect(
            host=self.server.host,
            port=self.server.port,
            user=self.server.user,
            password=self.server.secret,
            dbname=self.address.database or "postgres",
            autocommit=True,
        ) as connection:
            rows: list[tuple[Any, ...]] = []
            for statement in statements:
                answer = connection.execute(statement)
                rows = answer.fetchall() if answer.description else []
        return rows


def teller(server: Server, collection: str, data: Path) -> Teller:
    address = parse(server.url.replace("http:", "chroma:", 1))
    assert address is not None
    return Teller(server=server, address=address.of_collection(collection), secret=server.secret or "", data=data)
