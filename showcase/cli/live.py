"""Progress as it happens: what is over stays on the screen, what goes on is drawn again below it."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from showcase.cli.plain import use_of
from showcase.cli.step import look_around
from showcase.cli.words import SHOWN, one_line
from showcase.model_wait import ModelWait
from showcase.progress import Silence

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import RenderableType

    from showcase.progress import Counts, Pause

REFRESHES = 8
"""A second. rich draws a frame in one write, so that nothing flickers."""

ROWS = 8
"""Rows of a list that are shown; the page shows all."""

BAR_CELLS = 10
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
    planted: list[str] = field(default_factory=list)
    listed: int | None = None
    recalled: list[tuple[float, str]] | None = None
    question: str = ""
    reply: str = ""
    fault: str = ""
    use: str = ""
    given: dict[str, Any] = field(default_factory=dict)
    wait: ModelWait = field(default_factory=ModelWait)

    def hear(self, event: Mapping[str, Any]) -> None:  # noqa: C901 - one case an event
        rows = event.get("rows") or []
        self.wait.hear(event)
        match event.get("event"):
            case "spawned":
                self.pid, self.doing = event.get("pid"), "imports"
            case "imported":
                self.doing = "waits for its task"
            case "opened":
                self.doing = "works on its store"
            case "planted":
                self.planted += [str(row["text"]) for row in rows]
                self.doing = "plants"
            case "searched":
                self.given.update(event)
                self.recalled = [(float(row["cosine"]), str(row["text"])) for row in rows]
                self.doing = "searched"
            case "listed":
                self.listed = len(rows)
                self.doing = "listed its rows"
            case "asked":
                self.given.update(event)
                self.question = str(event.get("question", ""))
                self.doing = "asks"
            case "token":
                self.reply += str(event.get("text", ""))
                self.doing = "is answered"
            case "replied" if "rows" in self.given:
                self.use = use_of({**self.given, **event}).sentence
            case "holding":
                self.doing = "waits for you"
            case "fault":
                self.fault = f"{event.get('kind')}: {event.get('message')}"
            case _:
                pass


class LiveProgress(Silence):
    """Draws what goes on at the foot of the terminal, at most `REFRESHES` times a second."""

    def __init__(self) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._lock = threading.RLock()
        self._live: Live | None = None
        self._counts: Counts = dict
        self._users: Mapping[str, str] = {}
        self._running: dict[str, _Process] = {}
        self._began = time.monotonic()

    def begin(self, users: Mapping[str, str], counts: Counts) -> None:
        """Take the foot of the terminal."""
        self._users, self._counts = users, counts
        self._began = time.monotonic()
        self._start()

    def _start(self) -> None:
        # A new one each time: one that was stopped would erase what was printed since.
        self._live = Live(
            get_renderable=self._draw,
            console=self._console,
            refresh_per_second=REFRESHES,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def note(self, text: str) -> None:
        """Print a note above."""
        self._print(Text(one_line(text), style="dim"))

    def event(self, role: str, event: Mapping[str, Any]) -> None:
        """Take note of it; the next frame shows it."""
        if role == HIDDEN:
            return
        with self._lock:
            if role not in self._running:
                self._running[role] = _Process(role, self._users.get(role, ""), time.monotonic())
            # An event of another form than ours is the transcript's to complain about.
            with contextlib.suppress(KeyError, TypeError, ValueError):
                self._running[role].hear(event)

    def ended(self, role: str, exit_code: int | None) -> None:
        """Let what is over stay on the screen."""
        with self._lock:
            process = self._running.pop(role, None)
        if process is not None:
            process.doing = "" if exit_code == 0 else _how(exit_code)
            self._print(_block(process, time.monotonic(), over=True))

    def pause(self, pause: Pause) -> None:
        """Give the terminal back while the person looks around."""
        self._stop()
        look_around(pause)
        self._start()

    def end(self) -> None:
        """Give the terminal back."""
        self._stop()

    def _stop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            with contextlib.suppress(OSError):  # the terminal is gone
                live.stop()

    def _print(self, block: RenderableType) -> None:
        with contextlib.suppress(OSError):
            self._console.print(block)

    def _draw(self) -> RenderableType:
        now = time.monotonic()
        with self._lock:
            blocks = [_block(process, now, over=False) for process in self._running.values()]
        seen = " · ".join(
            f"{name} " + ", ".join(f"{number:,} {what}" for what, number in counts.items())
            for name, counts in self._counts().items()
        )
        foot = Table.grid(expand=True)
        foot.add_column(overflow="ellipsis", no_wrap=True)
        foot.add_column(justify="right", no_wrap=True)
        foot.add_row(Text(f"witnesses: {seen or 'none'}", style="dim"), Text(f"{now - self._began:5.1f} s"))
        return Group(*blocks, foot)


def _block(process: _Process, now: float, *, over: bool) -> RenderableType:
    title = Table.grid(expand=True)
    title.add_column(overflow="ellipsis", no_wrap=True)
    title.add_column(justify="right", no_wrap=True)
    name = Text(process.role, style="bold")
    name.append(f"  {one_line(process.user)}" if process.user else "", style="cyan")
    name.append(f"  pid {process.pid}" if process.pid else "", style="not bold")
    failed = over and (process.doing or process.fault)
    mark = Text("✗ " if failed else "✓ " if over else "● ", style="red" if failed else "green")
    state = Text(f"{process.doing}  " if process.doing else "", style="red" if failed else "dim")
    state.append(f"{now - process.began:.1f} s", style="not dim")
    title.add_row(mark + name, state)
    lines = Table.grid(padding=(0, 1), expand=True)
    lines.add_column(no_wrap=True, width=2 + len(" 0.00 ") + BAR_CELLS)
    lines.add_column(overflow="fold", ratio=1)
    for label, text in _lines(process):
        lines.add_row(Text("  ") + label, text)
    return Group(title, lines) if lines.row_count else title


def _lines(process: _Process) -> Iterable[Line]:
    yield from _listing(("planted", text) for text in process.planted)
    if process.recalled:
        yield from _listing(((_bar(cosine), text) for cosine, text in process.recalled))
    elif process.recalled is not None:
        yield _label("recalled"), Text("nothing")
    elif process.listed is not None and not process.planted:
        yield _label("listed"), Text(f"{process.listed:,} rows")
    if process.question:
        yield _label("asked"), Text(one_line(process.question, SHOWN))
    if process.reply:
        yield _label("was told"), Text(one_line(process.reply, 2 * SHOWN), style="bold")
    if (doing := process.wait.doing() or process.wait.told) and not process.fault:
        yield _label("server"), Text(doing, style="dim")
    if process.use:
        yield _label(""), Text(one_line(process.use, 2 * SHOWN), style="dim")
    if process.fault:
        yield Text("failed", style="red"), Text(one_line(process.fault, SHOWN))


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
    if exit_code is None:
        return "not seen to end"
    return f"signal {-exit_code}" if exit_code < 0 else f"exit status {exit_code}"
