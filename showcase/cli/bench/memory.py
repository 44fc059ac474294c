"""`showcase bench memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.bench.memory.arms import ARMS, TURNS
from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import engine_options
from showcase.cli.nearest import Nearest

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked


@click.command(
    short_help="What a memory costs a turn, keeps and finds.", context_settings={"help_option_names": ["-h", "--help"]}
)
@engine_options
@click.option(
    "--turns",
    type=click.IntRange(2, TURNS),
    default=TURNS,
    show_default=True,
    help="Turns of the conversation.",
)
@click.option(
    "--repeats", type=click.IntRange(1, 50), default=1, show_default=True, help="How often each arm plays it."
)
@click.option(
    "--arm",
    "arms",
    type=Nearest(tuple(ARMS)),
    multiple=True,
    help="One arm, may be given several times.  [default: all; mem0-infer takes minutes a turn on a small machine]",
)
@measured_options("memory")
def memory(*, asked: EngineAsked, turns: int, repeats: int, arms: tuple[str, ...], how: Measured) -> None:
    """What a memory costs a turn, what it keeps, what is found, and after which turn it pays for itself.

    Somebody made up talks for a dozen turns: facts, small talk, a repeat, an update. mem0 with extraction, mem0
    without, Chroma alone, and no memory but the whole history are told the same. Extraction needs a chat model with a
    context of 12,288 tokens; where its prompt is cut, the figures say so and judge nothing.

    \b
    Examples:
      showcase bench memory --engine rehearsal
      showcase bench memory --engine ollama --chat-model qwen2.5:1.5b-mem --arm mem0-infer --arm chroma --arm naive
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.memory.measurement import GLANCE_TURNS, MemoryBench  # noqa: PLC0415 - `--help` waits not
    from showcase.bench.memory.told import teller  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise

    chosen = [arm for arm in ARMS if not arms or arm in arms]
    with server(asked, chats=True) as opened:
        how.run(
            MemoryBench(
                opened,
                teller().upto(turns),
                arms=chosen,
                repeats=1 if how.quick else repeats,
                limit_s=asked.session_timeout_s,
                engine=engine_used(opened),
                # The rehearsal engine extracts in no time.
                glance=min(turns, GLANCE_TURNS) if how.quick and not opened.is_rehearsal else None,
            )
        )
