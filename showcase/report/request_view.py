"""What a command said to the sink: whom it would have asked for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.claims.destinations import alike
from showcase.claims.reading import told_s
from showcase.evidence import UNTRUSTED
from showcase.report.text import counted

if TYPE_CHECKING:
    from showcase.evidence import Request, Run

SHOWN_REQUESTS = 100


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as the page shows it. `body` is empty where none was revealed."""

    said: str
    where: str
    times: str
    first_s: float
    remark: str
    headers: tuple[str, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Requests:
    """All of them. `left_off` are in the log alone."""

    shown: tuple[RequestView, ...]
    left_off: int
    revealed: bool


def requests(run: Run) -> Requests | None:
    """Return what was said to the sink, None where there was no sink."""
    if run.command is None or run.command.sealing != "sink":
        return None
    ordered = alike(sorted(run.requests, key=lambda request: request.first_seen_s))
    return Requests(
        shown=tuple(_view(request, run) for request in ordered[:SHOWN_REQUESTS]),
        left_off=max(0, len(ordered) - SHOWN_REQUESTS),
        revealed=any(request.headers or request.body is not None for request in ordered),
    )


def _view(request: Request, run: Run) -> RequestView:
    return RequestView(
        said=str(request),
        where=f"{request.name}, port {request.port}",
        times=counted(request.count, "time"),
        first_s=told_s(run, request.first_seen_s),
        remark=UNTRUSTED if request.trusted is False else "",
        headers=tuple(f"{name}: {value}" for name, value in request.headers),
        body=request.body or "",
    )
