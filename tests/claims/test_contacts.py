"""Planted in the log of a real audit: what was told to whom at an allowed endpoint, and who watched that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from editing import alone, attempt, verdict

from showcase import claims, runlog
from showcase.claims.contacts import contacts, unwatched
from showcase.errors import ExitCode
from showcase.evidence import NOTHING_SENT, DaemonProcess, DaemonSocket, Endpoint, Rule
from showcase.evidence.addresses import allows_loopback, destination, serves
from showcase.witnesses.connections import merge

if TYPE_CHECKING:
    from showcase.evidence import Run

LOGS = Path(__file__).parents[1] / "logs" / "version-1"


@pytest.fixture
def log() -> Run:
    """The audit of a client of an honest server, without a seal."""
    return runlog.read(LOGS / "audit-http.json")


@pytest.fixture
def ollama() -> Run:
    return runlog.read(LOGS / "audit-ollama.json")


def judged(run: Run) -> tuple[str, str, ExitCode]:
    found = verdict(run, "daemon")
    return found.status, found.reason, claims.exit_code(alone(run))


def with_server(run: Run, **changes: Any) -> Run:
    return replace(run, daemons=(replace(run.daemons[0], **changes),))


def with_socket(run: Run, kind: Any, address: str, port: int = 0, **changes: Any) -> Run:
    moments = {"pid": run.daemons[0].processes[0].pid, "first_seen_s": 0.0, "last_seen_s": run.duration_s}
    more = DaemonSocket(kind=kind, address=address, port=port, **{**moments, **changes})
    return with_server(run, sockets=(*run.daemons[0].sockets, more))


def with_row(run: Run, **changes: Any) -> Run:
    """Return the log with another contact, by a rule for it."""
    row = attempt(**{"role": "command", "transport": "tcp", "witnesses": ("syscalls",), "outcome": "begun", **changes})
    rules = (*run.policy.rules, Rule(host=str(destination(row.address or "")), port=row.port or None))
    return replace(run, connections=(*run.connections, row), policy=replace(run.policy, rules=rules))


def place(run: Run) -> Endpoint:
    return run.daemons[0].endpoint


class TestContact:
    def test_without_a_server_in_the_log_nothing_follows(self, log: Run) -> None:
        assert judged(log)[::2] == ("upheld", ExitCode.UPHELD)
        status, reason, code = judged(replace(log, daemons=()))
        assert (status, code) == ("inconclusive", ExitCode.INCONCLUSIVE)
        assert f"the command contacted {place(log)}" in reason
        assert "start it before the audit" in reason

    @pytest.mark.parametrize(
        "changes",
        [
            {"address": "127.0.0.1", "port": 9050},
            {"address": "::1", "port": 11434, "family": "inet6"},
            {"address": "::ffff:127.0.0.1", "port": 9050, "family": "inet6"},
            {"address": "127.9.9.9", "port": 9050},
            {"address": "127.0.0.1", "port": 9050, "transport": None, "witnesses": ("sockets",)},
            {"address": "127.0.0.1", "port": 9050, "transport": "udp", "kind": "send", "outcome": "ok"},
            {"address": "127.0.0.1", "port": 9050, "transport": "udp", "outcome": NOTHING_SENT},
            {"address": "127.0.0.1", "port": 9050, "kind": "inherited"},
            {"address": "127.0.0.1", "port": 9050, "outcome": "ECONNREFUSED", "witnesses": ("hook",)},
            {"address": "127.0.0.1", "port": 9050, "outcome": "ECONNREFUSED", "kind": "send"},
            {"address": "127.0.0.1", "port": 9050, "outcome": "ETIMEDOUT"},
        ],
    )
    def test_a_second_one_has_to_be_watched_as_well(self, log: Run, changes: dict[str, Any]) -> None:
        status, reason, code = judged(with_row(log, **changes))
        assert (status, code) == ("inconclusive", ExitCode.INCONCLUSIVE)
        assert str(Endpoint(address=str(destination(changes["address"])), port=changes["port"])) in reason

    @pytest.mark.parametrize("host", ["0.0.0.0", "*"])  # noqa: S104 - contacted: the kernel takes it for loopback
    def test_the_unspecified_address_is_this_machine(self, log: Run, host: str) -> None:
        run = with_row(log, address="0.0.0.0", port=9050)  # noqa: S104 - as above
        run = replace(run, policy=replace(run.policy, rules=(*log.policy.rules, Rule(host=host, port=9050))))
        assert "127.0.0.1:9050" in judged(run)[1]

    @pytest.mark.parametrize(
        "changes",
        [
            {"address": "127.0.0.1", "port": 9050, "outcome": "ECONNREFUSED"},
            {"address": "::1", "port": 9050, "outcome": "EADDRNOTAVAIL", "family": "inet6"},
            {"address": "127.0.0.1", "port": 0, "transport": "udp", "outcome": NOTHING_SENT},
            {"address": "192.0.2.1", "port": 443},
            {
                "address": None,
                "name": "127.0.0.1",
                "port": None,
                "kind": "lookup",
                "transport": None,
                "witnesses": ("hook",),
            },
        ],
    )
    def test_what_told_no_server_of_this_machine_anything(self, log: Run, changes: dict[str, Any]) -> None:
        assert judged(with_row(log, **changes))[::2] == ("upheld", ExitCode.UPHELD)

    def test_a_listener_of_the_command_itself_is_no_server(self, log: Run) -> None:
        run = with_row(log, address="127.0.0.1", port=9050, first_seen_s=0.5, last_seen_s=0.5)
        listens = attempt(
            kind="listen", address="127.0.0.1", port=9050, transport="tcp", role="command", first_seen_s=0.4,
            last_seen_s=0.4, witnesses=("syscalls",),
        )  # fmt: skip
        own = replace(run, connections=(*run.connections, listens))
        assert (unwatched(own), judged(own)[0]) == ((), "upheld")
        later = replace(run, connections=(*run.connections, replace(listens, first_seen_s=0.6)))
        assert judged(later)[0] == "inconclusive"

    def test_in_a_seal_only_a_bridge_leads_to_a_server(self) -> None:
        sealed = runlog.read(LOGS / "audit-ollama-seal.json")
        assert [each.endpoint for each in contacts(sealed)] == [place(sealed)]
        assert judged(replace(sealed, daemons=()))[0] == "inconclusive"
        inside = with_row(sealed, address="127.0.0.1", port=9050, outcome="stayed inside the seal")
        assert judged(inside)[0] == "upheld"
        holed = replace(inside, witnesses=tuple(each for each in inside.witnesses if each.name != "seal"))
        assert judged(holed)[0] == "inconclusive", "a seal that does not count keeps nothing in"

    def test_one_refusal_of_several_attempts_is_no_refusal_of_all(self) -> None:
        facts = {"address": "127.0.0.1", "port": 9050, "transport": "tcp", "witnesses": ("syscalls",)}
        refused, begun = (attempt(outcome=each, **facts) for each in ("ECONNREFUSED", "begun"))
        for rows in ((refused, begun), (begun, refused)):
            assert [row.outcome for row in merge(rows)] == ["begun"]
        assert [row.outcome for row in merge((refused, refused))] == ["ECONNREFUSED"]


class TestServer:
    @pytest.mark.parametrize(
        ("led", "words"),
        [
            (("datagram", "0.0.0.0", 40000), "datagram socket at 0.0.0.0:40000"),  # noqa: S104 - planted
            (("datagram", "::", 40000), "datagram socket at [::]:40000"),
            (("datagram", "10.66.0.1", 40000), "it can send anywhere"),
            (("raw", "127.0.0.1", 0), "raw packets"),
            (("other", "VSOCK", 0), "VSOCK"),
            (("unix", "/run/proxy.sock", 0), "/run/proxy.sock"),
            (("unix", "", 0), "another process by a Unix socket"),
            (("connect", "127.0.0.1", 9050), "127.0.0.1:9050, whose other end was not watched"),
            (("connect", "::1", 9050), "[::1]:9050, whose other end was not watched"),
        ],
    )
    def test_a_socket_that_may_lead_on(self, log: Run, ollama: Run, led: tuple[str, str, int], words: str) -> None:
        for run in (log, ollama):
            status, reason, code = judged(with_socket(run, *led))
            assert (status, code) == ("inconclusive", ExitCode.INCONCLUSIVE)
            assert words in reason

    def test_sockets_that_do_not(self, log: Run) -> None:
        runner = with_socket(with_socket(log, "listen", "127.0.0.1", 40000, pid=2), "connect", "127.0.0.1", 40000)
        for run in (with_socket(log, "datagram", "127.0.0.1", 5000), with_socket(log, "datagram", "::1", 5000), runner):
            assert judged(run)[0] == "upheld"

    def test_a_container_is_this_machine_and_was_not_looked_at(self, ollama: Run) -> None:
        proxy = (DaemonProcess(pid=7, name="docker-proxy", serves=True),)
        led = with_socket(with_server(ollama, processes=proxy), "connect", "172.17.0.2", 11434, pid=7)
        status, reason, _ = judged(led)
        assert status == "inconclusive"
        assert "docker-proxy passes on" in reason
        assert judged(with_socket(ollama, "connect", "172.17.0.2", 11434))[0] == "broken"
        public = with_socket(with_server(ollama, processes=proxy), "connect", "8.8.8.8", 443, pid=7)
        assert judged(public)[0] == "broken"

    @pytest.mark.parametrize("program", ["pasta.avx2", "slirp4netns", "passt"])
    def test_who_carries_a_port_into_a_container_without_a_socket(self, ollama: Run, program: str) -> None:
        """They have a device of their own, or make sockets in the container's network alone."""
        led = with_server(ollama, processes=(DaemonProcess(pid=7, name=program, serves=True),))
        status, reason, _ = judged(led)
        assert status == "inconclusive"
        assert f"{program} passes on what" in reason

    def test_the_worst_of_several_with_all_their_names(self, log: Run) -> None:
        other = replace(place(log), port=9050)
        run = with_row(log, address="127.0.0.1", port=9050)
        listens = replace(log.daemons[0].sockets[0], port=9050)
        second = replace(log.daemons[0], endpoint=other, sockets=(listens,))
        both = replace(run, daemons=(log.daemons[0], second))
        row = next(each for each in both.connections if each.port == 9050)
        fits = replace(listens, first_seen_s=0.0, last_seen_s=9.0)
        both = replace(both, daemons=(log.daemons[0], replace(second, sockets=(fits,))))
        found = verdict(both, "daemon")
        assert (found.status, found.evidence) == ("upheld", ("/daemons/0", "/daemons/1"))
        assert str(place(log)) in found.reason
        assert str(other) in found.reason
        away = replace(fits, kind="connect", address="192.0.2.1", port=443)
        worse = replace(both, daemons=(log.daemons[0], replace(second, sockets=(fits, away))))
        assert judged(worse)[::2] == ("inconclusive", ExitCode.INCONCLUSIVE)
        assert str(place(log)) not in judged(worse)[1]
        ollama = replace(worse, daemons=(log.daemons[0], replace(worse.daemons[1], ollama="0.24.0")))
        assert judged(ollama)[::2] == ("broken", ExitCode.BROKEN)
        assert row.port == other.port


class TestMoments:
    @pytest.mark.parametrize(
        ("spans", "words"),
        [
            ([], "nobody who was watched was seen to listen"),
            ([(1.5, 9.0)], "first seen after 1.50 s"),
            ([(0.0, 1.2)], "changed"),
            ([(0.0, 1.2), (1.3, 9.0)], "changed"),
            ([(0.0, 9.0), (1.4, 9.0)], "changed"),
            ([(0.0, 9.0), (2.05, 9.0)], "changed"),
            ([(0.0, 9.0)], ""),
            ([(0.0, 0.5), (0.7, 9.0)], ""),
            ([(0.0, 9.0), (3.0, 9.0)], ""),
            ([(0.0, 9.0), (0.0, 9.0)], ""),
        ],
    )
    def test_the_very_listener_was_there_before_and_after(
        self, log: Run, spans: list[tuple[float, float]], words: str
    ) -> None:
        """The command used it from 1 s to 2 s, and a look followed the other by 0.1 s."""
        rows = tuple(
            replace(row, first_seen_s=1.0, last_seen_s=2.0) if row.port == place(log).port else row
            for row in log.connections
        )
        (listens,) = log.daemons[0].sockets
        sockets = tuple(replace(listens, first_seen_s=first, last_seen_s=last) for first, last in spans)
        server = replace(log.daemons[0], sockets=sockets, longest_gap_s=0.1)
        status, reason, _ = judged(replace(log, connections=rows, daemons=(server,)))
        assert status == ("inconclusive" if words else "upheld"), reason
        assert words in reason

    def test_a_listener_elsewhere_does_not_serve_it(self, log: Run) -> None:
        (listens,) = log.daemons[0].sockets
        for changes in ({"address": "127.0.0.2"}, {"address": "::1"}, {"port": listens.port + 1}, {"kind": "connect"}):
            assert judged(with_server(log, sockets=(replace(listens, **changes),)))[0] == "inconclusive"

    def test_a_server_that_the_command_never_contacted(self, log: Run) -> None:
        rows = tuple(row for row in log.connections if row.port != place(log).port)
        assert judged(replace(log, connections=rows))[0] == "inconclusive"


@pytest.mark.parametrize(
    ("allowed", "bound", "covered"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("127.0.0.1", "::1", False),
        ("127.0.0.1", "0.0.0.0", True),  # noqa: S104 - compared
        ("127.0.0.1", "::", True),
        ("127.0.0.1", "::ffff:127.0.0.1", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("127.0.0.0/8", "127.3.2.1", True),
        ("0.0.0.0/0", "127.0.0.1", True),
        ("0.0.0.0/0", "::1", False),
        ("0.0.0.0", "127.0.0.1", True),  # noqa: S104 - compared
        ("::1", "::", True),
        ("::1", "0.0.0.0", False),  # noqa: S104 - compared
        ("*", "127.0.0.1", True),
        ("*", "10.66.0.1", False),
        ("10.0.0.0/8", "0.0.0.0", False),  # noqa: S104 - compared
        ("10.66.0.1", "10.66.0.1", False),
        ("example.org", "127.0.0.1", False),
        ("127.0.0.1", "no address", False),
    ],
)
def test_which_listeners_of_loopback_a_rule_reaches(allowed: str, bound: str, *, covered: bool) -> None:
    assert allows_loopback(allowed, bound) is covered


def test_a_listener_for_all_addresses_of_ipv4_serves_none_of_ipv6() -> None:
    assert serves("0.0.0.0", "127.0.0.1")  # noqa: S104 - compared
    assert not serves("0.0.0.0", "::1")  # noqa: S104 - compared
    assert serves("::", "127.0.0.1")
