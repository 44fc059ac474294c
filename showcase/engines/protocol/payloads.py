"""Reads request bodies, with the errors of a server written in Go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from showcase.documents.surrogates import without_surrogates
from showcase.engines import model_names
from showcase.engines.protocol.interface import Message
from showcase.engines.protocol.wire import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from showcase.engines.protocol.catalog import Catalog, Model

STRING, BOOL, INTEGER, OBJECT, MESSAGES, TOOLS, MAP, ANY = (
    "string",
    "bool",
    "int",
    "api.Options",
    "[]api.Message",
    "api.Tools",
    "map[string]interface {}",
    "",
)
"""Types of fields, as Go's decoder names them in its errors."""

_PYTHON: dict[str, tuple[type, ...]] = {
    STRING: (str,),
    BOOL: (bool,),
    INTEGER: (int,),
    OBJECT: (dict,),
    MAP: (dict,),
    MESSAGES: (list,),
    TOOLS: (list,),
    "[]openai.Message": (list,),
}
_WHERE = {
    "Expecting ':' delimiter": "after object key",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting property name enclosed in double quotes": "looking for beginning of object key string",
}
_MESSAGE = {"role": STRING, "content": STRING}

INVALID_NAME = "invalid model name"
NO_CLOUD = "ollama cloud is disabled: "


async def read(request: Request, struct: str, fields: Mapping[str, str]) -> dict[str, Any]:
    """Reads a JSON object and checks the fields that the route knows.

    Args:
        request: The request.
        struct: Name of Go's request type, quoted in errors.
        fields: Known fields and their types.

    Returns:
        The known fields that are there and not null.

    Raises:
        ApiError: 400, with the words of Go's decoder.
    """
    text = (await request.body()).decode("utf-8", "replace").strip()
    if not text:
        raise ApiError(400, "missing request body")
    try:
        # Go's decoder stops after the first value and ignores what follows.
        value, _ = json.JSONDecoder(parse_constant=_constant).raw_decode(text)
    except (json.JSONDecodeError, RecursionError) as failure:
        raise ApiError(400, _syntax(failure, text)) from failure
    if "\\u" in text:
        value = without_surrogates(value)
    if not isinstance(value, dict):
        raise ApiError(400, f"json: cannot unmarshal {kind(value)} into Go value of type api.{struct}")
    known = {name: value[name] for name in fields if value.get(name) is not None}
    _check(known, struct, "", fields)
    return known


def messages(given: list[Any]) -> list[Message]:
    """Reads the messages of a chat.

    Raises:
        ApiError: 400, with the words of Go's decoder.
    """
    found = []
    for item in given:
        if not isinstance(item, dict):
            raise ApiError(
                400,
                f"json: cannot unmarshal {kind(item)} into Go struct field ChatRequest.messages of type api.Alias",
            )
        known = {name: item[name] for name in _MESSAGE if item.get(name) is not None}
        _check(known, "ChatRequest", "messages.", _MESSAGE)
        found.append(Message(role=known.get("role", "").lower(), content=known.get("content", "")))
    return found


def resolve(catalog: Catalog, given: str, *, empty: ApiError, missing: str, cloud: str) -> Model:
    """Finds the model a request names.

    Args:
        catalog: The models there are.
        given: The name as given.
        empty: Raised where no name is given.
        missing: Message for a model that is not there.
        cloud: What is unavailable when the name is that of a cloud model.

    Raises:
        ApiError: There is no such model here.
    """
    if not given:
        raise empty
    name = model_names.parse(given)
    if name is None:
        raise ApiError(400, INVALID_NAME)
    model = catalog.find(name)
    if model is None:
        # A name that only a cloud could serve is refused as by a server whose cloud is switched off.
        raise ApiError(403, NO_CLOUD + cloud) if name.cloud else ApiError(404, missing)
    return model


def kind(value: object) -> str:
    """What Go's decoder calls a JSON value."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    for known, name in ((str, "string"), (list, "array"), (dict, "object")):
        if isinstance(value, known):
            return name
    return "null"


def _check(known: Mapping[str, Any], struct: str, prefix: str, fields: Mapping[str, str]) -> None:
    for name, value in known.items():
        expected = _PYTHON.get(fields[name])
        if expected is None:
            continue
        if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
            raise ApiError(
                400,
                f"json: cannot unmarshal {kind(value)} into Go struct field {struct}.{prefix}{name}"
                f" of type {fields[name]}",
            )


def _constant(name: str) -> None:
    """NaN and Infinity, which Python would read, are no JSON."""
    raise json.JSONDecodeError("Expecting value", name, 0)


def _syntax(failure: Exception, body: str) -> str:
    """What Go's decoder says of text that is no JSON."""
    if not isinstance(failure, json.JSONDecodeError):
        return "exceeded max depth"
    if failure.pos >= len(body) or failure.msg.startswith("Unterminated string"):
        return "unexpected EOF"
    rest = body[failure.pos :] if failure.doc == body else failure.doc
    for literal in ("true", "false", "null"):
        wrong = next((index for index, letter in enumerate(literal) if rest[index : index + 1] != letter), len(literal))
        if failure.msg == "Expecting value" and wrong:
            found = rest[wrong : wrong + 1]
            return (
                f"invalid character '{found}' in literal {literal} (expecting '{literal[wrong]}')"
                if found
                else "unexpected EOF"
            )
    where = _WHERE.get(failure.msg, "looking for beginning of value")
    return f"invalid character '{rest[0]}' {where}"
