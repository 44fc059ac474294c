"""Python and the packages that a run needs."""

from __future__ import annotations

import platform
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST_PYTHON = (3, 10)
NEWEST_PYTHON = (3, 13)

MEASURED = {"mem0ai": "2.2.", "chromadb": "1.5.", "ollama": "0.6."}
"""Packages under test, and the versions that the claims rest on."""

NEEDED = ("click", "filelock", "jinja2", "psutil", "pydantic", "rich", "model2vec", "numpy", "starlette",
          "tokenizers", "uvicorn", "httpx")  # fmt: skip


def python(_: Circumstances) -> Iterator[Finding]:
    """Look at the interpreter."""
    version = sys.version_info[:2]
    said = f"{platform.python_implementation()} {platform.python_version()}"
    if version < OLDEST_PYTHON:
        yield problem("python", f"{said} is older than 3.10", "install a newer one: uv python install 3.13")
    elif version > NEWEST_PYTHON:
        yield warning("python", f"{said} is newer than any this was tested with", "uv python install 3.13")
    else:
        yield ok("python", said)


def packages(_: Circumstances) -> Iterator[Finding]:
    """Look whether every package is there, and those under test in a measured version."""
    missing = [name for name in (*MEASURED, *NEEDED) if _version(name) is None]
    if missing:
        yield problem("packages", f"not installed: {', '.join(missing)}", "pip install local-memory-showcase")
    for name, prefix in MEASURED.items():
        version = _version(name)
        if version is not None and not version.startswith(prefix):
            yield warning(
                "packages",
                f"{name} {version}: what the claims rest on was measured with {prefix}x",
                f"pip install '{name}=={prefix}*'",
            )
    if not missing:
        yield ok("packages", ", ".join(f"{name} {_version(name)}" for name in MEASURED))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
