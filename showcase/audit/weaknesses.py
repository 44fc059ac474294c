"""What in a command's environment weakens its audit. It is kept as it is, and named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_KNOWN = {
    "CHROMA_OTEL_COLLECTION_ENDPOINT": "chromadb sends traces there",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "OpenTelemetry sends traces there",
    "LD_PRELOAD": "another library is loaded into every program",
    "RES_OPTIONS": "names may be looked up in another way",
    "HOSTALIASES": "names may stand for others",
    "SSLKEYLOGFILE": "session keys are written to a file",
}


def weaknesses(environment: Mapping[str, str], *, led_out: bool = True) -> tuple[str, ...]:
    """Return a sentence for each variable through which an allowed destination may stand for another.

    Args:
        environment: The command's own.
        led_out: Whether anything leads out of where it runs; a proxy that cannot be reached passes nothing on.
    """
    found = []
    for name, value in sorted(environment.items()):
        if not value:
            continue
        if name.upper() in _PROXIES:
            if led_out:
                found.append(f"{name} is set: what goes to the proxy is passed on to where this program does not see")
        elif name.upper() in _KNOWN:
            found.append(f"{name} is set: {_KNOWN[name.upper()]}")
    return tuple(found)
