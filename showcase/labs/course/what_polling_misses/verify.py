"""Whether a leak arrived that a sampler, which worked, did not see, and what follows from its silence."""

from __future__ import annotations

import secrets
import socket
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from showcase import claims
from showcase.labs import programs
from showcase.labs.workspace import NothingToSeeError, judged, listed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

    from showcase.evidence import Attempt, Verdict
    from showcase.labs.notebook import Check
    from showcase.labs.workspace import Logged, Workspace

PROGRAM = "leak.py"
SAMPLER = "sockets"
LIMIT_S = 20.0
TRIES = 2
INTERVAL_S = 0.05
"""Between two looks of the sampler."""


def verify(workspace: Workspace) -> Iterator[Check]:
    """Yield what the log says, and what the leak does once more."""
    log = workspace.log("recorded/leak.json" if workspace.recorded else "leak.json")
    if log.run.command is None or not any(Path(word).name == PROGRAM for word in log.run.command.arguments):
        raise NothingToSeeError(f"{log.path.name} is no audit of {PROGRAM}")
    rows = leaks(log)
    seen_by = sorted({name for row in rows for name in row.witnesses})
    yield judged(
        "leaked",
        f"egress is {log.status('egress')}; seen by {listed(seen_by)}",
        holds=log.status("egress") == "broken" and bool(set(seen_by) - {SAMPLER}),
    )
    looked, told = sampler_looked(log)
    yield judged("looked", told, holds=looked)
    missed = bool(rows) and SAMPLER not in seen_by
    seen = (
        f"{SAMPLER} {'did not see' if missed else 'saw'} it" if rows else "there was no leak that it could have missed"
    )
    yield judged("missed", seen, holds=missed)
    alone, level = by_the_sampler(log), workspace.finding("level").lower()
    if alone is None:
        raise NothingToSeeError(f"{SAMPLER} alone answers nothing: it did not look")
    yield judged(
        "level",
        f"by the sampler alone egress is {alone.status}, and you say {level}",
        holds=alone.status == "upheld" and level == alone.level,
    )
    yield (unwatched if workspace.recorded else audited)(workspace)


def leaks(log: Logged) -> list[Attempt]:
    """Return what the claim took for a leak: it names the rows."""
    verdict = log.verdicts.get("egress")
    places = () if verdict is None else verdict.evidence
    found = [place.removeprefix("/connections/") for place in places if place.startswith("/connections/")]
    return [log.run.connections[int(each)] for each in found if each.isdigit()]


def sampler_looked(log: Logged) -> tuple[bool, str]:
    """Tell whether the sampler watched the whole command, and caught what was planted for it."""
    report = next((each for each in log.run.witnesses if each.name == SAMPLER), None)
    if report is None or not report.active:
        return False, f"{SAMPLER} did not look"
    if report.control is None or not report.control.fired:
        return False, f"the leak planted for {SAMPLER} was {'not there' if report.control is None else 'missed'}"
    whole = any(each.role == "command" and each.complete for each in report.coverage)
    return whole, f"{report.counts.get('samples', 0)} looks, and the leak planted for it was caught"


def by_the_sampler(log: Logged) -> Verdict | None:
    """Judge the log as if nobody but the sampler had been there."""
    run = log.run
    alone = replace(
        run,
        witnesses=tuple(each for each in run.witnesses if each.name == SAMPLER),
        connections=tuple(replace(row, witnesses=(SAMPLER,)) for row in run.connections if SAMPLER in row.witnesses),
        options=replace(run.options, witnesses=(SAMPLER,)),
    )
    return next((verdict for verdict in claims.judge(alone) if verdict.id == "egress"), None)


def audited(workspace: Workspace) -> Check:
    """Run the leak once more, audited; a short connection may be seen by chance, so it has more than one try."""
    for _ in range(TRIES):
        arrived, looked, seen_by = once_more(workspace)
        missed = looked and bool(seen_by) and SAMPLER not in seen_by
        if not arrived or missed:
            break
    told = f"the text {'arrived' if arrived else 'did not arrive'}; seen by {listed(seen_by)}"
    return judged("again", told, holds=arrived and missed)


def once_more(workspace: Workspace) -> tuple[bool, bool, list[str]]:
    """Audit the leak to a decoy of our own: whether the text arrived, whether the sampler looked, who saw it."""
    with Decoy() as decoy, tempfile.TemporaryDirectory() as new:
        log = Path(new) / "leak.json"
        command = (programs.PYTHON, str(workspace.file(PROGRAM).absolute()), *decoy.arguments)
        around = ("--allow", "127.0.0.1:9", "--for", f"{LIMIT_S:.0f}s", "--log", str(log))
        ran = workspace.showcase("audit", *around, "--", *command)
        if not log.is_file():
            raise NothingToSeeError(f"{PROGRAM} could not be audited: {ran.trouble}")
        found = workspace.log(str(log))
        looked, _ = sampler_looked(found)
        return decoy.heard_it, looked, sorted({name for row in leaks(found) for name in row.witnesses})


def unwatched(workspace: Workspace) -> Check:
    """Run the leak to a decoy of our own, and take how long its connections were open."""
    with Decoy() as decoy:
        workspace.run(PROGRAM, *decoy.arguments, timeout_s=LIMIT_S)
        arrived, open_s = decoy.heard_it, decoy.longest_s
    told = f"the text {'arrived' if arrived else 'did not arrive'}; connections were open for {open_s * 1000:.0f} ms"
    return judged("again", told, holds=arrived and open_s < INTERVAL_S)


class Decoy:
    """A listener on this machine, for connections and datagrams, that stands for the outside.

    Attributes:
        text: What is to be brought to it; nobody knows it before.
        heard: What came.
        longest_s: How long a connection was open, at most, in seconds.
    """

    def __init__(self) -> None:
        self.text = f"the door code is {secrets.randbelow(10**9):09}"
        self.heard: list[bytes] = []
        self.longest_s = 0.0
        self._streams = socket.create_server(("127.0.0.1", 0))
        self._datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._datagrams.bind(self._streams.getsockname())
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._listen, args=(take,), daemon=True) for take in (self._accept, self._receive)
        ]

    def __enter__(self) -> Self:
        """Begin to listen."""
        for each in (self._streams, self._datagrams):
            each.settimeout(0.05)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listen no more."""
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=5)
        self._streams.close()
        self._datagrams.close()

    @property
    def arguments(self) -> tuple[str, str, str]:
        """What a leak is told: host, port and text."""
        host, port = self._streams.getsockname()
        return host, str(port), self.text

    @property
    def heard_it(self) -> bool:
        """Whether the text arrived; what is on its way has a moment yet."""
        until = time.monotonic() + 1
        while time.monotonic() < until and not any(self.text.encode() in each for each in self.heard):
            time.sleep(0.02)
        return any(self.text.encode() in each for each in self.heard)

    def _listen(self, take: Callable[[], bytes]) -> None:
        while not self._over.is_set():
            with suppress(OSError):  # nobody came, or they went away
                self.heard.append(take())

    def _accept(self) -> bytes:
        connection, _ = self._streams.accept()
        begun = time.monotonic()
        heard = b""
        with connection, suppress(OSError):  # reset, which is a way to close
            connection.settimeout(LIMIT_S)
            while part := connection.recv(65536):
                heard += part
        self.longest_s = max(self.longest_s, time.monotonic() - begun)
        return heard

    def _receive(self) -> bytes:
        return self._datagrams.recv(65536)
