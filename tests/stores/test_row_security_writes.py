"""Bob tries to write as Alice, to change what she has, and to get rid of what holds him; and works with what is his."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest
from providers import ALICE, BOB, payload
from psycopg.errors import InsufficientPrivilege, UndefinedTable
from tenancy import MARK, RECIPE, TABLE, Tenancy, open_again, tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from servers import Server

NEW = "INSERT INTO mem0 VALUES (gen_random_uuid(), '[1,0,0,0]', %s)"

REFUSED = {
    "a row of hers": NEW % """'{"user_id": "alice"}'""",
    "a row of nobody's": NEW % """'{"data": "text"}'""",
    "a row of everybody's": NEW % """'{"user_id": "*"}'""",
    "a row of two users": NEW % """'{"user_id": ["bob", "alice"]}'""",
    "a row without a payload": NEW % "NULL",
    "a row of his that becomes hers": """UPDATE mem0 SET payload = payload || '{"user_id": "alice"}'""",
    "a row of his that becomes nobody's": "UPDATE mem0 SET payload = payload - 'user_id'",
    "her id, with his text": (
        """INSERT INTO mem0 VALUES ('ALICES_ROW', '[1,0,0,0]', '{"user_id": "bob", "data": "x"}') """
        "ON CONFLICT (id) DO UPDATE SET payload = excluded.payload"
    ),
}

WITHOUT_EFFECT = {
    "her row becomes his": """UPDATE mem0 SET payload = payload || '{"user_id": "bob"}' WHERE id = 'ALICES_ROW'""",
    "her text is another": """UPDATE mem0 SET payload = payload || '{"data": "x"}' WHERE id = 'ALICES_ROW'""",
    "her row is deleted": "DELETE FROM mem0 WHERE id = 'ALICES_ROW'",
}

FORBIDDEN = {
    "emptying the table": "TRUNCATE mem0",
    "dropping it": "DROP TABLE mem0",
    "policies off": "ALTER TABLE mem0 DISABLE ROW LEVEL SECURITY",
    "policies off for the owner": "ALTER TABLE mem0 NO FORCE ROW LEVEL SECURITY",
    "a policy of his": "CREATE POLICY mine ON mem0 USING (true)",
    "a trigger that tells": "CREATE TRIGGER t AFTER INSERT ON mem0 EXECUTE FUNCTION tsvector_update_trigger()",
    "a table that refers to her ids": "CREATE TABLE probe (id uuid REFERENCES mem0)",
    "a function in everybody's path": "CREATE FUNCTION public.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "a schema": "CREATE SCHEMA mine",
    "a temporary table": "CREATE TEMPORARY TABLE t (i integer)",
    "the owner's role": "SET ROLE ROLE(owner)",
    "her role": "SET ROLE ROLE(alice)",
    "her role from the start": "SET SESSION AUTHORIZATION ROLE(alice)",
    "rights for himself": "GRANT ROLE(alice) TO ROLE(bob)",
    "no policies for himself": "ALTER ROLE ROLE(bob) BYPASSRLS",
    "another user's id": "SELECT memory_tenancy.admit('ROLE(bob)', 'alice')",
    "another user's id by hand": "INSERT INTO memory_tenancy.users VALUES ('ROLE(bob)', 'alice')",
    "statistics as they are kept": "SELECT * FROM pg_statistic",
    "the table's file": "SELECT pg_read_file(pg_relation_filepath('mem0'))",
    "a program": "COPY (SELECT 1) TO PROGRAM 'true'",
}

TRAP = """
CREATE TABLE public.loot (payload jsonb);
GRANT ALL ON public.loot TO PUBLIC;
CREATE FUNCTION public.plainto_tsquery(text, text) RETURNS tsquery LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.loot SELECT payload FROM mem0; RETURN pg_catalog.plainto_tsquery('simple', $2); END $$
"""


@pytest.fixture
def closed(postgresql_server: Server) -> Iterator[Tenancy]:
    with tenancy(postgresql_server) as here:
        yield here


def by_bob(here: Tenancy, command: str) -> int:
    """Return how many rows the last command of a script changed."""
    with here.connected("bob") as bob:
        return bob.execute(here.spelled(command)).rowcount


def test_what_bob_writes_is_his(closed: Tenancy) -> None:
    before = closed.of_alice()
    for command in REFUSED.values():
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            by_bob(closed, command)
    for name, command in WITHOUT_EFFECT.items():
        assert by_bob(closed, command) == 0, name
    assert closed.of_alice() == before
    assert closed.by_admin("SELECT count(*) FROM mem0") == [(2,)]


def test_without_the_policies_each_of_these_writes(postgresql_server: Server) -> None:
    with tenancy(postgresql_server) as here:
        open_again(here)
        for name, command in {**REFUSED, **WITHOUT_EFFECT}.items():
            with psycopg.connect(here.url("bob")) as bob:
                assert bob.execute(here.spelled(command)).rowcount > 0, name
                bob.rollback()


def test_bob_cannot_get_rid_of_what_holds_him(closed: Tenancy) -> None:
    for command in FORBIDDEN.values():
        with pytest.raises(InsufficientPrivilege):
            by_bob(closed, command)
    assert closed.by_admin("SELECT * FROM memory_tenancy.gaps('mem0')") == []


def test_mem0_as_bob_cannot_drop_or_reset(closed: Tenancy) -> None:
    with closed.store("bob") as store:
        for ending in (store.delete_col, store.reset):
            with pytest.raises(InsufficientPrivilege):
                ending()
    assert closed.by_admin("SELECT count(*) FROM mem0") == [(2,)]


def test_mem0_works_for_bob_with_what_is_his(closed: Tenancy) -> None:
    new = str(uuid.uuid4())
    with closed.store("bob") as store:
        store.insert(vectors=[BOB[0]], payloads=[payload("bob", "Bob has a boat")], ids=[new])
        store.update(new, vector=ALICE[0], payload=payload("bob", "Bob sold the boat"))
        assert {row.payload["data"] for row in store.search("", ALICE[0], 5, None)} == {BOB[1], "Bob sold the boat"}
        assert store.get(closed.rows["alice"]) is None
        # What is hers is as if it were not there: mem0 says nothing of it.
        store.update(closed.rows["alice"], payload=payload("bob", "mine now"))
        store.delete(closed.rows["alice"])
        store.delete(new)
        assert [row.payload["data"] for row in store.list()[0]] == [BOB[1]]
        with pytest.raises(InsufficientPrivilege, match="row-level security"):
            store.insert(vectors=[BOB[0]], payloads=[payload("alice", "Alice hates bees")], ids=[str(uuid.uuid4())])
    assert MARK in str(closed.of_alice())


def test_bob_may_learn_that_an_id_is_there(closed: Tenancy) -> None:
    """A limit, pinned; of her row he learns nothing else."""
    with pytest.raises(psycopg.errors.UniqueViolation) as told:
        by_bob(closed, """INSERT INTO mem0 VALUES ('ALICES_ROW', '[1,0,0,0]', '{"user_id": "bob"}')""")
    assert MARK not in str(told.value)


def test_nobody_copies_a_part_for_the_whole(closed: Tenancy) -> None:
    """What `pg_dump` begins with ends in an error, for a tenant and for the owner; a superuser gets all."""
    for user in ("bob", "owner"):
        with closed.connected(user) as copying, pytest.raises(InsufficientPrivilege, match="row-level security"):
            copying.execute("SET row_security = off; TABLE mem0")
    with closed.connected(None) as copying:
        copying.execute("SET row_security = off")
        assert len(copying.execute("TABLE mem0").fetchall()) == 2


def test_mem0_as_a_role_without_rights_tries_to_make_the_table(closed: Tenancy) -> None:
    """It sees no table of that name among those it has rights on; making one is refused."""
    with closed.store("stranger") as store:
        assert TABLE not in store.list_cols()
        for work in (lambda: store.search("", ALICE[0], 5, None), store.list, lambda: store.keyword_search("bees")):
            with pytest.raises(InsufficientPrivilege, match="schema public"):
                work()
    with closed.connected("stranger") as stranger, pytest.raises(InsufficientPrivilege, match="table mem0"):
        stranger.execute("TABLE mem0")


def test_mem0_as_bob_needs_every_table_to_be_there(closed: Tenancy) -> None:
    """It keeps entities in a second table, made when it is first needed; a tenant may make none."""
    with closed.store("bob", table="mem0_entities") as store:
        with pytest.raises(InsufficientPrivilege, match="schema public"):
            store.list()
        closed.by_admin("CREATE TABLE mem0_entities (LIKE mem0 INCLUDING ALL)")
        closed.by_admin("SELECT memory_tenancy.protect('mem0_entities')")
        store.insert(vectors=[BOB[0]], payloads=[payload("bob", "oboe")], ids=[str(uuid.uuid4())])
        assert [row.payload["data"] for row in store.list()[0]] == ["oboe"]


def test_who_may_create_in_everybodys_path_reads_with_others_rights(closed: Tenancy) -> None:
    """Why the recipe takes that right away: stock mem0 calls Bob's function when Alice looks for a word."""
    with pytest.raises(InsufficientPrivilege, match="schema public"):
        by_bob(closed, TRAP)
    closed.by_admin("GRANT CREATE ON SCHEMA public TO ROLE(bob)")
    assert ("role ROLE(bob) may create in schema public".replace("ROLE(bob)", closed.role("bob")),) in closed.by_admin(
        "SELECT * FROM memory_tenancy.gaps('mem0')"
    )
    by_bob(closed, TRAP)
    with closed.store("alice") as store:
        store.keyword_search("music", 5, {"user_id": "alice"})
    with closed.connected("bob") as bob:
        assert MARK in str(bob.execute("TABLE public.loot").fetchall())


def test_a_role_above_the_policies_is_not_admitted(closed: Tenancy) -> None:
    for right in ("SUPERUSER", "BYPASSRLS", "CREATEROLE"):
        closed.by_admin(f"ALTER ROLE ROLE(stranger) {right}")
        with pytest.raises(psycopg.errors.RaiseException, match="bypasses"):
            closed.by_admin("SELECT memory_tenancy.admit('ROLE(stranger)', 'carol')")
        closed.by_admin(f"ALTER ROLE ROLE(stranger) NO{right}")


def test_a_user_id_that_mem0_takes_for_all_is_not_admitted(closed: Tenancy) -> None:
    for user_id in ("*", ""):
        with pytest.raises(psycopg.errors.CheckViolation):
            closed.by_admin(f"SELECT memory_tenancy.admit('ROLE(stranger)', '{user_id}')")


def test_a_table_that_is_not_there_is_not_protected(closed: Tenancy) -> None:
    with pytest.raises(UndefinedTable):
        closed.by_admin("SELECT memory_tenancy.protect('public.nothing')")


def test_the_recipe_may_be_run_again(closed: Tenancy) -> None:
    closed.by_admin(RECIPE.read_text(encoding="utf-8"))
    closed.by_admin("SELECT memory_tenancy.protect('mem0')")
    closed.by_admin("SELECT memory_tenancy.admit('ROLE(bob)', 'bob')")
    assert closed.by_admin("SELECT * FROM memory_tenancy.gaps('mem0')") == []
