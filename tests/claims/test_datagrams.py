"""Datagrams and lookups: what was not seen to be sent is not taken for not sent."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from editing import attempt, verdict, with_attempt

from showcase.claims.policy import dispositions
from showcase.evidence import EACH_READ, NO_WAY_TO_SEND, NOTHING_SENT, Rule
from showcase.witnesses.connections import merge

if TYPE_CHECKING:
    from showcase.evidence import Run

PROBE: dict[str, Any] = {
    "kind": "connect", "role": "session 2", "transport": "udp", "address": "192.0.2.10", "port": 80,
    "outcome": NOTHING_SENT, "witnesses": ("syscalls",),
}  # fmt: skip


def status(run: Run, **row: Any) -> tuple[str, str | None]:
    found = verdict(with_attempt(run, **{**PROBE, **row}), "egress")
    return found.status, found.level


def test_without_a_wire_a_connected_datagram_socket_leaves_the_question(unsealed: Run) -> None:
    assert status(unsealed)[0] == "inconclusive"
    assert status(unsealed, port=0)[0] == "inconclusive", "what is sent to port 0 is on its way like any other"
    assert status(unsealed, port=0, transport="icmp")[0] == "inconclusive", "a ping carries kilobytes"
    assert status(unsealed, port=0, outcome=NO_WAY_TO_SEND)[0] == "upheld"
    assert status(unsealed, outcome=NO_WAY_TO_SEND, transport="tcp")[0] == "broken"


@pytest.mark.parametrize(
    ("outcome", "expected"), [(EACH_READ, "upheld"), ("sent to", "broken"), (NOTHING_SENT, "inconclusive")]
)
def test_a_name_server_was_asked_what_was_read_alone(unsealed: Run, outcome: str, expected: str) -> None:
    question = {"kind": "lookup", "name": "localhost", "address": "127.0.0.53", "port": 53, "outcome": None}
    asked = with_attempt(unsealed, **{**PROBE, **question})
    assert status(asked, address="127.0.0.53", port=53, outcome=outcome)[0] == expected


def test_in_a_seal_nothing_on_the_wire_is_nothing_sent(log: Run) -> None:
    before = verdict(log, "egress")
    if before.level != "enforced":
        pytest.skip("no seal can be made here")
    assert status(log) == ("upheld", "enforced")


def test_a_stream_that_says_so_is_a_finding(log: Run) -> None:
    assert status(log, transport="tcp")[0] == "broken"


@pytest.mark.parametrize(
    ("address", "expected"), [("192.0.2.53", "broken"), ("127.0.0.53", "upheld"), (None, "upheld")]
)
def test_a_question_for_localhost_that_goes_elsewhere_is_a_finding(
    log: Run, address: str | None, expected: str
) -> None:
    asked = {"kind": "lookup", "name": "localhost", "address": address, "port": 53, "outcome": None}
    assert status(log, **asked)[0] == expected
    elsewhere = {**asked, "port": 5355}
    assert address is None or status(log, **elsewhere)[0] == "broken", "it may be a question to another program"


def test_a_datagram_socket_that_was_bound_is_no_listener_for_connections(log: Run) -> None:
    bound = with_attempt(
        log, role="session 2", kind="listen", transport="udp", address="127.0.0.1", port=4242, first_seen_s=0.5
    )
    assert status(bound, transport="tcp", address="127.0.0.1", port=4242, outcome="ok")[0] == "broken"


def test_a_ping_has_no_port_where_one_of_the_watched_could_wait(unsealed: Run) -> None:
    """Whoever listens to all packets hears it."""
    here = {"address": "127.0.0.1", "port": 4242, "peer": "watched", "transport": "icmp"}
    bound = with_attempt(
        unsealed, role="session 2", kind="listen", transport="udp", address="127.0.0.1", port=4242, first_seen_s=0.5
    )
    assert status(bound, kind="send", outcome="ok", **here)[0] == "inconclusive"
    assert status(bound, **here)[0] == "inconclusive"


@pytest.mark.parametrize("outcome", [NOTHING_SENT, "sent to"])
@pytest.mark.parametrize("peer", ["watched", "nobody", None])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_who_waits_for_a_connected_datagram_socket_may_become_another(
    unsealed: Run, outcome: str, peer: str | None, address: str
) -> None:
    row = {"address": address, "family": "inet6" if ":" in address else "inet", "port": 4242, "peer": peer}
    waits = {**PROBE, "kind": "listen", "outcome": None, "first_seen_s": 0.5}
    bound = with_attempt(unsealed, **{**waits, **row, "peer": None})
    assert status(bound, outcome=outcome, **row)[0] == "inconclusive"
    assert status(bound, outcome=EACH_READ, **row)[0] == "upheld", "the supervisor sent each, and knows to whom"
    assert status(bound, kind="send", outcome="ok", **row)[0] == "upheld"
    rule = Rule(host=address, port=4242)
    ruled = replace(bound, policy=replace(bound.policy, rules=(rule,)))
    judged = dispositions(with_attempt(ruled, **{**PROBE, **row, "outcome": outcome}))
    assert judged[-1].kind == "allowed"


def test_in_a_seal_a_connected_datagram_socket_leads_to_the_watched(log: Run) -> None:
    if verdict(log, "egress").level != "enforced":
        pytest.skip("no seal can be made here")
    here = {"address": "127.0.0.1", "port": 4242}
    bound = with_attempt(log, **{**PROBE, **here, "kind": "listen", "outcome": None, "first_seen_s": 0.5})
    assert status(bound, outcome="sent to", peer="watched", **here) == ("upheld", "enforced")


@pytest.mark.parametrize("weaker", ["sent to", NOTHING_SENT])
@pytest.mark.parametrize("stronger", [EACH_READ, NO_WAY_TO_SEND])
def test_two_sockets_to_one_place_are_as_open_as_the_more_open_one(weaker: str, stronger: str) -> None:
    rows = [attempt(**{**PROBE, "outcome": outcome}) for outcome in (weaker, stronger)]
    for both in (rows, rows[::-1]):
        assert weaker in {row.outcome for row in merge(tuple(both))}, "its own row, or that of both"
