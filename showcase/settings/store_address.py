"""A store that is named by a URL instead of a directory: which engine, where, and whether its rows leave this machine.

No name is looked up here: `localhost` is 127.0.0.1, every other name is somewhere else until it is allowed. A password
never stands in a URL: whoever lists the processes of a machine reads it there.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from showcase.errors import UsageError
from showcase.evidence import Endpoint
from showcase.settings.shown_url import SECRETS, shown

StoreKind = Literal["chroma", "postgresql", "qdrant", "milvus", "redis"]

COLLECTION = "mem0"
"""mem0's own default for the name of its collection, table or index."""

OF_A_RUN = "showcase_run"
"""The collection that a run has on an engine with a URL where none is named: one that it may empty."""

ALLOW = "--allow-store"
EXAMPLES = "a directory, chroma://HOST:8000, postgresql://USER@HOST:5432/DATABASE, qdrant://HOST:6333, qdrant:DIR, "
EXAMPLES += "milvus:DIR, redis://HOST:6379"

_SCHEMES: dict[str, tuple[StoreKind, bool]] = {
    "chroma": ("chroma", False),
    "chroma+http": ("chroma", False),
    "chroma+https": ("chroma", True),
    "postgresql": ("postgresql", False),
    "postgres": ("postgresql", False),
    "qdrant": ("qdrant", False),
    "qdrant+http": ("qdrant", False),
    "qdrant+https": ("qdrant", True),
    "milvus": ("milvus", False),
    "redis": ("redis", False),
    "rediss": ("redis", True),
}
_PORTS: dict[StoreKind, int] = {"chroma": 8000, "postgresql": 5432, "qdrant": 6333, "redis": 6379}
_EMBEDDED: frozenset[StoreKind] = frozenset({"qdrant", "milvus"})
"""Engines that also run inside of the process that opens them, on a path."""

_SSLMODES = ("disable", "require", "verify-ca", "verify-full")
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]+):(?P<rest>.*)", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,62}")
"""What every engine takes for the name of a collection: a table of PostgreSQL has 63 bytes at most, a collection of
Chroma three at least."""

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")
_SPACE = 0x20
_NAMES_OF_THIS_MACHINE = ("localhost", "localhost.")
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreAddress:
    """Where a store is that has a URL.

    Attributes:
        kind: Which engine.
        host: A name or a numeric address; empty for an engine that runs inside of the process that opens it.
        port: Its port; 0 likewise.
        tls: Whether it is spoken to over TLS.
        user: As whom, where the engine knows users.
        database: The database, with its tenant before it where there are tenants (`TENANT/DATABASE`); may be empty.
        path: Where an embedded engine keeps its files, None for a server.
        collection: Name of the collection, table or index that holds the memories.
        sslmode: As libpq reads it; PostgreSQL alone.
    """

    kind: StoreKind
    host: str = ""
    port: int = 0
    tls: bool = False
    user: str = ""
    database: str = ""
    path: Path | None = None
    collection: str = COLLECTION
    sslmode: str = ""

    @property
    def endpoint(self) -> Endpoint | None:
        """The numeric address and the port; None for a name that somebody would have to look up, or for a path."""
        address = _literal(self.host)
        return None if address is None else Endpoint(address=str(address), port=self.port)

    @property
    def is_here(self) -> bool:
        """Whether rows stay on this machine as far as the address tells: a path, or a loopback address."""
        address = _literal(self.host)
        return self.path is not None or (address is not None and address.is_loopback)

    @property
    def where(self) -> str:
        """What a reader is told of the place: HOST:PORT, or the path."""
        if self.path is not None:
            return str(self.path)
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that differ with anything of the address but how it is spoken to."""
        told = repr((self.kind, self.host, self.port, self.database, str(self.path), self.collection))
        return hashlib.sha256(told.encode(errors="surrogatepass")).hexdigest()[:16]

    def of_collection(self, name: str) -> StoreAddress:
        """Return the address of another collection of the same engine."""
        return replace(self, collection=name)

    def __str__(self) -> str:
        return self.url()

    def url(self, usual: str = COLLECTION) -> str:
        """Return the URL, which `parse` reads as the same address; `usual` is the collection that needs no name."""
        asked = {} if self.collection == usual else {"collection": self.collection}
        if self.path is not None:
            head = f"{self.kind}:{self.path}"
        else:
            by = {"chroma": "chroma+https", "qdrant": "qdrant+https", "redis": "rediss"}
            scheme = by.get(self.kind, self.kind) if self.tls else self.kind
            user = f"{quote(self.user, safe='')}@" if self.user else ""
            database = f"/{quote(self.database)}" if self.database else ""
            head = f"{scheme}://{user}{self.where}{database}"
            if self.kind == "postgresql" and self.sslmode != _usual_sslmode(is_here=self.is_here):
                asked["sslmode"] = self.sslmode
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items())
        return f"{head}?{query}" if query else head


def parse(text: str, *, collection: str = COLLECTION) -> StoreAddress | None:
    """Return the address that a URL names, None where the text is the path of a directory.

    Args:
        text: What was typed.
        collection: That which is meant where the URL names none.

    Raises:
        UsageError: It is a URL of none of the engines, carries a password, or lacks a part.
    """
    match = _SCHEME.fullmatch(text)
    if match is None:
        if text != text.strip():
            inside = parse(text.strip())
            if inside is not None and inside.path is None:
                _check_characters(text, text, spaces=False)
        return None
    scheme, rest = match["scheme"].lower(), match["rest"]
    if scheme not in _SCHEMES:
        if rest.startswith("//"):
            raise UsageError(f"{shown(text)} is no store that is known here", hint=f"--store takes {EXAMPLES}")
        return None
    kind, tls = _SCHEMES[scheme]
    if rest.startswith("//"):
        _check_characters(rest, text, spaces=False)
        found = _server(kind, text, tls=tls)
    else:
        found = _embedded(kind, scheme, rest, text)
    return replace(found, collection=found.collection or collection)


def _check_characters(part: str, text: str, *, spaces: bool) -> None:
    """Refuse what a URL cannot hold: libraries drop a line's end in silence, or send it as it is."""
    if any(ord(each) < _SPACE + (not spaces) or not (each == " " or each.isprintable()) for each in part):
        raise UsageError(
            f"{shown(text)} has a space, or a character that cannot be seen, which no URL holds",
            hint="leave it out; in the name of a user or a database it is written %20, as other bytes are",
        )


def _embedded(kind: StoreKind, scheme: str, rest: str, text: str) -> StoreAddress:
    path, _, query = rest.partition("?")
    if kind not in _EMBEDDED or scheme != kind:
        raise UsageError(
            f"{shown(text)} names no host",
            hint=f"--store {scheme}://127.0.0.1:{_PORTS.get(kind, 0)}; or, where it is a directory: put ./ before it",
        )
    if not path or "://" in path:
        raise UsageError(f"{shown(text)} names no path", hint=f"--store {kind}:DIR")
    _check_characters(path, text, spaces=True)
    asked = _asked(query, text, ("collection",))
    return StoreAddress(kind=kind, path=Path(path), collection=asked.get("collection", ""))


def _server(kind: StoreKind, text: str, *, tls: bool) -> StoreAddress:
    if kind == "milvus":
        raise UsageError(
            f"{shown(text)} is a Milvus server: only Milvus Lite is known here, which keeps its rows below a path",
            hint="--store milvus:DIR; or use a server of another engine, such as postgresql://",
        )
    parts, host, port, user = _parts(kind, text)
    asked = _asked(parts.query, text, ("collection", "sslmode") if kind == "postgresql" else ("collection",))
    database, user = _unquoted(parts.path.strip("/"), text), _unquoted(user, text)
    if kind == "qdrant" and database:
        raise UsageError(f"{shown(text)} has a path, and a Qdrant server has no databases", hint="leave it out")
    if kind == "redis" and database not in ("", "0"):
        raise UsageError(f"{shown(text)}: Redis searches in database 0 alone", hint="leave the database out")
    host = "127.0.0.1" if host.lower() in _NAMES_OF_THIS_MACHINE else host.lower().rstrip(".")
    address = StoreAddress(
        kind=kind,
        host=host,
        port=_PORTS[kind] if port is None else port,
        tls=tls,
        user=user,
        database="" if kind == "redis" else database,
        collection=asked.get("collection", ""),
    )
    if kind != "postgresql":
        return address
    sslmode = asked.get("sslmode", _usual_sslmode(is_here=address.is_here))
    if sslmode not in _SSLMODES:
        raise UsageError(
            f"{shown(text)}: sslmode={sslmode[:40]} leaves open whether it is TLS",
            hint=f"one of {', '.join(_SSLMODES)}",
        )
    return replace(address, sslmode=sslmode, tls=sslmode != "disable")


def _usual_sslmode(*, is_here: bool) -> str:
    """Return the mode in force where none is named: beyond this machine, one that knows whom it speaks to."""
    return "disable" if is_here else "verify-full"


def _parts(kind: StoreKind, text: str) -> tuple[SplitResult, str, int | None, str]:
    """Return the parts of a server's URL, with its host, port and user."""
    secret = False
    try:
        parts = urlsplit(text)
        secret = parts.password is not None or (kind in ("chroma", "qdrant") and bool(parts.username))
        host, port, user = parts.hostname or "", parts.port, parts.username or ""
    except ValueError:  # its words repeat the text, a password too
        parts, host, port, user = urlsplit(f"{kind}://"), "", None, ""
    # A password with / or # in it ends the host before its @, so that what follows is none of the user's part.
    if secret or ("@" in text and "@" not in parts.netloc) or SECRETS.search(parts.query):
        raise UsageError(
            f"{shown(text)} carries a password or key: every user of this machine reads it in the list of processes",
            hint="leave it out of the URL, and put it into SHOWCASE_STORE_SECRET, or into a file of mode 0600 that "
            "SHOWCASE_STORE_SECRET_FILE names",
        )
    if not host or (port is not None and not 0 < port <= _HIGHEST_PORT):
        what = "names no host and port" if port is None else f"names no port: {port} is none from 1 to {_HIGHEST_PORT}"
        raise UsageError(f"{shown(text)} {what}", hint=f"--store {kind}://127.0.0.1:{_PORTS[kind]}")
    if _literal(host) is None and _HOST.fullmatch(host) is None:
        raise UsageError(
            f"{shown(text)}: {host[:80]!r} is neither a name nor an address",
            hint=f"--store {kind}://127.0.0.1:{_PORTS[kind]}; an IPv6 address stands in brackets: "
            f"{kind}://[::1]:{_PORTS[kind]}",
        )
    if parts.fragment:
        raise UsageError(f"{shown(text)} has a part behind #, which means nothing here", hint="leave it out")
    return parts, host, port, user


def _unquoted(part: str, text: str) -> str:
    """Return a part of a URL with its bytes written out.

    Raises:
        UsageError: They are no text that can be seen.
    """
    try:
        plain = unquote(part, errors="strict")
    except UnicodeDecodeError:
        plain = "\0"
    if not plain.isprintable():
        raise UsageError(
            f"{shown(text)} names a user or database by bytes that are no text", hint="write %XX for UTF-8 alone"
        )
    return plain


def _asked(query: str, text: str, known: tuple[str, ...]) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    asked = dict(pairs)
    strange = sorted(asked.keys() - set(known))
    if len(pairs) > len(asked):
        raise UsageError(f"{shown(text)} asks for one thing twice", hint="leave one of them out")
    if strange:
        raise UsageError(
            f"{shown(text)} asks for {strange[0][:40]!r}, which is not known here", hint=f"known is {', '.join(known)}"
        )
    name = asked.get("collection")
    if name is not None and _NAME.fullmatch(name) is None:
        raise UsageError(
            f"{shown(text)}: {name[:80]!r} is no name of a collection",
            hint="3 to 63 letters, digits and _, the first no digit: what every engine takes",
        )
    return asked


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
