"""`/api/chat` and `/api/generate`."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from showcase.engines.protocol import payloads, residency
from showcase.engines.protocol.api import inference
from showcase.engines.protocol.interface import Message
from showcase.engines.protocol.wire import ApiError, answer, lines, timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from showcase.engines.protocol.api.inference import Generated, Session
    from showcase.engines.protocol.catalog import Model
    from showcase.engines.protocol.engine import Engine
    from showcase.engines.protocol.interface import Layout

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
            await self._engine.residency.unload(model)
            return answer(_turn(given, "", done=True, done_reason="unload"))
        _capable(model, given, "chat")
        session = await inference.load(self._engine, model, given, started=started)
        if not messages:
            return answer(_turn(given, "", done=True, done_reason="load"))
        layout = await _chat_prompt(self._engine, session, messages, given)
        if given.get("_debug_render_only"):
            return await _show(self._engine, session, layout, given, _turn(given, "", done=False, role=""))
        return await _send(self._engine, given, await inference.generate(self._engine, session, layout, given), _turn)

    async def generate(self, request: Request) -> Response:
        started = time.perf_counter_ns()
        given = await payloads.read(request, "GenerateRequest", _GENERATE)
        model = inference.find(self._engine, given, empty=ApiError(404, f"model '{given.get('model', '')}' not found"))
        if not given.get("prompt") and _unloads(given):
            await self._engine.residency.unload(model)
            return answer(_response(given, "", done=True, done_reason="unload"))
        if given.get("raw") and (given.get("template") or given.get("system") or given.get("context")):
            raise ApiError(400, "raw mode does not support template, system, or context")
        _capable(model, given, "generate")
        session = await inference.load(self._engine, model, given, started=started)
        if not given.get("prompt"):
            return answer(_response(given, "", done=True, done_reason="load"))
        layout = await _generate_prompt(self._engine, session, given)
        if given.get("_debug_render_only"):
            return await _show(self._engine, session, layout, given, _response(given, "", done=False))
        generated = await inference.generate(self._engine, session, layout, given)
        return await _send(self._engine, given, generated, _response, None if given.get("raw") else layout.text)


async def prepare(engine: Engine, given: dict[str, Any], messages: list[Message], *, started: int) -> Generated:
    """A reply to a conversation that has at least one message.

    Raises:
        ApiError: The model is not there or cannot do what is asked.
    """
    model = inference.find(engine, given, empty=ApiError(400, "model is required"))
    _capable(model, given, "chat")
    session = await inference.load(engine, model, given, started=started)
    layout = await _chat_prompt(engine, session, messages, given)
    return await inference.generate(engine, session, layout, given)


async def _chat_prompt(engine: Engine, session: Session, messages: list[Message], given: dict[str, Any]) -> Layout:
    told = [*(Message(**message) for message in session.model.messages), *messages]
    if session.model.system and messages[0].role != "system":
        told.insert(0, Message(role="system", content=session.model.system))
    return await _laid_out(engine, session, told, given)


async def _generate_prompt(engine: Engine, session: Session, given: dict[str, Any]) -> Layout:
    prompt = str(given["prompt"])
    if given.get("raw"):
        return await engine.backend.lay_out_raw(session.model, prompt)
    told = [Message(**message) for message in session.model.messages]
    if system := given.get("system") or session.model.system:
        told.insert(0, Message(role="system", content=system))
    told.append(Message(role="user", content=prompt))
    return await _laid_out(engine, session, told, given)


async def _laid_out(engine: Engine, session: Session, told: list[Message], given: dict[str, Any]) -> Layout:
    try:
        return await engine.backend.lay_out(session.model, told, session.options, truncate=given.get("truncate", True))
    except BaseException:
        await inference.done(engine, session)
        raise


async def _show(
    engine: Engine, session: Session, layout: Layout, given: dict[str, Any], shown: dict[str, Any]
) -> Response:
    """Tell what the model would read, unless it may not be cut and would have to be."""
    try:
        if given.get("truncate") is False:
            inference.fitting(engine, session, layout, truncate=False)
        told = {**shown, "_debug_info": {"rendered_template": layout.text}}
        return answer(told, headers=inference.counts(engine, layout))
    finally:
        await inference.done(engine, session)


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
    laid_out: str | None = None,
) -> Response:
    """Sends a reply; where the text of its prompt is told, with the numbers of all tokens, as `generate` has them."""

    async def ending(reply: str) -> dict[str, Any]:
        said: dict[str, Any] = {"done_reason": generated.completion.reason}
        if laid_out is not None:
            said["context"] = list(await engine.backend.numbers(generated.session.model, laid_out + reply))
        return {**said, **generated.metrics()}

    headers = inference.counts(engine, generated.prompt)
    if not given.get("stream", True):
        try:
            text = await inference.whole(generated)
            return answer(shape(given, text, done=True, **await ending(text)), headers=headers)
        finally:
            await inference.end(engine, generated)

    async def chunks() -> AsyncIterator[dict[str, Any]]:
        said: list[str] = []
        try:
            async for piece in generated.completion.pieces():
                said.append(piece)
                yield shape(given, piece, done=False)
            yield shape(given, "", done=True, **await ending("".join(said)))
        except ApiError as failure:  # the status is long told
            yield {"error": failure.message}

    return lines(chunks(), ended=partial(inference.end, engine, generated), headers=headers)


def _turn(
    given: dict[str, Any], content: str, *, done: bool, role: str = "assistant", **more: object
) -> dict[str, Any]:
    message = {"role": role, "content": content}
    return {"model": given["model"], "created_at": timestamp(), "message": message, "done": done, **more}


def _response(given: dict[str, Any], content: str, *, done: bool, **more: object) -> dict[str, Any]:
    return {"model": given["model"], "created_at": timestamp(), "response": content, "done": done, **more}
