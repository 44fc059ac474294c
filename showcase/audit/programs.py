"""`python -m showcase.audit.programs`: well-known programs in a seal, as a Markdown table. Nothing of theirs leaves.

Each is run as its users run it. What is not installed here is left out, and said so.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.audit.conduct import audit
from showcase.audit.request import Request
from showcase.audit.rules import DEFAULT
from showcase.claims.policy import dispositions
from showcase.leftovers import temporary

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.evidence import Attempt, Run

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
_GO = """package main

import "net/http"

func main() { http.Get("https://example.org/") }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One row: what to run, with which variables, which module of Python it needs, and for how long at most."""

    title: str
    command: tuple[str, ...]
    module: str | None = None
    variables: tuple[tuple[str, str], ...] = ()
    limit_s: float = 30.0


def programs(ollama: str, go_program: str) -> tuple[Program, ...]:
    """Return the rows, with the paths of programs that are not found on PATH by themselves."""
    python = sys.executable
    return (
        Program(title="ollama serve", command=(ollama, "serve"), limit_s=8),
        Program(
            title="OLLAMA_NO_CLOUD=1 ollama serve",
            command=(ollama, "serve"),
            variables=(("OLLAMA_NO_CLOUD", "1"),),
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


def row(program: Program, home: Path) -> str:
    """Run one program in a seal; return its line of the table."""
    environment = {
        **os.environ,
        "HOME": str(home),
        "OLLAMA_HOST": "127.0.0.1:11999",
        "OLLAMA_MODELS": str(home / "models"),
        "PIP_RETRIES": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **dict(program.variables),
    }
    for name in ("MEM0_TELEMETRY", "OLLAMA_NO_CLOUD", "HF_HUB_OFFLINE", "NO_PROXY", "PIP_INDEX_URL"):
        if name not in dict(program.variables):
            environment.pop(name, None)
    run = audit(
        Request(
            command=program.command,
            environment=environment,
            rules=DEFAULT,
            cwd=home,
            sealing="namespace",
            bridges=False,
            limit_s=program.limit_s,
            stdout_to_stderr=True,
        )
    )
    return f"| {program.title} | {_verdict(run)} | {_named(run)} |"


def _verdict(run: Run) -> str:
    verdict = next(each for each in run.claims if each.id == "egress")
    return f"{verdict.status}{f' ({verdict.level})' if verdict.level else ''}"


def _named(run: Run) -> str:
    looked_up: dict[str, Attempt] = {}
    for attempt, how in zip(run.connections, dispositions(run), strict=True):
        if attempt.kind == "lookup" and attempt.name and how.kind == "finding":
            before = looked_up.get(attempt.name)
            looked_up[attempt.name] = before if before is not None and before.package else attempt
    packages = (f" by {each.package}" if each.package else "" for each in looked_up.values())
    return ", ".join(f"`{name}`{by}" for name, by in zip(looked_up, packages, strict=True)) or "nobody"


def main() -> None:
    """Print the table."""
    sys.stdout.write("| program | verdict | names it asked for |\n|---|---|---|\n")
    missing = []
    with temporary("showcase-programs-") as place:
        ollama = (sys.argv[1:] or [shutil.which("ollama") or "ollama"])[0]
        for number, program in enumerate(programs(ollama, go_program(place))):
            if not is_there(program):
                missing.append(program.title)
                continue
            home = place / str(number)
            home.mkdir()
            sys.stdout.write(row(program, home) + "\n")
            sys.stdout.flush()
    if missing:
        sys.stdout.write(f"\nNot installed here: {', '.join(missing)}.\n")


def go_program(place: Path) -> str:
    """Build the Go program in a directory and return its path; there is nothing where there is no Go."""
    import subprocess  # noqa: PLC0415 - only here

    source, built = place / "main.go", place / "fetch"
    source.write_text(_GO)
    go = shutil.which("go")
    if go is not None:
        build = [go, "build", "-o", str(built), str(source)]
        subprocess.run(build, check=False, capture_output=True, env={**os.environ, "GOFLAGS": "-mod=mod"})
    return str(built)


def is_there(program: Program) -> bool:
    """Return whether what it runs, and the module that it needs, are installed."""
    from importlib.util import find_spec  # noqa: PLC0415 - only here

    has_module = program.module is None or find_spec(program.module) is not None
    return has_module and shutil.which(program.command[0]) is not None


if __name__ == "__main__":
    main()
