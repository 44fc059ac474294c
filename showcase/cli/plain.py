"""Progress as plain lines on stderr, and the summary at the end."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from showcase.claims import limits
from showcase.claims.reading import control, counted, listing, session
from showcase.claims.reply_use import of_session, reply_use, unused
from showcase.claims.store_server import described
from showcase.cli.step import look_around
from showcase.cli.waits import Waits
from showcase.cli.words import SHOWN, as_typed, one_line, this_program
from showcase.processes.protocol.events import (
    AddedNothing,
    Asked,
    Faulted,
    Listed,
    Planted,
    Prompted,
    Replied,
    Searched,
    Spawned,
    Unanswered,
)
from showcase.progress import Silence
from showcase.shell.advice import host_option, quoted, run_command
from showcase.shell.endings import ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from showcase.claims.reply_use import ReplyUse
    from showcase.evidence import Reply, Run, Verdict
    from showcase.orchestrator import Outcome
    from showcase.processes.protocol.events import Event
    from showcase.progress import Pause
    from showcase.settings import Settings

MARKS = {"upheld": "✓ upheld      ", "broken": "✗ broken      ", "inconclusive": "? inconclusive"}


class PlainProgress(Silence):
    """One line for each thing that happened; stable, and safe in any terminal or file."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._reader_left = False
        self._given: dict[str, Given] = {}
        self._waits = Waits(self._print)

    def note(self, text: str) -> None:
        """Print a note."""
        self._print(as_typed(text))

    def event(self, role: str, event: Event) -> None:
        """Print what is worth a line."""
        self._waits.hear(role, event)
        if role == "witness control":
            return
        # The question is asked of the memory first.
        asked = f"asked “{event.question}”" if isinstance(event, Searched) else None
        for text in (asked, _line(event)):
            if text is not None:
                self._print(f"{role:<23} {text}")
        use = self._given.setdefault(role, Given()).use(event)
        if use is not None and not is_control(role):
            self._print(f"{role:<23} the reply {use.sentence}")

    def ended(self, role: str, exit_code: int | None) -> None:
        """Print an end that is not the usual one."""
        self._waits.ended(role)
        if exit_code and role != "witness control":
            how = ending(exit_code, status="with exit status", signal="by signal")
            self._print(f"{role:<23} ended {how}")

    def pause(self, pause: Pause) -> None:
        """Print what may be tried now, and wait for Enter."""
        look_around(pause)

    def _print(self, text: str) -> None:
        with self._lock:
            if self._reader_left:
                return
            try:
                click.echo(one_line(text), err=True)
            except OSError:
                # `2>&1 | head`: nobody reads any more. The run goes on, and its log tells everything.
                self._reader_left = True


def is_control(role: str) -> bool:
    """Tell whether a process asks without memory: its reply uses none."""
    return role.startswith("control ")


@dataclass(slots=True)
class Given:
    """What one process recalled for its reply, and what it asked with."""

    searched: Searched | None = None
    asked: Asked | None = None

    def use(self, event: Event) -> ReplyUse | None:
        """Take note of an event; return what a reply has to do with what was recalled, where it is the reply."""
        match event:
            case Searched():
                self.searched = event
            case Asked():
                self.asked = event
            case Replied() if self.searched is not None and self.asked is not None:
                return reply_use(
                    [row.text for row in self.searched.rows],
                    event.reply.text,
                    question=self.asked.question,
                    prompt=[message.content for message in self.asked.messages],
                )
            case _:
                pass
        return None


def _line(event: Event) -> str | None:
    match event:
        case Spawned():
            return f"started as pid {event.pid}"
        case Planted():
            return "planted " + "; ".join(f"“{row.text}”" for row in event.rows) if event.rows else "planted nothing"
        case Searched():
            found = ", ".join(f"{row.cosine:.2f} “{row.text}”" for row in event.rows)
            return f"recalled {len(event.rows)}: {found}" if event.rows else "recalled nothing"
        case Unanswered():
            return f"got no whole reply: {event.message}"
        case Listed():
            return f"listed {len(event.rows)}"
        case Replied():
            return f"was told “{event.reply.text}”"
        case Prompted() if event.sentence:
            return event.sentence
        case AddedNothing():
            return f"stored nothing of “{event.add.text}”: {event.add.cause}: {event.add.detail}"
        case Faulted():
            return f"failed: {event.kind}: {event.message}"
        case _:
            return None


def verdict_lines(verdicts: tuple[Verdict, ...]) -> list[str]:
    """Return one line for each claim."""
    return [
        f"{MARKS[verdict.status]}  {verdict.id:<12}  {verdict.level or '-':<13}  {one_line(verdict.reason)}"
        for verdict in verdicts
    ]


def limit_lines(verdicts: Sequence[Verdict], log: PurePath | None = None) -> list[str]:
    """Return a line for each limit that is told with these verdicts, and one for how many are always so.

    Args:
        verdicts: What is told.
        log: Where they are written down, so that a command can show these limits and no others.
    """
    told: dict[str, list[str]] = {}
    for verdict in verdicts:
        for limit in limits.told(verdict):
            told.setdefault(limit, []).append(verdict.id)
    general = {limit for verdict in verdicts for limit in verdict.limits} - told.keys()
    lines = [
        f"    limit{f' of {listing(ids, limit=9)}' if len(verdicts) > 1 else ''}: {one_line(limit)}"
        for limit, ids in told.items()
    ]
    if general:
        of_log = f" {quoted(log)}" if log else ""
        lines.append(f"    {counted(len(general), 'general limit')}: {this_program()} limits{of_log}")
    return lines


def summary(outcome: Outcome, *, shown: str, settings: Settings) -> list[str]:
    """Return what is said at the end: claims, paths, digest, and what to do next."""
    engine = outcome.run.engine
    lines = [""]
    if engine is not None:
        lines.append(
            f"Engine: {engine.called}, {engine.chat_model.name} and {engine.embed_model.name} at {engine.endpoint}"
        )
    store = outcome.run.store
    if store is not None:
        lines.append(one_line(f"Store:  {described(store)}"))
    uses = [(item.number, use.sentence) for item in outcome.run.sessions if (use := of_session(item)) is not None]
    lines += [
        f"Session {number}: the reply {one_line(said)} (observed by its words, not judged)" for number, said in uses
    ]
    lines += _unused(outcome.run)
    if outcome.run.interrupted:
        lines.append(f"Interrupted: {outcome.run.interrupted}; the log holds what was seen until then.")
    lines += [*verdict_lines(outcome.run.claims), *limit_lines(outcome.run.claims, Path(shown, outcome.run_log.name))]
    lines += contrast(outcome.run)
    if outcome.run.phases:
        lines += ["", *_phases_lines(outcome.run, settings)]
    lines += ["", f"Report:  {Path(shown, outcome.report.name)}", f"Run log: {Path(shown, outcome.run_log.name)}"]
    lines += ["SHA-256 of the run log:", outcome.sha256]
    lines += [f"Kept:    {Path(shown, path.name)}" for path in outcome.earlier]
    lines.append(f"Next:    {this_program()} verify {quoted(Path(shown, outcome.run_log.name))}")
    return lines


def _unused(run: Run) -> list[str]:
    """Return that the reply uses nothing of what was recalled, and what to do for one that does."""
    second = session(run, 2)
    rehearsed = run.engine is not None and run.engine.is_rehearsal
    said = None if second is None else unused(second, rehearsed=rehearsed)
    if said is not None and second is not None and second.reply is not None and not second.reply.text.strip():
        return [f"{said} {_look_at_it(run)}".rstrip()]
    if said is None or not rehearsed:
        return [] if said is None else [said]
    model = as_typed("showcase run --engine ollama")
    return [f"{said} Ask in words nearer to the memories (--scenario), or use a language model: {model}"]


def _look_at_it(run: Run) -> str:
    """Return what to do about a model that says nothing."""
    engine = run.engine
    if engine is None or engine.started or engine.is_rehearsal:
        return ""
    check = ["showcase models check", quoted(engine.chat_model.name), *host_option(engine.endpoint)]
    return f"See what is wrong with it: {as_typed(' '.join(check))}; or take another one: --chat-model NAME"


def contrast(run: Run) -> list[str]:
    """Return the replies to the same question with memory and without, beside each other; nothing where one is missing.

    A reply to which nothing was recalled is none with memory.
    """
    second, empty = session(run, 2), control(run, "empty-store")
    if second is None or empty is None or second.reply is None or empty.reply is None or not second.recalled:
        return []
    if second.question != empty.question or empty.recalled != ():
        return []
    return [
        "",
        f"The same question, {one_line(f'“{second.question}”', SHOWN)}",
        f"with memory:     {_said(second.reply)}",
        f"without memory:  {_said(empty.reply)}",
    ]


def _said(reply: Reply) -> str:
    if not reply.text.strip():
        return "an empty reply" if reply.done_reason is not None else "no reply"
    # A last chunk with counts and no reason is what an old server sends.
    cut = " (it broke off)" if reply.done_reason is None and reply.reply_tokens is None else ""
    return f"{one_line(f'“{reply.text}”', SHOWN)}{cut}"


def _phases_lines(run: Run, settings: Settings) -> list[str]:
    there = {phase.session for phase in run.phases}
    missing = [number for number in (1, 2, 3) if number not in there]
    if not missing:
        return ["Phases:  1, 2 and 3 are in one log, and judged together."]
    have, lack = " and ".join(map(str, sorted(there))), " and ".join(map(str, missing))
    return [
        f"Phases:  {have} in the log, {lack} missing: what needs them is inconclusive.",
        f"Go on:   {as_typed(run_command(settings, phase=missing[0]))}",
    ]
