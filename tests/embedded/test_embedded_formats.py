"""What a client asks of the form of a reply: kept, or refused; never passed over in silence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import jsonschema
import pytest
from asking import ask, send, words
from engines_here import Files, embedded
from made_models import write_chat

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = {
    "type": "object",
    "properties": {"name": {"type": "string", "maxLength": 8}, "n": {"type": "integer", "minimum": 0, "maximum": 99}},
    "required": ["name", "n"],
    "additionalProperties": False,
}
SCHEMAS: dict[str, Any] = {
    "object": _NAMED,
    "list": {"type": "array", "items": {"enum": ["a", "b"]}, "minItems": 2, "maxItems": 3},
    "reference": {"$ref": "#/$defs/pair", "$defs": {"pair": {"enum": [1, 2]}}},
    "escaped reference": {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"enum": ["x"]}}},
    "either": {"anyOf": [{"enum": ["yes"]}, {"type": "integer", "minimum": 5, "maximum": 7}]},
    "one of": {"oneOf": [{"type": "boolean"}, {"type": "null"}]},
    "constant": {"const": "fixed"},
    "pattern": {"type": "string", "pattern": "^[a-c]{3}-[0-9]{2}$"},
    "date": {"type": "string", "format": "date"},
    "length": {"type": "string", "minLength": 3, "maxLength": 5},
    "below": {"type": "object", "properties": {"a": _NAMED}, "required": ["a"], "additionalProperties": False},
    "list in a list": {"type": "array", "maxItems": 2, "items": {"type": "array", "maxItems": 1, "items": _NAMED}},
    "pattern anywhere": {"type": "string", "pattern": "a+", "maxLength": 9},
    "names by pattern": {
        "type": "object",
        "patternProperties": {"^a$": {"type": "boolean"}},
        "additionalProperties": False,
    },
    "multiple": {"type": "integer", "multipleOf": 3, "minimum": 0, "maximum": 99},
    "true": {"type": "array", "items": {"enum": [None, True]}, "minItems": 1, "maxItems": 2},
}
NONE: dict[str, Any] = {
    "no type": {"type": "strin"},
    "type that is a number": {"type": 3},
    "dangling reference": {"$ref": "#/$defs/b", "$defs": {"a": {"type": "integer"}}},
    "dangling reference below": {"type": "object", "properties": {"a": {"$ref": "#/$defs/none"}}, "required": ["a"]},
    "reference into a list": {"anyOf": [{"type": "integer"}], "properties": {"a": {"$ref": "#/anyOf/7"}}},
    "another document": {"$ref": "https://schemas.example/a.json"},
    "reference that is no text": {"$ref": 7},
    "pattern that is none": {"type": "string", "pattern": "((((("},
    "minimum that is a text": {"type": "integer", "minimum": "3"},
    "required that is a text": {"type": "object", "required": "a"},
    "nothing at all": {"enum": []},
    "list of properties": {"type": "object", "properties": ["a"]},
    "longer than its limit": {"type": "string", "minLength": 5, "maxLength": 3},
    "not": {"not": {"type": "string"}},
    "condition": {"if": {"type": "string"}, "then": {"minLength": 3}},
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_reply_meets_its_schema(http: httpx.Client, name: str) -> None:
    for seed in (1, 2):
        reply = ask(http, {"seed": seed, "num_predict": 400}, format=SCHEMAS[name])
        assert reply["done_reason"] == "stop"
        jsonschema.validate(json.loads(reply["message"]["content"]), SCHEMAS[name])


def test_json_is_an_object_as_far_as_it_goes(http: httpx.Client) -> None:
    said = [ask(http, {"seed": seed, "num_predict": 200}, format="json") for seed in range(4)]
    assert all(each["message"]["content"].lstrip().startswith("{") for each in said)
    for each in said:
        if each["done_reason"] == "stop":
            assert isinstance(json.loads(each["message"]["content"]), dict)


@pytest.fixture(scope="module")
def babbler(tmp_path_factory: pytest.TempPathFactory, made: Files) -> Iterator[httpx.Client]:
    """An engine whose model, left alone, says what begins as JSON might: it is not taken for what was asked for."""
    path = write_chat(tmp_path_factory.mktemp("babbler") / "made.gguf", letters=b"tnf", ends=-50.0)
    with (
        embedded(Files(chat=path, embed=made.embed)) as running,
        httpx.Client(base_url=running.url, trust_env=False, timeout=60) as client,
    ):
        assert set(words(client)) <= set("tnf")
        yield client


@pytest.mark.parametrize("name", NONE)
@pytest.mark.parametrize("stream", [False, True])
def test_a_schema_that_is_none_is_refused(babbler: httpx.Client, name: str, stream: bool) -> None:
    answer = send(babbler, format=NONE[name], stream=stream)
    assert (answer.status_code, sorted(answer.json())) == (500, ["error"])
    assert "Traceback" not in answer.text
    assert answer.json()["error"].startswith("invalid JSON schema in format")


def test_reading_the_prompt_is_counted_though_a_format_is_asked_for(http: httpx.Client) -> None:
    """The prompt is read while it is seen whether the format is held; the reply itself finds it read."""
    turns = [{"role": "user", "content": "word " * 700}]
    asked = {"num_ctx": 4096, "num_predict": 1}
    ask(http, asked)
    plain = ask(http, asked, messages=turns)["prompt_eval_duration"]
    ask(http, asked)
    assert ask(http, asked, messages=turns, format="json")["prompt_eval_duration"] > plain / 10


def test_what_a_real_server_passes_over_is_passed_over(http: httpx.Client) -> None:
    """A property of that name, or of `$ref`, is no keyword."""
    parts = {
        "uniqueItems": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
        "$ref": {"type": "null"},
    }
    form = {"type": "object", "properties": parts, "required": [*parts], "additionalProperties": False}
    reply = ask(http, {"num_predict": 400, "seed": 2}, format=form)
    assert reply["done_reason"] == "stop"
    assert set(json.loads(reply["message"]["content"])) == {"uniqueItems", "$ref"}


@pytest.mark.parametrize("form", [[], "xml", True, 7, ["json"]])
def test_a_format_that_is_none_is_refused(http: httpx.Client, form: object) -> None:
    assert send(http, format=form).status_code == 500


def test_a_stop_sequence_cuts_a_reply_that_has_a_form(http: httpx.Client) -> None:
    reply = ask(http, {"num_predict": 200, "stop": [":"]}, format=_NAMED)
    assert ("".join(reply["message"]["content"].split()), reply["done_reason"]) == ('{"name"', "stop")
    assert ask(http, {"stop": [""]}, format=_NAMED)["message"]["content"] == ""


def test_a_refused_format_leaves_the_model_free(http: httpx.Client) -> None:
    for form in NONE.values():
        send(http, format=form)
    assert ask(http)["message"]["content"]


def test_openai_s_formats_are_held_likewise(http: httpx.Client) -> None:
    def reply(form: dict[str, Any]) -> httpx.Response:
        body = {"model": "made", "messages": [{"role": "user", "content": "x"}], "response_format": form, "seed": 2}
        return http.post("/v1/chat/completions", json={**body, "max_tokens": 400})

    met = reply({"type": "json_schema", "json_schema": {"name": "x", "schema": _NAMED}}).json()
    jsonschema.validate(json.loads(met["choices"][0]["message"]["content"]), _NAMED)
    assert reply({"type": "json_schema", "json_schema": {"schema": NONE["dangling reference"]}}).status_code == 500
