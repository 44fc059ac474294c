"""Data flows one way, vendors stay behind their gates, and `--help` waits for nobody."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import showcase

PACKAGE = Path(showcase.__file__).parent
HEAVY = {"mem0", "chromadb", "ollama", "psutil", "pydantic", "jinja2", "numpy", "rich", "httpx", "starlette", "uvicorn"}
HEAVY |= {"cryptography"}

LAYERS = (
    # Each room imports from rooms above its own row, and from its own row.
    {
        "advice",
        "errors",
        "evidence",
        "settings",
        "ollama_host",
        "model_names",
        "clock",
        "resources",
        "example_files",
        "proc_net",
        "sock_diag",
        "addresses",
        "surrogates",
        "standard_input",
        "broken_pipe",
        "endings",
        "leftovers",
        "open_files",
        "umask",
        "documents",
        "answers",
        "reminder",
        "shell",
    },
    {
        "runlog",
        "older_logs",
        "environment",
        "processes",
        "orphans",
        "job_object",
        "progress",
        "model_wait",
        "interruption",
        "connections",
        "store_state",
        "memory",
    },
    {"scenario", "engines", "rehearsal", "witnesses", "daemon_watch", "transcript", "output_directory", "models"},
    {"scenes", "claims", "drill"},
    {
        "worker",
        "worker_process",
        "own_server",
        "engine_room",
        "orchestrator",
        "report",
        "doctor",
        "bench",
        "audit",
    },
    {"cli", "__main__"},
)
PURE = ("claims", "report")
IO_MODULES = {"socket", "subprocess", "psutil", "httpx", "urllib", "http", "ollama", "requests", "asyncio", "os"}


def modules() -> list[Path]:
    """Return the program's own; where it is installed, its examples lie inside, and are somebody else's programs."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] != "examples")


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def room(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "showcase" and len(parts) > 1 else None


def layer(name: str) -> int:
    found = [number for number, rooms in enumerate(LAYERS) if name in rooms]
    assert len(found) == 1, f"the room {name} has no place in the layers: give it one"
    return found[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_arrows_run_one_way(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    own_layer = 0 if own == "__init__" else layer(own)
    for name in imported(path):
        other = room(name)
        if other is None or not ((PACKAGE / other).is_dir() or (PACKAGE / f"{other}.py").is_file()):
            continue
        assert layer(other) <= own_layer, f"{path.name} imports {name}, which lies above it"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_vendors_stay_behind_their_gates(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    roots = {name.partition(".")[0] for name in imported(path)}
    assert "ollama" not in roots or place == "engines/ollama.py"
    assert not roots & {"mem0", "chromadb"} or place.startswith("memory/")
    assert "cryptography" not in roots or place == "witnesses/sink/certificates.py"


@pytest.mark.parametrize("name", PURE)
def test_claims_and_report_touch_no_process_and_no_network(name: str) -> None:
    for path in (PACKAGE / name).rglob("*.py"):
        roots = {item.partition(".")[0] for item in imported(path)}
        assert not roots & IO_MODULES, path


def test_no_file_is_too_long() -> None:
    long = {path.name: n for path in modules() if (n := len(path.read_text(encoding="utf-8").splitlines())) > 300}
    assert not long


@pytest.mark.parametrize("arguments", [["-c", "import showcase"], ["-m", "showcase", "--help"]])
def test_nothing_heavy_is_imported_for_help(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in done.stderr.splitlines()}
    assert not loaded & HEAVY
