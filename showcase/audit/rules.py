"""What an audit allows: `HOST[:PORT]` or `unix:PATH`, read and, where it is a name, looked up."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from showcase.claims.policy import UNIX
from showcase.errors import UsageError
from showcase.evidence import Rule
from showcase.settings import OLLAMA_PORT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT = (
    Rule(host="127.0.0.1", port=OLLAMA_PORT),
    Rule(host="::1", port=OLLAMA_PORT),
)
"""The local Ollama port alone; clients that are told `localhost` try both addresses."""

_BRACKETED = re.compile(r"\[(?P<host>[^\]]+)\](?::(?P<port>\d+|\*))?")
_PLAIN = re.compile(r"(?P<host>[^:\[\]]+)(?::(?P<port>\d+|\*))?")
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")
_HINT = (
    "--allow HOST[:PORT] or unix:PATH, as in --allow 127.0.0.1:11434 --allow example.org:443 --allow 10.0.0.0/8:* "
    "--allow unix:/run/user/1000/bus"
)


def parse(text: str) -> Rule:
    """Return the rule that `text` states.

    Raises:
        UsageError: It is no name, address, network, `*` or Unix socket, or the port is no port.
    """
    if text.strip().startswith(UNIX):
        return _unix(text.strip().removeprefix(UNIX))
    given = _lower(text.strip())
    found = _BRACKETED.fullmatch(given) or _PLAIN.fullmatch(given)
    host, port = (given, None) if found is None else (found["host"], found["port"])
    if port == "*":
        port = None
    if port is not None and not 0 < int(port) < 65536:  # noqa: PLR2004 - the range of a port
        raise UsageError(f"{text!r}: {port} is no port", hint=_HINT)
    if host != "*" and not _is_network(host) and (_NAME.fullmatch(host) is None or _looks_like_a_number(host)):
        raise UsageError(f"{text!r} is no name, address, network or *", hint=_HINT)
    return Rule(host=host.rstrip("."), port=None if port is None else int(port))


def _unix(name: str) -> Rule:
    if not name.startswith(("/", "@")) or len(name) < 2 or not name.isprintable():  # noqa: PLR2004 - and a name
        raise UsageError(
            f"unix:{name} names no Unix socket",
            hint="give its whole path, as in --allow unix:/run/user/1000/bus, or @NAME for an abstract one",
        )
    return Rule(host=f"{UNIX}{name}")


def unix_sockets(rules: Iterable[Rule]) -> tuple[str, ...]:
    """Return the Unix sockets that are allowed: paths, and abstract names with `@` in front."""
    return tuple(rule.host.removeprefix(UNIX) for rule in rules if rule.host.startswith(UNIX))


def spelled(rules: Iterable[Rule], records: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Return the rules with the other paths by which the sockets were reached that they allow.

    Args:
        rules: What is allowed.
        records: What the command's supervisor wrote down.
    """
    ways: dict[str, set[str]] = defaultdict(set)
    for record in records:
        if record.get("allowed") is not None:
            ways[f"{UNIX}{record['allowed']}"].add(str(record["name"]))
    return tuple(
        replace(rule, addresses=tuple(sorted(ways[rule.host] - {rule.host.removeprefix(UNIX)})))
        if rule.host in ways
        else rule
        for rule in rules
    )


def _lower(text: str) -> str:
    """Return it in small letters, but for the zone of an address: interfaces may differ in nothing else."""
    address, percent, rest = text.partition("%")
    zone, bracket, port = rest.partition("]")
    return address.lower() + percent + zone + bracket + port.lower()


def _is_network(host: str) -> bool:
    """Return whether this is an address, with a zone or without, or a network."""
    try:
        ipaddress.ip_network(host)
    except ValueError:
        return False
    return True


def _looks_like_a_number(host: str) -> bool:
    """Tell a mistyped address, like 127.0.0.256, from a name: a top-level domain is never a number."""
    return host.rstrip(".").rpartition(".")[2].isdigit()


def resolved(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """Return the rules with the addresses that their names lead to now, beside those that they had.

    Only names that are allowed are looked up, and only here: this is the one thing that an audit itself asks of
    the network.
    """
    return tuple(_resolved(rule) for rule in rules)


def _resolved(rule: Rule) -> Rule:
    if rule.host == "*" or rule.host.startswith(UNIX) or _is_network(rule.host):
        return rule
    try:
        found = {str(row[4][0]).partition("%")[0] for row in socket.getaddrinfo(rule.host, None)}
    except OSError:
        found = set()
    return replace(rule, addresses=tuple(sorted(found | set(rule.addresses))))


def bridgeable(rules: Iterable[Rule]) -> tuple[int, ...]:
    """Return the allowed loopback ports where something answers now."""
    ports = {rule.port for rule in rules if rule.port is not None and _is_loopback(rule)}
    return tuple(sorted(port for port in ports if _answers(port)))


def _is_loopback(rule: Rule) -> bool:
    return any(text == "*" or text.startswith("127.") or text == "::1" for text in (rule.host, *rule.addresses))


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
