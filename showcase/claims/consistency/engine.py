"""What the model server said of itself and of its models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_TOKENS, is_size, is_tokens, told, twice
from showcase.engines.model_names import same
from showcase.evidence import says_embedded, says_rehearsal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Engine, LoadedModel, Model, ModelPlan, Run

_DIGEST = re.compile(r"(?:sha256:)?[0-9a-f]{64}")
_MOST_DIMENSIONS = 1 << 20
FIRST_EMBEDDED = 5
"""Version of the log that first knew the embedded engine."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    if run.engine is None:
        return
    yield from _engine(run.engine)
    if run.engine.kind == "embedded" and (run.written_as or FIRST_EMBEDDED) < FIRST_EMBEDDED:
        yield "the run started the embedded engine, which the program that wrote the log did not have"
    started = [phase.engine_started for phase in run.phases if phase.engine_started is not None]
    if started[-1:] not in ([], [run.engine.started]) or (run.engine.is_own and not all(started)):
        yield "a phase started its model server or not: the log says both"


def _engine(engine: Engine) -> Iterator[str]:
    if engine.is_own and not (engine.started and engine.cloud_disabled):
        yield f"{engine.called} is a process of the run without a cloud part, and the log says otherwise"
    if engine.kind == "embedded" and (engine.is_rehearsal or not says_embedded(engine.version)):
        yield f"the run started its embedded engine, and what answered says that it is {engine.version!r}"
    if engine.kind == "rehearsal" and not says_rehearsal(engine.version):
        yield f"the run started its rehearsal engine, and what answered says that it is {engine.version!r}"
    if engine.is_own:
        yield from _own(engine)
    if not engine.version:
        yield "the model server has no version"
    for model in (engine.chat_model, engine.embed_model):
        yield from _model(model)
    names = [loaded.name for loaded in engine.loaded or ()]
    if twice(names) is not None or not all(names):
        yield "the server ran a model twice, or one without a name"
    for loaded in engine.loaded or ():
        yield from _loaded(loaded)
    if engine.plan is not None:
        yield from _plan(engine.plan)


def _own(engine: Engine) -> Iterator[str]:
    """Hold what is written of the models against how an engine of this program's own is started."""
    if engine.rungs_tried or (engine.kind == "rehearsal" and engine.plan is not None):
        yield f"{engine.called} was started, and a plan or rungs that are tried are those of another server"
    plan = engine.plan
    if engine.kind != "embedded" or plan is None:
        return
    if plan.chosen is None or not same(plan.chosen, engine.chat_model.name):
        yield f"{engine.called} was started for {plan.chosen or 'no model'}, and ran {engine.chat_model.name}"
    for loaded in engine.loaded or ():
        if same(loaded.name, engine.chat_model.name) and loaded.context_length not in (None, plan.num_ctx):
            yield f"it was started with a context of {told(plan.num_ctx)}, and had one of {loaded.context_length}"


def _loaded(loaded: LoadedModel) -> Iterator[str]:
    if not is_size(loaded.size_bytes) or not is_size(loaded.vram_bytes):
        yield f"the server ran {loaded.name} in {told(loaded.size_bytes)} bytes, {told(loaded.vram_bytes)} of a card"
    if not is_tokens(loaded.context_length, least=1):
        yield f"the server ran {loaded.name} with a context of {loaded.context_length} tokens"
    if loaded.remote_host == "":
        yield f"the server ran {loaded.name} at a host without a name"


def _plan(plan: ModelPlan) -> Iterator[str]:
    sizes = is_size(plan.free_bytes) and is_size(plan.needed_bytes, least=1)
    if not sizes or not is_tokens(plan.num_ctx, least=1):
        needs = f"{told(plan.needed_bytes)} for a context of {told(plan.num_ctx)}"
        yield f"the plan counts with {plan.free_bytes} bytes and needs {needs}"
    if plan.chosen == "":
        yield "the plan is for a model without a name"
    if plan.chosen is not None and (plan.needed_bytes is None or plan.needed_bytes > plan.free_bytes):
        yield f"the plan has room for {plan.chosen}, and has not"


def _model(model: Model) -> Iterator[str]:
    if not model.name:
        yield "a model has no name"
    if model.digest is not None and not _DIGEST.fullmatch(model.digest):
        yield f"the model {model.name} has the digest {model.digest!r}, which is none"
    if not is_size(model.size_bytes, least=0 if model.remote else 1):
        yield f"the model {model.name} has {model.size_bytes} bytes"
    if model.context_length is not None and not 0 < model.context_length <= MOST_TOKENS:
        yield f"the model {model.name} has a context of {model.context_length} tokens"
    if model.dimensions is not None and not 0 < model.dimensions <= _MOST_DIMENSIONS:
        yield f"the model {model.name} has {model.dimensions} dimensions"
    if not all(model.capabilities) or twice(model.capabilities) is not None:
        yield f"the model {model.name} can do something twice, or what has no name"
    if "" in (model.family, model.parameter_size, model.quantization, model.remote_host, model.license):
        yield f"of the model {model.name} something is said that is nothing"
