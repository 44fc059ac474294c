"""The bash that Git for Windows and MSYS2 bring: words as in any POSIX shell, processes and rights as Windows has them.

An argument that begins with one slash is rewritten there to a path of Windows; two slashes stand for one. Source:
"Filesystem Paths" in the documentation of MSYS2.
"""

from __future__ import annotations

from showcase.shell.posix import Posix
from showcase.shell.windows import OnWindows


class GitBash(OnWindows, Posix):
    """The bash of Git for Windows or MSYS2. It has no lsof, pgrep or free, and a ps without the usual options."""

    def __init__(self) -> None:
        super().__init__("Windows")

    def make_writable(self, directory: object) -> str:
        return f"attrib -R {self.quoted(self.path(str(directory), '*'))} //S //D"

    def only_for_its_owner(self, directory: object) -> str:
        return f'icacls {self.quoted(directory)} //inheritance:r //grant:r "$USERNAME:(OI)(CI)F" //T'

    def process(self, pid: int) -> str:
        return f'tasklist //FI "PID eq {pid}"'

    def connections_of(self, pid: int) -> str:
        return f"netstat -ano | grep -w {pid}"

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
