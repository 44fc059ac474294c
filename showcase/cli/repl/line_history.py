"""What a user typed, kept from one chat to the next: for its owner alone, beside the store that it belongs to."""

from __future__ import annotations

import os
from datetime import datetime
from typing import TYPE_CHECKING

from prompt_toolkit.history import History

from showcase.memory.left_on_disk import typed_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from showcase.settings.store_place import StorePlace

_READ_BYTES = 1024 * 1024
_LONGEST_BYTES = 65_536
"""Of an entry; no turn has more (`conversation.words.MOST_BYTES`), and what is longer is kept for this chat alone."""

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_APPEND |= getattr(os, "O_BINARY", 0)


def path_of(place: StorePlace, user_id: str) -> Path:
    """Return where it lies."""
    return typed_lines(place, user_id)


class LineHistory(History):
    """The lines of one user, in the format of prompt_toolkit's own `FileHistory`.

    That one writes an entry line by line into a file of any mode; here it is one write, so that two chats mix none.

    Args:
        path: Where they lie.
        writes: Whether what is typed is kept; incognito it is not, and is gone with the chat.
        failed: Is told where it cannot be written.
    """

    def __init__(self, path: Path, *, writes: bool, failed: Callable[[OSError], None]) -> None:
        super().__init__()
        self._path = path
        self._writes = writes
        self._failed = failed

    def load_history_strings(self) -> Iterable[str]:
        """Return the entries, newest first; of a long file those of its end."""
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - _READ_BYTES))
                lines = file.read().decode("utf-8", errors="replace").split("\n")
        except OSError:
            return []
        entries: list[list[str]] = []
        begun = False
        for line in lines:
            if line.startswith("#"):
                entries.append([])
                begun = True
            elif line.startswith("+") and begun:
                entries[-1].append(line[1:])
        return ["\n".join(entry) for entry in reversed(entries) if entry]

    def store_string(self, string: str) -> None:
        """Append an entry, whole, in one write."""
        if not self._writes or len(string.encode(errors="replace")) > _LONGEST_BYTES:
            return
        lines = [f"# {datetime.now().astimezone()}", *(f"+{line}" for line in string.split("\n"))]
        data = "".join(f"{line}\n" for line in ("", *lines)).encode("utf-8", errors="replace")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, _APPEND, 0o600)
            try:
                os.write(descriptor, data)
            finally:
                os.close(descriptor)
        except OSError as error:
            self._failed(error)
