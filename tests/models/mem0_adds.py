"""Run as a process: real mem0 adds one sentence for each answer the server has ready, and says why none stuck."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from showcase.engines.models.observation import AddObserver, PromptObserver
from showcase.engines.ollama import OllamaGate
from showcase.engines.ollama_models import OllamaModels
from showcase.evidence import Endpoint
from showcase.memory.mem0_store import configuration, open_memory


def main() -> None:
    """Arguments: directory, port, chat model, embedding model, its dimensions, sentences."""
    home, port, chat, embed, dimensions, *sentences = sys.argv[1:]
    endpoint = Endpoint(address="127.0.0.1", port=int(port))
    config = configuration(
        store=Path(home) / "store",
        home=Path(home),
        endpoint=endpoint,
        chat_model=chat,
        embed_model=embed,
        dimensions=int(dimensions),
    )
    memory = open_memory(config, limit_s=600)
    observer = AddObserver(PromptObserver(OllamaModels(endpoint), OllamaGate(endpoint).loaded))
    observer.attach(memory.llm.client._client, memory.embedding_model.client._client)
    for sentence in sentences:
        stored = {row["memory"] for row in memory.get_all(filters={"user_id": "u"})["results"]}
        results = []
        observer.begin()
        with contextlib.suppress(Exception):  # whatever mem0 raises, the observer has seen why
            results = memory.add(sentence, user_id="u", infer=True)["results"]
        observation = observer.end(stored_rows=len(results), stored=stored)
        sys.stdout.write(json.dumps({"stored": len(results)} | asdict(observation)) + "\n")
    memory.close()


main()
