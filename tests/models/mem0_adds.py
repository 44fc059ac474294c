"""Run as a process: real mem0 adds one sentence for each answer the server has ready, and says why none stuck."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path

from showcase.evidence import Endpoint
from showcase.memory.mem0_store import configuration, open_memory
from showcase.models.emptiness import why_empty
from showcase.models.exchange import ExchangeRecorder


def main() -> None:
    """Arguments: directory, port, chat model, embedding model, its dimensions, prompt outcome, sentences."""
    home, port, chat, embed, dimensions, prompt, *sentences = sys.argv[1:]
    config = configuration(
        store=Path(home) / "store",
        home=Path(home),
        endpoint=Endpoint(address="127.0.0.1", port=int(port)),
        chat_model=chat,
        embed_model=embed,
        dimensions=int(dimensions),
    )
    memory = open_memory(config)
    recorder = ExchangeRecorder()
    recorder.attach(memory.llm.client._client)
    recorder.attach(memory.embedding_model.client._client)
    for sentence in sentences:
        stored = {row["memory"] for row in memory.get_all(filters={"user_id": "u"})["results"]}
        recorder.take()
        results = []
        with contextlib.suppress(Exception):  # whatever mem0 raises, the recorder has seen why
            results = memory.add(sentence, user_id="u", infer=True)["results"]
        exchanges = recorder.take()
        chats = [exchange for exchange in exchanges if exchange.path == "/api/chat"]
        evaluated = chats[-1].answer.get("prompt_eval_count") if chats else None
        found = None if results else why_empty(exchanges, prompt=prompt, stored=stored)
        said = {"stored": len(results), "chats": len(chats), "evaluated": evaluated}
        said |= {"cause": found.cause, "detail": found.detail} if found else {}
        sys.stdout.write(json.dumps(said) + "\n")
    memory.close()


main()
