"""What PostgreSQL and libpq refuse, as a user is told: what happened, why, and the command that mends it.

The server's codes are those of https://www.postgresql.org/docs/current/errcodes-appendix.html. An attempt to connect
has no code in libpq, only words, which are English unless the server was told otherwise; others get the general hint.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.settings.store_secret import SECRET_FILE
from showcase.shell import here
from showcase.shell.advice import printable, quoted
from showcase.stores.errors import as_store_error, shortened
from showcase.stores.pgvector_connection import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.pgvector_connection import Limit

AGAIN = "the same command again"

_GONE = ("57P01", "57P02", "57P03", "08000", "08003", "08006")
_OTHER_SHAPE = ("42703", "42804", "42883", "42P01", "42P10")


def translated(address: StoreAddress, error: BaseException, *, has_secret: bool, limit: Limit) -> StoreError:
    """Return what a user is told.

    Args:
        address: The store.
        error: What psycopg raised.
        has_secret: Whether a password was given to this program.
        limit: Says whether the server was waited for for too long.
    """
    if limit.reached:
        return StoreError(
            f"the store {address} took a question and did not answer for {LIMIT_S:g} s",
            hint=f"see what it waits for: {_psql(address, 'SELECT pid, state, wait_event, query FROM pg_stat_activity')}",
        )
    code = getattr(error, "sqlstate", None)
    said = shortened(error)
    found = _by_words(address, said, has_secret=has_secret) if code is None else _by_code(address, code, said)
    if found is None:
        return as_store_error(address, error)
    why, hint = found
    return StoreError(f"the store {address} {why}", hint=hint)


def not_of_mem0(
    address: StoreAddress, found: Sequence[tuple[str, str]], wanted: Mapping[str, str]
) -> StoreError:  # fmt: skip
    """Return what is said of a table that somebody made for something else."""
    there = printable(", ".join(f"{name} {kind}" for name, kind in found))[:200]
    mem0s = ", ".join(f"{name} {kind}" for name, kind in wanted.items())
    return StoreError(
        f"the table {address.collection} of {address} is none of mem0's: it has the columns {there}, and mem0's are "
        f"{mem0s}; nothing of it was read or changed",
        hint=f"name another: --store {quoted(address.of_collection('memories'))}",
    )


def _by_words(address: StoreAddress, said: str, *, has_secret: bool) -> tuple[str, str] | None:
    """Return what an attempt to connect came to, by what libpq said of it."""
    low = said.lower()
    secret = f"put it into a file of mode 0600: {here().set_variables({SECRET_FILE: 'FILE'})}"
    if "no password supplied" in low:
        return f"asks {_role(address)} for a password, and none was given", secret
    if "authentication failed" in low:
        why = "took no password" if has_secret else "was given no password by this program, and took none of ~/.pgpass"
        return f"refused {_role(address)}: it {why}: {said}", f"see whether it is the right one; {secret}"
    if "does not support ssl" in low:
        plain = _of_mode(address, "disable")
        return (
            "speaks no TLS, and TLS was asked for: nothing was sent to it",
            f"switch it on at the server (ssl = on); or, where nobody can listen in between: --store {quoted(plain)}",
        )
    if "pg_hba.conf" in low and "no encryption" in low and not address.tls:
        with_tls = _of_mode(address, "verify-full")
        return (
            f"lets nobody in without TLS, or not {_role(address)}: {said}",
            f"--store {quoted(with_tls)}, else a line for it in its pg_hba.conf",
        )
    if "pg_hba.conf" in low:
        return f"lets {_role(address)} not in: {said}", "a line for it in pg_hba.conf of the server, then reload it"
    if "certificate" in low:
        return (
            f"could not prove who it is, and nothing was sent to it: {said}",
            "put the certificate of its authority into ~/.postgresql/root.crt, and name the server as the certificate "
            "does",
        )
    if "database" in low and "does not exist" in low:
        return (
            f"names a database that is not there: {said}",
            f"make it: {here().joined(['createdb', *_connection(address, database=False), address.database or 'postgres'])}",
        )
    if "too many clients" in low or "connection slots" in low:
        return f"has no connection left: {said}", "close some, or raise max_connections of the server"
    if "starting up" in low or "shutting down" in low or "recovery" in low:
        return f"is starting or ending: {said}", AGAIN
    if "timeout" in low or "timed out" in low:
        return (
            "was reached for, and nothing answered in time",
            f"see whether it is there: {here().listeners(address.port)}",
        )
    if "invalid response" in low or "unexpected response" in low or "expected authentication" in low:
        return (
            f"answers, and not as PostgreSQL does: {said}",
            f"see what listens there: {here().listeners(address.port)}",
        )
    if "closed the connection" in low or "consuming input" in low or "connection is lost" in low:
        return f"went away in the middle: {said}", AGAIN
    return None


def _by_code(address: StoreAddress, code: str, said: str) -> tuple[str, str] | None:
    """Return what a statement came to, by the server's own code."""
    table = f'public."{address.collection}"'
    if code == "42501":
        return f"lets {_role(address)} not do this: {said}", _granted(address, table, said)
    if code in ("0A000", "58P01") and "extension" in said:
        return (
            f"has no pgvector to install: {said}",
            "install it on the server's machine (Debian: postgresql-NN-pgvector; https://github.com/pgvector/pgvector), "
            f"then: {_psql(address, 'CREATE EXTENSION vector', role='A-SUPERUSER')}",
        )
    if code == "42704" and "vector" in said:
        return (
            f"has no pgvector in this database: {said}",
            f"a superuser does it once: {_psql(address, 'CREATE EXTENSION vector', role='A-SUPERUSER')}",
        )
    if code == "22000" and "dimensions" in said:
        return (
            f"keeps vectors of another length, of another embedding model: {said}",
            f"name that model with --embed-model; or another table: --store {quoted(address.of_collection('memories'))}",
        )
    if code == "25006":
        return (
            f"can only be read: {said}",
            f"see why (a standby, or a setting): {_psql(address, 'SHOW transaction_read_only')}",
        )
    if code == "53100":
        return f"has no room left on its disk, and stored nothing of this: {said}", "make room there, then " + AGAIN
    if code == "53300":
        return f"has no connection left: {said}", "close some, or raise max_connections of the server"
    if code == "57014":
        return (
            f"ended the question: {said}",
            f"raise its limit: {_psql(address, 'SHOW statement_timeout')}; ALTER ROLE … SET statement_timeout",
        )
    if code == "54000":
        return f"takes no text as long as this: {said}", "store it in parts"
    if code in ("55P03", "40P01", "40001"):
        return f"is being changed by somebody else: {said}", AGAIN
    if code in _GONE:
        return f"ended the session: {said}", AGAIN
    if code in _OTHER_SHAPE:
        return (
            f"holds a table {address.collection} that is not there any more, or none of mem0's: {said}",
            f"see what lies there: showcase inspect {quoted(address)}",
        )
    return None


def _granted(address: StoreAddress, table: str, said: str) -> str:
    """Return the statement by which a role gets the right that it lacks."""
    role = '"' + (address.user or "postgres").replace('"', '""') + '"'
    if "extension" in said:
        return f"a superuser does it once: {_psql(address, 'CREATE EXTENSION vector', role='A-SUPERUSER')}"
    if "schema" in said:
        statement = f"GRANT USAGE, CREATE ON SCHEMA public TO {role}"
    elif "database" in said:
        statement = f"GRANT CONNECT ON DATABASE {address.database or 'postgres'} TO {role}"
    else:
        statement = f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role}"
    return f"its owner grants it: {_psql(address, statement, role='OWNER')}"


def _psql(address: StoreAddress, statement: str, *, role: str = "") -> str:
    user = role or address.user or "postgres"
    named = replace(address, user=user)
    return here().joined(["psql", *_connection(named), "-c", statement])


def _connection(address: StoreAddress, *, database: bool = True) -> list[str]:
    """Return the options that lead PostgreSQL's own programs to a server."""
    options = ["-h", address.host, "-p", str(address.port), "-U", address.user or "postgres"]
    return [*options, *(["-d", address.database or "postgres"] if database else [])]


def _of_mode(address: StoreAddress, sslmode: str) -> StoreAddress:
    return replace(address, sslmode=sslmode, tls=sslmode != "disable")


def _role(address: StoreAddress) -> str:
    return f"the role {printable(address.user or 'postgres')}"
