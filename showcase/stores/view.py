"""What is told of a store with a URL: the engine, how it is reached, whose rows it holds, and who else reads them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from showcase.errors import ShowcaseError
from showcase.evidence.fact import Fact
from showcase.memory import store_record
from showcase.stores import counting
from showcase.stores.at_rest import at_rest
from showcase.stores.engines import table
from showcase.stores.what_stays import what_stays

if TYPE_CHECKING:
    from showcase.settings.store_address import StoreAddress
    from showcase.settings.store_place import StorePlace
    from showcase.stores.interface import Table

_ADMISSION = {
    "chroma": "a Chroma server has no authentication since 1.0: whoever reaches its port reads, changes and deletes "
    "everything in it; keep it on loopback, or behind a proxy that asks who is there",
    "qdrant": "a Qdrant server asks for a key only where it was started with one; one key reads everything",
    "redis": "Redis lets in whom its ACL names, and everybody where the default user has no password (nopass)",
    "path": "an engine inside of this process: whoever may read the files reads everything",
}
"""Who is let in, of an engine whose own rights are not looked at here."""


@runtime_checkable
class Listing(Protocol):
    """A `Table` whose engine names its collections."""

    def collections(self) -> tuple[str, ...]:
        """Return the names of all collections of the same database, in order."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRows(Fact):
    """How many rows a user has; `user_id` is None for those that name nobody."""

    user_id: str | None
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Around(Fact):
    """What lies around a collection, as its engine tells.

    Attributes:
        others: Names of other collections or tables in the same database, in order.
        rights: Who may read or change it, a sentence each.
        remarks: What else the engine tells of it, a sentence each.
    """

    others: tuple[str, ...] | None = None
    rights: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreView(Fact):
    """A store with a URL, as the engine told of it; no text of a memory was read.

    Attributes:
        store: The URL.
        engine: Name and version, as it says.
        transport: How bytes go there.
        database: Its database, empty where there is none.
        collection: Name of the collection, table or index.
        exists: Whether that is there.
        users: Who has how many rows, counted.
        dimensions: Numbers of a vector, None where it does not say.
        embed_model: Which model made them, None where nothing says.
        marked: Where that is written down.
        around: What lies around it.
        stays: Where the engine keeps bytes of what was deleted.
        at_rest: What it does about encryption of what lies on disk.
        beside: The directory on this machine with mem0's history, None where there is none.
        unseen: What could not be looked at and why, a sentence each.
    """

    store: str
    engine: str
    transport: str
    database: str
    collection: str
    exists: bool
    users: tuple[UserRows, ...]
    dimensions: int | None
    embed_model: str | None
    marked: str | None
    around: Around
    stays: tuple[str, ...]
    at_rest: str
    beside: str | None
    unseen: tuple[str, ...] = ()


def view(place: StorePlace, secret: str | None) -> StoreView:
    """Ask an engine what is there; nothing is changed.

    Args:
        place: The store; it has an address.
        secret: Password or key, None where there is none.

    Raises:
        StoreError: It does not answer, or lets nobody in.
        UsageError: Its library is not installed.
    """
    address = place.address
    assert address is not None  # noqa: S101 - whoever calls looked
    rows = table(place, secret)
    unseen: list[str] = []
    try:
        engine = rows.version()
        exists = rows.exists()
        users: tuple[UserRows, ...] = ()
        if exists:
            try:
                counted = counting.counts(rows)
                users = tuple(
                    UserRows(user_id=each, rows=counted[each])
                    for each in sorted(counted, key=lambda name: (name is None, name or ""))
                )
            except ShowcaseError as error:
                unseen.append(f"rows: {error.message}")
        model, marked = _made_by(place, rows, exists=exists)
        return StoreView(
            store=str(address),
            engine=engine,
            transport=_transport(address),
            database=address.database,
            collection=address.collection,
            exists=exists,
            users=users,
            dimensions=rows.dimensions() if exists else None,
            embed_model=model,
            marked=marked,
            around=_around(address, rows),
            stays=what_stays(address),
            at_rest=at_rest(address.kind),
            beside=str(place.home) if place.home.is_dir() else None,
            unseen=tuple(unseen),
        )
    finally:
        rows.close()


def shows_part(rows: Table) -> bool:
    """Return whether the engine shows this login a part of the rows alone: row-level security of PostgreSQL.

    Raises:
        StoreError: The server refuses, or went away.
    """
    from showcase.stores.pgvector import PgvectorTable  # noqa: PLC0415 - only where one is asked
    from showcase.stores.pgvector_view import shows_part as of_postgresql  # noqa: PLC0415 - likewise

    return isinstance(rows, PgvectorTable) and of_postgresql(rows)


def _made_by(place: StorePlace, rows: Table, *, exists: bool) -> tuple[str | None, str | None]:
    """Return which model made the vectors, and where that is written down."""
    mark = rows.mark() if exists else None
    if mark is not None and store_record.FORMAT in mark:
        with suppress(ShowcaseError):
            return store_record.parsed(mark.encode(), place, "it", hint="").embed_model, "beside the rows"
    with suppress(ShowcaseError):
        record = store_record.read(place) if exists else None
        return (None, None) if record is None else (record.embed_model, "on this machine alone")
    return None, None


def _transport(address: StoreAddress) -> str:
    if address.path is not None:
        return "none: the engine runs in the process that opens it"
    where = "this machine alone" if address.is_here else f"to {address.where}"
    how = f"over TLS ({address.sslmode})" if address.sslmode and address.tls else "over TLS"
    return f"{where}, {how if address.tls else 'not encrypted on the way'}"


def _around(address: StoreAddress, rows: Table) -> Around:
    if address.kind == "postgresql":
        from showcase.stores.pgvector import PgvectorTable  # noqa: PLC0415 - only the one in use
        from showcase.stores.pgvector_view import around  # noqa: PLC0415 - likewise

        assert isinstance(rows, PgvectorTable)  # noqa: S101 - of that kind
        return around(rows)
    others = None
    if isinstance(rows, Listing):
        others = tuple(name for name in rows.collections() if name != address.collection)
    return Around(others=others, rights=(_ADMISSION[address.kind if address.path is None else "path"],))
