"""Whether a prompt fits, whether it was cut, and why an add stored nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import ollama
import pytest
from child import run

from showcase.engines.models.context import Preflight, preflight, remedy, require_extraction
from showcase.engines.models.creation import create_model
from showcase.engines.models.exchange import ExchangeRecorder
from showcase.engines.models.loading import check_model
from showcase.engines.models.modelfile import parse
from showcase.engines.models.truncation import PromptCount, in_doubt, judge
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels
from showcase.errors import ModelError
from showcase.evidence import Endpoint, LoadedModel, Message

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import Player

RENDER = """
import json
from showcase.evidence import Message
from showcase.memory.extraction_prompt import extraction_messages
new = [Message(role="user", content="I am allergic to peanuts.")]
sizes = []
for count in (0, 10, 50):
    rows = ["I like green tea."] * count
    shown = extraction_messages(new, existing=rows, last=[Message(role="user", content=row) for row in rows])
    sizes.append([[message.role, message.content] for message in shown])
print(json.dumps(sizes))
"""


@pytest.mark.parametrize(
    ("own", "refused", "evaluated", "context", "outcome"),
    [
        (900, False, 900, 1024, "whole"),
        (900, False, 901, 1024, "whole"),  # some servers count the token that begins the reply
        (1024, False, 1024, 1024, "whole"),
        (6000, False, 1024, 1024, "cut"),
        (6000, False, 514, 1024, "cut"),
        (700, False, 300, 1024, "cut"),  # older messages dropped
        (None, True, None, 1024, "cut"),
        (None, True, 1024, 1024, "cut"),
        (None, False, 1024, 1024, "cut"),
        (None, False, 514, 1024, "unknown"),
        (None, False, 900, 1024, "whole"),
        (None, False, 900, None, "unknown"),
        (None, False, None, 1024, "unknown"),
        (900, False, None, 1024, "unknown"),
        (None, False, 0, 1024, "unknown"),
        (None, False, -1, 1024, "unknown"),
        (900, False, 0, 1024, "unknown"),
        (0, False, 0, 1024, "unknown"),
        (0, False, 900, 1024, "unknown"),
        (None, False, 900, 0, "unknown"),
        (None, False, 900, -1, "unknown"),
        (900, False, 950, 1024, "unknown"),
        (2000, False, 2000, 1024, "unknown"),
        (None, False, 2000, 1024, "unknown"),
        (900, True, 900, 1024, "unknown"),
        (None, True, 0, 1024, "cut"),
    ],
)
def test_a_cut_prompt_is_told_from_its_counts(
    own: int | None, refused: bool, evaluated: int | None, context: int | None, outcome: str
) -> None:
    count = PromptCount(own_tokens=own, refused=refused, evaluated_tokens=evaluated, context_length=context)
    assert judge(count) == outcome
    assert in_doubt(count) == (own is None and not refused and outcome != "whole")


def test_newer_servers_cut_to_a_count_that_is_never_called_whole() -> None:
    for context in (2048, 4096, 8192, 16384):
        for kept in range(24):
            evaluated = context - max((context - kept) // 2, 1)
            count = PromptCount(evaluated_tokens=evaluated, context_length=context)
            assert judge(count) != "whole"


def loaded(context: int) -> Callable[[], tuple[LoadedModel, ...]]:
    row = LoadedModel(name="tiny-chat:latest", size_bytes=1, vram_bytes=0, context_length=context, remote_host=None)
    return lambda: (row,)


def test_the_headroom_is_said_and_a_prompt_that_does_not_fit_is_refused_with_the_command(
    player: Player,
) -> None:
    server = OllamaModels(player.endpoint)
    player.say(200, {"prompt_eval_count": 7734})
    player.say(200, {"prompt_eval_count": 7734})
    player.play("chat-too-long-no-truncate")
    question = (Message(role="user", content="x"),)
    roomy = preflight(server, loaded(16384), model="tiny-chat", messages=question)
    tight = preflight(server, loaded(8192), model="tiny-chat", messages=question)
    none = preflight(server, loaded(8192), model="tiny-chat", messages=question)
    server.close()
    assert (roomy.fits, roomy.headroom) == (True, 8650)
    assert "7734 tokens" in roomy.sentence
    assert "cut" not in roomy.sentence
    require_extraction(roomy)
    assert (tight.fits, tight.headroom) == (True, 458)
    assert "a long reply is cut" in tight.sentence
    assert (none.fits, none.headroom) == (False, None)
    with pytest.raises(ModelError, match="does not fit into a context of 8192 tokens of tiny-chat") as caught:
        require_extraction(none)
    assert caught.value.hint.startswith("showcase models create")


@pytest.mark.parametrize(
    ("model", "command"),
    [
        ("gemma3-4b-mem:latest", "showcase models create gemma3-4b-mem --num-ctx 16384"),
        ("llama3.2:1b", "showcase models create llama3-2-1b-mem"),
        ("tiny-chat", "showcase models create "),
    ],
)
def test_the_way_out_is_an_exact_command(model: str, command: str) -> None:
    assert remedy(model).startswith(command)


def test_a_prompt_that_fills_the_context_leaves_no_room_to_reply() -> None:
    full = Preflight(model="m", prompt_tokens=8192, context_length=8192, reply_tokens=2000)
    assert not full.fits


def test_mem0s_prompt_is_rendered_from_its_own_pieces(tmp_path: Path) -> None:
    empty, ten, fifty = json.loads(run(tmp_path, "-c", RENDER))
    assert [role for role, _ in empty] == ["system", "user"]
    assert len(empty[0][1]) > 30_000
    assert "user: I am allergic to peanuts." in empty[1][1]
    assert empty[1][1].endswith("Please respond with valid JSON only.")
    assert ten[1][1].count("I like green tea.") == 20
    assert fifty[1][1] == ten[1][1]


def test_the_recorder_sees_an_answer_without_taking_it_away(player: Player) -> None:
    player.play("chat-once")
    client = ollama.Client(host=f"http://{player.endpoint}", trust_env=False)
    seen: list[httpx.Request] = []
    client._client.event_hooks = {"request": [seen.append], "response": []}
    recorder = ExchangeRecorder()
    recorder.attach(client._client)
    answer = client.chat(model="tiny-chat", messages=[{"role": "user", "content": "hello"}])
    (exchange,) = recorder.take()
    client._client.close()
    assert len(seen) == 1  # a hook that was there stays
    assert exchange.request["messages"][0]["content"] == "hello"
    assert exchange.answer["message"]["content"] == answer.message.content
    assert exchange.answer["prompt_eval_count"] == answer.prompt_eval_count
    assert recorder.take() == ()


def test_the_recorder_keeps_a_request_that_nobody_answered(free_endpoint: Endpoint) -> None:
    recorder = ExchangeRecorder()
    with httpx.Client(trust_env=False) as client:
        recorder.attach(client)
        with pytest.raises(httpx.ConnectError):
            client.post(f"http://{free_endpoint}/api/chat", json={"model": "m"})
    (exchange,) = recorder.take()
    assert (exchange.status, exchange.request) == (None, {"model": "m"})


@pytest.mark.ollama
def test_mem0s_prompt_does_not_fit_into_the_context_of_a_live_model(
    ollama_server: Endpoint, scrap: Callable[[str], str], tmp_path: Path
) -> None:
    """Asked for 16384, the server silently stays at tiny-chat's own 8192, and mem0's prompt needs more."""
    server, gate = OllamaModels(ollama_server), OllamaGate(ollama_server)
    tag = scrap("showcase-test-16k")
    tuned = parse("FROM tiny-chat\nPARAMETER num_ctx 16384\n")
    create_model(server, gate.models(), tuned, tag=tag, on_progress=lambda _: None)
    model = next(model for model in gate.models() if model.name == f"{tag}:latest")
    checked = check_model(server, gate.loaded, model)
    rendered = json.loads(run(tmp_path, "-c", RENDER))[0]
    messages = tuple(Message(role=role, content=content) for role, content in rendered)
    found = preflight(server, gate.loaded, model=tag, messages=messages)
    server.unload(tag)
    gate.close()
    server.close()
    assert (checked.asked_num_ctx, checked.context_length, checked.lowered) == (16384, 8192, True)
    assert checked.actual_bytes is not None
    assert abs(checked.predicted_bytes - checked.actual_bytes) < 0.05 * checked.actual_bytes
    assert (found.fits, found.context_length) == (False, 8192)
    with pytest.raises(ModelError, match="mem0's extraction cannot work"):
        require_extraction(found)
