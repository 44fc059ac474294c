"""`showcase bench turns`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday_options import engine_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.turns import BackendCost, PrefixCost
    from showcase.cli.everyday_options import EngineAsked


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@engine_options
@click.option(
    "--turns", "count", type=click.IntRange(1, 8), default=6, show_default=True, help="Turns of each backend."
)
@click.option("--pairs", type=click.IntRange(0, 100), default=5, show_default=True, help="Pairs of turns; 0 for none.")
@click.option("--infer", is_flag=True, help="mem0 with extraction too: minutes a turn on a small machine.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def turns(*, asked: EngineAsked, count: int, pairs: int, infer: bool, as_json: bool) -> None:
    """What a turn costs with each backend: calls to the models, and time to search and to store.

    Also how long the server reads a second prompt whose memories stand as in the first, against one in which they are
    turned round: the server keeps what it computed of a prompt's beginning.

    \b
    Examples:
      showcase bench turns --engine rehearsal
      showcase bench turns --engine ollama --chat-model qwen2.5:1.5b --infer
    """  # noqa: D301 - click reads the backspace
    from showcase.bench import turns as measure  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import PLUMBING, Counter, server  # noqa: PLC0415 - likewise
    from showcase.cli.everyday import say  # noqa: PLC0415 - likewise

    counter = Counter("measuring")
    limit_s = asked.session_timeout_s
    with server(asked, chats=True) as opened:
        costs = [
            measure.backend_cost(
                opened,
                arm,
                turns=count,
                limit_s=limit_s,
                on_turn=lambda number, arm=arm: counter.show(f"{arm}, turn {number} of {count}"),  # type: ignore[misc]  # the default binds it
            )
            for arm in measure.ARMS
            if infer or arm != "mem0-infer"
        ]
        prefix: Sequence[PrefixCost] = ()
        if pairs:
            prefix = measure.prefix_costs(
                opened,
                pairs=pairs,
                limit_s=limit_s,
                on_pair=lambda number: counter.show(f"pair {number} of {2 * pairs}"),
            )
        rehearses, chat_model = opened.is_rehearsal, opened.chat_model
    counter.end()
    if as_json:
        document = {
            "chat_model": chat_model.name if chat_model else None,
            "rehearsal": rehearses,
            "backends": [asdict(cost) for cost in costs],
            "prefix": [asdict(cost) for cost in prefix],
        }
        click.echo(json.dumps(document, indent=2))
        return
    if rehearses:
        say(PLUMBING)
    _print(costs, prefix)


def _print(costs: Sequence[BackendCost], prefix: Sequence[PrefixCost]) -> None:
    click.echo(f"{'backend':12}{'turns':>6}{'rows':>6}{'chat calls':>12}{'embed calls':>13}{'search':>10}{'store':>20}")
    for cost in costs:
        stored = f"{cost.save_s:.3f} s (most {cost.save_most_s:.3f})"
        click.echo(
            f"{cost.arm:12}{cost.turns:>6}{cost.rows:>6}{cost.chat_calls:>12}{cost.embed_calls:>13}"
            f"{cost.search_s:>8.3f} s{stored:>24}"
        )
    for each in prefix:
        how = "stand as in the first" if each.order == "stored" else "are turned round"
        share = f", {each.second_s / each.first_s:.2f} of the first" if each.first_s else ""
        click.echo(
            f"second prompt of {each.tokens} tokens, memories {how}: read in {each.second_s:.3f} s{share} "
            f"({each.pairs} pairs)"
        )
