"""An address with a zone is the same address without one, and the zone is kept where it says something."""

from __future__ import annotations

import socket
import struct
from types import SimpleNamespace
from typing import Any

import pytest

from showcase.audit.rules import parse
from showcase.claims.policy import dispositions
from showcase.evidence import EACH_READ, Attempt, Policy, Run
from showcase.evidence.addresses import numeric
from showcase.witnesses.connections import merge
from showcase.witnesses.seal.agreement import place
from showcase.witnesses.syscalls.calls.address import decode, from_peer

NUMBER, NAME = socket.if_nameindex()[0]
LINK_LOCAL = "fe80::1"


def row(address: str | None, *witnesses: str, **more: Any) -> Attempt:
    facts: dict[str, Any] = {
        "kind": "connect", "family": "inet6", "port": 53, "transport": "udp", "pid": 7, "process": "python",
        "role": "command", "first_seen_s": 1.0, "last_seen_s": 1.0, "count": 1,
    }  # fmt: skip
    return Attempt(**{**facts, "address": address, "witnesses": witnesses, **more})


def sockaddr(host: str, scope: int) -> bytes:
    return struct.pack("=HHI16sI", 10, socket.htons(53), 0, socket.inet_pton(socket.AF_INET6, host), scope)


@pytest.mark.parametrize(
    ("host", "scope", "said"),
    [
        (LINK_LOCAL, NUMBER, f"{LINK_LOCAL}%{NAME}"),
        ("ff02::fb", NUMBER, f"ff02::fb%{NAME}"),
        (LINK_LOCAL, 0x7FFF_FFF0, f"{LINK_LOCAL}%{0x7FFF_FFF0}"),
        (LINK_LOCAL, 0, LINK_LOCAL),
        ("::1", NUMBER, "::1"),
        ("2001:db8::1", NUMBER, "2001:db8::1"),
    ],
)
def test_both_ways_to_read_an_address_agree(host: str, scope: int, said: str) -> None:
    assert (decode(sockaddr(host, scope)).address, decode(sockaddr(host, scope)).port) == (said, 53)
    assert from_peer((host, 53, 0, scope)) == decode(sockaddr(host, scope))


def test_a_short_address_has_no_zone() -> None:
    assert decode(sockaddr(LINK_LOCAL, NUMBER)[:24]).address == LINK_LOCAL


def test_witnesses_that_know_the_zone_and_those_that_do_not_saw_one_connection() -> None:
    seen = [row(LINK_LOCAL, "sockets"), row("fe80::1%eth0", "syscalls"), row("FE80:0::1%eth0", "hook")]
    (one,) = merge(seen)
    assert (one.address, one.witnesses) == ("fe80::1%eth0", ("hook", "sockets", "syscalls"))
    assert [each.address for each in merge([*seen, row("fe80::1%wlan0", "syscalls")])] == [
        "fe80::1%eth0",
        "fe80::1%wlan0",
    ], "two links are two places"


def test_a_packet_has_no_zone() -> None:
    call = {"transport": "udp", "address": "fe80::1%eth0", "port": 53}
    assert place(call) == place({**call, "address": LINK_LOCAL})


def test_the_number_is_what_is_compared() -> None:
    assert numeric("fe80::1%eth0") == numeric(LINK_LOCAL) != None  # noqa: E711 - both are there
    assert numeric("::1%lo") == numeric("::1")


@pytest.mark.parametrize(
    ("rule", "address", "allowed"),
    [
        ("[fe80::1%eth0]:53", "fe80::1%eth0", True),
        ("[fe80::1%eth0]:53", LINK_LOCAL, True),
        ("[fe80::1]:53", "fe80::1%eth0", True),
        ("fe80::/10", "fe80::1%eth0", True),
        ("[fe80::1%eth0]:53", "fe80::1%wlan0", False),
        ("[FE80::1%Eth0]:53", "fe80::1%Eth0", True),
        ("[fe80::1%Eth0]:53", "fe80::1%eth0", False),
        ("[fe80::2%eth0]:53", "fe80::1%eth0", False),
    ],
)
def test_a_rule_covers_the_address_in_its_zone(rule: str, address: str, *, allowed: bool) -> None:
    (how,) = dispositions(run_of(row(address, "syscalls", transport="tcp"), rules=(parse(rule),)))
    assert how.kind == ("allowed" if allowed else "finding")


def test_a_connection_that_carries_lookups_is_known_by_its_address() -> None:
    asked = row(LINK_LOCAL, "syscalls", kind="lookup", name="leak.example")
    carrier, lookup = dispositions(run_of(row("fe80::1%eth0", "sockets", "syscalls", outcome=EACH_READ), asked))
    assert (carrier.kind, lookup.kind) == ("local", "finding")


@pytest.mark.parametrize("name", ["198.51.100.7", "127.0.0.1", "::1", "fe80::1%eth0", "3325256711"])
@pytest.mark.parametrize("witness", ["syscalls", "seal"])
def test_a_number_that_is_asked_for_on_its_way_is_a_name_like_any(name: str, witness: str) -> None:
    address = "127.0.0.53" if witness == "syscalls" else None
    asked = row(address, witness, kind="lookup", name=name)
    assert [how.kind for how in dispositions(run_of(asked, rules=(parse("127.0.0.1"), parse("198.51.100.7"))))] == [
        "finding"
    ]


def run_of(*rows: Attempt, rules: tuple[Any, ...] = ()) -> Run:
    """What `dispositions` reads of an audit's log."""
    facts: Any = SimpleNamespace(
        connections=rows, witnesses=(), policy=Policy(allowed=(), rules=rules), command=SimpleNamespace(sealing="none")
    )
    found: Run = facts
    return found
