"""Chat with a memory that stays on this machine (Chroma alone): python chat_with_chroma.py USER MESSAGE..."""

import os
import sys

os.environ["ANONYMIZED_TELEMETRY"] = "False"  # before the import; Chroma 1.5.9 sends none, older ones did
os.environ["CHROMA_API_IMPL"] = "chromadb.api.rust.RustBindingsAPI"  # a .env file here could name a server
os.environ["no_proxy"] = "*"  # an HTTP_PROXY would be told every prompt; small letters win in Python
os.umask(0o077)  # the store holds in plain text what was said: for this account's eyes only

import chromadb

CHAT_MODELS = ("qwen3:4b-instruct", "gemma3:4b", "llama3.2:1b", "rehearsal:latest")  # the first that is there
EMBED_MODELS = ("nomic-embed-text:latest", "all-minilm:latest", "rehearsal-embed:latest")  # as `ollama list` says

user, messages = "".join(sys.argv[1:2]), sys.argv[2:]
if not messages or not (user.isascii() and user.isalnum()):  # it becomes part of a collection's name
    sys.exit("usage: chat_with_chroma.py USER MESSAGE..., where USER is letters a to z and digits")
host = (os.environ.get("OLLAMA_HOST") or "127.0.0.1:11434").rpartition("@")[2]  # as ollama reads it, without a password
try:
    import ollama  # raises where it cannot read OLLAMA_HOST

    there = {model.model for model in ollama.list().models}
except Exception as error:  # nobody listens there, or something that is no Ollama
    raise SystemExit(f"no Ollama answers at {host}: start it with `ollama serve`, or set OLLAMA_HOST") from error
chat = next((m for m in CHAT_MODELS if m in there), "") or sys.exit(f"first: ollama pull {CHAT_MODELS[0]}")
embed = next((m for m in EMBED_MODELS if m in there), "") or sys.exit(f"first: ollama pull {EMBED_MODELS[0]}")
client = chromadb.PersistentClient(f"{__file__}.store")
name = f"{embed.replace(':', '-')}.{user}"  # one for each user: a filter can be forgotten; and for each model
memories = client.get_or_create_collection(name, embedding_function=None)  # None: no model is downloaded
for message in messages:  # answer each with what this user said before, then remember it
    vector = list(ollama.embed(model=embed, input=message).embeddings[0])
    known = memories.query(query_embeddings=[vector], n_results=5)["documents"] or [[]]
    facts = "You are a helpful assistant.\nFacts about the user:" + "".join(f"\n- {text}" for text in known[0])
    prompt = [{"role": "system", "content": facts}, {"role": "user", "content": message}]
    print(ollama.chat(model=chat, messages=prompt).message.content)
    if not message.endswith("?"):  # questions are no facts, and would be found first when asked again
        memories.upsert(ids=[message], documents=[message], embeddings=[vector])
