"""cmd.exe, the command prompt of Windows.

It hands the line to the program, which cuts it into words by the rules of Microsoft's C runtime. Source of both:
"Parsing C++ command-line arguments", and `cmd /?` for the special characters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.shell.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_.\\:+-]+")
"""Words that mean themselves. A slash begins an option, and `=` ends a word, for the commands of the shell itself."""


class CommandPrompt(Windows):
    """The command prompt of Windows."""

    title = "the command prompt on Windows"

    def quoted(self, argument: object) -> str:
        """Return an argument as one word; what no terminal shows, which cannot be typed there, as an escape."""
        text = self.word(argument)
        if _BARE.fullmatch(text):
            return text
        text = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
        # Backslashes count where a quotation mark follows, which two stand for. A variable's name in percent signs is
        # its value also in quotation marks; with a caret between, which is outside of them, there is no such name.
        text = re.sub(r'(\\*)("|$)', lambda match: match[1] * 2 + match[2] * 2, text)
        return '"' + text.replace("%", '"^%"') + '"'

    def then(self, *commands: str) -> str:
        return " && ".join(commands)

    def set_variables(self, variables: Mapping[str, str]) -> str:
        # The quotation marks are the shell's own here, around name and value.
        return " && ".join(f'set "{name}={_value(value)}"' for name, value in variables.items())

    def unset_variables(self, *names: str) -> str:
        return " & ".join(f'set "{name}="' for name in names)

    def at_home(self, *parts: str) -> str:
        return "\\".join(("%USERPROFILE%", *parts))

    def kind_of(self, path: object) -> str:
        return f"dir {self.quoted(path)}"

    def target_of(self, path: object) -> str:
        return f"dir /al {self.quoted(path)}"

    def listing(self, path: object) -> str:
        return f"dir /a {self.quoted(path)}"

    def below(self, directory: object) -> str:
        return f"dir /s {self.quoted(directory)}"

    def free_space(self, path: object | None = None) -> str:
        return "dir" if path is None else f"dir {self.quoted(path)}"

    def make_directory(self, path: object) -> str:
        return f"mkdir {self.quoted(path)}"

    def only_for_its_owner(self, directory: object) -> str:
        return f'icacls {self.quoted(directory)} /inheritance:r /grant:r "%USERNAME%:(OI)(CI)F" /T'

    def end_lines_as_here(self, path: object) -> str:
        return f"save it with the ends of lines that Unix has: notepad {self.quoted(path)}"

    def remove(self, path: object) -> str:
        word = self.quoted(path)
        return f"del {word} || rmdir {word}"

    def remove_all(self, directory: object) -> str:
        return f"rmdir /s {self.quoted(directory)}"

    def copy_all(self, directory: object, beside: object) -> str:
        return f"xcopy /e /h /i /k {self.quoted(directory)} {self.quoted(beside)}"

    def move(self, path: object, to: object) -> str:
        return f"move {self.quoted(path)} {self.quoted(to)}"

    def lines_with(self, text: str, path: object) -> str:
        return f"findstr /i /n /l /c:{self.quoted(text)} {self.quoted(path)}"

    def count_with(self, text: str, path: object) -> str:
        return f'find /c "{text}" {self.quoted(path)}'

    def first_line(self, path: object) -> str:
        return f"more {self.quoted(path)}"

    def digest(self, path: object) -> str:
        return f"certutil -hashfile {self.quoted(path)} SHA256"

    def process(self, pid: int) -> str:
        return f'tasklist /FI "PID eq {pid}"'

    def connections_of(self, pid: int) -> str:
        return f'netstat -ano | findstr /e /c:" {pid}"'

    def listeners(self, port: int) -> str:
        return f'netstat -ano -p TCP | findstr /c:":{port} "'

    def sessions(self) -> str:
        return 'tasklist /FI "IMAGENAME eq python.exe"'

    def sockets_of_sessions(self, *, sealed: bool) -> str:  # noqa: ARG002 - nothing is sealed on Windows
        return "netstat -ano"

    def free_memory(self) -> str:
        return "systeminfo"

    def limits(self) -> str:
        return self.free_memory()


def _value(value: str) -> str:
    return value.replace("%", '"^%"')
