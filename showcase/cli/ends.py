"""A line of which the end is never cut: how long something takes is what people wait to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

_GAP = 2


class Ends:
    """Parts from the left, and one at the right end; where there is no room for all, the last of the parts go first.

    Args:
        parts: From the left, the most important first, except that the last one stands beside the end.
        end: What stands at the right end, whole.
    """

    def __init__(self, *parts: Text, end: Text) -> None:
        self._parts = parts
        self._end = end

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        room = max(0, width - self._end.cell_len - _GAP)
        line = Text(no_wrap=True, overflow="crop")
        first, *others = self._parts
        line.append_text(_cut(first, room))
        state = others.pop() if others else Text()
        state = _cut(state, room - line.cell_len - _GAP)
        for part in others:
            left = room - line.cell_len - _GAP - (state.cell_len + _GAP if state else 0)
            shown = _cut(part, left)
            if shown:
                line.append(" " * _GAP).append_text(shown)
        line.append(" " * max(0, width - self._end.cell_len - line.cell_len - (state.cell_len + _GAP if state else 0)))
        if state:
            line.append_text(state).append(" " * _GAP)
        yield line.append_text(self._end)


def _cut(text: Text, cells: int) -> Text:
    """Return the text in so many cells at most, nothing where that is too little to say anything."""
    if text.cell_len <= cells:
        return text
    if cells <= 1:
        return Text()
    short = text.copy()
    short.truncate(cells, overflow="ellipsis")
    return short
