"""A store on a terminal: short lists, a label before each, and nothing of it as it is: all may be anybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.cli.words import as_typed, fitted, one_line
from showcase.inspection import wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from showcase.inspection.facts import Inspection

_LABEL = 13
_FILES, _COLLECTIONS, _USERS, _FOLDERS = 20, 20, 10, 5
"""Of each that a terminal shows; --json and the page have more."""


def lines(found: Inspection, *, page: Path | None) -> list[str]:
    """Return what is printed.

    Args:
        found: The store.
        page: Where the page of it was written, None where nowhere.
    """
    shown: list[str] = []
    for label, items in _blocks(found):
        for number, item in enumerate(items):
            head = f"{label:<{_LABEL}}" if not number else " " * _LABEL
            shown.append(fitted(f"{head}{one_line(item)}".rstrip(), hanging=_LABEL + 2))
    for title, sentences in (("Worth a look", found.remarks), ("Not looked at", tuple(_unseen(found)))):
        if sentences:
            shown += ["", title, *(fitted(f"  - {one_line(sentence)}") for sentence in sentences)]
    fixes = [each.fix for each in found.unseen if each.fix]
    shown += [f"  fix: {one_line(as_typed(fix))}" for fix in dict.fromkeys(fixes)]
    return shown if page is None else [*shown, "", f"Page: {one_line(str(page))}"]


def _blocks(found: Inspection) -> Iterator[tuple[str, list[str]]]:
    held = found.chroma
    yield "store", [found.root, wording.headline(found)]
    yield "model", [wording.model(found.remembered, found.not_remembered)]
    yield "tables", [wording.versions(held)]
    yield "database", [wording.database(found.database), wording.writes(found.database)]
    yield "collections", _collections(found)
    yield "users", _users(found)
    yield "queue", [wording.queue(held)]
    yield "orphaned", _orphaned(found)
    history = [wording.history(found)]
    if found.history_database is not None:
        history += [wording.database(found.history_database), wording.writes(found.history_database)]
    yield "history", history
    yield "files", [wording.files(found.files), *_files(found)]
    yield "directories", _parents(found)


def _collections(found: Inspection) -> list[str]:
    if found.chroma is None or found.chroma.collections is None:
        return [wording.NOT_SEEN]
    items = []
    for collection in found.chroma.collections[:_COLLECTIONS]:
        items.append(f"{collection.name}: {wording.collection(collection)}")
        items += [f"  {wording.segment(segment)}" for segment in collection.segments]
    return [*items, *_more(found.chroma.collection_count, _COLLECTIONS)] or ["none"]


def _users(found: Inspection) -> list[str]:
    if found.chroma is None or found.chroma.users is None:
        return [wording.NOT_SEEN]
    named = [user for user in found.chroma.users if user.user_id is not None]
    nobody = [user for user in found.chroma.users if user.user_id is None]
    items = [f"{user.rows:>9,}  {user.user_id}" for user in named[:_USERS]]
    items += _more(found.chroma.user_count, _USERS)
    return [*items, *(f"{user.rows:>9,}  {wording.NOBODY}" for user in nobody)] or ["none"]


def _orphaned(found: Inspection) -> list[str]:
    folders = None if found.chroma is None else found.chroma.orphaned
    if not folders:
        return [wording.orphaned(found.chroma)]
    items = [f"{each.name}  {wording.counted(each.files, 'file')}, {wording.size(each.size_bytes)}" for each in folders]
    return [*items[:_FOLDERS], *_more(len(items), _FOLDERS)]


def _files(found: Inspection) -> Iterable[str]:
    for entry in found.files.listed[:_FILES]:
        what = "" if entry.kind == "file" else f"  ({entry.kind}{f' to {entry.target}' if entry.target else ''})"
        mode = f"{entry.mode}  " if entry.mode else ""
        yield f"{mode}{wording.size(entry.size_bytes):>10}  {entry.path}{what}"
    yield from _more(found.files.count, _FILES)


def _parents(found: Inspection) -> list[str]:
    if found.parents is None:
        return [f"{wording.NOT_SEEN}: on Windows a mode says nothing; see {as_typed('showcase doctor --out DIR')}"]
    return [
        f"{each.mode}  {'open to all' if each.others_may_enter else 'closed     '}  {each.path}"
        for each in found.parents
    ]


def _more(count: int | None, shown: int) -> list[str]:
    return [f"… {count - shown:,} more: --json, --html"] if count is not None and count > shown else []


def _unseen(found: Inspection) -> Iterator[str]:
    for each in found.unseen:
        yield f"{each.what}: {each.why}"
