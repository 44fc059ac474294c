"""Who may call: the hosts and origins that Ollama accepts on loopback, and what it tells a browser."""

from __future__ import annotations

import ipaddress
import re
import socket

_ORIGIN = re.compile(
    r"https?://(localhost|127\.0\.0\.1|0\.0\.0\.0)(:.*)?|(app|file|tauri|vscode-webview|vscode-file)://.*"
)
_LOCAL_ENDINGS = (".localhost", ".local", ".internal")
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_WITH_PORT = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*)):[^:\[\]]*")

_STAINLESS = (
    *("Arch", "Async", "Custom-Poll-Interval", "Helper-Method", "Lang", "Os", "Package-Version"),
    *("Poll-Helper", "Retry-Count", "Runtime", "Runtime-Version", "Timeout"),
)
PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS",
    "Access-Control-Allow-Headers": ",".join(
        (
            *("Authorization", "Content-Type", "User-Agent", "Accept", "X-Requested-With", "Openai-Beta"),
            *(f"X-Stainless-{name}" for name in _STAINLESS),
        )
    ),
    "Access-Control-Max-Age": "43200",
    "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
}
"""Headers of the answer to a browser that asks first, without the origin itself."""


def allowed_host(given: str) -> bool:
    """Whether a Host header names this machine or its network.

    A name that anybody can point at 127.0.0.1 would let a web page speak to us (DNS rebinding). Ollama also accepts
    the addresses of the machine's interfaces; nothing but loopback reaches this engine.
    """
    match = _WITH_PORT.fullmatch(given)
    host = (match[1] or match[2] or "" if match else given).lower()
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host in {"", "localhost", socket.gethostname().lower()} or host.endswith(_LOCAL_ENDINGS)
    return address.is_loopback or address.is_unspecified or any(address in network for network in _PRIVATE)


def same_origin(origin: str, host: str) -> bool:
    """Whether a page came from this very address, so that no other rule applies to it."""
    return origin in {f"http://{host}", f"https://{host}"}


def allowed_origin(origin: str) -> bool:
    """Whether a page of that origin may read what we answer."""
    return bool(_ORIGIN.fullmatch(origin))
