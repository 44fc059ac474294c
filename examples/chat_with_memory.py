"""Chat with a memory that stays on this machine (mem0): python chat_with_memory.py USER MESSAGE..."""

import logging
import os
import sys

os.environ["MEM0_TELEMETRY"] = "False"  # before the imports, which read it; `setdefault` would let a "True" win
os.environ["CHROMA_API_IMPL"] = "chromadb.api.rust.RustBindingsAPI"  # a .env file here could name a server
os.environ["no_proxy"] = "*"  # an HTTP_PROXY would be told every prompt; small letters win in Python
STORE = os.environ["MEM0_DIR"] = f"{__file__}.store"  # left to mem0 they are /tmp and ~/.mem0
os.umask(0o077)  # the store holds in plain text what was said: for this account's eyes only
from mem0 import Memory

logging.getLogger("mem0").setLevel(logging.ERROR)  # it warns of packages this needs not, and they download a model
CHAT_MODELS = ("qwen3:4b-instruct", "gemma3:4b", "llama3.2:1b", "rehearsal:latest")  # the first that is there
EMBED_MODELS = ("nomic-embed-text:latest", "all-minilm:latest", "rehearsal-embed:latest")  # as `ollama list` says

user, messages = "".join(sys.argv[1:2]), sys.argv[2:]
if not messages or not user.isalnum():  # mem0 takes `*` for every user, and trims spaces
    sys.exit("usage: chat_with_memory.py USER MESSAGE..., where USER is letters and digits")
host = (os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434").rpartition("@")[2]  # as ollama reads it, without a password
try:
    import ollama  # raises where it cannot read OLLAMA_HOST

    there = {model.model for model in ollama.list().models}  # mem0 would have the server download a missing one
except Exception as error:  # nobody listens there, or something that is no Ollama
    raise SystemExit(f"no Ollama answers at {host}: start it with `ollama serve`, or set OLLAMA_HOST") from error
chat = next((m for m in CHAT_MODELS if m in there), "") or sys.exit(f"first: ollama pull {CHAT_MODELS[0]}")
embed = next((m for m in EMBED_MODELS if m in there), "") or sys.exit(f"first: ollama pull {EMBED_MODELS[0]}")
llm = {"provider": "ollama", "config": {"model": chat}}  # without it mem0 asks OpenAI
embedder = {"provider": "ollama", "config": {"model": embed}}  # likewise
store = {"provider": "chroma", "config": {"path": STORE, "collection_name": embed.replace(":", "-")}}
memory = Memory.from_config({"llm": llm, "embedder": embedder, "vector_store": store})
for message in messages:  # answer each with what this user said before, then remember it
    rows = memory.search(message, filters={"user_id": user}, top_k=5)["results"]
    facts = "You are a helpful assistant.\nFacts about the user:" + "".join(f"\n- {row['memory']}" for row in rows)
    prompt = [{"role": "system", "content": facts}, {"role": "user", "content": message}]
    print(ollama.chat(model=chat, messages=prompt).message.content)
    if not message.endswith("?"):  # to find facts in what is said, `infer=True` needs num_ctx 12288
        memory.add(message, user_id=user, infer=False)
