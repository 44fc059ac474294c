"""The plan for this machine: its free memory, and the figures of the models that are on the server."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from showcase.errors import EngineError, ModelError
from showcase.model_names import short
from showcase.models.figures import Figures, from_model_info
from showcase.models.ladder import LADDER
from showcase.models.machine import free_memory
from showcase.models.plan import Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Endpoint, Model
    from showcase.models.loading import Loader


def plan_here(endpoint: Endpoint | None, *, ram_bytes: int | None = None, num_ctx: int | None = None) -> Plan:
    """Return the plan with what is known here and now.

    Args:
        endpoint: Where Ollama may listen; where it does not, or for None, the table's figures are used.
        ram_bytes: Plan for this much memory instead of what is free.
        num_ctx: Context to begin with instead of the one in each Modelfile.
    """
    if ram_bytes is None:
        memory = free_memory()
        free, source = memory.usable_bytes, memory.source
    else:
        free, source = ram_bytes, "asked for"
    return make_plan(free, source=source, figures=figures_at(endpoint) if endpoint else None, num_ctx=num_ctx)


def figures_at(endpoint: Endpoint) -> dict[str, Figures]:
    """Return the figures of the ladder's models on the server at `endpoint`; none where no server answers."""
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise

    gate, server = OllamaGate(endpoint), OllamaModels(endpoint)
    try:
        return figures_of(gate.models(), server)
    except EngineError:
        return {}
    finally:
        gate.close()
        server.close()


def figures_of(models: Sequence[Model], loader: Loader) -> dict[str, Figures]:
    """Return the figures of the ladder's tags and bases among `models`, by tag or base.

    Raises:
        EngineError: The server does not answer.
    """
    wanted = {name for rung in LADDER for name in (rung.tag, rung.base)}
    found = {}
    for model in models:
        name = short(model.name)
        if name in wanted and not model.remote and model.size_bytes:
            info = loader.show(model.name).get("model_info") or {}
            with suppress(ModelError):  # what one of them does not tell, the table does
                found[name] = from_model_info(info, name=model.name, weights_bytes=model.size_bytes)
    return found
