"""`showcase chat`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday_options import backend_options, engine_options, ranking_options, store_options, user_option

if TYPE_CHECKING:
    from showcase.cli.everyday_options import BackendAsked, EngineAsked, RankingAsked
    from showcase.cli.repl.loop import Reader
    from showcase.memory.store_record import Layout
    from showcase.settings.store_place import StoreNamed

EPILOG = """\b
In the chat:
  /help lists its commands, a Tab completes them and what follows; Alt-Enter begins
  a new line, Ctrl-O opens $EDITOR, Ctrl-C stops a reply, Ctrl-D leaves.

\b
Where nobody types, as in a pipe, each line is a turn or a command, and what would
ask a person is answered No.

\b
Exit status:
  0  it was left
  2  the command line is wrong
  4  the environment: server, model, store, disk

\b
Examples:
  showcase chat --user-id alice
  showcase chat --user-id alice --engine ollama --chat-model qwen3:4b-instruct
  showcase chat --user-id alice --backend chroma --resolve
  showcase chat --user-id alice --audit audits
  printf 'I live in Oslo.\\nwhere do I live?\\n/why\\n' | showcase chat --user-id alice
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@user_option
@store_options
@engine_options
@backend_options
@ranking_options
@click.option(
    "--recent",
    type=click.IntRange(0, 10_000_000),
    metavar="TOKENS",
    help="Tokens that earlier turns may have in a prompt.  [default: half the model's context]",
)
@click.option("--resolve", is_flag=True, help="Propose what to do about memories that a turn contradicts.")
@click.option("--yes", is_flag=True, help="Do what --resolve proposes without asking.")
def command(
    *,
    user_id: str,
    store: StoreNamed | None,
    layout: Layout | None,
    asked: EngineAsked,
    backend: BackendAsked,
    ranking: RankingAsked,
    recent: int | None,
    resolve: bool,
    yes: bool,
) -> None:
    """Talk with a memory that lasts: each turn recalls, answers, and is stored.

    What is recalled is data in the prompt; a chat has no tools that it could make use of.
    """
    from contextlib import closing  # noqa: PLC0415 - `--help` must not wait

    from showcase.cli.audited import AUDITED  # noqa: PLC0415 - likewise
    from showcase.cli.everyday import server, surroundings  # noqa: PLC0415 - likewise
    from showcase.cli.repl import loop, state  # noqa: PLC0415 - likewise
    from showcase.cli.repl.contacts import OwnContacts  # noqa: PLC0415 - likewise
    from showcase.cli.repl.played import Asked  # noqa: PLC0415 - likewise
    from showcase.cli.repl.session import Session  # noqa: PLC0415 - likewise
    from showcase.cli.repl.shown import Screen  # noqa: PLC0415 - likewise

    contacts = OwnContacts() if AUDITED in os.environ else None  # before anything could connect
    screen = Screen()
    reader = _reader()
    wanted = Asked(
        backend=backend, ranking=ranking, limit_s=asked.session_timeout_s, recent=recent, resolve=resolve, yes=yes
    )
    with (
        surroundings(store, layout) as around,
        server(around, asked, chats=True) as opened,
        closing(
            Session(around, opened, wanted, user_id=user_id, screen=screen, confirm=reader.confirm, contacts=contacts)
        ) as session,
    ):
        session.become(user_id)
        for line in state.greeting(session):
            screen.line(line, dim=True)
        loop.run(session, reader)
        if session.forgotten:
            from showcase.cli.repl.erasing import erase_forgotten  # noqa: PLC0415 - only where something was

            session.close()
            erase_forgotten(session)


def _reader() -> Reader:
    from showcase.cli.repl.plain import PlainLines  # noqa: PLC0415 - as above
    from showcase.cli.repl.shown import is_plain_terminal  # noqa: PLC0415 - likewise

    if not (sys.stdin.isatty() and sys.stdout.isatty()) or is_plain_terminal():
        return PlainLines()
    from showcase.cli.repl.terminal import TerminalLines  # noqa: PLC0415 - only where somebody types

    return TerminalLines()
