"""Who may read a table of PostgreSQL, what else is in its database, and what a VACUUM has not taken yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.shell.advice import printable
from showcase.stores.view import Around

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.stores.pgvector import PgvectorTable

_LISTED = 20

_ME = "SELECT current_user::text, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
_OTHERS = (
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND "
    "relkind IN ('r', 'p', 'v', 'm') AND relname <> %(name)s ORDER BY 1"
)
_TABLE = (
    "SELECT pg_get_userbyid(relowner)::text, relrowsecurity, relforcerowsecurity, "
    "pg_size_pretty(pg_total_relation_size(oid)) FROM pg_class WHERE oid = to_regclass(%(table)s)"
)
_HELD_BACK = "SELECT coalesce(row_security_active(to_regclass(%(table)s)), false)"
_READERS = (
    "SELECT rolname::text, rolsuper OR rolbypassrls FROM pg_roles WHERE rolcanlogin "
    "AND has_table_privilege(oid, to_regclass(%(table)s), 'SELECT') ORDER BY 1"
)
_POLICIES = "SELECT polname::text FROM pg_policy WHERE polrelid = to_regclass(%(table)s) ORDER BY 1"
_DEAD = "SELECT n_dead_tup, last_vacuum, last_autovacuum FROM pg_stat_user_tables WHERE relid = to_regclass(%(table)s)"
_TLS = "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"


def around(rows: PgvectorTable) -> Around:
    """Ask the catalog; every role of a database may.

    Raises:
        StoreError: The server refuses, or went away.
    """
    values = _values(rows)

    def ask(statement: str) -> list[tuple[Any, ...]]:
        return rows.ask(statement, values)

    name, is_super, bypasses = ask(_ME)[0]
    rights = [f"this program came as the role {printable(name)}{_held(is_super, bypasses, shows_part(rows))}"]
    remarks = []
    table = ask(_TABLE)
    if table:
        owner, secured, forced, size = table[0]
        rights.append(f"its owner is {printable(owner)}, who may read and drop it")
        rights.append(_row_security(secured, forced, [str(each[0]) for each in ask(_POLICIES)]))
        rights.append(_readers(ask(_READERS), secured=secured))
        remarks.append(f"{size} on disk, with its indexes")
        remarks += [_dead(*each) for each in ask(_DEAD)]
    tls = ask(_TLS)
    if tls:
        remarks.append(f"this connection: {tls[0][1] if tls[0][0] else 'no TLS'}, as the server says")
    return Around(
        others=tuple(str(each[0]) for each in ask(_OTHERS)), rights=tuple(rights), remarks=tuple(remarks)
    )  # fmt: skip


def shows_part(rows: PgvectorTable) -> bool:
    """Return whether policies decide which rows of the table this login is shown; false where there is no table.

    Raises:
        StoreError: The server refuses, or went away.
    """
    return bool(rows.ask(_HELD_BACK, _values(rows))[0][0])


def _values(rows: PgvectorTable) -> dict[str, object]:
    return {"name": rows.address.collection, "table": f'public."{rows.address.collection}"'}


def _held(is_super: bool, bypasses: bool, part: bool) -> str:
    if is_super:
        return ", a superuser: no right and no row-level security holds it back"
    if part:
        return ", and was shown no rows but those that the table's policies let it see: counts are of these"
    return ", which no row-level security holds back (BYPASSRLS)" if bypasses else ""


def _row_security(secured: bool, forced: bool, policies: Sequence[str]) -> str:
    if not secured:
        return (
            "row-level security is off: whoever may read the table reads everybody's rows, and mem0's user_id is a "
            "filter of who asks"
        )
    named = printable(", ".join(policies[:_LISTED])) or "no policy, so that nobody but the owner sees a row"
    return f"row-level security is on{', for the owner too' if forced else ', and not for the owner'}: {named}"


def _readers(readers: Sequence[tuple[Any, ...]], *, secured: bool) -> str:
    names = ", ".join(
        f"{printable(name)}{' (everything)' if above and secured else ''}" for name, above in readers[:_LISTED]
    )
    more = f" and {len(readers) - _LISTED} more" if len(readers) > _LISTED else ""
    return f"roles that may log in and read it: {names}{more}"


def _dead(dead: int, *vacuumed: Any) -> str:  # noqa: ANN401 - times
    last = max((each for each in vacuumed if each is not None), default=None)
    when = "never" if last is None else f"{last:%Y-%m-%d %H:%M}"
    return (
        f"about {dead:,} deleted or changed rows are still in its files, as the server estimates; last VACUUM: {when}"
    )
