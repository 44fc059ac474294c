"""`memories forget`: it lists what it would destroy, asks, and erases it down to the bytes."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import Finite, embedding_options, server, store_option, threshold_for, user_option
from showcase.cli.memories import on_server
from showcase.cli.memories.erasing import erased
from showcase.cli.memories.taking_out import as_documents, counted, show, take_out
from showcase.cli.memories.there import (
    agreed_to,
    check_somebody_there,
    dry_run_option,
    json_option,
    store_there,
    yes_option,
)
from showcase.cli.words import printable
from showcase.documents.file_names import why_unfit
from showcase.errors import UsageError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.cli.everyday import EngineAsked, Surroundings
    from showcase.memory.stored import Found, Stored
    from showcase.settings.store_place import StoreNamed
    from showcase.stores.interface import Rows

_CANDIDATES = 20


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option("--matching", metavar="TEXT", help="What is nearest to TEXT by its meaning.")
@click.option("--id", "named", metavar="ID", multiple=True, help="As an argument; may be given several times.")
@click.option("--all", "everything", is_flag=True, help="All memories of the user, and what they typed in chats.")
@click.option("--traces", is_flag=True, help="What is left of memories that were deleted before, by whatever program.")
@click.option("--rows-only", is_flag=True, help="As mem0 does it: the bytes stay in the files.")
@click.option("--records", is_flag=True, help="Logs, pages and event files of runs too, where it is found in them.")
@click.option(
    "--also",
    metavar="PATH",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    help="Look through this too, such as an export; nothing of it is removed.",
)
@click.option(
    "--certificate",
    metavar="FILE",
    type=click.Path(path_type=Path, readable=False),
    help="Where a copy of the certificate goes.",
)
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
    named: tuple[str, ...],
    matching: str | None,
    everything: bool,
    traces: bool,
    rows_only: bool,
    records: bool,
    also: tuple[Path, ...],
    certificate: Path | None,
    user_id: str,
    store: StoreNamed | None,
    top_k: int,
    threshold: float | None,
    dry_run: bool,
    agreed: bool,
    asked: EngineAsked,
    as_json: bool,
) -> int:
    """Forget memories: by ID, by meaning, or all of a user; what would go is shown first.

    Rows, history and traces go: what stays is copied into fresh files, the old ones are written over, and two
    processes look through every byte for what is left. A certificate says what they saw, and what they could not see.
    Of a store on a server the rows go, and what this machine noted beside them; it is said what the server keeps.

    \b
    Exit status: 0 nothing is left, 1 something is, 3 it could not be seen; 2 and 4 as of every command.

    \b
    Examples:
      showcase memories forget --user-id alice 1f3c9a42
      showcase memories forget --matching "my old job" --user-id alice --dry-run
      showcase memories forget --user-id alice --all --yes
      showcase memories forget --user-id alice --traces
    """  # noqa: D301 - click reads the backspace
    from showcase.memory.row_ids import resolve  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.texts import check_text  # noqa: PLC0415 - likewise

    ids = (*ids, *named)
    if sum((bool(ids), matching is not None, everything, traces)) != 1:
        raise UsageError(
            "say what to forget: ids, --matching TEXT, --all or --traces, one of them",
            hint=f"see the ids: showcase memories list --user-id {quoted(user_id)}",
        )
    if rows_only and (traces or records or also or certificate is not None):
        raise UsageError(
            "--rows-only takes the rows alone: there are no traces, records and certificates to it",
            hint="leave --rows-only out",
        )
    why = None if certificate is None else why_unfit(certificate)
    if why is not None:
        raise UsageError(
            f"{printable(str(certificate))} can be no certificate: {why}", hint="name another file: --certificate FILE"
        )
    if matching is not None:
        check_text(matching, what="the text of --matching", fix='--matching "TEXT"')
    check_somebody_there(agreed=agreed or dry_run)
    with store_there(store, None if traces or everything else user_id, looks=dry_run) as (around, rows):
        on_server.check(around, traces=traces, records=records, also=also, certificate=certificate)
        near: tuple[Found, ...] = ()
        if matching is not None:
            near = _matching(around, rows, user_id, matching, asked, top_k=top_k, threshold=threshold)
            some = tuple(each.row for each in near)
        else:
            some = tuple(rows.rows(user_id)) if everything or traces else resolve(rows, user_id, ids)
            some = () if traces else some
        if rows_only or dry_run or not (some or traces):
            take_out(around, rows, user_id, some, near=near, dry_run=dry_run, agreed=agreed, as_json=as_json)
            return 0
        if around.kept.place.address is not None:
            on_server.forget(
                around, rows, user_id, some, near=near, everything=everything, agreed=agreed, as_json=as_json
            )
            return 0
        if not _wants(rows, user_id, some, near, traces=traces, agreed=agreed, as_json=as_json):
            click.echo("nothing was forgotten")
            return 0
        rows.close()
        listed = as_documents(some, near) if as_json else None
        return erased(
            around,
            user_id,
            some,
            everything=everything,
            traces=traces,
            records=records,
            also=also,
            certificate=certificate,
            as_json=as_json,
            listed=listed,
        )


def _wants(
    rows: Rows,
    user_id: str,
    some: Sequence[Stored],
    near: Sequence[Found],
    *,
    traces: bool,
    agreed: bool,
    as_json: bool,
) -> bool:
    """Show what would go and tell whether somebody agrees."""
    if traces:
        question = f"Erase what is left of memories that were deleted before in {printable(str(rows.place.named))}?"
        return agreed_to(question, agreed=agreed)
    if not as_json or not agreed:
        show(user_id, some, near)
    if not some:
        question = f"{printable(user_id)} has no memory; erase what is left of them, and of any that were deleted?"
        return agreed_to(question, agreed=agreed)
    return agreed_to(f"Forget {counted(some)} of {printable(user_id)}?", agreed=agreed)


def _matching(
    around: Surroundings,
    rows: Rows,
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
