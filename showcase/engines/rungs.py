"""The chat model by the memory that is free: the ladder's plan here and now, and each rung that was loaded to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.engines.model_names import key
from showcase.engines.models.ladder import REHEARSAL
from showcase.engines.models.loading import first_that_loads
from showcase.engines.models.machine import free_memory
from showcase.engines.models.plan import make_plan
from showcase.engines.models.sizes import show_size
from showcase.engines.models.survey import figures_of
from showcase.errors import EngineError, ModelError
from showcase.evidence import ModelPlan, RungTried
from showcase.shell.advice import host_option

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.engines.models.machine import FreeMemory
    from showcase.engines.models.plan import Plan, RungPlan
    from showcase.engines.ollama import OllamaGate
    from showcase.engines.ollama_models import OllamaModels
    from showcase.evidence import LoadedModel, Model


class Rungs:
    """Ranks the models of a server.

    Args:
        gate: The server.
        load: Load one rung after the other until one fits into memory, instead of trusting the sum.
        limit_s: How long the loading of one may take, None for what `OllamaModels` gives it.
        free: Tells the free memory.

    Attributes:
        plan: What the plan said, None before `rank`.
        tried: Each rung that was loaded, best first.
    """

    def __init__(
        self,
        gate: OllamaGate,
        *,
        load: bool,
        limit_s: float | None = None,
        free: Callable[[], FreeMemory] = free_memory,
    ) -> None:
        self._gate = gate
        self._load = load
        self._limit_s = limit_s
        self._free = free
        self.plan: ModelPlan | None = None
        self.tried: tuple[RungTried, ...] = ()

    def rank(self, models: Sequence[Model]) -> tuple[str, ...]:
        """Return the rungs among `models` that fit, best first; where they are loaded, the one that did.

        A rung that is in the server's memory fits, whatever it has left free: without that, a second run would
        choose another model than the first.

        Raises:
            ModelError: They are to be loaded, and none is there or none fits.
            EngineError: The server does not answer.
        """
        from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - heavy

        server = OllamaModels(self._gate.endpoint, limit_s=self._limit_s)
        try:
            plan = self._make_plan(models, server)
            held = {key(row.name): row for row in self._gate.loaded()}
            self.plan = _as_fact(plan, held)
            fitting = [rung.tag for rung in plan.rungs if rung.tag in plan.candidates or key(rung.tag) in held]
            there = {key(model.name) for model in models if not model.remote}
            ranked = tuple(tag for tag in fitting if key(tag) in there)
            return (self._first_that_loads(ranked, fitting, server),) if self._load else ranked
        finally:
            server.close()

    def _create(self, tag: str) -> str:
        return " ".join(["showcase models create", tag, *host_option(self._gate.endpoint)])

    def _make_plan(self, models: Sequence[Model], server: OllamaModels) -> Plan:
        try:
            figures = figures_of(models, server)
        except EngineError:
            figures = {}  # a server that does not say how a model is built leaves the table's figures
        memory = self._free()
        return make_plan(memory.usable_bytes, source=memory.source, figures=figures)

    def _first_that_loads(self, ranked: Sequence[str], fitting: Sequence[str], server: OllamaModels) -> str:
        tag, steps = first_that_loads(ranked, server.misfit)
        self.tried = tuple(RungTried(tag=step.tag, outcome=step.outcome, reason=step.reason) for step in steps)
        if tag is not None:
            return tag
        if ranked:
            raise ModelError(
                f"none of {', '.join(ranked)} fits into memory: {steps[-1].reason}",
                hint="free memory, or see what each needs: showcase models plan",
            )
        if fitting:
            raise ModelError(f"none of {', '.join(fitting)} is there", hint=self._create(fitting[0]))
        raise ModelError("no rung of the ladder fits into memory", hint="see the sum: showcase models plan")


def _as_fact(plan: Plan, held: dict[str, LoadedModel]) -> ModelPlan:
    """Return the plan for the log; a rung in memory comes before a lower one that the sum would choose."""
    for rung in plan.rungs:
        row = held.get(key(rung.tag))
        if row is not None:
            return ModelPlan(
                free_bytes=plan.free_bytes,
                free_source=plan.free_source,
                chosen=rung.tag,
                num_ctx=row.context_length,
                needed_bytes=row.size_bytes,
                reason="it is in the server's memory already",
            )
        if rung.tag == plan.chosen:
            break
    chosen = plan.rung
    return ModelPlan(
        free_bytes=plan.free_bytes,
        free_source=plan.free_source,
        chosen=None if plan.chosen == REHEARSAL else plan.chosen,
        num_ctx=chosen.need.num_ctx if chosen else None,
        needed_bytes=chosen.need.total_bytes if chosen else None,
        reason=_sum(chosen, plan.free_bytes) if chosen else plan.notes[0],
    )


def _sum(rung: RungPlan, free_bytes: int) -> str:
    need = rung.need
    return (
        f"{rung.reason}, taken {rung.rule}: weights {show_size(need.weights_bytes)} + cache "
        f"{show_size(need.kv_cache_bytes)} + computing {show_size(need.compute_bytes)} + embedder "
        f"{show_size(need.embedder_bytes)} = {show_size(need.total_bytes)} of {show_size(free_bytes)} free"
    )
