"""Every everyday command on real servers: what it does there, what it says, and what it leaves."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from commanding import REHEARSAL, Teller, teller

from showcase.memory.store_files import HISTORY

if TYPE_CHECKING:
    from pathlib import Path

OSLO, TEA = "I live in Oslo.", "I drink tea without sugar."


@pytest.fixture(params=["postgresql", "chroma"])
def there(request: pytest.FixtureRequest, collection: str, tmp_path: Path) -> Teller:
    return teller(request.getfixturevalue(f"{request.param}_server"), collection, tmp_path / "data")


def texts(there: Teller, user_id: str = "alice") -> set[str]:
    listed = json.loads(there.did("memories", "list", "--user-id", user_id, "--json"))
    assert listed["store"] == there.url
    return {row["text"] for row in listed["memories"]}


def noted(there: Teller) -> str:
    with closing(sqlite3.connect(there.place.home / HISTORY)) as history:
        return repr(history.execute("SELECT * FROM history").fetchall())


def ids(there: Teller) -> dict[str, str]:
    listed = json.loads(there.did("memories", "list", "--user-id", "alice", "--json"))
    return {row["text"]: row["memory_id"] for row in listed["memories"]}


def test_nothing_is_there_yet(there: Teller) -> None:
    said = there.refused("memories", "list", status=2)
    assert "nothing was remembered there" in said
    assert "memories add --store" in said
    assert there.run("memories", "list").stdout == ""


def test_what_is_told_is_found_listed_pinned_and_forgotten(there: Teller, tmp_path: Path) -> None:
    for text in (OSLO, TEA):
        there.did("memories", "add", "--user-id", "alice", text, *REHEARSAL)
    there.did("memories", "add", "--user-id", "bob", "I live in Rome.", *REHEARSAL)
    assert "Oslo" in there.did("ask", "--user-id", "alice", "--no-save", "Where do I live?", *REHEARSAL)
    assert "Rome" not in there.did("ask", "--user-id", "alice", "--dry-run", "Where do I live?", *REHEARSAL)
    whole = ids(there)
    assert whole.keys() == {OSLO, TEA}
    everybody = there.did("memories", "list")
    assert there.url in everybody
    assert str(tmp_path) not in everybody, "the directory of its history is not the store"
    assert "alice" in everybody
    assert OSLO in there.did("memories", "search", "--user-id", "alice", "Oslo", *REHEARSAL)
    there.did("memories", "pin", "--user-id", "alice", whole[OSLO][:8])
    assert "pinned" in there.did("memories", "show", "--user-id", "alice", whole[OSLO][:8])
    assert "ADD" in there.did("memories", "history", "--user-id", "alice", whole[OSLO])
    assert there.url in json.loads(there.did("memories", "log", "--json"))["store"]
    verified = json.loads(there.did("memories", "log", "--verify", "--json"))
    assert (verified["rows"]["rows"], verified["rows"]["gone"], verified["rows"]["not_logged"]) == (3, 0, [])
    there.did("memories", "export", "--vectors", str(tmp_path / "all.jsonl"))
    other = there.at(collection=f"{there.address.collection}_2")
    assert "imported 3 new" in other.did("memories", "import", str(tmp_path / "all.jsonl"))
    assert texts(other) == {OSLO, TEA}

    asked = ("memories", "forget", "--user-id", "alice", whole[OSLO], "--yes")
    refused = there.refused(*asked, "--certificate", "c", status=2)
    assert "no certificate is made" in refused
    dry = there.did("memories", "forget", "--user-id", "alice", whole[OSLO], "--dry-run")
    assert "nothing was forgotten" in dry
    assert OSLO in noted(there)
    done = there.did(*asked)
    assert "forgot 1" in done
    assert "is not looked through" in done
    assert texts(there) == {TEA}
    assert OSLO not in noted(there)
    assert TEA in noted(there)
    left = [path for path in there.place.home.rglob("*") if path.is_file() and OSLO.encode() in path.read_bytes()]
    assert not left
    told = json.loads(there.did("memories", "forget", "--user-id", "alice", "--all", "--yes", "--json"))
    assert told["forgotten"] is True
    assert told["bytes_stay_in"]
    assert texts(there, "bob") == {"I live in Rome."}


def test_rows_alone_leave_the_history_as_mem0_does(there: Teller) -> None:
    there.did("memories", "add", "--user-id", "alice", OSLO, *REHEARSAL)
    done = there.did("memories", "forget", "--user-id", "alice", "--all", "--rows-only", "--yes")
    assert "keeps their text" in done
    assert OSLO in noted(there)


def test_a_store_on_a_server_is_not_made_anew_in_its_place(there: Teller) -> None:
    there.did("memories", "add", "--user-id", "alice", OSLO, *REHEARSAL)
    assert "one collection for everybody" in there.refused("memories", "move", "--layout", "per-user", status=2)
    said = there.refused("memories", "reembed", "--embed-model", "rehearsal-embed", *REHEARSAL, status=2)
    assert "memories export" in said
    assert f"{there.address.collection}_new" in said
    assert texts(there) == {OSLO}


def test_inspect_asks_the_engine_and_changes_nothing(there: Teller, tmp_path: Path) -> None:
    for user_id, text in (("alice", OSLO), ("alice", TEA), ("bob", "I live in Rome.")):
        there.did("memories", "add", "--user-id", user_id, text, *REHEARSAL)
    before = {path: path.stat().st_mtime_ns for path in there.data.rglob("*")}
    found = json.loads(there.did("inspect", "--json"))
    assert found["store"] == there.url
    assert found["users"] == [{"user_id": "alice", "rows": 2}, {"user_id": "bob", "rows": 1}]
    assert found["dimensions"] == 256
    assert found["embed_model"] == "rehearsal-embed:latest"
    assert found["marked"] == "beside the rows"
    assert there.address.collection not in found["around"]["others"]
    shown = there.did("inspect")
    assert OSLO not in shown + json.dumps(found)
    rights = {"chroma": "has no authentication", "postgresql": "row-level security is off"}
    assert rights[there.address.kind] in shown
    assert {path: path.stat().st_mtime_ns for path in there.data.rglob("*")} == before
    elsewhere = there.at(collection=f"{there.address.collection}_none")
    assert "nothing was remembered in it" in elsewhere.run("inspect").stdout
    assert elsewhere.run("inspect").returncode == 2
    for option in (("--residue", OSLO), ("--html", str(tmp_path / "page.html")), ("--copy",)):
        assert option[0] in there.refused("inspect", *option, status=2)


def test_an_audit_allows_exactly_the_server(there: Teller, tmp_path: Path) -> None:
    there.did("memories", "add", "--user-id", "alice", OSLO, *REHEARSAL)
    there.did("memories", "list", "--audit", str(tmp_path / "audits"))
    log = json.loads(next((tmp_path / "audits").glob("list-*.json")).read_text(encoding="utf-8"))
    allowed = {(rule["host"], rule["port"]) for rule in log["policy"]["rules"]}
    assert (there.address.host, there.address.port) in allowed
    assert allowed - {(there.address.host, there.address.port)} == {("127.0.0.1", 11434), ("::1", 11434)}
    data = b"".join(path.read_bytes() for path in (tmp_path / "audits").iterdir())
    assert not there.secret or there.secret.encode() not in data
