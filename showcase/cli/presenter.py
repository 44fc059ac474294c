"""`run --step --presenter`: one statement a screen, for a projector; Enter shows the next."""

from __future__ import annotations

import shutil
import sys
import textwrap
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from showcase.cli.step import commands, wait_for_enter
from showcase.cli.view import is_capable
from showcase.cli.words import SHOWN, as_typed, one_line
from showcase.processes.protocol.events import Faulted, Planted, Replied, Searched, Spawned, Unanswered
from showcase.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.evidence import Run
    from showcase.processes.protocol.events import Event
    from showcase.progress import Counts, Pause

_COLUMNS, _ROWS = 80, 24
"""The screen that it fits: a terminal whose letters are large enough for a room is no larger."""

_MARGIN = 6
_CLEARED = "\x1b[2J\x1b[3J\x1b[H"
"""Clears screen and scrollback, and goes to the first place; see ECMA-48, ED and CUP, and `clear(1)` for the 3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One screen.

    Attributes:
        head: Whom it is about.
        says: A sentence.
        lines: What it is about, one below the other.
        beneath: What may be typed in a second shell; it is not broken.
    """

    head: str
    says: str
    lines: tuple[str, ...] = ()
    beneath: str = ""


def screen(statement: Statement, *, number: int, columns: int = _COLUMNS, rows: int = _ROWS) -> str:
    """Return a statement as the lines of one screen; what does not fit is cut, and says so.

    Args:
        statement: It.
        number: Its place in the show, from 1.
        columns: Of the terminal.
        rows: Likewise.
    """
    width = max(30, min(columns, 2 * _COLUMNS) - 2 * _MARGIN)
    margin = " " * _MARGIN
    body = [statement.head, "", *textwrap.wrap(one_line(statement.says), width), ""]
    for line in statement.lines:
        body += textwrap.wrap(one_line(line, SHOWN), width, subsequent_indent="  ") or [""]
    room = max(4, min(rows, _ROWS) - 4 - (2 if statement.beneath else 0))
    if len(body) > room:
        body = [*body[: room - 1], "…"]
    above = max(1, (room - len(body)) // 2)
    drawn = [""] * above + [f"{margin}{line}".rstrip() for line in body]
    drawn += ["", statement.beneath] if statement.beneath else []
    drawn += [""] * (max(8, min(rows, _ROWS)) - 2 - len(drawn))
    return "\n".join((*drawn, f"{margin}{number}"))


class PresenterProgress(Silence):
    """Gathers what is said, and shows it one statement at a time where the run waits for somebody."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users: Mapping[str, str] = {}
        self._left: list[Statement] = []
        self._planted: dict[str, list[str]] = {}
        self._shown = 0

    def begin(self, users: Mapping[str, str], counts: Counts) -> None:  # noqa: ARG002 - nothing is counted here
        """Remember as whom each session acts."""
        self._users = users

    def note(self, text: str) -> None:
        """Let it stand on the screen that is there: it is about what is being waited for."""
        click.echo(one_line(as_typed(text), _COLUMNS - 1), err=True)

    def event(self, role: str, event: Event) -> None:
        """Take what is worth a screen."""
        if role not in self._users:
            return
        with self._lock:
            if isinstance(event, Planted):
                self._planted.setdefault(role, []).extend(f"“{row.text}”" for row in event.rows)
            elif screens := self._of(role, event):
                self._left += [*self._told(role), *screens]

    def pause(self, pause: Pause) -> None:
        """Show what was gathered, a screen each, and at last where the run stands."""
        with self._lock:
            left = [*self._left, *self._told(pause.role)]
            self._left = []
        typed, shows = commands(pause)[0]
        if pause.alive:
            says = f"Process {pause.pid} is alive, and its store is open."
        else:
            says = f"Process {pause.pid} has ended. What it knew is gone. The store is not."
        second = f"In a second shell, to see it ({shows}):"
        left.append(Statement(head=self._head(pause.role), says=says, lines=(second,), beneath=typed))
        for statement in left:
            self._show(statement)

    def _told(self, role: str) -> list[Statement]:
        """Return what a session was told since it was last shown: sentence by sentence it comes, and is one screen."""
        planted = tuple(self._planted.pop(role, ()))
        return (
            [Statement(head=self._head(role), says=f"{self._users[role]} tells it:", lines=planted)] if planted else []
        )

    def verdicts(self, run: Run) -> None:
        """Show each verdict, a screen each: what it says, its status and level, and why."""
        from showcase.report.titles import title  # noqa: PLC0415 - heavy, and `--help` must not wait for it

        for verdict in run.claims:
            level = f", {verdict.level}" if verdict.level else ""
            lines = (f"{verdict.status}{level}", "", verdict.reason)
            self._show(Statement(head=verdict.id, says=f"{title(verdict.id, verdict.status, run)}.", lines=lines))

    def _of(self, role: str, event: Event) -> list[Statement]:
        head, user = self._head(role), self._users[role]
        match event:
            case Spawned():
                return [Statement(head=head, says=f"A new process begins: {event.pid}. It knows nothing yet.")]
            case Searched():
                found = tuple(f"{row.cosine:5.2f}  {row.text}" for row in event.rows)
                says = f"It recalls {len(found)} from the store:" if found else "It recalls nothing from the store."
                asks = Statement(head=head, says=f"{user} asks:", lines=(f"“{event.question}”",))
                return [asks, Statement(head=head, says=says, lines=found)]
            case Replied():
                return [Statement(head=head, says="It answers:", lines=(f"“{event.reply.text}”",))]
            case Unanswered():
                return [Statement(head=head, says=f"It got no whole reply: {event.message}")]
            case Faulted():
                return [Statement(head=head, says=f"It failed: {event.message}")]
            case _:
                return []

    def _head(self, role: str) -> str:
        return f"{role} · {self._users.get(role, '')}"

    def _show(self, statement: Statement) -> None:
        self._shown += 1
        size = shutil.get_terminal_size((_COLUMNS, _ROWS))
        if is_capable():
            sys.stderr.write(_CLEARED)
        click.echo(screen(statement, number=self._shown, columns=size.columns, rows=size.lines), err=True)
        wait_for_enter()
