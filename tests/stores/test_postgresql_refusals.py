"""What PostgreSQL refuses, in words: what happened, why, and the command that mends it; no password, no traceback."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import uuid
from typing import TYPE_CHECKING

import pytest
from commanding import Teller, teller

from showcase.errors import StoreError
from showcase.stores import pgvector_connection
from showcase.stores.interface import Row
from showcase.stores.pgvector import PgvectorTable
from showcase.stores.pgvector_errors import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from showcase.bench.stores.servers import Server

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def of_server(postgresql_server: Server, collection: str, tmp_path: Path) -> Teller:
    return teller(postgresql_server, collection, tmp_path / "data")


@pytest.fixture
def role(of_server: Teller) -> Iterator[Callable[..., Teller]]:
    """Makes roles that have a password and nothing else, but for what statements give them."""
    made: list[str] = []

    def make(*statements: str) -> Teller:
        name, secret = f"role_{uuid.uuid4().hex[:10]}", uuid.uuid4().hex
        made.append(name)
        given = (each.format(role=name, table=of_server.address.collection) for each in statements)
        of_server.sql(f"CREATE ROLE {name} LOGIN PASSWORD '{secret}'", *given)
        return of_server.at(user=name, secret=secret)

    yield make
    for name in made:
        of_server.sql(f"DROP OWNED BY {name}", f"DROP ROLE {name}")


@pytest.fixture
def made(of_server: Teller) -> Iterator[Teller]:
    """A table of three numbers a vector."""
    table = table_of(of_server)
    table.make(3)
    yield of_server
    table.drop()


_open: list[PgvectorTable] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _open:
        _open.pop().close()


def table_of(who: Teller) -> PgvectorTable:
    _open.append(PgvectorTable(who.address, who.secret or None))
    return _open[-1]


def row(text: str = "I live in Oslo.", numbers: int = 3) -> Row:
    beside = {"user_id": "alice", "data": text}
    return Row(memory_id=str(uuid.uuid4()), beside=beside, vector=(0.1,) * numbers)


def refusal(who: Teller, ask: Callable[[PgvectorTable], object] = PgvectorTable.exists) -> StoreError:
    with pytest.raises(StoreError) as refused:
        ask(table_of(who))
    said = f"{refused.value.message} {refused.value.hint}"
    assert who.url in said
    assert refused.value.hint
    assert not who.secret or who.secret not in said
    return refused.value


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def test_nobody_is_there(of_server: Teller) -> None:
    said = refusal(of_server.at(port=free_port()))
    assert "is not there" in said.message
    assert said.message.endswith("Connection refused"), "the address is said once, in our words"
    assert "see what listens there" in said.hint


def test_the_password_is_wrong_or_missing(of_server: Teller) -> None:
    said = refusal(of_server.at(secret=uuid.uuid4().hex))
    assert "did not let the role postgres in, with the password given: FATAL: password" in said.message
    assert "SHOWCASE_STORE_SECRET_FILE" in said.hint
    assert "asks the role postgres for a password" in refusal(of_server.at(secret="")).message


def test_tls_is_asked_of_a_server_that_has_none(of_server: Teller) -> None:
    said = refusal(of_server.at(sslmode="require", tls=True))
    assert "speaks no TLS" in said.message
    assert f"--store '{of_server.url}'" in said.hint or f"--store {of_server.url}" in said.hint


def test_a_database_that_is_not_there_is_named_with_what_makes_it(of_server: Teller) -> None:
    said = refusal(of_server.at(database="no such"))
    assert 'database "no such" does not exist' in said.message
    assert f"createdb -h 127.0.0.1 -p {of_server.address.port} -U postgres 'no such'" in said.hint


def test_a_role_may_not_read_what_is_anothers(made: Teller, role: Callable[..., Teller]) -> None:
    said = refusal(role(), lambda table: list(table.pages(None)))
    assert "permission denied for table" in said.message
    assert f'GRANT SELECT, INSERT, UPDATE, DELETE ON public."{made.address.collection}"' in said.hint
    granted = role('GRANT SELECT ON "{table}" TO {role}')
    assert list(table_of(granted).pages(None)) == []


def test_a_role_may_make_no_table(of_server: Teller, role: Callable[..., Teller]) -> None:
    table_of(of_server).exists()
    of_server.sql("CREATE EXTENSION IF NOT EXISTS vector")
    said = refusal(role(), lambda table: table.make(3))
    assert said.message.endswith("permission denied for schema public"), "no statement of ours behind the reason"
    assert "GRANT USAGE, CREATE ON SCHEMA public" in said.hint
    assert "let its owner make the table" in said.hint, "who may create in public may run things as others"


@pytest.mark.usefixtures("made")
def test_a_row_of_another_user_is_no_matter_of_a_grant(role: Callable[..., Teller]) -> None:
    who = role(
        'GRANT ALL ON "{table}" TO {role}',
        'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        """CREATE POLICY own ON "{table}" TO {role} USING (payload ->> 'user_id' = 'bob')""",
    )
    said = refusal(who, lambda table: table.put([row()]))
    assert "violates row-level security policy" in said.message
    assert "GRANT" not in said.hint
    assert f"SELECT memory_tenancy.admit('\"'\"'{who.address.user}" in said.hint


def test_what_its_owner_alone_may_do_is_no_matter_of_a_grant(made: Teller, role: Callable[..., Teller]) -> None:
    who = role('GRANT ALL ON "{table}" TO {role}')
    said = refusal(who, PgvectorTable.drop)
    assert "must be owner of table" in said.message
    assert "GRANT" not in said.hint
    assert f"--store '{who.address.of_collection(made.address.collection + '_memories')}'" in said.hint


def test_pgvector_is_not_in_the_database(of_server: Teller, role: Callable[..., Teller]) -> None:
    name = f"plain_{uuid.uuid4().hex[:10]}"
    of_server.sql(f"CREATE DATABASE {name}")
    try:
        said = refusal(role().at(database=name), lambda table: table.make(3))
        assert "vector" in said.message
        assert "CREATE EXTENSION vector" in said.hint
    finally:
        of_server.sql(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_table_of_somebodys_own_is_left_alone(of_server: Teller) -> None:
    name = of_server.address.collection
    of_server.sql(f'CREATE TABLE "{name}" (id int, note text)')
    of_server.sql(f"INSERT INTO \"{name}\" VALUES (1, 'mine')")  # noqa: S608 - a name of the fixture's
    try:
        for ask in (PgvectorTable.exists, lambda table: table.make(3)):
            said = refusal(of_server, ask)
            assert "is none of mem0's: it has the columns id integer, note text" in said.message
            assert "collection=" in said.hint
        assert "is none of mem0's" in of_server.refused("memories", "list")
        assert of_server.sql(f'SELECT * FROM "{name}"') == [(1, "mine")]  # noqa: S608 - likewise
    finally:
        of_server.sql(f'DROP TABLE "{name}"')


def test_vectors_have_another_length(made: Teller) -> None:
    said = refusal(made, lambda table: table.put([row(numbers=4)]))
    assert "expected 3 dimensions, not 4" in said.message
    assert "--embed-model" in said.hint
    said_to_all = made.refused("memories", "add", "--user-id", "alice", "--engine", "rehearsal", "I live in Oslo.")
    assert "has vectors of 3 dimensions" in said_to_all
    assert "reembed" not in said_to_all, "which is refused there"


@pytest.mark.usefixtures("made")
def test_a_session_that_may_only_read(role: Callable[..., Teller]) -> None:
    who = role('GRANT ALL ON "{table}" TO {role}', "ALTER ROLE {role} SET default_transaction_read_only = on")
    assert table_of(who).exists()
    said = refusal(who, lambda table: table.put([row()]))
    assert "can only be read" in said.message
    assert "SHOW transaction_read_only" in said.hint


def test_the_server_gives_up(made: Teller, role: Callable[..., Teller]) -> None:
    table_of(made).put([row(f"fact {number}") for number in range(2000)])
    who = role('GRANT ALL ON "{table}" TO {role}', "ALTER ROLE {role} SET statement_timeout = '1ms'")
    said = refusal(who, lambda table: [list(table.pages(None, vectors=True)) for _ in range(100)])
    assert "statement timeout" in said.message
    assert "SHOW statement_timeout" in said.hint


def test_a_full_disk_is_told_by_its_code(of_server: Teller) -> None:
    error = psycopg.errors.DiskFull("could not extend file: No space left on device")
    said = translated(of_server.address, error, has_secret=True)
    assert "no room left on its disk, and stored nothing of this" in said.message
    assert "make room there" in said.hint


def test_a_session_that_the_server_ended_is_begun_anew(made: Teller) -> None:
    table = table_of(made)
    table.put([row()])
    own = table.ask("SELECT pg_backend_pid()", {})[0][0]
    made.sql(f"SELECT pg_terminate_backend({own}, 5000)")
    assert len(list(table.pages("alice"))) == 1
    assert table.ask("SELECT pg_backend_pid()", {})[0][0] != own


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is stopped there as SIGSTOP does")
def test_a_server_that_falls_silent_is_not_waited_for_for_ever(made: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pgvector_connection, "LIMIT_S", 0.5)
    table = table_of(made)
    own = table.ask("SELECT pg_backend_pid()", {})[0][0]
    os.kill(own, signal.SIGSTOP)
    try:
        with pytest.raises(StoreError, match="did not answer for"):
            table.exists()
    finally:
        os.kill(own, signal.SIGCONT)
    assert table.exists(), "and is asked again"


def test_who_accepts_and_says_nothing_is_given_up(of_server: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("showcase.stores.pgvector._CONNECT_S", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = refusal(of_server.at(port=silent.getsockname()[1]))
    assert "nothing answered in time" in said.message


def test_who_answers_in_another_language_is_named(of_server: Teller) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        said = refusal(of_server.at(port=other.getsockname()[1]))
    assert "not as PostgreSQL does" in said.message
