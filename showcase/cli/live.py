"""Progress as it happens: what is over stays on the screen, what goes on is drawn again below it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from showcase.cli.ends import Ends
from showcase.cli.foot import REFRESHES, Foot
from showcase.cli.plain import Given, is_control
from showcase.cli.step import look_around
from showcase.cli.words import SHOWN, as_typed, one_line
from showcase.processes.protocol.events import (
    Asked,
    Exit,
    Faulted,
    Holding,
    Imported,
    Listed,
    Opened,
    Planted,
    Searched,
    Spawned,
    Streamed,
    Unanswered,
    Waiting,
)
from showcase.progress import Silence
from showcase.progress.model_wait import ModelWait
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

    from showcase.processes.protocol.events import Event
    from showcase.progress import Counts, Pause

ROWS = 8
"""Rows of a list that are shown; the page shows all."""

BAR_CELLS = 10
LABEL_CELLS = 2 + len(" 0.00 ") + BAR_CELLS
LEAST_CELLS = 20
"""For a text beside its label; where there are fewer it stands below."""

HIDDEN = "witness control"

Line = tuple[Text, Text]


@dataclass(slots=True)
class _Process:
    """What is shown of one process."""

    role: str
    user: str
    began: float
    pid: int | None = None
    doing: str = "starts"
    since: float = 0.0
    shown: bool = False
    planted: list[str] = field(default_factory=list)
    listed: int | None = None
    recalled: list[tuple[float, str]] | None = None
    question: str = ""
    reply: str = ""
    fault: str = ""
    use: str = ""
    given: Given = field(default_factory=Given)
    wait: ModelWait = field(default_factory=ModelWait)

    def hear(self, event: Event) -> None:  # noqa: C901, PLR0912 - one case an event
        self.wait.hear(event)
        use = self.given.use(event)
        if use is not None and not is_control(self.role):
            self.use = use.sentence
        match event:
            case Spawned():
                self.pid, self.doing = event.pid, "imports"
            case Imported():
                self.doing = "waits for its task"
            case Opened():
                self.doing = "works on its store"
            case Planted():
                self.planted += [row.text for row in event.rows]
                self.doing = "plants"
            case Searched():
                self.question = event.question
                self.recalled = [(row.cosine, row.text) for row in event.rows]
                self.doing = "searched"
            case Listed():
                self.listed = len(event.rows)
                self.doing = "listed its rows"
            case Asked():
                self.question = event.question
                self.doing = "asks"
            case Streamed():
                self.reply += event.text
                self.doing = "is answered"
            case Waiting():
                self.doing = "waits for its turn"
            case Unanswered():
                self.use = f"no whole reply: {event.message}"
            case Holding():
                self.doing = "waits for you"
            case Exit():
                self.doing = "ends"
            case Faulted():
                self.fault = f"{event.kind}: {event.message}"
            case _:
                pass


class LiveProgress(Silence):
    """Draws what goes on at the foot of the terminal, at most `REFRESHES` times a second.

    Args:
        refreshes: How often it is drawn, a second.
    """

    def __init__(self, *, refreshes: float = REFRESHES) -> None:
        self._foot = Foot(self._draw, refreshes=refreshes)
        self._lock = threading.RLock()
        self._counts: Counts = dict
        self._users: Mapping[str, str] = {}
        self._running: dict[str, _Process] = {}
        self._began = time.monotonic()
        self._paused = False
        self._late: list[RenderableType] = []

    def begin(self, users: Mapping[str, str], counts: Counts) -> None:
        """Take the foot of the terminal."""
        self._users, self._counts = users, counts
        self._began = time.monotonic()
        self._foot.start()

    def note(self, text: str) -> None:
        """Print a note above; one that comes while a person looks around waits until they have."""
        self._print(Text(one_line(as_typed(text)), style="dim"))

    def event(self, role: str, event: Event) -> None:
        """Take note of it; the next frame shows it."""
        if role == HIDDEN:
            return
        now = time.monotonic()
        with self._lock:
            if role not in self._running:
                self._running[role] = _Process(role, self._users.get(role, ""), began=now, since=now)
            process = self._running[role]
            before = process.doing
            process.hear(event)
            if process.doing != before:
                process.since = now

    def ended(self, role: str, exit_code: int | None) -> None:
        """Let what is over stay on the screen."""
        with self._lock:
            process = self._running.pop(role, None)
            if process is not None:
                process.doing = "" if exit_code == 0 else _how(exit_code)
                self._print(_block(process, time.monotonic(), over=True))

    def pause(self, pause: Pause) -> None:
        """Give the terminal back while the person looks around, with what the session came to so far above."""
        with self._lock:
            process = self._running.get(pause.role)
            if process is not None:
                self._print(_block(process, time.monotonic(), over=False))
                process.shown = True
        self._foot.stop()
        try:
            self._paused = True
            look_around(pause)
        finally:
            self._paused = False
            late, self._late = self._late, []
            for block in late:
                self._print(block)
        self._foot.start()

    def end(self) -> None:
        """Give the terminal back."""
        self._foot.stop()

    def _print(self, block: RenderableType) -> None:
        with self._lock:
            if self._paused:
                self._late.append(block)
            else:
                self._foot.print(block)

    def _draw(self) -> RenderableType:
        now = time.monotonic()
        with self._lock:
            blocks = [_block(process, now, over=False) for process in self._running.values()]
        seen = " · ".join(
            f"{name} " + ", ".join(f"{number:,} {what}" for what, number in counts.items())
            for name, counts in self._counts().items()
        )
        foot = Ends(Text(f"witnesses: {seen or 'none'}", style="dim"), end=Text(f"{now - self._began:.1f} s"))
        return Group(*blocks, foot)


def _block(process: _Process, now: float, *, over: bool) -> RenderableType:
    failed = over and (process.doing or process.fault)
    name = Text("✗ " if failed else "✓ " if over else "● ", style="red" if failed else "green")
    name.append(process.role, style="bold default")
    about = Text(one_line(process.user), style="cyan")
    about.append(f"{'  ' if process.user else ''}pid {process.pid}" if process.pid else "", style="default")
    state = Text(process.doing, style="red" if failed else "dim")
    if not over and now - process.since >= 1:
        state.append(f" … {int(now - process.since):,} s")
    title = Ends(name, about, state, end=Text(f"{now - process.began:,.1f} s"))
    return Group(title, _Lines(tuple(_lines(process))))


@dataclass(frozen=True, slots=True)
class _Lines:
    """Labels and texts, beside each other where there is room for both."""

    rows: tuple[Line, ...]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < LABEL_CELLS + LEAST_CELLS:
            for label, text in self.rows:
                yield Padding(Group(label, Padding(text, (0, 0, 0, 2))), (0, 0, 0, 2))
        elif self.rows:
            lines = Table.grid(padding=(0, 1), expand=True)
            lines.add_column(no_wrap=True, width=LABEL_CELLS)
            lines.add_column(overflow="fold", ratio=1)
            for label, text in self.rows:
                lines.add_row(Text("  ") + label, text)
            yield lines


def _lines(process: _Process) -> Iterable[Line]:
    if not process.shown:
        yield from _told(process)
    if process.fault:
        yield Text("failed", style="red"), Text(one_line(process.fault, SHOWN))


def _told(process: _Process) -> Iterable[Line]:
    yield from _listing(("planted", text) for text in process.planted)
    if process.question:
        yield _label("asked"), Text(one_line(process.question, SHOWN))
    if process.recalled:
        yield from _listing(((_bar(cosine), text) for cosine, text in process.recalled))
    elif process.recalled is not None:
        yield _label("recalled"), Text("nothing")
    elif process.listed is not None and not process.planted:
        yield _label("listed"), Text(f"{process.listed:,} rows")
    if process.reply:
        yield _label("was told"), Text(one_line(process.reply, 2 * SHOWN), style="bold")
    if (doing := process.wait.doing() or process.wait.told) and not process.fault:
        yield _label("server"), Text(doing, style="dim")
    if process.use:
        yield _label(""), Text(one_line(process.use, 2 * SHOWN), style="dim")


def _listing(rows: Iterable[tuple[str | Text, str]]) -> Iterable[Line]:
    rows = tuple(rows)
    for label, text in rows[:ROWS]:
        yield label if isinstance(label, Text) else _label(label), Text(one_line(text, SHOWN))
    if len(rows) > ROWS:
        yield _label(""), Text(f"and {len(rows) - ROWS:,} more", style="dim")


def _label(text: str) -> Text:
    return Text(text, style="dim")


def _bar(cosine: float) -> Text:
    """Return a cosine as number and bar; below zero it has no length."""
    cells = round(BAR_CELLS * min(1.0, max(0.0, cosine)))
    bar = Text(f"{cosine:5.2f} ")
    bar.append("━" * cells, style="cyan")
    bar.append("╌" * (BAR_CELLS - cells), style="dim")
    return bar


def _how(exit_code: int | None) -> str:
    return "not seen to end" if exit_code is None else ending(exit_code)
