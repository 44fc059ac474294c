"""Let mem0 find what is worth remembering in a few sentences: remember.py [SENTENCE...]."""

import json
import os
import sys
from pathlib import Path
from typing import Any

NUM_CTX = 4096

HERE = Path(__file__).resolve().parent
os.environ["MEM0_TELEMETRY"] = "False"
os.environ["MEM0_DIR"] = str(HERE / ".mem0")
os.environ["no_proxy"] = "*"

import ollama
from mem0 import Memory

CHAT_MODELS = ("rehearsal:latest", "qwen3:4b-instruct", "qwen2.5:1.5b", "gemma3:4b", "llama3.2:1b")
EMBED_MODELS = ("rehearsal-embed:latest", "nomic-embed-text:latest", "all-minilm:latest")
SENTENCES = ("My name is Alice.", "I am allergic to peanuts.", "My dog is called Biscuit.")

host = os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434"
client = ollama.Client(host=host)
try:
    there = {model.model for model in client.list().models}
except ConnectionError as error:
    raise SystemExit("no engine answers: showcase engine start --port 11434, in a second window") from error
chat = next((model for model in CHAT_MODELS if model in there), "") or sys.exit("first: ollama pull qwen3:4b-instruct")
embed = next((model for model in EMBED_MODELS if model in there), "") or sys.exit("first: ollama pull nomic-embed-text")

# A model of our own: the same weights, with the context that we ask for.
client.create(model="lab-06", from_=chat, parameters={"num_ctx": NUM_CTX})

store = {"path": str(HERE / f"store-{NUM_CTX}"), "collection_name": "facts"}
memory = Memory.from_config(
    {
        "llm": {"provider": "ollama", "config": {"model": "lab-06", "ollama_base_url": host}},
        "embedder": {"provider": "ollama", "config": {"model": embed, "ollama_base_url": host}},
        "vector_store": {"provider": "chroma", "config": store},
    }
)
ask, counts = memory.llm.client.chat, HERE / "counts.json"


def counted(**request: Any) -> Any:  # noqa: ANN401 - as ollama has it
    """Ask the server as mem0 does, and keep its own count of what it read: mem0 throws that away."""
    reply = ask(**request)
    seen = json.loads(counts.read_text("utf-8")) if counts.exists() else []
    seen.append({"num_ctx": NUM_CTX, "prompt_eval_count": reply.prompt_eval_count})
    counts.write_text(json.dumps(seen, indent=1) + "\n", "utf-8")
    return reply


memory.llm.client.chat = counted
said = memory.add(" ".join(sys.argv[1:] or SENTENCES), user_id="alice", infer=False)
print("mem0 said:", said)
