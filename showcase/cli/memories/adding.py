"""`memories add`: a memory that its user writes down."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import (
    backend_options,
    engine_options,
    say,
    server,
    store_options,
    surroundings,
    user_option,
)
from showcase.cli.memories.there import json_option, print_json
from showcase.cli.words import SHOWN, one_line

if TYPE_CHECKING:
    from showcase.cli.everyday import BackendAsked, EngineAsked
    from showcase.memory.store_record import Layout
    from showcase.memory.stored import Change
    from showcase.settings.store_place import StoreNamed

_DASH = "-"
_END = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
_FIX = 'showcase memories add "TEXT" --user-id USER'


@click.command()
@click.argument("texts", metavar="TEXT...", nargs=-1, required=True)
@user_option
@store_options
@backend_options
@engine_options
@json_option
def add(
    *,
    texts: tuple[str, ...],
    user_id: str,
    store: StoreNamed | None,
    layout: Layout | None,
    backend: BackendAsked,
    asked: EngineAsked,
    as_json: bool,
) -> None:
    """Store each TEXT as a memory; - reads one from standard input.

    What only asks is kept, and never given to a model as a fact. A store is made where there is none.

    \b
    Examples:
      showcase memories add "My home is Turin" "I work for the railway" --user-id alice
      showcase memories add --user-id alice - < note.txt
    """  # noqa: D301 - click reads the backspace
    from showcase.evidence import Message  # noqa: PLC0415 - `--help` must not wait
    from showcase.memory.backends.opening import opened  # noqa: PLC0415 - likewise
    from showcase.memory.presence import check_begins  # noqa: PLC0415 - likewise
    from showcase.memory.row_ids import check_new_user  # noqa: PLC0415 - likewise
    from showcase.memory.texts import check_text  # noqa: PLC0415 - likewise

    given = [
        check_text(_typed() if each == _DASH else each, what=_called(each, number, len(texts)), fix=_FIX)
        for number, each in enumerate(texts, start=1)
    ]
    changes: list[Change] = []
    with surroundings(store, layout) as around:
        check_begins(around.kept.place)
        with around.kept.rows() as rows:
            check_new_user(rows, user_id)
        with (
            server(around, asked, chats=backend.infer) as there,
            opened(
                around.kept,
                there,
                name=backend.name,
                infer=backend.infer,
                limit_s=asked.session_timeout_s,
                tell=say,
            ) as memory,
        ):
            for text in given:
                changes += memory.add(user_id, [Message(role="user", content=text)], source="typed")
        if as_json:
            document = {
                "store": str(around.kept.place.named),
                "user_id": user_id,
                "embed_model": there.embed_model.name,
            }
            print_json({**document, "changes": [asdict(change) for change in changes]})
            return
        for change in changes:
            said = {"ADD": "stored", "NONE": "there already", "UPDATE": "changed", "DELETE": "deleted"}[change.event]
            click.echo(f"{said} {one_line(change.memory_id[:8])}  {one_line(change.text, SHOWN)}")
        if not changes:
            click.echo("nothing was stored: the model extracted no memory from it")


def _called(each: str, number: int, count: int) -> str:
    if each == _DASH:
        return "what came on standard input"
    return "the text" if count == 1 else f"text {number}"


def _typed() -> str:
    """Return what comes on standard input, without the end of its last line.

    Raises:
        UsageError: It is no text, or longer than any memory.
    """
    from showcase.documents.reading import UnreadableError, read  # noqa: PLC0415 - `--help` must not wait
    from showcase.errors import UsageError  # noqa: PLC0415 - likewise
    from showcase.memory.texts import MOST_BYTES  # noqa: PLC0415 - likewise

    if sys.stdin is not None and sys.stdin.isatty():
        click.echo(f"Type the text, then Enter, then {_END}:", err=True)
    try:
        data = read(Path(_DASH), limit=MOST_BYTES)
    except UnreadableError as error:
        raise UsageError(f"standard input cannot be read: {error}", hint=_FIX) from error
    try:
        return data.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise UsageError("what came on standard input is no text in UTF-8", hint=_FIX) from error
