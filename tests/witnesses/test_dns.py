"""What a socket writes to a name server is read as the names that it is, however it is cut; what is none is said."""

from __future__ import annotations

import struct
from itertools import pairwise

import pytest

from showcase.witnesses.syscalls.calls.dns import LONGEST, NO_LOOKUP, NOT_SEEN, Stream, only_asks, question

OPT = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)
COOKIE = struct.pack("!HH", 10, 8) + b"\x01\x02\x03\x04\x05\x06\x07\x08"


def query(name: str, *, flags: int = 0x0100, counts: tuple[int, int, int] = (0, 0, 0), rest: bytes = b"") -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", 7, flags, 1, *counts) + labels + struct.pack("!HH", 28, 1) + rest


def opt(options: bytes) -> bytes:
    return b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


def names(stream: Stream, *writes: bytes) -> list[str]:
    return [found.name for data in writes for found in stream.feed(data)]


def test_the_length_in_a_write_of_its_own() -> None:
    stream = Stream()
    message = query("leak.example")
    assert names(stream, len(message).to_bytes(2, "big")) == []
    assert stream.pending == 2, "nobody knows yet what it is"
    assert names(stream, message) == ["leak.example"]
    assert (stream.flaw, stream.pending) == (None, 0)


def test_every_cut_of_two_queries_gives_both_names_once() -> None:
    data = framed(query("one.example")) + framed(query("two.example", counts=(0, 0, 1), rest=OPT))
    for first in range(len(data) + 1):
        for second in range(first, len(data) + 1):
            stream = Stream()
            assert names(stream, data[:first], data[first:second], data[second:]) == ["one.example", "two.example"]
            assert (stream.flaw, stream.pending) == (None, 0)


def test_byte_by_byte() -> None:
    stream = Stream()
    data = framed(query("a.b.c.example")) * 3
    assert names(stream, *(data[at:end] for at, end in pairwise(range(len(data) + 1)))) == ["a.b.c.example"] * 3
    assert (stream.flaw, stream.pending) == (None, 0)


def test_a_name_is_told_before_the_rest_of_its_message_came() -> None:
    stream = Stream()
    data = framed(query("early.example", counts=(0, 0, 1), rest=OPT))
    assert names(stream, data[: -len(OPT)]) == ["early.example"]
    assert stream.pending
    assert names(stream, data[-len(OPT) :]) == []
    assert (stream.flaw, stream.pending) == (None, 0)


@pytest.mark.parametrize("rest", [OPT, opt(COOKIE), opt(COOKIE + struct.pack("!HH", 12, 40) + bytes(40))])
def test_what_resolvers_send_by_themselves_is_part_of_the_question(rest: bytes) -> None:
    message = query("plain.example", counts=(0, 0, 1), rest=rest)
    found = question(message)
    assert found is not None
    assert only_asks(message, found)


SECRET = b"alice likes sushi"


@pytest.mark.parametrize(
    "message",
    [
        query("allowed.example", rest=SECRET),
        query("allowed.example", counts=(0, 0, 1), rest=OPT + SECRET),
        query("allowed.example", counts=(0, 0, 1), rest=opt(struct.pack("!HH", 12, len(SECRET)) + SECRET)),
        query("allowed.example", counts=(0, 0, 1), rest=opt(struct.pack("!HH", 65001, 60) + SECRET + bytes(43))),
        query("allowed.example", counts=(0, 0, 1), rest=opt(b"\0\x0c\0")),
        query("allowed.example", counts=(0, 0, 1), rest=b"\x01a\0" + struct.pack("!HHIH", 16, 1, 0, 17) + SECRET),
        query("allowed.example", counts=(1, 0, 0), rest=b"\0" + struct.pack("!HHIH", 16, 1, 0, 17) + SECRET),
        query("allowed.example", counts=(0, 1, 0), rest=b"\0" + struct.pack("!HHIH", 6, 1, 0, 17) + SECRET),
        query("allowed.example", counts=(0, 0, 2), rest=OPT + OPT),
    ],
    ids=["behind", "behind-opt", "padding", "option", "cut-option", "text", "answer", "authority", "two"],
)
def test_a_question_that_carries_more_is_no_lookup_alone(message: bytes) -> None:
    found = question(message)
    assert found is not None
    assert not only_asks(message, found)
    stream = Stream()
    assert names(stream, framed(message)) == ["allowed.example"], "its name is told all the same"
    assert stream.flaw == NO_LOOKUP
    assert names(stream, framed(query("later.example"))) == ["later.example"], "and those after it"
    assert stream.flaw == NO_LOOKUP, "what was said stays said"


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
        SECRET * 20,
        framed(SECRET),
        framed(b"short"),
        framed(query("answer.example", flags=0x8180)),
        framed(query("update.example", flags=0x2800)),
        bytes(2),
    ],
    ids=["http", "text", "framed", "short", "answer", "update", "empty"],
)
def test_what_is_no_query_is_no_lookup(data: bytes) -> None:
    stream = Stream()
    assert names(stream, data[:2], data[2:]) == []
    assert stream.flaw == NO_LOOKUP


def test_a_message_that_never_ends_is_pending() -> None:
    stream = Stream()
    assert names(stream, b"\x03\xff" + SECRET[:11]) == []
    assert stream.flaw or stream.pending == 13


def test_a_message_that_is_too_long_for_a_question() -> None:
    stream = Stream()
    data = framed(query("big.example", rest=SECRET * LONGEST))
    assert names(stream, data[:2]) == []
    assert stream.flaw == NO_LOOKUP, "before more of it is there"
    assert names(stream, data[2:40]) == ["big.example"]
    assert names(stream, data[40:], framed(query("hidden.example"))) == []
    assert stream.pending == 0, "nothing is kept of it"


def test_nothing_is_kept_of_a_name_without_an_end() -> None:
    stream = Stream()
    labels = (b"\x3f" + b"a" * 63) * 40
    assert names(stream, framed(struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + labels)) == []
    assert stream.flaw == NO_LOOKUP
    assert stream.pending <= LONGEST + 2


def test_a_write_that_was_not_wholly_read() -> None:
    stream = Stream()
    data = framed(query("seen.example"))
    assert [found.name for found in stream.feed(data, written=len(data) + 100)] == ["seen.example"]
    assert stream.flaw == NOT_SEEN
    assert names(stream, framed(query("after.example"))) == [], "where its length begins, nobody knows"


def test_a_socket_that_wrote_before_anybody_looked() -> None:
    stream = Stream(whole=False)
    assert stream.flaw == NOT_SEEN
    assert names(stream, framed(query("any.example"))) == []
