"""Which rung fits into the free memory, with the arithmetic behind it. Pure: everything it needs is given."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from showcase.engines.models.figures import TABLE, Figures
from showcase.engines.models.footprint import EXTRACTION_NUM_CTX, SPARE_BYTES, Footprint, footprint
from showcase.engines.models.ladder import LADDER, NUM_CTX_STEPS, REHEARSAL, Rung
from showcase.engines.models.sizes import show_size

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class RungPlan:
    """What the plan says of one rung.

    Attributes:
        considered: Whether the course's thresholds admit it with this much memory.
        tried: Its footprint at each context tried, largest first; the last one is the one that counts.
        fits: Whether the last one fits.
        reason: Why it was chosen, kept as a fallback or passed over.
    """

    tag: str
    base: str
    rule: str
    figures: Figures
    considered: bool
    tried: tuple[Footprint, ...]
    fits: bool
    reason: str

    @property
    def need(self) -> Footprint:
        """The footprint that counts."""
        return self.tried[-1]

    @property
    def extraction(self) -> bool:
        """Whether mem0 can extract memories in that context."""
        return self.need.num_ctx >= EXTRACTION_NUM_CTX


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rung chosen for an amount of memory. `chosen` is a tag, or `rehearsal`."""

    free_bytes: int
    free_source: str
    chosen: str
    rungs: tuple[RungPlan, ...]
    notes: tuple[str, ...] = field(default=())

    @property
    def rung(self) -> RungPlan | None:
        """The chosen rung, None for the rehearsal engine."""
        return next((rung for rung in self.rungs if rung.tag == self.chosen), None)

    @property
    def candidates(self) -> tuple[str, ...]:
        """The chosen rung and those below it that fit too: the order to fall down at run time."""
        return tuple(rung.tag for rung in self.rungs if rung.considered and rung.fits)

    def document(self) -> dict[str, Any]:
        """Return the plan as JSON: every term of every rung in bytes."""
        return {
            "free_bytes": self.free_bytes,
            "free_source": self.free_source,
            "chosen": self.chosen,
            "num_ctx": self.rung.need.num_ctx if self.rung else None,
            "extraction": self.rung.extraction if self.rung else None,
            "notes": list(self.notes),
            "rungs": [_document(rung) for rung in self.rungs],
        }


def make_plan(
    free_bytes: int,
    *,
    source: str,
    figures: Mapping[str, Figures] | None = None,
    num_ctx: int | None = None,
) -> Plan:
    """Choose the rung for `free_bytes`.

    Args:
        free_bytes: Memory that a model may take.
        source: Who says so.
        figures: By tag or base, what the server said of models that are there; the table has the others.
        num_ctx: Context to begin with instead of the one in each Modelfile.
    """
    known = figures or {}
    rungs: list[RungPlan] = []
    chosen = REHEARSAL
    for rung in LADDER:
        found = known.get(rung.tag) or known.get(rung.base) or TABLE[rung.base]
        planned = _weigh(rung, found, free_bytes, num_ctx or rung.num_ctx, taken=chosen != REHEARSAL)
        if planned.considered and planned.fits and chosen == REHEARSAL:
            chosen = rung.tag
        rungs.append(planned)
    plan = Plan(free_bytes=free_bytes, free_source=source, chosen=chosen, rungs=tuple(rungs))
    return Plan(free_bytes=free_bytes, free_source=source, chosen=chosen, rungs=plan.rungs, notes=tuple(_notes(plan)))


def _weigh(rung: Rung, figures: Figures, free_bytes: int, num_ctx: int, *, taken: bool) -> RungPlan:
    tried: list[Footprint] = []
    for tokens in (num_ctx, *(step for step in NUM_CTX_STEPS if step < num_ctx)):
        tried.append(footprint(figures, tokens))
        if tried[-1].total_bytes <= free_bytes:
            break
    need = tried[-1]
    fits = need.total_bytes <= free_bytes
    considered = rung.considered_with(free_bytes)
    if not fits:
        reason = f"passed over: needs {show_size(need.total_bytes)} even with num_ctx {need.num_ctx}"
    elif not considered:
        reason = f"passed over: taken only {rung.rule}"
    else:
        reason = "fits, next in line" if taken else "chosen"
        if need.num_ctx < tried[0].num_ctx:
            reason += f", with num_ctx {need.num_ctx} instead of {tried[0].num_ctx}"
    return RungPlan(
        tag=rung.tag,
        base=rung.base,
        rule=rung.rule,
        figures=figures,
        considered=considered,
        tried=tuple(tried),
        fits=fits,
        reason=reason,
    )


def _notes(plan: Plan) -> list[str]:
    """Say what does not work with the chosen rung, and where formula and thresholds disagree."""
    notes = []
    chosen = plan.rung
    if chosen is None:
        notes.append("no rung that the thresholds admit fits: the rehearsal engine needs no model")
    else:
        if not chosen.extraction:
            notes.append(
                f"with num_ctx {chosen.need.num_ctx} mem0's extraction (--infer) does not work: its prompt "
                f"and reply need {EXTRACTION_NUM_CTX}; storing sentences as they are does"
            )
        left = plan.free_bytes - chosen.need.total_bytes
        if left < SPARE_BYTES:
            notes.append(f"tight: {show_size(left)} are left, and computing may take {show_size(SPARE_BYTES)} more")
    notes.extend(
        f"formula and thresholds disagree: {rung.tag} fits ({show_size(rung.need.total_bytes)} with "
        f"num_ctx {rung.need.num_ctx}) but is taken only {rung.rule}; to use it: "
        f"showcase models create {rung.tag} --num-ctx {rung.need.num_ctx}"
        for rung in plan.rungs
        if rung.fits and not rung.considered and (chosen is None or _better(rung, chosen))
    )
    if chosen is not None and not chosen.extraction:
        notes.extend(
            f"{rung.tag}, further down, fits with num_ctx {rung.need.num_ctx}, where extraction works"
            for rung in plan.rungs[plan.rungs.index(chosen) + 1 :]
            if rung.considered and rung.fits and rung.extraction
        )
    bounds = ((rung.base, rung.figures.bound) for rung in plan.rungs if rung.figures.bound)
    notes.extend(f"the KV cache of {base} is at most that: {bound}" for base, bound in bounds)
    notes.extend(_inversions(plan))
    return notes


def _better(rung: RungPlan, than: RungPlan) -> bool:
    """Tell whether `rung` would hold a longer context in the same memory."""
    return rung.need.num_ctx > than.need.num_ctx


def _inversions(plan: Plan) -> list[str]:
    """Say which lower rung needs more than the one above it, at the context that both ask for first."""
    return [
        f"{lower.tag} is the lower rung but needs more than {upper.tag} at num_ctx {lower.tried[0].num_ctx}: "
        f"{show_size(lower.tried[0].total_bytes)} against {show_size(upper.tried[0].total_bytes)}"
        for upper, lower in zip(plan.rungs, plan.rungs[1:], strict=False)
        if lower.tried[0].num_ctx == upper.tried[0].num_ctx and lower.tried[0].total_bytes > upper.tried[0].total_bytes
    ]


def _document(rung: RungPlan) -> dict[str, Any]:
    need = rung.need
    return {
        "tag": rung.tag,
        "base": rung.base,
        "rule": rung.rule,
        "considered": rung.considered,
        "fits": rung.fits,
        "reason": rung.reason,
        "extraction": rung.extraction,
        **_terms(need),
        "tried": [_terms(footprint) for footprint in rung.tried],
        "figures": asdict(rung.figures),
    }


def _terms(need: Footprint) -> dict[str, int]:
    return {**asdict(need), "need_bytes": need.total_bytes}
