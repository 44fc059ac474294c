"""A chat whose store is a server: that it goes on after the server was away, and what `/forget` and `/incognito` do."""

from __future__ import annotations

import time
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from commanding import Teller, teller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from servers import Server

PATIENCE_S = 120


@pytest.fixture
def alone(postgresql_server: Server, collection: str, tmp_path: Path) -> Iterator[Teller]:
    """A database that nobody else uses, so that its sessions can be ended."""
    there = teller(postgresql_server, collection, tmp_path / "data")
    name = f"chat_{uuid.uuid4().hex[:10]}"
    there.sql(f"CREATE DATABASE {name}")
    yield there.at(database=name)
    there.sql(f"DROP DATABASE {name} WITH (FORCE)")


def until(holds: Callable[[], bool]) -> None:
    latest = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.2)


def rows(there: Teller) -> int:
    try:
        found = there.sql(f'SELECT count(*) FROM "{there.address.collection}"')  # noqa: S608 - a name of the fixture's
    except psycopg.errors.UndefinedTable:
        return 0
    return int(found[0][0])


def test_a_chat_goes_on_when_the_server_ended_its_sessions_and_when_it_lets_nobody_in(alone: Teller) -> None:
    name = alone.address.database
    server = alone.at(database="postgres")
    end = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608 - likewise
    with alone.chat() as chat:
        assert chat.stdin is not None
        assert chat.stdout is not None

        def say(line: str) -> None:
            assert chat.stdin is not None
            chat.stdin.write(f"{line}\n")
            chat.stdin.flush()

        say("I live in Oslo.")
        until(lambda: rows(alone) == 1)
        server.sql(end)
        say("I have a dog.")
        until(lambda: rows(alone) == 2)
        server.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", end)
        say("I have a cat.")
        shown = ""
        while "not currently accepting connections" not in shown:
            read = chat.stdout.readline()
            assert read, shown
            shown += read
        server.sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        say("I have a horse.")
        until(lambda: rows(alone) == 3)
        say("/incognito")
        say("/memory")
        say("/forget 1")
        rest, _ = chat.communicate(timeout=PATIENCE_S)
    shown += rest
    assert chat.returncode == 0
    assert "Traceback" not in shown
    assert alone.secret not in shown
    assert "alice> I have a cat." in shown, "what was typed stands above what was refused"
    assert "showcase ask --no-save" in shown
    assert "1 memory taken out" in shown
    assert "is not seen from here" in shown
    assert "Gone from this machine too: 2 events of mem0's history" in shown
    assert rows(alone) == 2
