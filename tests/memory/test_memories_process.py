"""`showcase memories` as a process of its own: its standard input, what it imports, and what it does not take along."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from kept_stores import LAYOUTS, OF_TWO, everything, made
from program import Finished, showcase

from showcase.settings.store_place import store_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.memory.store_record import Layout

ADD = ("memories", "add", "--user-id", "alice", "--engine", "rehearsal")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "no text in UTF-8"),
        (b"a\0b", "a NUL"),
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"x" * 1_000_000, "more than 32000 B"),
        (b"x" * 9_000, "at most 8,000"),
    ],
)
def test_what_is_no_memory_on_standard_input_is_refused(tmp_path: Path, data: bytes, says: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "showcase", *ADD, "--store", str(tmp_path / "s"), "-"],
        input=data, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 2
    assert says in done.stderr.decode()
    assert "fix:" in done.stderr.decode()
    assert not (tmp_path / "s").exists()


def test_a_memory_on_standard_input_is_stored_whole(tmp_path: Path) -> None:
    text = "I live in Turin,\nwhere the trains are 🚆"
    done = subprocess.run(
        [sys.executable, "-m", "showcase", *ADD, "--store", str(tmp_path / "s"), "--backend", "chroma", "-"],
        input=f"{text}\n".encode(), capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [each.text for each, _ in everything(store_place(tmp_path / "s"), "shared").values()] == [text]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_asks_no_model_loads_neither_mem0_nor_a_client_of_a_server(tmp_path: Path, layout: Layout) -> None:
    made(tmp_path / "s", layout)
    turin = OF_TWO[0].memory_id
    of_alice = ("--store", "s", "--user-id", "alice")
    for words in (
        ("list", "--store", "s"), ("list", *of_alice), ("show", turin, *of_alice), ("history", turin, *of_alice),
        ("pin", turin, *of_alice), ("unpin", turin, *of_alice), ("export", "e", "--store", "s", "--vectors"),
        ("import", "e", "--store", "new"), ("expire", "--older-than", "1h", "--dry-run", *of_alice),
        ("move", "--layout", "per-user" if layout == "shared" else "shared", "--store", "s"),
        ("forget", turin, "--yes", *of_alice),
    ):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "showcase", "memories", *words],
            capture_output=True, text=True, encoding="utf-8", check=False, cwd=tmp_path, timeout=120,
            env={**os.environ, "OLLAMA_HOST": "127.0.0.1:1"},
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        loaded = {
            line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time")
        }
        assert not {"mem0", "ollama", "showcase.engines.ollama", "showcase.engines.everyday"} & loaded, words


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a socket that takes whatever comes, and what came."""
    came: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                came.append(connection.recv(4096))

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}", came
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(10)


def test_nothing_of_the_shell_leads_it_elsewhere(tmp_path: Path, listener: tuple[str, list[bytes]]) -> None:
    address, came = listener
    home = tmp_path / "home"
    home.mkdir()
    url = f"http://{address}"
    hostile = {
        "HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": url, "http_proxy": url, "NO_PROXY": "",
        "MEM0_TELEMETRY": "True", "MEM0_DIR": str(home / ".mem0"), "HOME": str(home), "USERPROFILE": str(home),
        "CHROMA_OTEL_COLLECTION_ENDPOINT": url, "CHROMA_OTEL_GRANULARITY": "all", "OLLAMA_API_KEY": "secret",
        "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OPENAI_API_KEY": "sk-secret", "OPENAI_BASE_URL": url,
        "SSLKEYLOGFILE": str(home / "keys"), "ALLOW_RESET": "maybe",
    }  # fmt: skip
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in hostile.items()), encoding="utf-8")
    at = ("--store", "s", "--user-id", "alice", "--engine", "rehearsal")
    for words in (("add", *at, "I live in Turin"), ("search", *at, "where do I live?"), ("list", *at[:4])):
        done = showcase("memories", *words, cwd=tmp_path, **hostile)
        assert done.returncode == 0, done.stderr
        assert "Turin" in done.stdout
    assert came == []
    assert list(home.iterdir()) == [], "neither ~/.mem0 nor anything else of a home is touched"
    assert json.loads((tmp_path / "s" / "mem0_home" / "config.json").read_text("utf-8"))


def test_the_store_of_a_run_is_a_store(tmp_path: Path, finished: Finished) -> None:
    out = tmp_path / "out"
    shutil.copytree(finished.out, out)
    listed = showcase("memories", "list", "--store", str(out), "--json")
    assert listed.returncode == 0, listed.stderr
    document = json.loads(listed.stdout)
    counts = {each["user_id"]: each["memories"] for each in document["users"]}
    planted = {row.text for row in finished.log.sessions[0].planted}
    assert planted
    assert document["embed_model"] == "rehearsal-embed:latest"
    told: set[str] = set()
    for user_id, count in counts.items():
        mine = json.loads(showcase("memories", "list", "--store", str(out), "--user-id", user_id, "--json").stdout)
        assert len(mine["memories"]) == count
        told |= {each["text"] for each in mine["memories"]}
    assert planted <= told
    assert counts.keys() == {"alice", "bob"}
    first = finished.log.sessions[0].planted[0]
    found = showcase("memories", "search", "--store", str(out), "--user-id", str(first.user_id), first.text, "--json")
    assert found.returncode == 0, found.stderr
    best = json.loads(found.stdout)["used"][0]
    assert (best["row"]["text"], round(best["cosine"], 3)) == (first.text, 1)


@pytest.mark.skipif(sys.platform != "linux", reason="needs namespaces")
def test_nothing_leaves_while_a_memory_is_added_and_searched(tmp_path: Path) -> None:
    at = ("--store", str(tmp_path / "s"), "--user-id", "alice", "--engine", "rehearsal")
    for number, words in enumerate((("add", *at, "I live in Turin"), ("search", *at, "where do I live?"))):
        log = tmp_path / f"audit-{number}.json"
        done = showcase(
            "audit", "--seal", "--allow", "127.0.0.1:*", "--log", str(log), "--",
            sys.executable, "-m", "showcase", "memories", *words, cwd=Path.cwd(),
        )  # fmt: skip
        if "namespace" in done.stderr and done.returncode == 4:
            pytest.skip("this machine lets nobody make a namespace")
        assert "Turin" in done.stdout, done.stderr
        assert done.returncode == 0, done.stderr
        assert "✓ upheld" in done.stderr
