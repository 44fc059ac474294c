"""A client's options and format, as llama.cpp takes them."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol.formats import schema_of, subschemas
from showcase.engines.protocol.wire import ApiError

if TYPE_CHECKING:
    from showcase.engines.protocol.options import Options

DEFAULTS: dict[str, float] = {
    "temperature": 0.8,
    "top_k": 40,
    "top_p": 0.9,
    "min_p": 0.0,
    "typical_p": 1.0,
    "repeat_last_n": 64,
    "repeat_penalty": 1.1,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.0,
    "seed": -1,
}
"""Ollama's, where a client says nothing; some differ from llama.cpp's own. Source: `DefaultOptions` of its API."""

_PASSED_OVER = ("uniqueItems",)
"""Seen on Ollama 0.24.0; whoever asks for a set of Pydantic's sends it."""

NO_SCHEMA = "invalid JSON schema in format"


def asked_for(options: Options, form: object) -> dict[str, Any]:
    """Return the fields of a request that say how to sample, and what the reply has to be.

    Raises:
        ApiError: 500, no such format, or a schema that is none.
    """
    fields: dict[str, Any] = {**DEFAULTS, **options.sampling}
    for whole in ("top_k", "repeat_last_n", "seed"):
        fields[whole] = int(fields[whole])
    schema = schema_of(form)
    if schema is not None:
        _check(schema)
        fields["json_schema"] = _as_a_grammar_takes_it(schema)
    return {**fields, "n_keep": options.num_keep, "stop": [each for each in options.stop if each]}


def _check(schema: dict[str, Any]) -> None:
    """Refuse a schema that is none: llama.cpp would ignore it, and say nothing."""
    import jsonschema  # noqa: PLC0415 - few ask for a format

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except (jsonschema.SchemaError, RecursionError) as error:
        raise ApiError(500, NO_SCHEMA) from error
    if any("$ref" in part and not _leads(schema, part["$ref"]) for part in subschemas(schema)):
        raise ApiError(500, NO_SCHEMA)


def _as_a_grammar_takes_it(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without what a real server passes over in silence, and llama.cpp would make no grammar of."""
    taken = copy.deepcopy(schema)
    for part in subschemas(taken):
        for keyword in _PASSED_OVER:
            part.pop(keyword, None)
    return taken


def _leads(schema: dict[str, Any], reference: object) -> bool:
    """Return whether a reference leads to a part of this schema; another document is never fetched."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return False
    found: object = schema
    for part in reference.removeprefix("#").removeprefix("/").split("/"):
        if part:
            found = found.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return isinstance(found, (dict, bool))
