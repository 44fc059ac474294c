"""What a FROM, an ADAPTER or a DRAFT of a Modelfile names: a model of the server, or a file beside the Modelfile."""

from __future__ import annotations

import re
from pathlib import Path

from showcase.engines import model_names

A_FROM = "FROM qwen3:4b-instruct"

_ENDINGS = (".gguf", ".ggml", ".safetensors", ".bin", ".pt", ".pth")


def obstacle(name: str, value: str, *, directory: Path | None, create: str) -> tuple[str, str] | None:
    """Return why the server cannot make a model from it and what to do, None where it can.

    Ollama's own client looks for a file first and uploads it; `CreateRequest` in `parser/parser.go`, Ollama 0.24.

    Args:
        name: The instruction.
        value: What it names.
        directory: Where the Modelfile lies, None where it is no file.
        create: The command of Ollama's client that uploads files.
    """
    there = _beside(value, directory)
    what = "a directory" if (there.is_dir() if there else value.endswith(("/", "\\"))) else "a file"
    if there is not None:
        return f"{name} names {what}, and files are not uploaded here", create
    if name != "FROM" or _looks_like_a_path(value):
        where = "files are not uploaded here" if directory is None else "none is there"
        fix = f"correct that line, or name a model: {A_FROM}; where the file lies elsewhere: {create}"
        return f"{name} names {what}, {value!r}, and {where}", fix
    if model_names.parse(value) is None:
        without = value.partition("@")[0]
        if "@" in value and model_names.parse(without) is not None:
            return f"{value!r} is no name of a model: Ollama knows none by its digest", f"write: FROM {without}"
        return f"{value!r} is no name of a model", f"a name is [host/][namespace/]model[:tag], as in: {A_FROM}"
    return None


def _beside(value: str, directory: Path | None) -> Path | None:
    """Return the file or directory that `value` names, None where there is none."""
    if directory is None:
        return None
    try:
        path = directory / Path(value).expanduser()
        return path if path.exists() else None
    except (OSError, ValueError, RuntimeError):  # too long a name, a NUL, no such home
        return None


def _looks_like_a_path(value: str) -> bool:
    """Tell whether `value` can only be a file or directory: by how it begins or ends, whatever the case."""
    return (
        value.startswith(("/", ".", "~", "\\"))
        or value.endswith(("/", "\\"))
        or re.match(r"[A-Za-z]:[\\/]", value) is not None
        or value.casefold().endswith(_ENDINGS)
    )
