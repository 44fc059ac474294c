"""The models of this engine: those of its files, and beside a chat model the vectors of the rehearsal engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.engines import model_names
from showcase.engines.model_names import ModelName
from showcase.engines.models.found.digests import sha256_of
from showcase.engines.models.gguf.header import read_header
from showcase.engines.models.gguf.source import UnreadableModelError
from showcase.engines.protocol.catalog import Build, Model
from showcase.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.engines.embedded.model_file import ModelFile

EMBED_NUM_CTX = 2048
"""Tokens of a text that an embedding model reads where a client does not say: many know no more than 512, and one that
reads 8192 at once takes a gigabyte for it."""

_BLOB = "sha256-"
_UNTOLD = ("tokenizer.chat_template", "general.name")
"""Beginnings of keys that a real server leaves out."""

_LONGEST_LIST = 1024
"""Elements; of a longer list, a vocabulary say, a real server tells null."""


State = tuple[int, ...]
"""What tells a file from another in its place, or from itself when it was written to."""


def state_of(path: Path) -> State:
    """Return the state of a file as it is now.

    Raises:
        ModelError: It is not there any more.
    """
    try:
        seen = path.stat()
    except OSError as error:
        raise ModelError(
            f"{path} is gone: {error.strerror or error}", hint="look for it: showcase models list"
        ) from error
    return seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns


def require_same(path: Path, before: State) -> None:
    """Refuse a file that is not what it was when its digest was computed: the digest would be another's.

    Raises:
        ModelError: It was changed, or another one lies in its place.
    """
    if state_of(path) != before:
        raise ModelError(
            f"{path} was changed while it was used: what was loaded is not what its digest was computed of",
            hint="run the command again when nothing writes to it any more",
        )


def model_of(file: ModelFile, *, num_ctx: int) -> Model:
    """Return a file as an entry of the catalog; reads all of it, for its digest.

    Args:
        file: The file.
        num_ctx: Context where a client does not say, tokens.

    Raises:
        ModelError: It cannot be read, or is not what its name says.
    """
    found = file.model
    try:
        digest = sha256_of(file.path, lambda _done, _total: None)
        modified = file.path.stat().st_mtime_ns
    except (UnreadableModelError, OSError) as error:
        raise ModelError(
            f"{file.path} cannot be read to its end: {error}", hint="look at it: showcase models list"
        ) from error
    if file.path.name.startswith(_BLOB) and file.path.name.removeprefix(_BLOB) != digest:
        raise ModelError(
            f"{file.path} is damaged: its name is the SHA-256 that it had, and its bytes have {digest}",
            hint="download it again: ollama pull, or take another model: showcase models list",
        )
    return Model(
        name=model_names.parse(file.name) or ModelName(model=f"{file.purpose}-model"),
        kind=file.purpose,
        base=digest,
        digest_is_base=True,
        size=found.file_bytes,
        build=Build(
            form="gguf",
            family=found.architecture or "unknown",
            parameter_size=_counted(found.parameters),
            quantization=found.quantisation or found.stored_as or "unknown",
        ),
        context_length=found.context_length or num_ctx,
        modified=modified,
        weights=file.purpose,
        parameters={
            "num_ctx": num_ctx if file.purpose == "chat" else min(EMBED_NUM_CTX, found.context_length or EMBED_NUM_CTX)
        },
        template=found.chat_template or "{{ .Prompt }}",
        license=found.license or "",
    )


def information(file: ModelFile) -> dict[str, Any]:
    """Return the block `model_info` of `/api/show`: what the file's header says."""
    values = read_header(file.path).values
    told = {
        key: None if isinstance(value, (list, tuple)) and len(value) > _LONGEST_LIST else value
        for key, value in sorted(values.items())
        if not key.startswith(_UNTOLD)
    }
    return {"general.parameter_count": file.model.parameters, **told}


def _counted(parameters: int | None) -> str:
    if not parameters:
        return "unknown"
    for unit, name in ((10**9, "B"), (10**6, "M"), (10**3, "K")):
        if parameters >= unit:
            return f"{parameters / unit:.2f}{name}"
    return str(parameters)
