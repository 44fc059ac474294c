"""What PostgreSQL and libpq refuse, as a user is told: what happened, why, and the command that mends it.

The server's codes are those of https://www.postgresql.org/docs/current/errcodes-appendix.html. An attempt to connect
has no code in libpq, only words, which are English unless the server was told otherwise; others get the general hint.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.errors import StoreError
from showcase.settings.store_secret import SECRET_FILE
from showcase.shell import here
from showcase.shell.advice import printable, quoted
from showcase.stores.errors import as_store_error
from showcase.stores.pgvector_connection import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from showcase.settings.store_address import StoreAddress
    from showcase.stores.pgvector_connection import Limit

AGAIN = "the same command again"
_LONGEST = 300
_ADDRESSED = re.compile(r'^connection failed: (?:connection to server at "[^"]*"(?: \([^)]*\))?, port \d+ failed: )?')
"""What psycopg and libpq put before their reason; a line of two addresses keeps the second's."""
_QUOTED = re.compile(r"LINE \d+: ")

_ACTIVITY = "SELECT pid, state, wait_event, query FROM pg_stat_activity"
_MORE_CONNECTIONS = "close some, or raise max_connections of the server"
_GONE = ("57P01", "57P02", "57P03", "08000", "08003", "08006")
_OTHER_SHAPE = ("42703", "42804", "42883", "42P01", "42P10")


def translated(
    address: StoreAddress, error: BaseException, *, has_secret: bool, limit: Limit | None = None
) -> StoreError:
    """Return what a user is told.

    Args:
        address: The store.
        error: What psycopg raised.
        has_secret: Whether a password was given to this program.
        limit: Says whether the server was waited for for too long; None where nobody looked.
    """
    if limit is not None and limit.reached:
        return StoreError(
            f"the store {address} took a question and did not answer for {LIMIT_S:g} s",
            hint=f"see what it waits for: {_psql(address, _ACTIVITY)}",
        )
    code = getattr(error, "sqlstate", None)
    said = printable(_reason(str(error)))[:_LONGEST]
    found = _by_words(address, said, has_secret=has_secret) if code is None else _by_code(address, code, said)
    if found is None:
        return as_store_error(address, error)
    why, hint = found
    return StoreError(f"the store {address} {why}", hint=hint)


def _reason(said: str) -> str:
    """Return what the server or libpq gives as the reason: the address stands before it already, in our own words.

    A statement of ours that is quoted below the reason, with a mark at the place, tells a user nothing.
    """
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    cut = next((at for at, line in enumerate(lines) if _QUOTED.match(line)), len(lines))
    first, *rest = lines[:cut] or [""]
    reason = _ADDRESSED.sub("", first)
    told = [reason, *(line for line in rest if not line.startswith("Is the server running"))]
    return " ".join(" ".join(told).split())


def not_of_mem0(
    address: StoreAddress, found: Sequence[tuple[str, str]], wanted: Mapping[str, str]
) -> StoreError:  # fmt: skip
    """Return what is said of a table that somebody made for something else."""
    there = printable(", ".join(f"{name} {kind}" for name, kind in found))[:200]
    mem0s = ", ".join(f"{name} {kind}" for name, kind in wanted.items())
    return StoreError(
        f"the table {address.collection} of {address} is none of mem0's: it has the columns {there}, and mem0's are "
        f"{mem0s}; nothing of it was read or changed",
        hint=f"name another: --store {quoted(_another(address))}",
    )


def _by_words(address: StoreAddress, said: str, *, has_secret: bool) -> tuple[str, str] | None:
    """Return what an attempt to connect came to, by what libpq said of it."""
    low = said.lower()
    told = {
        "no password supplied": _no_password,
        "authentication failed": lambda *of: _refused(*of, has_secret=has_secret),
        "does not support ssl": _no_tls,
        "pg_hba.conf": _not_let_in,
        "certificate": _not_proven,
        "does not exist": _no_database,
    }
    always = {
        ("too many clients", "connection slots"): ("has no connection left", _MORE_CONNECTIONS),
        ("starting up", "shutting down", "in recovery"): ("is starting or ending", AGAIN),
        ("resolve host", "translate host"): ("has a host that nobody knows", "see whether its name is spelled right"),
        ("refused", "unreachable", "no route"): ("is not there, or lets nobody reach it", _listens(address)),
        ("timeout", "timed out"): ("was reached for, and nothing answered in time", _listens(address)),
        ("invalid response", "unexpected response", "expected authentication"): (
            "answers, and not as PostgreSQL does",
            _listens(address),
        ),
        ("closed the connection", "consuming input", "connection is lost"): ("went away in the middle", AGAIN),
    }
    for part, tell in told.items():
        if part in low:
            return tell(address, said)
    found = (each for parts, each in always.items() if any(part in low for part in parts))
    return next(((f"{why}: {said}", hint) for why, hint in found), None)


def _no_password(address: StoreAddress, said: str) -> tuple[str, str]:  # noqa: ARG001 - one signature
    return f"asks {_role(address)} for a password, and none was given", _secret()


def _refused(address: StoreAddress, said: str, *, has_secret: bool) -> tuple[str, str]:
    whose = "the password given" if has_secret else "no password of this program's, which was given none"
    return f"did not let {_role(address)} in, with {whose}: {said}", f"see whether it is the right one; {_secret()}"


def _no_tls(address: StoreAddress, said: str) -> tuple[str, str]:  # noqa: ARG001 - one signature
    plain = quoted(_of_mode(address, "disable"))
    hint = f"switch it on at the server (ssl = on); or, where nobody can listen in between: --store {plain}"
    return "speaks no TLS, and TLS was asked for: nothing was sent to it", hint


def _not_let_in(address: StoreAddress, said: str) -> tuple[str, str]:
    line = "a line for it in pg_hba.conf of the server, then reload it"
    if "no encryption" in said and not address.tls:
        line = f"--store {quoted(_of_mode(address, 'verify-full'))}, which is TLS; or {line}"
    return f"does not let {_role(address)} in: {said}", line


def _not_proven(address: StoreAddress, said: str) -> tuple[str, str]:  # noqa: ARG001 - one signature
    hint = "put the certificate of its authority into ~/.postgresql/root.crt, and name the host as its certificate does"
    return f"could not prove who it is, and nothing was sent to it: {said}", hint


def _no_database(address: StoreAddress, said: str) -> tuple[str, str]:
    command = here().joined(["createdb", *_connection(address, database=False), address.database or "postgres"])
    return f"has no such database, or no such role: {said}", f"make it: {command}"


def _by_code(address: StoreAddress, code: str, said: str) -> tuple[str, str] | None:
    """Return what a statement came to, by the server's own code."""
    if code == "42501":
        return f"does not let {_role(address)} do this: {said}", _granted(address, said)
    if code in ("0A000", "58P01", "42704") and ("extension" in said or "vector" in said):
        # 42704: there is no type vector in this database yet.
        return (
            f"has no pgvector here: {said}",
            "where the server's machine has it (Debian: postgresql-NN-pgvector; https://github.com/pgvector/pgvector), "
            + _superuser(address),
        )
    if code == "22000" and "dimensions" in said:
        return (
            f"keeps vectors of another length, of another embedding model: {said}",
            f"name that model with --embed-model; or another table: --store {quoted(_another(address))}",
        )
    if code in _OTHER_SHAPE:
        return (
            f"holds a table {address.collection} that is not there any more, or none of mem0's: {said}",
            f"see what lies there: showcase inspect {quoted(address)}",
        )
    known = {
        "25006": (
            "can only be read",
            f"see why (a standby, or a setting): {_psql(address, 'SHOW transaction_read_only')}",
        ),
        "53100": ("has no room left on its disk, and stored nothing of this", f"make room there, then {AGAIN}"),
        "53300": ("has no connection left", _MORE_CONNECTIONS),
        "57014": ("ended the question", f"see its limit: {_psql(address, 'SHOW statement_timeout')}; then {AGAIN}"),
        "54000": ("takes no text as long as this", "store it in parts"),
        **dict.fromkeys(("55P03", "40P01", "40001"), ("is being changed by somebody else", AGAIN)),
        **dict.fromkeys(_GONE, ("ended the session", AGAIN)),
    }
    found = known.get(code)
    return None if found is None else (f"{found[0]}: {said}", found[1])


def _granted(address: StoreAddress, said: str) -> str:
    """Return the statement by which a role gets the right that it lacks."""
    name = address.user or "postgres"
    role = '"' + name.replace('"', '""') + '"'
    table = f'public."{address.collection}"'
    if "extension" in said:
        return _superuser(address)
    if "row-level security" in said:  # it has the right; the row is another's
        admitted = "SELECT memory_tenancy.admit('{}', 'USER')".format(name.replace("'", "''"))
        given = _psql(address, admitted, role="A-SUPERUSER")
        return f"name a user whom this role is; or make it another, by the recipe of docs/scale-out.md: {given}"
    if "must be owner" in said:
        return f"the same command as its owner; or with a table of your own: --store {quoted(_another(address))}"
    if "schema" in said:
        statement = f"GRANT USAGE, CREATE ON SCHEMA public TO {role}"
        owners = quoted(replace(address, user="OWNER"))
        made = f"let its owner make the table, by the same command with --store {owners}"
        return f"{made}; or, where no other role uses this database: {_psql(address, statement, role='OWNER')}"
    if "database" in said:
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


def _another(address: StoreAddress) -> StoreAddress:
    return address.of_collection(f"{address.collection[:54]}_memories")


def _superuser(address: StoreAddress) -> str:
    return f"a superuser does it once: {_psql(address, 'CREATE EXTENSION vector', role='A-SUPERUSER')}"


def _listens(address: StoreAddress) -> str:
    if address.is_here:
        return f"see what listens there: {here().listeners(address.port)}"
    return f"see on its own machine whether it listens, and whether a firewall lets port {address.port} through"


def _secret() -> str:
    return f"put it into a file of mode 0600: {here().set_variables({SECRET_FILE: 'FILE'})}"
