"""Create a rung's tag on the server. Nothing is downloaded unless that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from showcase.engines.model_names import same, short
from showcase.engines.models.figures import TABLE
from showcase.engines.models.sizes import GB
from showcase.errors import ModelError
from showcase.settings import OLLAMA
from showcase.shell.advice import ollama_command, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from showcase.engines.models.modelfile import Modelfile
    from showcase.engines.ollama_models import Progress
    from showcase.evidence import Endpoint, Model


class Workshop(Protocol):
    """The part of a server that creates models."""

    def create(self, request: Mapping[str, Any], *, on_progress: Callable[[Progress], None]) -> None:
        """Create a model."""
        ...

    def pull(self, name: str, *, on_progress: Callable[[Progress], None]) -> None:
        """Download a model."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Creation:
    """What was made: the tag, from what, with which parameters, and whether the base was downloaded."""

    tag: str
    base: str
    parameters: dict[str, Any]
    pulled: bool


def create_model(
    workshop: Workshop,
    models: Sequence[Model],
    modelfile: Modelfile,
    *,
    tag: str,
    num_ctx: int | None = None,
    pull: bool = False,
    with_pull: str = "",
    endpoint: Endpoint = OLLAMA,
    on_progress: Callable[[Progress], None],
) -> Creation:
    """Create `tag` as `modelfile` says.

    The server downloads a missing base by itself and without asking, so its presence is checked first.

    Args:
        workshop: Where to create it.
        models: What is there.
        modelfile: Base and parameters; checked here, because the server stores any value.
        tag: Name of the new model; one of that name is replaced.
        num_ctx: Context instead of the one in the Modelfile.
        pull: Download a missing base.
        with_pull: The command that would download it, for the hint.
        endpoint: The server, for the hint.
        on_progress: Gets each step.

    Raises:
        UsageError: The Modelfile has a wrong parameter or needs files.
        ModelError: The base is missing and `pull` is not set, or it is a cloud model.
    """
    request = modelfile.create_request(tag, endpoint=endpoint, **({} if num_ctx is None else {"num_ctx": num_ctx}))
    base = modelfile.base
    found = next((model for model in models if same(model.name, base)), None)
    if found is not None and found.remote:
        raise ModelError(
            f"{base} is a cloud model: what it is asked leaves this machine",
            hint="build on a local model: FROM qwen3:4b-instruct",
        )
    if found is None and not pull:
        raise ModelError(
            f"{base} is not there, and creating {tag} would make the server download it{_size(base)}",
            hint=f"{ollama_command(endpoint, 'pull', base)}; or let this program do it: "
            + (with_pull or f"showcase models create {quoted(tag)} --pull"),
        )
    if found is None:
        workshop.pull(base, on_progress=on_progress)
    workshop.create(request, on_progress=on_progress)
    return Creation(tag=tag, base=base, parameters=request.get("parameters", {}), pulled=found is None)


def _size(base: str) -> str:
    known = TABLE.get(short(base))
    return f" ({known.weights_bytes / GB:.1f} GB)" if known else ""
