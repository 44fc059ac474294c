"""What was seen of a listener over all looks, and the facts that follow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from showcase.evidence import Daemon, DaemonProcess, DaemonSocket, Endpoint

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from showcase.engines.daemon_watch.asking import Answer
    from showcase.engines.daemon_watch.sighting import Held, Sighting
    from showcase.evidence import Sight

_LESSER_FIRST: tuple[Sight, ...] = ("none", "user", "processes")


class Remembered:
    """One listener.

    Args:
        since_s: When it was seen first.
        late: Whether an earlier look did not see it.
    """

    def __init__(self, since_s: float, *, late: bool) -> None:
        self.late = late
        self.sight: Sight = "processes"
        self.uid: int | None = None
        self.unseen = ""
        self.processes: dict[int, DaemonProcess] = {}
        self.looks = 0
        self.longest_gap_s = 0.0
        self.from_s = self.until_s = since_s
        self._sockets: dict[Hashable, DaemonSocket] = {}
        self._ended: list[DaemonSocket] = []
        self._last_s: float | None = None

    @property
    def sockets(self) -> tuple[DaemonSocket, ...]:
        """All that were seen, first seen first."""
        return tuple(sorted((*self._ended, *self._sockets.values()), key=lambda each: each.first_seen_s))

    def add(self, seen: Sequence[Sighting], *, began_s: float, now_s: float, last_s: float | None) -> None:
        """Remember a look.

        Args:
            seen: What it saw; more than one sighting where several processes listen at one place.
            began_s: When the look began.
            now_s: When it was over.
            last_s: When the look before began, whoever it saw.
        """
        for sighting in seen:
            if _LESSER_FIRST.index(sighting.sight) <= _LESSER_FIRST.index(self.sight):
                # Seen in two ways, it was not seen in one of them all the time: say the lesser.
                self.sight, self.uid, self.unseen = sighting.sight, sighting.uid, sighting.unseen or self.unseen
            for process in sighting.processes:
                before = self.processes.get(process.pid, process)
                self.processes[process.pid] = replace(before, serves=before.serves or process.serves)
        if self._last_s is not None and last_s is not None:
            self.longest_gap_s = max(self.longest_gap_s, began_s - last_s)
        self._note([each for sighting in seen for each in sighting.held], began_s, now_s)
        self.looks += any(sighting.sight != "none" for sighting in seen)
        self._last_s = began_s
        self.until_s = max(began_s, self.from_s)

    def hide(self, why: str) -> None:
        """Remember that the system stopped telling who listens: what was seen stays, and silence says nothing."""
        self.sight, self.unseen = "none", why

    def _note(self, held: Sequence[Held], began_s: float, now_s: float) -> None:
        present = set()
        for each in held:
            # A listener that children inherit is one; a connection to the same place is the same, whichever socket.
            own = each.identity if each.kind == "listen" and each.identity is not None else each.pid
            key: Hashable = (each.kind, each.address, each.port, own)
            if key in present:
                continue
            present.add(key)
            before = self._sockets.get(key)
            self._sockets[key] = DaemonSocket(
                kind=each.kind,
                address=each.address,
                port=each.port,
                pid=each.pid if before is None else before.pid,
                first_seen_s=now_s if before is None else before.first_seen_s,
                last_seen_s=max(began_s, now_s if before is None else before.first_seen_s),
            )
        for gone in [key for key, each in self._sockets.items() if each.kind == "listen" and key not in present]:
            self._ended.append(self._sockets.pop(gone))


def facts(
    endpoint: Endpoint, seen: Sequence[Remembered], answer: Answer, *, blind: str, span: tuple[float, float]
) -> Daemon:
    """Return what is known of the server at an endpoint, which more than one listener may serve.

    Args:
        endpoint: Where it was used.
        seen: Its listeners.
        answer: What it said of itself.
        blind: Why nobody can say who listens, empty where that can be said.
        span: When the first and the last look were.
    """
    if not seen:
        return Daemon(
            endpoint=endpoint,
            ollama=answer.version,
            cloud_disabled=answer.cloud_disabled,
            sight="none",
            uid=None,
            processes=(),
            sockets=(),
            looks=0,
            longest_gap_s=0.0,
            from_s=span[0],
            until_s=span[1],
            unseen=blind,
        )
    least = min(seen, key=lambda each: _LESSER_FIRST.index(each.sight))
    processes = {pid: process for each in seen for pid, process in each.processes.items()}
    return Daemon(
        endpoint=endpoint,
        ollama=answer.version,
        cloud_disabled=answer.cloud_disabled,
        sight=least.sight,
        uid=least.uid,
        processes=tuple(processes[pid] for pid in sorted(processes)),
        sockets=tuple(dict.fromkeys(socket for each in seen for socket in each.sockets)),
        looks=min(each.looks for each in seen),
        longest_gap_s=round(max(each.longest_gap_s for each in seen), 6),
        from_s=min(each.from_s for each in seen),
        until_s=max(each.until_s for each in seen),
        unseen=least.unseen if least.sight == "none" else answer.unsaid,
    )
