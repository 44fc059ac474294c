"""Memories that what was just said contradicts: what could be done is shown, and done where somebody says yes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from showcase.cli.everyday import say
from showcase.conversation import resolve
from showcase.conversation.account import changes, origin
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.conversation.resolve import Proposal
    from showcase.engines.everyday import Opened
    from showcase.memory.backends.interface import Backend
    from showcase.memory.stored import Change

FOUND_BY = {"model": "the chat model says so", "words": "the same subject, told otherwise"}


def offer(memory: Backend, server: Opened, user_id: str, added: Sequence[Change], *, yes: bool) -> tuple[Change, ...]:
    """Show what could be changed, ask for each, and return what was.

    Where nobody can be asked, nothing is changed but with `yes`.

    Raises:
        EngineError: The model that is asked does not answer.
        StoreError: The store cannot be written.
    """
    made: list[Change] = []
    for proposal in resolve.proposals(memory, server, user_id, added):
        for line in shown(proposal):
            say(line)
        if yes or _agreed():
            done = resolve.apply(memory, user_id, proposal)
            made += done
            for line in changes(done):
                say(line)
        else:
            for line in _left(memory, user_id, proposal):
                say(line)
    return tuple(made)


def shown(proposal: Proposal) -> tuple[str, ...]:
    """Return a proposal in lines."""
    why = FOUND_BY[proposal.found_by]
    old = f"  old: {proposal.row.text} ({origin(proposal.row)})"
    if proposal.action == "DELETE":
        return (f"this program proposes DELETE {proposal.row.memory_id[:8]}: {why}", old)
    return (
        f"this program proposes UPDATE {proposal.row.memory_id[:8]}: {why}",
        old,
        f"  new: {proposal.new_text}",
    )


def _left(memory: Backend, user_id: str, proposal: Proposal) -> tuple[str, ...]:
    """Return what is stored where nothing was agreed to, and what changes it afterwards.

    What was said is a row of its own by then, and said again it would be one more: so also for an UPDATE the old row
    goes.
    """
    old, user, store = map(quoted, (proposal.row.memory_id, user_id, memory.rows.place.named))
    told = (
        f"left as it is: {proposal.row.memory_id[:8]} was not changed; what you said is stored beside it, "
        f"as {proposal.new_id[:8]}"
    )
    return told, f"  to keep the new one alone: showcase memories forget {old} --user-id {user} --store {store}"


def _agreed() -> bool:
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    return click.confirm("Change it?", default=False, err=True)
