"""Changes to the catalog: create, copy, delete. And what this engine refuses: everything that would fetch or send."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route

from showcase.engines import model_names
from showcase.engines.protocol import payloads
from showcase.engines.protocol.catalog import Model
from showcase.engines.protocol.wire import JSON, PLAIN_JSON, ApiError, answer, encode, lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from showcase.engines.protocol.engine import Engine

NO_NETWORK = "downloads nothing and uploads nothing; models are pulled and pushed by Ollama itself"
NO_FILES = "takes no model files over this protocol; it makes models only from those it has"
NO_TEMPLATE = "knows no templates but that in the file of a model; it takes a SYSTEM text and PARAMETERs"

_NAMED = {"model": payloads.STRING, "name": payloads.STRING, "stream": payloads.BOOL}
_COPY = {"source": payloads.STRING, "destination": payloads.STRING}
_CREATE = {
    **_NAMED,
    "from": payloads.STRING,
    "files": payloads.MAP,
    "adapters": payloads.MAP,
    "parameters": payloads.MAP,
    "system": payloads.STRING,
    "template": payloads.STRING,
    "license": payloads.ANY,
    "messages": payloads.MESSAGES,
    "remote_host": payloads.STRING,
}


def routes(engine: Engine) -> list[Route]:
    """The routes of this family."""
    own = _Endpoints(engine)
    return [
        Route("/api/create", own.create, methods=["POST"]),
        Route("/api/copy", own.copy, methods=["POST"]),
        Route("/api/delete", own.delete, methods=["DELETE"]),
        Route("/api/pull", own.pull, methods=["POST"]),
        Route("/api/push", own.push, methods=["POST"]),
        Route("/api/blobs/{digest}", own.has_blob, methods=["HEAD"]),
        Route("/api/blobs/{digest}", own.add_blob, methods=["POST"]),
        Route("/api/me", own.cloud, methods=["POST"]),
        Route("/api/signout", own.cloud, methods=["POST"]),
        Route("/api/experimental/web_search", own.cloud, methods=["POST"]),
        Route("/api/experimental/web_fetch", own.cloud, methods=["POST"]),
    ]


class _Endpoints:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def create(self, request: Request) -> Response:
        given = await payloads.read(request, "CreateRequest", _CREATE)
        name = _valid(given, ApiError(400, payloads.INVALID_NAME))
        model = _derived(self._engine, name, given)
        self._engine.catalog.put(model)
        if not given.get("stream", True):
            return answer({"status": "success"}, content_type=PLAIN_JSON)
        return lines(_progress(model, given))

    async def copy(self, request: Request) -> Response:
        given = await payloads.read(request, "CopyRequest", _COPY)
        source, destination = given.get("source", ""), given.get("destination", "")
        found = model_names.parse(source)
        if found is None:
            raise ApiError(400, f'source "{source}" is invalid')
        target = model_names.parse(destination)
        if target is None:
            raise ApiError(400, f'destination "{destination}" is invalid')
        model = self._engine.catalog.find(found)
        if model is None:
            raise ApiError(404, f'model "{source}" not found')
        self._engine.catalog.copy(model, target, now=time.time_ns())
        return Response(status_code=200)

    async def delete(self, request: Request) -> Response:
        given = await payloads.read(request, "DeleteRequest", _NAMED)
        shown = given.get("model") or given.get("name") or ""
        model = self._engine.catalog.find(_valid(given, ApiError(400, f'name "{shown}" is invalid')))
        if model is None:
            raise ApiError(404, f"model '{shown}' not found")
        await self._engine.residency.unload(model)
        self._engine.catalog.delete(model)
        return Response(status_code=200)

    async def pull(self, request: Request) -> Response:
        given = await payloads.read(request, "PullRequest", _NAMED)
        _valid(given, ApiError(400, payloads.INVALID_NAME))
        raise _offline(self._engine, given)

    async def push(self, request: Request) -> Response:
        given = await payloads.read(request, "PushRequest", _NAMED)
        if not (given.get("model") or given.get("name")):
            raise ApiError(400, "model is required")
        raise _offline(self._engine, given)

    async def has_blob(self, request: Request) -> Response:
        raise ApiError(404, f'blob "{request.path_params["digest"]}" not found')

    async def add_blob(self, _: Request) -> Response:
        raise ApiError(400, f"{self._engine.backend.called} {NO_FILES}")

    async def cloud(self, _: Request) -> Response:
        raise ApiError(403, payloads.NO_CLOUD + "this operation is unavailable", content_type=JSON)


def _offline(engine: Engine, given: dict[str, Any]) -> ApiError:
    return ApiError(
        500, f"{engine.backend.called} {NO_NETWORK}", content_type=PLAIN_JSON, chunked=given.get("stream", True)
    )


def _valid(given: dict[str, Any], failure: ApiError) -> model_names.ModelName:
    name = model_names.parse(given.get("model") or given.get("name") or "")
    if name is None:
        raise failure
    return name


def _derived(engine: Engine, name: model_names.ModelName, given: dict[str, Any]) -> Model:
    """The model that a create request describes.

    Raises:
        ApiError: It rests on nothing, on files, on another machine, or on a model that would have to be fetched.
    """

    def refused(status: int, message: str) -> ApiError:
        return ApiError(status, message, content_type=PLAIN_JSON, chunked=given.get("stream", True))

    if given.get("template") and not engine.backend.takes_templates:
        raise refused(400, f"{engine.backend.called} {NO_TEMPLATE}")
    if given.get("remote_host"):
        raise refused(403, payloads.NO_CLOUD + "remote model is unavailable")
    if given.get("adapters") or (given.get("files") and not given.get("from")):
        raise refused(400, f"{engine.backend.called} {NO_FILES}")
    if not given.get("from"):
        raise refused(400, "neither 'from' or 'files' was specified")
    source = model_names.parse(given["from"])
    if source is None:
        raise refused(400, payloads.INVALID_NAME)
    base = engine.catalog.find(source)
    if base is None:
        # A real server would pull it now.
        raise refused(500, f"model '{given['from']}' is not here and {engine.backend.called} {NO_NETWORK}")
    told = payloads.messages(given.get("messages", []))
    license_text = given.get("license") or base.license
    return Model(
        name=name,
        kind=base.kind,
        base=base.base,
        size=base.size,
        build=base.build,
        context_length=base.context_length,
        weights=base.weights,
        digest_is_base=base.digest_is_base,
        modified=time.time_ns(),
        parent=base.name.short,
        parameters={**base.parameters, **given.get("parameters", {})},
        system=given.get("system") or base.system,
        template=given.get("template") or base.template,
        license="\n".join(map(str, license_text)) if isinstance(license_text, list) else str(license_text),
        messages=tuple({"role": message.role, "content": message.content} for message in told) or base.messages,
    )


async def _progress(model: Model, given: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """The lines of a streamed create: a layer each for what is shared and for what is new."""
    yield {"status": f"using existing layer sha256:{model.base}"}
    shared = given.get("template") is None
    yield {"status": f"{_verb(shared=shared)} layer {_digest(model.template)}"}
    for new in ("system", "license", "messages", "parameters"):
        if given.get(new):
            yield {"status": f"{_verb(shared=False)} layer {_digest(given[new])}"}
    yield {"status": "writing manifest"}
    yield {"status": "success"}


def _verb(*, shared: bool) -> str:
    return "using existing" if shared else "creating new"


def _digest(value: object) -> str:
    return "sha256:" + hashlib.sha256(encode(value).encode()).hexdigest()
