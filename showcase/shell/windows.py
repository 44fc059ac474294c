"""What shells on Windows have in common: what the system is, and the programs that its own two shells start."""

from __future__ import annotations

from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, ClassVar

from showcase.shell.interface import LIST_CONNECTIONS, Shell

if TYPE_CHECKING:
    from collections.abc import Mapping

READ_ROWS = (
    "import sqlite3, sys; "
    "[print(*row, sep='|') for row in sqlite3.connect(sys.argv[1], timeout=5).execute(sys.argv[2])]"
)
"""Windows has no tool for SQLite, and Python carries one as a command since 3.12 alone."""


class OnWindows(Shell):
    """What is so on Windows in any shell."""

    path: ClassVar[type[PurePosixPath | PureWindowsPath]] = PureWindowsPath
    rights = "Run this from an administrator's shell"

    def who_may(self, path: object) -> str:
        return f"icacls {self.quoted(path)}"

    def make_runnable(self, path: object) -> str:
        return self.who_may(path)

    def allow_open_files(self, number: int, *, raised: bool) -> str:  # noqa: ARG002 - there is no such limit
        return f"close some of what is open: {number} files are needed"

    def who_has_open(self, path: object) -> str:
        return f"resmon, and there search for {self.path(str(path)).name} in Associated Handles, on the tab CPU"

    def open_file_of(self, pid: int, name: str) -> None:  # noqa: ARG002 - there is no such tool
        return None

    def traced_run(self) -> None:
        return None

    def longest_line(self) -> str:
        return "the most is 32,767 characters"


class Windows(OnWindows):
    """A shell of Windows' own."""

    def word(self, argument: object) -> str:
        """Return the text of an argument, before it is quoted; a path never as an option."""
        text = str(argument)
        return f".\\{text}" if isinstance(argument, PurePath) and text.startswith("-") else text

    def with_variables(self, variables: Mapping[str, str], command: str) -> str:
        # There is no way to set them for one command: they stay in that shell.
        return self.then(self.set_variables(variables), command)

    def way_to(self, path: object) -> str:
        return self.who_may(path)

    def make_writable(self, directory: object) -> str:
        return f"attrib -R {self.quoted(self.path(str(directory), '*'))} /S /D"

    def page_by_page(self, path: object) -> str:
        return f"more {self.quoted(path)}"

    def fetch(self, url: str, *, limit_s: int | None = None, most: int | None = None) -> str:
        # With its ending: in PowerShell `curl` alone is another command. How much it shows is bounded by the time.
        limit = f"m {limit_s or 10}" if limit_s or most else ""
        return f"curl.exe -sS{limit} {self.quoted(url)}"

    def rows(self, database: object, statement: str, *, waits: bool = False) -> str:  # noqa: ARG002 - it always waits
        return f"python -c {self.quoted(READ_ROWS)} {self.quoted(database)} {self.quoted(statement)}"

    def list_connections(self, log: object) -> str:
        return f"python -c {self.quoted(LIST_CONNECTIONS)} {self.quoted(log)}"
