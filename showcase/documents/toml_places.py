"""Where in a TOML document each key and value stands: `tomllib` tells what it read, and not from where.

Only for a document that `tomllib` accepted: nothing is checked here again.
"""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from dataclasses import dataclass

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Route = tuple["str | int", ...]
"""How a value is reached: names of keys, and numbers in arrays."""

_KEY = re.compile(r"""[A-Za-z0-9_-]+|"[^"\\]*(?:\\.[^"\\]*)*"|'[^']*'""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(
    r'''"""[^\\]*?(?:\\.[^\\]*?)*?"{3,5}(?!")|"[^"\\]*(?:\\.[^"\\]*)*"|'''
    r"""'''.*?'{3,5}(?!')|'[^']*'""",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line and a column, both from 1; columns are characters."""

    line: int
    column: int


def place_of(text: str, offset: int) -> Place:
    """Return the place of a character. Only a line feed ends a line, as TOML has it."""
    before = text.rfind("\n", 0, offset)
    return Place(line=text.count("\n", 0, offset) + 1, column=offset - before)


class Places:
    """The places in one document.

    Args:
        text: A document that `tomllib` reads.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._keys: dict[Route, int] = {}
        self._values: dict[Route, int] = {}
        self._lengths: dict[Route, int] = {}
        with suppress(RecursionError):  # nested deeper than we follow: what is known until there has its place
            self._read()

    def key(self, *path: str | int) -> Place:
        """Return where a key stands, or the header of a table; the nearest that is known above it where it is not."""
        return place_of(self._text, self._nearest(path, self._keys))

    def value(self, *path: str | int) -> Place:
        """Return where a value begins; the nearest key above it where it is not known."""
        return place_of(self._text, self._values[path] if path in self._values else self._nearest(path, self._keys))

    def _nearest(self, path: Route, known: dict[Route, int]) -> int:
        while path and path not in known:
            path = path[:-1]
        return known.get(path, 0)

    def _read(self) -> None:
        table: Route = ()
        while True:
            self._skip(_BLANK)
            if self._at >= len(self._text):
                return
            if self._text.startswith("[", self._at):
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Route:
        begin = self._at
        is_array = self._text.startswith("[[", self._at)
        self._at += 2 if is_array else 1
        names, _ = self._dotted()
        self._skip(_SPACE)
        self._at += 2 if is_array else 1
        path: Route = ()
        for number, name in enumerate(names):
            path = (*path, name)
            is_last = number == len(names) - 1
            if is_last and is_array:
                self._lengths[path] = self._lengths.get(path, 0) + 1
                self._keys.setdefault(path, begin)
            if path in self._lengths:
                path = (*path, self._lengths[path] - 1)
        self._keys.setdefault(path, begin)
        return path

    def _pair(self, table: Route) -> None:
        names, begins = self._dotted()
        path = table
        for name, begin in zip(names, begins, strict=True):
            path = (*path, name)
            self._keys.setdefault(path, begin)
        self._skip(_SPACE)
        self._at += 1  # the equals sign
        self._skip(_SPACE)
        self._value(path)

    def _dotted(self) -> tuple[list[str], list[int]]:
        names: list[str] = []
        begins: list[int] = []
        while True:
            self._skip(_SPACE)
            found = _KEY.match(self._text, self._at)
            if found is None:
                return names, begins
            names.append(_unquoted(found[0]))
            begins.append(self._at)
            self._at = found.end()
            self._skip(_SPACE)
            if not self._text.startswith(".", self._at):
                return names, begins
            self._at += 1

    def _value(self, path: Route) -> None:
        self._values[path] = self._at
        if self._text.startswith("[", self._at):
            self._items(path, "]")
        elif self._text.startswith("{", self._at):
            self._items(path, "}")
        else:
            found = _STRING.match(self._text, self._at) or _SCALAR.match(self._text, self._at)
            self._at = found.end() if found else len(self._text)

    def _items(self, path: Route, close: str) -> None:
        """Read an array or an inline table, one item after the other."""
        self._at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._at >= len(self._text) or self._text.startswith(close, self._at):
                self._at += 1
                return
            if self._text.startswith(",", self._at):
                self._at += 1
            elif close == "]":
                self._value((*path, number))
                number += 1
            else:
                self._pair(path)

    def _skip(self, what: re.Pattern[str]) -> None:
        found = what.match(self._text, self._at)
        self._at = found.end() if found else self._at


def _unquoted(key: str) -> str:
    return str(tomllib.loads(f"key = {key}")["key"]) if key.startswith(('"', "'")) else key
