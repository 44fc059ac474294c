"""Asks an engine that runs the made models, whose tokens can be counted by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.engines.protocol import PROMPT_TOKENS

if TYPE_CHECKING:
    import httpx

CHAT, EMBED = "made", "made-vectors"
TURNS = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What is my dog called?"}]


def length(turns: list[dict[str, str]]) -> int:
    """Return how many tokens a conversation has: one each for its begin, its roles, its ends, and its bytes."""
    return 2 + sum(2 + len(turn["content"].encode()) for turn in turns)


def send(http: httpx.Client, options: dict[str, Any] | None = None, **fields: Any) -> httpx.Response:
    """Return the answer to a chat."""
    held = {"seed": 1, "num_ctx": 512, "num_predict": 16, **(options or {})}
    return http.post("/api/chat", json={"model": CHAT, "messages": TURNS, "stream": False, **fields, "options": held})


def ask(http: httpx.Client, options: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Return what a chat was answered, which has to succeed."""
    answer = send(http, options, **fields)
    assert answer.status_code == 200, answer.text
    held: dict[str, Any] = answer.json()
    return held


def words(http: httpx.Client, options: dict[str, Any] | None = None, **fields: Any) -> str:
    """Return the reply alone."""
    return str(ask(http, options, **fields)["message"]["content"])


def told_tokens(answer: httpx.Response) -> int:
    """Return how many tokens the prompt is said to have had before any cut."""
    return int(answer.headers[PROMPT_TOKENS])


def vectors(http: httpx.Client, texts: list[str] | str, **fields: Any) -> dict[str, Any]:
    """Return the answer to texts that are embedded."""
    answer = http.post("/api/embed", json={"model": EMBED, "input": texts, **fields})
    assert answer.status_code == 200, answer.text
    held: dict[str, Any] = answer.json()
    return held


def loaded(http: httpx.Client) -> dict[str, int]:
    """Return the context of each model that is loaded."""
    rows = http.get("/api/ps").json()["models"]
    return {row["name"].removesuffix(":latest"): row["context_length"] for row in rows}
