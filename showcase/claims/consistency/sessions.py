"""Who each process of a run was and when it did what, as it says itself and as the process table has it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from showcase.claims.consistency.bounds import MOST_S, is_exit_code, is_pid, told, twice
from showcase.claims.consistency.order import CONTROLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from showcase.evidence import Run, Session

PHASES = (
    "spawned",
    "imported",
    "opened",
    "planted",
    "searched",
    "listed",
    "asked",
    "first-token",
    "replied",
    "erased",
    "looked again",
    "exit",
)
"""Moments of a process's life that a log can name."""

OF_FACTS = {"planted": "planted", "listed": "listed", "searched": "recalled", "asked": "messages"}
"""Moment to the fact that was said in it."""


def contradictions(run: Run) -> Iterator[str]:
    """Yield what cannot be so."""
    looked = [each.started_s for each in run.witnesses if each.name == "sockets" and each.started_s is not None]
    for item in (*run.sessions, *run.controls):
        name = called(item)
        if looked and not looked[0] <= item.started_s:
            yield f"{name} began before anybody looked"
        for what in (*_process(item, run), *_user(item, run), *(_moments(item) if is_whole(item) else ())):
            yield f"{name}: {what}"
        for switch in item.telemetry:
            if not switch.read_from:
                yield f"{name}: a switch of {switch.library} was read from nowhere"
        if twice((switch.library, switch.switch) for switch in item.telemetry) is not None:
            yield f"{name}: a switch of telemetry was reported twice"


def called(item: Session) -> str:
    """Return what a process is called in a sentence."""
    return f"control {item.scene}" if item.scene in CONTROLS else f"session {item.number}"


def is_whole(item: Session) -> bool:
    """Return whether a process ended as it should.

    What one that failed says of itself may have come in part, and nothing that rests on it is upheld.
    """
    return item.exit_code == 0 and item.fault is None


def _process(item: Session, run: Run) -> Iterator[str]:
    # Elsewhere than on Linux the kernel itself is the last ancestor of all, process 0.
    ancestors = item.ancestors if run.platform.system == "Linux" or item.ancestors[-1:] != (0,) else item.ancestors[:-1]
    for number in (item.pid, item.confirmed_pid, item.ppid, *ancestors):
        if not is_pid(number):
            yield f"there is no process {number}"
    if item.scene in CONTROLS and None not in (item.pid, item.confirmed_pid) and item.pid != item.confirmed_pid:
        yield f"it says that it is process {item.pid}, and the process table {item.confirmed_pid}"
    if item.pid is None and any(phase.name == "spawned" for phase in item.phases):
        yield "it said that it began, and not which process it was"
    confirmed = item.confirmed_pid is not None
    if confirmed is not (item.ppid is not None) or confirmed is not (item.create_time is not None):
        yield "the process table confirmed it in part"
    if confirmed and (item.ancestors[:1] != (item.ppid,) or twice(item.ancestors) is not None):
        yield "the process table names another parent than the first of its ancestors, or one of them twice"
    if item.create_time is not None and not 0.0 < item.create_time < MOST_S * 100:
        yield f"it began {told(item.create_time)} s after the epoch"
    if not is_exit_code(item.exit_code):
        yield f"it ended with the status {item.exit_code}, which there is not"


def _moments(item: Session) -> Iterator[str]:
    names = [phase.name for phase in item.phases]
    if not {"spawned", "imported", "opened", "exit"} <= set(names) <= set(PHASES) or twice(names) is not None:
        yield "it ended as it should, and its moments are not those of such a process, each once"
    for name, fact in OF_FACTS.items():
        said = getattr(item, fact)
        if (said or (said is not None and name in ("listed", "searched"))) and name not in names:
            yield f"it says what was {name}, and not when"
    for name, known in (("listed", item.listed), ("searched", item.recalled)):
        if name in names and known is None:
            yield f"it says when it {name}, and not what it found"
    if "asked" in names and not item.messages:
        yield "it says when it asked, and not what"
    reply = item.reply
    if ("first-token" in names) is not bool(reply and reply.tokens):
        yield "it says when the reply began, or that there was one, and not both"
    if (reply is None) is not (not item.messages):
        yield "it asked something or got a reply, and not both"
    if item.messages and "replied" not in names and not _unanswered(item):
        yield "it ended as it should, and its reply did not"


def _unanswered(item: Session) -> bool:
    """Return whether a control got no whole reply: what it is there to show it showed before it asked."""
    reply = item.reply
    if item.scene != "empty-store" or reply is None or any(read.purpose == "chat" for read in item.prompts):
        return False
    said = (reply.done_reason, reply.prompt_tokens, reply.reply_tokens)
    return not any(each is not None for each in (*said, reply.total_s, reply.load_s, reply.prompt_s, reply.reply_s))


def _user(item: Session, run: Run) -> Iterator[str]:
    if run.scenario is None:
        return
    if not all((*run.scenario.first.memories, *run.scenario.second.memories)):
        yield "the scenario has a memory without words"
    second = item.scene in ("second-user", "unfiltered-read")
    user = run.scenario.second if second else run.scenario.first
    if item.user_id != user.id:
        yield f"it acted as {item.user_id!r}, and its scene is of {user.id!r}"
    if item.question is not None and item.question != user.question:
        yield "it asked another question than the scenario's"
