"""`showcase models`: which chat model fits, make it, look whether it does what was asked."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.reminder import Reminder
from showcase.settings import LONGEST_SESSION_TIMEOUT_S, SESSION_TIMEOUT, SESSION_TIMEOUT_S

if TYPE_CHECKING:
    from showcase.engines.ollama_models import Progress
    from showcase.evidence import Endpoint
    from showcase.models.loading import Check
    from showcase.models.plan import Plan

_host = click.option(
    "--ollama-host",
    metavar="URL",
    help="Where Ollama listens, loopback only.  [default: $OLLAMA_HOST, else http://127.0.0.1:11434]",
)
_num_ctx = click.option(
    "--num-ctx", type=click.IntRange(1, 2**31 - 1), metavar="TOKENS", help="Context instead of the Modelfile's."
)
_session_timeout = click.option(
    SESSION_TIMEOUT,
    type=click.FloatRange(1, LONGEST_SESSION_TIMEOUT_S),
    default=SESSION_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="A model that takes longer to load, or a download that stands still so long, is given up.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Plan, create and check the chat models that fit this machine."""


@command.command()
@click.option("--ram", metavar="SIZE", help="Plan for this much free memory: 3.5GiB, 6GB.  [default: what is free]")
@_num_ctx
@_host
@_json
def plan(ram: str | None, num_ctx: int | None, ollama_host: str | None, *, as_json: bool) -> None:
    """Say which rung of the ladder fits, with the arithmetic.

    \b
    Examples:
      showcase models plan
      showcase models plan --ram 3.5GiB
      showcase models plan --ram 6GB --num-ctx 32768 --json
    """  # noqa: D301 - click reads the backspace
    from showcase.models.sizes import parse_size  # noqa: PLC0415 - `--help` must not wait
    from showcase.models.survey import plan_here  # noqa: PLC0415 - likewise

    made = plan_here(_endpoint(ollama_host), ram_bytes=parse_size(ram) if ram else None, num_ctx=num_ctx)
    if as_json:
        click.echo(json.dumps(made.document(), indent=2))
        return
    for line in _plan_lines(made):
        click.echo(line)


@command.command()
@click.argument("tag", required=False)
@_num_ctx
@click.option("--pull", is_flag=True, help="Download the base model where it is missing.")
@click.option(
    "--file",
    "path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Create TAG from this Modelfile instead of a rung's.",
)
@_session_timeout
@_host
def create(
    tag: str | None,
    num_ctx: int | None,
    path: Path | None,
    session_timeout: float,
    ollama_host: str | None,
    *,
    pull: bool,
) -> None:
    """Create TAG in Ollama from its Modelfile; without TAG the rung that fits.

    Nothing is downloaded without --pull.

    \b
    Examples:
      showcase models create
      showcase models create qwen2-5-1-5b-mem --num-ctx 12288 --pull
      showcase models create my-mem --file Modelfile
    """  # noqa: D301 - click reads the backspace
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise
    from showcase.errors import UsageError  # noqa: PLC0415 - likewise
    from showcase.models import ladder, modelfile  # noqa: PLC0415 - likewise
    from showcase.models.creation import create_model  # noqa: PLC0415 - likewise
    from showcase.models.survey import plan_here  # noqa: PLC0415 - likewise

    endpoint = _endpoint(ollama_host)
    if path is not None and tag is None:
        raise UsageError(
            "--file needs the name of the model to create", hint=f"showcase models create TAG --file {path}"
        )
    if tag is None:
        made = plan_here(endpoint, num_ctx=num_ctx)
        tag = made.chosen
        num_ctx = made.rung.need.num_ctx if made.rung else None
        click.echo(f"{tag} fits: see showcase models plan", err=True)
    if tag == ladder.REHEARSAL and path is None:
        click.echo("rehearsal needs nothing: showcase run --engine rehearsal")
        return
    source = modelfile.read(path) if path is not None else ladder.rung(tag).modelfile
    gate, server = OllamaGate(endpoint), OllamaModels(endpoint, limit_s=session_timeout)
    progress = _ProgressLines()
    try:
        with Reminder(progress.remind):
            creation = create_model(
                server, gate.models(), source, tag=tag, num_ctx=num_ctx, pull=pull, on_progress=progress
            )
    finally:
        gate.close()
        server.close()
    settings = ", ".join(f"{name} {value}" for name, value in creation.parameters.items())
    click.echo(f"created {creation.tag} from {creation.base}: {settings or 'no parameters'}")
    click.echo(f"next: showcase models check {creation.tag}")


@command.command()
@click.argument("tag", required=False)
@_session_timeout
@_host
@_json
def check(tag: str | None, session_timeout: float, ollama_host: str | None, *, as_json: bool) -> int:
    """Load TAG and compare memory and context with what was predicted and asked for.

    Without TAG the best rung that is there. Exit status 4 where the server silently lowered the context.
    """
    from showcase.engines.ollama import OllamaGate  # noqa: PLC0415 - `--help` must not wait
    from showcase.engines.ollama_models import OllamaModels  # noqa: PLC0415 - likewise
    from showcase.errors import ExitCode, ModelError  # noqa: PLC0415 - likewise
    from showcase.models import ladder  # noqa: PLC0415 - likewise
    from showcase.models.loading import check_model  # noqa: PLC0415 - likewise

    if tag == ladder.REHEARSAL:
        click.echo("rehearsal needs nothing: it is no model and holds none in memory")
        return int(ExitCode.UPHELD)
    endpoint = _endpoint(ollama_host)
    gate, server = OllamaGate(endpoint), OllamaModels(endpoint, limit_s=session_timeout)
    try:
        there = {model.name.removesuffix(":latest"): model for model in gate.models()}
        wanted = [tag.removesuffix(":latest")] if tag else [rung.tag for rung in ladder.LADDER]
        found = next((there[name] for name in wanted if name in there), None)
        if found is None:
            raise ModelError(
                f"the model {tag} is not there" if tag else "no rung of the ladder is there",
                hint=f"showcase models create{f' {tag}' if tag else ''}",
            )
        if found.remote:
            raise ModelError(f"{found.name} is a cloud model", hint="check a local one: ollama list")
        name = found.name
        with Reminder(lambda s: click.echo(f"  the server loads {name}: {s:.0f} s so far", err=True)):
            checked = check_model(server, gate.loaded, found)
    finally:
        gate.close()
        server.close()
    if as_json:
        click.echo(json.dumps(_check_document(checked), indent=2))
    else:
        for line in _check_lines(checked):
            click.echo(line)
    return int(ExitCode.ENVIRONMENT if checked.lowered else ExitCode.UPHELD)


def _endpoint(ollama_host: str | None) -> Endpoint:
    from showcase.settings import DEFAULT_OLLAMA_HOST, parse_ollama_host  # noqa: PLC0415 - `--help` must not wait

    endpoint, note = parse_ollama_host(ollama_host or os.environ.get("OLLAMA_HOST") or DEFAULT_OLLAMA_HOST)
    if note:
        click.echo(note, err=True)
    return endpoint


class _ProgressLines:
    """Prints a line when the step changes, and at each tenth of a download."""

    def __init__(self) -> None:
        self._last = ("", -1)

    def remind(self, since_s: float) -> None:
        """Say that the last step goes on."""
        from showcase.cli import printable  # noqa: PLC0415 - imports this file

        click.echo(f"  {printable(self._last[0]) or 'the server is asked'}: {since_s:.0f} s so far", err=True)

    def __call__(self, progress: Progress) -> None:
        from showcase.cli import printable  # noqa: PLC0415 - imports this file
        from showcase.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

        total, done = progress.total_bytes or 0, progress.completed_bytes or 0
        tenth = done * 10 // total if total else -1
        if (progress.status, tenth) == self._last:
            return
        self._last = (progress.status, tenth)
        amount = f"  {tenth * 10}% of {show_size(total)}" if total else ""
        click.echo(f"  {printable(progress.status)}{amount}", err=True)


def _plan_lines(made: Plan) -> list[str]:
    from showcase.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

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
    lines += [f"  note: {note}" for note in made.notes]
    lines.append("Next: showcase models create" if made.rung else "Next: showcase run --engine rehearsal")
    return lines


def _check_lines(checked: Check) -> list[str]:
    from showcase.models.sizes import show_size  # noqa: PLC0415 - `--help` must not wait

    need = checked.predicted
    lines = [
        f"{checked.tag} is loaded",
        f"  context: {_tokens(checked.asked_num_ctx)} asked for, {_tokens(checked.context_length)} in force",
    ]
    sums = f"weights {show_size(need.weights_bytes)} + KV cache {show_size(need.kv_cache_bytes)}"
    lines.append(
        f"  predicted: {sums} = {show_size(checked.predicted_bytes)}, "
        f"and up to {show_size(need.compute_bytes)} for computing"
    )
    if checked.actual_bytes is not None:
        difference = checked.actual_bytes - checked.predicted_bytes
        lines.append(
            f"  the server says: {show_size(checked.actual_bytes)}, {show_size(abs(difference))} "
            f"{'more' if difference >= 0 else 'less'} than weights and cache"
        )
    if checked.vram_bytes:
        lines.append(f"  on a graphics card: {show_size(checked.vram_bytes)}")
    if checked.lowered:
        lines.append(
            f"  problem: the server silently keeps {checked.context_length} tokens instead of "
            f"{checked.asked_num_ctx}: that is the model's own limit"
        )
        lines.append("  fix: build on another model, see showcase models plan")
    return lines


def _check_document(checked: Check) -> dict[str, object]:
    return {
        "tag": checked.tag,
        "asked_num_ctx": checked.asked_num_ctx,
        "context_length": checked.context_length,
        "lowered": checked.lowered,
        "weights_bytes": checked.predicted.weights_bytes,
        "kv_cache_bytes": checked.predicted.kv_cache_bytes,
        "compute_bytes": checked.predicted.compute_bytes,
        "predicted_bytes": checked.predicted_bytes,
        "actual_bytes": checked.actual_bytes,
        "vram_bytes": checked.vram_bytes,
    }


def _tokens(count: int | None) -> str:
    return "nothing" if count is None else f"{count} tokens"
