"""What the log says of a server that was looked at from beside it: by its sockets, in intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims import limits, own_daemon
from showcase.claims.contacts import unlike
from showcase.claims.policy import dispositions
from showcase.claims.reading import listing
from showcase.claims.store_server import called, is_at
from showcase.evidence import Endpoint, says_embedded, says_rehearsal
from showcase.evidence.addresses import is_loopback, numeric, serves
from showcase.shell import of_system

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.evidence import Daemon, DaemonSocket, Run

LONGEST_GAP_S = 5.0
"""A pause between two looks that is this long is an interruption, as for the witness `sockets`."""

START_IT = "showcase run --start-ollama"

_FORWARDERS = (
    "docker-proxy", "rootlessport", "rootlesskit", "slirp4netns", "pasta", "passt", "gvproxy", "vpnkit", "wslrelay",
)  # fmt: skip
"""Programs that carry a port of this machine to one of a container or a virtual machine on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What follows.

    Attributes:
        violation: What an Ollama or the store's server did that it should not; None where nothing of the kind was seen.
            Both are there for the run. Whose an audit's other servers are is not known, and neither what they may do.
        gap: Why nothing can be concluded, None where all was seen that looks can see.
        limits: Sentences.
    """

    violation: str | None
    gap: str | None
    limits: tuple[str, ...]


def look(run: Run, daemon: Daemon) -> Beside:
    """Return what the sockets of a server say, and how far they were seen."""
    carried_on = _carried_on(daemon, run)
    seen = None if carried_on else _seen_outside(daemon, run) or _done_outside(run, daemon)
    gap = seen or carried_on or _unseen(daemon, run) or _led_on(daemon, run) or _told(daemon, run)
    of_store = is_at(daemon.endpoint, run.store)
    asked_for = limits.CLIENTS_MAY_ASK
    if says_rehearsal(daemon.ollama):
        asked_for = limits.PASSES_NOTHING_ON
    elif says_embedded(daemon.ollama):
        asked_for = limits.EMBEDS_AND_PASSES_NOTHING_ON
    other = limits.KEEPS_AND_HANDS_ON if of_store else limits.RELAY
    always = (limits.LOOKED_AT, limits.STREAMS_AND_FILES, other if daemon.ollama is None else asked_for)
    said = [each.text for each in always]
    if daemon.sight == "user":
        said.append(limits.BY_USER.of())
    if gap is None and daemon.ollama is not None and daemon.cloud_disabled is not True:
        said.insert(0, cloud_on(run))
    return Beside(violation=seen if of_store or daemon.ollama is not None else None, gap=gap, limits=tuple(said))


def cloud_on(run: Run) -> str:
    """Return what is said where a server's cloud part is not known to be off."""
    return limits.CLOUD_ON.of(off=_no_cloud(run))


def _no_cloud(run: Run) -> str:
    place = of_system(run.platform.system).at_home(".ollama", "server.json")
    return f'OLLAMA_NO_CLOUD=1 in its environment, or {{"disable_ollama_cloud": true}} in {place}, turns that off'


def audit_it(run: Run) -> str:
    """Return how to see what a server does; a seal is had on Linux alone."""
    seal = "--seal " if run.platform.system == "Linux" else ""
    return f"audit the server itself: showcase audit {seal}-- PROGRAM"


def name(daemon: Daemon, run: Run) -> str:
    """Return what a server is called in a sentence."""
    if run.store is not None and is_at(daemon.endpoint, run.store):
        return called(run.store)
    kind = "the embedded engine" if says_embedded(daemon.ollama) else "Ollama"
    kind = "the rehearsal engine" if says_rehearsal(daemon.ollama) else kind
    what = "the server" if daemon.ollama is None else f"{kind} {daemon.ollama}"
    return f"{what} at {daemon.endpoint}"


def unasked(run: Run) -> str | None:
    """Return why it is not known whether the models are local, None where it is."""
    models = () if run.engine is None else (run.engine.chat_model, run.engine.embed_model)
    return "the server was not asked whether its models are local" if any(it.remote is None for it in models) else None


def _seen_outside(daemon: Daemon, run: Run) -> str | None:
    exposed = [each for each in daemon.sockets if each.kind == "listen" and not is_loopback(each.address)]
    if exposed:
        return f"{name(daemon, run)} listens at {_places(exposed)}: anyone on the network can use it"
    foreign = _foreign(daemon)
    if foreign:
        by = f" (user id {daemon.uid}, whichever process)" if daemon.sight == "user" else ""
        return f"{name(daemon, run)} was connected to {_places(foreign)}{by}"
    return None


def _foreign(daemon: Daemon) -> list[DaemonSocket]:
    return [each for each in daemon.sockets if each.kind == "connect" and not is_loopback(each.address)]


def _carried_on(daemon: Daemon, run: Run) -> str | None:
    """Return to which container on this machine it leads, None where it is not known to lead to one alone."""
    forwarders = {it.pid: it.name for it in daemon.processes if it.name.partition(".")[0] in _FORWARDERS}
    foreign = _foreign(daemon)
    serving = sorted({it.name for it in daemon.processes if it.serves and it.pid in forwarders})
    if serving and not foreign:  # by a device, a pipe, or a socket made where nobody looks
        return (
            f"{listing(serving)} passes on what {name(daemon, run)} is told to a container or a virtual machine, where "
            "nobody looked: audit the command beside the server, in its container"
        )
    private = all((address := numeric(each.address)) is not None and address.is_private for each in foreign)
    if not foreign or not private or not all(each.pid in forwarders for each in foreign):
        return None
    who = listing(sorted({forwarders[each.pid] for each in foreign if each.pid is not None}))
    return (
        f"{who} passes on what {name(daemon, run)} is told to {_places(foreign)}, where nobody looked: "
        "audit the command beside the server, in its container"
    )


def _done_outside(run: Run, daemon: Daemon) -> str | None:
    """Return what the table of a run says that the server's own processes did, where it says so."""
    rows = [row for row, how in zip(run.connections, dispositions(run), strict=True) if how.kind == "finding"]
    rows = [row for row in rows if own_daemon.is_of_engine(row)]
    return (
        f"{name(daemon, run)} did what no rule allows: {rows[0].kind} {rows[0].name or rows[0].address}"
        if rows
        else None
    )


def _unseen(daemon: Daemon, run: Run) -> str | None:
    """Return why its sockets were not seen for as long as it was used, None where they were."""
    of_store = is_at(daemon.endpoint, run.store)
    of_engine = run.engine is not None and not run.engine.started and run.engine.endpoint == daemon.endpoint
    if run.command is None and not (of_store or of_engine):
        return "the log does not say that the run used this server without having started it"
    # Before anything that needs another user's rights: a server of one's own is watched without them.
    own = audit_it(run) if run.command is not None or of_store else f"let the run start its own: {START_IT}"
    if daemon.sight == "none":
        return f"the sockets of {name(daemon, run)} could not be seen; {own}; or else: {daemon.unseen}"
    if daemon.looks < 1:
        return f"the sockets of {name(daemon, run)} were never looked at"
    if daemon.longest_gap_s > LONGEST_GAP_S:
        gap = f"{daemon.longest_gap_s:.1f} s"
        return f"{name(daemon, run)} was not looked at for {gap}: this machine was too busy; again with less beside it"
    if daemon.sight == "user":
        return (
            f"the processes of {name(daemon, run)} could not be looked into, only the internet sockets of user id "
            f"{daemon.uid}: this system shows the others, as its Unix sockets, to their owner and to root; {own}; or "
            f"else: {of_system(run.platform.system).rights}"
        )
    return (_late(daemon, run) if run.command is None else None) or unlike(daemon, run)


def _late(daemon: Daemon, run: Run) -> str | None:
    """Return why it was not looked at for as long as a run used it, None where it was."""
    began = [item.started_s for item in run.sessions[-1:] if run.phases] or [item.started_s for item in run.sessions]
    last = [phase.at_s for item in run.sessions for phase in item.phases]
    if began and not daemon.from_s <= min(began) + LONGEST_GAP_S:
        return f"{name(daemon, run)} was looked at only from {daemon.from_s:.1f} s on"
    if last and not max(last) - LONGEST_GAP_S <= daemon.until_s:
        return f"{name(daemon, run)} was looked at only until {daemon.until_s:.1f} s"
    return None


def _led_on(daemon: Daemon, run: Run) -> str | None:
    """Return by which of its sockets it may have passed something on unseen, None where none is of the kind."""
    own = [each for each in daemon.sockets if each.kind in ("listen", "datagram")]
    for each in daemon.sockets:
        place = str(Endpoint(address=each.address, port=each.port))
        if each.kind == "datagram" and not is_loopback(each.address):
            return (
                f"{name(daemon, run)} has a datagram socket at {place} that is connected to nobody: it can send "
                f"anywhere, and nobody sees where; {audit_it(run)}"
            )
        if each.kind in ("raw", "other"):
            what = "raw packets" if each.kind == "raw" else f"the protocol {each.address}"
            return f"{name(daemon, run)} has a socket of {what}: whom that reaches was not seen; {audit_it(run)}"
        if each.kind == "unix":
            where = f"the Unix socket {each.address}" if each.address else "another process by a Unix socket"
            return f"{name(daemon, run)} was connected to {where}, whose other end was not watched; {audit_it(run)}"
        if each.kind == "connect" and not _is_at(own, each):
            return f"{name(daemon, run)} was connected to {place}, whose other end was not watched; {audit_it(run)}"
    return None


def _is_at(own: Sequence[DaemonSocket], peer: DaemonSocket) -> bool:
    return any(each.port == peer.port and serves(each.address, peer.address) for each in own)


def _told(daemon: Daemon, run: Run) -> str | None:
    """Return why what it says of itself, or its environment, leaves open whether it passes things on."""
    if is_at(daemon.endpoint, run.store):  # what it is, its client knows
        return None
    if daemon.ollama is None and daemon.unseen:
        return f"what {name(daemon, run)} is, and whether it passes on what it is told, is not known: {daemon.unseen}"
    if daemon.ollama is None:
        proxies = [each for each in (run.command.weakened_by if run.command else ()) if "proxy" in each]
        return f"{proxies[0]}; {limits.RELAY.text}" if proxies else None
    if run.command is not None and daemon.cloud_disabled is not True:
        return f"{name(daemon, run)} has its cloud part on, or does not say: {limits.RELAY.text}; {_no_cloud(run)}"
    return unasked(run)


def _places(sockets: Sequence[DaemonSocket]) -> str:
    return listing(sorted({str(Endpoint(address=each.address, port=each.port)) for each in sockets}))
