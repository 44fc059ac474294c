"""Real mem0 adds over HTTP: every add that stored nothing is explained, and a cut prompt is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from child import run

from showcase.engines.models.context import preflight
from showcase.engines.models.creation import create_model
from showcase.engines.models.modelfile import parse
from showcase.engines.models.truncation import PromptCount, judge
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels
from showcase.evidence import Endpoint, Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Player

ADDS = Path(__file__).with_name("mem0_adds.py")


def adds(home: Path, endpoint: Endpoint, *arguments: str) -> list[dict[str, Any]]:
    said = run(home, str(ADDS), str(home), str(endpoint.port), *arguments)
    return [json.loads(line) for line in said.splitlines()]


def reply(content: str, *, thinking: str = "", **more: object) -> dict[str, Any]:
    message = {"role": "assistant", "content": content} | ({"thinking": thinking} if thinking else {})
    return {
        "model": "tiny-chat",
        "message": message,
        "done": True,
        "done_reason": "stop",
        "prompt_eval_count": 7734,
        "eval_count": 20,
    } | more


MEMORY = json.dumps({"memory": [{"text": "Drinks green tea"}]})
CASES: list[tuple[str, int, dict[str, Any]]] = [
    ("stored", 200, reply(MEMORY)),
    ("duplicate", 200, reply(MEMORY)),
    ("no memories", 200, reply('{"memory": []}')),
    ("no memories", 200, reply('{"facts": ["x"]}')),
    ("not JSON", 200, reply("I cannot do that.")),
    ("not JSON", 200, reply("")),
    ("reply cut", 200, reply('{"memory": [{"text": "Dri', done_reason="length", eval_count=2000)),
    ("thinking", 200, reply("", thinking="Let me see", done_reason="length", eval_count=2000)),
    ("thinking", 200, reply("<think>Let me see", done_reason="length", eval_count=2000)),
    ("transport error", 500, {"error": "llama runner process has terminated"}),
]


def scripted(player: Player, answers: list[tuple[int, dict[str, Any]]], *, context: int, own: int | None) -> None:
    """Let `player` embed, answer each chat from the list, and count prompts: `own` tokens, None to refuse."""

    def chat(asked: dict[str, Any]) -> tuple[int, object]:
        if asked.get("truncate") is False:
            refusal = (400, {"error": "the input length exceeds the context length"})
            return refusal if own is None else (200, {"prompt_eval_count": own})
        return answers.pop(0)

    model = {"name": "e:latest", "model": "e:latest"}
    player.always["/api/tags"] = lambda _: {"models": [model]}
    player.always["/api/ps"] = lambda _: {"models": [{"name": "tiny-chat:latest", "context_length": context}]}
    player.always["/api/embed"] = lambda asked: {
        "embeddings": [[1.0, 0.0]] * (len(asked["input"]) if isinstance(asked["input"], list) else 1)
    }
    player.always["/api/chat"] = chat


def test_every_add_of_real_mem0_that_stored_nothing_is_explained(tmp_path: Path, player: Player) -> None:
    """The same mem0 that is shown, over HTTP, with the replies that leave it silent."""
    scripted(player, [(status, answer) for _, status, answer in CASES], context=16384, own=7734)
    found = adds(tmp_path, player.endpoint, "tiny-chat", "e", "2", *(f"sentence {n}" for n, _ in enumerate(CASES)))
    causes = [row["empty"]["cause"] if row["empty"] else "stored" for row in found]
    assert causes == [cause for cause, _, _ in CASES]
    # One request for each add: nothing was generated or counted a second time.
    assert sum(path == "/api/chat" for path, _ in player.asked) == len(CASES)
    assert [row["prompt"]["outcome"] for row in found[:9]] == ["whole"] * 9
    assert found[9]["prompt"] is None
    assert "2000" in found[6]["empty"]["detail"]
    assert "llama runner process has terminated" in found[9]["empty"]["detail"]


@pytest.mark.parametrize(
    ("evaluated", "own", "outcome", "cause"),
    [
        (8192, None, "cut", "prompt cut"),
        (4098, None, "cut", "prompt cut"),  # how newer servers cut
        (8192, 8192, "whole", "no memories"),
        (4098, 4098, "whole", "no memories"),
    ],
)
def test_a_doubtful_count_is_settled_by_the_prompts_own(
    *, tmp_path: Path, player: Player, evaluated: int, own: int | None, outcome: str, cause: str
) -> None:
    answer = reply('{"memory": []}', prompt_eval_count=evaluated)
    scripted(player, [(200, answer)], context=8192, own=own)
    (found,) = adds(tmp_path, player.endpoint, "tiny-chat", "e", "2", "a sentence")
    assert (found["prompt"]["outcome"], found["empty"]["cause"]) == (outcome, cause)
    sent, counted = (asked for path, asked in player.asked if path == "/api/chat")
    assert counted["messages"] == sent["messages"]


@pytest.mark.ollama
def test_a_live_server_counts_and_cuts(ollama_server: Endpoint, scrap: Callable[[str], str], tmp_path: Path) -> None:
    server, gate = OllamaModels(ollama_server), OllamaGate(ollama_server)
    tag = scrap("showcase-test-1k")
    tuned = parse("FROM tiny-chat\nPARAMETER num_ctx 1024\nPARAMETER num_predict 8\n")
    create_model(server, gate.models(), tuned, tag=tag, on_progress=lambda _: None)
    short = (Message(role="user", content="What is my dog called?"),)
    long = (Message(role="user", content="word " * 2000),)
    found = preflight(server, gate.loaded, model=tag, messages=short)
    whole = gate.chat(tag, short, on_token=lambda _: None)
    cut = gate.chat(tag, long, on_token=lambda _: None)
    refused = server.count(tag, long)
    gate.close()
    server.close()
    assert (found.fits, found.context_length) == (True, 1024)
    assert whole.prompt_tokens == found.prompt_tokens
    assert refused is None
    own = PromptCount(own_tokens=found.prompt_tokens, evaluated_tokens=whole.prompt_tokens, context_length=1024)
    assert judge(own) == "whole"
    assert judge(PromptCount(evaluated_tokens=cut.prompt_tokens, context_length=1024)) == "cut"
    (add,) = adds(tmp_path, ollama_server, tag, "all-minilm", "384", "I am allergic to peanuts.")
    assert (add["stored"], add["empty"]["cause"], add["prompt"]["outcome"]) == (0, "prompt cut", "cut")
    assert add["prompt"]["count"] == {
        "own_tokens": None,
        "refused": True,
        "evaluated_tokens": 1024,
        "context_length": 1024,
    }
