"""One model and many who ask: loading and leaving, clients that go away, several at once."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from asking import CHAT, EMBED, TURNS, ask, length, loaded, send, vectors, words
from engines_here import NUM_CTX, Files, embedded
from made_models import write_chat, write_embedder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from engine_processes import Running

_ENDLESS = {"num_predict": 40_000, "num_ctx": 4096}


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory, made: Files) -> Iterator[Running]:
    """An engine whose model never ends by itself, and keeps on for many seconds where nobody stops it."""
    place = tmp_path_factory.mktemp("talker")
    files = Files(chat=write_chat(place / "made.gguf", ends=-50.0), embed=made.embed)
    with embedded(files) as running:
        yield running


@pytest.fixture
def talking(talker: Running) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=talker.url, trust_env=False, timeout=60) as client:
        yield client


def test_models_are_loaded_before_anybody_asks(made: Files) -> None:
    with embedded(made) as running, httpx.Client(base_url=running.url, trust_env=False, timeout=60) as http:
        assert loaded(http) == {CHAT: NUM_CTX, EMBED: 128}


def test_a_model_that_is_let_go_is_freed_and_comes_back(http: httpx.Client, engine: Running) -> None:
    before = words(http, {"num_ctx": 4096})
    threads = psutil.Process(engine.process.pid).num_threads()
    for unload in (
        {"model": CHAT, "messages": [], "keep_alive": 0},
        {"model": CHAT, "messages": [], "keep_alive": "0s"},
    ):
        assert http.post("/api/chat", json=unload).json()["done_reason"] == "unload"
        assert CHAT not in loaded(http)
        assert psutil.Process(engine.process.pid).num_threads() < threads
        assert words(http, {"num_ctx": 4096}) == before
        assert loaded(http)[CHAT] == 4096


def test_a_model_leaves_after_its_answer_where_it_has_no_time_to_stay(http: httpx.Client) -> None:
    whole = words(http)
    assert words(http, keep_alive=0) == whole
    assert CHAT not in loaded(http)
    assert words(http) == whole
    vectors(http, "hello", keep_alive=0)
    assert EMBED not in loaded(http)
    assert vectors(http, "hello")["prompt_eval_count"] == 7


def test_a_model_that_leaves_is_not_loaded_again_to_count_tokens(http: httpx.Client, engine: Running) -> None:
    words(http)
    vectors(http, "hello", keep_alive=0)
    process = psutil.Process(engine.process.pid)
    threads = process.num_threads()
    for fields in ({"stream": False}, {"stream": True}, {"_debug_render_only": True}):
        body = {"model": CHAT, "prompt": "x", "keep_alive": 0, "options": {"num_predict": 2, "num_ctx": 512}, **fields}
        assert http.post("/api/generate", json=body).status_code == 200
        until(lambda: process.num_threads() < threads)
        words(http)
        until(lambda: process.num_threads() >= threads)


def test_a_model_leaves_when_its_time_is_over(http: httpx.Client) -> None:
    ask(http, keep_alive="200ms")
    assert CHAT in loaded(http)
    until(lambda: CHAT not in loaded(http))
    assert words(http)


def test_a_request_without_messages_loads_a_context(http: httpx.Client) -> None:
    body = {"model": CHAT, "messages": [], "options": {"num_ctx": 96}}
    assert http.post("/api/chat", json=body).json()["done_reason"] == "load"
    assert loaded(http)[CHAT] == 96
    ask(http, {"num_ctx": 97})
    assert loaded(http)[CHAT] == 97


def test_a_context_above_the_model_s_own_is_lowered(http: httpx.Client) -> None:
    ask(http, {"num_ctx": 10**9, "num_predict": 1})
    assert loaded(http)[CHAT] == 4096


def test_a_client_that_hangs_up_frees_the_model(talker: Running, talking: httpx.Client) -> None:
    for stream in (True, False):
        with hanging(talker, stream=stream) as client:
            if stream:
                assert client.recv(65_536)
            else:
                time.sleep(0.2)
        begun = time.monotonic()
        assert words(talking, {"num_ctx": 4096})
        assert time.monotonic() - begun < LEAVES_S, f"stream={stream}"


def test_a_client_that_never_reads_holds_nobody_up_for_ever(talker: Running, talking: httpx.Client) -> None:
    """What it does not read is kept for it as long as it is there; what it waits for ends when it is gone."""
    with hanging(talker, stream=True):
        time.sleep(0.2)
        assert talking.get("/api/version").status_code == 200
    begun = time.monotonic()
    assert words(talking, {"num_ctx": 4096})
    assert time.monotonic() - begun < LEAVES_S


def test_one_that_waits_and_hangs_up_does_not_take_its_turn(talker: Running, talking: httpx.Client) -> None:
    with hanging(talker, stream=True) as first:
        assert first.recv(65_536)
        for _ in range(3):
            with hanging(talker, stream=True):
                time.sleep(0.05)
    begun = time.monotonic()
    assert words(talking, {"num_ctx": 4096})
    assert time.monotonic() - begun < LEAVES_S


def test_ten_at_once_are_all_answered_as_if_alone(http: httpx.Client) -> None:
    alone = [words(http, {"seed": seed}) for seed in range(10)]

    def one(seed: int) -> str:
        with httpx.Client(base_url=http.base_url, trust_env=False, timeout=60) as client:
            return words(client, {"seed": seed}) if seed % 3 else words(client, {"seed": seed}, format="")

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(one, range(10))) == alone


def test_two_who_want_another_context_each_do_not_spoil_each_other(http: httpx.Client) -> None:
    sizes = (128, 256)
    alone = {size: words(http, {"num_ctx": size}) for size in sizes}
    cut = {"num_ctx": 24}

    def one(at: int) -> tuple[int, str, int]:
        size = sizes[at % 2]
        with httpx.Client(base_url=http.base_url, trust_env=False, timeout=60) as client:
            reply = ask(client, {"num_ctx": size})
            ask(client, cut)
        return size, reply["message"]["content"], reply["prompt_eval_count"]

    with ThreadPoolExecutor(4) as pool:
        for size, said, count in pool.map(one, range(8)):
            assert (said, count) == (alone[size], length(TURNS))


def test_texts_are_embedded_while_a_reply_is_made(talker: Running, talking: httpx.Client) -> None:
    with hanging(talker, stream=True) as client:
        assert client.recv(65_536)
        assert vectors(talking, "hello")["prompt_eval_count"] == 7


LEAVES_S = 5.0
"""So soon is the model free again: the talker would go on for far longer."""


def hanging(running: Running, *, stream: bool) -> socket.socket:
    """Ask for a reply that does not end, and read none of it."""
    body = json.dumps({"model": CHAT, "messages": TURNS, "stream": stream, "options": _ENDLESS}).encode()
    client = socket.create_connection((running.host, running.port), timeout=30)
    head = f"POST /api/chat HTTP/1.1\r\nHost: {running.host}:{running.port}\r\nContent-Length: {len(body)}\r\n\r\n"
    client.sendall(head.encode() + body)
    return client


def until(holds: Any) -> None:
    """Wait until it holds."""
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_file_that_is_another_by_now_is_not_loaded_again(tmp_path: Path) -> None:
    files = Files(chat=write_chat(tmp_path / "made.gguf"), embed=write_embedder(tmp_path / "made-vectors.gguf"))
    with embedded(files) as running, httpx.Client(base_url=running.url, trust_env=False, timeout=60) as http:
        ask(http, messages=TURNS)
        ask(http, messages=[], keep_alive=0)
        write_chat(tmp_path / "other.gguf", ends=1.4).replace(files.chat)
        answer = send(http, messages=TURNS)
    assert answer.status_code == 500
    assert "made.gguf was changed while it was used" in answer.json()["error"]
