"""Python and the packages that a run needs."""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from importlib import metadata
from typing import TYPE_CHECKING

from showcase.doctor.finding import Circumstances, Finding, ok, problem, warning
from showcase.engines.embedded import EXTRA, PACKAGE
from showcase.memory.store_errors import NEWER_SQLITE
from showcase.memory.store_files import sqlite_flaw
from showcase.shell.advice import install_command, install_extra

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

OURS = "local-memory-showcase"
NEWER = "make an environment with another one: uv venv --python 3.13 .venv-3.13"
"""A directory of its own: over one that is there, some versions of uv ask and some do not."""

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
        yield problem("python", f"{said} is older than 3.10", NEWER)
    elif version > NEWEST_PYTHON:
        yield warning("python", f"{said} is newer than any this was tested with", NEWER)
    else:
        yield ok("python", said)


def sqlite(_: Circumstances) -> Iterator[Finding]:
    """Look whether Chroma takes the SQLite that this Python has."""
    flaw = sqlite_flaw()
    if flaw is not None:
        yield problem("sqlite", flaw, NEWER_SQLITE)
    else:
        yield ok("sqlite", f"version {sqlite3.sqlite_version}")


def packages(_: Circumstances) -> Iterator[Finding]:
    """Look whether every package is there, and those under test in a measured version."""
    missing = [name for name in (*MEASURED, *NEEDED) if _version(name) is None]
    if missing:
        yield problem("packages", f"not installed: {', '.join(missing)}", _install(missing))
    for name, prefix in MEASURED.items():
        version = _version(name)
        if version is not None and not version.startswith(prefix):
            yield warning(
                "packages",
                f"{name} {version}: what the claims rest on was measured with {prefix}x",
                _install([name]),
            )
    if not missing:
        yield ok("packages", ", ".join(f"{name} {_version(name)}" for name in MEASURED))


def embedded(_: Circumstances) -> Iterator[Finding]:
    """Say whether a model's file can be run without a daemon. Few need it: it is no complaint where it cannot."""
    version = _version(PACKAGE)
    if version is None:
        yield ok(
            "embedded",
            f"llama.cpp is not installed; to run a model's file without a daemon: {install_extra(EXTRA, PACKAGE)}",
        )
    else:
        yield ok(
            "embedded", f"llama.cpp ({PACKAGE} {version}) runs a model's file without a daemon: showcase models list"
        )


def _install(names: Sequence[str]) -> str:
    """Return what installs packages for this very Python, in the versions that this program asks for."""
    try:
        asked = metadata.requires(OURS) or []
    except metadata.PackageNotFoundError:  # run from its sources
        asked = []
    wanted = []
    for name in names:
        found = (text.partition(";")[0].strip() for text in asked if re.split(r"[^\w.-]", text)[0].lower() == name)
        wanted.append(next(found, f"{name}=={MEASURED[name]}*" if name in MEASURED else name))
    return install_command(*wanted)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
