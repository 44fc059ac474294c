"""Prompts: how much of each the model read, and why an `add` stored nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence import EmptyAdd
from showcase.report.text import counted

if TYPE_CHECKING:
    from showcase.evidence import PromptRead, Session

_PURPOSES = {
    "preflight": "extraction, checked before planting",
    "add": "extraction of memories",
    "chat": "the question",
}
_SIGNS = {"whole": "●", "cut": "▲", "unknown": "?"}
_ORDER = tuple(reversed(_SIGNS))
_OPEN = 12
_SHOWN = 500


@dataclass(frozen=True, slots=True)
class PromptBar:
    """One prompt on a scale that holds it and the context: places and widths in percent, None where unknown.

    `read` is what the model read of it, `lost` what it did not, `limit` where the context ends.
    """

    purpose: str
    outcome: str
    sign: str
    figures: str
    read: float | None
    lost: float
    limit: float | None


@dataclass(frozen=True, slots=True)
class Prompts:
    """Prompts of one process, those that were not read whole first; `left_off` are in the log alone."""

    summary: str
    shown: tuple[PromptBar, ...]
    folded: tuple[PromptBar, ...]
    left_off: int


@dataclass(frozen=True, slots=True)
class EmptyAdds:
    """What was handed over for storing and left nothing behind."""

    shown: tuple[EmptyAdd, ...]
    left_off: int


def prompts(session: Session) -> Prompts | None:
    """Return the prompts of a process, None where none was recorded."""
    if not session.prompts:
        return None
    bars = sorted((_bar(prompt) for prompt in session.prompts), key=lambda bar: _ORDER.index(bar.outcome))
    return Prompts(
        summary=_summary(session.prompts),
        shown=tuple(bars[:_OPEN]),
        folded=tuple(bars[_OPEN:_SHOWN]),
        left_off=max(0, len(bars) - _SHOWN),
    )


def empty_adds(session: Session) -> EmptyAdds | None:
    """Return what a process failed to store, None where nothing."""
    found = session.empty_adds
    return EmptyAdds(shown=found[:_SHOWN], left_off=max(0, len(found) - _SHOWN)) if found else None


def _summary(found: tuple[PromptRead, ...]) -> str:
    cut = sum(prompt.outcome == "cut" for prompt in found)
    unknown = sum(prompt.outcome == "unknown" for prompt in found)
    total = counted(len(found), "prompt")
    if not cut and not unknown:
        return f"{total}, read whole" if len(found) == 1 else f"{total}, each read whole"
    parts = [f"{cut:,} cut" if cut else "", f"{unknown:,} not known to be whole" if unknown else ""]
    return f"{total}, {', '.join(part for part in parts if part)}"


def _bar(prompt: PromptRead) -> PromptBar:
    own, read, context = prompt.own_tokens, prompt.evaluated_tokens, prompt.context_length
    size = max(own or 0, read or 0)
    scale = max(size, context or 0, 1)
    taken = min(value for value in (size, read, context if prompt.refused else None) if value is not None)
    return PromptBar(
        purpose=_PURPOSES[prompt.purpose],
        outcome=prompt.outcome,
        sign=_SIGNS[prompt.outcome],
        figures=_figures(prompt),
        read=round(taken / scale * 100, 3) if own is not None or read is not None else None,
        lost=round((size - taken) / scale * 100, 3),
        limit=round(context / scale * 100, 3) if context is not None else None,
    )


def _figures(prompt: PromptRead) -> str:
    own, read, context = prompt.own_tokens, prompt.evaluated_tokens, prompt.context_length
    parts = [
        "its own count was not taken" if own is None else f"{own:,} tokens of its own",
        "what the model read was not counted" if read is None else f"{read:,} read",
        "context not known" if context is None else f"num_ctx {context:,}",
    ]
    if prompt.refused:
        parts.append("the server would not take it uncut")
    size = read if own is None else own
    if size is not None and context:
        parts.append(f"{size / context:.1%} of the context")
    return ", ".join(parts)
