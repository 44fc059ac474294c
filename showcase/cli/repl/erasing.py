"""What `/forget` took out goes from the files too, when the chat is over and has let go of the store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from showcase.errors import ShowcaseError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.cli.repl.session import Session
    from showcase.memory.stored import Stored


def note(session: Session, rows: Iterable[Stored]) -> None:
    """Note what rows hold that are taken out, while it can be read."""
    from showcase.erasure.gathering import Gone, gone_of  # noqa: PLC0415 - only where something is forgotten
    from showcase.memory import raw_rows  # noqa: PLC0415 - likewise
    from showcase.memory.collections import Collections  # noqa: PLC0415 - likewise

    rows = tuple(rows)
    some = session.forgotten.setdefault(session.user_id, [])
    store, wanted = session.backend.rows, [row.memory_id for row in rows]
    if not isinstance(store, Collections):  # its files are an engine's: what was noted here is all that can be erased
        some += [Gone(memory_id=row.memory_id, texts=(row.text,), vector=b"") for row in rows]
        return
    for collection in store.all():
        for piece in raw_rows.read(store, collection, wanted):
            some += [gone_of(row) for row in piece if row.beside.get("user_id") == session.user_id]


def erase_forgotten(session: Session) -> None:
    """Erase it, and say what came of it. Where that fails, the command is said that does it later."""
    from showcase.cli.memories.erasing import erase, lines  # noqa: PLC0415 - only where something was forgotten
    from showcase.memory.backends.opening import look  # noqa: PLC0415 - likewise

    if session.place.address is not None:
        _forget_beside(session)
        return
    for user_id, gone in session.forgotten.items():
        key = secrets.token_bytes(32)
        session.screen.line("Erasing what was forgotten from the files ...", dim=True)
        try:
            finding, path = erase(look(session.place), user_id, [each.memory_id for each in gone], key=key, gone=gone)
        except (ShowcaseError, KeyboardInterrupt) as error:
            later = (
                f"showcase memories forget --store {quoted(session.place.named)} --user-id {quoted(user_id)} --traces"
            )
            why = error.message if isinstance(error, ShowcaseError) else "it was given up"
            session.screen.fault(f"the bytes of what was forgotten are still there: {why}", later)
            continue
        for line in lines(finding, path):
            session.screen.line(line)
        session.screen.line(f"key of its pseudonym, printed once and kept nowhere: {key.hex()}", dim=True)


def _forget_beside(session: Session) -> None:
    """Erase what this machine noted of rows on a server, and say that the server's own bytes are not seen from here."""
    from showcase.erasure.beside_server import forget_beside  # noqa: PLC0415 - only where something was forgotten

    for user_id, gone in session.forgotten.items():
        texts = {each.memory_id: each.texts[0] for each in gone}
        try:
            done = forget_beside(session.place, user_id, texts, everything=False)
        except (ShowcaseError, KeyboardInterrupt) as error:
            fault = error if isinstance(error, ShowcaseError) else ShowcaseError("it was given up")
            session.screen.fault(f"mem0's history still tells of what was forgotten: {fault.message}", fault.hint)
            continue
        session.screen.line(f"Gone from this machine too: {done.said}.")
