"""Bob tries to read what Alice has: by stock mem0 and by SQL; each way reads her row where the policies are off."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest
from providers import ALICE, BOB
from tenancy import MARK, TABLE, Tenancy, open_again, tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

BY_MEM0 = {
    "a search with a star": lambda store, _: store.search("", ALICE[0], 10, {"user_id": "*"}),
    "a search without a filter": lambda store, _: store.search("", ALICE[0], 10, None),
    "a search as alice": lambda store, _: store.search("", ALICE[0], 10, {"user_id": "alice"}),
    "a search for all but bob": lambda store, _: store.search("", ALICE[0], 10, {"user_id": {"ne": "bob"}}),
    "a listing with a star": lambda store, _: store.list({"user_id": "*"}),
    "a listing without a filter": lambda store, _: store.list(),
    "her row by its id": lambda store, id_: store.get(id_),
    "a search by words": lambda store, _: store.keyword_search(MARK, 10, None),
}

LEAK = """
CREATE FUNCTION pg_temp.told(jsonb) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
$$ BEGIN RAISE NOTICE 'told: %', $1; RETURN true; END $$;
SELECT id FROM mem0 WHERE pg_temp.told(payload)
"""

ASKED_INSIDE = """
CREATE FUNCTION pg_temp.asked() RETURNS SETOF jsonb LANGUAGE sql AS 'SELECT payload FROM mem0';
SELECT pg_temp.asked()
"""

BY_SQL = {
    "all of it": "TABLE mem0",
    "a copy": "COPY mem0 TO STDOUT",
    "a copy of a query": "COPY (SELECT * FROM mem0) TO STDOUT",
    "an error that quotes what it read": "SELECT (payload ->> 'data')::int FROM mem0 WHERE payload ->> 'data' ~ 'b'",
    "a cheap function that tells": LEAK,
    "what a deletion returns": "DELETE FROM mem0 RETURNING payload",
    "what a change returns": "UPDATE mem0 SET vector = vector RETURNING payload",
    "what a merge returns": "MERGE INTO mem0 USING (SELECT) AS x ON true WHEN MATCHED THEN DELETE RETURNING payload",
    "a lock": "SELECT payload FROM mem0 FOR UPDATE",
    "a query in a function": ASKED_INSIDE,
    "statistics": "SELECT histogram_bounds, most_common_vals FROM pg_stats WHERE tablename LIKE 'mem0%'",
    "policies switched off for oneself": "SET row_security = off; TABLE mem0",
    "the nearest": "SELECT payload FROM mem0 ORDER BY vector <=> '[1,0,0,0]'",
}


@pytest.fixture(scope="module")
def closed(postgresql_server: Server) -> Iterator[Tenancy]:
    """As the recipe leaves it, but for temporary functions: the policies have to hold without that."""
    with tenancy(postgresql_server) as here:
        here.by_admin(f"GRANT TEMPORARY ON DATABASE {here.database} TO PUBLIC")
        yield here


@pytest.fixture(scope="module")
def opened_again(postgresql_server: Server) -> Iterator[Tenancy]:
    with tenancy(postgresql_server) as here:
        here.by_admin(f"GRANT TEMPORARY ON DATABASE {here.database} TO PUBLIC")
        open_again(here)
        yield here


def seen_by_mem0(here: Tenancy, way: str) -> str:
    with here.store("bob") as store:
        return str(BY_MEM0[way](store, here.rows["alice"]))


def seen_by_sql(here: Tenancy, command: str) -> str:
    """Return all that Bob is told: rows, notices, errors; what he changed is undone."""
    seen: list[str] = []
    with psycopg.connect(here.url("bob")) as connection:
        connection.add_notice_handler(lambda notice: seen.append(str(notice.message_primary)))
        try:
            cursor = connection.cursor()
            if command.startswith("COPY"):
                with cursor.copy(command) as copy:
                    seen.extend(bytes(each).decode() for each in copy)
            else:
                cursor.execute(command)
                while True:
                    with suppress(psycopg.ProgrammingError):
                        seen.extend(str(row) for row in cursor.fetchall())
                    if not cursor.nextset():
                        break
        except psycopg.Error as error:
            seen.append(str(error))
        connection.rollback()
    return "\n".join(seen)


@pytest.mark.parametrize("way", BY_MEM0)
def test_mem0_as_bob(closed: Tenancy, opened_again: Tenancy, way: str) -> None:
    assert MARK in seen_by_mem0(opened_again, way), "this way reads nothing even where it may"
    assert MARK not in seen_by_mem0(closed, way)


@pytest.mark.parametrize("way", BY_SQL)
def test_sql_as_bob(closed: Tenancy, opened_again: Tenancy, way: str) -> None:
    assert MARK in seen_by_sql(opened_again, BY_SQL[way]), "this way reads nothing even where it may"
    assert MARK not in seen_by_sql(closed, BY_SQL[way])


def test_bob_finds_what_is_his(closed: Tenancy) -> None:
    for way in ("a search with a star", "a search without a filter", "a listing with a star"):
        assert BOB[1] in seen_by_mem0(closed, way)
    assert BOB[1] in seen_by_sql(closed, BY_SQL["all of it"])


def test_a_forced_policy_counts_for_the_owner_too(closed: Tenancy, opened_again: Tenancy) -> None:
    with closed.connected("owner") as owner:
        assert owner.execute("TABLE mem0").fetchall() == []
    with opened_again.connected("owner") as owner:
        assert len(owner.execute("TABLE mem0").fetchall()) == 2


def test_bob_does_not_learn_who_else_there_is(closed: Tenancy) -> None:
    with closed.connected("bob") as bob, pytest.raises(psycopg.errors.InsufficientPrivilege):
        bob.execute("TABLE memory_tenancy.users")
    # The policies have to read it as he, so even a name for it tells him of himself alone.
    closed.by_admin("GRANT USAGE ON SCHEMA memory_tenancy TO memory_tenant")
    with closed.connected("bob") as bob:
        assert bob.execute("TABLE memory_tenancy.users").fetchall() == [(closed.role("bob"), "bob")]
    closed.by_admin("REVOKE USAGE ON SCHEMA memory_tenancy FROM memory_tenant")


def test_how_much_there_is_of_others_shows_all_the_same(closed: Tenancy) -> None:
    """A limit, pinned: counts and sizes are of the whole table."""
    with closed.connected("bob") as bob:
        plan = str(bob.execute("EXPLAIN (ANALYZE) SELECT FROM mem0").fetchall())
        assert "Rows Removed by Filter: 1" in plan
        assert bob.execute("SELECT reltuples FROM pg_class WHERE relname = %s", [TABLE]).fetchone() == (2,)
