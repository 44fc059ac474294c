"""`/v1/chat/completions` and `/v1/models`, as Ollama speaks OpenAI's protocol."""

from __future__ import annotations

import itertools
import time
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from showcase.engines import model_names
from showcase.engines.protocol import payloads
from showcase.engines.protocol.api import chat, inference
from showcase.engines.protocol.wire import PLAIN_JSON, ApiError, Stream, answer, encode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from showcase.engines.protocol.api.inference import Generated
    from showcase.engines.protocol.catalog import Model
    from showcase.engines.protocol.engine import Engine

_CHAT = {
    "model": payloads.STRING,
    "messages": "[]openai.Message",
    "stream": payloads.BOOL,
    "stream_options": payloads.MAP,
    "max_tokens": payloads.INTEGER,
    "seed": payloads.INTEGER,
    "stop": payloads.ANY,
    "temperature": payloads.ANY,
    "top_p": payloads.ANY,
    "frequency_penalty": payloads.ANY,
    "presence_penalty": payloads.ANY,
    "response_format": payloads.MAP,
    "tools": payloads.TOOLS,
    "reasoning_effort": payloads.STRING,
}
_SAMPLING = ("temperature", "seed", "top_p", "frequency_penalty", "presence_penalty")
_KINDS = {400: "invalid_request_error", 404: "not_found_error"}
_EFFORTS = ("high", "medium", "low", "max")


def routes(engine: Engine) -> list[Route]:
    """The routes of this family."""
    numbers = itertools.count()

    async def completions(request: Request) -> Response:
        started = time.perf_counter_ns()
        try:
            asked = await payloads.read(request, "ChatCompletionRequest", _CHAT)
            given = _as_chat(asked)
        except ApiError as failure:
            # Ollama refuses this one step earlier, and its two refusals are framed differently.
            return answer(_refusal(failure), status=failure.status)
        generated = await chat.prepare(engine, given, payloads.messages(given["messages"]), started=started)
        frame = {"id": f"chatcmpl-{next(numbers) % 999}", "model": given["model"]}
        if not given["stream"]:
            try:
                return _document(_completion(frame, generated, await inference.whole(generated)))
            finally:
                await inference.end(engine, generated)
        usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        return Stream(
            _events(frame, generated, usage=usage),
            ended=partial(inference.end, engine, generated),
            headers={"content-type": "text/event-stream; charset=utf-8"},
        )

    async def listed(_: Request) -> Response:
        return _document({"object": "list", "data": [_row(model) for model in engine.catalog.all()]})

    async def one(request: Request) -> Response:
        shown = request.path_params["model"]
        name = model_names.parse(shown)
        model = None if name is None else engine.catalog.find(name)
        if model is None:
            raise ApiError(404, f"model '{shown}' not found")
        return _document({**_row(model), "id": shown})

    return [
        Route("/v1/chat/completions", _explained(completions), methods=["POST"]),
        Route("/v1/models", _explained(listed), methods=["GET"]),
        Route("/v1/models/{model:path}", _explained(one), methods=["GET"]),
    ]


def _explained(endpoint: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Puts refusals into OpenAI's form."""

    async def wrapped(request: Request) -> Response:
        try:
            return await endpoint(request)
        except ApiError as failure:
            return _document(_refusal(failure), status=failure.status)

    return wrapped


def _refusal(failure: ApiError) -> dict[str, Any]:
    kind = _KINDS.get(failure.status, "api_error")
    return {"error": {"message": failure.message, "type": kind, "param": None, "code": None}}


def _document(value: object, *, status: int = 200) -> Response:
    return Response(encode(value) + "\n", status, {"content-type": PLAIN_JSON})


def _as_chat(asked: dict[str, Any]) -> dict[str, Any]:
    """The request of `/api/chat` that says the same.

    Raises:
        ApiError: 400, a message whose content is neither text nor a list of text parts.
    """
    if not asked.get("messages"):
        raise ApiError(400, "[] is too short - 'messages'")
    stop = asked.get("stop")
    options: dict[str, Any] = {key: asked[key] for key in _SAMPLING if key in asked}
    if "max_tokens" in asked:
        options["num_predict"] = asked["max_tokens"]
    if stop is not None:
        options["stop"] = [stop] if isinstance(stop, str) else [item for item in stop if isinstance(item, str)]
    wanted = asked.get("response_format") or {}
    form: object = None
    if wanted.get("type") == "json_object":
        form = "json"
    elif wanted.get("type") == "json_schema":
        form = (wanted.get("json_schema") or {}).get("schema")
    return {
        "model": asked.get("model", ""),
        "messages": [part for message in asked["messages"] for part in _parts(message)],
        "stream": asked.get("stream", False),
        "options": options,
        "format": form,
        "tools": asked.get("tools", []),
        "think": asked.get("reasoning_effort") in _EFFORTS,
    }


def _parts(message: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - what a client sent
    if not isinstance(message, dict):
        raise ApiError(400, "invalid message format")
    content, role = message.get("content"), message.get("role", "")
    if isinstance(content, str):
        return [{"role": role, "content": content}]
    if not isinstance(content, list):
        raise ApiError(400, "invalid message content type: <nil>")
    texts = [part.get("text") for part in content if isinstance(part, dict) and part.get("type") == "text"]
    if len(texts) != len(content) or not all(isinstance(text, str) for text in texts):
        raise ApiError(400, "invalid message format")
    return [{"role": role, "content": text} for text in texts]


def _row(model: Model) -> dict[str, Any]:
    return {
        "id": model.name.short,
        "object": "model",
        "created": model.modified // 1_000_000_000,
        "owned_by": model.name.namespace,
    }


def _usage(generated: Generated) -> dict[str, int]:
    prompt, made = len(generated.prompt.tokens), generated.completion.count
    return {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made}


def _frame(frame: dict[str, Any], kind: str) -> dict[str, Any]:
    return {
        "id": frame["id"],
        "object": kind,
        "created": int(time.time()),
        "model": frame["model"],
        "system_fingerprint": "fp_ollama",
    }


def _completion(frame: dict[str, Any], generated: Generated, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": generated.completion.reason}
    return {**_frame(frame, "chat.completion"), "choices": [choice], "usage": _usage(generated)}


async def _events(frame: dict[str, Any], generated: Generated, *, usage: bool) -> AsyncIterator[bytes]:
    """Server-sent events: a chunk a token, one that says why it ended, the usage where asked for, `[DONE]`."""

    def chunk(text: str, reason: str | None) -> dict[str, Any]:
        delta = {"role": "assistant", "content": text}
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        return {**_frame(frame, "chat.completion.chunk"), "choices": [choice]}

    try:
        async for piece in generated.completion.pieces():
            yield _event(chunk(piece, None))
    except ApiError as failure:  # the status is long told
        yield _event(_refusal(failure))
        return
    last = chunk("", generated.completion.reason)
    yield _event(last)
    if usage:
        yield _event({**last, "choices": [], "usage": _usage(generated)})
    yield b"data: [DONE]\n\n"


def _event(value: object) -> bytes:
    return f"data: {encode(value)}\n\n".encode()
