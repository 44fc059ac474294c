"""The page of a store in a browser: it asks for nothing, fits its window, and text that tries to get out stays text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import Browser, Tab
from hostile import TEXTS

from showcase.inspection.facts import Database, Entry, Files, Inspection, Parent, Remembered, Unseen
from showcase.inspection.held import Chroma, Collection, Folder, History, Migration, Queue, Segment, UserRows
from showcase.report import render_inspection

if TYPE_CHECKING:
    from pathlib import Path


def database(path: str) -> Database:
    return Database(
        path=path, size_bytes=10 * 2**30, disk_bytes=4096, page_bytes=None, pages=None, free_pages=None, log=None,
        written_by=None, journal_bytes=512, wal_bytes=1, wal_frames=0, unfinished=None, read=None,
    )  # fmt: skip


def of(text: str) -> Inspection:
    """Return a store in which everything that may be anybody's is one text."""
    segment = Segment(id=text, scope="VECTOR", type=text, folder=None, written_to=None, waiting=None)
    collection = Collection(
        id=text, name=text, dimension=None, rows=None, users=None, user_count=None, user_id=text, space=text,
        embedding_function=text, segments=(segment, segment),
    )  # fmt: skip
    chroma = Chroma(
        migrations=(Migration(part=text, version=1),), as_of=None, collections=(collection,), collection_count=2,
        users=(UserRows(user_id=text, rows=2), UserRows(user_id=None, rows=1)), user_count=3, rows=3,
        rows_without_user=1, rows_without_collection=0, queue=Queue(rows=0, first=None, last=None),
        orphaned=(Folder(name=text, size_bytes=1, files=1),), strange=(text,),
    )  # fmt: skip
    entry = Entry(
        path=text, kind="link", size_bytes=1, disk_bytes=None, mode=None, owner=None, others_may_read=True,
        others_may_write=None, target=text,
    )  # fmt: skip
    return Inspection(
        root=text, chroma_directory=text, home_directory=text, looked_at="2026-11-01T00:00:00+00:00",
        files=Files(
            listed=(entry,) * 12, count=99, size_bytes=1, disk_bytes=None, readable_by_others=1, writable_by_others=1,
            whole=False,
        ),
        parents=(Parent(path=text, mode="0777", owner=0, others_may_enter=True, others_may_write=True),),
        remembered=Remembered(embed_model=text, embed_digest=text, dimensions=3, layout="shared", created_at=text),
        not_remembered="", database=database(text), chroma=chroma, history_database=database(text),
        history=History(rows=1, events={text: 1}, messages=1), remarks=(text,),
        unseen=(Unseen(what=text, why=text, fix=text),),
    )  # fmt: skip


@pytest.mark.parametrize(("width", "dark"), [(360, False), (800, True), (1440, False)])
def test_hostile_text_is_text_and_the_page_fits(browser: Browser, tmp_path: Path, width: int, dark: bool) -> None:
    for number, text in enumerate(TEXTS):
        page = tmp_path / f"{number}.html"
        page.write_text(render_inspection(of(text)), encoding="utf-8")
        tab = Tab(browser, page, width=width, dark=dark)
        assert tab.requests() == [page.as_uri()]
        assert tab.complaints() == []
        assert tab.evaluate("window.caught") is None
        assert tab.evaluate("document.documentElement.scrollWidth") == width, text
        assert tab.evaluate("document.querySelectorAll('main section').length") == 5
        tab.close()


def test_nothing_that_was_not_seen_is_silently_empty(browser: Browser, tmp_path: Path) -> None:
    from dataclasses import replace  # noqa: PLC0415 - here alone

    page = tmp_path / "page.html"
    whole = of("x")
    page.write_text(
        render_inspection(
            replace(
                whole,
                chroma=None,
                database=None,
                parents=None,
                remembered=None,
                history=None,
                not_remembered="not remembered: none",
            )
        ),
        encoding="utf-8",
    )
    tab = Tab(browser, page)
    for part in ("collections", "users"):
        assert "not seen" in tab.evaluate(f"document.querySelector('#{part}-title').parentNode.innerText")
    empty = "[...document.querySelectorAll('td, dd')].filter((cell) => !cell.innerText.trim()).length"
    assert tab.evaluate(empty) == 0
    tab.close()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, tmp_path: Path, axe: str, dark: bool) -> None:
    import json  # noqa: PLC0415 - here alone

    page = tmp_path / "page.html"
    page.write_text(render_inspection(of("name")), encoding="utf-8")
    tab = Tab(browser, page, dark=dark)
    tab.evaluate(axe + "; true")
    found = json.loads(tab.evaluate("axe.run(document).then((r) => JSON.stringify(r.violations))"))
    assert [rule["id"] for rule in found if rule["impact"] != "minor"] == []
    tab.close()
