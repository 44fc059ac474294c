"""Who speaks to which model, with how many memories, in which store: the line below the prompt, and the first one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.cli.words import one_line
from showcase.engines.model_names import short
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from showcase.cli.repl.session import Session

REHEARSAL = "the rehearsal engine, which is no language model: it quotes what its prompt holds"


def shown(session: Session) -> list[str]:
    """Return the parts of the line, what matters most first."""
    model = session.server.chat_model
    try:
        count = session.backend.rows.count(session.user_id)
        many = "1 memory" if count == 1 else f"{count} memories"
    except ShowcaseError:
        many = "memories: the store does not answer"
    parts = [session.user_id, *(["INCOGNITO"] if session.is_incognito else [])]
    parts += [short(model.name) if model else "no model", many]
    parts += ["no language model"] if session.server.is_rehearsal else []
    parts += [session.backend.name + (" --infer" if session.asked.backend.infer else ""), str(session.place.named)]
    return [one_line(part) for part in parts]


def fitted_to(parts: list[str], columns: int | None) -> str:
    """Return as many parts as have room."""
    line = f" {parts[0]}"
    for part in parts[1:]:
        longer = f"{line} | {part}"
        if columns is not None and len(longer) >= columns:
            break
        line = longer
    return line


def greeting(session: Session) -> list[str]:
    """Return what a chat begins with."""
    server = session.server
    model = short(server.chat_model.name) if server.chat_model else "no model"
    try:
        count = session.users().get(session.user_id, 0)
    except ShowcaseError:
        count = 0
    many = "1 memory" if count == 1 else f"{count} memories" if count else "no memories yet"
    extracts = ", mem0 extracts" if session.asked.backend.infer else ""
    models = f"{model} answers, {short(server.embed_model.name)} searches"
    said = [
        f"{session.user_id}, {many}; {models}; backend {session.backend.name}{extracts}; store {session.place.named}"
    ]
    if server.is_rehearsal:
        said.append(f"This is {REHEARSAL}.")
    return [*said, "/help shows the commands; /why accounts for the last reply; Ctrl-D leaves."]
