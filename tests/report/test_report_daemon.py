"""The server behind the allowed port: its processes and sockets, and what could not be seen of it."""

from __future__ import annotations

from dataclasses import replace

from reading import cells, words
from run_builder import ENDPOINT, whole_run

from showcase.evidence import Daemon, DaemonProcess, DaemonSocket, PhaseRun
from showcase.report import redact, render

SERVER = Daemon(
    endpoint=ENDPOINT,
    ollama="0.24.0",
    cloud_disabled=True,
    sight="processes",
    uid=None,
    processes=(DaemonProcess(pid=700, name="ollama", serves=True), DaemonProcess(pid=701, name="runner", serves=False)),
    sockets=(
        DaemonSocket(kind="listen", address="127.0.0.1", port=11434, pid=700, first_seen_s=0.1, last_seen_s=9.0),
        DaemonSocket(kind="connect", address="203.0.113.9", port=443, pid=None, first_seen_s=4.0, last_seen_s=4.2),
    ),
    looks=41,
    longest_gap_s=0.3,
    from_s=0.1,
    until_s=9.0,
)


def test_server_is_shown_with_its_processes_and_sockets() -> None:
    page = render(whole_run(daemons=(SERVER,)))
    said = words(page, "network")
    assert "looked at 41 times from 100 ms to 9.0 s, with 300 ms as the longest pause" in said
    assert "ollama (pid 700), runner (pid 701, started by it)" in said
    assert cells(page, "Sockets of the server") == [
        ["listens", "127.0.0.1, port 11434", "pid 700", "100 ms 9.0 s"],
        ["connected to", "203.0.113.9, port 443", "not known: seen by user id", "4.0 s 4.2 s"],
    ]


def test_what_could_not_be_seen_of_the_server_is_said() -> None:
    hidden = replace(SERVER, sight="none", processes=(), sockets=(), looks=0, unseen="it belongs to another user")
    said = words(render(whole_run(daemons=(hidden,))), "network")
    for part in ("Not seen: it belongs to another user", "not at all", "none seen", "No socket of it was seen."):
        assert part in said
    assert "behind the allowed port" not in words(render(whole_run()), "network")


def test_claim_about_the_server_leads_to_it() -> None:
    page = render(whole_run(daemons=(SERVER,)))
    assert '<a href="#daemon">/daemons/0</a>' in page
    assert 'id="daemon"' in page


def test_every_server_is_shown_and_every_kind_of_socket_said() -> None:
    kinds = ("datagram", "raw", "unix", "other")
    more = tuple(
        DaemonSocket(kind=kind, address=f"at-{kind}", port=0, pid=700, first_seen_s=1.0, last_seen_s=2.0)
        for kind in kinds
    )
    second = replace(SERVER, endpoint=replace(ENDPOINT, port=8000), sockets=more)
    said = words(render(whole_run(daemons=(SERVER, second))), "network")
    assert "The servers behind the allowed ports" in said
    for part in (str(ENDPOINT), "127.0.0.1:8000", "at-unix", "datagrams, without a peer", "raw packets"):
        assert part in said


def test_the_servers_of_all_phases_are_shown() -> None:
    phases = tuple(
        PhaseRun(
            session=number,
            orchestrator_pid=1,
            started_at="",
            ended_at="",
            daemons=(replace(SERVER, endpoint=replace(ENDPOINT, port=8000 + number)),),
        )
        for number in (1, 2)
    )
    said = words(render(whole_run(phases=phases, daemons=phases[1].daemons)), "network")
    assert "127.0.0.1:8001" in said
    assert "127.0.0.1:8002" in said


def test_a_path_of_a_unix_socket_is_redacted() -> None:
    path = "/home/alice/.cache/proxy.sock"
    led = DaemonSocket(kind="unix", address=path, port=0, pid=700, first_seen_s=1.0, last_seen_s=2.0)
    run = redact(whole_run(daemons=(replace(SERVER, sockets=(*SERVER.sockets, led)),)))
    assert path not in str(run)
    assert run.daemons[0].sockets[0].address == "127.0.0.1"
