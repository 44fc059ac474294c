"""The question of a DNS message, and the questions in the bytes that one socket writes to a name server over TCP."""

from __future__ import annotations

import struct
from typing import NamedTuple

PORTS = frozenset({53, 5353, 5355})
"""DNS, multicast DNS and LLMNR: the three that carry names in DNS's own format in the clear."""

HEADER_BYTES = 12
SHORTEST = HEADER_BYTES + 5  # the root's name is one byte, type and class are two each
_LENGTH_BYTES = 2
_LABEL_BYTES = 63
_NAME_BYTES = 255
_NOT_A_QUERY = 0xF800  # QR and OPCODE bits
_TYPES = {1: "A", 2: "NS", 5: "CNAME", 6: "SOA", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV"}
_TYPES |= {65: "HTTPS", 255: "ANY"}

LONGEST = 1024
"""A message longer than this carries more than a question: a name has 255 bytes, what else is known stays below 600."""

_OPT, _PADDING = 41, 12
_RECORD = struct.Struct("!HHIH")  # type, class, time to live, length of the data
_OPTION = struct.Struct("!HH")
_COOKIE = 10
_COOKIE_BYTES = 40
"""The longest cookie, which is the option that resolvers send by themselves (RFC 7873, section 4)."""

NO_LOOKUP = "no lookup"
NOT_SEEN = "not wholly seen"


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


def only_asks(message: bytes, query: Query) -> bool:
    """Return whether a whole message says nothing but its question.

    Behind it may stand what resolvers send by themselves: one OPT record (RFC 6891) with a cookie, padded with zeroes
    (RFC 7830). Answers, records of another kind and bytes after the last record are something else, whoever
    the name is allowed to be asked of.
    """
    answers, authorities, additional = struct.unpack_from("!HHH", message, 6)
    if answers or authorities or additional > 1:
        return False
    if not additional:
        return len(message) == query.end
    name_end = query.end + 1
    if name_end + _RECORD.size > len(message) or message[query.end]:
        return False
    kind, _, _, length = _RECORD.unpack_from(message, name_end)
    data = message[name_end + _RECORD.size :]
    return kind == _OPT and len(data) == length and _ordinary(data)


def _ordinary(options: bytes) -> bool:
    """Return whether there is at most a cookie and padding of zeroes: no other option is sent by a resolver unasked."""
    at = 0
    left = {_COOKIE, _PADDING}
    while at < len(options):
        if at + _OPTION.size > len(options):
            return False
        code, length = _OPTION.unpack_from(options, at)
        value = options[at + _OPTION.size : at + _OPTION.size + length]
        if len(value) < length or code not in left or (any(value) if code == _PADDING else length > _COOKIE_BYTES):
            return False
        left.remove(code)
        at += _OPTION.size + length
    return True


class Stream:
    """What one socket wrote to a name server over TCP, put together: each message stands behind two bytes of length.

    Feed it every write of that socket, in order, from the first: the length may come alone, a name in pieces, and
    several queries in one write. Nothing is known of a socket's earlier bytes to one that begins later; say so with
    `whole=False`.

    Args:
        whole: Whether the first byte that is fed is the first that the socket wrote.
    """

    def __init__(self, *, whole: bool = True) -> None:
        self.flaw: str | None = None if whole else NOT_SEEN
        """`NO_LOOKUP`: something was written that is no question. `NOT_SEEN`: something that was not read.

        Once it is set it stays: what this socket carried is more than the lookups that were named.
        """
        self._data = b""
        self._asked = False
        self._framed = whole

    @property
    def pending(self) -> int:
        """Bytes that were written and that no message explains yet; at the socket's end they were no lookup."""
        return len(self._data)

    def feed(self, data: bytes, written: int | None = None) -> tuple[Query, ...]:
        """Return the questions that became whole with this write.

        A question is returned as soon as it can be read, before the rest of its message; whether the rest is in order
        is in `flaw` when it came.

        Args:
            data: The bytes that were read of the write, from its beginning.
            written: How many it has, None where `data` is all of it.
        """
        if not self._framed:
            return ()
        self._data += data
        found = []
        while self._framed and (query := self._next()) is not None:
            found.append(query)
        if written is not None and written > len(data):
            self._lose(NOT_SEEN)
        return tuple(found)

    def _next(self) -> Query | None:
        """Return the next question, None where it is not there yet; what was understood is dropped."""
        while len(self._data) >= _LENGTH_BYTES:
            length = int.from_bytes(self._data[:_LENGTH_BYTES], "big")
            message = self._data[_LENGTH_BYTES : _LENGTH_BYTES + length]
            query = question(message)
            if length > LONGEST:
                self.flaw = self.flaw or NO_LOOKUP
            if length < SHORTEST or (query is None and _cannot_ask(message)) or (query and length > LONGEST):
                # What speaks here does not speak DNS, or says more than a question: no later length is waited for.
                self._lose(NO_LOOKUP)
                return query
            if query is None and len(message) > LONGEST:
                self._lose(NO_LOOKUP)
                return None
            news = query if not self._asked else None
            self._asked = self._asked or query is not None
            if len(message) == length:
                if query is None or not only_asks(message, query):
                    self.flaw = self.flaw or NO_LOOKUP
                self._data = self._data[_LENGTH_BYTES + length :]
                self._asked = False
                if news is None:
                    continue
            return news
        return None

    def _lose(self, flaw: str) -> None:
        self.flaw = self.flaw or flaw
        self._framed = False
        self._data = b""


def _cannot_ask(beginning: bytes) -> bool:
    """Return whether no query begins like this: it is none by its header."""
    if len(beginning) < HEADER_BYTES:
        return False
    flags, questions = struct.unpack_from("!HH", beginning, 2)
    return questions != 1 or bool(flags & _NOT_A_QUERY)


def question_in_stream(data: bytes) -> Query | None:
    """Return the first question of a single write to a name server over TCP; see `Stream` for all of them."""
    return next(iter(Stream().feed(data)), None)
