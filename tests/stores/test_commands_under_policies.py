"""Commands of a role to which PostgreSQL's row-level security shows some rows: none takes these for all of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from commanding import REHEARSAL, Teller, teller

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server

pytest.importorskip("psycopg")


@pytest.fixture
def admin(postgresql_server: Server, collection: str, tmp_path: Path) -> Teller:
    """The owner, who has stored a row of Alice and a row of Bob."""
    owner = teller(postgresql_server, collection, tmp_path / "data")
    for user, text in (("alice", "I live in Turin."), ("bob", "I live in Oslo.")):
        owner.did("memories", "add", text, "--user-id", user, *REHEARSAL)
    return owner


@pytest.fixture
def bob(admin: Teller) -> Iterator[Teller]:
    """Bob's role, on the same machine: the policy shows it his rows."""
    name, secret, table = f"bob_{uuid.uuid4().hex[:10]}", uuid.uuid4().hex, admin.address.collection
    admin.sql(
        f"CREATE ROLE {name} LOGIN PASSWORD '{secret}'",
        f'GRANT ALL ON "{table}" TO {name}',
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f"""CREATE POLICY own ON "{table}" TO {name} USING (payload ->> 'user_id' = 'bob')""",
    )
    yield admin.at(user=name, secret=secret)
    admin.sql(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_rows_that_are_not_shown_are_not_told_as_gone(admin: Teller, bob: Teller) -> None:
    said = bob.did("memories", "log", "--verify")
    assert "1 that the log tells of are not seen" in said
    assert "taken out" not in said.partition("keep this elsewhere")[0]
    assert "2 rows there, by their ids those that the log tells of" in admin.did("memories", "log", "--verify")
    admin.sql(f'TRUNCATE "{admin.address.collection}"')
    assert "2 that the log tells of are gone" in admin.did("memories", "log", "--verify")


def test_a_count_and_an_export_say_that_they_are_of_a_part(admin: Teller, bob: Teller, tmp_path: Path) -> None:
    counted, exported = "counts are of these", "those of others are not in it"
    for who, partly in ((admin, False), (bob, True)):
        assert (counted in _joined(who.run("inspect").stdout)) is partly
        done = who.run("memories", "export", str(tmp_path / "memories.jsonl"))
        assert done.returncode == 0, done.stderr
        assert (exported in _joined(done.stderr + done.stdout)) is partly


def _joined(said: str) -> str:
    return " ".join(said.split())
