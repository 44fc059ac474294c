"""The table of each engine, opened on a real one."""

from __future__ import annotations

import math
import uuid
from typing import TYPE_CHECKING, Any

from showcase.settings.store_address import parse
from showcase.settings.store_place import place_of
from showcase.stores.engines import table
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from showcase.bench.stores.servers import Server
    from showcase.settings.store_place import StorePlace
    from showcase.stores.interface import Table

SERVERS = ("chroma", "postgresql", "redis")
EMBEDDED = ("milvus", "qdrant")
KINDS = (*SERVERS, *EMBEDDED)
DIMENSIONS = 3

HOSTILE = (
    "*",
    "",
    "ali*",
    "alice",
    "Alice",
    "ALICE",
    "alice ",
    " alice",
    "alice,bob",
    "alice|bob",
    "%",
    "_",
    "'",
    '"',
    '" or true or metadata["user_id"] == "',
    "' OR '1'='1",
    "\\",
    'a\\"b',
    "\\n",
    "{",
    "{a}",
    "%s",
    "@user_id:{alice}",
    "one\ntwo",
    "one\r\ntwo",
    "a\tb",
    "caf\u00e9",
    "cafe\u0301",
    "\U0001f600",
    "\u2028",
    "x" * 600,
    "x" * 599 + "y",
    "5",
    "true",
    "null",
)
"""Users each of whom is another than all the others."""


def server_of(kind: str, request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(f"{kind}_{'place' if kind in EMBEDDED else 'server'}")
    return found


def place_of_server(server: Server, collection: str) -> StorePlace:
    """Return the place of a store; what belongs to it on this machine lies where XDG_DATA_HOME says."""
    if server.kind in EMBEDDED:
        named = f"{server.kind}:{server.data}"
    else:
        user = f"{server.user}@" if server.user else ""
        database = "/postgres" if server.kind == "postgresql" else ""
        named = f"{server.kind}://{user}{server.host}:{server.port}{database}"
    address = parse(f"{named}?collection={collection}")
    assert address is not None
    return place_of(address)


def table_of(server: Server, collection: str) -> Table:
    return table(place_of_server(server, collection), server.secret)


def made(beside: dict[str, Any], vector: Sequence[float] = (1.0, 0.0, 0.0), memory_id: str | None = None) -> Row:
    return Row(memory_id=memory_id or str(uuid.uuid4()), beside=beside, vector=tuple(vector))


def unit(*numbers: float) -> tuple[float, ...]:
    length = math.sqrt(sum(each * each for each in numbers))
    return tuple(each / length for each in numbers)


def all_of(table: Table, user_id: str | None, *, vectors: bool = False) -> list[Row]:
    return [row for page in table.pages(user_id, vectors=vectors) for row in page]


def by_id(rows: Sequence[Row]) -> dict[str, dict[str, Any]]:
    return {row.memory_id: dict(row.beside) for row in rows}
