"""Where Ollama listens, by what people set `OLLAMA_HOST` to: one reading for every command.

Read as `Host` in `envconfig/config.go` of Ollama 0.24 reads it, and as `_parse_host` of its Python client does, as far
as the two agree. Where they do not, or where what was written is seldom what was meant, a note says so. Refused is what
leads off this machine, and what one of them takes for another server than the one that is written there.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from showcase.errors import UsageError
from showcase.evidence import Endpoint
from showcase.settings import DEFAULT_OLLAMA_HOST, OLLAMA, OLLAMA_PORT
from showcase.shell import here

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE = "OLLAMA_HOST"
OPTION = "--ollama-host"

HTTP_PORT = 80
HIGHEST_PORT = 65535

_PARTS = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?"
    r"(?:\[(?P<six>[^\[\]/]*)\]|(?P<host>[^:/\[\]?#]*))"
    r"(?::(?P<port>[^:/\[\]?#]*))?"
    r"(?P<path>/[^?#]*)?(?P<rest>[?#].*)?",
    flags=re.DOTALL,
)
_MOST_SHOWN = 200
_BARE_SIX = re.compile(
    r"(?:(?P<scheme>[A-Za-z]+)://)?(?P<six>[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[^/\[\]?#]*)?)/*"
)
_LOOPBACK_AND_PORT = re.compile(r"::1:(?P<port>[0-9]{4,5})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a server is looked for.

    Attributes:
        endpoint: A loopback address and a port.
        note: What to know about how it was read; empty where Ollama and its clients read the same, and no other.
        fix: The command that writes it so that they all do; empty without a note, and for an option.
    """

    endpoint: Endpoint
    note: str = ""
    fix: str = ""


def find(option: str | None, environ: Mapping[str, str]) -> Place:
    """Return where Ollama is: what the option says, else what the variable says, else where Ollama itself would be.

    Raises:
        UsageError: The one of them that counts cannot be used.
    """
    if option is not None:
        return read(option, source=OPTION)
    return read(environ.get(VARIABLE, ""), source=VARIABLE)


def read(text: str, *, source: str) -> Place:
    """Return the place that `text` names. No name is looked up: `localhost` is 127.0.0.1, every other is refused.

    Args:
        text: What was written.
        source: Who says it, `VARIABLE` or `OPTION`: it is named where the text is refused.

    Raises:
        UsageError: It leads off this machine, needs what is not spoken here, or is no address.
    """
    return _Reader(text, source).read()


class _Reader:
    """Reads one text, and knows how to say what is wrong with it and what to write instead."""

    def __init__(self, text: str, source: str) -> None:
        self._source = source
        self._shown = _cut(_without_secrets(text))
        # As Ollama's `Var` and `Host` do: spaces, then quotes that a .env file or a Windows dialog left, then spaces.
        self._text = text.strip().strip("\"'").strip()
        self._notes: list[str] = []
        # Python's client drops ends of lines, as the reading of URLs does since 3.9.5, and none of the others.
        if self._text != text.translate(dict.fromkeys(map(ord, "\t\r\n"))):
            self._notes.append("Ollama drops the quotes and spaces around it, its Python client does not")
        self._usual_is_meant = False

    def read(self) -> Place:
        if not self._text:
            return self._place(OLLAMA)
        if "@" in self._text:
            raise self._refusal("carries a user's name or a password, which no Ollama reads", self._loopback_of_text())
        bare = _BARE_SIX.fullmatch(self._text)
        match = bare or _PARTS.fullmatch(self._text)
        if match is None or (match["scheme"] is None and "://" in self._text):
            raise self._refusal("is not the address of a server")
        found = match.groupdict()
        if bare:
            self._check_brackets()
            self._notes.append("Ollama reads it without brackets, its Python client does not")
        self._check_scheme(found.get("scheme"))
        port = self._port(found.get("port"), found.get("scheme"))
        address = self._address(found["six"], found.get("host"), port)
        endpoint = Endpoint(address=address, port=port)
        if (found.get("path") or "").strip("/") or found.get("rest"):
            raise self._refusal("has something behind the port: only a server of its own is asked, no path", endpoint)
        return self._place(endpoint)

    def _place(self, endpoint: Endpoint) -> Place:
        if not self._notes:
            return Place(endpoint=endpoint)
        note = f"{self._source}={self._shown} is read as {endpoint}: {'; '.join(self._notes)}"
        plain = replace(endpoint, port=OLLAMA_PORT) if self._usual_is_meant else endpoint
        return Place(
            endpoint=endpoint,
            note=note,
            fix=here().set_variables({VARIABLE: f"http://{plain}"}) if self._source == VARIABLE else "",
        )

    def _check_scheme(self, scheme: str | None) -> None:
        if scheme is None or scheme.lower() == "http":
            return
        if scheme.lower() == "https":
            raise self._refusal(
                "asks for https (port 443 where none is named): only http is spoken with a server on this machine, "
                "and Ollama itself speaks no other",
                self._loopback_of_text(),
            )
        raise self._refusal(f"begins with {scheme}://: only http is spoken with a server on this machine")

    def _check_brackets(self) -> None:
        both = _LOOPBACK_AND_PORT.fullmatch(self._text)
        if both and 0 < int(both["port"]) <= HIGHEST_PORT:
            meant = Endpoint(address="::1", port=int(both["port"]))
            raise self._refusal("needs brackets around the address, for a port follows it", meant)

    def _port(self, written: str | None, scheme: str | None) -> int:
        if not written:
            if scheme == "http":
                self._usual_is_meant = True
                self._notes.append(f"http:// without a port is port {HTTP_PORT} for Ollama, not {OLLAMA_PORT}")
            # In capitals it is another scheme for them, for which they know no port.
            return HTTP_PORT if scheme == "http" else OLLAMA_PORT
        digits = written.lstrip("0") or "0"
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(HIGHEST_PORT)) else -1
        if not 0 < number <= HIGHEST_PORT:
            raise self._refusal(f"names no port: {written[:20]!r} is none from 1 to {HIGHEST_PORT}")
        return number

    def _address(self, six: str | None, host: str | None, port: int) -> str:
        name = host or "" if six is None else six
        if not name:
            without = "://" in self._text and not re.match(r"http://:\d", self._text, flags=re.ASCII | re.IGNORECASE)
            if six is not None or without or self._text.startswith("/"):
                raise self._refusal("names no host")
            return OLLAMA.address  # `:8080`
        if six is None and name.lower() in ("localhost", "localhost."):
            return OLLAMA.address
        at = Endpoint(address=OLLAMA.address, port=port)
        address = _literal(name, six=six is not None)
        if address is None and six is not None:
            raise self._refusal("is not the address of a server", at)
        if address is None:
            said = f"names {_cut(repr(name))}, which is not a loopback address; a name would have to be looked up"
            raise self._refusal(said, at)
        if address.is_unspecified:
            loopback = "::1" if address.version == 6 else "127.0.0.1"  # noqa: PLR2004 - the IP version
            self._notes.append(f"{address} is an address to listen on, not one to connect to: using {loopback}")
            return loopback
        if not address.is_loopback:
            raise self._refusal("is not on this machine: only loopback addresses are used", at)
        if "%" in name:
            self._notes.append("a loopback address needs no zone")
        return str(address)

    def _loopback_of_text(self) -> Endpoint:
        """Return what may have been meant, going by the end of the text alone."""
        port = re.search(r":(\d{2,5})/*$", self._text, flags=re.ASCII)
        number = int(port[1]) if port else OLLAMA_PORT
        return Endpoint(address=OLLAMA.address, port=number if 0 < number <= HIGHEST_PORT else OLLAMA_PORT)

    def _refusal(self, what: str, meant: Endpoint = OLLAMA) -> UsageError:
        instead = f"http://{meant}" if meant != OLLAMA else DEFAULT_OLLAMA_HOST
        if self._source == OPTION:
            return UsageError(f"{OPTION} {self._shown} {what}", hint=f"{OPTION} {instead}")
        set_so = here().set_variables({VARIABLE: instead})
        hint = f"{set_so}; or, this time: the same command with {OPTION} {instead}"
        return UsageError(f"{VARIABLE}={self._shown} {what}", hint=hint)


def _literal(name: str, *, six: bool) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the address that `name` is, without its zone; None where it is none of the kind.

    An IPv4 address in one of IPv6 is what it stands for: of it each version of Python says something else.
    """
    literal, percent, zone = name.partition("%") if six else (name, "", "")
    try:
        address = ipaddress.IPv6Address(literal) if six else ipaddress.ip_address(literal)
    except ValueError:
        return None
    if percent and not zone:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def _cut(shown: str) -> str:
    """Return what is shown of a text in quotes; somebody may have put a whole file into a variable."""
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}…{shown[-1]}"


def _without_secrets(text: str) -> str:
    """Return the text to show, quoted, without what may be a password or a key."""
    scheme, separator, rest = text.rpartition("://") if "@" not in text else _around_user(text)
    return repr(f"{scheme}{separator}{re.sub('[?#].*', '?…', rest, flags=re.DOTALL)}")


def _around_user(text: str) -> tuple[str, str, str]:
    before, _, host = text.rpartition("@")
    scheme, separator, _ = before.partition("://")
    return (scheme, separator, f"…@{host}") if separator else ("", "", f"…@{host}")
