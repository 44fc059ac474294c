"""PowerShell: Windows PowerShell 5.1, which every Windows has, and PowerShell 7.

Source of the rules: about_Quoting_Rules, about_Parsing. What 5.1 hands to a program loses quotation marks inside an
argument; no file on Windows has one in its name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.shell.interface import SESSIONS
from showcase.shell.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

_BARE = re.compile(r"[A-Za-z0-9_./\\:=+][A-Za-z0-9_./\\:=+-]*|--?[A-Za-z0-9_=+-]*")
"""Words that mean themselves. One that begins with a dash is cut in two at a period or colon."""

_SINGLE = re.compile("(['\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\u201a\u201b])")
_DOUBLE = re.compile('(["`$\u201c\u201d\u201e])')
"""Typographic marks end a string as the plain ones do."""


class PowerShell(Windows):
    """PowerShell on Windows."""

    title = "PowerShell on Windows"

    def quoted(self, argument: object) -> str:
        text = self.word(argument)
        if _BARE.fullmatch(text):
            return text
        if text.isprintable():
            return "'" + _SINGLE.sub(r"\1\1", text) + "'"
        spelled = "".join(
            _DOUBLE.sub(r"`\1", character) if character.isprintable() else _spelled(character) for character in text
        )
        return f'"{spelled}"'

    def program(self, path: PurePath) -> str:
        word = self.quoted(path)
        return word if word[:1] not in "'\"" else f"& {word}"

    def then(self, *commands: str) -> str:
        # 5.1 has no `&&`. An assignment always succeeds.
        line = commands[0]
        for command in commands[1:]:
            line += f"; {command}" if line.startswith("$env:") else f"; if ($?) {{ {command} }}"
        return line

    def set_variables(self, variables: Mapping[str, str]) -> str:
        return "; ".join(f"$env:{name} = {self._string(value)}" for name, value in variables.items())

    def _string(self, value: str) -> str:
        word = self.quoted(value)
        return word if word[:1] in "'\"" else f"'{word}'"

    def unset_variables(self, *names: str) -> str:
        return f"Remove-Item {', '.join(f'Env:{name}' for name in names)} -ErrorAction Ignore"

    def at_home(self, *parts: str) -> str:
        return "\\".join(("~", *parts))

    def kind_of(self, path: object) -> str:
        return f"Format-Hex {self.quoted(path)} | Select-Object -First 4"

    def target_of(self, path: object) -> str:
        return f"(Get-Item {self.quoted(path)}).Target"

    def listing(self, path: object) -> str:
        return f"Get-ChildItem -Force {self.quoted(path)}"

    def below(self, directory: object) -> str:
        return f"Get-ChildItem -Recurse {self.quoted(directory)}"

    def free_space(self, path: object | None = None) -> str:  # noqa: ARG002 - it shows all drives
        return "Get-PSDrive -PSProvider FileSystem"

    def make_directory(self, path: object) -> str:
        return f"New-Item -ItemType Directory {self.quoted(path)}"

    def only_for_its_owner(self, directory: object) -> str:
        return f'icacls {self.quoted(directory)} /inheritance:r /grant:r "${{env:USERNAME}}:(OI)(CI)F" /T'

    def end_lines_as_here(self, path: object) -> str:
        word = self.quoted(path)
        return f'(Get-Content -Raw {word}).Replace("`r`n", "`n") | Set-Content -NoNewline {word}'

    def remove(self, path: object) -> str:
        # `Remove-Item` of 5.1 goes through a link to a directory.
        return f"(Get-Item {self.quoted(path)}).Delete()"

    def remove_all(self, directory: object) -> str:
        return f"Remove-Item -Recurse {self.quoted(directory)}"

    def copy_all(self, directory: object, beside: object) -> str:
        return f"Copy-Item -Recurse {self.quoted(directory)} {self.quoted(beside)}"

    def move(self, path: object, to: object) -> str:
        return f"Move-Item {self.quoted(path)} {self.quoted(to)}"

    def lines_with(self, text: str, path: object) -> str:
        return f"Select-String -SimpleMatch {self._string(text)} {self.quoted(path)}"

    def count_with(self, text: str, path: object) -> str:
        return f"@(Select-String -CaseSensitive -SimpleMatch {self._string(text)} {self.quoted(path)}).Count"

    def first_line(self, path: object) -> str:
        return f"Get-Content -Encoding UTF8 -TotalCount 1 {self.quoted(path)}"

    def digest(self, path: object) -> str:
        return f"(Get-FileHash {self.quoted(path)}).Hash.ToLower()"

    def process(self, pid: int) -> str:
        return f"Get-Process -Id {pid}"

    def connections_of(self, pid: int) -> str:
        return f"Get-NetTCPConnection -OwningProcess {pid}"

    def listeners(self, port: int) -> str:
        return f"Get-NetTCPConnection -State Listen -LocalPort {port}"

    def sessions(self) -> str:
        return f"{_SESSIONS} | Select-Object ProcessId, ParentProcessId, CreationDate, CommandLine"

    def sockets_of_sessions(self, *, sealed: bool) -> str:  # noqa: ARG002 - nothing is sealed on Windows
        return f"Get-NetTCPConnection -OwningProcess ({_SESSIONS}).ProcessId"

    def free_memory(self) -> str:
        return "Get-CimInstance Win32_OperatingSystem | Select-Object FreePhysicalMemory, FreeVirtualMemory"

    def limits(self) -> str:
        return self.free_memory()


_SESSIONS = f"Get-CimInstance Win32_Process -Filter \"CommandLine LIKE '%{SESSIONS}%'\""


def _spelled(character: str) -> str:
    """Return a character by its number, in a string with double quotation marks; beyond 16 bits as two halves."""
    data = character.encode("utf-16-be", "surrogatepass")
    halves = (data[at : at + 2] for at in range(0, len(data), 2))
    return "".join(f"$([char]0x{half.hex()})" for half in halves)
