"""What happens when a model is loaded: whether it fits, and which context is in force."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from showcase.engines.model_names import same
from showcase.engines.models import modelfile
from showcase.engines.models.figures import from_model_info
from showcase.engines.models.footprint import Footprint, footprint
from showcase.engines.models.parameters import read_value
from showcase.engines.models.templates import is_bare
from showcase.errors import ModelError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from showcase.evidence import LoadedModel, Model

_NUM_CTX = re.compile(r'^[ \t]*num_ctx[ \t]+"?([^\s"]+)"?[ \t]*$', flags=re.MULTILINE)


class Loader(Protocol):
    """The part of a server that loads models."""

    def show(self, name: str) -> dict[str, Any]:
        """Return `/api/show` of a model."""
        ...

    def load(self, name: str) -> None:
        """Load a model; raises `ModelError` where it does not fit into memory."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A loaded model against what was predicted and asked for.

    Attributes:
        asked_num_ctx: What the model's own parameters ask for, None where they do not.
        context_length: What is in force.
        predicted: The footprint at the context in force, None where the server does not say how it is built.
        bound: Why its cache may take less than predicted, empty where it will not.
        bare_template: Whether its template passes the last message on and nothing else, see `templates`.
        actual_bytes: What the server says it takes. It counts weights and cache, on some backends also
            scratch memory, and leaves out the input embeddings where they stay on disk.
        vram_bytes: The part of it on a graphics card.
    """

    tag: str
    asked_num_ctx: int | None
    context_length: int | None
    predicted: Footprint | None
    actual_bytes: int | None
    vram_bytes: int | None
    bound: str = ""
    bare_template: bool = False

    @property
    def lowered(self) -> bool:
        """Whether the server silently keeps a smaller context than was asked for."""
        return bool(self.asked_num_ctx and self.context_length and self.context_length < self.asked_num_ctx)

    @property
    def predicted_bytes(self) -> int | None:
        """Weights and cache: what the server reports on every backend."""
        if self.predicted is None:
            return None
        return self.predicted.weights_bytes + self.predicted.kv_cache_bytes


def check_model(loader: Loader, loaded: Callable[[], Sequence[LoadedModel]], model: Model) -> Check:
    """Load `model` and compare.

    Args:
        loader: Loads it and describes it.
        loaded: Reads `/api/ps`.
        model: As `/api/tags` has it.

    Raises:
        EngineError: The server does not answer.
        ModelError: It does not fit into memory, or is not in memory after it was loaded.
    """
    shown = loader.show(model.name)
    try:
        figures = from_model_info(shown.get("model_info") or {}, name=model.name, weights_bytes=model.size_bytes or 0)
    except ModelError:  # the context that is in force does not depend on it
        figures = None
    loader.load(model.name)
    row = next((row for row in loaded() if same(row.name, model.name)), None)
    if row is None:
        raise ModelError(
            f"{model.name} was loaded but is not among the models in memory",
            hint="look at the server's log, and whether OLLAMA_KEEP_ALIVE is 0; then run the command again",
        )
    asked = asked_num_ctx(shown)
    return Check(
        tag=model.name,
        asked_num_ctx=asked,
        context_length=row.context_length,
        predicted=footprint(figures, row.context_length or asked or figures.context_limit or 0) if figures else None,
        actual_bytes=row.size_bytes,
        vram_bytes=row.vram_bytes,
        bound=figures.bound if figures else "",
        bare_template=is_bare(shown),
    )


def asked_num_ctx(shown: dict[str, Any]) -> int | None:
    """Return the `num_ctx` in the Modelfile that `/api/show` gives, None where it asks for none.

    Nothing else in it matters here: a parameter that is retired, or newer than this program, hides no context. Where
    the Modelfile cannot be read, the server's own list of parameters tells.
    """
    try:
        parsed = modelfile.parse(str(shown.get("modelfile", "")))
        written = [each.value for each in parsed.instructions if each.name == "PARAMETER" and each.key == "num_ctx"]
    except UsageError:
        written = []
    for text in (*reversed(written), *reversed(_NUM_CTX.findall(str(shown.get("parameters") or "")))):
        with suppress(ValueError):
            return int(read_value("num_ctx", text))
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One rung that was tried at run time."""

    tag: str
    outcome: Literal["loaded", "does not fit"]
    reason: str


def first_that_loads(tags: Sequence[str], misfit: Callable[[str], str | None]) -> tuple[str | None, tuple[Step, ...]]:
    """Load the first of `tags` that fits into memory.

    Args:
        tags: Rungs that are there, best first.
        misfit: Loads one and returns why it does not fit, None where it does.

    Returns:
        The tag, None where none fits, and every step taken.

    Raises:
        EngineError: A load failed for another reason than memory.
    """
    steps: list[Step] = []
    for tag in tags:
        reason = misfit(tag)
        if reason is None:
            steps.append(Step(tag=tag, outcome="loaded", reason="fits into memory"))
            return tag, tuple(steps)
        steps.append(Step(tag=tag, outcome="does not fit", reason=reason))
    return None, tuple(steps)
