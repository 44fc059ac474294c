"""What is said of the file that a model came from: its digest, and whose it is, where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.models.found.digests import known_files
from showcase.engines.models.sizes import show_size

if TYPE_CHECKING:
    from showcase.evidence import Model


def publisher(digest: str | None) -> str | None:
    """Return whose file it is, as its makers publish it; None where no known file has this digest."""
    known = known_files().get(digest or "")
    return None if known is None else f"{known.file} as {known.publisher} publishes it"


def told_of(model: Model) -> str:
    """Return what a person is told of a model's file."""
    size = "size unknown" if model.size_bytes is None else show_size(model.size_bytes)
    whose = publisher(model.digest) or "a file unknown to us: nothing vouches for what it holds"
    known = known_files().get(model.digest or "")
    licence = f"licence {model.license}" if model.license else "no licence is named in it"
    if known is not None and not model.license:
        licence += f", its makers give it as {known.license}"
    return f"{model.name}: {size}, {licence}, sha256 {model.digest}; {whose}"
