"""`showcase models list`, as a user starts it: what is printed, and that nothing is started or asked."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from gguf_files import CHAT, EMBEDDER, TEMPLATE, gguf, write

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = """
import os, sys
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.exec", "os.fork", "os.posix_spawn")):
        os.write(2, f"SEEN {event}".encode())
        os._exit(99)
    if event == "open" and "w" in str(arguments[1]):
        os.write(2, f"SEEN {event} {arguments}".encode())
        os._exit(99)
from showcase.cli import main
sys.addaudithook(watch)
if sys.argv[1] == "plant":
    import socket; socket.socket()
sys.exit(main())
"""
"""The command, by a process that dies where it opens a socket, starts a program or opens a file for writing."""


def command(*arguments: str | Path, home: Path, code: str | None = None) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key in {"PATH", "SYSTEMROOT", "TEMP", "TMP"}}
    return subprocess.run(
        [sys.executable, *(("-c", code) if code else ("-m", "showcase")), *map(str, arguments)],
        env={**kept, "HOME": str(home), "USERPROFILE": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    write(tmp_path / ".lmstudio/models/somebody/pocket/pocket-with-a-long-name-q4_k_m.gguf")
    write(tmp_path / ".lmstudio/models/somebody/embed/embed.gguf", EMBEDDER)
    write(tmp_path / ".cache/llama.cpp/base.gguf", tokenizer__chat_template=None, general__finetune="Base")
    (tmp_path / ".cache/llama.cpp/half.gguf").write_bytes(gguf(CHAT)[:-64])
    return tmp_path


def test_the_list_for_people(home: Path) -> None:
    done = command("models", "list", home=home)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["#", "model", "kind", "size", "stored", "params", "context", "template"]
    assert lines[1].split()[2:] == ["embedding", "2", "KiB", "~Q4_K", "1.28K", "512"]
    assert lines[2].split()[2:] == ["chat", "3", "KiB", "Q4_K_M", "1.28K", "8192", "file"]
    assert lines[3].split()[1:] == ["base", "base", "2", "KiB", "Q4_K_M", "1.28K", "8192", "none"]
    assert "…" in lines[2]  # its name is cut in the table, and whole below
    assert "2  LM Studio: somebody/pocket/pocket-with-a-long-name-q4_k_m" in lines
    assert "Skipped, 1:" in lines
    text = " ".join(done.stdout.split())
    assert "llama.cpp: half" in text
    assert "cut short: its tensors reach to byte" in text
    assert "base: its name says 'base'; licence: apache-2.0; from Somebody" in text
    assert "Looked at: LM Studio, llama.cpp." in text
    file = home / ".lmstudio/models/somebody/pocket/pocket-with-a-long-name-q4_k_m.gguf"
    assert lines[-1].startswith("Without a daemon: ")
    assert lines[-1].endswith(f"showcase run --engine embedded --chat-model {file}")
    paths = {line.strip() for line in lines if line.strip().startswith(str(home))} | {lines[-1]}
    assert all(len(line) <= 80 for line in lines if line.strip() not in paths)


def test_the_list_for_machines(home: Path) -> None:
    done = command("models", "list", "--json", home=home)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    _, pocket, base = document["models"]
    assert pocket["model"]["chat_template_characters"] == len(TEMPLATE)
    assert pocket["model"]["shape"]["kv_heads"] == [4, 4, 4, 4]
    assert (pocket["template"], pocket["license"], pocket["sha256"]) == ("file", "apache-2.0", None)
    assert (base["model"]["kind"], base["template"]) == ("base", None)
    (half,) = document["skipped"]
    assert "cut short" in half["problem"]
    looked = {(each["place"], each["there"]) for each in document["looked"]}
    assert {("LM Studio", True), ("llama.cpp", True), ("GPT4All", False)} <= looked


def test_named_places_alone_are_looked_at(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "elsewhere" / "x.bin")
    document = json.loads(command("models", "list", "--json", path, home=home).stdout)
    assert [(each["name"], each["path"]) for each in document["models"]] == [("x.bin", str(path))]
    assert [each["path"] for each in document["looked"]] == [str(path)]


def test_the_digest_is_told(home: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "x.gguf")
    done = command("models", "list", "--digest", path, home=home)
    assert f"SHA-256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in done.stdout
    assert "unknown to us" in done.stdout
    (model,) = json.loads(command("models", "list", "--digest", "--json", path, home=home).stdout)["models"]
    assert (model["sha256"], model["known"], model["compared"]) == (
        hashlib.sha256(path.read_bytes()).hexdigest(),
        None,
        True,
    )


def test_where_there_is_nothing(tmp_path: Path) -> None:
    done = command("models", "list", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("No model was found.")
    assert "showcase models list PLACE" in done.stdout


def test_a_place_that_is_not_there(tmp_path: Path) -> None:
    done = command("models", "list", tmp_path / "gone", home=tmp_path)
    assert done.returncode == 2
    assert "there is no" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no such name there")
def test_what_a_file_says_is_not_obeyed_by_the_terminal(tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "general__license": "\x1b[2J\x1b]0;x\x07\nMIT",
        "general__organization": "\u202eevil",
        "general__file_type": 15,
    }
    write(tmp_path / "models" / "a\x1b[31m\nb.gguf", **changes)
    (tmp_path / "models" / "c\x1b[31m.gguf").write_bytes(b"\x1b[2J")
    (tmp_path / "models" / "d.gguf").symlink_to(os.fsdecode(b"\x1b[2J\xff"))
    done = command("models", "list", tmp_path / "models", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert done.stdout.count("Skipped, 2:") == 1


def test_nothing_is_started_or_asked(home: Path) -> None:
    assert command("models", "list", home=home, code=WATCHED).returncode == 0
    planted = command("plant", home=home, code=WATCHED)
    assert (planted.returncode, "SEEN socket" in planted.stderr) == (99, True)
