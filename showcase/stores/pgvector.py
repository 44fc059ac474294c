"""PostgreSQL with pgvector: the table that mem0's provider `pgvector` makes, read and written by psycopg."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from showcase.errors import StoreError
from showcase.stores.extras import imported
from showcase.stores.pgvector_connection import Limit, is_stale
from showcase.stores.pgvector_errors import not_of_mem0, translated
from showcase.stores.pgvector_row import columns, row_of, uuids, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.interface import Row

_PIECE = 1000
_WHOSE = "payload->>'user_id' = %(user_id)s AND jsonb_typeof(payload->'user_id') = 'string'"
"""As text, PostgreSQL hands out the number 5 like the user "5"."""

_CONNECT_S = 10
"""Seconds that libpq tries to connect: without a limit, a host that answers nothing is waited for for two minutes."""

_TAKEN = ("23505", "42710", "42P07")
"""That a name is there already: unique_violation, duplicate_object, duplicate_table (PostgreSQL, appendix A)."""

_COLUMNS = {"id": "uuid", "vector": "vector", "payload": "jsonb"}
"""Columns of mem0's table with the names of their types."""


def conninfo(address: StoreAddress) -> dict[str, Any]:
    """Return what libpq is told, without a password: that is handed over beside it, or is libpq's own business.

    What the user's environment says of another server (PGHOSTADDR, PGSERVICE) does not count: an empty address is none.
    """
    return {
        "host": address.host,
        "hostaddr": "",
        "options": "",
        "port": address.port,
        "dbname": address.database or "postgres",
        "user": address.user or "postgres",
        "sslmode": address.sslmode,
        "connect_timeout": _CONNECT_S,
        "application_name": "local-memory-showcase",
    }


class PgvectorTable:
    """See `Table`.

    Args:
        address: The server, its database, and the name of the table.
        secret: The password, None to let libpq find one (`PGPASSWORD`, `~/.pgpass`).
    """

    def __init__(self, address: StoreAddress, secret: str | None) -> None:
        self.address = address
        self._secret = secret
        self._connection: Any = None

    def exists(self) -> bool:
        """See `Table`. A table of that name that is none of mem0's is refused: it is somebody's own."""
        with self._cursor() as cursor:
            found = cursor.execute(
                "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
                "WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                (self._quoted,),
            ).fetchall()
        columns = {name: kind.rpartition(".")[2] for name, kind in found}
        if columns and any(columns.get(name) != kind for name, kind in _COLUMNS.items()):
            raise not_of_mem0(self.address, found, _COLUMNS)
        return bool(columns)

    def make(self, dimensions: int) -> None:
        """See `Table`: as mem0's provider makes it with `hnsw` false, and an index by user.

        mem0's own index over everybody's vectors visits 40 rows of whomever and filters them then (`hnsw.ef_search`),
        so that a user loses most of their own rows; see docs/benchmarks.md, "Stores". Without it a user's rows are
        compared all, and found by whose they are.
        """
        for tries_left in (2, 1, 0):
            if self.exists():
                return
            try:
                self._make(dimensions)
            except StoreError as error:
                # Of two that make one at once, `IF NOT EXISTS` fails the second, who then finds that of the first.
                if not tries_left or getattr(error.__cause__, "sqlstate", None) not in _TAKEN:
                    raise

    def _make(self, dimensions: int) -> None:
        with self._cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            cursor.execute(
                self._sql(
                    "CREATE TABLE IF NOT EXISTS {table} "
                    "(id UUID PRIMARY KEY, vector vector({dimensions}), payload JSONB)",
                    dimensions=dimensions,
                )
            )
            cursor.execute(
                self._sql("CREATE INDEX IF NOT EXISTS {index} ON {table} ((payload->>'user_id'))", "user_id")
            )
            cursor.execute(
                self._sql(
                    "CREATE INDEX IF NOT EXISTS {index} ON {table} "
                    "USING gin(to_tsvector('simple', payload->>'text_lemmatized'))",
                    "text_lemmatized",
                )
            )

    def drop(self) -> None:
        """See `Table`."""
        with self._cursor() as cursor:
            cursor.execute(self._sql("DROP TABLE IF EXISTS {table}"))

    def pages(self, user_id: str | None, *, vectors: bool = False) -> Iterator[list[Row]]:
        """See `Table`: by id, which a write does not change."""
        whose = "" if user_id is None else f"AND {_WHOSE}"
        last = "00000000-0000-0000-0000-000000000000"
        first = True
        while True:
            past = ">=" if first else ">"
            with self._cursor() as cursor:
                cursor.execute(
                    self._sql(
                        f"SELECT {columns(vectors=vectors)} FROM {{table}} WHERE id {past} %(last)s {whose} "  # noqa: S608 - words of this file
                        "ORDER BY id LIMIT %(piece)s"
                    ),
                    {"user_id": user_id, "last": last, "piece": _PIECE},
                )
                found = [row_of(*each) for each in cursor.fetchall()]
            if found:
                yield found
            if len(found) < _PIECE:
                return
            last, first = found[-1].memory_id, False

    def get(self, ids: Sequence[str], *, vectors: bool = False) -> list[Row]:
        """See `Table`. What is no UUID is the id of no row."""
        with self._cursor() as cursor:
            cursor.execute(
                self._sql(f"SELECT {columns(vectors=vectors)} FROM {{table}} WHERE id = ANY(%(ids)s::uuid[])"),  # noqa: S608 - as above
                {"ids": uuids(ids)},
            )
            return [row_of(*each) for each in cursor.fetchall()]

    def nearest(self, user_id: str, vector: Sequence[float], at_most: int) -> list[tuple[Row, float]]:
        """See `Table`: all of a user's rows are compared, for an index over everybody's may leave some of them out.

        pgvector's `hnsw` visits 40 rows and filters them then (`hnsw.ef_search`): of a user who has a hundredth of all
        rows it may find none.
        """
        with self._cursor() as cursor:
            cursor.execute("SET LOCAL enable_indexscan = off")
            cursor.execute(
                self._sql(
                    "SELECT id, payload, NULL, 1 - (vector <=> %(vector)s::vector) FROM {table} "  # noqa: S608 - words of this file
                    f"WHERE {_WHOSE} ORDER BY vector <=> %(vector)s::vector, id LIMIT %(most)s"
                ),
                {"vector": written(vector), "user_id": user_id, "most": at_most},
            )
            return [(row_of(*each[:3]), float(each[3])) for each in cursor.fetchall()]

    def counts(self) -> dict[str | None, int]:
        """See `Counting`."""
        with self._cursor() as cursor:
            found = cursor.execute(
                self._sql(
                    "SELECT CASE WHEN jsonb_typeof(payload->'user_id') = 'string' THEN payload->>'user_id' END, "
                    "count(*) FROM {table} GROUP BY 1"
                )
            ).fetchall()
        return {user_id: int(many) for user_id, many in found}

    def count(self, user_id: str) -> int:
        """See `Counting`."""
        with self._cursor() as cursor:
            found = cursor.execute(
                self._sql(
                    "SELECT count(*) FROM {table} WHERE payload->>'user_id' = %s "
                    "AND jsonb_typeof(payload->'user_id') = 'string'"
                ),
                (user_id,),
            ).fetchone()
        return int(found[0])

    def put(self, rows: Sequence[Row]) -> None:
        """See `Table`."""
        with self._cursor() as cursor:
            cursor.executemany(
                self._sql(
                    "INSERT INTO {table} (id, vector, payload) VALUES (%s, %s, %s) "
                    "ON CONFLICT (id) DO UPDATE SET vector = EXCLUDED.vector, payload = EXCLUDED.payload"
                ),
                [(row.memory_id, written(row.vector or ()), json.dumps(dict(row.beside))) for row in rows],
            )

    def delete(self, ids: Sequence[str]) -> None:
        """See `Table`."""
        with self._cursor() as cursor:
            cursor.execute(self._sql("DELETE FROM {table} WHERE id = ANY(%s::uuid[])"), (uuids(ids),))

    def dimensions(self) -> int | None:
        """See `Table`: the length that the column was declared with."""
        with self._cursor() as cursor:
            found = cursor.execute(
                "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'vector'",
                (self._quoted,),
            ).fetchone()
        return int(found[0]) if found and found[0] > 0 else None

    def mark(self) -> str | None:
        """See `Table`: the comment on the table, which every user of the database may read."""
        with self._cursor() as cursor:
            found = cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", (self._quoted,)).fetchone()
        return None if found is None else found[0]

    def set_mark(self, text: str) -> bool:
        """See `Table`; its owner alone may."""
        with self._cursor() as cursor:
            owns = cursor.execute(
                "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(%s)", (self._quoted,)
            ).fetchone()
            if not owns or not owns[0]:
                return False
            cursor.execute(self._sql("COMMENT ON TABLE {table} IS {text}", text=text))
        return True

    def ask(self, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """Return what a statement of this program answers that changes nothing; see `pgvector_view`."""
        with self._cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
            return list(cursor.execute(statement, values).fetchall())

    def version(self) -> str:
        """See `Table`."""
        with self._cursor() as cursor:
            server = cursor.execute("SHOW server_version").fetchone()[0].split()[0]
            found = cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
        return f"PostgreSQL {server}, pgvector {found[0] if found else 'not installed yet'}"

    def size(self) -> int:
        """Return the bytes of the table with its indexes: `pg_total_relation_size`; 0 where it is not there."""
        with self._cursor() as cursor:
            found = cursor.execute("SELECT pg_total_relation_size(to_regclass(%s))", (self._quoted,)).fetchone()
        return int(found[0] or 0)

    def close(self) -> None:
        """See `Table`."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _cursor(self) -> Iterator[Any]:
        """Yield a cursor in a transaction of its own."""
        psycopg = imported("postgresql", "psycopg")
        limit = Limit()
        try:
            if self._connection is not None and is_stale(self._connection):
                self.close()  # the server was started anew since, or ended this session
            if self._connection is None:
                password = {} if self._secret is None else {"password": self._secret}
                self._connection = psycopg.connect(**conninfo(self.address), **password)
            with limit.of(self._connection), self._connection.transaction(), self._connection.cursor() as cursor:
                yield cursor
        except psycopg.Error as error:
            self.close()
            raise translated(self.address, error, has_secret=self._secret is not None, limit=limit) from error

    @property
    def _quoted(self) -> str:
        """The table's name as SQL has it; the name itself holds letters, digits and _ alone."""
        return f'public."{self.address.collection}"'

    def _sql(self, words: str, index: str = "", **literals: Any) -> Any:  # noqa: ANN401 - psycopg's own class
        sql = imported("postgresql", "psycopg.sql")
        name = self.address.collection
        return sql.SQL(words).format(
            table=sql.Identifier("public", name),
            index=sql.Identifier(f"{name}_{index}_idx"),
            **{each: sql.Literal(value) for each, value in literals.items()},
        )
