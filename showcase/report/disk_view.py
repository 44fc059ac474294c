"""On disk: the files of the store after each process, and what that process did to them."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence import Run, Session, StoreFile, StoreState
from showcase.report.lanes import role

_SHOWN_FILES = 200


@dataclass(frozen=True, slots=True)
class FileRow:
    """A file, and what the process did to it."""

    file: StoreFile
    change: str


@dataclass(frozen=True, slots=True)
class Store:
    """The store after a process. `change` is empty where the state before is not known."""

    role: str
    total: int
    size_bytes: int
    change: str
    before: str
    after: str
    rows: tuple[FileRow, ...]


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
        total=len(rows),
        size_bytes=sum(file.size_bytes for file in after.files),
        change=change,
        before="not recorded" if before is None else before.digest,
        after=after.digest,
        rows=tuple(rows[:_SHOWN_FILES]),
    )


def _change(file: StoreFile, old: dict[str, str] | None) -> str:
    if old is None:
        return "not known"
    if file.path not in old:
        return "created"
    return "left as it was" if old[file.path] == file.sha256 else "changed"
