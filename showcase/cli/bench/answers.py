"""`showcase bench answers`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from showcase.bench.answers.arms import PEOPLE, QUICK_PEOPLE
from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import engine_options

if TYPE_CHECKING:
    from showcase.bench.answers.measurement import Asked
    from showcase.bench.answers.playing import Player
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked
    from showcase.engines.everyday import Opened


@click.command(short_help="How often a reply is right.", context_settings={"help_option_names": ["-h", "--help"]})
@engine_options
@click.option("--infer", is_flag=True, help="Also from memories that the chat model extracts; minutes a person.")
@click.option(
    "--people", type=click.IntRange(1, PEOPLE), default=PEOPLE, show_default=True, help="People, ten questions each."
)
@measured_options("answers")
def answers(*, asked: EngineAsked, infer: bool, people: int, how: Measured) -> None:
    """How often a reply is right, beside an engine that only quotes.

    Sixty held-out questions about six made-up people are put to the chat model, with all facts in the prompt, and with
    what the product's own memory finds; with --infer also from memories that the model extracted. The rehearsal engine,
    which quotes by rule, is asked the same in the same run, and judged by the same words.

    \b
    Examples:
      showcase bench answers --engine rehearsal
      showcase bench answers --engine embedded --chat-model ~/models/qwen2.5-coder-0.5b.gguf
      showcase bench answers --engine ollama --chat-model qwen2.5:1.5b-mem --infer --people 2
    """  # noqa: D301 - click reads the backspace
    from contextlib import ExitStack  # noqa: PLC0415 - `--help` measures nothing

    from showcase.bench.answers.measurement import QUOTING, Answers  # noqa: PLC0415 - likewise
    from showcase.bench.answers.playing import Player  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise
    from showcase.engines.rehearsal_embedding import is_ours  # noqa: PLC0415 - likewise

    with ExitStack() as places:
        opened = places.enter_context(server(asked, chats=True))
        measured = None
        quoting = opened
        if not opened.is_rehearsal:
            measured = _asked(opened, places.enter_context(Player(opened, limit_s=asked.session_timeout_s)))
            embed = opened.embed_model.name if is_ours(opened.embed_model.name) else None
            beside = replace(asked, engine="rehearsal", chat_model=None, embed_model=embed)
            quoting = places.enter_context(server(beside, chats=True))
        player = places.enter_context(Player(quoting, limit_s=asked.session_timeout_s))
        how.run(
            Answers(
                replace(_asked(quoting, player), name=QUOTING),
                measured,
                engine=engine_used(opened),
                infer=infer,
                people=min(people, QUICK_PEOPLE) if how.quick else people,
            )
        )


def _asked(opened: Opened, player: Player) -> Asked:
    from showcase.bench.answers.measurement import Asked  # noqa: PLC0415 - `--help` measures nothing

    name = "" if opened.chat_model is None else opened.chat_model.name
    return Asked(name=name, embed_model=opened.embed_model.name, answerer=player)
