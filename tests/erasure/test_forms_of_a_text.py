"""A text that was forgotten, in whatever form somebody wrote it, and texts that cannot be told from others."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import sqlite3
import unicodedata
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from erased import carved, erased, holding, pages
from kept_stores import LAYOUTS, everything, made, row

from showcase.memory import history

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.memory.store_record import Layout

TEXT = 'Zoë keeps <"secret"> brûlée & saffron/cardamom in the Kühlschrank at Quellenstraße'
STAYS = row("I drink tea", "bob")


def event(memory_id: str, text: str) -> history.HistoryEvent:
    return history.HistoryEvent(id=f"e-{text[:9]}", memory_id=memory_id, new_memory=text, event="ADD")


def written(text: str) -> dict[str, bytes]:
    """Return a text as others write it, by nothing of ours."""
    decomposed = unicodedata.normalize("NFD", text)
    found = {
        "utf-8": text.encode(),
        "composed": unicodedata.normalize("NFC", text).encode(),
        "decomposed": decomposed.encode(),
        "utf-16 little": text.encode("utf-16-le"),
        "utf-16 big": text.encode("utf-16-be"),
        "decomposed utf-16": decomposed.encode("utf-16-le"),
        "upper case": text.upper().encode(),
        "lower case": text.lower().encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "json, as it is": json.dumps(text, ensure_ascii=False)[1:-1].encode(),
        "html": html.escape(text).encode(),
        "html by number": html.escape(text).encode("ascii", "xmlcharrefreplace"),
        "url": quote(text).encode(),
        "url, all": quote(text, safe="").encode(),
        "form": quote_plus(text).encode(),
    }
    for offset in range(3):
        found[f"base64 at {offset}"] = base64.b64encode(b"." * offset + text.encode() + b".")
    found["base64 of a url"] = base64.urlsafe_b64encode(text.encode())
    found["base64 in lines"] = base64.encodebytes(text.encode() * 2)
    return found


def test_every_form_that_lies_about_is_found_and_left(tmp_path: Path) -> None:
    going = row(TEXT)
    place = made(tmp_path / "s", "shared", [going, STAYS])
    paths = {form: place.home / f"note-{number}.bin" for number, form in enumerate(written(TEXT))}
    for form, path in paths.items():
        path.write_bytes(b"\x01\x02" + written(TEXT)[form] + b"\x03")
    done, finding = erased(place, [going.memory_id])
    assert finding.status == "broken"
    assert done.verified is not None
    for scan in (done.before, done.after, done.verified):
        assert scan is not None
        found = {each.path for each in scan.residues}
        assert [form for form, path in paths.items() if f"mem0_home/{path.name}" not in found] == []
    for form, path in paths.items():
        assert path.read_bytes() == b"\x01\x02" + written(TEXT)[form] + b"\x03", "what is somebody's file is left"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_of_a_text_is_left_in_any_form(tmp_path: Path, layout: Layout) -> None:
    going = row(TEXT)
    place = made(tmp_path / "s", layout, [going, STAYS])
    history.keep(place, [event(going.memory_id, TEXT), event(STAYS.memory_id, STAYS.text)])
    assert holding(place.root, TEXT.encode())
    done, finding = erased(place, [going.memory_id])
    assert finding.status == "upheld", finding.reason
    got = carved(place.root).lower()
    for form, data in written(TEXT).items():
        assert data.lower() not in got, form
    for word in ("saffron", "cardamom", "Kühlschrank"):
        assert word.lower().encode() not in got
    assert going.memory_id.encode() not in got
    assert b"i drink tea" in got
    assert list(everything(place, layout)) == [STAYS.memory_id]
    assert done.rows_by_id_after == 0


def test_common_words_are_looked_for_by_vector_and_id_alone(tmp_path: Path) -> None:
    going = row("I like tea")
    place = made(tmp_path / "s", "shared", [going, row("I like tea and milk", "bob")])
    done, finding = erased(place, [going.memory_id])
    assert finding.status == "upheld", finding.reason
    assert done.shared >= 1
    assert any("stand in what stays as well" in each for each in finding.limits)
    assert any("the vector and the id were looked for alone" in each for each in finding.limits)


@pytest.mark.parametrize("fill", [3000, 70_000])
def test_a_text_that_crosses_pages(tmp_path: Path, fill: int) -> None:
    marks = [hashlib.sha256(bytes([number % 256, number // 256])).hexdigest()[:19] for number in range(fill // 20)]
    going = row(" ".join(marks))
    place = made(tmp_path / "s", "shared", [going, STAYS])
    assert holding(place.root, marks[1].encode())
    _, finding = erased(place, [going.memory_id])
    assert finding.status == "upheld", finding.reason
    got = carved(place.root)
    assert not any(mark.encode() in got for mark in marks)


def test_a_text_in_a_chain_of_free_pages_is_found_where_plain_grep_misses_it(tmp_path: Path) -> None:
    going = row("the only ultramarine quartzite lies in a drawer")
    place = made(tmp_path / "s", "shared", [going, STAYS])
    other, text = place.home / "other.db", going.text.encode()
    for begin in range(560, 2800, 8):
        other.unlink(missing_ok=True)
        with closing(sqlite3.connect(other)) as database:
            database.execute("PRAGMA page_size = 512")
            database.execute("PRAGMA secure_delete = OFF")
            database.execute("CREATE TABLE held (it TEXT)")
            database.execute("INSERT INTO held VALUES (?)", ("f" * begin + going.text + "f" * (3000 - begin),))
            database.commit()
            database.execute("DELETE FROM held")
            database.commit()
        raw = other.read_bytes()
        if text not in raw and text in b"\0".join(pages(raw)):
            break
    else:
        pytest.fail("no length was found at which a page ends in the text")
    done, finding = erased(place, [going.memory_id])
    assert finding.status == "broken"
    assert "other.db" in finding.reason
    assert ("ends of pages", "UTF-8") in {(each.view, each.form) for each in done.after.residues}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_text_under_other_ids_and_of_others(tmp_path: Path, layout: Layout) -> None:
    text = "my locker code is obsidian-4711"
    twice = [row(text), row(text, memory_id="11111111-2222-3333-4444-555555555555")]
    bobs = row(text, "bob")
    place = made(tmp_path / "s", layout, [*twice, bobs, STAYS])
    done, finding = erased(place, [each.memory_id for each in twice])
    assert (done.found, done.removed, done.shared > 0) == (2, 2, True)
    assert finding.status == "upheld", finding.reason
    assert any("stand in what stays as well" in each for each in finding.limits)
    got = carved(place.root)
    assert set(everything(place, layout)) == {bobs.memory_id, STAYS.memory_id}
    assert all(each.memory_id.encode() not in got for each in twice)
    _, finding = erased(place, [bobs.memory_id], "bob")
    assert finding.status == "upheld", finding.reason
    assert b"obsidian" not in carved(place.root).lower()


def test_one_of_two_rows_of_one_text_goes_and_the_other_stays_as_it_was(tmp_path: Path) -> None:
    one, other = row("my boat is the Halcyone"), row("my boat is the Halcyone", memory_id="a" * 32)
    place = made(tmp_path / "s", "shared", [one, other])
    before = everything(place, "shared")[other.memory_id]
    done, finding = erased(place, [one.memory_id])
    assert everything(place, "shared") == {other.memory_id: before}
    assert finding.status == "upheld"
    assert done.shared >= 1


def test_a_quote_in_a_row_that_stays_is_told_and_not_deleted(tmp_path: Path) -> None:
    text = "my locker code is obsidian-4711"
    going, quotes = row(text), row(f'alice once said: "{text}", so be careful', "bob")
    place = made(tmp_path / "s", "shared", [going, quotes])
    done, finding = erased(place, [going.memory_id])
    assert done.shared
    assert finding.status == "upheld"
    assert any("reported, not deleted" in each for each in finding.limits)
    assert set(everything(place, "shared")) == {quotes.memory_id}


def test_a_part_of_it_that_a_row_quotes_is_told(tmp_path: Path) -> None:
    going = row("my locker code is obsidian-4711 and the key hangs by the vestibule mirror")
    quotes = row("alice said: the key hangs by the vestibule mirror", "bob")
    place = made(tmp_path / "s", "shared", [going, quotes])
    _, finding = erased(place, [going.memory_id])
    assert finding.status == "upheld", finding.reason
    # First: what reads rows by Chroma writes memory of this process into the index.
    assert b"obsidian" not in carved(place.root).lower()
    assert set(everything(place, "shared")) == {quotes.memory_id}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_neighbours_by_name_keep_all_of_theirs(tmp_path: Path, layout: Layout) -> None:
    rows = [row("I collect stamps from Samoa", name) for name in ("alice", "Alice", "alice2", "alice ", "álice")]
    place = made(tmp_path / "s", layout, rows)
    history.keep(place, [event(each.memory_id, f"{each.text} {each.user_id}") for each in rows])
    before = everything(place, layout)
    told = history.everything(place)
    done, finding = erased(place, [rows[0].memory_id], everything=True)
    after = everything(place, layout)
    del before[rows[0].memory_id]
    assert after == before
    left = history.everything(place)
    assert tuple(each for each in told if each.memory_id != rows[0].memory_id) == left
    assert finding.status == "upheld", finding.reason
    assert done.bystanders.rows == 4


def test_a_part_in_base64_that_others_have_too_is_theirs(tmp_path: Path) -> None:
    gone = row(
        "I live in the old town by the river, and there I keep an aardvark whose name is Bartholomew Quillfeather"
    )
    stays = row("I live in the old town by the river, and there I keep bees", "bob")
    for text, status in ((stays.text, "upheld"), (gone.text, "broken")):
        place = made(tmp_path / status, "shared", [gone, stays])
        (place.root / "mail.eml").write_bytes(base64.encodebytes(text.encode()))
        assert erased(place, [gone.memory_id])[1].status == status


def test_bytes_beside_a_text_of_others_that_are_alike_by_chance_are_no_fragment(tmp_path: Path) -> None:
    gone = row("I keep stamps from Samoa under the old bed in the attic")
    stays = row("I keep stamps from Samoa and nothing else", "bob")
    for beside, status in ((b"un\x00\x01", "upheld"), (b"under the o\x00\x01", "broken")):
        place = made(tmp_path / status, "shared", [gone, stays])
        (place.root / "page.bin").write_bytes(b"I keep stamps from Samoa " + beside)
        assert erased(place, [gone.memory_id])[1].status == status
