"""Run log: the only reader and writer of `run-log.json`.

The model is `showcase.evidence` itself, through pydantic's `TypeAdapter` in strict mode.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from showcase import older_logs
from showcase.errors import RunLogError, StoreError
from showcase.evidence import SCHEMA, VERSION, Run

if TYPE_CHECKING:
    from pydantic import TypeAdapter

MAX_BYTES = 512 * 1024 * 1024
"""A log beyond this is refused: a run of 10,000 events is about 2 MB."""


@cache
def _adapter() -> TypeAdapter[Run]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(Run)


def dump(run: Run) -> bytes:
    """Return the log as UTF-8 JSON, indented, with a final newline.

    Raises:
        RunLogError: A text holds half of a surrogate pair, which no UTF-8 document can hold.
    """
    from pydantic_core import PydanticSerializationError  # noqa: PLC0415 - heavy

    try:
        return _adapter().dump_json(run, indent=2) + b"\n"
    except PydanticSerializationError as error:
        raise RunLogError(
            f"the run log cannot be written: {error}", hint="clean the text of lone surrogates where it comes in"
        ) from error


def write(run: Run, path: Path) -> str:
    """Write `run` to `path` at once or not at all, mode 0600.

    Returns:
        The SHA-256 of what was written, in hexadecimal.

    Raises:
        StoreError: The file could not be written; what was there before is untouched.
    """
    data = dump(run)
    write_private(path, data)
    return hashlib.sha256(data).hexdigest()


def write_private(path: Path, data: bytes) -> None:
    """Replace `path` by `data` atomically, readable by its owner only.

    Raises:
        StoreError: The disk is full, or the directory cannot be written.
    """
    temporary = None
    try:
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
        look = "df -h" if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else "ls -ld"
        raise StoreError(
            f"cannot write {path}: {error.strerror or error}",
            hint=f"choose another place, or see why this one takes nothing: {look} {path.parent}",
        ) from error


def load(data: bytes, *, source: str) -> Run:
    """Read a log.

    Args:
        data: The JSON document.
        source: What to call it in an error.

    Raises:
        RunLogError: It is no JSON, no run log, of an unknown version, or a field is missing, unknown or of
            the wrong type; the error names the place in the document.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        document: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RunLogError(f"{source} is not JSON: {error}", hint="give the run-log.json that a run wrote") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise RunLogError(
            f"{source} is not a run log: its schema is not {SCHEMA!r}",
            hint="give the run-log.json that a run wrote",
        )
    version = document.get("version")
    if type(version) is not int or not older_logs.OLDEST <= version <= VERSION:
        raise RunLogError(
            f"{source} has version {version!r}; this program reads versions {older_logs.OLDEST} to {VERSION}",
            hint="install the version of local-memory-showcase that wrote it, or a newer one",
        )
    if version < VERSION:
        data = json.dumps(older_logs.converted(document)).encode()
    try:
        return _adapter().validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = "/" + "/".join(str(part) for part in first["loc"])
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        raise RunLogError(
            f"{source}: at {place}: {first['msg']}{more}",
            hint="the document was edited or damaged; run again to get a whole one",
        ) from error


def read(path: Path) -> Run:
    """Read the log at `path`.

    Raises:
        RunLogError: There is no such file, or it is no run log.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RunLogError(f"{path} is larger than {MAX_BYTES} bytes", hint="give a run-log.json")
        data = path.read_bytes()
    except OSError as error:
        raise RunLogError(
            f"cannot read {path}: {error.strerror or error}", hint="give the run-log.json that a run wrote"
        ) from error
    return load(data, source=str(path))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the log, generated from the evidence dataclasses."""
    return _adapter().json_schema(mode="serialization")
