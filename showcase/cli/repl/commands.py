"""The commands of a chat: one table, of which help and completion are made."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.cli.audited import AUDITED
from showcase.cli.repl import taking_back, transcript
from showcase.cli.repl.session import Session
from showcase.conversation import account
from showcase.engines.discovery import choose_models
from showcase.engines.model_names import is_cloud_name, same, short
from showcase.errors import ModelError, ShowcaseError, UsageError
from showcase.shell.advice import near, ollama_command

if TYPE_CHECKING:
    from showcase.evidence import EngineKind
    from showcase.memory.stored import Stored

Value = tuple[str, str]
"""What can be typed behind a command, and what it is."""

MORE = "more"
_AROUND_A_PAGE = 4
"""Lines of a screen that are not rows: the command, what follows, the next prompt of two lines."""


def _no_values(_: Session) -> Iterable[Value]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What can be typed instead of something to say.

    Attributes:
        name: Without the slash.
        argument: What may follow, as the help has it.
        about: What it does, one line.
        run: Does it, with what was typed behind the name.
        values: What may follow, for a Tab.
    """

    name: str
    about: str
    run: Callable[[Session, str], None]
    argument: str = ""
    values: Callable[[Session], Iterable[Value]] = _no_values


def hear(session: Session, line: str) -> None:
    """Do what a line says: a command, something to say, or nothing.

    Raises:
        ShowcaseError: It cannot be done; the session goes on.
    """
    if not line.strip():
        return
    if not line.startswith("/"):
        session.say(line.strip())
        return
    name, _, argument = line[1:].strip().partition(" ")
    for command in COMMANDS:
        if command.name == name:
            command.run(session, argument.strip())
            return
    raise UsageError(
        f"there is no command /{name}{near(f'/{name}', [f'/{command.name}' for command in COMMANDS])}",
        hint="see which there are: /help; to say something that begins with a slash, begin it with a space",
    )


def _help(session: Session, _: str) -> None:
    for command in COMMANDS:
        session.screen.line(f"{f'/{command.name} {command.argument}':<22} {command.about}")
    session.screen.line()
    for line in KEYS:
        session.screen.line(line, dim=True)


def _memory(session: Session, argument: str) -> None:
    of = session.of
    if argument.isdecimal():
        row = taking_back.numbered(session, argument)
        session.screen.line(f"{argument}. {row.text}")
        session.screen.line(f"   {account.origin(row)}; id {row.memory_id}", dim=True)
        return
    if argument and argument != MORE:
        _search(session, argument)
        return
    if argument != MORE or of.listing is None:
        of.listing, of.shown = tuple(session.backend.rows.rows(session.user_id)), 0
        session.backend.rows.same.reading("LIST", session.user_id, count=len(of.listing))
    rows, begin = of.listing, of.shown
    if not rows:
        session.screen.line(f"{session.user_id} has no memories.")
        return
    page = len(rows) if session.screen.rows is None else max(3, session.screen.rows - _AROUND_A_PAGE)
    for number, row in enumerate(rows[begin : begin + page], start=begin + 1):
        session.screen.row(_row(number, row))
    of.shown = min(len(rows), begin + page)
    if of.shown < len(rows):
        session.screen.line(f"{of.shown} of {len(rows)} shown; the next: /memory {MORE}", dim=True)
        return
    of.shown = 0


def _search(session: Session, words: str) -> None:
    session.of.listing = rows = tuple(session.backend.rows.rows(session.user_id))
    number = {row.memory_id: place for place, row in enumerate(rows, start=1)}
    most = 20 if session.screen.rows is None else max(3, session.screen.rows - _AROUND_A_PAGE)
    found = [
        each for each in session.backend.search(session.user_id, words, at_most=most) if each.row.memory_id in number
    ]
    for each in found:
        session.screen.row(f"{_row(number[each.row.memory_id], each.row)}  (cosine {each.cosine:.2f})")
    if not found:
        session.screen.line("Nothing was found.")


def _row(number: int, row: Stored) -> str:
    marks = ", ".join(mark for mark, there in (("a question", row.question), ("pinned", row.pinned)) if there)
    return f"{number:>3}. {row.text}{f'  [{marks}]' if marks else ''}"


def _user(session: Session, name: str) -> None:
    if not name:
        session.screen.line(f"{session.user_id} speaks; others: /user NAME")
        return
    before = session.user_id
    count = session.become(name)
    there = "0 memories: new here" if not count else "1 memory" if count == 1 else f"{count} memories"
    session.screen.line(f"{name} has {there}.")
    if name != before:
        session.screen.line(f"Nothing of what {before} said is in the prompts of {name}.", dim=True)


def _users(session: Session) -> Iterable[Value]:
    return [(user, f"{count} memories") for user, count in sorted(session.users().items())]


def _why(session: Session, _: str) -> None:
    if not session.of.turns:
        raise UsageError(
            f"there is no turn of {session.user_id} to account for",
            hint="say something first; a turn of another user is told to nobody else",
        )
    turn = session.of.turns[-1].turn
    session.screen.line(f"You said: {turn.words}", dim=True)
    for line in account.why(turn, session.conversation.manner.weights):
        session.screen.line(line)
    if session.contacts is None:
        session.screen.line("What left the machine meanwhile: not watched; --audit DIR watches a chat.")
        return
    session.screen.line("What this process tried to contact in that turn, as its own hook saw it (self-reported):")
    for line in session.contacts.lines() or ["nothing"]:
        session.screen.line(f"  {line}")
    log = session.around.environment[AUDITED]
    session.screen.line(f"{AUDITED} says that this chat is audited: what the witnesses saw will stand in {log}.")


def _incognito(session: Session, _: str) -> None:
    if session.is_incognito:
        said = session.show()
        session.screen.line(f"Incognito is over. {said}")
        session.screen.line("Nothing of those turns is in later prompts, nor in the history of lines.", dim=True)
        return
    whole = session.hide()
    session.screen.line("Incognito: turns search a copy of the store and write nothing. /incognito again ends it.")
    session.screen.line(f"Store now: sha256 {whole}")


def _model(session: Session, name: str) -> None:
    server = session.server
    if not name:
        session.screen.line(f"{_model_name(session)} answers; others: /model NAME")
        return
    try:
        choice = choose_models(server.gate, kind=server.kind, why="asked for", embed=server.embed_model.name, chat=name)
    except ModelError as error:
        raise ModelError(error.message, hint=_instead(session, name)) from error
    kind: EngineKind = "rehearsal" if choice.is_rehearsal else server.kind
    session.use(replace(server, chat_model=choice.chat_model, kind=kind))
    session.screen.line(f"{_model_name(session)} answers from now on.")


def _instead(session: Session, name: str) -> str:
    """Return what to type in the chat where no model of that name can answer."""
    there = [model for model, _ in _models(session)]
    hint = f"/model NAME, of those that are there: {', '.join(there)}"
    if session.server.kind == "embedded":
        return f"{hint}; for another file leave, and: showcase chat --user-id USER --engine embedded --chat-model FILE"
    if (
        session.server.is_rehearsal
        or is_cloud_name(name)
        or any(same(each.name, name) for each in session.server.gate.models())
    ):
        return hint
    return f"{hint}; or first: {ollama_command(session.server.endpoint, 'pull', name)}"


def _model_name(session: Session) -> str:
    model = session.server.chat_model
    return "no model" if model is None else short(model.name)


_EMBED_ALONE = ("bert", "nomic-bert", "model2vec", "use-multilingual")
"""Families, as `/api/tags` has them, of models that answer nothing; of others the server has to be asked."""


def _models(session: Session) -> Iterable[Value]:
    embed = session.server.embed_model.name
    return [
        (short(model.name), model.parameter_size or "")
        for model in session.server.gate.models()
        if not model.remote and not same(model.name, embed) and model.family not in _EMBED_ALONE
    ]


def _numbers(session: Session) -> Iterable[Value]:
    if session.of.listing is None:
        session.of.listing = tuple(session.backend.rows.rows(session.user_id))
    rows = session.of.listing
    return [*((str(number), row.text) for number, row in enumerate(rows, start=1)), (taking_back.ALL, "all of them")]


def _memory_values(session: Session) -> Iterable[Value]:
    return [value for value in _numbers(session) if value[0] != taking_back.ALL]


def _quit(session: Session, _: str) -> None:
    session.over = True


KEYS = (
    "Enter says it; Alt-Enter begins a new line; Tab completes; Ctrl-R searches what you typed before;",
    "Ctrl-O opens your editor; Ctrl-C stops a reply, or clears the line; Ctrl-D leaves.",
)

COMMANDS = (
    Command(
        name="memory",
        argument="[N|WORDS|more]",
        about="List your memories by number, one whole, or those nearest to words.",
        run=_memory,
        values=_memory_values,
    ),
    Command(
        name="forget",
        argument="N…|all",
        about="Take memories out, by number; drops earlier turns from prompts.",
        run=taking_back.forget,
        values=_numbers,
    ),
    Command(name="undo", about="Take back what the last turn wrote.", run=taking_back.undo),
    Command(name="why", about="Account for the last reply: memories, prompt, tokens, what was stored.", run=_why),
    Command(
        name="user",
        argument="NAME",
        about="Let another user speak, with nothing of this one.",
        run=_user,
        values=_users,
    ),
    Command(
        name="model",
        argument="NAME",
        about="Let another local model answer, on the same store.",
        run=_model,
        values=_models,
    ),
    Command(name="incognito", about="Begin or end turns that write nothing.", run=_incognito),
    Command(
        name="save",
        argument="[FILE]",
        about="Write what was said as Markdown; a file that is there stays.",
        run=transcript.save,
    ),
    Command(name="help", about="Show this.", run=_help),
    Command(name="quit", about="Leave; Ctrl-D does too.", run=_quit),
)


def values(session: Session, name: str) -> list[Value]:
    """Return what may follow a command, nothing where that cannot be told now."""
    with contextlib.suppress(ShowcaseError):
        return next((list(command.values(session)) for command in COMMANDS if command.name == name), [])
    return []
