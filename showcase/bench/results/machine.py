"""Where a benchmark runs, and how busy it is there."""

from __future__ import annotations

import os
import platform
import re
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from showcase.bench.results.result import Machine

_MEASURED = ("mem0ai", "chromadb", "ollama", "numpy", "model2vec", "tokenizers", "bm25s")


def machine() -> Machine:
    """Return what this machine is."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        python=platform.python_version(),
        versions={name: found for name in _MEASURED if (found := _version(name))},
    )


def load() -> float | None:
    """Return how many processes wanted a processor in the last minute; None where the system does not count."""
    if not hasattr(os, "getloadavg"):
        return None
    with suppress(OSError):
        return round(os.getloadavg()[0], 2)
    return None


def _processor() -> str:
    with suppress(OSError):
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1].strip()
    return platform.processor()


def _version(package: str) -> str | None:
    with suppress(PackageNotFoundError):
        return version(package)
    return None
