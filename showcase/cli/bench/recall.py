"""`showcase bench recall`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.bench.measured import measured_options
from showcase.cli.everyday_options import embedding_options
from showcase.errors import UsageError

if TYPE_CHECKING:
    from showcase.bench.recall.asked import RecallSet
    from showcase.cli.bench.measured import Measured
    from showcase.cli.everyday_options import EngineAsked

_FILE = click.Path(path_type=Path, readable=False)


@click.command(
    short_help="Which memory finds the rows that answer.", context_settings={"help_option_names": ["-h", "--help"]}
)
@embedding_options
@click.option("--seed-file", type=_FILE, metavar="FILE", help="Make a held-out set from the seed in this file.")
@click.option("--data", type=_FILE, metavar="FILE", help="Your own LongMemEval or LoCoMo file, in place of our set.")
@click.option("--questions", type=click.IntRange(1, 10_000), help="Questions that are asked at most.  [default: all]")
@click.option("--write-set", type=_FILE, metavar="FILE", help="Write the set as JSON lines (CC0), and measure nothing.")
@measured_options("recall")
def recall(
    *,
    asked: EngineAsked,
    seed_file: Path | None,
    data: Path | None,
    questions: int | None,
    write_set: Path | None,
    how: Measured,
) -> None:
    """Which memory finds the rows that answer a question, judged by their ids; no model judges anything.

    300 facts of 20 made-up people, 360 questions, made from a seed: each backend and layout beside exact search, words
    (BM25), the newest rows, chance, the whole history, and systems that must score badly. A secret seed is shown by
    the SHA-256 of its set alone.

    \b
    Examples:
      showcase bench recall --engine rehearsal
      showcase bench recall --quick --engine rehearsal
      showcase bench recall --write-set recall.jsonl
    """  # noqa: D301 - click reads the backspace
    from showcase.bench.recall import held_out  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.recall.arms import SkippedError, bm25_library  # noqa: PLC0415 - likewise
    from showcase.bench.recall.measurement import Recall  # noqa: PLC0415 - likewise
    from showcase.cli.bench.asking import server  # noqa: PLC0415 - likewise
    from showcase.cli.bench.measured import engine_used  # noqa: PLC0415 - likewise

    some = _chosen(seed_file, data, questions, quick=how.quick)
    if write_set is not None:
        if data is not None:
            raise UsageError("a set of somebody else is not ours to write", hint="--write-set FILE, without --data")
        held_out.write(some, write_set)
        click.echo(f"{write_set}: {len(some.told)} facts, {len(some.asked)} questions, SHA-256 {some.sha256}")
        return
    if data is not None:
        click.echo(f"{data} is taken for {some.origin}: these are not our figures to headline", err=True)
    try:
        bm25_library()
    except SkippedError as why:
        click.echo(f"the arm bm25 is left out: {why}", err=True)
    with server(asked, chats=False) as opened:
        how.run(Recall(some, opened, limit_s=asked.session_timeout_s, engine=engine_used(opened), quick=how.quick))


def _chosen(seed_file: Path | None, data: Path | None, questions: int | None, *, quick: bool) -> RecallSet:
    from showcase.bench.recall import given, held_out  # noqa: PLC0415 - `--help` measures nothing
    from showcase.bench.recall.made_set.making import PUBLIC_SEED, make  # noqa: PLC0415 - likewise
    from showcase.bench.recall.measurement import QUICK_ROWS  # noqa: PLC0415 - likewise

    if data is not None:
        if seed_file is not None:
            raise UsageError("a file of data has no seed", hint="--data FILE, or --seed-file FILE")
        return given.read(data, at_most=questions, most_rows=QUICK_ROWS if quick else None)
    some = make(PUBLIC_SEED if seed_file is None else held_out.seed(seed_file))
    return some if questions is None else some.fewer(questions)
