"""`showcase inspect` as it is typed: what it prints, its document, its page, its exit statuses."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from inspected_stores import LOADED, made, snapshot
from program import showcase

from showcase.inspection.facts import FORMAT, VERSION

if TYPE_CHECKING:
    from pathlib import Path

NASTY = (
    "\x1b[31mred\x1b[0m",
    "two\nlines",
    "\u202egnirts",
    "\u200bhidden",
    "<script>window.caught = 1</script>",
    "{{ 7 * 7 }}",
    "\udcff\udcfe",
    "tab\there",
    "שלום",
    "\x07bell",
    "%s%n",
    "-rf",
)

posix = pytest.mark.skipif(sys.platform == "win32", reason="names that no other system has")


def test_it_is_told_in_one_page(tmp_path: Path) -> None:
    store = made(tmp_path / "store")
    before = snapshot(store)
    done = showcase("inspect", str(store))
    assert (done.returncode, done.stderr) == (0, "")
    assert snapshot(store) == before
    assert not (store / LOADED).exists()
    for part in (
        "11 rows of 3 users, in 3 collections",
        "not remembered",
        "as Chroma 1.5.9 makes them",
        "mem0: 3 dimensions, cosine, 5 rows of 2 users, embedding function: default",
        "6  7\n",
        "10 writes, number 1 to 13",
        "orphaned     none",
        "chroma.sqlite3",
    ):
        assert part in done.stdout, part
    assert "likes tea" not in done.stdout, "no text of a memory is shown"


SHAPE: dict[str, Any] = {
    "format": str, "version": int, "root": str, "chroma_directory": str, "home_directory": str, "looked_at": str,
    "files": {
        "listed": [
            {
                "path": str, "kind": str, "size_bytes": int, "disk_bytes": int, "mode": str, "owner": int,
                "others_may_read": bool, "others_may_write": bool, "target": None,
            }
        ],
        "count": int, "size_bytes": int, "disk_bytes": int, "readable_by_others": int, "writable_by_others": int,
        "whole": bool,
    },
    "parents": [{"path": str, "mode": str, "owner": int, "others_may_enter": bool, "others_may_write": bool}],
    "remembered": {"embed_model": str, "embed_digest": None, "dimensions": int, "layout": str, "created_at": str},
    "not_remembered": str,
    "database": {
        "path": str, "size_bytes": int, "disk_bytes": int, "page_bytes": int, "pages": int, "free_pages": int,
        "log": str, "written_by": str, "journal_bytes": int, "wal_bytes": int, "wal_frames": int, "unfinished": bool,
        "read": str,
    },
    "chroma": {
        "migrations": [{"part": str, "version": int}],
        "as_of": str,
        "collections": [
            {
                "id": str, "name": str, "dimension": int, "rows": int, "users": [{"user_id": str, "rows": int}],
                "user_count": int, "user_id": None, "space": str, "embedding_function": str,
                "segments": [
                    {"id": str, "scope": str, "type": str, "folder": bool, "written_to": int, "waiting": int}
                ],
            }
        ],
        "collection_count": int,
        "users": [{"user_id": str, "rows": int}],
        "user_count": int, "rows": int, "rows_without_user": int, "rows_without_collection": int,
        "queue": {"rows": int, "first": int, "last": int},
        "orphaned": [{"name": str, "size_bytes": int, "files": int}],
        "strange": [str],
    },
    "history_database": None, "history": None,
    "remarks": [str],
    "unseen": [{"what": str, "why": str, "fix": str}],
}  # fmt: skip
"""What version 1 of the document holds: a change of it is a change of `VERSION` and of docs/inspect.md."""


def fits(value: Any, shape: Any, place: str = "") -> None:
    """Check a document against a shape; None may stand for anything that was not seen."""
    if value is None or shape is None:
        return
    if isinstance(shape, dict):
        assert set(value) == set(shape), place
        for name, inner in shape.items():
            fits(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for item in value:
            fits(item, shape[0], f"{place}[]")
    else:
        assert type(value) is shape, place


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_the_document_has_one_shape(tmp_path: Path) -> None:
    assert (FORMAT, VERSION) == ("local-memory-showcase inspection", 1)
    store = made(tmp_path)
    (store / "0a1b2c3d-0000-4000-8000-000000000000").mkdir()
    (store / "mem0_home").mkdir(exist_ok=True)
    (store / "mem0_home" / "showcase-store.json").write_text(
        json.dumps(
            {"format": "local-memory-showcase store", "version": 1, "embed_model": "m", "embed_digest": None,
             "dimensions": 3, "layout": "shared", "created_at": "2026-11-01T00:00:00+00:00"}
        )
    )  # fmt: skip
    done = showcase("inspect", str(store), "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    fits(document, SHAPE)
    assert (document["format"], document["version"]) == (FORMAT, VERSION)
    assert document["remembered"]["embed_model"] == "m"
    assert "likes tea" not in done.stdout


@posix
@pytest.mark.parametrize("name", NASTY)
def test_names_from_a_store_reach_no_terminal_and_no_page(tmp_path: Path, name: str) -> None:
    import sqlite3  # noqa: PLC0415 - to plant
    from contextlib import closing  # noqa: PLC0415 - likewise

    of_a_file = name.replace("/", ":")
    store = made(tmp_path / f"store {of_a_file}")
    (store / of_a_file).touch()
    (store / "link").symlink_to(name)
    with closing(sqlite3.connect(store / "chroma.sqlite3")) as database:
        given = os.fsencode(name).decode("latin-1") if "\udcff" in name else name
        database.execute("UPDATE embedding_metadata SET string_value = ? WHERE string_value = 'bob'", (given,))
        database.execute("UPDATE collections SET name = ? WHERE name = 'empty'", (given,))
        database.execute(f'CREATE VIEW "{given}" AS SELECT 1')
        database.commit()
    page = tmp_path / "page.html"
    done = showcase("inspect", str(store), "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert all(character.isprintable() or character == "\n" for character in done.stdout)
    written = page.read_text(encoding="utf-8")
    assert "<script>window" not in written
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u200b\ud800-\udfff]", written)
    assert "49" not in re.findall(r">(\d+)<", written)
    document = json.loads(showcase("inspect", str(store), "--json").stdout)
    assert any(entry["kind"] == "link" for entry in document["files"]["listed"])


def test_the_page_fetches_nothing(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = showcase("inspect", str(made(tmp_path / "store")), "--html", str(page))
    assert done.returncode == 0, done.stderr
    written = page.read_text(encoding="utf-8")
    assert "default-src &#39;none&#39;" in written
    assert not re.search(r"(?:src|href)=\"https?:", written)
    assert "11 rows of 3 users, in 3 collections" in written
    assert "likes tea" not in written
    streamed = showcase("inspect", str(tmp_path / "store"), "--html", "-")
    assert streamed.stdout.startswith("<!doctype html>")


def test_a_page_over_the_database_is_refused(tmp_path: Path) -> None:
    store = made(tmp_path)
    before = snapshot(store)
    done = showcase("inspect", str(store), "--html", str(store / "chroma.sqlite3"))
    assert done.returncode == 2
    assert "the same file as the database" in done.stderr
    assert snapshot(store) == before
    assert showcase("inspect", str(store), "--json", "--html", "-").returncode == 2


@pytest.mark.parametrize("variable", ["SHOWCASE_STORE", "argument"])
def test_the_store_of_every_day_is_looked_at_where_none_is_named(tmp_path: Path, variable: str) -> None:
    store = made(tmp_path / "store" / "mem0_chroma").parent
    named = {"SHOWCASE_STORE": str(store)} if variable != "argument" else {}
    done = showcase("inspect", *([str(store)] if not named else []), **named)
    assert done.returncode == 0, done.stderr
    assert "11 rows of 3 users" in done.stdout
    assert "mem0_chroma/chroma.sqlite3" in done.stdout


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere", "there is no store at"),
        ("empty", "is no store: neither chroma.sqlite3 is in it nor mem0_chroma/chroma.sqlite3"),
        ("notes.txt", "it is no directory, and not called chroma.sqlite3"),
        ("notes/chroma.sqlite3", "its first bytes are not those of one"),
        ("\x1b[31m", "\\x1b[31m"),
    ],
)
def test_what_is_no_store_is_an_error_with_a_fix(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes").mkdir()
    for path in (tmp_path / "notes.txt", tmp_path / "notes" / "chroma.sqlite3"):
        path.write_text("my notes of the last years, and more of them")
    done = showcase("inspect", str(tmp_path / name))
    assert done.returncode == 2
    assert said in done.stderr
    assert "  fix: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert done.stdout == ""


@posix
def test_what_could_not_be_looked_at_is_exit_status_3_and_has_a_fix(tmp_path: Path) -> None:
    store = made(tmp_path / "it's a store")
    with (store / "chroma.sqlite3").open("r+b") as file:
        file.seek(18)
        file.write(b"\2\2")  # as where a write-ahead log is used
        file.truncate(300 * 2**20)
    done = showcase("inspect", str(store))
    assert done.returncode == 3
    assert "Not looked at" in done.stdout
    (fix,) = [line for line in done.stdout.splitlines() if line.startswith("  fix: ")]
    words = shlex.split(fix.removeprefix("  fix: "))
    again = showcase(*words[words.index("inspect") :])
    assert again.returncode == 0, again.stdout + again.stderr
    assert "read in a copy" in again.stdout
    assert json.loads(showcase("inspect", str(store), "--json").stdout)["unseen"][0]["what"]


def test_nothing_heavy_is_imported(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "showcase", "inspect", str(made(tmp_path))],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & {"mem0", "chromadb", "numpy", "hnswlib", "ollama", "pydantic", "jinja2", "rich", "httpx"}
    assert "sqlite3" in loaded


def test_a_terminal_that_is_narrow_breaks_between_words(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no terminal of POSIX here")
    import fcntl  # noqa: PLC0415 - not on Windows
    import pty  # noqa: PLC0415 - likewise
    import struct  # noqa: PLC0415 - likewise
    import termios  # noqa: PLC0415 - likewise

    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    command = [sys.executable, "-m", "showcase", "inspect", str(made(tmp_path))]
    with subprocess.Popen(command, stdout=other, stdin=subprocess.DEVNULL) as process:
        os.close(other)
        seen = b""
        while True:
            try:
                piece = os.read(main, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        assert process.wait(60) == 0
    os.close(main)
    lines = seen.decode().splitlines()
    assert len(lines) > 20
    long = [line for line in lines if len(line) > 60]
    assert all(len(line.split()) <= 3 for line in long), "only what has no space in it is longer"
