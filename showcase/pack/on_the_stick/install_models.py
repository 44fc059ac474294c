"""Copies the models of this stick to where this machine's Ollama looks for them; beside install.py, and its rules."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from pathlib import Path

PIECE = 1024 * 1024
MIB = 1024 * 1024
OF_THE_SERVICE = Path("/usr/share/ollama/.ollama/models")


class DamagedError(Exception):
    """A file of the stick is not as it was written."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    seen = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(PIECE), b""):
            seen.update(piece)
    return seen.hexdigest()


def ollama_models() -> Path | None:
    """Return where this user's Ollama keeps models, None where there is no Ollama."""
    named = os.environ.get("OLLAMA_MODELS")
    own = Path(named) if named else Path.home() / ".ollama" / "models"
    programs = (
        Path("/Applications/Ollama.app"),
        Path(os.environ.get("LOCALAPPDATA") or "/nowhere") / "Programs" / "Ollama" / "ollama.exe",
    )
    there = named or shutil.which("ollama") or own.is_dir() or any(each.exists() for each in programs)
    return own if there else None


def copy_models(stick: Path, sums: dict, models: list, say) -> None:  # noqa: ANN001 - what prints
    """Copy models to where Ollama looks for them; whatever is there already stays as it is."""
    if not models:
        return
    place = ollama_models()
    if place is None:
        say("No Ollama was found here: the models stay on the stick, and the rehearsal engine answers.")
        return
    for model in models:
        try:
            said = copy_model(stick, sums, model, place)
        except OSError as error:
            said = f"was not copied to {place}: {error.strerror or error}; it stays on the stick"
        say(f"model {model['name']}: {said}")
    if OF_THE_SERVICE.exists():
        say(
            f"The Ollama of this system reads {OF_THE_SERVICE}, and what was copied is in {place}; to use it: "
            "showcase run --start-ollama"
        )


def copy_model(stick: Path, sums: dict, model: dict, place: Path) -> str:
    """Copy a model: its blobs first, each held to its digest, and then its manifest. Return what was done."""
    source = stick / model["manifest"]
    to = place.joinpath(*model["manifest"].split("/")[1:])
    if to.exists():
        return "is there already" if digest(to) == model["digest"] else "is there in another version, which stays"
    if digest(source) != model["digest"]:
        raise DamagedError(f"{source} is not as it was written")
    if shutil.disk_usage(str(nearest(place))).free < model["total_bytes"]:
        return f"{place} has no room for its {model['total_bytes'] // MIB} MiB; it stays on the stick"
    document = json.loads(source.read_text(encoding="utf-8"))
    for layer in [document["config"], *(document["layers"] or [])]:
        name = "blobs/" + layer["digest"].replace(":", "-")
        if (place / name).exists() and (place / name).stat().st_size != layer["size"]:
            return f"{place / name} is there, and cut off: remove it, then the same command again"
        copy(stick / "models" / name, place / name, sums.get("models/" + name, ""))
    copy(source, to, model["digest"])
    return f"{model['total_bytes'] // MIB} MiB, copied to {place}"


def nearest(place: Path) -> Path:
    """Return a directory, or the nearest above it that is there."""
    return next(each for each in (place, *place.parents) if each.is_dir())


def copy(source: Path, to: Path, wanted: str) -> None:
    """Copy a file whole, where there is none of that name."""
    if to.exists():
        return
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    seen = hashlib.sha256()
    try:
        with source.open("rb") as file, part.open("wb") as copied:
            for piece in iter(lambda: file.read(PIECE), b""):
                seen.update(piece)
                copied.write(piece)
        if seen.hexdigest() != wanted:
            raise DamagedError(f"{source} is not as it was written")
        part.replace(to)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
