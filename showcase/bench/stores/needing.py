"""What a store needs to start: packages, processes, sockets, seconds, memory, and whether a password guards it."""

from __future__ import annotations

from contextlib import suppress
from importlib.metadata import PackageNotFoundError, files
from typing import TYPE_CHECKING

import psutil

from showcase.bench.stores.people import ALICE
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Needs

if TYPE_CHECKING:
    from showcase.bench.stores.stage import Stage

_MEBIBYTE = 1024 * 1024


def needs(stage: Stage) -> Needs:
    """Open a store once, and look at what runs, listens, and lets whoever in."""
    with stage.opened() as program:
        program.ask("add", user=ALICE, text="I keep bees")
        own = psutil.Process(program.pid)
        server = [] if stage.server is None else psutil.Process(stage.server.guardian).children(recursive=True)
        running = [*server, *own.children(recursive=True)]
        sockets = sorted({each for one in (*running, own) for each in _listening(one)})
        memory = sum(_resident(each) for each in running)
        names = [each.name() for each in running]
        opened_s, imported_s = program.opened_s, program.imported_s
    return Needs(
        packages={name: _size(name) for name in dict.fromkeys(stage.engine.packages.values())},
        started_s=None if stage.server is None else stage.began_s,
        opened_s=opened_s,
        imported_s=imported_s,
        processes=tuple(names),
        sockets=tuple(sockets),
        memory_bytes=memory,
        unguarded=None if stage.server is None else _is_unguarded(stage),
    )


def _is_unguarded(stage: Stage) -> bool:
    """Tell whether a process without the password is given rows."""
    try:
        with stage.opened(secret=False) as nobody:
            return bool(nobody.ask("list", user=ALICE)["rows"])
    except RefusedError:
        return False


def _listening(process: psutil.Process) -> list[str]:
    found = []
    with suppress(psutil.Error):
        for each in process.net_connections("inet"):
            if each.status == psutil.CONN_LISTEN:
                found.append(f"{each.laddr.ip}, TCP")  # noqa: PERF401 - what was found before an error is kept
        found += ["a Unix socket" for each in process.net_connections("unix") if each.laddr]
    return found


def _resident(process: psutil.Process) -> int:
    with suppress(psutil.Error):
        return int(process.memory_info().rss)
    return 0


def _size(distribution: str) -> float:
    """Return how many MiB the files of a distribution take, without what it requires."""
    try:
        listed = files(distribution) or ()
    except PackageNotFoundError:
        return 0.0
    total = 0
    for each in listed:
        with suppress(OSError):
            total += each.locate().stat().st_size  # type: ignore[attr-defined]  # a path, which the protocol does not say
    return total / _MEBIBYTE
