"""The foot of a terminal: what goes on is drawn there again and again, what is over is printed above it.

One thread does both, so that what is printed and the frame below it are one write. With two writers a frame may come
between the erasing of the last one and the printing, and what is erased then is what was printed.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.segment import ControlType, Segment
from rich.text import Text

from showcase.cli.echo import no_echo

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import ConsoleOptions, RenderableType, RenderResult

REFRESHES = 8
"""A second. rich draws a frame in one write, so that nothing flickers."""

_KEEP_ON_LINE = Segment("\x1b[?7l", None, [(ControlType.ENABLE_ALT_SCREEN,)])
_BREAK_LINES = Segment("\x1b[?7h", None, [(ControlType.DISABLE_ALT_SCREEN,)])
"""DECAWM. A line of a frame takes one row, also where a terminal finds a character wider than we do. rich has no
control of that name; the codes beside the text are of a kind that it writes as it is."""

_END: tuple[RenderableType, ...] = (None,)  # type: ignore[assignment]  # nothing that could be printed


class Foot:
    """Draws at the foot of the terminal that stderr is.

    Args:
        draw: Returns what goes on; called from the thread that draws.
        refreshes: How often it is drawn, a second.
    """

    def __init__(self, draw: Callable[[], RenderableType], *, refreshes: float = REFRESHES) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._frame = _Frame(draw)
        self._period_s = 1 / refreshes
        self._blocks: queue.SimpleQueue[tuple[RenderableType, ...]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Take the foot of the terminal."""
        if self._thread is None:
            self._blocks = queue.SimpleQueue()
            self._thread = threading.Thread(target=self._work, args=(self._blocks,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Erase the frame, when all that was to be printed is. Safe to call twice."""
        thread = self._thread
        if thread is not None:
            self._blocks.put(_END)
            try:
                thread.join()
            finally:
                thread.join()  # who is interrupted waits too: there must be no second writer
                self._thread = None

    def print(self, block: RenderableType) -> None:
        """Print a block that stays; above the frame, where there is one."""
        if self._thread is not None:
            self._blocks.put((block,))
        else:
            with suppress(OSError):
                self._fit()
                self._console.print(block)

    def _work(self, blocks: queue.SimpleQueue[tuple[RenderableType, ...]]) -> None:
        # A new one each time: one that was stopped would erase what was printed since.
        live = Live(
            self._frame,
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with suppress(OSError), no_echo():  # the terminal may be gone
            self._step(live.start)
            try:
                while (over := self._next(blocks)) is not _END:
                    self._step(partial(self._console.print, *over) if over else live.refresh)
            finally:
                self._step(live.stop)

    def _next(self, blocks: queue.SimpleQueue[tuple[RenderableType, ...]]) -> tuple[RenderableType, ...]:
        """Return what is to be printed, nothing where a new frame is due."""
        try:
            return blocks.get(timeout=self._period_s)
        except queue.Empty:
            return ()

    def _step(self, write: Callable[[], object]) -> None:
        """Let something be written together with what erases the last frame, as one write."""
        with self._console:
            self._fit()
            write()

    def _fit(self) -> None:
        """Let the console have the size of the terminal, the same one until the next step."""
        columns, rows = _size()
        # The last column stays free: terminals differ in what they do behind it.
        self._console.size = (max(1, columns - 1), rows)


class _Frame:
    """What is drawn, never taller than the terminal: the cursor cannot go back to rows that have left it.

    A terminal that is made narrower may break the lines of the last frame, and no program is told whether it did. What
    is erased is one row a line: a row of an old frame may stay then, and no finished line goes.
    """

    def __init__(self, draw: Callable[[], RenderableType]) -> None:
        self._draw = draw

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._draw(), options.update(height=None), pad=False)
        room = max(1, console.height - 1)
        if len(lines) > room:
            left_out = Text(f"… {len(lines) - room + 1} lines above are not shown", style="dim", no_wrap=True)
            first = [] if room == 1 else console.render_lines(left_out, options.update(height=None), pad=False)[:1]
            lines = [*first, *lines[len(first) - room :]]
        yield _KEEP_ON_LINE
        for number, line in enumerate(lines):
            if number:
                yield Segment.line()
            yield from line
        yield _BREAK_LINES


def _size() -> tuple[int, int]:
    """Return columns and rows of the terminal itself: COLUMNS may be what it once was."""
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        columns, rows = 0, 0
    return columns or _number("COLUMNS", 80), rows or _number("LINES", 24)


def _number(variable: str, otherwise: int) -> int:
    given = os.environ.get(variable, "")
    return int(given) if given.isdecimal() and int(given) else otherwise
