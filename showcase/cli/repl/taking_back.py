"""`/forget` and `/undo`: rows are taken out, and what stays on disk all the same is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.cli.repl import erasing
from showcase.conversation import account
from showcase.errors import UsageError
from showcase.memory.left_on_disk import left_on_disk, of_typed
from showcase.memory.stored import to_metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.cli.repl.session import Session
    from showcase.memory.stored import Stored
    from showcase.settings.store_address import StoreAddress

ALL = "all"
_LISTED = 20
"""Changes that are shown line by line."""


def numbered(session: Session, number: str) -> Stored:
    """Return the row of that number in the last listing, as it is now.

    Raises:
        UsageError: There was no listing, no such number in it, or the row is another one by now.
    """
    listing = session.of.listing
    if listing is None:
        raise UsageError("the numbers are those that /memory shows, and it was not asked yet", hint="/memory")
    if not (number.isdecimal() and len(number) < 10 and 1 <= int(number) <= len(listing)):  # noqa: PLR2004 - no list is longer
        raise UsageError(f"{number} is no number of the last /memory, which had 1 to {len(listing)}", hint="/memory")
    row = listing[int(number) - 1]
    now = session.backend.rows.get(session.user_id, [row.memory_id])
    if not now or now[0].text != row.text:
        raise UsageError(
            f"memory {number} is {'another text' if now else 'gone'} since the last /memory",
            hint="list them again: /memory",
        )
    return now[0]


def forget(session: Session, argument: str) -> None:
    """Take rows out.

    Raises:
        UsageError: It is not said which, or they changed since they were shown.
        StoreError: The store cannot be written.
    """
    _check_written(session)
    if not argument:
        raise UsageError("say which: their numbers in /memory, or all", hint="/memory")
    if argument == ALL:
        rows = tuple(session.backend.rows.rows(session.user_id))
        if not rows:
            session.screen.line(f"{session.user_id} has no memories.")
            return
        session.screen.line(f"{_many(len(rows))} of {session.user_id} would be taken out.")
        if not session.confirm("Forget all of them?"):
            session.screen.line("Nothing was forgotten.")
            return
    else:
        rows = tuple({row.memory_id: row for row in (numbered(session, each) for each in argument.split())}.values())
    erasing.note(session, rows)
    done = [session.backend.delete(session.user_id, row.memory_id) for row in rows]
    for line in list(account.changes(done))[:_LISTED]:
        session.screen.line(line, dim=True)
    session.conversation.recent.clear()
    session.screen.line(
        f"{_many(len(done))} taken out. The earlier turns of this chat are dropped from later prompts: "
        "they may tell of the same."
    )
    if session.place.address is None:
        session.screen.line("Gone from every search now; their bytes are erased from the files when this chat ends.")
        return
    session.screen.line("Gone from every search now; what this machine noted of them goes when this chat ends.")
    _say_what_server_keeps(session.place.address, session)


def undo(session: Session, _: str) -> None:
    """Take back what the last turn wrote.

    Raises:
        UsageError: There is none.
        StoreError: The store cannot be written.
    """
    _check_written(session)
    if not session.of.turns:
        raise UsageError(f"there is no turn of {session.user_id} to take back", hint="/memory, then /forget NUMBER")
    played = session.of.turns[-1]
    undone = session.conversation.undo(played.turn)
    for row in played.removed:
        vector = session.server.gate.embed(session.server.embed_model.name, row.text)
        session.backend.rows.put(session.user_id, {row.memory_id: (to_metadata(row), vector)})
        session.screen.line(f"put back {row.memory_id[:8]}: {row.text}", dim=True)
    session.of.turns.pop()
    for line in account.changes(undone) if undone else ():
        session.screen.line(line, dim=True)
    session.screen.line(f"Taken back: “{_short(played.turn.words)}”. It is in no later prompt.")
    # An UPDATE that is taken back leaves the bytes of its text behind as a DELETE does.
    written = [text for change in undone if (text := change.text if change.event == "DELETE" else change.old_text)]
    if written:
        _say_what_stays(session, written)
    elif not played.removed:
        session.screen.line("That turn had written nothing that is still there.", dim=True)


def _check_written(session: Session) -> None:
    if session.is_incognito:
        raise UsageError(
            "incognito, nothing is written, and nothing is taken out either", hint="end it first: /incognito"
        )


def _say_what_stays(session: Session, texts: Iterable[str]) -> None:
    if session.place.address is not None:
        session.screen.line("Gone from every search; mem0's history on this machine keeps its text.")
        _say_what_server_keeps(session.place.address, session)
        return
    root = session.place.root
    left = left_on_disk(session.place, session.user_id, texts)
    files = [str(path.relative_to(root)) for path in left.files]
    if files:
        session.screen.line(
            f"Gone from every search; the bytes stay in {', '.join(files)} below {root}, until something else is "
            "written over them."
        )
    else:
        session.screen.line("Gone from every search; its bytes may stay in free pages and indexes, until written over.")
    if left.typed is not None:
        said = of_typed(left.typed)
        session.screen.line(f"{said[0].upper()}{said[1:]}.")


def _say_what_server_keeps(address: StoreAddress, session: Session) -> None:
    from showcase.stores.what_stays import way_out, what_stays  # noqa: PLC0415 - only where one is used

    session.screen.line(f"What {address.where} keeps is not seen from here: {'; '.join(what_stays(address))}.")
    command = way_out(address)
    if command is not None:
        session.screen.line(f"Whoever looks after it: {command}", dim=True)


def _many(count: int) -> str:
    return "1 memory" if count == 1 else f"{count} memories"


def _short(words: str) -> str:
    flat = " ".join(words.split())
    return flat if len(flat) <= 60 else f"{flat[:59]}…"  # noqa: PLR2004 - most of a line
