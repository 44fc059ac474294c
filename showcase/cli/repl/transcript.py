"""`/save`: what was said, as Markdown, in a file that was not there before."""

from __future__ import annotations

import itertools
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from showcase.cli.words import harmless
from showcase.documents import new_file
from showcase.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from showcase.cli.repl.played import Played
    from showcase.cli.repl.session import Session

NAME = "chat.md"


def save(session: Session, argument: str) -> None:
    """Write the turns of the user who speaks.

    Raises:
        UsageError: There is nothing to write, or no file can be made there.
    """
    said = session.of.said
    if not said:
        raise UsageError(f"nothing was said by {session.user_id} yet", hint="say something first")
    if session.is_incognito:
        if not session.confirm("Incognito, nothing is written. Write down what was said all the same?"):
            session.screen.line("Nothing was written.")
            return
    elif any(played.incognito for played in said) and not session.confirm("Write down the turns of incognito too?"):
        said = [played for played in said if not played.incognito]
        if not said:
            session.screen.line("Nothing was written: all that was said is incognito.")
            return
        session.screen.line("Turns of incognito are left out.", dim=True)
    asked = session.around.typed_from / Path(argument or NAME).expanduser()
    if asked.is_dir():
        asked = asked / NAME
    data = harmless("".join(_document(session, said))).encode("utf-8", errors="replace")
    for path in _names(asked):
        with suppress(FileExistsError):
            try:
                new_file.create(path, data)
            except FileExistsError:
                raise
            except (OSError, ValueError) as error:
                why = getattr(error, "strerror", None) or str(error)
                raise UsageError(f"{path} cannot be written: {why}", hint="name another file: /save FILE") from error
            other = f" ({asked.name} is there already, and stays as it is)" if path != asked else ""
            session.screen.line(f"Written: {path}{other}")
            return


def _names(asked: Path) -> Iterator[Path]:
    yield asked
    for number in itertools.count(2):
        yield asked.with_name(f"{asked.stem}-{number}{asked.suffix}")


def _document(session: Session, said: Sequence[Played]) -> Iterator[str]:
    model = session.server.chat_model
    yield f"# Chat of {_plain(session.user_id)}\n\nModel: {_plain(model.name if model else 'none')}\n"
    for played in said:
        mark = " (incognito)" if played.incognito else ""
        yield f"\n**{_plain(session.user_id)}**{mark}:\n\n{_quoted(played.turn.words)}\n"
        reply, cut = played.turn.reply.text.rstrip(), " (stopped)" if played.turn.stopped else ""
        yield f"\n**reply**{cut}:\n\n{_quoted(reply)}\n"


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines())


def _plain(text: str) -> str:
    return "".join(f"\\{character}" if character in "\\`*_[]<>#" else character for character in text)
