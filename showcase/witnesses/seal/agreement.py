"""Packets counted and names asked for, held against the calls that were recorded: each must explain the other."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Record = Mapping[str, Any]

_SAME_WIRE = {"mptcp": "tcp", "udplite": "protocol 136"}
_NAMING = frozenset({"connect", "send", "lookup"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What the wire of one seal says beside the calls.

    Attributes:
        on_wire: Destinations that packets were sent to.
        unexplained: Records of packets that no recorded call accounts for.
        unheard: Records of names that no recorded call asked for.
    """

    on_wire: frozenset[tuple[str, str, int | None]]
    unexplained: tuple[Record, ...]
    unheard: tuple[Record, ...]


def compare(records: Iterable[Record]) -> Agreement:
    """Compare what one supervisor recorded in both ways."""
    records = list(records)
    calls = [record for record in records if record["event"] == "call" and record["call"] in _NAMING]
    called = {place(record) for record in calls}
    # A raw socket's call names an address and no port; its packets may say anything.
    called_without_port = {(transport, address) for transport, address, _ in called}
    names = {str(record.get("name", "")).lower() for record in calls if record["call"] == "lookup"}
    packets = [record for record in records if record["event"] == "packets"]
    # What comes in by the door is begun by the supervisor, and was counted where it was begun.
    entrances = {("tcp", "127.0.0.1", record["entrance"]) for record in records if record.get("entrance") is not None}
    asked = [record for record in records if record["event"] == "asked"]
    return Agreement(
        on_wire=frozenset(place(record) for record in packets),
        unexplained=tuple(
            record
            for record in packets
            if place(record) not in called | entrances
            and not (record["port"] is None and place(record)[:2] in called_without_port)
        ),
        unheard=tuple(record for record in asked if record["name"].lower() not in names),
    )


def place(record: Record) -> tuple[str, str, int | None]:
    """Return where a call or a packet went, in one spelling: `::ffff:1.2.3.4` is an IPv4 packet on the wire."""
    transport = str(record.get("transport"))
    address = str(record.get("address")).partition("%")[0]  # no zone is on the wire
    try:
        parsed = ip_address(address)
    except ValueError:
        return transport, address, record.get("port")
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    if mapped.is_unspecified:  # the kernel takes the unspecified address for loopback
        mapped = ip_address("127.0.0.1" if mapped.version == 4 else "::1")  # noqa: PLR2004 - the version of IP
    return _SAME_WIRE.get(transport, transport), str(mapped), record.get("port")
