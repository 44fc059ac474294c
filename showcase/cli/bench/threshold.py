"""`showcase bench threshold`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday_options import embedding_options

if TYPE_CHECKING:
    from showcase.bench.threshold import Rate
    from showcase.cli.everyday_options import EngineAsked


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@embedding_options
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def threshold(*, asked: EngineAsked, as_json: bool) -> None:
    """From which cosine on a memory answers a question, by an embedding model.

    Chosen on two sets of made-up people and questions about them, judged on a third that had no say: how many of the
    questions that a fact answers are found, and how many are refused once those facts are taken away.

    \b
    Examples:
      showcase bench threshold --engine rehearsal
      showcase bench threshold --engine ollama --embed-model nomic-embed-text
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.threshold import measure  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import Counter, server  # noqa: PLC0415 - likewise
    from showcase.conversation.thresholds import default_for, is_measured  # noqa: PLC0415 - likewise

    counter = Counter("embedding")
    with server(asked, chats=False) as opened:
        name = opened.embed_model.name
        measured = measure(
            name,
            lambda text: opened.gate.embed(name, text),
            on_progress=lambda number, of: counter.show(f"{number} of {of} texts"),
        )
    counter.end()
    if as_json:
        click.echo(json.dumps(asdict(measured), indent=2))
        return
    click.echo(f"{name}: a memory counts as known from cosine {measured.threshold:.2f} on")
    click.echo(f"held-out questions with a fact that answers: found    {_said(measured.found)}")
    click.echo(f"the same without those facts:                refused  {_said(measured.refused)}")
    click.echo(f"on the sets that it was chosen on:           found    {_said(measured.chosen_found)}")
    click.echo(f"                                             refused  {_said(measured.chosen_refused)}")
    built_in = f"{default_for(name):.2f}" if is_measured(name) else f"{default_for(name):.2f}, which is no measurement"
    click.echo(f"built in for this model: {built_in}; another is given by --threshold {measured.threshold:.2f}")


def _said(rate: Rate) -> str:
    share = rate.hits / rate.of if rate.of else 0.0
    return f"{rate.hits} of {rate.of}, {share:.0%} (95 % interval {rate.low:.0%} to {rate.high:.0%})"
