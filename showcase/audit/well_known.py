"""The well-known programs that are audited as the documentation says: what each is run as."""

from __future__ import annotations

import sys
from dataclasses import dataclass

_MEM0 = """
from mem0 import Memory
provider = {"provider": "openai", "config": {"api_key": "none"}}
store = {"provider": "chroma", "config": {"path": "store"}}
memory = Memory.from_config({"vector_store": store, "llm": provider, "embedder": provider})
memory.get_all(filters={"user_id": "alice"})
"""
_CHROMA = """
import chromadb
chromadb.HttpClient(host="localhost", port=11434).heartbeat()
"""
_HUB = "from huggingface_hub import snapshot_download; snapshot_download('sentence-transformers/all-MiniLM-L6-v2')"
_NODE = "fetch('https://example.org/').catch(() => process.exit(1))"
_GRADIO = "import gradio; gradio.Interface(lambda said: said, 'text', 'text').launch()"
_LITELLM = """
import litellm
litellm.completion(model="ollama/x", messages=[{"role": "user", "content": "hi"}])
"""
_LANGCHAIN = "from langchain_ollama import ChatOllama; ChatOllama(model='x').invoke('hi')"
_LLAMA_INDEX = "from llama_index.llms.ollama import Ollama; Ollama(model='x').complete('hi')"
_WANDB = """
import wandb
run = wandb.init(project="p", settings=wandb.Settings(init_timeout=5))
run.log({"a": 1})
run.finish()
"""
_TRANSFORMERS = "from transformers import AutoTokenizer; AutoTokenizer.from_pretrained('gpt2')"
_ULTRALYTICS = "from ultralytics import YOLO; YOLO('yolo11n.pt')"
_OPEN_WEBUI = ("open-webui", "serve", "--host", "127.0.0.1", "--port", "8097")
GO = """package main

import "net/http"

func main() { http.Get("https://example.org/") }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One row: what to run, with which variables, which module of Python it needs, and for how long at most.

    Attributes:
        beside: Programs that the command starts in turn, and that have to be there as well.
        always: Names that it asks for each time, where how many more depends on how far it gets; None for all of them.
    """

    title: str
    command: tuple[str, ...]
    module: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    limit_s: float = 30.0
    beside: tuple[str, ...] = ()
    always: tuple[str, ...] | None = None


def programs(ollama: str, go_program: str, python: str = sys.executable) -> tuple[Program, ...]:
    """Return the rows, with the paths of programs that are not found on PATH by themselves."""
    return (*_first(ollama, go_program, python), *_of_local_models(python), *_beside())


def _first(ollama: str, go_program: str, python: str) -> tuple[Program, ...]:
    elsewhere = ("OLLAMA_HOST", "127.0.0.1:11999")  # not where a server of the user's may be
    return (
        Program(title="ollama serve", command=(ollama, "serve"), variables=(elsewhere,), limit_s=8),
        Program(
            title="OLLAMA_NO_CLOUD=1 ollama serve",
            command=(ollama, "serve"),
            variables=(elsewhere, ("OLLAMA_NO_CLOUD", "1")),
            limit_s=8,
        ),
        Program(title="mem0, as installed", command=(python, "-c", _MEM0), module="mem0"),
        Program(
            title="mem0, MEM0_TELEMETRY=False",
            command=(python, "-c", _MEM0),
            module="mem0",
            variables=(("MEM0_TELEMETRY", "False"),),
        ),
        Program(
            title="chromadb's HTTP client with an OTel endpoint",
            command=(python, "-c", _CHROMA),
            module="chromadb",
            variables=(
                ("CHROMA_OTEL_COLLECTION_ENDPOINT", "http://otel.example:4317"),
                ("CHROMA_OTEL_GRANULARITY", "all"),
            ),
        ),
        Program(title="huggingface_hub, asked for a model", command=(python, "-c", _HUB), module="huggingface_hub"),
        Program(
            title="pip download, its index at packages.example",
            command=(python, "-m", "pip", "download", "--no-input", "click"),
            module="pip",
            variables=(("PIP_INDEX_URL", "https://packages.example/simple"),),
        ),
        Program(title="curl", command=("curl", "-sS", "https://example.org/")),
        Program(title="git ls-remote", command=("git", "ls-remote", "https://github.com/git/git")),
        Program(title="a Node program", command=("node", "-e", _NODE)),
        Program(title="a Go program", command=(go_program,)),
    )


def _of_local_models(python: str) -> tuple[Program, ...]:
    """What users of local models run, each as its documentation begins."""
    data = ("DATA_DIR", "data")  # by itself it writes beside its own code
    return (
        Program(title="jupyter server", command=("jupyter", "server", "--no-browser"), limit_s=8),
        Program(title="gradio, an interface", command=(python, "-c", _GRADIO), module="gradio", limit_s=40),
        Program(title="streamlit hello", command=("streamlit", "hello", "--server.headless", "true"), limit_s=10),
        Program(title="litellm.completion", command=(python, "-c", _LITELLM), module="litellm"),
        Program(title="LangChain's ChatOllama", command=(python, "-c", _LANGCHAIN), module="langchain_ollama"),
        Program(
            title="LangChain's ChatOllama, LANGSMITH_TRACING=true",
            command=(python, "-c", _LANGCHAIN),
            module="langchain_ollama",
            variables=(("LANGSMITH_TRACING", "true"), ("LANGSMITH_API_KEY", "none")),
        ),
        Program(title="LlamaIndex's Ollama", command=(python, "-c", _LLAMA_INDEX), module="llama_index.llms.ollama"),
        Program(
            title="wandb, a run",
            command=(python, "-c", _WANDB),
            module="wandb",
            variables=(("WANDB_API_KEY", "0" * 40),),
        ),
        Program(
            title="wandb, WANDB_MODE=offline",
            command=(python, "-c", _WANDB),
            module="wandb",
            variables=(("WANDB_MODE", "offline"),),
        ),
        Program(title="transformers, a tokenizer", command=(python, "-c", _TRANSFORMERS), module="transformers"),
        Program(title="ultralytics, a model", command=(python, "-c", _ULTRALYTICS), module="ultralytics"),
        Program(title="aider", command=("aider", "--model", "ollama/x", "--yes-always", "--message", "hi"), limit_s=20),
        Program(title="open-webui serve", command=_OPEN_WEBUI, variables=(data,), limit_s=90),
        Program(
            title="open-webui serve, OFFLINE_MODE=true and an OLLAMA_BASE_URL",
            command=_OPEN_WEBUI,
            variables=(data, ("OFFLINE_MODE", "true"), ("OLLAMA_BASE_URL", "http://127.0.0.1:11434")),
            limit_s=60,
        ),
    )


def _beside() -> tuple[Program, ...]:
    """Browsers, and what fetches packages."""
    browse = ("chromium", "--headless", "--dump-dom")
    electron = ("xvfb-run", "-a", "electron")  # it needs a display, and the seal shows none of the user's
    return (
        Program(title="chromium", command=(*browse, "https://example.org/"), always=("example.org",)),
        Program(
            title="chromium that may look up nothing",
            command=(*browse, "--host-resolver-rules=MAP * ~NOTFOUND", "data:text/html,hello"),
        ),
        Program(
            title="Electron, a page",
            command=(*electron, "https://example.org/"),
            beside=("electron",),
            limit_s=10,
        ),
        Program(
            title="Electron that may look up nothing",
            command=(*electron, "--host-resolver-rules=MAP * ~NOTFOUND", "https://example.org/"),
            beside=("electron",),
            limit_s=10,
        ),
        Program(
            title="uv pip install, its index at packages.example",
            command=("uv", "pip", "install", "--target", "here", "click"),
            variables=(("UV_DEFAULT_INDEX", "https://packages.example/simple"), ("UV_HTTP_RETRIES", "0")),
        ),
        Program(
            title="npm view, its registry at packages.example",
            command=("npm", "view", "left-pad"),
            variables=(("npm_config_registry", "https://packages.example/"), ("npm_config_fetch_retries", "0")),
        ),
        Program(title="cargo search", command=("cargo", "search", "serde"), variables=(("CARGO_NET_RETRY", "0"),)),
        Program(title="java", command=("java", "-version")),
        Program(title="bubblewrap", command=("bwrap", "--ro-bind", "/", "/", "true")),
    )
