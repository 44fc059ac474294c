"""The question of a DNS message."""

from __future__ import annotations

import struct
from typing import NamedTuple

PORTS = frozenset({53, 5353, 5355})
"""DNS, multicast DNS and LLMNR: the three that carry names in DNS's own format in the clear."""

HEADER_BYTES = 12
SHORTEST = HEADER_BYTES + 5  # the root's name is one byte, type and class are two each
_LABEL_BYTES = 63
_NAME_BYTES = 255
_NOT_A_QUERY = 0xF800  # QR and OPCODE bits
_TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV"}
_TYPES |= {65: "HTTPS", 255: "ANY"}


class Query(NamedTuple):
    """What is asked for; `end` is the offset after the question."""

    name: str
    type: str
    end: int


def question(message: bytes) -> Query | None:
    """Return the question of a query, or None where the bytes are none (RFC 1035, section 4.1)."""
    if len(message) < SHORTEST:
        return None
    flags, questions = struct.unpack_from("!HH", message, 2)
    if questions != 1 or flags & _NOT_A_QUERY:
        return None
    labels: list[str] = []
    at = HEADER_BYTES
    while at < len(message) and message[at]:
        length = message[at]
        if length > _LABEL_BYTES or at - HEADER_BYTES > _NAME_BYTES:
            return None
        labels.append(message[at + 1 : at + 1 + length].decode("ascii", "backslashreplace"))
        at += 1 + length
    if at + 5 > len(message):
        return None
    (kind,) = struct.unpack_from("!H", message, at + 1)
    return Query(".".join(labels) or ".", _TYPES.get(kind, f"TYPE{kind}"), at + 5)


def question_in_stream(data: bytes) -> Query | None:
    """Return the question of a query as TCP carries it, behind two bytes of length."""
    return question(data[2:]) if len(data) > SHORTEST else None
