"""Looks at every allowed listener of loopback, from before a command begins until it ended, and remembers."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

from showcase.engines.daemon_watch.asking import LAST_ANSWER_S, Answer, ask, prepare, together
from showcase.engines.daemon_watch.memory import Remembered, facts
from showcase.evidence import Daemon, Endpoint
from showcase.evidence.addresses import allows_loopback, is_loopback, serves

if TYPE_CHECKING:
    from collections.abc import Iterable

    from showcase.clock import RunClock
    from showcase.engines.daemon_watch.sighting import Looker, Sighting
    from showcase.evidence import Rule

PERIOD_S = 0.1
SHARE = 4
"""A look that takes long is followed by a pause of so many times as long."""

_LONGEST_PAUSE_S = 2.0
"""At most, however long a look took: a pause of 5 s counts as an interruption, see `claims.beside`."""

_ASKED_S = 10.0


class DaemonWatch:
    """Looks from `start` to `stop`; `daemons` then tells of those that were used.

    A server that starts later is found at the next look, and the log says that it was not seen before.

    Args:
        rules: What is allowed; listeners of loopback that one of them covers are looked at.
        unasked: Of these, whom nobody asks whether they are an Ollama: it is known what they are, and a line of HTTP
            would be an error in the log of a database.
    """

    def __init__(self, rules: Iterable[Rule], *, unasked: Iterable[Endpoint] = ()) -> None:
        self._rules = tuple(rules)
        self._unasked = frozenset(each.port for each in unasked)
        self._looker = _looker()
        self._clock: RunClock | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._servers: dict[tuple[str, int], Remembered] = {}
        self._answers: dict[tuple[str, int], Answer] = {}
        self._asking: list[threading.Thread] = []
        self._last_s: float | None = None
        self._from_s = 0.0

    def start(self, clock: RunClock) -> None:
        """Take a first look, ask the servers what they are, and go on looking in a thread."""
        prepare()
        self._clock = clock
        self._from_s = clock.now_s()
        self._look()
        for each in self._asking:
            each.join(_ASKED_S)
        self._thread = threading.Thread(target=self._run, name="daemon watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Take a last look."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._look()
        for each in self._asking:
            each.join(_ASKED_S)

    def daemons(self, endpoints: Iterable[Endpoint]) -> tuple[Daemon, ...]:
        """Stop, ask the servers at some endpoints again, and return what was seen of them.

        Where nobody but processes of ours ever listened there is no server, unless the system does not tell.
        """
        self.stop()
        found = (self._at(endpoint) for endpoint in endpoints)
        return tuple(daemon for daemon in found if daemon is not None)

    def _at(self, endpoint: Endpoint) -> Daemon | None:
        places = [place for place in self._servers if place[1] == endpoint.port and serves(place[0], endpoint.address)]
        if not places and not self._looker.blind:
            return None
        first = next((self._answers[place] for place in places if place in self._answers), None)
        # What was there from the start and spoke no HTTP is not waited for again.
        other = first == Answer() and all(not self._servers[place].late for place in places)
        other = other or endpoint.port in self._unasked
        answer = together(first, Answer() if other else ask(endpoint, within_s=LAST_ANSWER_S))
        return facts(
            endpoint,
            [self._servers[place] for place in places],
            answer,
            blind=self._looker.blind,
            span=(self._from_s, self._last_s or self._from_s),
        )

    def _run(self) -> None:
        pause_s = PERIOD_S
        while not self._stopped.wait(pause_s):
            pause_s = min(max(PERIOD_S, SHARE * self._look()), _LONGEST_PAUSE_S)

    def _look(self) -> float:
        """Look once; return how long it took, in seconds."""
        assert self._clock is not None, "start() comes first"  # noqa: S101 - for the type
        began_s = self._clock.now_s()
        sightings: dict[tuple[str, int], list[Sighting]] = {}
        for each in self._looker.look(self._wants):
            sightings.setdefault((each.address, each.port), []).append(each)
        now_s = self._clock.now_s()
        for place, seen in sightings.items():
            if place not in self._servers:
                self._servers[place] = Remembered(now_s, late=self._last_s is not None)
                self._begin_to_ask(place)
            self._servers[place].add(seen, began_s=began_s, now_s=now_s, last_s=self._last_s)
        if self._looker.blind:
            for remembered in self._servers.values():
                remembered.hide(self._looker.blind)
        self._last_s = began_s
        return now_s - began_s

    def _wants(self, address: str, port: int) -> bool:
        return any(rule.port in (None, port) and _covers(rule, address) for rule in self._rules)

    def _begin_to_ask(self, place: tuple[str, int]) -> None:
        """Ask a server what it is, if its very port is allowed: no other program's is to be disturbed."""
        address, port = place
        if port in self._unasked or not any(rule.port == port and _covers(rule, address) for rule in self._rules):
            return
        endpoint = Endpoint(address=address if is_loopback(address) else "127.0.0.1", port=port)

        def listen_to_it() -> None:
            self._answers[place] = ask(endpoint)

        self._asking.append(threading.Thread(target=listen_to_it, name="question to a server", daemon=True))
        self._asking[-1].start()


def _covers(rule: Rule, address: str) -> bool:
    return any(allows_loopback(each, address) for each in (rule.host, *rule.addresses))


def _looker() -> Looker:
    if sys.platform != "linux":
        from showcase.engines.daemon_watch.elsewhere import PsutilLooker  # noqa: PLC0415 - of other systems alone

        return PsutilLooker()
    from showcase.engines.daemon_watch.linux import LinuxLooker  # noqa: PLC0415 - of this system alone

    return LinuxLooker()
