"""`memories search`: what a model would be given for a question, and why."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import (
    backend_option,
    embedding_options,
    ranking_options,
    say,
    server,
    store_option,
    surroundings,
    user_option,
)
from showcase.cli.memories.there import json_option, print_json
from showcase.cli.words import fitted, one_line, printable

if TYPE_CHECKING:
    from showcase.cli.everyday import EngineAsked, RankingAsked, Surroundings
    from showcase.memory.backends.interface import BackendName
    from showcase.memory.ranking import Selection
    from showcase.settings.store_place import StoreNamed

_CANDIDATES = 100
"""Rows that are looked at where relevance alone ranks them: what lies farther is behind `--top-k` in any case."""


@click.command()
@click.argument("question", metavar="TEXT")
@user_option
@store_option
@ranking_options
@click.option("--explain", is_flag=True, help="Show every part of the ranking, the threshold, and the best left out.")
@backend_option
@embedding_options
@json_option
def search(
    *,
    question: str,
    user_id: str,
    store: StoreNamed | None,
    ranking: RankingAsked,
    explain: bool,
    backend: BackendName,
    asked: EngineAsked,
    as_json: bool,
) -> None:
    """Show which memories a model would be given for TEXT, nearest first.

    \b
    Examples:
      showcase memories search "where is my home?" --user-id alice
      showcase memories search "my job" --user-id alice --explain --weight recency=0.5
    """  # noqa: D301 - click reads the backspace
    from showcase.memory.backends.opening import opened  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.presence import check_there  # noqa: PLC0415 - likewise
    from showcase.memory.ranking import select  # noqa: PLC0415 - likewise
    from showcase.memory.row_ids import check_known  # noqa: PLC0415 - likewise
    from showcase.memory.texts import check_text  # noqa: PLC0415 - likewise

    check_text(question, what="the text to search for", fix='showcase memories search "TEXT" --user-id USER')
    with surroundings(store, finishes=False) as around:
        check_there(around.kept)
        with around.kept.rows() as rows:
            check_known(rows, user_id)  # before a server is started for nobody
        with (
            server(around, asked, chats=False) as there,
            opened(around.kept, there, name=backend, limit_s=asked.session_timeout_s, writes=False, tell=say) as memory,
        ):
            # By recency or importance a row may be first that is nearest to nothing.
            alone = not (ranking.weights.recency or ranking.weights.importance)
            at_most = max(_CANDIDATES, ranking.top_k + 1) if alone else memory.rows.count(user_id)
            found = memory.search(user_id, question, at_most=at_most)
            name = there.embed_model.name
            threshold = ranking.threshold_for(name)
            selection = select(found, top_k=ranking.top_k, threshold=threshold, weights=ranking.weights)
        if as_json:
            print_json(
                {
                    "store": str(around.kept.place.named),
                    "layout": around.kept.layout,
                    "user_id": user_id,
                    "question": question,
                    "embed_model": name,
                    "backend": backend,
                    "weights": asdict(ranking.weights),
                    **asdict(selection),
                }
            )
            return
        _tell(around, user_id, selection, ranking, explain=explain)


def _tell(
    around: Surroundings, user_id: str, selection: Selection, ranking: RankingAsked, *, explain: bool
) -> None:  # fmt: skip
    from showcase.cli.memories.lines import ranked  # noqa: PLC0415 - heavy

    if not selection.used:
        click.echo(fitted(f"Nothing in the memory of {printable(user_id)} covers it{_nearest(selection)}."))
    else:
        count = len(selection.used)
        many = "1 memory" if count == 1 else f"{count} memories"
        click.echo(fitted(printable(f"{many} of {user_id} in {around.kept.place.named}")))
    for line in ranked(selection, ranking.weights, explain=explain):
        click.echo(line)


def _nearest(selection: Selection) -> str:
    if selection.nearest is None:
        return ": it holds no fact"
    nearest = one_line(selection.nearest.row.text, 100)
    return f": nearest was “{nearest}” with cosine {selection.nearest.cosine:.3f}, below {selection.threshold:g}"
