"""JSON that fits what a client asked for with `format`."""

from __future__ import annotations

import json
from typing import Any

_DEPTH = 8
"""Levels at which a schema that refers to itself is given up."""


def dumps(value: object) -> str:
    """JSON as models write it: one line, a space after comma and colon, other scripts as they are."""
    return json.dumps(value, ensure_ascii=False)


def accepts(schema: dict[str, Any], value: dict[str, Any]) -> bool:
    """Whether a schema that names its properties has room for those of a value."""
    named = schema.get("properties")
    return not named or set(value) <= set(named)


def instance(schema: dict[str, Any], text: str) -> object:
    """Makes the least value that a schema accepts, with the reply in the places for free text.

    Args:
        schema: A JSON schema. `{"type": "object"}` with no properties is Ollama's format "json".
        text: The reply in prose.
    """
    if schema.get("type") == "object" and not schema.get("properties"):
        return {"reply": text}
    return _Builder(schema, text).build(schema, 0)


class _Builder:
    def __init__(self, root: dict[str, Any], text: str) -> None:
        self._root = root
        self._text = text

    def build(self, schema: object, depth: int) -> object:
        if not isinstance(schema, dict) or depth > _DEPTH:
            return self._text
        if "$ref" in schema:
            return self.build(self._resolve(str(schema["$ref"])), depth + 1)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            return schema["enum"][0]
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                return self.build(schema[key][0], depth + 1)
        if schema.get("allOf"):
            merged: dict[str, Any] = {}
            for part in schema["allOf"]:
                merged = {**merged, **part}
            return self.build(merged, depth + 1)
        return self._typed(schema, depth)

    def _typed(self, schema: dict[str, Any], depth: int) -> object:
        kind = schema.get("type")
        if isinstance(kind, list):
            kind = kind[0]
        if kind == "object" or "properties" in schema:
            # At the depth where a schema that contains itself is given up, only what it insists on is filled in.
            required = schema.get("required", ())
            wanted = schema.get("properties", {})
            return {
                name: self.build(part, depth + 1)
                for name, part in wanted.items()
                if name in required or depth < _DEPTH // 2
            }
        if kind == "array":
            least = int(schema.get("minItems", 0 if depth > _DEPTH // 2 else 1))
            return [self.build(schema.get("items", {}), depth + 1) for _ in range(least)]
        if kind in {"integer", "number"}:
            return self._number(schema)
        if kind == "boolean":
            return False
        return None if kind == "null" else self._string(schema)

    def _number(self, schema: dict[str, Any]) -> float:
        low = schema.get("minimum")
        if low is None and "exclusiveMinimum" in schema:
            low = schema["exclusiveMinimum"] + 1
        high = schema.get("maximum")
        if high is None and "exclusiveMaximum" in schema:
            high = schema["exclusiveMaximum"] - 1
        value = 0 if low is None else max(0, low)
        return value if high is None else min(value, high)

    def _string(self, schema: dict[str, Any]) -> str:
        fixed = {
            "date": "1970-01-01",
            "date-time": "1970-01-01T00:00:00Z",
            "time": "00:00:00Z",
            "uuid": "00000000-0000-0000-0000-000000000000",
        }.get(schema.get("format", ""))
        if fixed is not None:
            return fixed
        longest = schema.get("maxLength")
        return self._text[:longest].ljust(schema.get("minLength", 0))

    def _resolve(self, reference: str) -> object:
        found: object = self._root
        for part in reference.removeprefix("#/").split("/"):
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found
