"""From a checked request to tokens: shared by chat, generate and the OpenAI routes."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.rehearsal import options, payloads, residency
from showcase.engines.rehearsal.catalog import Model
from showcase.engines.rehearsal.generation import Completion, complete
from showcase.engines.rehearsal.options import Options
from showcase.engines.rehearsal.prompt import Prompt, fit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from showcase.engines.rehearsal.engine import Engine
    from showcase.engines.rehearsal.wire import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A model, loaded for one request.

    Attributes:
        started: Monotonic clock when the request was read, ns.
        loaded: The same when its model was ready.
    """

    model: Model
    options: Options
    started: int
    loaded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A reply that is ready to be sent, and what it took."""

    session: Session
    prompt: Prompt
    completion: Completion
    read: int
    made: int

    def metrics(self) -> dict[str, int]:
        """Counts, and durations in ns, all of them measured. What streaming took counts as generation."""
        now = time.perf_counter_ns()
        return {
            "total_duration": now - self.session.started,
            "load_duration": self.session.loaded - self.session.started,
            "prompt_eval_count": self.prompt.tokens,
            "prompt_eval_duration": self.read - self.session.loaded,
            "eval_count": self.completion.count,
            "eval_duration": now - self.read,
        }


def find(engine: Engine, given: Mapping[str, Any], *, empty: ApiError) -> Model:
    """The model that a request for inference names."""
    name = given.get("model", "")
    missing = f"model '{name}' not found"
    return payloads.resolve(engine.catalog, name, empty=empty, missing=missing, cloud="remote model is unavailable")


def load(engine: Engine, model: Model, given: Mapping[str, Any], *, started: int) -> Session:
    """Merges options and keeps the model loaded for as long as the request says.

    Raises:
        ApiError: An option or `keep_alive` cannot be read.
    """
    keep_alive = residency.seconds(given.get("keep_alive"))
    merged = options.in_force(model.parameters, given.get("options", {}), limit=model.context_length)
    engine.residency.touch(model, num_ctx=merged.num_ctx, keep_alive=keep_alive)
    return Session(model=model, options=merged, started=started, loaded=time.perf_counter_ns())


def generate(engine: Engine, session: Session, text: str, given: Mapping[str, Any]) -> Generated:
    """Continues a prompt.

    Raises:
        ApiError: The prompt does not fit and may not be cut, or the format is none.
    """
    prompt = fit(text, session.options, engine.embedder, truncate=given.get("truncate", True))
    read = time.perf_counter_ns()
    completion = complete(
        prompt,
        session.options,
        engine.embedder,
        others=lambda: engine.multilingual,
        form=given.get("format"),
        shift=given.get("shift", True),
    )
    return Generated(session=session, prompt=prompt, completion=completion, read=read, made=time.perf_counter_ns())


async def pieces(engine: Engine, generated: Generated) -> AsyncIterator[str]:
    """The tokens of a reply, at the pace asked for.

    Each is due at a time counted from the first, so that a slow client does not slow the model.
    """
    start = time.monotonic()
    for index, piece in enumerate(generated.completion.pieces):
        if engine.pace is not None:
            await asyncio.sleep(max(0.0, start + index / engine.pace - time.monotonic()))
        yield piece


async def whole(engine: Engine, generated: Generated) -> str:
    """The reply in one piece."""
    return "".join([piece async for piece in pieces(engine, generated)])
