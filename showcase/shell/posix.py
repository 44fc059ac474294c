"""sh, bash, zsh: Linux, macOS and what is like them."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, ClassVar

from showcase.shell.interface import LIST_CONNECTIONS, Shell

if TYPE_CHECKING:
    from collections.abc import Mapping

_SESSIONS = "'^[^ ]+ -m showcase[.]worker --role session'"
"""What `pgrep -f` finds the sessions by, and not the supervisors that watch them, whose lines end like that."""

_SESSIONS_ALONE = "' -m showcase[.]worker --role session'"
"""The same where there are no supervisors: there may be a space in the interpreter's path, as in many on macOS."""


class Posix(Shell):
    """A POSIX shell.

    Args:
        system: As `platform.system` has it: macOS has other tools than Linux, and Windows has this shell with Git.
    """

    path: ClassVar[type[PurePosixPath | PureWindowsPath]] = PurePosixPath
    rights = "Run this with sudo"

    def __init__(self, system: str = "Linux") -> None:
        self._system = system
        name = "macOS" if system == "Darwin" else system
        self.title = f"a POSIX shell on {name}"

    def quoted(self, argument: object) -> str:
        """Return an argument as one word of a POSIX shell.

        What no terminal shows, such as a line break, is spelled for printf(1): the word stays on one line, and a
        shell makes the same bytes of it. (Line breaks at its end are lost: `$(…)` drops them.)
        """
        text = str(argument)
        if isinstance(argument, PurePath) and text.startswith("-"):
            text = f"./{text}"
        if text.isprintable():
            return shlex.quote(text)
        spelled = "".join(
            character if character.isprintable() and character not in "\\%'" else _octal(character)
            for character in text
        )
        return f"\"$(printf '{spelled}')\""

    def then(self, *commands: str) -> str:
        return " && ".join(commands)

    def set_variables(self, variables: Mapping[str, str]) -> str:
        return f"export {self._assigned(variables)}"

    def unset_variables(self, *names: str) -> str:
        return f"unset {' '.join(names)}"

    def with_variables(self, variables: Mapping[str, str], command: str) -> str:
        return f"{self._assigned(variables)} {command}"

    def _assigned(self, variables: Mapping[str, str]) -> str:
        return " ".join(f"{name}={self.quoted(value)}" for name, value in variables.items())

    def at_home(self, *parts: str) -> str:
        return "/".join(("~", *parts))

    def who_may(self, path: object) -> str:
        return f"ls -ld {self.quoted(path)}"

    def way_to(self, path: object) -> str:
        return f"namei -l {self.quoted(path)}" if self._system == "Linux" else self.who_may(path)

    def kind_of(self, path: object) -> str:
        return f"file {self.quoted(path)}"

    def target_of(self, path: object) -> str:
        # That of macOS fails with -f where the link leads nowhere, and without it tells one step.
        return f"readlink {'' if self._system == 'Darwin' else '-f '}{self.quoted(path)}"

    def listing(self, path: object) -> str:
        return f"ls -l {self.quoted(path)}"

    def below(self, directory: object) -> str:
        return f"ls -R {self.quoted(directory)}"

    def free_space(self, path: object | None = None) -> str:
        return "df -h" if path is None else f"df -h {self.quoted(path)}"

    def make_directory(self, path: object) -> str:
        return f"mkdir -p {self.quoted(path)}"

    def make_writable(self, directory: object) -> str:
        return f"chmod -R u+rwX {self.quoted(directory)}"

    def only_for_its_owner(self, directory: object) -> str:
        return f"chmod -R go-rwx {self.quoted(directory)}"

    def make_runnable(self, path: object) -> str:
        return f"chmod +x {self.quoted(path)}"

    def end_lines_as_here(self, path: object) -> str:
        edit = "sed -i '' $'s/\\r$//'" if self._system == "Darwin" else "sed -i 's/\\r$//'"
        return f"{edit} {self.quoted(path)}"

    def remove(self, path: object) -> str:
        return f"rm {self.quoted(path)}"

    def remove_all(self, directory: object) -> str:
        return f"rm -r {self.quoted(directory)}"

    def copy_all(self, directory: object, beside: object) -> str:
        return f"cp -a {self.quoted(directory)} {self.quoted(beside)}"

    def move(self, path: object, to: object) -> str:
        return f"mv {self.quoted(path)} {self.quoted(to)}"

    def allow_open_files(self, number: int, *, raised: bool) -> str:
        allowed = f"ulimit -n {number}"
        if not raised:
            return allowed
        if self._system == "Darwin":  # of all that launchd starts, so of the next shell
            return f"sudo launchctl limit maxfiles {number} {number}; in a new terminal: {allowed}"
        return f"sudo prlimit --pid $$ --nofile={number}"

    def who_has_open(self, path: object) -> str:
        return f"lsof {self.quoted(path)}"

    def lines_with(self, text: str, path: object) -> str:
        return f"grep -in -- {self.quoted(text)} {self.quoted(path)}"

    def count_with(self, text: str, path: object) -> str:
        return f"grep -c -- {self.quoted(text)} {self.quoted(path)}"

    def first_line(self, path: object) -> str:
        return f"head -n 1 {self.quoted(path)}"

    def page_by_page(self, path: object) -> str:
        return f"less {self.quoted(path)}"

    def digest(self, path: object) -> str:
        return f"{'shasum -a 256' if self._system == 'Darwin' else 'sha256sum'} {self.quoted(path)}"

    def fetch(self, url: str, *, limit_s: int | None = None, most: int | None = None) -> str:
        limit = "" if limit_s is None else f"m {limit_s}"
        return f"curl -sS{limit} {self.quoted(url)}" + ("" if most is None else f" | head -c {most}")

    def rows(self, database: object, statement: str, *, waits: bool = False) -> str:
        # The usual tool where it is, else Python, which carries it and waits by itself.
        sql = f'"{statement}"' if not set(statement) & set('"$`\\!') else self.quoted(statement)
        if waits and sys.version_info >= (3, 12) and shutil.which("sqlite3") is None:
            return f"python3 -m sqlite3 {self.quoted(database)} {sql}"
        patience = '-readonly -cmd ".timeout 5000" ' if waits else ""
        return f"sqlite3 {patience}{self.quoted(database)} {sql}"

    def list_connections(self, log: object) -> str:
        code = LIST_CONNECTIONS.replace("'", '"')
        return f"python3 -c '{code}' {self.quoted(log)}"

    def process(self, pid: int) -> str:
        return f"ps -p {pid} -o pid,ppid,etime,args"

    def connections_of(self, pid: int) -> str:
        return f"lsof -nP -p {pid} -a -i"

    def open_file_of(self, pid: int, name: str) -> str | None:
        return f"lsof -nP -p {pid} | grep {self.quoted(name)}"

    def listeners(self, port: int) -> str:
        return f"sudo lsof -nP -iTCP:{port} -sTCP:LISTEN"

    def sessions(self) -> str:
        return f'ps -o pid,ppid,lstart,args -p "$(pgrep -d, -f {self._sessions()})"'

    def _sessions(self) -> str:
        return _SESSIONS_ALONE if self._system == "Darwin" else _SESSIONS

    def sockets_of_sessions(self, *, sealed: bool) -> str:
        if sealed:
            newest = f'"$(pgrep -n -f {_SESSIONS})"'
            return f"{_inside(newest)} ss -tnp"
        return f'lsof -nP -a -i -p "$(pgrep -d, -f {self._sessions()})"'

    def traced_run(self) -> str | None:
        if self._system != "Linux":
            return None
        return "strace -f -e trace=connect,sendto,sendmsg,sendmmsg -o trace.txt .venv/bin/python run_showcase.py"

    def free_memory(self) -> str:
        return "vm_stat" if self._system == "Darwin" else "free -h"

    def limits(self) -> str:
        return f"ulimit -u; {self.free_memory()}"

    def longest_line(self) -> str:
        return "the most is: getconf ARG_MAX"


def sealed_connections(pid: int) -> str:
    """Return what shows the connections of a process in a network of its own (Linux), with the tool that is here."""
    lsof = shutil.which("ss") is None and shutil.which("lsof") is not None
    return f"{_inside(str(pid))} {f'lsof -nP -p {pid} -a -i' if lsof else 'ss -tnp'}"


def _inside(pid: str) -> str:
    return f"nsenter -t {pid} -U -n --preserve-credentials"


def _octal(character: str) -> str:
    if character == "%":
        return "%%"
    is_byte = "\udc80" <= character <= "\udcff"  # of a file's name that is not UTF-8
    data = character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass")
    return "".join(f"\\{byte:03o}" for byte in data)
