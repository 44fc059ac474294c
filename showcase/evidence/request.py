"""What a sealed command asked of the sink."""

from __future__ import annotations

from dataclasses import dataclass

from showcase.evidence.fact import Fact

UNTRUSTED = "it did not trust this run's certificate: no more than the name can be shown"
"""What `trusted` means where it is false."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Fact):
    """The first thing that was said on connections to a name, which led to a listener of ours.

    `protocol` is `tls`, `http`, `other` or `silent`; `host` the SNI or the Host header; `method` and `path` are those
    of a request in the clear, without what stands behind the question mark.

    Where the sink was to reveal, `trusted` says of TLS whether the command took this run's certificate, and the whole
    path, `headers` and `body` are there; authorization, cookies and keys were taken out before they were written.
    """

    name: str
    address: str
    port: int
    protocol: str
    host: str | None
    alpn: tuple[str, ...] = ()
    method: str | None = None
    path: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    trusted: bool | None = None
    first_seen_s: float
    count: int

    def __str__(self) -> str:
        """Return what was said, in one line."""
        if self.method == "CONNECT":  # its target is no path
            return f"CONNECT {self.path or ''}"
        if self.method is not None:
            path = self.path or ""
            scheme, slash = "https" if self.protocol == "tls" else "http", "" if path.startswith("/") else "/"
            return f"{self.method} {scheme}://{self.host or self.name}{slash}{path}"
        if self.protocol == "tls":
            return f"TLS for {self.host or 'no name'}" + (f" ({', '.join(self.alpn)})" if self.alpn else "")
        return "nothing" if self.protocol == "silent" else "something that is neither TLS nor HTTP"
