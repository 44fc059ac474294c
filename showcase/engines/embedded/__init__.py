"""The embedded engine: a real language model from a file, run by llama.cpp in a process of ours, without a daemon.

Rooms, in the order in which data flows; the protocol is `engines.protocol`::

    files      model_file.py (which file is meant, and whether it can be used) · plan.py (memory, before loading)
    model      limits.py (time and memory of a process that loads) · llama.py (one file, loaded) ·
               generation.py (a reply as it is made) · sampling.py (options and formats in llama.cpp's words)
    backend    engine.py · shipped.py (the models there are)
    process    server.py · __main__.py
"""

from __future__ import annotations

from pathlib import Path

SHARED = Path("/dev/shm")  # noqa: S108 - directories of ours in it, mode 0700
"""Where sockets lie, on a system that has it."""

EXTRA, PACKAGE = "llm", "xllamacpp"
"""What pyproject.toml calls it, and what that brings."""
