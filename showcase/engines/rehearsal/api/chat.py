"""`/api/chat` and `/api/generate`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from showcase.engines.rehearsal import payloads, residency
from showcase.engines.rehearsal.api import inference
from showcase.engines.rehearsal.prompt import Message, fit_messages
from showcase.engines.rehearsal.wire import ApiError, answer, lines, timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from showcase.engines.rehearsal.api.inference import Generated, Session
    from showcase.engines.rehearsal.catalog import Model
    from showcase.engines.rehearsal.engine import Engine

_COMMON = {
    "model": payloads.STRING,
    "stream": payloads.BOOL,
    "format": payloads.ANY,
    "keep_alive": payloads.ANY,
    "options": payloads.MAP,
    "think": payloads.ANY,
    "truncate": payloads.BOOL,
    "shift": payloads.BOOL,
    "_debug_render_only": payloads.BOOL,
}
_CHAT = {**_COMMON, "messages": payloads.MESSAGES, "tools": payloads.TOOLS}
_GENERATE = {
    **_COMMON,
    "prompt": payloads.STRING,
    "suffix": payloads.STRING,
    "system": payloads.STRING,
    "template": payloads.STRING,
    "context": payloads.ANY,
    "raw": payloads.BOOL,
}


def routes(engine: Engine) -> list[Route]:
    """The routes of this family."""
    own = _Endpoints(engine)
    return [
        Route("/api/chat", own.chat, methods=["POST"]),
        Route("/api/generate", own.generate, methods=["POST"]),
    ]


class _Endpoints:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def chat(self, request: Request) -> Response:
        started = time.perf_counter_ns()
        given = await payloads.read(request, "ChatRequest", _CHAT)
        messages = payloads.messages(given.get("messages", []))
        model = inference.find(self._engine, given, empty=ApiError(400, "model is required"))
        if not messages and _unloads(given):
            self._engine.residency.unload(model)
            return answer(_turn(given, "", done=True, done_reason="unload"))
        _capable(model, given, "chat")
        session = inference.load(self._engine, model, given, started=started)
        if not messages:
            return answer(_turn(given, "", done=True, done_reason="load"))
        text = _chat_prompt(self._engine, session, messages, given)
        if given.get("_debug_render_only"):
            return answer({**_turn(given, "", done=False, role=""), "_debug_info": {"rendered_template": text}})
        return await _send(self._engine, given, inference.generate(self._engine, session, text, given), _turn)

    async def generate(self, request: Request) -> Response:
        started = time.perf_counter_ns()
        given = await payloads.read(request, "GenerateRequest", _GENERATE)
        model = inference.find(self._engine, given, empty=ApiError(404, f"model '{given.get('model', '')}' not found"))
        if not given.get("prompt") and _unloads(given):
            self._engine.residency.unload(model)
            return answer(_response(given, "", done=True, done_reason="unload"))
        if given.get("raw") and (given.get("template") or given.get("system") or given.get("context")):
            raise ApiError(400, "raw mode does not support template, system, or context")
        _capable(model, given, "generate")
        session = inference.load(self._engine, model, given, started=started)
        if not given.get("prompt"):
            return answer(_response(given, "", done=True, done_reason="load"))
        text = _generate_prompt(self._engine, session, given)
        if given.get("_debug_render_only"):
            return answer({**_response(given, "", done=False), "_debug_info": {"rendered_template": text}})
        generated = inference.generate(self._engine, session, text, given)
        extra: dict[str, Any] = {}
        if not given.get("raw"):
            extra["context"] = self._engine.embedder.ids(text + "".join(generated.completion.pieces))
        return await _send(self._engine, given, generated, _response, extra)


def prepare(engine: Engine, given: dict[str, Any], messages: list[Message], *, started: int) -> Generated:
    """A reply to a conversation that has at least one message.

    Raises:
        ApiError: The model is not there or cannot do what is asked.
    """
    model = inference.find(engine, given, empty=ApiError(400, "model is required"))
    _capable(model, given, "chat")
    session = inference.load(engine, model, given, started=started)
    return inference.generate(engine, session, _chat_prompt(engine, session, messages, given), given)


def _chat_prompt(engine: Engine, session: Session, messages: list[Message], given: dict[str, Any]) -> str:
    told = [*(Message(**message) for message in session.model.messages), *messages]
    if session.model.system and messages[0].role != "system":
        told.insert(0, Message(role="system", content=session.model.system))
    return fit_messages(told, session.options, engine.embedder, truncate=given.get("truncate", True))


def _generate_prompt(engine: Engine, session: Session, given: dict[str, Any]) -> str:
    prompt = str(given["prompt"])
    if given.get("raw"):
        return prompt
    told = [Message(**message) for message in session.model.messages]
    if system := given.get("system") or session.model.system:
        told.insert(0, Message(role="system", content=system))
    told.append(Message(role="user", content=prompt))
    return fit_messages(told, session.options, engine.embedder, truncate=given.get("truncate", True))


def _unloads(given: dict[str, Any]) -> bool:
    return given.get("keep_alive") is not None and residency.seconds(given["keep_alive"]) == 0


def _capable(model: Model, given: dict[str, Any], what: str) -> None:
    """Refuses what the model cannot do, in the order in which Ollama looks."""
    if given.get("think"):
        raise ApiError(400, f'"{given["model"]}" does not support thinking')
    if model.kind != "chat":
        raise ApiError(400, f'"{given["model"]}" does not support {what}')
    if given.get("tools"):
        raise ApiError(400, f"{model.name.full} does not support tools")
    if given.get("suffix"):
        raise ApiError(400, f"{model.name.full} does not support insert")


async def _send(
    engine: Engine,
    given: dict[str, Any],
    generated: Generated,
    shape: Callable[..., dict[str, Any]],
    extra: dict[str, Any] | None = None,
) -> Response:
    ending = {"done_reason": generated.completion.reason, **(extra or {})}
    if not given.get("stream", True):
        text = await inference.whole(engine, generated)
        return answer({**shape(given, text, done=True, **ending), **generated.metrics()})

    async def chunks() -> AsyncIterator[dict[str, Any]]:
        async for piece in inference.pieces(engine, generated):
            yield shape(given, piece, done=False)
        yield {**shape(given, "", done=True, **ending), **generated.metrics()}

    return lines(chunks())


def _turn(
    given: dict[str, Any], content: str, *, done: bool, role: str = "assistant", **more: object
) -> dict[str, Any]:
    message = {"role": role, "content": content}
    return {"model": given["model"], "created_at": timestamp(), "message": message, "done": done, **more}


def _response(given: dict[str, Any], content: str, *, done: bool, **more: object) -> dict[str, Any]:
    return {"model": given["model"], "created_at": timestamp(), "response": content, "done": done, **more}
