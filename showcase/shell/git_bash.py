"""The bash that Git for Windows and MSYS2 bring: words as in any POSIX shell, processes and rights as Windows has them.

An argument that begins with one slash is rewritten there to a path of Windows; two slashes stand for one. Source:
"Filesystem Paths" in the documentation of MSYS2.
"""

from __future__ import annotations

from pathlib import PurePosixPath, PureWindowsPath
from typing import ClassVar

from showcase.shell.posix import Posix
from showcase.shell.windows import Windows


class GitBash(Posix):
    """The bash of Git for Windows or MSYS2. It has no lsof, pgrep or free, and a ps without the usual options."""

    path: ClassVar[type[PurePosixPath | PureWindowsPath]] = PureWindowsPath
    rights = Windows.rights

    def __init__(self) -> None:
        super().__init__("Windows")

    def who_may(self, path: object) -> str:
        return f"icacls {self.quoted(path)}"

    def make_writable(self, directory: object) -> str:
        return f"attrib -R {self.quoted(self.path(str(directory), '*'))} //S //D"

    def only_for_its_owner(self, directory: object) -> str:
        return f'icacls {self.quoted(directory)} //inheritance:r //grant:r "$USERNAME:(OI)(CI)F" //T'

    def make_runnable(self, path: object) -> str:
        return self.who_may(path)

    def allow_open_files(self, number: int, *, raised: bool) -> str:  # noqa: ARG002 - there is no such limit
        return f"close some of what is open: {number} files are needed"

    def who_has_open(self, path: object) -> str:
        return f"resmon, and there search for {self.path(str(path)).name} in Associated Handles, on the tab CPU"

    def process(self, pid: int) -> str:
        return f'tasklist //FI "PID eq {pid}"'

    def connections_of(self, pid: int) -> str:
        return f"netstat -ano | grep -w {pid}"

    def open_file_of(self, pid: int, name: str) -> None:  # type: ignore[override]  # noqa: ARG002 - no such tool
        return None

    def listeners(self, port: int) -> str:
        return f"netstat -ano -p TCP | grep ':{port} '"

    def sessions(self) -> str:
        return 'tasklist //FI "IMAGENAME eq python.exe"'

    def sockets_of_sessions(self, *, sealed: bool) -> str:  # noqa: ARG002 - nothing is sealed on Windows
        return "netstat -ano"

    def free_memory(self) -> str:
        return "systeminfo"

    def limits(self) -> str:
        return self.free_memory()

    def list_connections(self, log: object) -> str:
        return super().list_connections(log).replace("python3", "python", 1)

    def rows(self, database: object, statement: str, *, waits: bool = False) -> str:
        return super().rows(database, statement, waits=waits).replace("python3", "python", 1)

    def longest_line(self) -> str:
        return "the most is 32,767 characters"
