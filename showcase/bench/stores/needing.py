"""What a store needs to start: packages, processes, sockets, seconds, memory, and whether a password guards it."""

from __future__ import annotations

import re
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, files, requires
from typing import TYPE_CHECKING

import psutil

from showcase.bench.stores.people import ALICE
from showcase.bench.stores.program import RefusedError
from showcase.bench.stores.sample import Needs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.bench.stores.stage import Stage

_MEBIBYTE = 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SEPARATORS = re.compile(r"[-_.]+")


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
    names_of = list(dict.fromkeys(stage.engine.packages.values()))
    return Needs(
        packages={name: _size(name) / _MEBIBYTE for name in names_of},
        installed_bytes=sum(_size(name) for name in _required(names_of) - _required(["mem0ai"])),
        started_s=None if stage.server is None else stage.began_s,
        opened_s=opened_s,
        imported_s=imported_s,
        processes=tuple(names),
        sockets=tuple(sockets),
        memory_bytes=memory,
        unguarded=None if stage.server is None else _is_unguarded(stage),
    )


def _is_unguarded(stage: Stage) -> bool:
    """Tell whether a process without the password is given rows: by our own reading, which is told no at once."""
    try:
        with stage.opened(secret=False, reader="ours") as nobody:
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


def _required(distributions: Iterable[str]) -> set[str]:
    """Return distributions with all that they require and that is installed; extras are not what they require."""
    found: set[str] = set()
    left = list(distributions)
    while left:
        name = _SEPARATORS.sub("-", left.pop()).lower()
        if name in found:
            continue
        with suppress(PackageNotFoundError):
            needed = requires(name) or ()
            found.add(name)
            left += [match[0] for each in needed if "extra ==" not in each and (match := _NAME.match(each))]
    return found


def _size(distribution: str) -> int:
    """Return how many bytes the files of a distribution take, without what it requires."""
    try:
        listed = files(distribution) or ()
    except PackageNotFoundError:
        return 0
    total = 0
    for each in listed:
        with suppress(OSError):
            total += each.locate().stat().st_size  # type: ignore[attr-defined]  # a path, which the protocol does not say
    return total
