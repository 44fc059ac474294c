"""What opens a protected table again is named; and what an index over all tenants tells one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from tenancy import Tenancy, tenancy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.bench.stores.servers import Server

GAPS = {
    "ALTER TABLE mem0 DISABLE ROW LEVEL SECURITY": "row-level security is off",
    "ALTER TABLE mem0 NO FORCE ROW LEVEL SECURITY": "not forced upon the owner",
    "CREATE POLICY another ON mem0 USING (true)": "policy another permits",
    "DROP POLICY own ON mem0": "policy own is not there",
    "ALTER POLICY own ON mem0 USING (true)": "policy own is not the one that the recipe made",
    "ALTER POLICY own ON mem0 TO PUBLIC": "policy own is not the one that the recipe made",
    "GRANT UPDATE ON memory_tenancy.users TO ROLE(bob)": "may change whose rows are whose",
    "ALTER ROLE ROLE(bob) BYPASSRLS": "bypasses row-level security",
    "ALTER ROLE ROLE(bob) SUPERUSER": "is a superuser",
    "ALTER ROLE ROLE(bob) CREATEROLE": "may make roles",
    "GRANT ROLE(alice) TO ROLE(bob)": "may become role",
    "GRANT ROLE(owner) TO ROLE(bob)": "member of its owner",
    "ALTER TABLE mem0 OWNER TO ROLE(bob)": "owns the table",
    "GRANT TRUNCATE ON mem0 TO memory_tenant": "may TRUNCATE",
    "GRANT TRIGGER ON mem0 TO PUBLIC": "may TRIGGER",
    "GRANT CREATE ON SCHEMA public TO PUBLIC": "may create in schema public",
    "GRANT pg_read_server_files TO ROLE(bob)": "read files of the server",
    "CREATE INDEX ON mem0 USING hnsw (vector vector_cosine_ops)": "mem0_vector_idx is of all tenants' vectors",
    "CREATE VIEW everything AS TABLE mem0": "everything reads the table with its owner's rights",
    "CREATE MATERIALIZED VIEW kept AS TABLE mem0": "kept reads the table with its owner's rights",
    "CREATE VIEW seen WITH (security_invoker = true) AS TABLE mem0; CREATE MATERIALIZED VIEW kept AS TABLE seen": (
        "kept reads the table with its owner's rights"
    ),
    "CREATE TABLE above (LIKE mem0 INCLUDING ALL); ALTER TABLE mem0 INHERIT above": (
        "above reads the table's rows by it"
    ),
    "CREATE TABLE below () INHERITS (mem0)": "below holds rows of the table under rights and policies of its own",
    "CREATE RULE copies AS ON INSERT TO mem0 DO ALSO NOTIFY written": "rule copies does something else",
    "CREATE TRIGGER copies BEFORE UPDATE ON mem0 FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()": (
        "trigger copies is handed every row that is written"
    ),
    "CREATE PUBLICATION sent FOR TABLE mem0": "publication sent hands every tenant's rows to whoever subscribes",
    "CREATE PUBLICATION sent FOR ALL TABLES": "publication sent hands every tenant's rows to whoever subscribes",
    "ALTER ROLE ROLE(bob) REPLICATION": "may copy the whole server by replication",
    "GRANT pg_monitor TO ROLE(bob)": "read what others ask the server",
    "GRANT UPDATE (user_id) ON memory_tenancy.users TO ROLE(bob)": "may change whose rows are whose",
    "ALTER TABLE memory_tenancy.users DISABLE ROW LEVEL SECURITY": "tenants may learn of each other",
    "CREATE POLICY another ON memory_tenancy.users USING (true)": "tenants may learn of each other",
    "GRANT SELECT ON mem0 TO ROLE(stranger)": None,
    "CREATE VIEW checked WITH (security_invoker = true) AS TABLE mem0": None,
}


@pytest.fixture(scope="module")
def closed(postgresql_server: Server) -> Iterator[Tenancy]:
    with tenancy(postgresql_server) as here:
        yield here


@pytest.mark.parametrize("change", GAPS)
def test_a_gap_is_named(closed: Tenancy, change: str) -> None:
    asking = "SELECT gap FROM memory_tenancy.gaps('mem0')"
    with psycopg.connect(closed.url(None)) as admin:
        assert admin.execute(asking).fetchall() == []
        admin.execute(closed.spelled(change))
        named = "\n".join(row[0] for row in admin.execute(asking))
        admin.rollback()
    wanted = GAPS[change]
    assert (wanted in named) if wanted else named == ""


def test_who_may_replicate_is_admitted_by_nobody(closed: Tenancy) -> None:
    with psycopg.connect(closed.url(None)) as admin:
        admin.execute(closed.spelled("ALTER ROLE ROLE(stranger) REPLICATION"))
        with pytest.raises(psycopg.Error, match="may replicate"):
            admin.execute(closed.spelled("SELECT memory_tenancy.admit('ROLE(stranger)', 'stranger')"))
        admin.rollback()


def test_a_table_above_hands_out_what_the_policy_keeps(closed: Tenancy) -> None:
    """What the gap is named for: the rights and policies of the table that is asked are those that count."""
    with psycopg.connect(closed.url(None)) as admin:
        admin.execute(
            closed.spelled(
                "CREATE TABLE above (LIKE mem0 INCLUDING ALL); ALTER TABLE mem0 INHERIT above; "
                "GRANT SELECT ON above TO ROLE(bob); SET LOCAL ROLE ROLE(bob)"
            )
        )
        own = admin.execute("SELECT count(*) FROM mem0").fetchone()
        by_it = admin.execute("SELECT count(*) FROM above").fetchone()
        admin.rollback()
    assert (own, by_it) == ((1,), (2,))


FAR = 'INSERT INTO mem0 SELECT gen_random_uuid(), ARRAY[-1, i * 0.001, 0, 0]::vector, \'{"user_id": "bob"}\' '
NEAR = 'INSERT INTO mem0 SELECT gen_random_uuid(), ARRAY[1, i * 0.0001, 0, 0]::vector, \'{"user_id": "alice"}\' '
NEAREST = "SELECT count(*) FROM (SELECT FROM mem0 ORDER BY vector <=> '[1,0,0,0]' LIMIT 10) AS found"


def test_an_index_over_all_hides_bobs_rows_from_him_and_tells_how_near_others_lie(closed: Tenancy) -> None:
    """Why the recipe drops mem0's: HNSW looks at 40 rows of the table, and the policy takes away whose are not his."""
    with closed.connected("bob") as bob:
        bob.execute(FAR + "FROM generate_series(1, 20) AS i")
        closed.by_admin(NEAR + "FROM generate_series(1, 200) AS i")
        assert bob.execute(NEAREST).fetchone() == (10,)
        closed.by_admin("CREATE INDEX ON mem0 USING hnsw (vector vector_cosine_ops)")
        bob.execute("SET enable_seqscan = off; SET enable_sort = off")
        assert "mem0_vector_idx" in str(bob.execute("EXPLAIN " + NEAREST).fetchall())
        assert bob.execute(NEAREST).fetchone() == (0,)
        # So the count tells him whether anything of hers lies near: where nothing does, he finds his own again.
        closed.by_admin("DELETE FROM mem0 WHERE payload ->> 'user_id' = 'alice'")
        closed.by_admin("VACUUM mem0")
        assert bob.execute(NEAREST).fetchone() == (10,)
