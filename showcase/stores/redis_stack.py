"""Redis with its search module: the hashes that mem0's provider `redis` writes, read by their keys alone.

No answer here rests on mem0's index, because of what was seen of it (mem0 2.2.1, Redis 7.4 with search):

- mem0 drops the index and makes it anew each time it opens it; until Redis has read every row again, in the background,
  a search of anybody finds less than there is.
- Its prefix is `mem0:NAME` and nothing behind: the index of `mem0` holds the rows of `mem0_entities` and `mem02` as
  well, mem0 lists them as its own, and its `delete_col` deletes them.
- A user's id is a tag: `Alice` finds the rows of `alice`, `alice` those of `alice,bob`, and an empty id those of
  everybody.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.errors import ShowcaseError
from showcase.stores.errors import as_store_error
from showcase.stores.exact import nearest_of
from showcase.stores.extras import imported
from showcase.stores.redis_row import fields, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Row

_PIECE = 1000
CONNECT_S = 10
ANSWER_S = 10
"""A handshake counts too: a server that speaks no TLS waits for more of what it takes for a command."""

_UNKNOWN = ("no such index", "unknown index name", "not found")
_TAGS = ("memory_id", "hash", "agent_id", "run_id", "user_id")
_VECTOR_FIELD = ("embedding", "VECTOR", "FLAT", "6", "TYPE", "FLOAT32", "DIM")


class RedisTable:
    """See `Table`.

    Args:
        address: The server, and the name of the index.
        secret: The password, None where there is none.
    """

    def __init__(self, address: StoreAddress, secret: str | None) -> None:
        self.address = address
        self._secret = secret
        self._client: Any = None
        self._prefix = f"mem0:{address.collection}:"
        self._mark = f"showcase_mark:mem0:{address.collection}"

    def exists(self) -> bool:
        """See `Table`: whether there is an index, which mem0 takes away for a moment, or a row, or our mark."""
        with self._asked() as client:
            return bool(client.exists(self._mark)) or self._index() is not None or any(self._some_keys())

    def make(self, dimensions: int) -> None:
        """See `Table`."""
        if self._index() is not None:
            return
        tags = [word for name in _TAGS for word in (name, "TAG", "SEPARATOR", ",")]
        texts = [word for name in ("memory", "metadata") for word in (name, "TEXT", "WEIGHT", "1")]
        numbers = ["created_at", "NUMERIC", "updated_at", "NUMERIC"]
        vector = [*_VECTOR_FIELD, str(dimensions), "DISTANCE_METRIC", "COSINE"]
        name = self.address.collection
        with self._asked() as client:
            client.execute_command(
                *("FT.CREATE", name, "ON", "HASH", "PREFIX", "1", f"mem0:{name}", "SCORE", "1.0", "SCHEMA"),
                *(*tags, *texts, *numbers, *vector),
            )

    def drop(self) -> None:
        """See `Table`: by its keys, one by one, for with its index Redis would delete another collection's rows."""
        with self._asked() as client:
            if self._index() is not None:
                client.execute_command("FT.DROPINDEX", self.address.collection)
            self.delete(self._ids())
            client.delete(self._mark)

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: by id. Redis hands its keys out in no order, so that all of them are read first."""
        ids = self._ids()
        for begin in range(0, len(ids), _PIECE):
            piece = ids[begin : begin + _PIECE]
            if user_id is not None:
                piece = self._may_be_of(user_id, piece)
            found = [
                row
                for row in self.get(piece, vectors=vectors)
                if user_id is None or row.beside.get("user_id") == user_id
            ]
            if found:
                yield found

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`."""
        found = []
        for begin in range(0, len(ids), _PIECE):
            piece = ids[begin : begin + _PIECE]
            with self._asked() as client, client.pipeline(transaction=False) as asked:
                for each in piece:
                    asked.hgetall(self._prefix + each)
                found += [
                    row_of(each, held, vectors=vectors)
                    for each, held in zip(piece, asked.execute(), strict=True)
                    if held
                ]
        return found

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: all of a user's rows are compared."""
        rows = (row for page in self.pages(user_id, vectors=True) for row in page)
        return nearest_of(rows, vector, at_most)

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`: nobody sees a row without its fields, or half of a piece."""
        for begin in range(0, len(rows), _PIECE):
            with self._asked() as client, client.pipeline(transaction=True) as asked:
                for row in rows[begin : begin + _PIECE]:
                    asked.delete(self._prefix + row.memory_id)
                    asked.hset(self._prefix + row.memory_id, mapping=fields(row))
                asked.execute()

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        for begin in range(0, len(ids), _PIECE):
            with self._asked() as client:
                client.delete(*(self._prefix + each for each in ids[begin : begin + _PIECE]))

    def dimensions(self) -> int | None:
        """See `Table`: what the index was made with; without one, the length of some row's vector."""
        found = self._index()
        if found is not None:
            return found
        with self._asked() as client:
            for key in self._some_keys():
                return int(client.hstrlen(key, "embedding")) // 4
        return None

    def mark(self) -> str | None:
        """See `Table`: under a key beside the rows."""
        with self._asked() as client:
            found = client.get(self._mark)
        return None if found is None else str(found, "utf-8", "replace")

    def set_mark(self, text: str) -> bool:
        """See `Table`."""
        with self._asked() as client:
            client.set(self._mark, text.encode())
        return True

    def version(self) -> str:
        """See `Table`."""
        with self._asked() as client:
            server = client.info("server")["redis_version"]
            found = [_mapping(each) for each in client.execute_command("MODULE", "LIST")]
        search = [int(each["ver"]) for each in found if each.get("name") == b"search"]
        with_it = f"search {search[0] // 10000}.{search[0] // 100 % 100}.{search[0] % 100}" if search else "no search"
        return f"Redis {server}, {with_it}"

    def collections(self) -> tuple[str, ...]:
        """See `Listing`."""
        with self._asked() as client:
            return tuple(sorted(_text(name) for name in client.execute_command("FT._LIST")))

    def close(self) -> None:
        """See `Table`."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _ids(self) -> list[str]:
        """Return the ids of all rows, in order; Redis may hand out a key twice."""
        begin = len(self._prefix.encode())
        return sorted({key[begin:].decode(errors="surrogateescape") for key in self._some_keys()})

    def _some_keys(self) -> Iterator[bytes]:
        with self._asked() as client:
            # No name of a collection has a character that means something in a pattern.
            yield from client.scan_iter(match=f"{self._prefix}*", count=_PIECE)

    def _may_be_of(self, user_id: str, ids: Sequence[str]) -> list[str]:
        """Return those ids whose field names this user, or nobody: then the JSON may."""
        with self._asked() as client, client.pipeline(transaction=False) as asked:
            for each in ids:
                asked.hget(self._prefix + each, "user_id")
            named = asked.execute()
        return [each for each, whose in zip(ids, named, strict=True) if whose in (None, user_id.encode())]

    def _index(self) -> int | None:
        """Return how many numbers a vector of the index has, None where there is no index."""
        redis = imported("redis", "redis")
        with self._asked() as client:
            try:
                told = _mapping(client.execute_command("FT.INFO", self.address.collection))
            except redis.exceptions.ResponseError as error:
                if any(words in str(error).lower() for words in _UNKNOWN):
                    return None
                raise
        fields_of_it = [[_text(word).lower() for word in each] for each in told["attributes"]]
        for words in fields_of_it:
            if "vector" in words and "dim" in words:
                return int(words[words.index("dim") + 1])
        return 0

    @contextmanager
    def _asked(self) -> Iterator[Any]:
        redis = imported("redis", "redis")
        try:
            if self._client is None:
                self._client = self._connected(redis)
            yield self._client
        except ShowcaseError:
            raise
        except (redis.exceptions.RedisError, OSError, ValueError) as error:
            self.close()
            raise as_store_error(self.address, error, secret=self._secret) from error

    def _connected(self, redis: Any) -> Any:  # noqa: ANN401 - the library's own classes
        secure = {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True} if self.address.tls else {}
        return redis.Redis(
            host=self.address.host,
            port=self.address.port,
            username=self.address.user or None,
            password=self._secret,
            socket_connect_timeout=CONNECT_S,
            socket_timeout=ANSWER_S,
            # Once more where the server let go of an idle connection; what timed out would only take twice as long.
            retry=redis.retry.Retry(redis.backoff.NoBackoff(), 1, (redis.exceptions.ConnectionError,)),
            protocol=2,  # what the search module answers has one form in it
            **secure,
        )


def _mapping(flat: Sequence[Any]) -> dict[str, Any]:
    return {_text(name): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
