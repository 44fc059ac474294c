"""From a checked request to tokens: shared by chat, generate and the OpenAI routes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from showcase.engines.protocol import PROMPT_TOKENS, options, payloads, residency
from showcase.engines.protocol.catalog import Model
from showcase.engines.protocol.fitting import fit
from showcase.engines.protocol.interface import Completion, Prompt
from showcase.engines.protocol.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.engines.protocol.engine import Engine
    from showcase.engines.protocol.interface import Layout
    from showcase.engines.protocol.wire import ApiError


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A model, loaded for one request.

    Attributes:
        started: Monotonic clock when the request was read, ns.
        loaded: The same when its model was ready.
        leaves: Whether the model is to leave once it has answered.
    """

    model: Model
    options: Options
    started: int
    loaded: int
    leaves: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A reply that has begun, and what it took so far."""

    session: Session
    prompt: Prompt
    completion: Completion
    begun: int

    def metrics(self) -> dict[str, int]:
        """Counts, and durations in ns, all of them measured; what streaming took counts as generation.

        To be asked when the reply is there.
        """
        now = time.perf_counter_ns()
        return {
            "total_duration": now - self.session.started,
            "load_duration": self.session.loaded - self.session.started,
            "prompt_eval_count": len(self.prompt.tokens),
            "prompt_eval_duration": self.completion.read_ns,
            "eval_count": self.completion.count,
            "eval_duration": max(0, now - self.begun - self.completion.read_ns),
        }


def find(engine: Engine, given: Mapping[str, Any], *, empty: ApiError) -> Model:
    """The model that a request for inference names."""
    name = given.get("model", "")
    missing = f"model '{name}' not found"
    return payloads.resolve(engine.catalog, name, empty=empty, missing=missing, cloud="remote model is unavailable")


async def load(engine: Engine, model: Model, given: Mapping[str, Any], *, started: int) -> Session:
    """Merges options, loads the model and keeps it loaded for as long as the request says.

    Raises:
        ApiError: An option or `keep_alive` cannot be read, or the model cannot be loaded.
    """
    keep_alive = residency.seconds(given.get("keep_alive"))
    merged = options.in_force(model.parameters, given.get("options", {}), limit=model.context_length)
    await engine.backend.load(model, num_ctx=merged.num_ctx)
    held = engine.backend.memory_bytes(model, merged.num_ctx)
    engine.residency.touch(model, num_ctx=merged.num_ctx, memory_bytes=held, keep_alive=keep_alive)
    now = time.perf_counter_ns()
    return Session(model=model, options=merged, started=started, loaded=now, leaves=keep_alive <= 0)


async def generate(engine: Engine, session: Session, layout: Layout, given: Mapping[str, Any]) -> Generated:
    """Continues a prompt.

    Raises:
        ApiError: The prompt does not fit and may not be cut, or the format is none.
    """
    try:
        prompt = fitting(engine, session, layout, truncate=given.get("truncate", True))
        begun = time.perf_counter_ns()
        completion = await engine.backend.complete(
            session.model, prompt, session.options, form=given.get("format"), shift=given.get("shift", True)
        )
    except BaseException:
        await done(engine, session)
        raise
    return Generated(session=session, prompt=prompt, completion=completion, begun=begun)


def fitting(engine: Engine, session: Session, layout: Layout, *, truncate: bool) -> Prompt:
    """What of a prompt is read.

    Raises:
        ApiError: 400, it does not fit and may not be cut.
    """
    most = engine.backend.most_of_a_prompt(session.model, session.options.num_ctx)
    return fit(layout, session.options, most=most, truncate=truncate)


async def whole(generated: Generated) -> str:
    """The reply in one piece."""
    return "".join([piece async for piece in generated.completion.pieces()])


async def end(engine: Engine, generated: Generated) -> None:
    """Ends a reply that was told, or that nobody waits for any longer."""
    await generated.completion.close()
    await done(engine, generated.session)


async def done(engine: Engine, session: Session) -> None:
    """Lets a model leave that has no time to stay."""
    if session.leaves:
        await engine.residency.unload(session.model)


def counts(engine: Engine, layout: Layout | Prompt) -> dict[str, str]:
    """The header that says how many tokens a prompt had, where the backend counts exactly."""
    return {PROMPT_TOKENS: str(layout.whole)} if engine.backend.counts_exactly else {}
