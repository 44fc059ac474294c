"""`memories export` and `import`: out of a store and back without loss."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import (
    embedding_options,
    maybe_user_option,
    say,
    server,
    store_option,
    store_options,
    surroundings,
)
from showcase.cli.memories.there import dry_run_option, json_option, print_json, progress, store_there
from showcase.cli.words import printable
from showcase.errors import StoreError, UsageError

if TYPE_CHECKING:
    from showcase.cli.everyday import EngineAsked, Surroundings
    from showcase.evidence import Model
    from showcase.memory.export_file import Header
    from showcase.memory.importing import Plan
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StoreNamed
    from showcase.stores.interface import Rows

_file = click.argument("file", metavar="FILE", type=click.Path(path_type=Path, readable=False))


@click.command()
@_file
@click.option("--vectors", is_flag=True, help="With each memory's vector: an import then needs no model.")
@click.option("--replace", "replaces", is_flag=True, help="Replace FILE also where it is no export.")
@maybe_user_option
@store_option
def export(*, file: Path, vectors: bool, replaces: bool, user_id: str | None, store: StoreNamed | None) -> None:
    """Write the memories of a user, or of everybody, into FILE as JSON lines; - is standard output.

    Ids, times, metadata and mem0's history go with them. The file is in clear text, readable by you alone, and
    replaced at once or not at all.

    \b
    Examples:
      showcase memories export --vectors backup.jsonl
      showcase memories export --user-id alice -
    """  # noqa: D301 - click reads the backspace
    from showcase.documents.destination import Destination, UnwritableError  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.export_file import dump  # noqa: PLC0415 - likewise
    from showcase.memory.export_place import check_place  # noqa: PLC0415 - likewise
    from showcase.memory.import_file import takes_name  # noqa: PLC0415 - likewise
    from showcase.stores.table_rows import TableRows  # noqa: PLC0415 - likewise
    from showcase.stores.view import shows_part  # noqa: PLC0415 - likewise

    try:
        destination = Destination(file)  # before the directory changes, and before anything is read
    except UnwritableError as error:
        raise UsageError(error.message, hint=error.hint) from error
    with ExitStack() as held:
        held.callback(destination.close)
        around, rows = held.enter_context(store_there(store, user_id, looks=True))
        check_place(file, around.typed_from / file, around.kept.place, replaces=replaces)
        header, data = dump(around.kept, rows, user_id=user_id, vectors=vectors, progress=progress("read"))
        rows.same.reading("EXPORT", user_id, count=header.rows)
        try:
            destination.write(data)
        except UnwritableError as error:
            raise StoreError(error.message, hint=error.hint) from error
        names = {
            name
            for row in rows.rows(user_id)
            for name, held in row.metadata.items()
            if not takes_name(name) or not isinstance(held, (str, int, float))
        }
        part = isinstance(rows, TableRows) and shows_part(rows.table)
        nobody = sum(count for each, count in rows.users().items() if each is None) if user_id is None else 0
    whose = "everybody" if user_id is None else printable(user_id)
    many = "1 memory" if header.rows == 1 else f"{header.rows:,} memories"
    say(f"exported {many} of {whose} to {file}, in clear text")
    if part:
        say("the table's policies show this login a part of its rows: those of others are not in it")
    if nobody:
        say(f"{nobody} of them name no user: an import refuses those")
    if names:
        some = ", ".join(repr(name)[:80] for name in sorted(names)[:5])
        say(f"an import refuses metadata of the name {printable(some)}{' and others' if len(names) > 5 else ''}")  # noqa: PLR2004 - a line


@click.command("import")
@_file
@click.option("--replace", "replaces", is_flag=True, help="Replace a memory that is there with another content.")
@dry_run_option
@store_options
@embedding_options
@json_option
def import_(
    *,
    file: Path,
    replaces: bool,
    dry_run: bool,
    store: StoreNamed | None,
    layout: Layout | None,
    asked: EngineAsked,
    as_json: bool,
) -> None:
    """Bring the memories of an export into a store; - is standard input.

    Every line is looked at before anything is written, and one that is refused keeps out all. A memory that is there
    already is left. Vectors are taken from the file where the store's model made them, else made anew.

    \b
    Examples:
      showcase memories import backup.jsonl --dry-run
      showcase memories import backup.jsonl --store restored --layout per-user
    """  # noqa: D301 - click reads the backspace
    from showcase.documents.reading import UnreadableError, read  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory import importing  # noqa: PLC0415 - likewise
    from showcase.memory.import_file import MOST_BYTES, parse  # noqa: PLC0415 - likewise
    from showcase.memory.presence import check_begins  # noqa: PLC0415 - likewise

    piped = str(file) == "-"
    name = "standard input" if piped else str(file)
    with surroundings(store, layout, finishes=not dry_run) as around:
        check_begins(around.kept.place)
        try:
            data = read(file if piped else around.typed_from / file, limit=MOST_BYTES)
        except UnreadableError as error:
            raise UsageError(f"{name} cannot be read: {error}", hint="showcase memories import FILE") from error
        header, incoming = parse(data, name=name)
        del data
        with around.kept.rows() as rows:
            rows.same.tell = say
            made = importing.plan(around.kept, rows, header, incoming, name=name, replaces=replaces)
            if not dry_run and made.rows:
                _write(around, rows, header, made, asked)
        _tell(around, header, made, dry_run=dry_run, as_json=as_json)


def _write(around: Surroundings, rows: Rows, header: Header, made: Plan, asked: EngineAsked) -> None:
    from showcase.memory import importing, store_record  # noqa: PLC0415 - `--help` must not wait

    model: Model | None = None
    if made.embeds:
        say(f"vectors are made anew: {made.embeds}")
        with server(around, asked, chats=False, remembered=header.embed_model) as there:
            model = there.embed_model
            if around.kept.record is not None:
                store_record.check_model(around.kept.record, model, around.kept.place)
            gate, chosen = there.gate, model.name
            made = importing.with_vectors(made, lambda texts: gate.embed_all(chosen, texts), progress("embedded"))
    importing.apply(around.kept, rows, made, model, progress("written"))


def _tell(around: Surroundings, header: Header, made: Plan, *, dry_run: bool, as_json: bool) -> None:
    users = list(dict.fromkeys(str(each.row.user_id) for each in made.rows))
    if as_json:
        counts = {"new": len(made.new), "replaced": len(made.replaced), "same": made.same}
        document = {"store": str(around.kept.place.named), "dry_run": dry_run, "embeds": made.embeds, "users": users}
        print_json({**document, **counts, "header": asdict(header)})
        return
    would = "would import" if dry_run else "imported"
    click.echo(
        f"{would} {len(made.new):,} new, replaced {len(made.replaced):,}, left {made.same:,} that are there already"
    )
    if users:
        click.echo(f"  of {printable(', '.join(users[:10]))}{'' if len(users) <= 10 else ' and others'}")  # noqa: PLR2004 - a line
    if dry_run and made.embeds:
        click.echo(f"  vectors would be made anew: {printable(made.embeds)}")
