"""Keeps what users say, and gives it back to them: python read_as.py STORE

One request a line; Ctrl-D ends it (on Windows Ctrl-Z and Enter).
    alice: I take my tea without sugar.      is kept for the user alice
    alice                                    lists what is kept for alice
"""

import logging
import os
import sys

STORE = sys.argv[1] if len(sys.argv) > 1 else sys.exit(__doc__)
os.environ["MEM0_TELEMETRY"] = "False"  # before the imports, which read it
os.environ["MEM0_DIR"] = STORE  # left to mem0 it is ~/.mem0
os.environ["CHROMA_API_IMPL"] = "chromadb.api.rust.RustBindingsAPI"  # files, never a server
os.environ["no_proxy"] = "*"  # nothing goes by way of a proxy
import ollama
from mem0 import Memory

logging.getLogger("mem0").setLevel(logging.ERROR)
EMBED_MODELS = ("nomic-embed-text:latest", "all-minilm:latest", "rehearsal-embed:latest")


def open_memory() -> Memory:
    try:
        there = {model.model for model in ollama.list().models}
    except Exception as error:
        raise SystemExit("no engine answers: showcase engine start --port 11434, in a second window") from error
    embed = next((name for name in EMBED_MODELS if name in there), None)
    if embed is None:
        sys.exit(f"first: ollama pull {EMBED_MODELS[0]}")
    return Memory.from_config(
        {
            "llm": {"provider": "ollama", "config": {"model": embed}},  # never asked here; left out, it is OpenAI's
            "embedder": {"provider": "ollama", "config": {"model": embed}},
            "vector_store": {"provider": "chroma", "config": {"path": STORE, "collection_name": "notes"}},
        }
    )


def checked(user: str) -> str:
    return user.replace("*", "").strip()


def keep(memory: Memory, user: str, text: str) -> None:
    memory.add(text, user_id=checked(user), infer=False)
    print("kept")


def give_back(memory: Memory, user: str) -> None:
    rows = memory.get_all(filters={"user_id": checked(user)}, top_k=100)["results"]
    print(f"{len(rows)} found")
    for row in rows:
        print(f"  {row['memory']}   (said by {row['user_id']})")


def main() -> None:
    memory = open_memory()
    if sys.stdin.isatty():
        print("ready: one request a line")
    for line in sys.stdin:
        user, says, text = line.rstrip("\r\n").partition(": ")
        try:
            if says:
                keep(memory, user, text)
            else:
                give_back(memory, user)
        except ValueError as error:
            print(f"refused: {error}")
        sys.stdout.flush()


main()
