"""PowerShell: Windows PowerShell 5.1, which every Windows has, and PowerShell 7.3 or newer.

Source of the rules: about_Quoting_Rules and about_Parsing; for which characters are quotation marks, dashes and white
space the language's own tokenizer (`CharTraits` in PowerShell's sources). A path is given as a literal one wherever a
command would else take brackets in it for a pattern, and with it other files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from showcase.shell.interface import SESSIONS
from showcase.shell.windows import Windows

if TYPE_CHECKING:
    from collections.abc import Mapping

_BARE = re.compile(r"[A-Za-z0-9_./\\:=+][A-Za-z0-9_./\\:=+-]*|--?[A-Za-z0-9_=+-]*")
"""Words that mean themselves. One that begins with a dash is cut in two at a period or colon."""

_NAMES_A_PROGRAM = re.compile(r"\.{0,2}[A-Za-z\\][A-Za-z0-9_.\\:-]*")
"""Bare words that run a program: no numbers, which are values, and words of the language are looked at beside."""

_KEYWORD = re.compile(
    "begin|break|catch|class|clean|configuration|continue|data|define|do|dynamicparam|else|elseif|end|enum|exit|filter|"
    "finally|for|foreach|from|function|hidden|if|in|inlinescript|parallel|param|process|return|sequence|static|switch|"
    "throw|trap|try|until|using|var|while|workflow",
    re.IGNORECASE,
)
"""Source: about_Reserved_Words, about_Language_Keywords."""

_SINGLE = re.compile("(['\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}\u201a\u201b])")
_DOUBLE = re.compile('(["`$\u201c\u201d\u201e])')
"""Typographic marks end a string as the plain ones do."""


class PowerShell(Windows):
    """PowerShell on Windows."""

    title = "PowerShell on Windows"

    def quoted(self, argument: object) -> str:
        return self._literal(self.handed_over(self.word(argument)))

    def handed_over(self, text: str) -> str:
        """Return what to write in a string so that a program is given `text`."""
        return text

    def _literal(self, text: str) -> str:
        if _BARE.fullmatch(text):
            return text
        if text.isprintable():
            return "'" + _SINGLE.sub(r"\1\1", text) + "'"
        spelled = "".join(
            _DOUBLE.sub(r"`\1", character) if character.isprintable() else _spelled(character) for character in text
        )
        return f'"{spelled}"'

    def program(self, path: object) -> str:
        word = self.quoted(path)
        runs = _NAMES_A_PROGRAM.fullmatch(word) and not _KEYWORD.fullmatch(word)
        return word if runs else f"& {self._string(self.word(path))}"

    def then(self, *commands: str) -> str:
        # 5.1 has no `&&`. An assignment always succeeds.
        line = commands[0]
        for command in commands[1:]:
            line += f"; {command}" if line.startswith("$env:") else f"; if ($?) {{ {command} }}"
        return line

    def set_variables(self, variables: Mapping[str, str]) -> str:
        return "; ".join(f"$env:{name} = {self._string(value)}" for name, value in variables.items())

    def _string(self, value: str) -> str:
        word = self._literal(value)  # it stays in the shell
        return word if word[:1] in "'\"" else f"'{word}'"

    def unset_variables(self, *names: str) -> str:
        return f"Remove-Item {', '.join(f'Env:{name}' for name in names)} -ErrorAction Ignore"

    def at_home(self, *parts: str) -> str:
        return "\\".join(("~", *parts))

    def kind_of(self, path: object) -> str:
        return f"Format-Hex -LiteralPath {self.quoted(path)} | Select-Object -First 4"

    def target_of(self, path: object) -> str:
        return f"(Get-Item -LiteralPath {self.quoted(path)}).Target"

    def listing(self, path: object) -> str:
        return f"Get-ChildItem -Force -LiteralPath {self.quoted(path)}"

    def below(self, directory: object) -> str:
        return f"Get-ChildItem -Recurse -LiteralPath {self.quoted(directory)}"

    def free_space(self, path: object | None = None) -> str:  # noqa: ARG002 - it shows all drives
        return "Get-PSDrive -PSProvider FileSystem"

    def make_directory(self, path: object) -> str:
        return f"New-Item -ItemType Directory {self.quoted(path)}"

    def only_for_its_owner(self, directory: object) -> str:
        return f'icacls {self.quoted(directory)} /inheritance:r /grant:r "${{env:USERNAME}}:(OI)(CI)F" /T'

    def end_lines_as_here(self, path: object) -> str:
        word = self.quoted(path)
        return (
            f'(Get-Content -Raw -LiteralPath {word}).Replace("`r`n", "`n") | Set-Content -NoNewline -LiteralPath {word}'
        )

    def remove(self, path: object) -> str:
        # `Remove-Item` of 5.1 goes through a link to a directory.
        return f"(Get-Item -LiteralPath {self.quoted(path)}).Delete()"

    def remove_all(self, directory: object) -> str:
        return f"Remove-Item -Recurse -LiteralPath {self.quoted(directory)}"

    def copy_all(self, directory: object, beside: object) -> str:
        return f"Copy-Item -Recurse -LiteralPath {self.quoted(directory)} {self.quoted(beside)}"

    def move(self, path: object, to: object) -> str:
        return f"Move-Item -LiteralPath {self.quoted(path)} {self.quoted(to)}"

    def lines_with(self, text: str, path: object) -> str:
        return f"Select-String -SimpleMatch {self._string(text)} -LiteralPath {self.quoted(path)}"

    def count_with(self, text: str, path: object) -> str:
        return (
            f"@(Select-String -CaseSensitive -SimpleMatch {self._string(text)} -LiteralPath {self.quoted(path)}).Count"
        )

    def first_line(self, path: object) -> str:
        return f"Get-Content -Encoding UTF8 -TotalCount 1 -LiteralPath {self.quoted(path)}"

    def page_by_page(self, path: object) -> str:
        # With its ending: `more` alone is a function there, which takes a pattern.
        return f"more.com {self.quoted(path)}"

    def digest(self, path: object) -> str:
        return f"(Get-FileHash -LiteralPath {self.quoted(path)}).Hash.ToLower()"

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


class WindowsPowerShell(PowerShell):
    """Windows PowerShell 5.1, where this program was started from it.

    It writes an argument into a program's command line as it is, in quotation marks where there is white space in it:
    what those and backslashes mean to the program's C runtime has to be in the argument itself, and one that is empty
    is left out. Source: about_Parsing, on quotation marks in arguments of native programs.
    """

    def handed_over(self, text: str) -> str:
        if not text:
            return '""'
        text = re.sub(r'(\\*)"', lambda match: match[1] * 2 + '\\"', text)
        spaced = any(character.isspace() for character in text)
        return re.sub(r"(\\+)$", r"\1\1", text) if spaced else text


_SESSIONS = f"Get-CimInstance Win32_Process -Filter \"CommandLine LIKE '%{SESSIONS}%'\""


def _spelled(character: str) -> str:
    """Return a character by its number, in a string with double quotation marks; beyond 16 bits as two halves."""
    data = character.encode("utf-16-be", "surrogatepass")
    halves = (data[at : at + 2] for at in range(0, len(data), 2))
    return "".join(f"$([char]0x{half.hex()})" for half in halves)
