"""Data flows one way, vendors stay behind their gates, and `--help` waits for nobody."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import showcase

PACKAGE = Path(showcase.__file__).parent
CHECKOUT = Path(__file__).parents[1]
HEAVY = {"mem0", "chromadb", "ollama", "psutil", "pydantic", "jinja2", "numpy", "rich", "httpx", "starlette", "uvicorn"}
HEAVY |= {"cryptography", "prompt_toolkit"}

LAYERS = (
    # Each room imports from rooms above its own row, and from its own row; no module imports itself through others.
    {"errors", "clock", "evidence", "settings", "shell", "documents", "languages"},
    {"runlog"},
    {"processes", "progress", "engines", "memory", "stores", "witnesses"},
    {"erasure"},
    {"scenes", "claims", "conversation"},
    {"worker", "orchestrator", "report", "doctor", "inspection", "bench", "audit", "labs", "pack"},
    {"cli", "__main__"},
)
PURE = ("claims", "report")
APART = {"examples", "on_the_stick", "given", "solved"}
"""Directories of scripts that are no modules of this program."""

IO_MODULES = {"socket", "subprocess", "psutil", "httpx", "urllib", "http", "ollama", "requests", "asyncio", "os"}


def modules() -> list[Path]:
    """Return the program's own; examples lie inside where it is installed, and are somebody else's programs.

    So are the scripts that a lab hands out, whose participants use the vendors' libraries as they are, and those on a
    stick, which run without this program.
    """
    return sorted(path for path in PACKAGE.rglob("*.py") if APART.isdisjoint(path.relative_to(PACKAGE).parts[:-1]))


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def named(path: Path) -> str:
    parts = (PACKAGE.name, *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts).removesuffix(".__init__")


def is_module(name: str) -> bool:
    place = PACKAGE.parent / name.replace(".", "/")
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


def at_once(path: Path) -> set[str]:
    """Return what a module imports as it is imported: nothing of its functions, nothing for types alone."""
    found: set[str] = set()
    left: list[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body
    while left:
        node, *left = left
        if isinstance(node, ast.If) and "TYPE_CHECKING" not in ast.dump(node.test):
            left += [*node.body, *node.orelse]
        elif isinstance(node, ast.Try):
            left += [*node.body, *node.orelse, *node.finalbody, *(each for it in node.handlers for each in it.body)]
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{alias.name}" for alias in node.names}
            there = {name for name in below if is_module(name)}
            found |= there | ({node.module} if there != below else set())
    return found


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


def test_no_module_imports_itself_by_way_of_others() -> None:
    names = {named(path): path for path in modules()}
    left = {name: at_once(path) & names.keys() for name, path in names.items()}
    while free := {name for name, others in left.items() if not others}:
        left = {name: others - free for name, others in left.items() if name not in free}
    assert not left, "none of these can be imported before the others"


def test_every_room_is_on_the_map() -> None:
    rooms = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in modules()} - {"__init__", "__main__"}
    drawn = set(re.findall(r"^\| `(\w+)` \|", (CHECKOUT / "docs/contributing.md").read_text("utf-8"), re.MULTILINE))
    assert rooms == drawn & rooms, "a newcomer finds what each is for in docs/contributing.md"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_vendors_stay_behind_their_gates(path: Path) -> None:
    place = path.relative_to(PACKAGE).as_posix()
    roots = {name.partition(".")[0] for name in imported(path)}
    assert "ollama" not in roots or place == "engines/ollama.py"
    gates = ("memory/", "stores/chroma_") if "chromadb" in roots and "mem0" not in roots else ("memory/",)
    assert not roots & {"mem0", "chromadb"} or place.startswith(gates)
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
