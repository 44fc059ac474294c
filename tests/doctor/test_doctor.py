"""The doctor sees what would go wrong, says how to fix it, and changes nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from looked_at import doctor, make_store

from showcase.doctor.finding import Finding
from showcase.doctor.server import _is_loopback
from showcase.engines.models.dimensions import require_same_dimensions, store_dimensions
from showcase.errors import StoreError
from showcase.witnesses.registry import WITNESSES

if TYPE_CHECKING:
    from pathlib import Path

    from looked_at import Server

HOLD = "import sys; file = open(sys.argv[1], 'rb'); print('held', flush=True); sys.stdin.read()"


def digest(directory: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in directory.rglob("*")
    }


def only(found: dict[str, list[dict[str, str]]], check: str) -> dict[str, str]:
    (finding,) = found[check]
    return finding


def test_a_machine_without_anything_has_warnings_only(tmp_path: Path) -> None:
    status, found = doctor(cwd=tmp_path)
    assert status == 0
    assert set(found) >= {"python", "packages", "ollama", "listening", "memory", "disk", "store", "place"}
    assert only(found, "ollama")["level"] == "warning"
    assert "ollama serve" in only(found, "ollama")["fix"]
    assert only(found, "store")["level"] == "ok"
    assert list(tmp_path.iterdir()) == []


def test_looking_changes_nothing_and_loads_no_model(tmp_path: Path, server: Server) -> None:
    make_store(tmp_path, 384)
    before = digest(tmp_path)
    status, found = doctor("--out", ".", cwd=tmp_path, OLLAMA_HOST=server.host)
    assert digest(tmp_path) == before
    assert set(server.asked) <= {"/api/version", "/api/status", "/api/tags", "/api/show", "/api/ps"}
    assert status == 0
    assert "2 rows" in only(found, "store")["message"]
    assert only(found, "dimensions")["level"] == "ok"
    assert [finding["level"] for finding in found["models"]] == ["ok", "ok"]
    assert only(found, "listening")["message"].endswith("127.0.0.1 only")


def test_another_dimension_is_no_problem_where_a_run_replaces_the_store(tmp_path: Path, server: Server) -> None:
    store = make_store(tmp_path, 768)
    status, found = doctor("--out", ".", cwd=tmp_path, OLLAMA_HOST=server.host)
    assert status == 0
    finding = only(found, "dimensions")
    assert finding["level"] == "warning"
    assert "--keep-store" in finding["message"]
    assert "768 dimensions, all-minilm:latest makes 384" in finding["message"]
    assert "--embed-model" in finding["fix"]
    assert "--out" in finding["fix"]
    assert store_dimensions(store) == {"mem0": 768}
    require_same_dimensions(store, embed_model="m", dimensions=768)
    with pytest.raises(StoreError, match="768 dimensions, m makes 384"):
        require_same_dimensions(store, embed_model="m", dimensions=384)


@pytest.mark.parametrize(("dimensions", "level"), [(256, "ok"), (384, "warning")])
def test_without_a_server_the_rehearsal_engine_is_compared(tmp_path: Path, dimensions: int, level: str) -> None:
    make_store(tmp_path, dimensions)
    finding = only(doctor("--out", ".", cwd=tmp_path)[1], "dimensions")
    assert finding["level"] == level
    assert "rehearsal-embed makes" in finding["message"]


def test_a_store_that_is_not_there_fits_any_model(tmp_path: Path) -> None:
    require_same_dimensions(tmp_path / "none", embed_model="m", dimensions=3)


def test_a_damaged_store_is_a_problem(tmp_path: Path, server: Server) -> None:
    store = make_store(tmp_path, 3)
    (store / "chroma.sqlite3").write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    status, found = doctor("--out", ".", cwd=tmp_path, OLLAMA_HOST=server.host)
    assert status == 4
    assert only(found, "store")["level"] == "problem"
    assert only(found, "dimensions")["level"] == "problem"
    with pytest.raises(StoreError, match="cannot be read"):
        require_same_dimensions(store, embed_model="m", dimensions=3)


@pytest.mark.skipif(os.name == "nt", reason="Windows lets nobody open a file that another process holds")
def test_who_holds_the_store_is_named_while_it_is_held(tmp_path: Path) -> None:
    store = make_store(tmp_path, 3)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store / "chroma.sqlite3")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    _, while_held = doctor("--out", ".", cwd=tmp_path)
    holder.stdin.close()
    holder.wait(30)
    holder.stdout.close()
    _, afterwards = doctor("--out", ".", cwd=tmp_path)
    assert [finding["level"] for finding in while_held["store"]] == ["ok", "warning"]
    assert f"pid {holder.pid}" in while_held["store"][1]["message"]
    assert [finding["level"] for finding in afterwards["store"]] == ["ok"]


@pytest.mark.parametrize(
    ("answer", "level", "part"),
    [
        ((200, {"cloud": {"disabled": True, "source": "env"}}), "ok", "off"),
        ((200, {"cloud": {"disabled": False, "source": "none"}}), "warning", "is on"),
        ((404, {"error": "not found"}), "warning", "does not say"),
    ],
)
def test_the_servers_cloud_part(tmp_path: Path, server: Server, answer: tuple[int, Any], level: str, part: str) -> None:
    server.answers["/api/status"] = answer
    finding = only(doctor(cwd=tmp_path, OLLAMA_HOST=server.host)[1], "cloud")
    assert (finding["level"], part in finding["message"]) == (level, True)


def test_a_cloud_model_is_named_and_never_described(tmp_path: Path, server: Server) -> None:
    server.answers["/api/tags"] = (
        200,
        {"models": [{"name": "gpt-oss:120b-cloud", "remote_host": "https://ollama.com:443"}]},
    )
    _, found = doctor(cwd=tmp_path, OLLAMA_HOST=server.host)
    assert [finding["level"] for finding in found["models"]] == ["warning", "warning", "warning"]
    assert "gpt-oss:120b-cloud" in found["models"][0]["message"]
    assert "/api/show" not in server.asked


def test_a_model_that_was_asked_for_and_is_not_there_is_a_problem(tmp_path: Path, server: Server) -> None:
    status, found = doctor("--embed-model", "nomic-embed-text", cwd=tmp_path, OLLAMA_HOST=server.host)
    assert status == 4
    missing = [finding for finding in found["models"] if finding["level"] == "problem"]
    assert [finding["fix"] for finding in missing] == ["ollama pull nomic-embed-text"]  # where OLLAMA_HOST leads
    make_store(tmp_path, 384)
    compared = only(
        doctor("--embed-model", "nomic-embed-text", "--out", ".", cwd=tmp_path, OLLAMA_HOST=server.host)[1],
        "dimensions",
    )
    assert compared["message"].startswith("not compared: nomic-embed-text")


def test_a_server_elsewhere_is_a_problem_only_where_a_model_of_it_was_asked_for(tmp_path: Path) -> None:
    make_store(tmp_path, 384)
    elsewhere = "http://192.0.2.1:11434"
    status, found = doctor("--out", ".", cwd=tmp_path, OLLAMA_HOST=elsewhere)
    assert only(found, "ollama")["level"] == "warning"
    assert "not on this machine" in only(found, "ollama")["message"]
    assert "export OLLAMA_HOST=" in only(found, "ollama")["fix"]
    assert "makes 256" in only(found, "dimensions")["message"], "the rehearsal engine's model: nobody else is asked"
    status, found = doctor("--chat-model", "mine", cwd=tmp_path, OLLAMA_HOST=elsewhere)
    assert (status, only(found, "ollama")["level"]) == (4, "problem")


@pytest.mark.parametrize(
    "folder",
    ["Dropbox", "Dropbox (Company)", "OneDrive - Company", "Nextcloud", "Library/Mobile Documents/com~apple", "iCloud"],
)
def test_a_sync_folder_is_a_problem(tmp_path: Path, folder: str) -> None:
    inside = tmp_path / folder / "work"
    inside.mkdir(parents=True)
    status, found = doctor("--out", str(inside / "out"), cwd=tmp_path)
    assert status == 4
    assert "carries to other machines" in only(found, "place")["message"]


def test_the_mark_of_a_sync_program_counts_and_a_like_name_does_not(tmp_path: Path) -> None:
    (tmp_path / "Dropboxes").mkdir()
    _, found = doctor("--out", str(tmp_path / "Dropboxes" / "out"), cwd=tmp_path)
    assert only(found, "place")["level"] == "ok"
    (tmp_path / ".stfolder").mkdir()
    _, found = doctor("--out", str(tmp_path / "Dropboxes" / "out"), cwd=tmp_path)
    assert "Syncthing" in only(found, "place")["message"]


@pytest.mark.parametrize(
    ("address", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("0.0.0.0", False), ("::", False)],  # noqa: S104 - read, not bound
)
def test_addresses_that_others_can_reach(address: str, loopback: bool) -> None:
    assert _is_loopback(address) is loopback


def test_no_complaint_without_a_way_out() -> None:
    with pytest.raises(ValueError, match="no fix given"):
        Finding(check="x", level="warning", message="y")


def test_every_witness_is_asked(tmp_path: Path) -> None:
    _, found = doctor(cwd=tmp_path)
    said = [finding["message"].split(maxsplit=1)[0] for finding in found["witnesses"]]
    assert said == list(WITNESSES)


@pytest.mark.ollama
def test_a_live_server(tmp_path: Path) -> None:
    host = "http://127.0.0.1:11434"
    try:
        names = {row["name"] for row in httpx.get(f"{host}/api/tags", trust_env=False, timeout=5).json()["models"]}
    except (httpx.HTTPError, ValueError, KeyError) as failure:
        pytest.skip(f"no Ollama server answers at {host} ({type(failure).__name__})")
    if not {"tiny-chat:latest", "all-minilm:latest"} <= names:
        pytest.skip(f"the Ollama server at {host} lacks tiny-chat or all-minilm")
    make_store(tmp_path, 384)
    status, found = doctor("--out", ".", "--embed-model", "all-minilm", cwd=tmp_path, OLLAMA_HOST=host)
    assert status == 0
    assert only(found, "ollama")["level"] == "ok"
    assert "384" in only(found, "dimensions")["message"]
    assert only(found, "dimensions")["level"] == "ok"


def test_a_process_that_holds_the_store_is_named_and_not_to_be_killed(tmp_path: Path) -> None:
    store = make_store(tmp_path, 3)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(store / "chroma.sqlite3")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        _, found = doctor("--out", ".", cwd=tmp_path)
        holder.stdin.close()
    assert "kill" not in found["store"][1]["fix"]
    assert str(holder.pid) in found["store"][1]["fix"]
