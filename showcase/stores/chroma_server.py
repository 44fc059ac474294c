"""A Chroma server, or Chroma Cloud: the collection that mem0's provider `chroma` makes, by Chroma's own HTTP client.

The client is told everything here: neither a proxy nor a server that the environment names counts, and no request waits
for ever, as all of Chroma's own do.
"""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError
from showcase.stores.beside_rows import flat, whole
from showcase.stores.errors import as_store_error, in_header
from showcase.stores.exact import nearest_of
from showcase.stores.interface import Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import httpx

    from showcase.settings.store_address import StoreAddress

_PIECE = 300
"""Rows of one request: Chroma Cloud takes and returns no more (https://docs.trychroma.com/cloud/quotas-limits)."""

_COMPARED = 3000
"""Rows of a user up to which each is compared with a question, in 55 ms a thousand; beyond, Chroma's index answers."""

_CONNECT_S = 10
_ANSWER_S = 60
_MARK = "showcase_mark"
_MARK_PIECE = 200
"""Characters of a mark under one name: Chroma Cloud keeps 256 bytes."""


def http_client(address: StoreAddress, secret: str | None) -> Any:  # noqa: ANN401 - Chroma's own class
    """Return Chroma's client of a server, which was asked then for its tenant and database.

    A key goes out in both headers that are in use: `X-Chroma-Token` is what Chroma Cloud reads, `Authorization: Bearer`
    what a proxy does in front of a server of one's own. That one has had no authentication since Chroma 1.0.

    Args:
        address: The server; its database is `TENANT/DATABASE`, `DATABASE` or empty.
        secret: The key, None where there is none.

    Raises:
        StoreError: It does not answer, or refuses.
        UsageError: The key has characters that no header carries.
    """
    import chromadb  # noqa: PLC0415 - heavy
    from chromadb.config import DEFAULT_DATABASE, DEFAULT_TENANT, Settings  # noqa: PLC0415 - with it

    tenant, _, database = address.database.rpartition("/")
    key = None if secret is None else in_header(secret)
    host = f"[{address.host}]" if ":" in address.host else address.host
    with _translated(address, secret), _directly(tls=address.tls) as sessions:
        client = chromadb.HttpClient(
            host=host,
            port=address.port,
            ssl=address.tls,
            headers={} if key is None else {"X-Chroma-Token": key, "Authorization": f"Bearer {key}"},
            settings=Settings(
                _env_file=None,
                anonymized_telemetry=False,
                chroma_server_host=host,
                chroma_server_http_port=address.port,
                chroma_server_ssl_verify=None,
                chroma_client_auth_provider=None,
                chroma_otel_collection_endpoint="",
            ),
            tenant=tenant or DEFAULT_TENANT,
            database=database or DEFAULT_DATABASE,
        )
    shut = client.close

    def close() -> None:
        shut()
        for session in sessions:  # which its own `close` leaves open
            session.close()

    client.close = close
    return client


class ChromaServerTable:
    """See `Table`.

    Args:
        address: The server, its database, and the name of the collection.
        secret: The key of Chroma Cloud or of a proxy, None where there is none.
    """

    def __init__(self, address: StoreAddress, secret: str | None) -> None:
        self.address = address
        self._secret = secret
        self._client: Any = None

    def exists(self) -> bool:
        """See `Table`."""
        return self._collection() is not None

    def make(self, dimensions: int) -> None:  # noqa: ARG002 - a collection takes those of its first row
        """See `Table`."""
        with self._asked() as client:
            client.get_or_create_collection(self.address.collection, embedding_function=None)

    def drop(self) -> None:
        """See `Table`: its rows first.

        With a collection alone, Chroma 1.5.9 leaves behind which lists lay beside its rows, and hands them out beside
        the next rows of whatever collection.
        """
        if self.exists():
            self.delete([row.memory_id for page in self.pages(None) for row in page])
            with self._asked() as client:
                client.delete_collection(self.address.collection)

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: in the order in which they were stored.

        Chroma pages by counting, and counts anew for each page: what was taken out meanwhile would move others past
        its end. So each page begins with the last row of the one before, and where that is another one, a page back.
        """
        where = None if user_id is None else {"user_id": {"$eq": user_id}}
        seen: set[str] = set()
        begin = 0
        while True:
            rows = self._got(vectors=vectors, where=where, limit=_PIECE, offset=begin)
            if begin and (not rows or rows[0].memory_id not in seen):
                begin = max(0, begin - _PIECE + 1)
                continue
            fresh = [row for row in rows if row.memory_id not in seen]
            seen |= {row.memory_id for row in fresh}
            mine = [row for row in fresh if user_id is None or row.beside.get("user_id") == user_id]
            if mine:
                yield mine
            if len(rows) < _PIECE:
                return
            begin += _PIECE - 1

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`."""
        found = []
        for begin in range(0, len(ids), _PIECE):
            found += self._got(vectors=vectors, ids=list(ids[begin : begin + _PIECE]))
        return found

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: by comparing all of a user's rows, or, where there are many, by Chroma's index, which estimates.

        The default space gives the squared L2 distance d; of unit vectors the cosine is 1 - d/2.
        """
        rows: list[Row] = []
        for page in self.pages(user_id, vectors=True):
            rows += page
            if len(rows) > _COMPARED:
                return self._estimated(user_id, vector, at_most)
        return nearest_of(rows, vector, at_most)

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`."""
        for begin in range(0, len(rows), _PIECE):
            piece = rows[begin : begin + _PIECE]
            with self._asked():
                collection = self._there()
                # An upsert leaves the names that the new row does not have; None takes them out.
                held = collection.get(ids=[row.memory_id for row in piece], include=["metadatas"])
                gone = {
                    each: dict.fromkeys(names or {}) for each, names in zip(held["ids"], held["metadatas"], strict=True)
                }
                collection.upsert(
                    ids=[row.memory_id for row in piece],
                    metadatas=[{**gone.get(row.memory_id, {}), **flat(row.beside)} or None for row in piece],
                    embeddings=[list(row.vector or ()) for row in piece],
                )

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        for begin in range(0, len(ids), _PIECE):
            with self._asked():
                self._there().delete(ids=list(ids[begin : begin + _PIECE]))

    def dimensions(self) -> int | None:
        """See `Table`: None too where no row was stored yet, for the first one decides."""
        collection = self._collection()
        found = None if collection is None else collection._model.dimension  # noqa: SLF001 - told nowhere else
        return None if found is None else int(found)

    def mark(self) -> str | None:
        """See `Table`: beside the collection, in pieces."""
        collection = self._collection()
        held = {} if collection is None else dict(collection.metadata or {})
        pieces = sorted(name for name in held if name.startswith(_MARK))
        return "".join(str(held[name]) for name in pieces) if pieces else None

    def set_mark(self, text: str) -> bool:
        """See `Table`."""
        with self._asked():
            collection = self._there()
            others = {name: held for name, held in (collection.metadata or {}).items() if not name.startswith(_MARK)}
            pieces = {
                f"{_MARK}_{begin // _MARK_PIECE:04}": text[begin : begin + _MARK_PIECE]
                for begin in range(0, len(text), _MARK_PIECE)
            }
            collection.modify(metadata={**others, **pieces})
        return True

    def version(self) -> str:
        """See `Table`: of its API, for a server names no other."""
        with self._asked() as client:
            return f"Chroma server {client.get_version()}"

    def collections(self) -> tuple[str, ...]:
        """See `Listing`."""
        with self._asked() as client:
            return tuple(sorted(each.name for each in client.list_collections()))

    def close(self) -> None:
        """See `Table`."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _collection(self) -> Any:  # noqa: ANN401 - Chroma's own class
        """Return the collection as it is now, None where it is not there; not opened by what it says embeds it."""
        from chromadb.errors import NotFoundError  # noqa: PLC0415 - heavy

        with self._asked() as client:
            try:
                return client.get_collection(self.address.collection, embedding_function=None)
            except NotFoundError:
                return None

    def _there(self) -> Any:  # noqa: ANN401 - as above
        with self._asked() as client:
            return client.get_collection(self.address.collection, embedding_function=None)

    def _got(self, *, vectors: bool, **asked: Any) -> list[Row]:  # noqa: ANN401 - what Chroma's `get` takes
        include = ["metadatas", "embeddings"] if vectors else ["metadatas"]
        with self._asked():
            answer = self._there().get(include=include, **asked)
        embeddings = answer["embeddings"] if vectors else [None] * len(answer["ids"])
        return [
            Row(
                memory_id=memory_id,
                beside=whole(held),
                vector=None if vector is None else tuple(float(number) for number in vector),
            )
            for memory_id, held, vector in zip(answer["ids"], answer["metadatas"], embeddings, strict=True)
        ]

    def _estimated(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        with self._asked():
            answer = self._there().query(
                query_embeddings=[list(vector)],
                where={"user_id": {"$eq": user_id}},
                n_results=at_most,
                include=["metadatas", "distances"],
            )
        return [
            (Row(memory_id=memory_id, beside=whole(held)), 1 - float(distance) / 2)
            for memory_id, held, distance in zip(
                answer["ids"][0], answer["metadatas"][0], answer["distances"][0], strict=True
            )
        ]

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        if self._client is None:
            self._client = http_client(self.address, self._secret)
        with _translated(self.address, self._secret):
            yield self._client


@contextmanager
def _translated(address: StoreAddress, secret: str | None) -> Iterator[None]:
    """Turn whatever Chroma raises into what a user is told: many of its errors are bare exceptions."""
    try:
        yield
    except ShowcaseError:
        raise
    except Exception as error:
        # "Could not connect", says Chroma of whatever happened below; that itself says why.
        below = error.__context__
        why = below if below is not None and type(below).__module__.partition(".")[0] == "httpx" else error
        raise as_store_error(address, why, secret=secret) from error


@contextmanager
def _directly(*, tls: bool) -> Iterator[list[httpx.Client]]:
    """Let the clients that Chroma makes inside go straight to its server, and wait for no answer longer than they may.

    Yields them. Where the block fails, they are closed.

    Chroma lets nobody hand it one, and its own has no limit and takes the environment's proxies: a row would pass them
    on its way to this machine.
    """
    import httpx  # noqa: PLC0415 - heavy
    from chromadb.api import fastapi  # noqa: PLC0415 - heavy

    def made(**options: Any) -> httpx.Client:  # noqa: ANN401 - passed on
        options["timeout"] = httpx.Timeout(_ANSWER_S, connect=_CONNECT_S)
        options["verify"] = httpx.create_ssl_context() if tls else False
        sessions.append(httpx.Client(**options, trust_env=False))
        return sessions[-1]

    sessions: list[httpx.Client] = []
    before = fastapi.httpx
    fastapi.httpx = SimpleNamespace(Client=made)
    try:
        yield sessions
    except BaseException:
        for session in sessions:
            session.close()
        raise
    finally:
        fastapi.httpx = before
