"""What goes wrong in the middle of a chat: it is told, nothing is lost, and the chat goes on."""

from __future__ import annotations

import resource
import signal
import sqlite3
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from chatting import Talking, chat, listed

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Engines

OSLO = "I live in Oslo and I do not eat fish."


def test_what_is_no_turn_is_told_and_the_next_line_is_heard(store: Path, server: str) -> None:
    lines = ("", "   ", b"\xff\xfe binary \x00", "x" * 1_000_000, "nul \0 byte", "a" * 65_537, OSLO)
    done = chat(store, server, *lines)
    assert done.returncode == 0
    assert "a line is no text in UTF-8: byte 0 is 0xff" in done.stderr
    assert "a line has 1,000,001 bytes" in done.stderr
    assert "it holds U+0000" in done.stderr
    assert done.stderr.count("error: ") == 4
    assert listed(store, server) == [OSLO]


def test_nothing_that_is_said_stored_or_answered_reaches_a_terminal_as_it_is(store: Path, server: str) -> None:
    done = chat(store, server, "I love \x1b]0;owned\x07\u202eolsO.", "what do I love?", "/memory", "/memory 1", "/why")
    for sign in ("\x1b", "\x07", "\u202e"):
        assert sign not in done.stdout + done.stderr
    assert "\\x1b]0;owned" in done.stdout.partition("what do I love?")[2]


def test_a_store_of_another_model_is_refused_before_the_first_line(store: Path, server: str) -> None:
    chat(store, server, OSLO)
    record = store / "mem0_home/showcase-store.json"
    record.write_text(record.read_text().replace("rehearsal-embed", "nomic-embed-text"))
    done = chat(store, server, "Hello.", arguments=("--embed-model", "rehearsal-embed"))
    assert done.returncode == 4
    assert "was made with the embedding model nomic-embed-text" in done.stderr
    assert "alice>" not in done.stdout


@pytest.mark.parametrize("kind", ["immediate", "exclusive"])
@pytest.mark.parametrize("backend", ["mem0", "chroma"])
def test_a_store_that_another_process_holds_is_told_and_used_when_it_is_free(
    store: Path, server: str, kind: str, backend: str
) -> None:
    with Talking(store, server, "--backend", backend) as talking:
        talking.say(OSLO)
        with closing(sqlite3.connect(store / "mem0_chroma/chroma.sqlite3", isolation_level=None)) as other:
            other.execute(f"begin {kind}")
            assert "is locked by another process" in talking.say("I play the cello.")
            other.execute("rollback")
        assert "ADD" in talking.say("I play the cello.")
    assert listed(store, server) == [OSLO, "I play the cello."]


def test_a_server_that_dies_in_a_reply_stores_nothing_and_the_chat_goes_on(store: Path, engines: Engines) -> None:
    with engines("--pace", "4") as (process, address), Talking(store, address) as talking:
        talking.say(OSLO, until="Noted")
        process.kill()
        assert "broke off" in talking.say("/memory")
        assert "  fix: " in talking.say("Hello.")
        assert "alice has no memories." in talking.say("/memory")


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of another process is set on Linux alone")
@pytest.mark.parametrize("backend", ["mem0", "chroma"])
def test_a_disk_that_is_full_when_a_turn_is_stored(store: Path, server: str, backend: str) -> None:
    """EFBIG for ENOSPC, as a limit of file sizes gives it; the reply is there, and the next turn is stored."""
    with Talking(store, server, "--backend", backend) as talking:
        talking.say(OSLO)
        _, hard = resource.prlimit(talking.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(talking.process.pid, resource.RLIMIT_FSIZE, (4096, hard))
        said = talking.say("I play the cello.")
        assert "error: " in said
        assert "  fix: " in said
        resource.prlimit(talking.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert "ADD" in talking.say("I play the cello in a quartet.")
    assert OSLO in listed(store, server)
    assert "I play the cello in a quartet." in listed(store, server)


def test_ctrl_c_stops_a_reply_and_what_was_said_is_stored(store: Path, engines: Engines) -> None:
    with engines("--pace", "4") as (_, address), Talking(store, address) as talking:
        talking.say(OSLO, until="Noted")
        talking.process.send_signal(signal.SIGINT)
        said = talking.say("/why")
        assert "(stopped)" in said
        assert "The server counted no tokens: the reply was cut off." in said
        assert "1. I live in Oslo" in talking.say("/memory")


@pytest.mark.parametrize("layout", ["shared", "per-user"])
@pytest.mark.parametrize("backend", ["mem0", "chroma"])
def test_what_another_process_stores_is_known_in_the_next_turn(
    store: Path, server: str, backend: str, layout: str
) -> None:
    with Talking(store, server, "--backend", backend, "--layout", layout) as talking:
        talking.say("I play the cello.")
        assert chat(store, server, OSLO, arguments=("--backend", backend)).returncode == 0
        assert "You told me: You live in Oslo" in talking.say("where do I live?")
        talking.say("/memory")
        forgetting = chat(store, server, "/memory", "/forget 2", arguments=("--backend", backend))
        assert "DELETE" in forgetting.stdout
        assert "memory 2 is gone since the last /memory" in talking.say("/forget 2")
        assert "Oslo" not in talking.say("/memory where do I live?")


@pytest.mark.parametrize("backend", ["mem0", "chroma"])
def test_two_chats_of_one_user_lose_nothing(store: Path, server: str, backend: str) -> None:
    words = [[f"My {name} number {number} is old." for number in range(8)] for name in ("boat", "cello")]
    with Talking(store, server, "--backend", backend) as one, Talking(store, server, "--backend", backend) as other:
        for mine, yours in zip(*words, strict=True):
            for talking, line in ((one, mine), (other, yours)):
                assert talking.process.stdin is not None
                talking.process.stdin.write(f"{line}\n".encode())
                talking.process.stdin.flush()
        one.say("/memory")
        other.say("/memory")
    assert sorted(listed(store, server)) == sorted(words[0] + words[1])
