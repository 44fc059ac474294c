"""Run log: the only reader and writer of `run-log.json`.

The model is `showcase.evidence` itself, through pydantic's `TypeAdapter` in strict mode.
"""

from __future__ import annotations

import hashlib
import json
import reprlib
from contextlib import closing
from functools import cache
from typing import TYPE_CHECKING, Any

from showcase.documents import reading, strict_json
from showcase.documents.descriptors import shown
from showcase.documents.destination import Destination, UnwritableError
from showcase.errors import RunLogError, StoreError
from showcase.evidence import SCHEMA, VERSION, Run
from showcase.runlog import older_logs

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter

MAX_BYTES = 256 * 1024 * 1024
"""A log beyond this is refused: a run of 10,000 events is about 2 MB."""


@cache
def _adapter() -> TypeAdapter[Run]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(Run)


def prepare() -> None:
    """Build what reads and writes, which is otherwise done when it is first needed."""
    _adapter()


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
    """Replace `path` by `data` atomically, readable by its owner only; see `documents.destination`.

    Raises:
        StoreError: The disk is full, the directory cannot be written, or what is there is not to be replaced.
    """
    try:
        with closing(Destination(path)) as destination:
            destination.write(data)
    except UnwritableError as error:
        raise StoreError(error.message, hint=error.hint) from error


def load(data: bytes, *, source: str) -> Run:
    """Read a log.

    Args:
        data: The JSON document.
        source: What to call it in an error.

    Raises:
        RunLogError: It is no JSON, no run log, of an unknown version, or a field is missing, unknown or of
            the wrong type; the error names the place in the document. Likewise where it says itself that it was
            written in an older version: that is for its version to say, and would excuse what does not follow.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    try:
        document: Any = strict_json.parse(data)
    except ValueError as error:
        raise RunLogError(f"{source} is not JSON: {error}", hint="give the run-log.json that a run wrote") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise RunLogError(
            f"{source} is not a run log: its schema is not {SCHEMA!r}",
            hint="give the run-log.json that a run wrote",
        )
    version = document.get("version")
    if type(version) is not int or not older_logs.OLDEST <= version <= VERSION:
        raise RunLogError(
            f"{source} has version {reprlib.repr(version)}; this program reads versions {older_logs.OLDEST} to "
            f"{VERSION}",
            hint="read it with the version of this program that wrote it, or with a newer one",
        )
    if document.get("written_as") is not None:
        raise RunLogError(
            f"{source}: at /written_as: a log does not say this of itself; its version says which one wrote it",
            hint="give the run-log.json that a run wrote; for one in today's form: showcase report run-log.json",
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
            hint="the document was edited or damaged; for a whole one run again: showcase run --out another-run",
        ) from error


def read_bytes(path: Path, *, files_only: bool = False) -> bytes:
    """Return what is at `path`, read once: what is judged and what is digested are then the same.

    Args:
        path: A file, a pipe, a terminal; `-` is standard input.
        files_only: Refuse what is no regular file.

    Raises:
        RunLogError: It cannot be read, or is no document that could be a log.
    """
    try:
        return reading.read(path, limit=MAX_BYTES, files_only=files_only)
    except reading.UnreadableError as error:
        raise RunLogError(
            f"cannot read {shown(path)}: {error}", hint="give the run-log.json that a run wrote"
        ) from error


def read(path: Path, *, files_only: bool = False) -> Run:
    """Read the log at `path`; see `read_bytes`.

    Raises:
        RunLogError: There is no such file, or it is no run log.
    """
    return load(read_bytes(path, files_only=files_only), source=shown(path))


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the log, generated from the evidence dataclasses."""
    return _adapter().json_schema(mode="serialization")
