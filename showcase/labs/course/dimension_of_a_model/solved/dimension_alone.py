"""Keeps notes, and finds them by their meaning: python notes.py STORE [MODEL].

One request a line; Ctrl-D ends it (on Windows Ctrl-Z and Enter).
    I take my tea without sugar.      is kept
    how do I take my tea?             what ends in a question mark is looked for
"""

import logging
import os
import sys

STORE, MODEL = ([*sys.argv[1:], ""] if len(sys.argv) > 1 else sys.exit(__doc__))[:2]
os.environ["MEM0_TELEMETRY"] = "False"  # before the imports, which read it
os.environ["MEM0_DIR"] = STORE  # left to mem0 it is ~/.mem0
os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded
os.environ["no_proxy"] = "*"  # nothing goes by way of a proxy
import ollama
from mem0 import Memory

logging.getLogger("mem0").setLevel(logging.CRITICAL)
EMBED_MODELS = ("nomic-embed-text:latest", "all-minilm:latest", "rehearsal-embed:latest")


def embedding_model() -> str:
    try:
        there = {model.model for model in ollama.list().models}
    except Exception as error:
        raise SystemExit("no engine answers: showcase engine start --port 11434, in a second window") from error
    found = next((name for name in (MODEL, *EMBED_MODELS) if name in there), None)
    if found is None:
        sys.exit(f"first: ollama pull {EMBED_MODELS[0]}")
    return found


def open_memory() -> Memory:
    model = embedding_model()
    dimensions = len(ollama.embed(model=model, input="how long is a vector of yours?").embeddings[0])
    return Memory.from_config(
        {
            "llm": {"provider": "ollama", "config": {"model": model}},  # never asked here; left out, it is OpenAI's
            "embedder": {"provider": "ollama", "config": {"model": model}},
            "vector_store": {
                "provider": "qdrant",
                "config": {
                    "path": f"{STORE}/qdrant",
                    "collection_name": "notes",
                    "embedding_model_dims": dimensions,
                    "on_disk": True,
                },
            },
        }
    )


def main() -> None:
    memory = open_memory()
    if sys.stdin.isatty():
        print("ready: one request a line")
    for line in sys.stdin:
        text = line.strip()
        try:
            if text.endswith("?"):
                rows = memory.search(text, filters={"user_id": "me"}, top_k=3)["results"]
                print(f"{len(rows)} found")
                for row in rows:
                    print(f"  {row['score']:.2f}  {row['memory']}")
            elif text:
                memory.add(text, user_id="me", infer=False)
                print("kept")
        except ValueError as error:
            print(f"failed: {error}")
        sys.stdout.flush()


main()
