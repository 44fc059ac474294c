"""The command of an audit, what it was allowed, and what it said to the sink."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_S, PORTS, in_order, is_count, is_exit_code, is_pid, told, twice
from showcase.claims.numbers import is_lookup
from showcase.claims.policy import UNIX
from showcase.evidence.addresses import numeric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Command, Request, Rule, Run

SINK = ipaddress.ip_network("198.18.0.0/15")
"""Where names lead to in a sink: RFC 2544, never routed."""

PROTOCOLS = frozenset({"tls", "http", "other", "silent"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""A method of HTTP: RFC 9110, section 5.6.2."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    for rule in run.policy.rules:
        yield from _rule(rule)
    if twice(run.requests) is not None:
        yield "the same thing was said to the sink twice, and not counted"
    for request in run.requests:
        yield from _request(request, run)
    if run.command is None:
        return
    yield from _process(run.command, run)
    yield from _ending(run.command, run)
    yield from _sealing(run.command, run)
    yield from _bridges(run.command, run)


def _rule(rule: Rule) -> Iterator[str]:
    if rule.host.startswith(UNIX):
        if rule.port is not None or not rule.host.removeprefix(UNIX).startswith(("/", "@")):
            yield f"a rule allows {rule.host!r}, which is no Unix socket"
        return
    if not rule.host or rule.host != rule.host.lower() or " " in rule.host:
        yield f"a rule allows {rule.host!r}, which is no name, address or network"
    if rule.port is not None and (rule.port not in PORTS or rule.port == 0):
        yield f"a rule allows the port {rule.port}, which there is not"
    if rule.addresses and (rule.host == "*" or _is_network(rule.host)):
        yield f"a rule allows {rule.host}, which led nowhere, and has addresses"
    if any(numeric(address) is None for address in rule.addresses):
        yield f"the name {rule.host} of a rule led to what is no address"
    if twice(rule.addresses) is not None:
        yield f"the name {rule.host} of a rule led to an address twice"


def _is_network(host: str) -> bool:
    try:
        ipaddress.ip_network(host)
    except ValueError:
        return False
    return True


def _process(command: Command, run: Run) -> Iterator[str]:
    if not command.arguments:
        yield "the command has no name"
    if not is_pid(command.pid):
        yield f"the command has the process number {command.pid}, which there is not"
    if command.pid is None and command.exit_code is not None:
        yield "the command ended, and nobody knows which process it was"
    if not is_exit_code(command.exit_code):
        yield f"the command ended with the status {command.exit_code}, which there is not"
    ended = () if command.ended_s is None else (command.ended_s,)
    if not in_order(0.0, command.started_s, *ended, run.duration_s):
        yield "the moments of the command are not in the order of time"
    first = next((each.started_s for each in run.witnesses if each.name == "sockets" and each.active), None)
    if first is not None and not first <= command.started_s:
        yield "the command began before anybody looked"


def _ending(command: Command, run: Run) -> Iterator[str]:
    limit_s = command.limit_s
    if limit_s is not None and not 0.0 < limit_s < float("inf"):
        yield f"the command was given {told(limit_s)} s"
    if command.ended_by == "duration" and limit_s is None:
        yield "the command ended when its time was up, and was given no time"
    elif command.ended_by == "duration" and not (command.ended_s or MOST_S) - command.started_s >= (limit_s or 0.0):
        yield "the command ended when its time was up, and its time was not up"
    if command.ended_by == "interruption" and run.interrupted is None:
        yield "the command ended when the audit was stopped, and nobody stopped it"
    if command.ended_by == "itself" and run.interrupted is not None:
        yield "the command ended by itself, and the audit was stopped"


def _sealing(command: Command, run: Run) -> Iterator[str]:
    sealed = any(report.name == "seal" for report in run.witnesses)
    if sealed is (command.sealing == "none"):
        yield f"the command ran in {command.sealing!r}, and the witness seal {'testifies' if sealed else 'is missing'}"
    if run.requests and command.sealing != "sink":
        yield f"something was said to a sink, and the command ran in {command.sealing!r}"
    if command.bridges and command.sealing == "none":
        yield "bridges lead out of a seal that there was not"


def _bridges(command: Command, run: Run) -> Iterator[str]:
    loopback = {rule.port for rule in run.policy.rules if rule.port is not None and _is_loopback(rule)}
    strange = next((port for port in command.bridges if port not in loopback), None)
    if strange is not None:
        yield f"a bridge leads to port {strange}, which no rule allows"
    if list(command.bridges) != sorted(set(command.bridges)):
        yield "the bridges are not in their order, each once"
    led_out = [row.port for row in run.connections if (row.outcome or "").startswith("bridged")]
    strange = next((port for port in led_out if port not in command.bridges), None)
    if strange is not None:
        yield f"something was bridged to port {strange}, and no bridge led there"


def _is_loopback(rule: Rule) -> bool:
    return any(text == "*" or text.startswith("127.") or text == "::1" for text in (rule.host, *rule.addresses))


def _request(request: Request, run: Run) -> Iterator[str]:
    what = f"what was said to {request.name or 'a name'}"
    address = numeric(request.address)
    if address is None or address not in SINK or request.port not in PORTS:
        yield f"{what} led to {request.address}:{request.port}, where the sink is not"
    if request.protocol not in PROTOCOLS:
        yield f"{what} was {request.protocol!r}, which nobody can read"
    if not request.name:
        yield "something was said to the sink by no name"
    if not in_order(0.0, request.first_seen_s, run.duration_s) or not is_count(request.count - 1, run):
        yield f"{what} was said {request.count} times, first after {told(request.first_seen_s)} s"
    yield from _said(request, what)
    went = [
        row.first_seen_s
        for row in run.connections
        if row.kind == "connect" and row.port == request.port and numeric(row.address) == address
    ]
    if not went or not min(went) <= request.first_seen_s:
        yield f"{what}, and nobody had been seen to connect to it"
    asked = {(row.name or "").lower().rstrip(".") for row in run.connections if is_lookup(row)}
    if request.name.lower().rstrip(".") not in asked:
        yield f"{what}, and nobody was seen to ask for that name"


def _said(request: Request, what: str) -> Iterator[str]:
    if request.protocol in ("silent", "other") and (request.host or request.alpn or request.method):
        yield f"{what} was {request.protocol}, and was read"
    if request.protocol == "http" and not request.method:
        yield f"{what} was HTTP without a method"
    if request.protocol != "tls" and (request.alpn or request.trusted is not None):
        yield f"{what} was no TLS, and had its protocols or its trust"
    inside = request.method is not None
    if not inside and (request.path is not None or request.headers or request.body is not None):
        yield f"{what} had a path, headers or a body, and no method"
    if request.protocol == "tls" and inside and request.trusted is not True:
        yield f"{what} was read, and did not trust who read it"
    if request.body == "" or (inside and (not _TOKEN.fullmatch(request.method or "") or request.path is None)):
        yield f"{what} had a method, a path or a body that is none"
