"""`/api/embed` and its elder `/api/embeddings`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np
from starlette.routing import Route

from showcase.engines.protocol import payloads
from showcase.engines.protocol.api import inference
from showcase.engines.protocol.wire import ApiError, answer

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from starlette.requests import Request
    from starlette.responses import Response

    from showcase.engines.protocol.engine import Engine
    from showcase.engines.protocol.interface import Vectors

_COMMON = {
    "model": payloads.STRING,
    "keep_alive": payloads.ANY,
    "options": payloads.MAP,
    "truncate": payloads.BOOL,
}
_EMBED = {**_COMMON, "input": payloads.ANY, "dimensions": payloads.INTEGER}
_EMBEDDINGS = {**_COMMON, "prompt": payloads.STRING}

_DIGITS = 8
"""Decimals sent: below the resolution of the 32-bit floats that a real server sends, and half the bytes."""


def routes(engine: Engine) -> list[Route]:
    """The routes of this family."""

    async def embed(request: Request) -> Response:
        started = time.perf_counter_ns()
        given = await payloads.read(request, "EmbedRequest", _EMBED)
        name = given.get("model", "")
        texts = inputs(given.get("input"))
        model = payloads.resolve(
            engine.catalog,
            name,
            empty=ApiError(404, f"model '{name}' not found"),
            missing=f'model "{name}" not found, try pulling it first',
            cloud="remote model is unavailable",
        )
        session = await inference.load(engine, model, given, started=started)
        if not texts:
            return answer({"model": name, "embeddings": []})
        made = await _made(engine, session, texts, truncate=given.get("truncate", True))
        return answer(
            {
                "model": name,
                "embeddings": rows(shortened(made.vectors, given.get("dimensions", 0))),
                "total_duration": time.perf_counter_ns() - started,
                "load_duration": session.loaded - started,
                "prompt_eval_count": sum(made.tokens),
            }
        )

    async def embeddings(request: Request) -> Response:
        given = await payloads.read(request, "EmbeddingRequest", _EMBEDDINGS)
        name = given.get("model", "")
        model = payloads.resolve(
            engine.catalog,
            name,
            empty=ApiError(400, "model is required"),
            missing=f'model "{name}" not found, try pulling it first',
            cloud="remote model is unavailable",
        )
        session = await inference.load(engine, model, given, started=time.perf_counter_ns())
        if not given.get("prompt"):
            return answer({"embedding": []})
        made = await _made(engine, session, [given["prompt"]], truncate=True)
        return answer({"embedding": rows(made.vectors)[0]})

    return [
        Route("/api/embed", embed, methods=["POST"]),
        Route("/api/embeddings", embeddings, methods=["POST"]),
    ]


async def _made(engine: Engine, session: inference.Session, texts: list[str], *, truncate: bool) -> Vectors:
    limit = min(session.options.num_ctx, session.model.context_length)
    try:
        return await engine.backend.embed(session.model, texts, limit=limit, truncate=truncate)
    finally:
        await inference.done(engine, session)


def inputs(given: Any) -> list[str]:  # noqa: ANN401 - what a client sent
    """The texts to embed. An empty string is no text; an empty string in a list is one.

    Raises:
        ApiError: 400, neither text nor a list of texts.
    """
    if given is None or given == "":
        return []
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and all(isinstance(item, str) for item in given):
        return given
    raise ApiError(400, "invalid input type")


def shortened(vectors: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
    """The first dimensions of each vector, scaled to unit length again."""
    if not 0 < dimensions < vectors.shape[1]:
        return vectors
    cut = vectors[:, :dimensions]
    return np.asarray(cut / np.maximum(np.linalg.norm(cut, axis=1, keepdims=True), 1e-12), dtype=np.float32)


def rows(vectors: NDArray[np.float32]) -> list[list[float]]:
    """Vectors as JSON carries them."""
    rounded: list[list[float]] = np.round(vectors.astype(np.float64), _DIGITS).tolist()
    return rounded
