"""What `showcase models` prints: progress, a plan, and what a look at a model found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.words import as_typed, printable

if TYPE_CHECKING:
    from showcase.engines.models.loading import Check
    from showcase.engines.models.plan import Plan
    from showcase.engines.ollama_models import Progress
    from showcase.evidence import Endpoint


class ProgressLines:
    """Prints a line when the step changes, and at each tenth of a download."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def remind(self, since_s: float) -> None:
        """Say that the last step goes on."""
        click.echo(f"  {printable(self._last[0]) or 'the server is asked'}: {since_s:.0f} s so far", err=True)

    def __call__(self, progress: Progress) -> None:
        """Take note of a step."""
        from showcase.engines.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

        total, done = progress.total_bytes or 0, progress.completed_bytes or 0
        tenth = done * 10 // total if total else -1
        if (progress.status, tenth) == self._last:
            return
        self._last = (progress.status, tenth)
        amount = f"  {tenth * 10}% of {show_size(total)}" if total else ""
        click.echo(f"  {printable(progress.status)}{amount}", err=True)


def plan_lines(made: Plan, host: list[str]) -> list[str]:
    """Return a plan as a table with its figures and what to do next."""
    from showcase.engines.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

    lines = [f"Free memory: {show_size(made.free_bytes)} ({made.free_source})", ""]
    head = ("rung", "num_ctx", "weights", "+ KV cache", "+ compute", "+ embedder", "= need", "")
    rows: list[tuple[str, ...]] = [head]
    for rung in made.rungs:
        need = rung.need
        parts = (need.weights_bytes, need.kv_cache_bytes, need.compute_bytes, need.embedder_bytes, need.total_bytes)
        rows.append((rung.tag, str(need.num_ctx), *(show_size(part) for part in parts), rung.reason))
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    for name, *numbers, reason in rows:
        cells = [number.rjust(width) for number, width in zip(numbers, widths[1:], strict=False)]
        lines.append("  ".join([name.ljust(widths[0]), *cells, reason]).rstrip())
    lines += ["", "Figures:"]
    lines += [
        f"  {rung.base}: weights from {rung.figures.weights_source}; layers from {rung.figures.shape_source}"
        for rung in made.rungs
    ]
    lines += ["", f"Chosen: {made.chosen}" + (f" with num_ctx {made.rung.need.num_ctx}" if made.rung else "")]
    # A command stands at the end of its note.
    lines += [" ".join([f"  note: {note}", *(host if "models create" in note else [])]) for note in made.notes]
    create = " ".join(["showcase models create", *host])
    lines.append(f"Next: {create if made.rung else 'showcase run --engine rehearsal'}")
    return lines


def check_lines(checked: Check, endpoint: Endpoint) -> list[str]:
    """Return what a look at a model found, and what to do about it."""
    from showcase.engines.models import templates  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.models.sizes import show_size  # noqa: PLC0415 - likewise

    need = checked.predicted
    lines = [
        f"{checked.tag} is loaded",
        f"  context: {_tokens(checked.asked_num_ctx)} asked for, {_tokens(checked.context_length)} in force",
    ]
    predicted = checked.predicted_bytes
    if need is None or predicted is None:
        lines.append("  predicted: unknown, for the server does not say how it is built")
    else:
        most = "at most " if checked.bound else ""
        sums = f"weights {show_size(need.weights_bytes)} + KV cache {most}{show_size(need.kv_cache_bytes)}"
        computing = f"and up to {show_size(need.compute_bytes)} for computing"
        lines.append(f"  predicted: {sums} = {most}{show_size(predicted)}, {computing}")
        if checked.bound:
            lines.append(f"  at most: {checked.bound}")
    if checked.actual_bytes is not None:
        difference = checked.actual_bytes - (predicted or 0)
        than = f"{show_size(abs(difference))} {'more' if difference >= 0 else 'less'} than weights and cache"
        lines.append(
            f"  the server says: {show_size(checked.actual_bytes)}" + ("" if predicted is None else f", {than}")
        )
    if checked.vram_bytes:
        lines.append(f"  on a graphics card: {show_size(checked.vram_bytes)}")
    if checked.lowered:
        lines.append(
            f"  problem: the server silently keeps {checked.context_length} tokens instead of "
            f"{checked.asked_num_ctx}: that is the model's own limit"
        )
        lines.append(f"  fix: build on another model; see which: {as_typed('showcase models plan')}")
    if checked.bare_template:
        lines.append(f"  problem: {printable(templates.complaint(checked.tag))}")
        lines.append(f"  fix: {printable(as_typed(templates.remedy(checked.tag, endpoint)))}")
    return lines


def check_document(checked: Check) -> dict[str, object]:
    """Return the same as a document."""
    need = checked.predicted
    return {
        "tag": checked.tag,
        "asked_num_ctx": checked.asked_num_ctx,
        "context_length": checked.context_length,
        "lowered": checked.lowered,
        "weights_bytes": need.weights_bytes if need else None,
        "kv_cache_bytes": need.kv_cache_bytes if need else None,
        "compute_bytes": need.compute_bytes if need else None,
        "bound": checked.bound,
        "bare_template": checked.bare_template,
        "predicted_bytes": checked.predicted_bytes,
        "actual_bytes": checked.actual_bytes,
        "vram_bytes": checked.vram_bytes,
    }


def _tokens(count: int | None) -> str:
    return "nothing" if count is None else f"{count} tokens"
