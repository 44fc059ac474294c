"""On disk: files and tables of the store after each process, or its rows, and what that process did to them."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence import Run, Session, StoreFile, StoreState
from showcase.report.lanes import role
from showcase.report.text import listed

_SHOWN_FILES = 200
_SHOWN_TABLES = 200


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file, and what the process did to it."""

    file: StoreFile
    change: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """A table of a database, and its rows before and after the process, in words."""

    path: str
    name: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables with a row before or after; those without any are named in `empty`. `left_off` are in the log alone.

    `database` is the file they are in, empty where they are in more than one.
    """

    total: int
    database: str
    rows: tuple[TableRow, ...]
    left_off: int
    empty: str


@dataclass(frozen=True, slots=True)
class Store:
    """The store after a process, by its files or its rows. `change` is empty where the state before is not known."""

    role: str
    by: str
    total: int
    size_bytes: int
    change: str
    before: str
    after: str
    rows: tuple[FileRow, ...]
    tables: Tables | None


def stores(run: Run) -> tuple[Store, ...]:
    """Return the store after each process that left a record of it."""
    return tuple(
        _store(session, session.store_after, control=control)
        for group, control in ((run.sessions, False), (run.controls, True))
        for session in group
        if session.store_after is not None
    )


def _store(session: Session, after: StoreState, *, control: bool) -> Store:
    before = session.store_before
    old = None if before is None else {file.path: file.sha256 for file in before.files}
    change = "" if before is None else "unchanged" if before.digest == after.digest else "changed"
    rows = [FileRow(file, _change(file, old)) for file in after.files]
    gone = set(old or ()) - {file.path for file in after.files}
    rows += [FileRow(file, "removed") for file in (before.files if before else ()) if file.path in gone]
    return Store(
        role=role(session, control=control),
        by=after.by,
        total=len(rows) if after.by == "files" else sum(table.rows for table in after.tables),
        size_bytes=sum(file.size_bytes for file in after.files),
        change=change,
        before="not recorded" if before is None else before.digest,
        after=after.digest,
        rows=tuple(rows[:_SHOWN_FILES]),
        tables=_tables(before, after),
    )


def _change(file: StoreFile, old: dict[str, str] | None) -> str:
    if old is None:
        return "not known"
    if file.path not in old:
        return "created"
    return "left as it was" if old[file.path] == file.sha256 else "changed"


def _tables(before: StoreState | None, after: StoreState) -> Tables | None:
    """Return the tables of both states, None where the log holds none."""
    old = None if before is None else _counts(before)
    new = _counts(after)
    names = dict.fromkeys([*(old or ()), *new])
    if not names:
        return None
    used = [name for name in names if new.get(name) or (old or {}).get(name)]
    with_rows = set(used)
    empty = [name[1] for name in names if name not in with_rows]
    rows = [_table(name, old, new) for name in used]
    databases = {path for path, _ in names}
    more = len(empty) - _SHOWN_TABLES
    return Tables(
        total=len(names),
        database=next(iter(databases)) if len(databases) == 1 else "",
        rows=tuple(rows[:_SHOWN_TABLES]),
        left_off=max(0, len(rows) - _SHOWN_TABLES),
        empty=listed(empty if len(empty) <= _SHOWN_TABLES else [*empty[:_SHOWN_TABLES], f"{more:,} more"]),
    )


def _counts(state: StoreState) -> dict[tuple[str, str], int]:
    return {(table.path, table.name): table.rows for table in state.tables}


def _table(name: tuple[str, str], old: dict[tuple[str, str], int] | None, new: dict[tuple[str, str], int]) -> TableRow:
    earlier, now = (old or {}).get(name), new.get(name)
    if old is None:
        change = "not known"
    elif earlier is None or now is None:
        change = "created" if earlier is None else "removed"
    else:
        change = "left as it was" if now == earlier else f"{now - earlier:+,}"
    return TableRow(
        path=name[0],
        name=name[1],
        before="not recorded" if old is None else _number(earlier),
        after=_number(now),
        change=change,
    )


def _number(rows: int | None) -> str:
    return "no table" if rows is None else f"{rows:,}"
