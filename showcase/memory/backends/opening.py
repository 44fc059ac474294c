"""Opens a store as a backend: the model that made it checked, the layout that it has."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from showcase.errors import StoreError, UsageError
from showcase.memory import conversion, replacement, store_record
from showcase.memory.collections import Collections
from showcase.memory.distances import check_space, check_unit_length
from showcase.memory.presence import check_begins
from showcase.memory.same_store import Tell, again, silent
from showcase.memory.store_record import Layout, StoreRecord
from showcase.settings import MEM0_HOME, STORE
from showcase.settings.store_place import StorePlace
from showcase.shell.advice import quoted
from showcase.stores.engines import table
from showcase.stores.table_rows import TableRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.engines.everyday import Opened
    from showcase.engines.models.exchange import ExchangeRecorder
    from showcase.memory.backends.interface import Backend, BackendName
    from showcase.settings.store_address import StoreAddress


_MOVE: dict[Layout, str] = {
    "shared": "showcase memories move --layout shared",
    "per-user": "showcase memories move --layout per-user",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A store before anything of it is opened: where it lies, what it remembers, how it is laid out."""

    place: StorePlace
    record: StoreRecord | None
    layout: Layout
    secret: str | None = field(default=None, repr=False)
    """Password or key of its server."""

    def rows(self) -> Collections | TableRows:
        """Return its rows, opened when they are first asked for."""
        if self.place.address is None:
            return Collections(self.place, self.layout)
        return TableRows(self.place, table(self.place, self.secret))


def look(place: StorePlace, layout: Layout | None = None, *, finishes: bool = True, secret: str | None = None) -> Kept:
    """Return what a store says of itself, after a conversion that was decided and then cut off is brought to its end.

    Args:
        place: Where it lies; it need not be there.
        layout: What was asked for, None for what the store has, `shared` where there is none.
        finishes: Whether such a conversion is finished; who only looks changes nothing, and is told.
        secret: Password or key of its server, None where there is none.

    Raises:
        UsageError: It has another layout than was asked for.
        StoreError: What it says of itself cannot be read, or it is something else than a store.
    """
    if place.address is not None:
        return _look_there(place, place.address, layout, secret)
    if place.root.exists() and not place.root.is_dir():
        raise UsageError(f"{place.root} is no directory, and a store is one", hint="--store DIR")
    beside = place.root.parent / MEM0_HOME
    if place.root.name == STORE and place.chroma == place.root and beside.is_dir():
        raise UsageError(
            f"{place.root} is the half of a store that Chroma keeps; what it says of itself is in {beside}",
            hint=f"--store {quoted(place.root.parent)}",
        )
    if finishes:
        conversion.finish(place)
        replacement.finish(place)
    record = store_record.read(place)
    there: Layout | None = record.layout if record else ("shared" if place.chroma.is_dir() else None)
    if layout is not None and there is not None and layout != there:
        raise UsageError(
            f"the store {place.named} has the layout {there}",
            hint=f"convert it: {_MOVE[layout]} --store {quoted(place.named)}; or leave --layout out",
        )
    return Kept(place=place, record=record, layout=layout or there or "shared")


def _look_there(place: StorePlace, address: StoreAddress, layout: Layout | None, secret: str | None) -> Kept:
    """Return what a store with a URL says of itself: beside its rows, else on this machine, which keeps a copy."""
    if layout == "per-user":
        raise UsageError(
            f"a store of {address.kind} has one collection for everybody, the layout shared",
            hint="leave --layout out; collections of their own have the users of an embedded Chroma: --store DIR",
        )
    with closing(table(place, secret)) as rows:
        is_there = rows.exists()
        mark = rows.mark() if is_there else None
    marked = None
    if mark is not None and store_record.FORMAT in mark:  # else it is somebody's own comment
        fix = f"move its memories to another store: showcase memories export --store {quoted(address)} FILE"
        marked = store_record.parsed(mark.encode(), place, f"what is written beside the rows of {address}", hint=fix)
    noted = store_record.read(place)
    if noted is not None and not is_there:
        store_record.path_of(place).unlink(missing_ok=True)  # of a collection that is gone
        noted = None
    if marked is not None and marked != noted:
        store_record.write(place, marked)
    return Kept(place=place, record=marked or noted, layout="shared", secret=secret)


@contextmanager
def opened(
    kept: Kept,
    server: Opened,
    *,
    name: BackendName = "mem0",
    infer: bool = False,
    limit_s: float,
    writes: bool = True,
    tell: Tell = silent,
    heard: ExchangeRecorder | None = None,
) -> Iterator[Backend]:
    """Open a store as a backend, and let go of it.

    Args:
        kept: See `look`.
        server: The model server.
        name: Which backend.
        infer: Whether the chat model extracts what is stored; mem0 alone can.
        limit_s: How long a whole answer of the model server may take.
        writes: Whether anything may be stored: only then a store is made where there is none.
        tell: Told where a write waits for another process.
        heard: Records what mem0 asks the model server; Chroma alone has no client of its own.

    Raises:
        StoreError: It was made with another embedding model, was converted since it was looked at, or cannot be used.
        UsageError: The backend cannot do what was asked.
    """
    if infer and name != "mem0":
        raise UsageError(f"the backend {name} extracts nothing", hint="--infer --backend mem0, or leave --infer out")
    # A model server takes seconds to start, in which another process may convert the store.
    kept = replace(kept, record=again(kept.place, kept.record, kept.layout))
    if writes:
        check_begins(kept.place)
    if kept.place.address is None:
        check_space(kept.place, kept.layout)
    record = _checked(kept, server)
    if writes and kept.record is None:
        record = store_record.begin(kept.place, record)
    elif writes and record != kept.record:
        store_record.write(kept.place, record)
    backend = _backend(kept, server, name=name, infer=infer, limit_s=limit_s, heard=heard)
    try:
        backend.rows.same.made_by, backend.rows.same.tell = record, tell
        yield backend
    finally:
        backend.close()


def _checked(kept: Kept, server: Opened) -> StoreRecord:
    model = server.embed_model
    if kept.record is not None:
        return store_record.check_model(kept.record, model, kept.place, is_file=server.counts_exactly)
    with kept.rows() as rows:
        there = rows.dimensions()
        if isinstance(rows, Collections):
            check_unit_length(rows)
    if there is not None and there != model.dimensions:
        raise StoreError(
            f"the store {kept.place.named} has vectors of {there} dimensions, and {model.name} makes "
            f"{model.dimensions}; which model made them, it does not say",
            hint=f"name that model with --embed-model; or {_other_vectors(kept.place, model.name)}",
        )
    return store_record.made_by(model, layout=kept.layout)


def _other_vectors(place: StorePlace, model: str) -> str:
    """Return how to come to vectors of another model: in place where the files are ours, else in another collection."""
    if place.address is None:
        return (
            f"make all vectors anew: showcase memories reembed --store {quoted(place.named)} --embed-model "
            f"{quoted(model)}"
        )
    return f"begin another collection: --store {quoted(place.address.of_collection('memories_2'))}"


def _backend(
    kept: Kept, server: Opened, *, name: BackendName, infer: bool, limit_s: float, heard: ExchangeRecorder | None
) -> Backend:
    rows = kept.rows()
    embed_model = server.embed_model
    if name == "chroma":
        if kept.place.address is not None and kept.place.address.kind != "chroma":
            raise UsageError(
                f"the store {kept.place.named} is none of Chroma's", hint="leave --backend out, which is mem0 then"
            )
        from showcase.memory.backends.chroma_backend import ChromaBackend  # noqa: PLC0415 - only the one in use

        return ChromaBackend(rows, lambda text: server.gate.embed(embed_model.name, text))
    from showcase.memory.backends.mem0_backend import Mem0Backend  # noqa: PLC0415 - heavy

    # mem0 wants a chat model's name also where it will not ask one.
    chat_model = server.chat_model.name if server.chat_model else "none"
    return Mem0Backend(
        rows,
        secret=kept.secret,
        endpoint=server.endpoint,
        chat_model=chat_model,
        embed_model=embed_model.name,
        dimensions=embed_model.dimensions or 0,
        infer=infer,
        limit_s=limit_s,
        heard=heard,
    )
