"""`showcase bench prompt`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from showcase.bench.prompt import TASKS
from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import engine_options

if TYPE_CHECKING:
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked


@click.command(short_help="What a prompt costs and brings.", context_settings={"help_option_names": ["-h", "--help"]})
@engine_options
@click.option("--runs", type=click.IntRange(1, 200), default=20, show_default=True, help="Replies an arm and task.")
@click.option(
    "--task", "names", type=click.Choice(TASKS), multiple=True, help="Only this one; more than once for several."
)
@click.option(
    "--num-predict", type=click.IntRange(16, 2000), default=400, show_default=True, help="Tokens a reply may have."
)
@click.option("--pairs", type=click.IntRange(0, 100), default=5, show_default=True, help="Pairs of turns; 0 for none.")
@measured_options("prompt")
def prompt(
    *, asked: EngineAsked, runs: int, names: tuple[str, ...], num_predict: int, pairs: int, how: Measured
) -> None:
    """What a prompt costs and brings: history, distilled memories, contract and retry, JSON schema.

    Four arms answer the same tasks by the same seeds: prompt tokens as the server counts them, time to the first token
    cold and warm, total, whether the reply parses. Then the same as a conversation grows to 40 turns, and what it is
    worth that memories stand in the same order. A published benchmark's figures stand beside.

    \b
    Examples:
      showcase bench prompt --engine rehearsal --quick
      showcase bench prompt --engine ollama --chat-model qwen2.5-coder:1.5b --task card
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.prompt.measurement import Plan, PromptMeasurement, quick  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise

    plan = Plan(tasks=tuple(dict.fromkeys(names)) or TASKS, runs=runs, num_predict=num_predict, pairs=pairs)
    with server(asked, chats=True) as opened:
        how.run(
            PromptMeasurement(
                opened,
                quick(plan) if how.quick else plan,
                engine=engine_used(opened),
                limit_s=asked.session_timeout_s,
            )
        )
