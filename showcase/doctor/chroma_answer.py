"""What a server says that is asked whether it is a Chroma, and which of the two.

Both answer `/api/v2/heartbeat`. The title of `/openapi.json` is `chroma-frontend` from the server in Rust, which
`chroma run` starts, and `Chroma` from the one in Python (`chromadb.app`), as run with 1.5.9. The first says version
1.0.0 whatever its release is, the second its own.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import httpx

Kind = Literal["python", "rust", "unknown"]

WHOLE_S = 2.0
SIZE_BYTES = 4 * 1024 * 1024
_TITLES: dict[str, Kind] = {"Chroma": "python", "chroma-frontend": "rust"}
_LONGEST_VERSION = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A Chroma server.

    Attributes:
        address: Where it was asked.
        port: Likewise.
        kind: Which of Chroma's servers it is.
        version: What it says of itself, of the Python one its release; empty where it says nothing.
    """

    address: str
    port: int
    kind: Kind = "unknown"
    version: str = ""


def ask(address: str, port: int) -> Answer | None:
    """Return what answers there as a Chroma; None where nobody does, or not within `WHOLE_S`.

    Args:
        address: A loopback address.
        port: A port of this machine.
    """
    import httpx  # noqa: PLC0415 - heavy

    from showcase.engines.answers import EndlessAnswerError, Limits, bounded_client  # noqa: PLC0415 - with it

    host = f"[{address}]" if ":" in address else address
    limits = Limits(whole_s=WHOLE_S, size_bytes=SIZE_BYTES)
    with bounded_client(limits, base_url=f"http://{host}:{port}", timeout=WHOLE_S) as client:
        try:
            beat = _document(client.get("/api/v2/heartbeat"))
            if not isinstance(beat, dict) or "nanosecond heartbeat" not in beat:
                return None
            version = _document(client.get("/api/v2/version"))
            described = client.get("/openapi.json")
        except (httpx.HTTPError, EndlessAnswerError):
            return None
    schema = _document(described)
    info = schema.get("info") if isinstance(schema, dict) else None
    kind = _TITLES.get(str(info.get("title")) if isinstance(info, dict) else "", "unknown")
    if kind == "unknown" and described.headers.get("server", "").startswith("uvicorn"):
        kind = "python"
    said = version[:_LONGEST_VERSION] if isinstance(version, str) else ""
    return Answer(address=address, port=port, kind=kind, version=said)


def _document(response: httpx.Response) -> Any:  # noqa: ANN401 - whatever a stranger sends
    if response.status_code != 200:  # noqa: PLR2004 - OK
        return None
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError):
        return None
