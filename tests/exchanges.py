"""Replays a recorded exchange and names every difference of the answer."""

from __future__ import annotations

import http.client
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parent / "recorded"

_ORDER = """
    root-get root-head version status not-found method-not-allowed host-evil origin-evil blob-missing
    ps-idle tags show-chat show-embed show-missing show-empty show-cloud-name
    embed-one embed-two embed-dimensions embed-too-long embed-too-long-no-truncate embed-empty-list
    embed-empty-string embed-bad-type embed-missing-model embeddings-legacy
    chat-stream chat-once chat-again-cached chat-length chat-stop chat-format-json chat-format-schema
    chat-format-bad chat-load-only chat-no-model chat-missing-model chat-bad-json chat-bad-messages chat-bad-option
    chat-unknown-option chat-bad-role chat-cloud-name chat-with-embed-model chat-think-unsupported
    chat-tools-unsupported ps-loaded embed-with-chat-model
    chat-too-long-system chat-too-long-user chat-too-long-no-truncate chat-no-shift chat-debug-render
    generate-once generate-stream generate-raw generate-missing
    pull-bad-name pull-no-network pull-no-network-once
    create-from create-from-once create-bad-parameter create-unknown-parameter create-modelfile-field create-no-from
    create-bad-name create-from-missing v1-models origin-localhost
    show-created chat-created ps-created unload copy copy-missing chat-local-suffix v1-chat
    delete delete2 delete3 delete-missing
"""
ORDER = _ORDER.split()
"""In an order that makes sense: the exchanges depend on each other (a model is created, used, deleted)."""

NO_PULL = "downloads nothing: refuses at once, where Ollama starts and then fails for want of a network"
"""Why one of our engines differs from a real server where something would be fetched."""

REFUSED = dict.fromkeys(
    (
        "status",
        "lines",
        "body: line end",
        "header content-type",
        "first.status: missing",
        "first.error: extra",
        "last.error: value",
    ),
    NO_PULL,
)
FRAMED = ("header content-length", "header transfer-encoding")
"""How an answer differs that is shorter, or longer, than what Go holds back."""

_LONG = "<6000 times word and a space>"
_EXACT = {
    "error", "status", "done", "done_reason", "role", "object", "finish_reason", "system_fingerprint", "owned_by",
    "size_vram", "capabilities", "disabled",
}  # fmt: skip
"""Fields whose value is part of the contract, not only its type."""

_VARIES = re.compile(r"lookup .*|[0-9a-f]{64}")
"""In texts that are otherwise compared: where a name was looked up, and digests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One recorded request and its answer."""

    name: str
    request: dict[str, Any]
    answer: Answer


def load(name: str) -> Exchange:
    """Reads one recording."""
    held = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    body = "".join(held["lines"])
    return Exchange(
        name=name,
        request=held["request"],
        answer=Answer(status=held["status"], headers=_lower(held["headers"]), body=body),
    )


def names() -> list[str]:
    """Every recording."""
    return sorted(path.stem for path in RECORDED.glob("*.json"))


def replay(exchange: Exchange, host: str, port: int, models: dict[str, str]) -> Answer:
    """Sends a recorded request.

    Args:
        exchange: The recording.
        host: Server.
        port: Its port.
        models: Names to put in place of those of the recording.
    """
    request = exchange.request
    body = request["raw"] if request["body"] is None else json.dumps(request["body"])
    if body is not None:
        body = renamed(body.replace(_LONG, "word " * 6000), models)
    connection = http.client.HTTPConnection(host, port, timeout=120)
    try:
        headers = {"Host": f"{host}:{port}", **request["headers"]}
        connection.putrequest(request["method"], request["path"], skip_host=True, skip_accept_encoding=True)
        if body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
        for key, value in headers.items():
            connection.putheader(key, value)
        connection.endheaders(None if body is None else body.encode())
        response = connection.getresponse()
        text = response.read().decode()
        return Answer(status=response.status, headers=_lower(dict(response.getheaders())), body=text)
    finally:
        connection.close()


def replay_all(host: str, port: int, models: dict[str, str]) -> dict[str, set[str]]:
    """Replays everything; what differed, by recording."""
    found = {}
    for name in ORDER:
        exchange = load(name)
        seen = replay(exchange, host, port, models)
        if differing := differences(exchange, seen, models):
            found[name] = differing
    return found


def renamed(text: str, models: dict[str, str]) -> str:
    """Puts other model names in place of the recorded ones."""
    for old, new in models.items():
        text = re.sub(rf"\b{re.escape(old)}\b", new, text)
    return text


def differences(exchange: Exchange, seen: Answer, models: dict[str, str]) -> set[str]:
    """Compares an answer with the recorded one.

    Returns:
        Where they differ, one path each; `body.message.content: type` for example. Values that depend on the model's
        words or on time are compared by type alone.
    """
    told = exchange.answer
    found: set[str] = set()
    if seen.status != told.status:
        found.add("status")
    for header in ("content-type", "allow", "access-control-allow-origin", "vary", "transfer-encoding"):
        if seen.headers.get(header) != told.headers.get(header):
            found.add(f"header {header}")
    if ("content-length" in seen.headers) != ("content-length" in told.headers):
        found.add("header content-length")
    return found | _bodies(
        renamed(told.body, models), seen.body, stream="ndjson" in told.headers.get("content-type", "")
    )


def _bodies(told: str, seen: str, *, stream: bool) -> set[str]:
    if not told.startswith("{"):
        return set() if told == seen else {"body"}
    try:
        before = [json.loads(line) for line in told.splitlines()]
        now = [json.loads(line) for line in seen.splitlines()]
    except ValueError:
        return {"body: no JSON"}
    found = set()
    if told.endswith("\n") != seen.endswith("\n"):
        found.add("body: line end")
    if not stream:
        return found | _values("body", before[0], now[0], "")
    # How many tokens a reply has is the model's affair; what the first and the last line look like is not.
    if (len(before) > 1) != (len(now) > 1):
        found.add("lines")
    return found | _values("first", before[0], now[0], "") | _values("last", before[-1], now[-1], "")


def _values(path: str, told: Any, seen: Any, key: str) -> set[str]:
    if _kind(told) != _kind(seen):
        return {f"{path}: type"}
    if path.endswith("model_info"):
        return _metadata(path, told, seen)
    if isinstance(told, dict):
        found = {f"{path}.{name}: missing" for name in told.keys() - seen.keys()}
        found |= {f"{path}.{name}: extra" for name in seen.keys() - told.keys()}
        return found.union(
            *(_values(f"{path}.{name}", told[name], seen[name], name) for name in told.keys() & seen.keys())
        )
    if key in _EXACT:
        same = told == seen if not isinstance(told, str) else _VARIES.sub("", told) == _VARIES.sub("", seen)
        return set() if same else {f"{path}: value"}
    if isinstance(told, list):
        found = set() if bool(told) == bool(seen) else {f"{path}: empty"}
        if "embedding" in path and told and isinstance(told[0], float) and len(told) != len(seen):
            found.add(f"{path}: length")
        if "embeddings" in path and told and isinstance(told[0], list) and len(told) != len(seen):
            found.add(f"{path}: count")
        return found.union(*(_values(f"{path}[]", told[0], item, key) for item in seen[:3] if told))
    return set()


def _metadata(path: str, told: dict[str, Any], seen: dict[str, Any]) -> set[str]:
    """Metadata of one architecture are compared field by field; of two, what every client may rely on."""
    before, now = told["general.architecture"], seen.get("general.architecture")
    if before == now:
        return {f"{path}: fields"} if {*told} != {*seen} else set()
    common = ("general.parameter_count", f"{now}.context_length", f"{now}.embedding_length")
    return {f"{path}: architecture"} | {f"{path}.{name}" for name in common if not isinstance(seen.get(name), int)}


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    # JSON has one kind of number; Go prints 1.0 as 1.
    return "number" if isinstance(value, (int, float)) else type(value).__name__


def _lower(headers: dict[str, str]) -> dict[str, str]:
    return {key.lower(): value for key, value in headers.items()}
