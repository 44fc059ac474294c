"""How much memory a model takes, by its file's own figures, and the context that fits; decided before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.engines.models.figures import from_file
from showcase.engines.models.footprint import COMPUTE_BYTES, Footprint, footprint
from showcase.engines.models.ladder import NUM_CTX_STEPS
from showcase.engines.models.machine import FreeMemory, free_memory
from showcase.engines.models.sizes import show_size
from showcase.errors import ModelError
from showcase.evidence import ModelPlan

if TYPE_CHECKING:
    from showcase.engines.embedded.model_file import Files, ModelFile


_SMALLER = "end other programs, or take a smaller model: showcase models list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What is to be loaded, and what it takes.

    Attributes:
        need: Of the chat model at its context, with the embedding model beside it.
        free: What there was.
        reason: Why that context, in a sentence.
        bound: Why it may take less than that; empty where it will not.
    """

    need: Footprint
    free: FreeMemory
    reason: str
    bound: str = ""

    def told(self, name: str) -> ModelPlan:
        """Return it as a log has it."""
        return ModelPlan(
            free_bytes=self.free.ram_bytes,
            free_source=self.free.source,
            chosen=name,
            num_ctx=self.need.num_ctx,
            needed_bytes=self.need.total_bytes,
            reason=self.reason,
        )


def plan_for(
    chat: ModelFile, embed: ModelFile | None, *, num_ctx: int | None = None, free: FreeMemory | None = None
) -> Planned:
    """Return what fits into the memory that is free.

    Args:
        chat: The chat model.
        embed: The embedding model, None for vectors of the rehearsal engine.
        num_ctx: The context that is asked for, tokens; None for the largest of the usual steps that fits.
        free: What is free, None to look.

    Raises:
        ModelError: Nothing fits, or the file does not say enough to tell.
    """
    free = free_memory() if free is None else free
    figures = from_file(chat.model, name=chat.name)
    limit = figures.context_limit
    steps = tuple(dict.fromkeys(min(step, limit or step) for step in ((num_ctx,) if num_ctx else NUM_CTX_STEPS)))
    needs = [_with(footprint(figures, step), embed) for step in steps]
    fits = next((need for need in needs if need.total_bytes <= free.ram_bytes), None)
    if fits is None:
        least = needs[-1]
        raise ModelError(
            f"{chat.name} needs {_sum(least)} of memory with a context of {least.num_ctx} tokens, and "
            f"{show_size(free.ram_bytes)} are free: it is not loaded",
            hint=_SMALLER,
        )
    asked = "asked for" if num_ctx else "the largest of the usual contexts that fits"
    if limit and fits.num_ctx == limit:
        asked = "the model's own limit"
    reason = f"{_sum(fits)}; {show_size(free.ram_bytes)} are free; a context of {fits.num_ctx} tokens is {asked}"
    return Planned(need=fits, free=free, reason=reason, bound=figures.bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a process that runs models may take.

    Attributes:
        num_ctx: Context of its chat model, tokens; 0 where it has none.
        most_bytes: Memory by the plan, and the weights once more, which llama.cpp may lay out anew.
    """

    num_ctx: int
    most_bytes: int


def memory_of(file: ModelFile, *, num_ctx: int) -> int:
    """Return what one model takes when it is loaded for that context."""
    if file.purpose == "embed":
        return vectors_bytes(file)
    need = footprint(from_file(file.model, name=file.name), num_ctx)
    return need.total_bytes - need.embedder_bytes


def room_of(files: Files, *, num_ctx: int | None) -> Room:
    """Return what a process that runs these may take.

    Raises:
        ModelError: It is not there; see `plan_for`.
    """
    if files.chat is None:
        for file in files.all():
            require_room(file)
        return Room(num_ctx=0, most_bytes=sum(vectors_bytes(file) + file.model.file_bytes for file in files.all()))
    need = plan_for(files.chat, files.embed, num_ctx=num_ctx).need
    return Room(num_ctx=need.num_ctx, most_bytes=need.total_bytes + need.weights_bytes)


def vectors_bytes(embed: ModelFile) -> int:
    """Return what an embedding model takes. Read in one piece, a text needs as much scratch memory as a chat model."""
    return embed.model.file_bytes + COMPUTE_BYTES


def require_room(embed: ModelFile, *, free: FreeMemory | None = None) -> None:
    """Refuse an embedding model that is to run alone and does not fit.

    Raises:
        ModelError: It does not.
    """
    free = free_memory() if free is None else free
    if vectors_bytes(embed) > free.ram_bytes:
        raise ModelError(
            f"{embed.name} needs {show_size(vectors_bytes(embed))} of memory, and {show_size(free.ram_bytes)} are "
            "free: it is not loaded",
            hint=_SMALLER,
        )


def _with(need: Footprint, embed: ModelFile | None) -> Footprint:
    if embed is None:
        return need
    return replace(need, embedder_bytes=vectors_bytes(embed))


def _sum(need: Footprint) -> str:
    parts = (
        (need.weights_bytes, "weights"),
        (need.kv_cache_bytes, "KV cache"),
        (need.compute_bytes, "computing"),
        (need.embedder_bytes, "embeddings"),
    )
    told = ", ".join(f"{show_size(size)} {what}" for size, what in parts)
    return f"{show_size(need.total_bytes)} ({told})"
