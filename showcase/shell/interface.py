"""What is asked of a shell: commands by what they do, each as one line that can be pasted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import PurePosixPath, PureWindowsPath

LIST_CONNECTIONS = (
    "import json, sys; [print(row['kind'], row['address'], row['port'], row['name'], row['role']) "
    "for row in json.load(open(sys.argv[1], encoding='utf-8'))['connections']]"
)
"""Python that lists the attempts of the run log whose path it is given."""

SESSIONS = "-m showcase.worker --role session"
"""What the command line of a session of ours ends with, before its number; no supervisor's is followed by it alone."""


class Shell(ABC):
    """One kind of shell. Paths are of its own system, and quoted here.

    Attributes:
        title: How a page calls it.
        rights: What to do where this user may not look.
        path: The paths of its system.
    """

    title: str
    rights: str
    path: ClassVar[type[PurePosixPath | PureWindowsPath]]

    @abstractmethod
    def quoted(self, argument: object) -> str:
        """Return an argument as one word, whatever it holds; a path as one that no program takes for an option."""

    def program(self, path: object) -> str:
        """Return the word that runs a program by its path."""
        return self.quoted(path)

    def line(self, arguments: Iterable[object]) -> str:
        """Return the line that runs a program with its arguments, the program being the first of them."""
        first, *rest = arguments
        return " ".join((self.program(first), *map(self.quoted, rest)))

    def joined(self, arguments: Iterable[object]) -> str:
        """Return arguments as the words of a line."""
        return " ".join(self.quoted(argument) for argument in arguments)

    @abstractmethod
    def then(self, *commands: str) -> str:
        """Run commands one after the other, as long as each succeeds."""

    @abstractmethod
    def set_variables(self, variables: Mapping[str, str]) -> str:
        """Set variables for what is started from this shell."""

    @abstractmethod
    def unset_variables(self, *names: str) -> str:
        """Take variables away."""

    @abstractmethod
    def with_variables(self, variables: Mapping[str, str], command: str) -> str:
        """Run a command with these variables."""

    @abstractmethod
    def at_home(self, *parts: str) -> str:
        """Return a path in the home directory, for a sentence."""

    @abstractmethod
    def who_may(self, path: object) -> str:
        """Show what a file or directory is, and who may read or write it."""

    @abstractmethod
    def way_to(self, path: object) -> str:
        """Show who may pass each directory on the way to a file."""

    @abstractmethod
    def kind_of(self, path: object) -> str:
        """Show what a file holds."""

    @abstractmethod
    def target_of(self, path: object) -> str:
        """Show where a link leads."""

    @abstractmethod
    def listing(self, path: object) -> str:
        """Show a file, or what is in a directory."""

    @abstractmethod
    def below(self, directory: object) -> str:
        """List what is in a directory and below."""

    @abstractmethod
    def free_space(self, path: object | None = None) -> str:
        """Show the space on the disk of a path; on all disks where none is given."""

    @abstractmethod
    def make_directory(self, path: object) -> str:
        """Make a directory that is not there, and those above it."""

    @abstractmethod
    def make_writable(self, directory: object) -> str:
        """Let its owner write in a directory and all that is in it."""

    @abstractmethod
    def only_for_its_owner(self, directory: object) -> str:
        """Let its owner alone read a directory and all that is in it."""

    @abstractmethod
    def make_runnable(self, path: object) -> str:
        """Mark a file as a program."""

    @abstractmethod
    def end_lines_as_here(self, path: object) -> str:
        """Let the lines of a script end as they must here."""

    @abstractmethod
    def remove(self, path: object) -> str:
        """Remove a file, or a link and not what it leads to."""

    @abstractmethod
    def remove_all(self, directory: object) -> str:
        """Remove a directory with all that is in it."""

    @abstractmethod
    def copy_all(self, directory: object, beside: object) -> str:
        """Copy a directory with all that is in it, as it is."""

    @abstractmethod
    def move(self, path: object, to: object) -> str:
        """Give a file another name."""

    @abstractmethod
    def allow_open_files(self, number: int, *, raised: bool) -> str:
        """Let what is started from this shell have so many files open; `raised` where its highest limit is lower."""

    @abstractmethod
    def who_has_open(self, path: object) -> str:
        """Show which processes have a file open."""

    @abstractmethod
    def lines_with(self, text: str, path: object) -> str:
        """Show the lines of a file that hold a text, whatever its case, with their numbers."""

    @abstractmethod
    def count_with(self, text: str, path: object) -> str:
        """Count the lines of a file that hold a text."""

    @abstractmethod
    def first_line(self, path: object) -> str:
        """Show the first line of a file."""

    @abstractmethod
    def page_by_page(self, path: object) -> str:
        """Show a file."""

    @abstractmethod
    def digest(self, path: object) -> str:
        """Show the SHA-256 of a file."""

    @abstractmethod
    def fetch(self, url: str, *, limit_s: int | None = None, most: int | None = None) -> str:
        """Show what a server answers, within so many seconds, and so many bytes of it."""

    @abstractmethod
    def rows(self, database: object, statement: str, *, waits: bool = False) -> str:
        """Show what an SQLite file answers; `waits` for a lock, which its writer takes now and then."""

    @abstractmethod
    def list_connections(self, log: object) -> str:
        """Show the attempts that a run log holds."""

    @abstractmethod
    def process(self, pid: int) -> str:
        """Show what a process is."""

    @abstractmethod
    def connections_of(self, pid: int) -> str:
        """Show the connections of a process."""

    @abstractmethod
    def open_file_of(self, pid: int, name: str) -> str | None:
        """Show that a process has a file of this name open; None where this system has nothing for it."""

    @abstractmethod
    def listeners(self, port: int) -> str:
        """Show who listens on a TCP port."""

    @abstractmethod
    def sessions(self) -> str:
        """Show the sessions of a run that is going on: its processes, with their parents and when they began."""

    @abstractmethod
    def sockets_of_sessions(self, *, sealed: bool) -> str:
        """Show the sockets of those; `sealed` ones from inside, as from outside nobody sees them."""

    @abstractmethod
    def traced_run(self) -> str | None:
        """Make a run whose system calls of the network are written down; None where the system has nothing for it."""

    @abstractmethod
    def free_memory(self) -> str:
        """Show how much memory is free."""

    @abstractmethod
    def limits(self) -> str:
        """Show the limits of processes and of memory."""

    @abstractmethod
    def longest_line(self) -> str:
        """Say how long arguments may be."""
