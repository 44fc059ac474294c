"""What is shown of the samples: the threshold, what it is worth, and what others would be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.bench.results.intervals import WILSON, share
from showcase.bench.results.result import UNOBSERVED, Cell, Column, Plot, Point, Row, Section, Series, Table
from showcase.bench.threshold.choosing import THRESHOLDS, choose
from showcase.conversation.thresholds import default_for, is_measured

if TYPE_CHECKING:
    from showcase.bench.threshold.choosing import Questions

FOUND = "found"
REFUSED = "refused"

_COLUMNS = (
    Column(key="threshold", title="threshold", digits=2),
    Column(key="found", title="found in the held-out set", unit="share"),
    Column(key="refused", title="refused in the held-out set", unit="share"),
    Column(key="chosen_found", title="found in the sets it was chosen on", unit="share"),
    Column(key="chosen_refused", title="refused in the sets it was chosen on", unit="share"),
    Column(key="built_in", title="built-in threshold", digits=2),
)


def sections(embed_model: str, chosen_on: Questions, held_out: Questions, *, all_chosen_on: int) -> tuple[Section, ...]:
    """Return the figures.

    Args:
        embed_model: Whose vectors were compared.
        chosen_on: All that the threshold is chosen on.
        held_out: What it is judged on, and never chosen on.
        all_chosen_on: How many questions it is to be chosen on, once all samples are there.
    """
    threshold = choose(chosen_on)
    asked = len(chosen_on.known)
    some = f"chosen on {asked} of {all_chosen_on} questions" if asked < all_chosen_on else ""
    measured = "" if is_measured(embed_model) else "which is no measurement"
    cells = {
        "threshold": Cell(value=threshold, of=asked, note=some),
        "found": _found(held_out, threshold),
        "refused": _refused(held_out, threshold),
        "chosen_found": _found(chosen_on, threshold),
        "chosen_refused": _refused(chosen_on, threshold),
        "built_in": Cell(value=default_for(embed_model), note=measured),
    }
    return (
        Section(
            key="threshold",
            title="From which cosine on a memory answers a question",
            text=(
                (
                    "Each question that a fact answers counts twice: as it is, where that fact should be found, and "
                    "with its facts taken away, where nothing should be."
                ),
                (
                    "Chosen is the cosine where the shares of found and of refused, together, are greatest on two sets "
                    "(Youden's J); the held-out set has no say."
                ),
                _told(embed_model, threshold, whole=not some),
            ),
            tables=(
                Table(
                    key="threshold",
                    title="The threshold, and what it is worth",
                    columns=_COLUMNS,
                    rows=(Row(arm=embed_model, cells=cells),),
                    interval=WILSON,
                ),
            ),
            plots=_plots(held_out),
        ),
    )


def _told(embed_model: str, threshold: float | None, *, whole: bool) -> str:
    if threshold is None:
        return "No threshold is chosen: too few questions were asked."
    if not whole:
        return f"By the questions that were asked so far, {threshold:.2f} would be chosen for {embed_model}."
    return f"{threshold:.2f} is the threshold of {embed_model}; it is given by --threshold {threshold:.2f}."


def _found(asked: Questions, threshold: float | None) -> Cell:
    return UNOBSERVED if threshold is None else share(asked.found(threshold), len(asked.known))


def _refused(asked: Questions, threshold: float | None) -> Cell:
    return UNOBSERVED if threshold is None else share(asked.refused(threshold), len(asked.unknown))


def _plots(held_out: Questions) -> tuple[Plot, ...]:
    sides = ((FOUND, held_out.known, held_out.found), (REFUSED, held_out.unknown, held_out.refused))
    series = tuple(
        Series(arm=name, points=tuple(Point(x=each, y=count(each) / len(there)) for each in THRESHOLDS))
        for name, there, count in sides
        if there
    )
    if not series:
        return ()
    return (
        Plot(
            key="shares",
            title="What each threshold would find and refuse of the held-out questions",
            x_title="threshold, a cosine",
            y_title="share of the questions",
            series=series,
        ),
    )
