"""`showcase ask`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday_options import backend_options, engine_options, ranking_options, store_options, user_option
from showcase.cli.replies import Streamed, document, print_prompt
from showcase.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from showcase.cli.everyday_options import BackendAsked, EngineAsked, RankingAsked
    from showcase.conversation.conversation import Conversation
    from showcase.conversation.turn import Prepared, Turn
    from showcase.memory.backends.interface import Backend
    from showcase.memory.store_record import Layout
    from showcase.memory.stored import Stored
    from showcase.settings.store_place import StoreNamed

EPILOG = """\b
Exit status:
  0  answered
  2  the command line or what was asked is wrong
  4  the environment: server, model, store, disk
  5  --require-memory, and no memory that covers the question is in the prompt

\b
Examples:
  showcase ask --user-id alice "I live in Oslo and I do not eat fish."
  showcase ask --user-id alice "Where should I eat tonight?"
  showcase ask --user-id alice --compare "Where should I eat tonight?"
  showcase ask --user-id alice --audit audits "Where should I eat tonight?"
  git diff | showcase ask --user-id alice --no-save --json
"""


@click.command(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("prompt", required=False)
@user_option
@store_options
@engine_options
@backend_options
@ranking_options
@click.option("--no-save", is_flag=True, help="Store nothing of it.")
@click.option("--no-memory", is_flag=True, help="Search nothing and store nothing: what the model says by itself.")
@click.option("--compare", is_flag=True, help="Ask twice, with memory and without, and show both.")
@click.option("--dry-run", is_flag=True, help="Print the prompt; send the chat model nothing, store nothing.")
@click.option("--require-memory", is_flag=True, help="Where nothing in memory covers it, do not ask: exit status 5.")
@click.option("--show-memories", is_flag=True, help="Also say, on standard error, which memories were used and why.")
@click.option(
    "--resolve", is_flag=True, help="Look for memories that what is said now contradicts; propose what to change."
)
@click.option("--yes", is_flag=True, help="Change what --resolve proposes without a question.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer and its account as JSON.")
def command(
    *,
    prompt: str | None,
    user_id: str,
    store: StoreNamed | None,
    layout: Layout | None,
    asked: EngineAsked,
    backend: BackendAsked,
    ranking: RankingAsked,
    no_save: bool,
    no_memory: bool,
    compare: bool,
    dry_run: bool,
    require_memory: bool,
    show_memories: bool,
    resolve: bool,
    yes: bool,
    as_json: bool,
) -> int:
    """Ask one question in one process, with a memory that lasts from one to the next.

    PROMPT is read from standard input where it is left out. What was said is stored, also where it only asks; what
    only asks is never taken for a fact. The output is the answer and nothing else.
    """
    from showcase.cli import resolving  # noqa: PLC0415 - `--help` must not wait
    from showcase.cli.everyday import say, server, surroundings  # noqa: PLC0415 - likewise
    from showcase.conversation.conversation import Conversation, Manner  # noqa: PLC0415 - likewise
    from showcase.conversation.words import check_words  # noqa: PLC0415 - likewise
    from showcase.engines.rehearsal_embedding import typed_note  # noqa: PLC0415 - likewise
    from showcase.memory.backends import opening  # noqa: PLC0415 - likewise

    if no_memory and (compare or require_memory):
        raise UsageError(
            f"--no-memory and --{'compare' if compare else 'require-memory'} exclude each other",
            hint="leave one of them out",
        )
    if yes and not resolve:
        raise UsageError("--yes answers what --resolve asks", hint="--resolve --yes, or leave --yes out")
    words = prompt if prompt is not None else _from_stdin()
    check_words(words)
    saves = not (no_save or no_memory or dry_run)
    with (
        surroundings(store, layout, finishes=saves) as around,
        server(around, asked, chats=True) as opened,
        opening.opened(
            around.kept,
            opened,
            name=backend.name,
            infer=backend.infer,
            limit_s=asked.session_timeout_s,
            writes=saves,
            tell=say,
        ) as memory,
    ):
        _check_new(memory, user_id, saves=saves)
        manner = Manner(
            user_id=user_id,
            top_k=ranking.top_k,
            threshold=ranking.threshold_for(opened.embed_model.name),
            weights=ranking.weights,
            remembers=not no_memory,
            saves=saves,
        )
        conversation = Conversation(memory, opened, manner, may_use=_leave_out)
        if not no_memory and (unknown := typed_note(opened.embed_model.name, words)) is not None:
            say(unknown)
        prepared = conversation.prepare(words)
        if require_memory and not prepared.used:
            return _not_known(prepared)
        if dry_run:
            print_prompt(prepared, as_json=as_json)
            return int(ExitCode.UPHELD)
        status, turn = _answer(conversation, prepared, compare=compare, show_memories=show_memories, as_json=as_json)
        if resolve and saves:
            resolving.offer(memory, opened, user_id, turn.changes, yes=yes)
        return status


def _answer(
    conversation: Conversation, prepared: Prepared, *, compare: bool, show_memories: bool, as_json: bool
) -> tuple[int, Turn]:
    """Ask, print and store; return the exit status and the turn."""
    from showcase.cli.everyday import say  # noqa: PLC0415 - as above

    if not prepared.used and conversation.manner.remembers:
        say(_nothing(prepared))
    streamed = Streamed(silent=as_json)
    if compare and not as_json:
        click.echo("With memory:")
    try:
        turn = conversation.play(prepared, streamed.take)
    finally:
        streamed.end()
    bare = _without(conversation, prepared, as_json=as_json) if compare else None
    if as_json:
        click.echo(json.dumps(document(conversation, turn, bare), indent=2, ensure_ascii=True))
    if show_memories:
        _account(conversation, turn, say)
    if turn.stopped:
        raise KeyboardInterrupt
    if turn.reply.done_reason is None:
        say("the server broke off before the reply was whole; what came of it stands above")
        return int(ExitCode.ENVIRONMENT), turn
    if turn.read is not None and turn.read.outcome == "cut":
        say(f"the server cut the prompt: it read {turn.read.evaluated_tokens} tokens of it")
    return int(ExitCode.UPHELD), turn


def _without(conversation: Conversation, prepared: Prepared, *, as_json: bool) -> Turn:
    """Ask the same without memory; nothing of it is stored."""
    from dataclasses import replace  # noqa: PLC0415 - only here

    from showcase.conversation.conversation import Conversation as Fresh  # noqa: PLC0415 - as above

    manner = replace(conversation.manner, remembers=False, saves=False)
    bare = Fresh(conversation.backend, conversation.server, manner, may_use=_leave_out)
    streamed = Streamed(silent=as_json)
    if not as_json:
        click.echo("\nWithout memory:")
    try:
        turn = bare.play(bare.prepare(prepared.words), streamed.take)
    finally:
        streamed.end()
    return turn


def _leave_out(row: Stored, order: str) -> bool:
    """Say that a memory reads like an order, and leave it out: nobody is there to be asked."""
    from showcase.cli.everyday import say  # noqa: PLC0415 - as above
    from showcase.conversation.account import origin  # noqa: PLC0415 - likewise

    say(
        f"left out of the prompt, because it reads like an order (“{order}”): memory {row.memory_id[:8]}, "
        f"{origin(row)}: {row.text[:200]}"
    )
    return False


def _check_new(memory: Backend, user_id: str, *, saves: bool) -> None:
    """Refuse a user who is new and whose id cannot be told from one that is there."""
    from showcase.memory.user_ids import check_user_id  # noqa: PLC0415 - as above

    if saves and not memory.rows.count(user_id):
        check_user_id(user_id, others=[each for each in memory.rows.users() if each is not None and each != user_id])


def _not_known(prepared: Prepared) -> int:
    from showcase.cli.everyday import say  # noqa: PLC0415 - as above

    say(_nothing(prepared))
    return int(ExitCode.NOT_KNOWN)


def _nothing(prepared: Prepared) -> str:
    from showcase.conversation.account import NOTHING_COVERS, nothing  # noqa: PLC0415 - as above

    return NOTHING_COVERS if prepared.selection is None else nothing(prepared, prepared.selection)


def _account(conversation: Conversation, turn: Turn, tell: Callable[[str], None]) -> None:
    from showcase.conversation import account  # noqa: PLC0415 - as above

    lines: Iterable[str] = ()
    if turn.selection is not None:
        lines = account.memories(turn, turn.selection, conversation.manner.weights)
    for line in (*lines, account.tokens(turn.reply), *(account.changes(turn.changes) if turn.saved else ())):
        tell(line)


def _from_stdin() -> str:
    """Return what standard input holds.

    Raises:
        UsageError: It is a terminal, too long, or no text.
    """
    from showcase.conversation.words import MOST_BYTES  # noqa: PLC0415 - as above

    example = 'showcase ask --user-id ME "Where do I live?"'
    if sys.stdin is None or sys.stdin.isatty():
        raise UsageError("nothing was asked", hint=example)
    data: bytes = sys.stdin.buffer.read(MOST_BYTES + 1)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(data) <= MOST_BYTES or error.start < MOST_BYTES - 3:  # not only a letter that was cut in two
            raise UsageError(
                f"standard input is no text in UTF-8: byte {error.start} is 0x{data[error.start]:02x}",
                hint=f"give it text: {example}",
            ) from error
        text = data.decode("utf-8", errors="ignore") + " "
    return text if len(data) > MOST_BYTES else text.strip("\r\n")
