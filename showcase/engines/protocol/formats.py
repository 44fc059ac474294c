"""Ollama's `format`: what a client may ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from showcase.engines.protocol.wire import ApiError, encode

if TYPE_CHECKING:
    from collections.abc import Iterator

_TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
_NUMERIC = ("minItems", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions"})
"""Keys under which names, not keywords, lead to schemas."""
_VALUES = frozenset({"enum", "const", "default", "examples", "required"})
"""Keys under which values stand, not schemas."""


def schema_of(form: object) -> dict[str, Any] | None:
    """Return the JSON schema that a reply is to meet, None where any reply will do; "json" is that of any object.

    Raises:
        ApiError: 500, no such format, or a schema that is none.
    """
    if form is None or form == "":
        return None
    if form == "json":
        return {"type": "object"}
    if isinstance(form, dict):
        if not usable(form):
            raise ApiError(500, "invalid JSON schema in format")
        return form
    shown = encode(form).replace("\\", "\\\\").replace('"', '\\"')
    raise ApiError(500, f'invalid format: "{shown}"; expected "json" or a valid JSON Schema object')


def usable(schema: object) -> bool:
    """Whether every `type` in a schema is one of JSON's, and every number it counts with is a number."""
    if isinstance(schema, list):
        return all(map(usable, schema))
    if not isinstance(schema, dict):
        return True
    kinds = schema.get("type", [])
    named = set(kinds if isinstance(kinds, list) else [kinds]) if isinstance(kinds, (list, str)) else set()
    numbers = (schema[key] for key in _NUMERIC if key in schema)
    return (
        named <= _TYPES
        and all(isinstance(number, (int, float)) for number in numbers)
        and all(
            all(map(usable, part.values())) if key in _NAMED and isinstance(part, dict) else usable(part)
            for key, part in schema.items()
            if key not in _VALUES
        )
    )


def subschemas(part: object) -> Iterator[dict[str, Any]]:
    """Yield a schema and every one in it, each before those below it; names and values that look like one are none."""
    if isinstance(part, list):
        for each in part:
            yield from subschemas(each)
    elif isinstance(part, dict):
        yield part
        for key, below in part.items():
            if key in _NAMED and isinstance(below, dict):
                yield from subschemas(list(below.values()))
            elif key not in _VALUES:
                yield from subschemas(below)
