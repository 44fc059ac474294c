"""The plan for this machine: its free memory, and the figures of the models that are on the server."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.engines.model_names import short
from showcase.engines.models.figures import Figures, from_model_info
from showcase.engines.models.ladder import LADDER
from showcase.engines.models.machine import free_memory
from showcase.engines.models.plan import Plan, make_plan
from showcase.errors import EngineError, ModelError, NoServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.engines.models.loading import Loader
    from showcase.evidence import Endpoint, Model


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
    figures, fault = figures_at(endpoint) if endpoint else ({}, None)
    made = make_plan(free, source=source, figures=figures, num_ctx=num_ctx)
    if fault is None:
        return made
    said = f"{fault.message}; so every figure is the table's; {fault.hint}"
    return replace(made, notes=(*made.notes, said))


def figures_at(endpoint: Endpoint) -> tuple[dict[str, Figures], EngineError | None]:
    """Return the figures of the ladder's models on the server at `endpoint`, and what kept it from telling them.

    That nobody listens there keeps nothing back: then there are no figures but the table's.
    """
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - heavy
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise

    gate, server = OllamaGate(endpoint), OllamaModels(endpoint)
    try:
        return figures_of(gate.models(), server), None
    except NoServerError:
        return {}, None
    except EngineError as error:
        return {}, error
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
