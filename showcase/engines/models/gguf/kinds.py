"""What a model is for: to chat, to go on writing (a base model), to embed, or to be a part of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal["chat", "base", "embedding", "reranker", "projector", "adapter", "other"]

_TAUGHT = frozenset(
    ("instruct", "instruction", "chat", "it", "assistant", "thinking", "reasoning", "sft", "dpo", "rlhf")
)
_UNTAUGHT = frozenset(("base", "pt", "pretrain", "pretrained", "foundation"))
_EMBEDDERS = ("bert", "t5encoder", "gemma-embedding")
_RANK, _NO_POOLING = "rank", "none"


def judge(
    *,
    architecture: str | None,
    declared: str | None,
    pooling: str | None,
    causal: bool | None,
    vocabulary: int | None,
    has_tensors: bool,
    has_template: bool,
    names: Iterable[str | None],
) -> tuple[Kind, str]:
    """Return what a model is for, and what tells so.

    Args:
        architecture: `general.architecture`.
        declared: `general.type`.
        pooling: How one vector is made of many, by its usual name.
        causal: `attention.causal`.
        vocabulary: Tokens it has.
        has_tensors: Whether there is any weight.
        has_template: Whether it has a template for chats.
        names: What it is called and said to be made into, the file's own word first.
    """
    if declared in {"mmproj", "projector"} or architecture == "clip":
        return "projector", "it turns pictures or sound into what another model reads"
    if declared == "adapter":
        return "adapter", "it changes another model"
    if declared not in {None, "model"} or not has_tensors:
        return "other", f"it holds {(declared or '')[:40]!r} data" if has_tensors else "it has no weights"
    if pooling == _RANK:
        return "reranker", "it gives a text a score"
    if (
        pooling not in {None, _NO_POOLING}
        or causal is False
        or any(each in (architecture or "") for each in _EMBEDDERS)
    ):
        return "embedding", "it makes one vector of a text"
    if not vocabulary:
        return "other", "it has no vocabulary"
    for name in names:
        words = re.split(r"[^a-z0-9]+", (name or "").lower())
        taught = next((word for word in words if word in _TAUGHT), None)
        untaught = next((word for word in words if word in _UNTAUGHT), None)
        if taught or untaught:  # "base-instruct" was taught
            return ("chat" if taught else "base"), f"its name says {taught or untaught!r}"
    if has_template:
        return "chat", "it has a template for chats, and its name says neither base nor instruct"
    return "base", "it has no template for chats, and its name does not say that it was taught to chat"
