"""`showcase bench turns`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday_options import engine_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.bench.turns import PrefixCost
    from showcase.cli.everyday_options import EngineAsked


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@engine_options
@click.option("--pairs", type=click.IntRange(0, 100), default=5, show_default=True, help="Pairs of turns; 0 for none.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def turns(*, asked: EngineAsked, pairs: int, as_json: bool) -> None:
    """How long a server reads a second prompt whose memories stand as in the first, or are turned round.

    The server keeps what it computed of a prompt's beginning. What a memory costs a turn: showcase bench memory.

    \b
    Examples:
      showcase bench turns --engine rehearsal
      showcase bench turns --engine ollama --chat-model qwen2.5:1.5b
    """  # noqa: D301 - click reads the backspace
    from showcase.bench import turns as measure  # noqa: PLC0415 - `--help` measures nothing
    from showcase.cli.bench.asking import PLUMBING, Counter, server  # noqa: PLC0415 - likewise
    from showcase.cli.everyday import say  # noqa: PLC0415 - likewise

    counter = Counter("measuring")
    limit_s = asked.session_timeout_s
    with server(asked, chats=True) as opened:
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
            "prefix": [asdict(cost) for cost in prefix],
        }
        click.echo(json.dumps(document, indent=2))
        return
    if rehearses:
        say(PLUMBING)
    _print(prefix)


def _print(prefix: Sequence[PrefixCost]) -> None:
    for each in prefix:
        how = "stand as in the first" if each.order == "stored" else "are turned round"
        share = f", {each.second_s / each.first_s:.2f} of the first" if each.first_s else ""
        click.echo(
            f"second prompt of {each.tokens} tokens, memories {how}: read in {each.second_s:.3f} s{share} "
            f"({each.pairs} pairs)"
        )
