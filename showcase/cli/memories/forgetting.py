"""`memories forget` and `expire`: they list what they would destroy, ask, and say what stays on disk."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import Finite, embedding_options, server, store_option, threshold_for, user_option
from showcase.cli.memories.there import (
    agreed_to,
    check_somebody_there,
    dry_run_option,
    json_option,
    print_json,
    store_there,
    yes_option,
)
from showcase.cli.words import fitted, one_line, printable
from showcase.errors import UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from showcase.cli.everyday import EngineAsked, Surroundings
    from showcase.memory.collections import Collections
    from showcase.memory.stored import Found, Stored

_CANDIDATES = 20
_AGE = re.compile(r"(?P<number>[0-9]{1,6}(?:\.[0-9]{1,6})?)(?P<unit>[hdwy])")
_DAYS = {"h": 1 / 24, "d": 1.0, "w": 7.0, "y": 365.25}
_LISTED = 50


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--matching", metavar="TEXT", help="What is nearest to TEXT by its meaning.")
@click.option("--all", "everything", is_flag=True, help="All memories of the user.")
@user_option
@store_option
@click.option(
    "--top-k",
    type=click.IntRange(1, 1000),
    default=_CANDIDATES,
    show_default=True,
    help="Candidates of --matching at most.",
)
@click.option("--threshold", type=Finite(-1, 1), metavar="COSINE", help="Of --matching: as in `memories search`.")
@dry_run_option
@yes_option
@embedding_options
@json_option
def forget(
    *,
    ids: tuple[str, ...],
    matching: str | None,
    everything: bool,
    user_id: str,
    store: Path | None,
    top_k: int,
    threshold: float | None,
    dry_run: bool,
    agreed: bool,
    asked: EngineAsked,
    as_json: bool,
) -> None:
    """Forget memories: by ID, by meaning, or all of a user; what would go is shown first.

    The bytes stay in the files of the store until something else is written over them.

    \b
    Examples:
      showcase memories forget --user-id alice 1f3c9a42
      showcase memories forget --matching "my old job" --user-id alice --dry-run
      showcase memories forget --user-id alice --all --yes
    """  # noqa: D301 - click reads the backspace
    from showcase.memory.row_ids import resolve  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.texts import check_text  # noqa: PLC0415 - likewise

    if sum((bool(ids), matching is not None, everything)) != 1:
        raise UsageError(
            "say what to forget: ids, --matching TEXT or --all, one of them",
            hint=f"see the ids: showcase memories list --user-id {quoted(user_id)}",
        )
    if matching is not None:
        check_text(matching, what="the text of --matching", fix='--matching "TEXT"')
    check_somebody_there(agreed=agreed or dry_run)
    with store_there(store, user_id, looks=dry_run) as (around, rows):
        near: tuple[Found, ...] = ()
        if matching is not None:
            near = _matching(around, rows, user_id, matching, asked, top_k=top_k, threshold=threshold)
            some = tuple(each.row for each in near)
        else:
            some = tuple(rows.rows(user_id)) if everything else resolve(rows, user_id, ids)
        _destroy(around, rows, user_id, some, near=near, dry_run=dry_run, agreed=agreed, as_json=as_json)


@click.command()
@click.option("--older-than", required=True, metavar="AGE", help="Since the last change: 36h, 90d, 12w, 1y.")
@click.option("--pinned", "with_pinned", is_flag=True, help="Those that are pinned too.")
@user_option
@store_option
@dry_run_option
@yes_option
@json_option
def expire(
    *,
    older_than: str,
    with_pinned: bool,
    user_id: str,
    store: Path | None,
    dry_run: bool,
    agreed: bool,
    as_json: bool,
) -> None:
    """Forget the memories of a user that did not change for so long; pinned ones stay.

    One that does not say when it was stored stays too.

    \b
    Examples:
      showcase memories expire --user-id alice --older-than 90d --dry-run
      showcase memories expire --user-id alice --older-than 1y --yes
    """  # noqa: D301 - click reads the backspace
    from showcase.memory.stored import moment  # noqa: PLC0415 - `--help` must not wait

    before = _before(older_than)
    check_somebody_there(agreed=agreed or dry_run)
    with store_there(store, user_id, looks=dry_run) as (around, rows):
        everything = tuple(rows.rows(user_id))
        dated = [(row, moment(row.updated_at or row.created_at)) for row in everything]
        old = [row for row, at in dated if at is not None and at < before]
        some = tuple(row for row in old if with_pinned or not row.pinned)
        pinned, undated = len(old) - len(some), sum(at is None for _, at in dated)
        stay = [*([f"{pinned} pinned"] if pinned else []), *([f"{undated} without a time"] if undated else [])]
        if stay and not as_json:
            click.echo(f"kept, whatever their age: {', '.join(stay)}", err=True)
        _destroy(around, rows, user_id, some, near=(), dry_run=dry_run, agreed=agreed, as_json=as_json)


def _before(age: str) -> datetime:
    """Return the time of so long ago.

    Raises:
        UsageError: It is no age, or there was no such time.
    """
    found = _AGE.fullmatch(age)
    if found is None or not float(found["number"]):
        raise UsageError(f"{printable(age)[:40]!r} is no age: a number and h, d, w or y", hint="--older-than 90d")
    try:
        return datetime.now(timezone.utc) - timedelta(days=float(found["number"]) * _DAYS[found["unit"]])
    except OverflowError as error:
        raise UsageError(f"{age} ago there was no time that can be told", hint="--older-than 90d") from error


def _matching(
    around: Surroundings,
    rows: Collections,
    user_id: str,
    text: str,
    asked: EngineAsked,
    *,
    top_k: int,
    threshold: float | None,
) -> tuple[Found, ...]:
    """Return the rows that lie nearest to a text, questions too: they are as much a trace as what they ask for."""
    from showcase.memory.store_record import check_model  # noqa: PLC0415 - `--help` must not wait

    with ExitStack() as open_:
        there = open_.enter_context(server(around, asked, chats=False))
        if around.kept.record is not None:
            check_model(around.kept.record, there.embed_model, around.kept.place)
        vector = there.gate.embed(there.embed_model.name, text)
        least = threshold_for(there.embed_model.name) if threshold is None else threshold
    found = rows.search(user_id, vector, at_most=top_k, questions=True)
    return tuple(each for each in found if each.cosine >= least)


def _destroy(
    around: Surroundings,
    rows: Collections,
    user_id: str,
    some: Sequence[Stored],
    *,
    near: Sequence[Found],
    dry_run: bool,
    agreed: bool,
    as_json: bool,
) -> None:
    from showcase.memory import history, moving  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.left_on_disk import left_on_disk, of_typed  # noqa: PLC0415 - likewise

    place = around.kept.place
    if not as_json or not (agreed or dry_run):
        _show(user_id, some, near)
    done = False
    if some and not dry_run:
        many = "this memory" if len(some) == 1 else f"these {len(some):,} memories"
        if agreed_to(f"Forget {many} of {printable(user_id)}?", agreed=agreed):
            rows.delete(user_id, [row.memory_id for row in some])
            moving.forget_copies(rows, [row.memory_id for row in some])
            history.note_deleted(place, some)
            done = True
    left = left_on_disk(place, user_id, [row.text for row in some])
    stays = [str(path) for path in left.files]
    typed = None if left.typed is None else str(left.typed)
    if as_json:
        document = {"store": str(place.root), "user_id": user_id, "forgotten": done, "dry_run": dry_run}
        cosines = {each.row.memory_id: each.cosine for each in near}
        listed = [{**asdict(row), "cosine": cosines.get(row.memory_id)} for row in some]
        print_json({**document, "memories": listed, "bytes_stay_in": stays, "typed_in_chats": typed})
        return
    if done:
        click.echo(f"forgot {len(some):,}; no search and no list returns them")
        click.echo("their bytes stay on disk until something else is written over them, in:")
        click.echo("\n".join(f"  {printable(path)}" for path in stays))
        if typed is not None:
            click.echo(printable(of_typed(typed)))
    elif some:
        click.echo("nothing was forgotten")


def _show(user_id: str, some: Sequence[Stored], near: Sequence[Found]) -> None:
    from showcase.cli.memories.lines import id_length, listed, marks, table, text  # noqa: PLC0415 - heavy

    if not some:
        click.echo(fitted(f"there is no such memory of {printable(user_id)}: nothing to forget"))
        return
    shown = some[:_LISTED]
    if near:
        length = id_length(shown)
        cells = [
            (f"{each.cosine:.3f}", one_line(each.row.memory_id[:length]), marks(each.row), text(each.row))
            for each in near[:_LISTED]
        ]
        lines = table(("cosine", "id", "", "memory"), cells)
    else:
        lines = listed(shown, numbered=False)
    click.echo("\n".join(lines))
    if len(some) > len(shown):
        click.echo(f"  and {len(some) - len(shown):,} more")
