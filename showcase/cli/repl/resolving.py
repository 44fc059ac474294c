"""Proposes what could be done to memories that a turn contradicts, and does what a person says yes to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.cli.resolving import shown
from showcase.conversation import account, resolve
from showcase.errors import ShowcaseError

if TYPE_CHECKING:
    from showcase.cli.repl.session import Session
    from showcase.conversation.turn import Turn
    from showcase.memory.stored import Change, Stored


def resolved(session: Session, turn: Turn) -> tuple[tuple[Change, ...], tuple[Stored, ...]]:
    """Show each proposal and ask; return what was changed, and the rows that were taken out."""
    screen = session.screen
    made: list[Change] = []
    removed: list[Stored] = []
    try:
        for proposal in resolve.proposals(session.backend, session.server, session.user_id, turn.changes):
            for line in shown(proposal):
                screen.line(line)
            if not (session.asked.yes or session.confirm("Change it?")):
                screen.line("Left as it is.", dim=True)
                continue
            done = resolve.apply(session.backend, session.user_id, proposal)
            made += done
            if proposal.action == "DELETE":
                removed.append(proposal.row)
            for line in account.changes(done):
                screen.line(line, dim=True)
    except ShowcaseError as error:
        screen.error(error)
    except KeyboardInterrupt:
        screen.line("Stopped; what was not agreed to is left as it is.", dim=True)
    return tuple(made), tuple(removed)
