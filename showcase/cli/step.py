"""`--step`: what to look at while the run waits, as commands for a second shell."""

from __future__ import annotations

import math
import os
import shutil
import sys
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from showcase.cli.pace import about
from showcase.shell import here
from showcase.shell.advice import quoted
from showcase.shell.posix import sealed_connections

if TYPE_CHECKING:
    from showcase.progress import Pause

SQLITE = "chroma.sqlite3"
_BETWEEN_LOOKS_S = 0.05


def commands(pause: Pause) -> list[tuple[str, str]]:
    """Return what can be tried at this moment, each with what it shows."""
    store = pause.store / SQLITE
    listed = [(here().process(pause.pid), "the process" if pause.alive else "nothing: gone")]
    served = (here().fetch(f"http://{pause.endpoint}/api/ps"), "what the model server holds in memory")
    if pause.address:
        listed += [_connections(pause.pid)] if pause.alive else []
        read = f"showcase memories list --store {quoted(pause.address)}"
        return [*listed, (read, "every memory in the store, in clear text"), served]
    if pause.alive:
        listed.append(_connections(pause.pid))
        opened = here().open_file_of(pause.pid, SQLITE)
        listed += [(opened, "the store, open")] if opened is not None else []
    tables = "select name from sqlite_master where type = 'table'"
    listed.append((here().rows(store, tables, waits=True), "the store's tables"))
    rows = "select string_value from embedding_metadata where key = 'data'"
    listed.append((here().rows(store, rows, waits=True), "every memory in it, in clear text"))
    return [*listed, served]


def look_around(pause: Pause) -> None:
    """Print the commands on stderr and wait for Enter; the end of stdin goes on too.

    On a low screen they would push off what the session has just shown: there they come with a first Enter.
    """
    # The command on a line of its own, whole, so that it can be copied whatever the width.
    listed = [line for command, shows in commands(pause) for line in (f"  # {shows}", f"  {command}")]
    if pause.alive:
        head = f"{pause.role} is alive as pid {pause.pid}, its store open."
        if _are_much(listed):
            click.echo(f"\n{head}", err=True)
            _wait("see what to try in a second shell")
            head = "In a second shell, try:"
        else:
            head = f"{head} In a second shell, try:"
    else:
        head = f"{pause.role} has ended; pid {pause.pid} is gone, its store is not. Try:"
    click.echo("\n".join(("", head, *listed)), err=True)
    then = "go on"
    if not pause.alive:
        next_one = f"begin the next session ({about(pause.took_s)}, as this one)"
        then = next_one if pause.sessions_left else "write log and page"
    _wait(then)


def _are_much(lines: list[str]) -> bool:
    """Whether these lines, folded at the terminal's width, take half of its rows or more."""
    screen = shutil.get_terminal_size()
    return sum(max(1, math.ceil(len(line) / screen.columns)) for line in lines) * 2 >= screen.lines


def _wait(then: str) -> None:
    click.echo(f"Enter to {then}, Ctrl-C to end the run: ", err=True, nl=False)
    wait_for_enter()


def wait_for_enter() -> None:
    """Wait for Enter; the end of standard input goes on too."""
    try:
        _until_typed()
        sys.stdin.readline()
    except BaseException:
        click.echo(err=True)  # leave the line of the prompt
        raise


def _until_typed() -> None:
    """Wait for a key at a console of Windows, where a signal is heard between two looks and not within a read."""
    if os.name != "nt" or not sys.stdin.isatty():
        return
    console: Any = import_module("msvcrt")
    while not console.kbhit():
        time.sleep(_BETWEEN_LOOKS_S)


def _connections(pid: int) -> tuple[str, str]:
    """Return what shows the connections of a process: from outside nobody sees those in a network of its own."""
    if not _has_own_network(pid):
        return here().connections_of(pid), "its connections"
    return sealed_connections(pid), "its connections, in the network of its own that it is sealed in"


def _has_own_network(pid: int) -> bool:
    """Tell whether a process is in another network namespace than this one; see namespaces(7)."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")  # noqa: PTH115 - these name no files
    except OSError:
        return False
