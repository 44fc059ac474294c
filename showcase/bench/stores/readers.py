"""Those who use a store: stock mem0, and our own rows; behind one face, in a process of their own."""

from __future__ import annotations

import hashlib
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from showcase.bench.stores.engines import Reader
from showcase.evidence import Endpoint, Model
from showcase.evidence.fact import Fact
from showcase.memory import store_record
from showcase.memory.backends.opening import Kept
from showcase.memory.mem0_store import COLLECTION, configuration, import_mem0, open_memory
from showcase.memory.own_parts import close_store, http_clients
from showcase.memory.store_record import Layout
from showcase.memory.stored import Stored, now, to_metadata
from showcase.memory.user_ids import check_user_id
from showcase.settings import MEM0_HOME
from showcase.settings.store_address import parse
from showcase.settings.store_place import StorePlace, place_of, store_place
from showcase.stores.interface import Row
from showcase.stores.provider import vector_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.stores.told import Told

LISTED = 2000
"""Rows that a listing asks for at most: mem0 asks an engine for four times as many, and Milvus refuses over 16,384."""

_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening(Fact):
    """What a process has to know to open a store.

    Attributes:
        reader: By whom.
        url: The store; empty for an embedded Chroma in `root`.
        root: The directory of the store, or what this machine keeps of a server's.
        layout: Of an embedded Chroma.
        endpoint: Where the model server listens, address and port.
        embed_model: The embedding model's name.
        digest: Its digest.
        dimensions: Numbers of a vector.
        bare: See `Engine`.
    """

    reader: Reader
    url: str
    root: str
    layout: Layout
    endpoint: tuple[str, int]
    embed_model: str
    digest: str | None
    dimensions: int
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Fact):
    """A row that came back."""

    memory_id: str
    user_id: str | None
    text: str


class Using(Protocol):
    """What each of them can do. A user id that is refused raises."""

    def add(self, user_id: str, text: str) -> str:
        """Store a text; return its id."""
        ...

    def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:
        """Return what is found for a text."""
        ...

    def listed(self, user_id: str) -> list[Seen]:
        """Return a user's rows, at most `LISTED`."""
        ...

    def owner(self, memory_id: str) -> str | None:
        """Return whose a row is in the store."""
        ...

    def delete(self, memory_id: str) -> None:
        """Take a row out."""
        ...

    def delete_all(self, user_id: str) -> None:
        """Take a user's rows out."""
        ...

    def insert(self, rows: Sequence[Told]) -> None:
        """Store rows of anybody at once, by the adapter's or the engine's own call."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...


def place(opening: Opening) -> StorePlace:
    """Return where the parts of a store are; of a server's, below the directory that was given."""
    address = parse(opening.url) if opening.url else None
    root = Path(opening.root)
    if address is None:
        return store_place(root)
    if address.path is not None:
        return place_of(address)
    return StorePlace(root=root, chroma=root / address.kind, home=root / MEM0_HOME, address=address)


def opened(opening: Opening, secret: str | None) -> Using:
    """Open a store.

    Raises:
        ShowcaseError: It cannot be used.
    """
    where = place(opening)
    where.home.mkdir(parents=True, exist_ok=True)
    return _Mem0(opening, where, secret) if opening.reader == "mem0" else _Ours(opening, where, secret)


class _Mem0:
    """Stock mem0, `infer=False`: no chat model is asked. What is below `threshold` is asked for too."""

    def __init__(self, opening: Opening, where: StorePlace, secret: str | None) -> None:
        import_mem0()
        address, port = opening.endpoint
        store = (
            _by_path(where, opening.dimensions)
            if opening.bare
            else vector_store(where, secret, collection=COLLECTION, dimensions=opening.dimensions, stock=True)
        )
        self._memory = open_memory(
            configuration(
                store=where.chroma,
                home=where.home,
                endpoint=Endpoint(address=address, port=port),
                chat_model="none",
                embed_model=opening.embed_model,
                dimensions=opening.dimensions,
                vector_store=store,
            ),
            limit_s=_LIMIT_S,
            address=where.address,
        )

    def add(self, user_id: str, text: str) -> str:
        answer = self._memory.add([{"role": "user", "content": text}], user_id=user_id, infer=False)
        return str(answer["results"][0]["id"])

    def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:
        answer = self._memory.search(text, filters={"user_id": user_id}, top_k=at_most, threshold=0.0)
        return [_of_mem0(each) for each in answer["results"]]

    def listed(self, user_id: str) -> list[Seen]:
        answer = self._memory.get_all(filters={"user_id": user_id}, top_k=LISTED)
        return [_of_mem0(each) for each in answer["results"]]

    def owner(self, memory_id: str) -> str | None:
        found = self._memory.get(memory_id)
        return None if found is None else found.get("user_id")

    def delete(self, memory_id: str) -> None:
        self._memory.delete(memory_id)

    def delete_all(self, user_id: str) -> None:
        self._memory.delete_all(user_id=user_id)

    def insert(self, rows: Sequence[Told]) -> None:
        self._memory.vector_store.insert(
            vectors=[each.vector for each in rows],
            payloads=[each.payload for each in rows],
            ids=[each.memory_id for each in rows],
        )

    def close(self) -> None:
        for client in http_clients(self._memory):
            client.close()
        close_store(self._memory.vector_store)
        self._memory.close()


def _by_path(where: StorePlace, dimensions: int) -> dict[str, Any]:
    """Return what mem0's documentation has for Milvus Lite: the path of a file, which mem0 opens by itself."""
    named = {"collection_name": COLLECTION, "embedding_model_dims": dimensions, "url": str(where.chroma)}
    return {"provider": "milvus", "config": {**named, "metric_type": "COSINE", "db_name": "", "token": ""}}


def _of_mem0(row: Any) -> Seen:  # noqa: ANN401 - what mem0 answers
    return Seen(memory_id=str(row["id"]), user_id=row.get("user_id"), text=str(row.get("memory", "")))


class _Ours:
    """Our own rows, with the user ids that the commands accept."""

    def __init__(self, opening: Opening, where: StorePlace, secret: str | None) -> None:
        from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy

        address, port = opening.endpoint
        self._gate = OllamaGate(Endpoint(address=address, port=port))
        self._model = opening.embed_model
        model = Model(name=opening.embed_model, digest=opening.digest, dimensions=opening.dimensions)
        record = store_record.read(where) or store_record.made_by(model, layout=opening.layout)
        self._rows = Kept(place=where, record=record, layout=opening.layout, secret=secret).rows()
        self._rows.same.made_by = record
        with suppress(FileExistsError):
            store_record.write(where, record)
        self._rows.dimensions()  # opens it, as mem0 does

    def add(self, user_id: str, text: str) -> str:
        check_user_id(user_id)
        memory_id, at = str(uuid.uuid4()), now()
        row = Stored(
            memory_id=memory_id, text=text, user_id=user_id, source="typed", created_at=at, updated_at=at,
            metadata={"hash": hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()},
        )  # fmt: skip
        self._rows.put(user_id, {memory_id: (to_metadata(row), self._gate.embed(self._model, text))})
        return memory_id

    def search(self, user_id: str, text: str, at_most: int) -> list[Seen]:
        check_user_id(user_id)
        found = self._rows.search(user_id, self._gate.embed(self._model, text), at_most=at_most)
        return [_of_ours(each.row) for each in found]

    def listed(self, user_id: str) -> list[Seen]:
        check_user_id(user_id)
        return [_of_ours(each) for each in self._rows.rows(user_id)]

    def owner(self, memory_id: str) -> str | None:
        found = self._rows.anybodys([memory_id]).get(memory_id)
        return None if found is None else found.user_id

    def delete(self, memory_id: str) -> None:
        whose = self.owner(memory_id)
        if whose is not None:
            self._rows.delete(whose, [memory_id])

    def delete_all(self, user_id: str) -> None:
        self._rows.delete(user_id, [each.memory_id for each in self.listed(user_id)])

    def insert(self, rows: Sequence[Told]) -> None:
        table = getattr(self._rows, "table", None)
        if table is not None:
            self._rows.claim(rows[0].payload["user_id"])
            table.put([Row(memory_id=each.memory_id, beside=each.payload, vector=tuple(each.vector)) for each in rows])
            return
        of_user: dict[str, dict[str, tuple[dict[str, Any], list[float]]]] = {}
        for each in rows:
            of_user.setdefault(each.payload["user_id"], {})[each.memory_id] = (each.payload, each.vector)
        for user_id, some in of_user.items():
            self._rows.put(user_id, some)

    def close(self) -> None:
        self._rows.close()
        self._gate.close()


def _of_ours(row: Stored) -> Seen:
    return Seen(memory_id=row.memory_id, user_id=row.user_id, text=row.text)
