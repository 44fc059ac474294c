"""Progress as plain lines on stderr, and the summary at the end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import click

from showcase.cli import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from showcase.evidence import Verdict
    from showcase.orchestrator import Outcome

MARKS = {"upheld": "✓ upheld      ", "broken": "✗ broken      ", "inconclusive": "? inconclusive"}


class PlainProgress:
    """One line for each thing that happened; stable, and safe in any terminal or file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def note(self, text: str) -> None:
        """Print a note."""
        self._print(text)

    def event(self, role: str, event: Mapping[str, Any]) -> None:
        """Print what is worth a line."""
        text = _line(event)
        if text is not None and role != "witness control":
            self._print(f"{role:<23} {text}")

    def _print(self, text: str) -> None:
        with self._lock:
            click.echo(printable(text), err=True)


def _line(event: Mapping[str, Any]) -> str | None:
    rows = event.get("rows") or []
    match event.get("event"):
        case "spawned":
            return f"started as pid {event.get('pid')}"
        case "planted":
            return "planted " + "; ".join(f"“{row['text']}”" for row in rows) if rows else "planted nothing"
        case "searched":
            found = ", ".join(f"{row['cosine']:.2f} “{row['text']}”" for row in rows)
            return f"recalled {len(rows)}: {found}" if rows else "recalled nothing"
        case "listed":
            return f"listed {len(rows)}"
        case "asked":
            return f"asked “{event.get('question')}”"
        case "replied":
            return f"was told “{event.get('reply', {}).get('text', '')}”"
        case "fault":
            return f"failed: {event.get('kind')}: {event.get('message')}"
        case _:
            return None


def verdict_lines(verdicts: tuple[Verdict, ...]) -> list[str]:
    """Return one line for each claim."""
    return [
        f"{MARKS[verdict.status]}  {verdict.id:<12}  {verdict.level or '-':<13}  {printable(verdict.reason)}"
        for verdict in verdicts
    ]


def summary(outcome: Outcome, *, shown: str) -> list[str]:
    """Return what is said at the end: claims, paths, digest, and what to do next."""
    engine = outcome.run.engine
    lines = [""]
    if engine is not None:
        kind = "Ollama" if engine.kind == "ollama" else "the rehearsal engine (no language model)"
        lines.append(f"Engine: {kind}, {engine.chat_model.name} and {engine.embed_model.name} at {engine.endpoint}")
    if outcome.run.interrupted:
        lines.append(f"Interrupted: {outcome.run.interrupted}; the log holds what was seen until then.")
    lines += verdict_lines(outcome.run.claims)
    lines += ["", f"Report:  {shown}/{outcome.report.name}", f"Run log: {shown}/{outcome.run_log.name}"]
    lines.append(f"SHA-256: {outcome.sha256}")
    lines += [f"Kept:    {shown}/{path.name}" for path in outcome.earlier]
    lines.append(f"Next:    showcase verify {shown}/{outcome.run_log.name}")
    return lines
