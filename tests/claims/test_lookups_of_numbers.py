"""A number where a name may stand is no lookup, a name made of digits is one, and neither is lost."""

from __future__ import annotations

import ipaddress
import platform
import random
import re
import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from editing import verdict, with_attempt

from showcase import claims, runlog
from showcase.audit import account
from showcase.claims.policy import disposition
from showcase.evidence import Rule
from showcase.evidence.addresses import literal, of_reverse_name
from showcase.report.network_view import in_order

if TYPE_CHECKING:
    from showcase.evidence import Attempt, Run

LOGS = Path(__file__).parents[1] / "logs" / "version-1"
NUMBERS = {
    "198.51.100.7": "198.51.100.7", "127.1": "127.0.0.1", "0x7f000001": "127.0.0.1", "2130706433": "127.0.0.1",
    "0177.0.0.1": "127.0.0.1", "0X7F.1": "127.0.0.1", "1.2.3": "1.2.0.3", "256": "0.0.1.0",
    "1.2.65535": "1.2.255.255", "4294967295": "255.255.255.255", "000000000000000.1": "0.0.0.1",
    "::1": "::1", "::ffff:1.2.3.4": "1.2.3.4", "fe80::1%eth0": "fe80::1", "2001:DB8::7": "2001:db8::7",
    "[::1]": "::1", "[fe80::1%eth0]": "fe80::1", "\uff11\uff19\uff18.51.100.7": "198.51.100.7",
    "198\u300251\uff0e100\uff617": "198.51.100.7",
}  # fmt: skip
NAMES = [
    "198.51.100.7.example", "1.2.3.4.5", "0x7g", "08.1", "4294967296", "1.2.3.256", "1.2.65536", "256.1",
    "198.51.100.7.", "", ".", "1..2", "1.2.3.", "0x", "0x.1", "-1", "+1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.4/8",
    "1.2.3.4%eth0", "1e3", "a.b", "[1.2.3.4]", "[example.org]", "[", "[]", "::1.example",
    "1_0", "٣", "9" * 5000, "0x" + "f" * 5000, "localhost",
]  # fmt: skip
ODD = [
    "198.51.100.7",
    "[2001:db8::7]",
    "3325256711",
    "0xc6336407",
    "198.51.25607",
    "fe80::7%eth0",
    "::ffff:198.51.100.7",
]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_one_in_every_form(text: str) -> None:
    assert literal(text) == ipaddress.ip_address(NUMBERS[text])


@pytest.mark.parametrize("text", NAMES)
def test_what_a_name_server_would_be_asked_for_is_none(text: str) -> None:
    assert literal(text) is None


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the forms are those of glibc")
def test_it_is_what_the_resolver_takes_without_asking() -> None:
    """Over 20,000 texts of the characters that numbers are made of, from one seed."""
    chosen = random.Random(7)  # noqa: S311 - texts, no secrets
    parts = ["0", "1", "7", "08", "010", "0x", "0x1f", "0xg", "255", "256", "65535", "65536", "16777216", "4294967295"]
    texts = [*NUMBERS, *NAMES]
    texts += [".".join(chosen.choices(parts, k=chosen.randint(1, 5))) for _ in range(10_000)]
    texts += ["".join(chosen.choices("0127fx:.", k=chosen.randint(1, 12))) for _ in range(10_000)]
    for text in texts:
        if not text.isascii() or "[" in text or "%" in text or not text:
            continue  # brackets are ours, a zone must be there, and nothing at all is an address to wait at
        try:
            found = socket.getaddrinfo(text, None, flags=socket.AI_NUMERICHOST)[0][4][0]
        except (OSError, UnicodeError):
            assert literal(text) is None, text
        else:
            assert literal(text) == literal(str(found)), text


@pytest.mark.parametrize("text", ["198.51.100.7", "::1", "2001:db8::7"])
def test_the_name_of_a_number_is_known_for_what_it_is(text: str) -> None:
    address = ipaddress.ip_address(text)
    assert of_reverse_name(address.reverse_pointer.upper() + ".") == address
    for other in (text, f"x.{address.reverse_pointer}", address.reverse_pointer[2:], "in-addr.arpa", ".ip6.arpa"):
        assert of_reverse_name(other) is None, other


def looked_up(log: Run, name: str, **other: Any) -> Run:
    said = {"kind": "lookup", "family": "name", "address": None, "port": None, "name": name, "witnesses": ("hook",)}
    return with_attempt(log, **(said | other))


def rows(run: Run) -> list[Attempt]:
    return [row for row, _ in in_order(run)]


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("port", [None, 443])
def test_a_number_by_itself_is_a_note_and_breaks_nothing(log: Run, name: str, port: int | None) -> None:
    alone = looked_up(log, name, port=port)
    assert disposition(alone.connections[-1], alone).kind == "local"
    assert verdict(alone, "egress") == verdict(log, "egress")
    assert verdict(alone, "telemetry") == verdict(log, "telemetry")
    assert alone.connections[-1] in rows(alone)
    assert account.destination(alone.connections[-1]) == f"number {name}"


@pytest.mark.parametrize("name", ["198.51.100.7.example", "1.2.3.4.5", "0x7g", "198.51.100.7.", "4294967296"])
def test_a_name_made_of_digits_is_a_lookup(log: Run, name: str) -> None:
    asked = looked_up(log, name)
    assert verdict(asked, "egress").status == "broken"
    assert f"lookup of {name}" in verdict(asked, "egress").reason
    assert asked.connections[-1] in rows(asked)


@pytest.mark.parametrize("name", ODD)
def test_a_number_that_a_name_server_was_asked_for_is_a_lookup(log: Run, name: str) -> None:
    way = {"family": "inet", "address": "192.0.2.53", "port": 53, "transport": "udp"}
    for witnesses in (("syscalls",), ("hook", "syscalls"), ("seal",)):
        asked = looked_up(log, name, **way, witnesses=witnesses)
        assert verdict(asked, "egress").status == "broken"
        assert f"lookup of {name}" in verdict(asked, "egress").reason


@pytest.mark.parametrize("name", ["198.51.100.7", "3325256711", "::ffff:198.51.100.7"])
def test_beside_its_connection_a_number_is_not_told(log: Run, name: str) -> None:
    there = with_attempt(log, address="198.51.100.7", port=443)
    both = looked_up(there, name, port=443)
    assert both.connections[-1] not in rows(both)
    assert both.connections[-2] in rows(both)
    assert verdict(both, "egress") == verdict(there, "egress")
    assert verdict(both, "egress").status == "broken"
    for other in ({"pid": 2}, {"name": "198.51.100.8"}):
        apart = replace(both, connections=(*both.connections[:-1], replace(both.connections[-1], **other)))
        assert apart.connections[-1] in rows(apart)


def test_where_nobody_saw_questions_a_number_without_a_port_may_have_been_asked_for(unsealed: Run) -> None:
    """An older log has the name of a number asked for in the same words: it is not upheld, and nothing is broken."""
    asked = looked_up(unsealed, "198.51.100.7")
    found = verdict(asked, "egress")
    assert found.status == "inconclusive"
    assert "whether the name of a number was asked for" in found.reason
    assert asked.connections[-1] in rows(asked)
    assert verdict(looked_up(unsealed, "198.51.100.7", port=443), "egress").status == "upheld"


def test_the_name_of_a_number_is_a_lookup(log: Run, unsealed: Run) -> None:
    for run in (log, unsealed):
        assert verdict(looked_up(run, "7.100.51.198.in-addr.arpa"), "egress").status == "broken"
        assert verdict(looked_up(run, "1.0.0.127.in-addr.arpa"), "egress").status == "upheld"  # the engine's address
        allowing = replace(run, policy=replace(run.policy, rules=(Rule(host="198.51.100.0/24"),)))
        asked = looked_up(allowing, "7.100.51.198.in-addr.arpa")
        assert disposition(asked.connections[-1], asked).kind == "allowed"


def test_a_number_names_no_host_whose_connection_may_be_telemetry(log: Run) -> None:
    """A connection whose name nobody saw stays open; a number is no name."""
    there = with_attempt(replace(log, connections=()), address="198.51.100.7", port=443)
    assert verdict(looked_up(there, "198.51.100.7", port=443), "telemetry") == verdict(there, "telemetry")
    assert verdict(there, "telemetry").status == "inconclusive"


@pytest.mark.parametrize("path", sorted(LOGS.glob("*.json")), ids=lambda path: path.stem)
def test_no_older_log_is_upheld_that_was_broken(path: Path) -> None:
    run = runlog.read(path)
    was = {each.id: each.status for each in run.claims}
    assert not [each.id for each in claims.judge(run) if each.status == "upheld" and was.get(each.id) == "broken"]


def test_an_older_log_is_told_without_the_number_beside_its_connection() -> None:
    run = runlog.read(LOGS / "audit-seal.json")
    assert [row.name for row in run.connections if row.kind == "lookup"] == ["192.0.2.10"]
    said = "\n".join(account.lines(run))
    assert re.findall(r"^✗ (.*), once", said, re.MULTILINE) == ["connect 192.0.2.10:443"]
    assert "lookup" not in said + verdict(run, "egress").reason
