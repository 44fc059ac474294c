"""The ASGI application: routes, guard, and errors in Ollama's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from showcase.engines.protocol import wire
from showcase.engines.protocol.api import chat, embed, manage, models, openai
from showcase.engines.protocol.guard import Guard
from showcase.engines.protocol.wire import ApiError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from showcase.engines.protocol.engine import Engine

_FAMILIES = (models, manage, embed, chat, openai)


_HEADED = frozenset({"/", "/api/version", "/api/tags"})
"""Paths where Ollama answers HEAD as well."""


def build(engine: Engine) -> Starlette:
    """Puts the application together."""
    routes = [route for family in _FAMILIES for route in family.routes(engine)]
    for route in routes:
        if route.methods is not None and route.path not in _HEADED and "GET" in route.methods:
            route.methods.discard("HEAD")  # which Starlette adds to every GET
    application = Starlette(
        routes=routes,
        middleware=[Middleware(Guard, called=engine.backend.called)],
        exception_handlers={ApiError: _refused, 404: _not_found, 405: _not_allowed},
    )
    application.router.redirect_slashes = False
    return application


async def _refused(_: Request, failure: Exception) -> Response:
    return wire.error(cast("ApiError", failure))


async def _not_found(_: Request, __: Exception) -> Response:
    return _plain("404 page not found", 404)


async def _not_allowed(_: Request, failure: Exception) -> Response:
    response = _plain("405 method not allowed", 405)
    response.headers.update(getattr(failure, "headers", None) or {})
    return response


def _plain(text: str, status: int) -> Response:
    response = PlainTextResponse(text, status)
    response.headers["content-type"] = "text/plain"
    return response
