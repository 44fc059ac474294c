"""Two tenants of one table of mem0's in PostgreSQL, each a login role, with row-level security and without."""

from __future__ import annotations

import secrets
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
from providers import ALICE, BOB, close, opened, payload, with_login
from servers import Server

import showcase

if TYPE_CHECKING:
    from collections.abc import Iterator

RECIPE = Path(showcase.__file__).parent / "stores" / "row_security.sql"
TABLE = "mem0"
MARK = "bees"
"""Of Alice's text, and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tenancy:
    """A database of its own. Roles belong to a whole server, so their names have an ending of their own."""

    server: Server
    database: str
    ending: str
    password: str = field(repr=False)
    rows: dict[str, str]
    """The id of each user's row."""

    def role(self, user: str) -> str:
        return f"{user}_{self.ending}"

    def url(self, user: str | None) -> str:
        """Return where a user logs in; None is the superuser."""
        if user is None:
            return with_login(self.server, database=self.database)
        return with_login(self.server, self.role(user), self.password, self.database)

    @contextmanager
    def connected(self, user: str | None) -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(self.url(user), autocommit=True) as connection:
            yield connection

    @contextmanager
    def store(self, user: str | None, table: str = TABLE, **more: object) -> Iterator[Any]:
        """Open stock mem0's class as that user."""
        store = opened(self.server, table, connection_string=self.url(user), **more)
        try:
            yield store
        finally:
            close(store)

    def by_admin(self, command: str) -> list[tuple[Any, ...]]:
        """Run SQL as the superuser; `ROLE(bob)` stands for that user's role."""
        with self.connected(None) as connection:
            done = connection.execute(self.spelled(command))
            return done.fetchall() if done.description else []

    def spelled(self, command: str) -> str:
        for user in ("alice", "bob", "owner", "stranger"):
            command = command.replace(f"ROLE({user})", self.role(user))
        return command.replace("ALICES_ROW", self.rows["alice"]).replace("BOBS_ROW", self.rows["bob"])

    def of_alice(self) -> list[tuple[Any, ...]]:
        """Return Alice's row as it is, by the superuser."""
        return self.by_admin("SELECT payload FROM mem0 WHERE id = 'ALICES_ROW'")


@contextmanager
def tenancy(server: Server) -> Iterator[Tenancy]:
    """Make a database with a table of mem0's, protected by the shipped recipe, a row of Alice and a row of Bob."""
    ending = uuid.uuid4().hex[:8]
    here = Tenancy(
        server=server,
        database=f"tenants_{ending}",
        ending=ending,
        password=secrets.token_urlsafe(12),
        rows={"alice": str(uuid.uuid4()), "bob": str(uuid.uuid4())},
    )
    users = ("alice", "bob", "owner", "stranger")
    with psycopg.connect(with_login(server, database="postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {here.database}")
        for user in users:
            admin.execute(f"CREATE ROLE {here.role(user)} LOGIN PASSWORD '{here.password}'")
        try:
            with here.store(None) as store:
                store.create_col()
                store.insert(
                    vectors=[ALICE[0], BOB[0]],
                    payloads=[
                        payload("alice", ALICE[1]) | {"text_lemmatized": ALICE[1]},
                        payload("bob", BOB[1]) | {"text_lemmatized": BOB[1]},
                    ],
                    ids=[here.rows["alice"], here.rows["bob"]],
                )
            here.by_admin("ALTER TABLE mem0 OWNER TO ROLE(owner)")
            here.by_admin(RECIPE.read_text(encoding="utf-8"))
            here.by_admin("SELECT memory_tenancy.protect('public.mem0')")
            for user in ("alice", "bob"):
                here.by_admin(f"SELECT memory_tenancy.admit('ROLE({user})', '{user}')")
            here.by_admin("ANALYZE mem0")
            yield here
        finally:
            admin.execute(f"DROP DATABASE {here.database} WITH (FORCE)")
            for user in users:
                admin.execute(f"DROP ROLE {here.role(user)}")


def open_again(here: Tenancy) -> None:
    """Take the policies away and nothing else: the same grants, roles and rows."""
    here.by_admin("ALTER TABLE mem0 DISABLE ROW LEVEL SECURITY")
