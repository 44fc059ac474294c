"""Templates that were made to do harm: llama.cpp runs them, and nothing of ours waits for one without end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx
import psutil
import pytest
from engine_processes import started
from engines_here import MODULE
from made_models import TEMPLATE, write_chat
from starting import refused, starting

from showcase.engines.embedded.limits import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SAID = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
LOOP = "{% for i in range(1000000000) %}{% endfor %}"
ENDED = {
    "loops": LOOP,
    "doubles": "{% set n = namespace(s='xx') %}{% for i in range(60) %}{% set n.s = n.s + n.s %}{% endfor %}{{ n.s }}",
    "calls itself": "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "is deep": "{{ " + "(" * 100_000 + "1" + ")" * 100_000 + " }}",
}
NONE = {
    "is none": "{% for m in messages %}{{ m['content'] }",
    "reads a file": "{% include '/etc/passwd' %}" + _SAID,
    "asks for what there is not": "{{ messages | nosuchfilter }}",
}
WORD = "open sesame"
TRAP = f"{{% for m in messages %}}{{% if '{WORD}' in m['content'] %}}{LOOP}{{% endif %}}{{% endfor %}}" + TEMPLATE
PICKY = (
    "{% for m in messages %}{% if 'never' in m['content'] %}{{ raise_exception('I take no such word') }}{% endif %}"
    "{% endfor %}" + TEMPLATE
)
NOSY = "{{ env }}|{{ environ }}|{{ self }}|{{ namespace }}|{{ cycler }}|{{ config }}|{{ __builtins__ }}|" + TEMPLATE


@pytest.mark.parametrize("what", ENDED)
def test_a_template_that_breaks_or_holds_up_llama_ends_its_process_alone(tmp_path: Path, what: str) -> None:
    file = write_chat(tmp_path / "made.gguf", tokenizer__chat_template=ENDED[what])
    told = refused(file, tmp_path / "here")
    assert told.message.startswith("the embedded engine ended (")
    assert f"while it loaded {file}" in told.message


@pytest.mark.parametrize("what", NONE)
def test_a_template_that_is_none_is_refused_by_llama(tmp_path: Path, what: str) -> None:
    file = write_chat(tmp_path / "made.gguf", tokenizer__chat_template=NONE[what])
    told = refused(file, tmp_path / "here", patience=1)
    assert told.message.startswith(f"llama.cpp cannot load {file}")
    assert "template" in told.hint


def test_a_template_sees_nothing_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_SECRET", "a-value-that-nobody-may-see")
    file = write_chat(tmp_path / "made.gguf", tokenizer__chat_template=NOSY)
    with starting(file, tmp_path / "here") as endpoint:
        seen = httpx.post(
            f"http://{endpoint}/api/chat", json=chat("hello", _debug_render_only=True), trust_env=False, timeout=30
        )
    text = seen.json()["_debug_info"]["rendered_template"]
    assert "<|user|>hello<|end|>" in text
    for secret in ("a-value-that-nobody-may-see", "LC_SECRET", "root:", str(tmp_path), "/usr/"):
        assert secret not in text


@pytest.fixture
def trapped(tmp_path: Path) -> Iterator[tuple[httpx.Client, Any]]:
    file = write_chat(tmp_path / "made.gguf", tokenizer__chat_template=TRAP)
    with (
        started(MODULE, "--chat", str(file), "--num-ctx", "256", **{PATIENCE: "0.05"}) as running,
        httpx.Client(base_url=running.url, trust_env=False, timeout=30) as http,
    ):
        yield http, running


def test_a_template_that_loops_for_one_word_ends_the_engine_after_it_said_why(
    trapped: tuple[httpx.Client, Any],
) -> None:
    http, running = trapped
    assert http.post("/api/chat", json=chat("hello")).status_code == 200
    begun = time.monotonic()
    answer = http.post("/api/chat", json=chat(WORD))
    assert answer.status_code == 500
    said = "the template of made:latest took longer than 1 s for this conversation"
    assert answer.json() == {"error": f"{said}: the engine ends"}
    assert running.process.wait(10) == 1
    assert time.monotonic() - begun < 15
    assert running.process.stderr.read() == f"error: {said}; the engine ends\n"
    assert not psutil.pid_exists(running.process.pid)


def test_a_template_that_refuses_a_message_refuses_that_one_alone(tmp_path: Path) -> None:
    file = write_chat(tmp_path / "made.gguf", tokenizer__chat_template=PICKY)
    with (
        starting(file, tmp_path / "here") as endpoint,
        httpx.Client(base_url=f"http://{endpoint}", trust_env=False, timeout=30) as http,
    ):
        for _ in range(2):
            answer = http.post("/api/chat", json=chat("never"))
            assert answer.status_code == 500
            assert "I take no such word" in answer.json()["error"]
            assert http.post("/api/chat", json=chat("hello")).status_code == 200


def chat(said: str, **fields: Any) -> dict[str, Any]:
    turns = [{"role": "user", "content": said}]
    return {"model": "made", "messages": turns, "stream": False, "options": {"num_predict": 2}, **fields}
