"""The plan: which rung of the ladder was taken and why, and whether the models are as large as predicted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.evidence import RungTried
from showcase.report.text import size

if TYPE_CHECKING:
    from showcase.evidence import Engine, LoadedModel, Model, ModelPlan, Run

_LATEST = ":latest"


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of memory as a bar; `width` in percent of the largest one."""

    name: str
    note: str
    value: str
    kind: str
    width: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What was planned for this machine, what was used, and how the two compare."""

    what: str
    rung: str
    reason: str
    source: str
    context: str
    compared: str
    amounts: tuple[Amount, ...]
    tried: tuple[RungTried, ...]


def plan(run: Run) -> Plan | None:
    """Return the plan of a run, None where neither a plan nor a try is in the log."""
    engine = run.engine
    if engine is None or (engine.plan is None and not engine.rungs_tried):
        return None
    planned = engine.plan
    if planned is None:
        return Plan("Rung", "not recorded", "", "", "not recorded", "", (), engine.rungs_tried)
    loaded = _loaded(engine, engine.chat_model)
    # The embedded engine says how large the files are, not what it takes with them.
    seen = None if engine.is_embedded else _sizes(loaded, _loaded(engine, engine.embed_model))
    followed = planned.chosen is not None and _same(planned.chosen, engine.chat_model.name)
    return Plan(
        what="Model" if engine.kind == "embedded" else "Rung",
        rung=planned.chosen or "none fits",
        reason=planned.reason,
        source=planned.free_source,
        context=_context(planned, loaded if followed else None),
        compared=_compared(planned, seen, engine.chat_model.name, followed=followed),
        amounts=_amounts(planned, seen if followed else None),
        tried=engine.rungs_tried,
    )


def _loaded(engine: Engine, model: Model) -> LoadedModel | None:
    return next((it for it in engine.loaded or () if _same(it.name, model.name)), None)


def _sizes(*loaded: LoadedModel | None) -> int | None:
    """Return what chat and embedding model take together, as the prediction is of both; None where one is not known."""
    known = [it.size_bytes for it in loaded if it is not None and it.size_bytes is not None]
    return sum(known) if len(known) == len(loaded) else None


def _same(one: str, other: str) -> bool:
    """Return whether two names are those of one model: a server adds `:latest` to a name without a tag."""
    return one.removesuffix(_LATEST) == other.removesuffix(_LATEST)


def _context(planned: ModelPlan, loaded: LoadedModel | None) -> str:
    words = "not planned" if planned.num_ctx is None else f"{planned.num_ctx:,} planned"
    if loaded is None or loaded.context_length is None:
        return words
    return f"{words}, {loaded.context_length:,} in force"


def _compared(planned: ModelPlan, seen: int | None, used: str, *, followed: bool) -> str:
    if not followed:
        return f"The run used {used}, which is not what the plan names: the prediction says nothing about it."
    if seen is None:
        return "How large both models were once loaded is not in the log."
    if not planned.needed_bytes:
        return "No size was predicted."
    off = seen / planned.needed_bytes - 1
    how = f"{abs(off):.0%} {'more' if off > 0 else 'less'} than predicted" if abs(off) >= 0.005 else "as predicted"  # noqa: PLR2004 - what rounds to 0 %
    fits = "within" if seen <= planned.free_bytes else "beyond"
    return f"Loaded, chat and embedding model took {size(seen)} together: {how}, and {fits} what was free."


def _amounts(planned: ModelPlan, seen: int | None) -> tuple[Amount, ...]:
    found = [
        ("Free", "before the run", planned.free_bytes, "free"),
        ("Predicted", "with the embedding model", planned.needed_bytes, "predicted"),
        ("Loaded", "as the server says", seen, "loaded"),
    ]
    largest = max([amount for _, _, amount, _ in found if amount is not None], default=0) or 1
    return tuple(
        Amount(name=name, note=note, value=size(amount), kind=kind, width=round(max(amount, 0) / largest * 100, 3))
        for name, note, amount, kind in found
        if amount is not None
    )
