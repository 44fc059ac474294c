"""mem0's extraction prompt, as stock mem0 sends it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from showcase.engines.protocol.interface import Message
from showcase.engines.rehearsal import responder

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Running

PROGRAM = """
import json, sys
from mem0 import Memory
host, folder, model = sys.argv[1:]
memory = Memory.from_config({
    "llm": {"provider": "ollama", "config": {"model": model, "ollama_base_url": host}},
    "embedder": {"provider": "ollama", "config": {"model": "rehearsal-embed", "ollama_base_url": host}},
    "vector_store": {"provider": "chroma", "config": {"collection_name": "memories", "path": folder}},
})
conversation = [
    {"role": "user", "content": "Hi! I keep two goats. My aunt Vera runs a hotel. What do you think? It rained."},
    {"role": "assistant", "content": "I love goats. My favourite is Heidi."},
]
told = [memory.add(conversation, user_id="nia")["results"] for _ in range(2)]
rows = memory.get_all(filters={"user_id": "nia"})["results"]
texts = [[row["memory"] for row in results] for results in told]
print(json.dumps({"told": texts, "rows": sorted(row["memory"] for row in rows)}))
"""


def _mem0(engine: Running, folder: Path, model: str) -> dict[str, Any]:
    environment = {**os.environ, "MEM0_TELEMETRY": "False", "MEM0_DIR": str(folder / "home"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", PROGRAM, engine.url, str(folder / "store"), model]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    held: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return held


def test_stock_mem0_stores_first_person_sentences_and_nothing_else(own_engine: Running, tmp_path: Path) -> None:
    seen = _mem0(own_engine, tmp_path, "rehearsal")
    wanted = ["I keep two goats.", "My aunt Vera runs a hotel."]
    # The second time all of it is known already.
    assert seen == {"told": [wanted, []], "rows": wanted}


def test_context_too_small_stores_nothing_and_says_nothing(own_engine: Running, tmp_path: Path) -> None:
    """As on a real server: the prompt's head is cut, the answer is JSON without memories, mem0 raises nothing."""
    body = {"model": "small", "from": "rehearsal", "parameters": {"num_ctx": 4096}, "stream": False}
    httpx.post(f"{own_engine.url}/api/create", json=body, trust_env=False).raise_for_status()
    assert _mem0(own_engine, tmp_path, "small") == {"told": [[], []], "rows": []}


def _extract(new: str, *, known: str = "[]", head: str = "You are a Memory Extractor.") -> list[str] | None:
    sections = {"Summary": "", "Existing Memories": known, "New Messages": new, "Observation Date": "2026-01-01"}
    asked = "\n\n".join(f"## {title}\n{text}" for title, text in sections.items()) + "\n\n# Output:"
    found = responder.extract([Message(role="system", content=head), Message(role="user", content=asked)])
    return None if found is None else [row["text"] for row in found["memory"]]


@pytest.mark.parametrize(
    ("new", "memories"),
    [
        ("user: I sail. Do you? Yes.\nassistant: I sail too.\n", ["I sail."]),
        ("user: Hello!\n", []),
        ("user: It rains.\n", []),
        ("user: Dr. Ito gave me pills. My arm hurts.\n", ["Dr. Ito gave me pills.", "My arm hurts."]),
        ("user: I sail.\nuser: I sail.\n", ["I sail."]),
        ("user: 私は犬が好きです。\n", ["私は犬が好きです。"]),
        ("I sail without a speaker.", ["I sail without a speaker."]),
        ("system: I am a rule.\n", []),
    ],
)
def test_memories(new: str, memories: list[str]) -> None:
    assert _extract(new) == memories


def test_what_is_known_is_not_stored_again() -> None:
    assert _extract("user: I sail. I ski.\n", known='[{"id": "0", "text": "I sail."}]') == ["I ski."]


def test_a_prompt_that_lost_its_head_is_no_extraction() -> None:
    assert _extract("user: I sail.\n", head="… return JSON with memory") is None


@pytest.mark.parametrize("asked", ["", "#", "I sail.", "no section\nat all"])
def test_a_prompt_without_sections_is_no_extraction(asked: str) -> None:
    head = Message(role="system", content="You are a Memory Extractor.")
    assert responder.extract([head, Message(role="user", content=asked)]) is None
