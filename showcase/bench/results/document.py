"""The one reader and writer of `result.json`."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from showcase.bench.results.result import SCHEMA, VERSION, Result
from showcase.documents import reading, strict_json
from showcase.documents.descriptors import shown
from showcase.errors import UsageError
from showcase.shell import here

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import TypeAdapter

MAX_BYTES = 64 * 1024 * 1024
RESULT = "result.json"
PAGE = "result.html"
SAMPLES = "samples.jsonl"


@cache
def _adapter() -> TypeAdapter[Result]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - heavy, and `--help` must not wait for it

    return TypeAdapter(Result)


def dump(result: Result) -> bytes:
    """Return a result as UTF-8 JSON, indented, with a final newline."""
    return _adapter().dump_json(result, indent=2) + b"\n"


def place_of(path: Path) -> Path:
    """Return the document that is named by itself, or by the directory that a benchmark wrote it into."""
    return path / RESULT if path.is_dir() else path


def read(path: Path) -> Result:
    """Read a result.

    Args:
        path: See `place_of`; `-` is standard input.

    Raises:
        UsageError: There is none, it is no result, or one of another version; the error names the place in it.
    """
    place = place_of(path)
    try:
        data = reading.read(place, limit=MAX_BYTES)
    except reading.UnreadableError as error:
        raise UsageError(
            f"cannot read {shown(place)}: {error}",
            hint=f"give the {RESULT} that a benchmark wrote, or its directory; see what this is: "
            f"{here().who_may(place)}",
        ) from error
    return load(data, source=shown(place))


def load(data: bytes, *, source: str) -> Result:
    """Return the result that a document holds.

    Args:
        data: The document.
        source: What to call it in an error.

    Raises:
        UsageError: See `read`.
    """
    from pydantic import ValidationError  # noqa: PLC0415 - heavy

    hint = f"give the {RESULT} that a benchmark wrote"
    try:
        document: Any = strict_json.parse(data)
    except ValueError as error:
        raise UsageError(f"{source} is not JSON: {error}", hint=hint) from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UsageError(f"{source} is no result of a benchmark: its schema is not {SCHEMA!r}", hint=hint)
    if document.get("version") != VERSION:
        raise UsageError(
            f"{source} is of another version than {VERSION}, which this program reads",
            hint="show it with the version of this program that wrote it",
        )
    try:
        return _adapter().validate_json(json.dumps(document).encode())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "/" + "/".join(str(part) for part in first["loc"])
        raise UsageError(f"{source}: at {where}: {first['msg']}", hint=hint) from error
