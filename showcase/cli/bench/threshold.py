"""`showcase bench threshold`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.cli.bench.measured import engine_used, measured_options
from showcase.cli.everyday_options import embedding_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked


@click.command(
    short_help="From which cosine on a memory answers.", context_settings={"help_option_names": ["-h", "--help"]}
)
@embedding_options
@measured_options("threshold")
def threshold(*, asked: EngineAsked, how: Measured) -> None:
    """From which cosine on a memory answers a question, by an embedding model.

    Chosen on two sets of made-up people and questions about them, judged on a third that had no say: how many of the
    questions that a fact answers are found, and how many are refused once those facts are taken away.

    \b
    Examples:
      showcase bench threshold --engine rehearsal
      showcase bench threshold --engine ollama --embed-model nomic-embed-text
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.threshold.measurement import QUICK_PIECES, Threshold  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise

    with server(asked, chats=False) as opened:
        name = opened.embed_model.name
        how.run(
            Threshold(
                embed_model=name,
                embed=lambda text: opened.gate.embed(name, text),
                engine=engine_used(opened),
                pieces=QUICK_PIECES if how.quick else None,
            )
        )
